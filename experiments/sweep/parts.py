"""Part files: the rows of a sweep as workers write them, each file whole or not at all.

A sweep has a folder `runs` of Parquet files, and one `series` of the same names if weeks are kept. A part grows while
its runs are done: it is written beside its place and put there in one step. Numbers that do not exist are nulls.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

RUNS, SERIES, SET_ASIDE = "runs", "series", "set-aside"
SUFFIX, UNFINISHED = ".parquet", ".tmp"
DONE, FAILED, TIMED_OUT = "done", "failed", "timed out"
"""What a row says of its run."""
FIRST_COLUMNS = ("run_id", "point", "seed", "status", "error", "seconds")

Rows = Sequence[Mapping[str, Any]]


def kinds_of(points: pd.DataFrame) -> dict[str, str]:
    """How the factors of a design are written: `bool`, `int`, `float` or `text`, by name."""
    import pandas as pd

    found = {}
    for name, kind in points.dtypes.items():
        if pd.api.types.is_bool_dtype(kind):
            found[str(name)] = "bool"
        elif pd.api.types.is_integer_dtype(kind):
            found[str(name)] = "int"
        else:
            found[str(name)] = "float" if pd.api.types.is_float_dtype(kind) else "text"
    return found


def write_runs(file: Path, rows: Rows, factors: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Write rows of runs in the place of those that were there; `about` is kept beside them.

    Columns that are neither FIRST_COLUMNS nor `factors` are outcomes: numbers. Raises OSError if it cannot be written.
    """
    import pyarrow as pa

    fixed = {"run_id": pa.string(), "point": pa.int64(), "seed": pa.int64(), "status": pa.string()}
    fixed |= {"error": pa.string(), "seconds": pa.float64()}
    arrow = {"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string()}
    fixed |= {name: arrow[kind] for name, kind in factors.items()}
    outcomes = dict.fromkeys(name for row in rows for name in row if name not in fixed)
    columns = []
    for name, kind in (fixed | dict.fromkeys(outcomes, pa.float64())).items():
        values = [row.get(name) for row in rows]
        if kind == pa.string():
            values = [value if value is None else str(value) for value in values]
        columns.append((name, pa.array(values, kind, from_pandas=True)))
    table = pa.table(dict(columns)).replace_schema_metadata(dict(about))
    _put(file, table)


def write_series(file: Path, rows: Rows) -> None:
    """Write the weeks of runs: for each row its `run_id`, `point`, `seed`, week, and the arrays that it holds."""
    import numpy as np
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row["weeks"])
    length = [len(next(iter(row["weeks"].values()))) for row in rows]
    kinds = {"run_id": pa.string(), "point": pa.int64(), "seed": pa.int64()}
    columns = {
        name: pa.array(np.repeat(np.array([row[name] for row in rows], object), length), kind)
        for name, kind in kinds.items()
    }
    columns["week"] = pa.array(np.concatenate([np.arange(n) for n in length]), pa.int32())
    for name in names:
        parts = [row["weeks"].get(name, np.full(n, np.nan)) for row, n in zip(rows, length, strict=True)]
        columns[name] = pa.array(np.concatenate(parts), pa.float64(), from_pandas=True)
    _put(file, pa.table(columns))


def _put(file: Path, table: Any) -> None:
    import pyarrow.parquet as pq

    unfinished = file.with_name(f".{file.name}{UNFINISHED}")
    try:
        pq.write_table(table, unfinished, compression="zstd")
        os.replace(unfinished, file)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def files(folder: Path, kind: str = RUNS) -> list[Path]:
    """The part files of a sweep, in the order of their names."""
    return sorted(file for file in (folder / kind).glob(f"*{SUFFIX}") if not file.name.startswith("."))


def of_batch(folder: Path, name: str) -> list[Path]:
    """The part files that workers have written of a batch: one, or one more for each worker that died of it."""
    return sorted((folder / RUNS).glob(f"{name}*{SUFFIX}"))


def free(folder: Path, name: str) -> Path:
    """The next part file of a batch."""
    taken = len(of_batch(folder, name))
    return folder / RUNS / (f"{name}-{taken}{SUFFIX}" if taken else f"{name}{SUFFIX}")


def sweep_up(folder: Path) -> None:
    """Take away what was not finished. Nobody else may be writing."""
    for kind in (RUNS, SERIES):
        for file in (folder / kind).glob(f".*{UNFINISHED}"):
            file.unlink(missing_ok=True)
    known = {file.name for file in files(folder)}
    for file in files(folder, SERIES):
        if file.name not in known:
            file.unlink(missing_ok=True)


def statuses(folder: Path) -> Iterator[tuple[Path, dict[str, str] | None]]:
    """For each part file the status of its runs by `run_id`; None if it cannot be read."""
    for file in files(folder):
        yield file, statuses_of(file)


def statuses_of(file: Path) -> dict[str, str] | None:
    """The status of the runs of a part file by `run_id`; None if it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file).read()
        return dict(zip(table["run_id"].to_pylist(), table["status"].to_pylist(), strict=True))
    except (OSError, pa.ArrowException, KeyError):
        return None


def readable(file: Path) -> bool:
    """Whether a part file can be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(file)
    except (OSError, pa.ArrowException):
        return False
    return True


def readable_series(folder: Path, file: Path) -> bool:
    """Whether the weeks beside a part file are there: of all its runs that are done, in a file that can be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    done = {one for one, said in (statuses_of(file) or {}).items() if said == DONE}
    try:
        return not done or done <= set(pq.read_table(folder / SERIES / file.name, columns=["run_id"])[0].to_pylist())
    except (OSError, pa.ArrowException, KeyError):
        return False


def set_aside(folder: Path, file: Path) -> Path:
    """Put a part file that cannot be used, and the series beside it, out of the way; where it is now."""
    aside = folder / SET_ASIDE
    aside.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        (folder / SERIES / file.name).unlink()
    place = aside / file.name
    os.replace(file, place)
    return place


def read(some: Iterable[Path]) -> pd.DataFrame:
    """Rows of part files under each other, with the columns that any of them has; empty without any file.

    Raises OSError or pyarrow.ArrowException for a file that cannot be read.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pq.ParquetFile(file).read().replace_schema_metadata(None) for file in some]
    if not tables:
        return pd.DataFrame(columns=list(FIRST_COLUMNS))
    found: pd.DataFrame = pa.concat_tables(tables, promote_options="permissive").to_pandas()
    return found
