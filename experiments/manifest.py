"""What a run was: units, banner, and a manifest with all that is needed to make it again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from market import Case, __version__

if TYPE_CHECKING:
    from experiments.run import Outcome

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")

UNITS: dict[str, str] = {
    "replicate": "number from 0; its seed is the first seed plus this number",
    "week": "weeks since the start of the run",
    "date": "first day of the week",
    "car": "id",
    "brand": "id",
    "maker": "id of an organisation",
    "definer": "id of the organisation with the largest part of the definition",
    "channel": "id",
    "package": "id",
    "plan": "id",
    "profile": "id",
    "reservations": "households",
    "orders": "households",
    "cancellations": "households",
    "deliveries": "cars",
    "revenue_cny": "CNY",
    "consumers_behind": "effective consumers (Kish) behind the flows of the row",
    "in_market": "households that search, reserve or wait",
    "backlog": "cars ordered and neither delivered nor cancelled",
    "outside_share": "share of decisions that fall on a car not listed",
    "hhi": "Herfindahl-Hirschman index of deliveries by brand, 0-10000",
    "customised_share": "share of deliveries of cars that a platform helps define",
    "makers_customising": "makers with such a car on sale",
    "interface_share": "share of profit",
    "attention": "media contacts of an average consumer a week",
}
"""Unit of every column of the tables, written into their metadata."""

BANNER = {
    "en": "Scenario, not forecast or finding of fault. Contributions assigned to named organisations are editable "
    "assumptions reconstructed from cited press reports. Not endorsed by them.",
    "zh": "这是情景推演，不是预测，也不认定任何过错。"
    "对具名机构所设的责任份额，是依据所引新闻报道重建、可以修改的假设，未经这些机构认可。",
}
"""What every export with real names says."""


def banner(case: Case, lang: str = "en") -> str:
    """The banner that belongs beside real names; nothing where names are fictional."""
    return BANNER[lang] if case.display.names == "real" else ""


def manifest(outcome: Outcome, name: str, command: Sequence[str], form: Format = "parquet") -> dict[str, Any]:
    """What was run, with what, when, and what is in the tables; no path of this machine but what the user typed."""
    case = outcome.case
    tables = {
        f"{key}.{form}": {"rows": len(table), "units": {str(column): UNITS.get(str(column), "") for column in table}}
        for key, table in outcome.tables.items()
    }
    return {
        "whosecar": __version__,
        "case": name,
        "title": case.title.en,
        "fingerprint": case.fingerprint,
        "consumers": case.population.consumers,
        "weeks": case.calendar.weeks,
        "seed": outcome.seeds[0],
        "seeds": list(outcome.seeds),
        "replicates": len(outcome.seeds),
        "command": shlex.join(["whosecar", *command]),
        "started": outcome.started.isoformat(timespec="seconds"),
        "finished": outcome.finished.isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "python": platform.python_version(),
        **{
            package: _version(package)
            for package in ("numpy", "mesa", "pandas", "pyarrow", "scipy", "pydantic", "matplotlib")
        },
        "tables": tables,
        "banner": banner(case),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
