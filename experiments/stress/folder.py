"""The folder of a stress test: that of its sweep, and beside the runs the test and the tables of what it found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.stress.tables import Findings
from experiments.stress.worlds import Stress
from experiments.sweep.parts import UNFINISHED
from market import CaseError, Fault
from market.casefile.faults import show

if TYPE_CHECKING:
    import pandas as pd

    from market import Case

STRESS_FILE = "stress.toml"
UNITS = {
    "share": "share of deliveries", "order_share": "share of orders, mean of the weeks", "orders": "households",
    "cancellations": "households", "deliveries": "cars", "trust": "0-1", "profit": "CNY",
    "share_without": "share of deliveries without the crisis", "cancelled": "households", "lost": "households",
    "deferred": "households", "blamed": "share of blame", "blame_to_control": "ratio",
    "blame_to_contribution": "ratio", "misattribution": "share of blame",
}  # fmt: skip
"""Unit of each measure by its first word; kept in the metadata of the tables."""


def begin(stress: Stress, folder: Path) -> None:
    """Write the test beside its first runs, so that the folder says what it will be. Raises CaseError where not."""
    if not (folder / STRESS_FILE).exists():
        with _writing(folder):
            _put(folder / STRESS_FILE, stress.to_toml().encode("utf-8"))


def write(stress: Stress, case: Case, found: Findings, folder: Path) -> None:
    """Write the test and each table as `<name>.parquet`, in the place of earlier ones. Raises CaseError where not."""
    with _writing(folder):
        _put(folder / STRESS_FILE, stress.to_toml().encode("utf-8"))
        for name, table in found.tables().items():
            _put_table(folder / f"{name}.parquet", table, case)


def read(folder: Path) -> tuple[Stress, Findings]:
    """The test and the tables of a folder. Raises CaseError if it holds none."""
    import pandas as pd

    try:
        stress = Stress.load(folder / STRESS_FILE)
        tables = {field.name: pd.read_parquet(folder / f"{field.name}.parquet") for field in fields(Findings)}
    except (OSError, ValueError) as error:
        if isinstance(error, CaseError):
            raise
        fault = Fault(show(str(folder), 200), "holds no stress test", remedy="give a folder that `stress` has written")
        raise CaseError([fault]) from error
    return stress, Findings(**tables)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What cannot be written as one fault."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        fault = Fault(
            "--out", f"{show(str(folder), 200)} cannot be written: {reason}", "the runs are kept", "make room"
        )
        raise CaseError([fault]) from error


def _put(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    unfinished = file.with_name(f".{file.name}{UNFINISHED}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def _put_table(file: Path, table: pd.DataFrame, case: Case) -> None:
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq

    from experiments.manifest import banner

    content = pa.Table.from_pandas(table, preserve_index=False)
    about = {"fingerprint": case.fingerprint, "banner": banner(case), "units": json.dumps(UNITS)}
    stream = io.BytesIO()
    pq.write_table(content.replace_schema_metadata({**(content.schema.metadata or {}), **about}), stream)
    _put(file, stream.getvalue())
