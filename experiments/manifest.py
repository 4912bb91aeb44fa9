"""What a run was: units, banner, and a manifest with all that is needed to make it again."""

from __future__ import annotations

import platform
import shlex
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
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
    "organisation": "id",
    "kind": "kind of organisation",
    "trust": "0-1, household-weighted mean at the end of the week",
    "blame": "households: each that hears of a failure divides one",
    "cause": "households, if blame followed contribution",
    "control": "households, if blame followed control",
    "blame_to_control": "ratio of the last 13 weeks; 1: blamed as much as it controls",
    "definition_power": "share of the cars delivered, by its part in defining them",
    "aftermarket_cny": "CNY received from owners after the sale",
    "closed_loop_share": "share of what owners of its cars spent in the last 13 weeks",
    "line": "what is paid for",
    "cny": "CNY; above 0: received, below 0: paid",
    "day": "days since the start of the run",
    "act": "what was done",
    "informed": "households that know of it",
    "complaints": "households that complained",
    "response_days": "days since the failure became known",
    "misattribution": "share of blame, mean of households: half the sum of |blame - contribution|",
    "consumer": "number from 0",
    "event": "what happened",
    "value": "by event; price of the offer: CNY; heard: share of the blame; answer: number from 0; visit: CNY",
}
"""Unit of every column of the tables, written into their metadata."""

OWN_UNITS: dict[str, dict[str, str]] = {
    "finance": {"organisation": "id; or households, or outside", "car": "id; no car: concerns no one car"},
    "events": {
        "date": "day of the act", "kind": "kind of failure, programme, or function that moves",
        "organisation": "ids of those who act or are involved, joined by +",
    },
    "panel": {"organisation": "id; heard: who is blamed most; visit: who cared for the car; empty: nobody listed"},
}  # fmt: skip
"""Where a column of one table means something of its own."""


def units(name: str, columns: Iterable[object]) -> dict[str, str]:
    """Unit of each column of a table; nothing for a column that no table has."""
    known = UNITS | OWN_UNITS.get(name, {})
    return {str(column): known.get(str(column), "") for column in columns}


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


def figure_source(case: Case, seeds: Sequence[int], lang: str = "en", name: str = "") -> str:
    """What stands below a figure: by what it was made, from which case and on which luck, and the banner.

    `name` is the case as the user called it, which is not told where names are fictional.
    """
    zh = lang == "zh"
    made, file = [f"whosecar {__version__}"], Path(name).name
    if case.display.names == "real" and file not in ("", "case.toml"):
        made.append(f"案例 {file}" if zh else f"case {file}")
    consumers = f"{case.population.consumers:,}"
    made += [f"指纹 {case.fingerprint}", f"{consumers} 位消费者"] if zh else [
        f"fingerprint {case.fingerprint}", f"{consumers} consumers"
    ]  # fmt: skip
    if seeds:
        first, last = min(seeds), max(seeds)
        word = "种子" if zh else "seed" if first == last else "seeds"
        made.append(f"{word} {first}" + (f"-{last}" if last > first else ""))
    joint = "，" if zh else ", "
    return "\n".join(part for part in (joint.join(made), banner(case, lang)) if part)


def manifest(outcome: Outcome, name: str, command: Sequence[str], form: Format = "parquet") -> dict[str, Any]:
    """What was run, with what, when, and what is in the tables; no path of this machine but what the user typed."""
    case = outcome.case
    tables = {
        f"{key}.{form}": {"rows": len(table), "units": units(key, table)} for key, table in outcome.tables.items()
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
