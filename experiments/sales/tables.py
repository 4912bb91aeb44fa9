"""A table of the user (CSV): its rows with their line numbers, or what is wrong with it."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from market import CaseError, Fault
from market.casefile.faults import listed, show

if TYPE_CHECKING:
    import pandas as pd

LARGEST_BYTES = 50_000_000
"""Of a table: sales by month and model of a century fill less."""
MOST_FAULTS = 20
"""That are told of one file: more of them say no more."""
WHOLE = 0
"""In the place of a line: a fault of the whole file."""
MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")
TRUE, FALSE = ("yes", "true", "1"), ("no", "false", "0", "")


class Table:
    """The rows of a file: cells by column, each row with its line, and the faults found so far."""

    def __init__(self, file: Path, option: str, needed: Sequence[str], known: Sequence[str] = ()) -> None:
        """Read a file that must have the columns `needed`; of the others, those in `known` are kept.

        `option` names the file in a fault (`--sales`). Raises CaseError if it cannot be read as a table.
        """
        self.file, self.option, self.faults = file, option, list[Fault]()
        self._allowed = f"allowed: a CSV file with the columns {', '.join(needed)}"
        rows = csv.reader(io.StringIO(self._text(), newline=""), strict=True)
        try:
            heads = [head.strip() for head in next(rows, [])]
            content = [(rows.line_num, [cell.strip() for cell in row]) for row in rows]
        except csv.Error as error:
            raise CaseError([self._fault(f"is no table: {error}", "mend the file")]) from error
        missing = [name for name in needed if name not in heads]
        twice = [name for name in dict.fromkeys(heads) if heads.count(name) > 1]
        if missing:
            raise CaseError([self._fault(f"no column {listed(missing)}", f"its columns: {listed(heads) or 'none'}")])
        if twice:
            raise CaseError([self._fault(f"the column {show(twice[0])} twice", "name each column once")])
        kept = {name: heads.index(name) for name in (*needed, *known) if name in heads}
        self.columns = tuple(kept)
        self.lines: list[int] = []
        self.rows: list[dict[str, str]] = []
        for line, cells in content:
            if not any(cells):
                continue
            if len(cells) != len(heads):
                self.say(line, f"{len(cells)} cells", f"give one for each of the {len(heads)} columns")
                continue
            self.lines.append(line)
            self.rows.append({name: cells[at] for name, at in kept.items()})
        if not self.rows and not self.faults:
            raise CaseError([self._fault("no rows", "add a row")])

    def _text(self) -> str:
        try:
            if (size := self.file.stat().st_size) > LARGEST_BYTES:
                raise CaseError([self._fault(f"{size / 1e6:.0f} MB", f"give at most {LARGEST_BYTES / 1e6:.0f} MB")])
            return self.file.read_text(encoding="utf-8-sig")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CaseError([self._fault(f"cannot be read: {reason}", "name a readable file")]) from error
        except UnicodeDecodeError as error:
            raise CaseError([self._fault("is not UTF-8 text", "save it as CSV in UTF-8")]) from error

    def _fault(self, given: str, remedy: str) -> Fault:
        return Fault(self.option, f"{show(str(self.file), 200)}: {given}", self._allowed, remedy)

    def say(self, line: int, given: str, remedy: str) -> None:
        """Note what is wrong in a line, or in the whole file where `line` is WHOLE."""
        place = show(str(self.file), 200) + (f", line {line}" if line else "")
        self.faults.append(Fault(self.option, f"{place}: {given}", "", remedy))

    def settle(self) -> None:
        """Raise CaseError if anything was found wrong."""
        if self.faults:
            raise CaseError(self.faults[:MOST_FAULTS])

    def frame(self, readers: Mapping[str, Callable[[str], object]]) -> pd.DataFrame:
        """The rows with each cell read by the reader of its column; others stay text. Unreadable cells are faults."""
        import pandas as pd

        read: dict[str, list[object]] = {name: [] for name in self.columns}
        for line, row in zip(self.lines, self.rows, strict=True):
            for name, cell in row.items():
                try:
                    read[name].append(readers[name](cell) if name in readers else cell)
                except ValueError as error:
                    self.say(line, f"{name} is {show(cell)}", str(error))
                    read[name].append(None)
        self.settle()
        return pd.DataFrame(read, index=pd.Index(self.lines, name="line"))


def month(cell: str) -> str:
    """A month such as 2025-01.

    >>> month("2025-1")
    Traceback (most recent call last):
    ValueError: write a month as 2025-01
    """
    if not MONTH.fullmatch(cell):
        raise ValueError("write a month as 2025-01")
    return cell


def number(low: float, high: float, what: str, empty: float | None = None) -> Callable[[str], float]:
    """A reader of numbers within limits; an empty cell is `empty`, where there is such a value.

    >>> number(0.0, 10.0, "units")("7")
    7.0
    """

    def read(cell: str) -> float:
        if not cell and empty is not None:
            return empty
        try:
            value = float(cell.replace("_", ""))
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"give {what} from {low:,.0f} to {high:,.0f}")
        return value

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one of a few words."""

    def read(cell: str) -> str:
        if cell not in words:
            raise ValueError(f"give one of {', '.join(words)}")
        return cell

    return read


def name(cell: str) -> str:
    """A name that is not empty and not longer than a line."""
    if not cell or len(cell) > 80:
        raise ValueError("give a name of at most 80 characters")
    return cell


def yes(cell: str) -> bool:
    """Whether something holds; an empty cell says that it does not."""
    if cell.lower() not in (*TRUE, *FALSE):
        raise ValueError("give yes or no")
    return cell.lower() in TRUE


def month_after(of: str, by: int = 1) -> str:
    """The month `by` months after another.

    >>> month_after("2024-12"), month_after("2025-01", -13)
    ('2025-01', '2023-12')
    """
    at = int(of[:4]) * 12 + int(of[5:]) - 1 + by
    return f"{at // 12:04d}-{at % 12 + 1:02d}"


def months_between(first: str, last: str) -> int:
    """Months from one to another.

    >>> months_between("2024-11", "2025-02")
    3
    """
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
