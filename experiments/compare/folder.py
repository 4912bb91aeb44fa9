"""The folder of a comparison: both cases, the what-if as it was given, a manifest, and the tables."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.manifest import Format, banner
from market import __version__

if TYPE_CHECKING:
    import pandas as pd

    from experiments.compare.comparison import Comparison

TABLES = ("pairs", "effects", "weeks", "causes", "worlds")
CASE_FILE, OTHER_CASE_FILE, WHAT_IF_FILE = "case.toml", "what-if-case.toml", "what-if.toml"

UNITS = {
    "seed": "seed of all luck, the same in both worlds",
    "outcome": "name; its unit is in the manifest",
    "base": "unit of the outcome",
    "what_if": "unit of the outcome",
    "difference": "unit of the outcome; what-if less base",
    "t_low": "95 % t interval of the mean difference",
    "t_high": "95 % t interval of the mean difference",
    "bootstrap_low": "95 % bootstrap interval (bias-corrected, accelerated) of the mean difference",
    "bootstrap_high": "95 % bootstrap interval (bias-corrected, accelerated) of the mean difference",
    "relative": "difference as a part of the base",
    "pairs": "pairs in which both worlds have a number",
    "week": "weeks since the start of the run",
    "date": "first day of the week",
    "series": "weekly outcome; its unit is in the manifest",
    "low": "95 % t interval of the mean difference of the week",
    "high": "95 % t interval of the mean difference of the week",
    "cause": "name",
    "title_en": "what the cause is called, English",
    "title_zh": "what the cause is called, Chinese",
    "alone": "what the cause adds, switched off alone",
    "last": "what the cause adds, switched off after all others",
    "shapley": "what the cause adds, mean over all orders of switching off; the causes sum to the whole",
    "whole": "what all causes add: base less what-if",
    "part": "part of the whole",
    "seeds": "seeds in which every world was run and has a number",
    "world": "names of the causes that are switched off; base: none",
    "value": "unit of the outcome",
}
"""Unit or meaning of every column; limits that are not listed have the unit of their column."""


def unit(column: str) -> str:
    """Unit or meaning of a column."""
    of = column.removesuffix("_low").removesuffix("_high")
    return UNITS.get(column, f"95 % t interval of {of}")


def write(comparison: Comparison, folder: Path, *, name: str, command: Sequence[str], form: Format = "parquet") -> None:
    """Fill a folder. `name` of the case and `command` are as the user typed them."""
    texts = {CASE_FILE: comparison.base.to_toml(), OTHER_CASE_FILE: comparison.what_if.to_toml()}
    if comparison.changes.changes or comparison.changes.causes:
        texts[WHAT_IF_FILE] = comparison.changes.to_toml()
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    for key in TABLES:
        table: pd.DataFrame = getattr(comparison, key)
        if form == "csv":
            table.to_csv(folder / f"{key}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
        else:
            _write_parquet(table, folder / f"{key}.parquet", comparison)
    text = json.dumps(manifest(comparison, name, command, form), indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))


def manifest(comparison: Comparison, name: str, command: Sequence[str], form: Format = "parquet") -> dict[str, Any]:
    """What was compared, with what, when, and what is in the tables."""
    from experiments.outcome_names import about

    base = comparison.base
    names = [str(key) for key in comparison.effects["outcome"]]
    weekly = sorted({str(key) for key in comparison.weeks["series"]})
    tables = {
        f"{key}.{form}": {"rows": len(table), "units": {str(column): unit(str(column)) for column in table}}
        for key, table in ((key, getattr(comparison, key)) for key in TABLES)
    }
    return {
        "whosecar": __version__,
        "kind": "compare",
        "case": name,
        "title": base.told(base.title),
        "fingerprint": base.fingerprint,
        "what_if_fingerprint": comparison.what_if.fingerprint,
        "consumers": base.population.consumers,
        "weeks": base.calendar.weeks,
        "seeds": list(comparison.seeds),
        "pairs": len(comparison.seeds),
        "outcome": comparison.outcome,
        "precision": None if comparison.precision is None else str(comparison.precision),
        "precise": comparison.precise,
        "failed": [failed._asdict() for failed in comparison.failed],
        "command": shlex.join(["whosecar", *command]),
        "started": comparison.started.isoformat(timespec="seconds"),
        "finished": comparison.finished.isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "tables": tables,
        "outcomes": {key: about(key, base)._asdict() for key in names},
        "series": {key: about(key, base, weekly=True)._asdict() for key in weekly},
        "banner": banner(base),
    }


def _write_parquet(table: pd.DataFrame, file: Path, comparison: Comparison) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = pa.Table.from_pandas(table, preserve_index=False)
    about = {
        "whosecar": __version__,
        "fingerprint": comparison.base.fingerprint,
        "what_if_fingerprint": comparison.what_if.fingerprint,
        "seeds": json.dumps(comparison.seeds),
        "banner": banner(comparison.base),
    }
    schema = content.schema
    for i, field in enumerate(schema):
        schema = schema.set(i, field.with_metadata({"unit": unit(field.name)}))
    pq.write_table(content.cast(schema.with_metadata({**(schema.metadata or {}), **about})), file)
