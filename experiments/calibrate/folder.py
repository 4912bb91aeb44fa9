"""What a calibration leaves in a folder: the fitted case, every table, the page of the fit, and how it was made."""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.calibrate.calibration import Calibration
from experiments.calibrate.inference import LEVEL
from experiments.manifest import banner
from market import __version__

TABLES = ("parameters", "constants", "moments", "shares", "recovery", "coverage", "simulations")
UNITS = {
    "parameter": "name", "unit": "", "prior_low": "unit of the parameter", "prior_high": "unit of the parameter",
    "low": "of the 90 % interval", "median": "as the interval", "high": "of the 90 % interval",
    "learned": "1 less the width of the interval to that of the prior", "car": "id",
    "brand": "as the sales file names it", "model": "as the sales file names it", "new": "came within the months",
    "months_listed": "months, of those to which the car is fitted", "target": "share of all cars sold",
    "fitted": "share of all cars that the fitted case sells in these months, without drift",
    "constant": "utility, in the months to which the car is fitted", "moment": "name", "meaning": "",
    "data": "in the sales", "inside": "the sales lie inside the interval", "used": "learned from", "month": "",
    "share": "share of all cars sold; empty: not listed", "data_set": "number", "true": "unit of the parameter",
    "held": "whether, or how often, the interval holds the true value", "data_sets": "number",
    "correlation": "of median and true value, on the scale of the prior",
}  # fmt: skip


def write(
    found: Calibration, folder: Path, command: Sequence[str], name: str, files: Sequence[str], started: datetime
) -> None:
    """Fill a new folder; `files` are those the user named."""
    (folder / "case.toml").write_text(found.case.to_toml(), encoding="utf-8", newline="\n")
    tables: dict[str, Any] = {}
    for table in TABLES:
        frame: pd.DataFrame = getattr(found, table)
        frame.to_csv(folder / f"{table}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
        known = {} if table == "simulations" else {str(column): UNITS.get(str(column), "") for column in frame}
        tables[f"{table}.csv"] = {"rows": len(frame), "units": known}
    built = found.built
    about = {
        "whosecar": __version__,
        "kind": "calibrate",
        "case": name,
        "command": shlex.join(["whosecar", *command]),
        "files": list(files),
        "months": [built.first, built.last],
        "fingerprint": found.case.fingerprint,
        "consumers": found.consumers,
        "simulations": found.count,
        "level": LEVEL,
        "without_row": [" ".join(model) for model in built.without_row],
        "left_out": [" ".join(model) for model in built.left_out],
        "started": started.isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "tables": tables,
        "banner": banner(found.case),
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))
