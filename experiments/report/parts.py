"""What a report is made of, whatever folder it tells of: sections with sentences, tables and figures."""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


MOST_ROWS = 400
"""Rows of a table that are written out; the files of the folder have all."""


class Column(NamedTuple):
    """How a column of a table is shown: its heading, what it is multiplied with, and how many digits; -1: as words."""

    heading: str
    scale: float = 1.0
    digits: int = -1


@dataclass(frozen=True)
class Table:
    """Rows of words under headings; the first column names its row, numbers stand to the right."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    """which columns are numbers, from the first on"""
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure as an image that carries its own data, with the words that say the same, and its numbers."""

    address: str
    """data: URL"""
    alt: str
    numbers: Table | None = None


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    sentences: tuple[str, ...] = ()
    parts: tuple[Table | Picture, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole page."""

    title: str
    kind: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    banner: str
    lang: str
    notes: tuple[str, ...] = field(default=())


def number(value: Any, scale: float = 1.0, digits: int = -1) -> str:
    """A number as a reader meets it: `digits` after the point, or four significant ones; "-" where there is none."""
    if value is None or value != value:
        return "-"
    if not isinstance(value, int | float) and not hasattr(value, "dtype"):
        return str(value)
    scaled = float(value) * scale
    if not math.isfinite(scaled):
        return "-"
    if digits < 0:
        size = 0 if scaled == 0.0 else math.floor(math.log10(abs(scaled)))
        digits = min(max(3 - size, 0), 6) if scaled != round(scaled) else 0
    text = f"{scaled:,.{digits}f}"
    return (text if text.strip("-0.,") else text.removeprefix("-")).replace("-", "−")


def table(
    frame: pd.DataFrame, caption: str, columns: Mapping[str, Column], *, note: str = "", folded: bool = False,
    lang: str = "en",
) -> Table:  # fmt: skip
    """Some columns of a frame as a table; of very long ones the first rows, which the note then says."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    kept = {name: column for name, column in columns.items() if name in frame}
    shown = frame.head(MOST_ROWS)
    if len(shown) < len(frame):
        cut = ("The first {few:,} of {all:,} rows.", "共 {all:,} 行，此处为前 {few:,} 行。")[lang == "zh"]
        note = f"{note} {cut.format(few=len(shown), all=len(frame))}".strip()
    right = tuple(is_numeric_dtype(frame[name]) and not is_bool_dtype(frame[name]) for name in kept)
    cells = [
        [_cell(value, column, flag, lang) for value in shown[name].tolist()]
        for (name, column), flag in zip(kept.items(), right, strict=True)
    ]
    rows = tuple(zip(*cells, strict=True)) if cells else ()
    return Table(caption, tuple(column.heading for column in kept.values()), rows, right, note, folded)


def _cell(value: Any, column: Column, is_number: bool, lang: str) -> str:
    if isinstance(value, bool):
        return (("no", "yes"), ("否", "是"))[lang == "zh"][value]
    return number(value, column.scale, column.digits) if is_number else "" if value is None else str(value)


def picture(figure: Figure, alt: str, numbers: Table | None = None) -> Picture:
    """A figure as scalable vector graphics inside the page; letters are shapes, so that no font is needed to read it.

    The same figure gives the same bytes: names that matplotlib draws by chance are numbered instead.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    known: dict[str, str] = {}
    drawn = re.compile(r"\b[mphi][0-9a-f]{10}\b|\bimage[0-9a-f]{10}\b")
    text = drawn.sub(lambda found: known.setdefault(found.group(), f"n{len(known)}"), file.getvalue())
    return Picture("data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode("ascii"), alt, numbers)


def phrase(texts: Mapping[str, tuple[str, str]], lang: str) -> Callable[..., str]:
    """A function that says the texts of a module in one language, with their braces filled in."""

    def say(key: str, **words: Any) -> str:
        return texts[key][lang == "zh"].format(**words)

    return say


def drawable(lang: str) -> str:
    """The language that figures can be in on this machine: English where no font has Chinese."""
    from experiments.figures.labelling import chinese_font

    return lang if lang == "en" or chinese_font() is not None else "en"
