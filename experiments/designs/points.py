"""Files of design points: one row a point, one column for each full name (CSV or Parquet), or a JSON list of tables."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from market import CaseError, Fault, parse_setting
from market.casefile import tree
from market.casefile.faults import show

FORMS = (".csv", ".parquet", ".json")
ALLOWED = "allowed: a CSV or Parquet file with a row for each point and a column for each full name"


def read_points(file: Path) -> tuple[dict[str, Any], ...]:
    """The points of a file, in order: what each row changes by full name; an empty cell changes nothing.

    Cells of a CSV file are read as the values of `--set` are: numbers, true and false, tables, else text. Raises
    CaseError if the file cannot be read, has no rows, or says the same twice.
    """
    if file.suffix.lower() not in FORMS:
        raise CaseError([_fault(file, "not a table", "name a file that ends in .csv or .parquet")])
    try:
        reader = {".csv": _of_csv, ".parquet": _of_parquet, ".json": _of_json}[file.suffix.lower()]
        points = tuple(reader(file))
    except CaseError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CaseError([_fault(file, f"cannot be read: {reason}", "name a readable file")]) from error
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise CaseError([_fault(file, f"no such table: {reason}", "mend the file")]) from error
    if not points:
        raise CaseError([_fault(file, "no points", "add a row")])
    if faults := list(_twice(file, points)):
        raise CaseError(faults)
    return points


def _fault(file: Path, given: str, remedy: str) -> Fault:
    return Fault("list", f"{show(str(file), 200)}: {given}", ALLOWED, remedy)


def _heads(file: Path, names: Sequence[str]) -> None:
    """Refuse a file whose columns have no name or the same name."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice or "" in names:
        what = f"the column {twice[0]} twice" if twice and twice[0] else "a column without a name"
        raise CaseError([_fault(file, what, "name each column once")])


@lru_cache(maxsize=100_000)
def _cell(text: str) -> Any:
    return parse_setting(f"value={text}")[1]


def _of_csv(file: Path) -> Iterator[dict[str, Any]]:
    rows = csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline=""), strict=True)
    try:
        names = [name.strip() for name in next(rows, [])]
        _heads(file, names)
        for row in rows:
            if len(row) > len(names) or (row and len(row) < len(names)):
                raise CaseError([_fault(file, f"line {rows.line_num} has {len(row)} cells", "give one a column")])
            if row:
                cells = zip(names, (cell.strip() for cell in row), strict=True)
                yield {name: _cell(cell) for name, cell in cells if cell}
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _of_parquet(file: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    _heads(file, table.column_names)
    for row in table.to_pylist():
        yield {name: value for name, value in row.items() if not _empty(value)}


def _of_json(file: Path) -> Iterator[dict[str, Any]]:
    rows = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("not a list of tables")
    yield from rows


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _twice(file: Path, points: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    """Rows that say the same: they would be the same runs."""
    if file.suffix.lower() == ".json":
        return
    seen: dict[str, int] = {}
    for row, point in enumerate(points, start=1):
        content = json.dumps(tree.canonical(tree.plain(point), []), sort_keys=True)
        if seen.setdefault(content, row) != row:
            yield _fault(file, f"points {seen[content]} and {row} are the same", "remove one")
            return
