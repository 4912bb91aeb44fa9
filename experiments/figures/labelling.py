"""Words on a figure: fonts that have them, places where they do not meet, months along an axis.

Fonts are set on every text and never in matplotlib's global settings, so that figures can be made in any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

LATIN = "DejaVu Sans"
"""Comes with matplotlib, so that figures look the same everywhere."""

CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Hiragino Sans GB",
    "Heiti SC",
    "SimHei",
    "Arial Unicode MS",
)

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

INK, QUIET, FAINT = "#1A1A1A", "#5F6368", "#D9DCE0"
EDGE = 0.1
"""Inches left free around the page."""

NARROWEST = 0.25
"""Width of the narrowest letter as a part of the size of its font."""


@lru_cache(maxsize=1)
def chinese_font() -> str | None:
    """The first installed font that has Chinese, or None."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return next((name for name in CHINESE if name in installed), None)


def mix(colour: str, ground: str, amount: float) -> str:
    """A colour moved towards another by an amount between 0 and 1.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    parts = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * amount):02x}" for a, b in parts)


def months(start: date, end: date, lang: str, most: int = 11) -> list[tuple[int, str]]:
    """Days to mark and what to write there: the start, and the first of some months, at most about eleven."""
    first = start.year * 12 + start.month - (start.day == 1)
    last = end.year * 12 + end.month - 1
    count = max(last - first + 1, 1)
    steps = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200)
    step = next((s for s in steps if count / s <= most), steps[-1])
    ticks = []
    for number in range(first, last + 1):
        year, month = divmod(number, 12)
        if number % step == 0 and year <= date.max.year:
            name = f"{month + 1}月" if lang == "zh" else MONTHS[month]
            text = str(year) if step >= 12 else f"{name}\n{year}" if month == 0 else name
            ticks.append((date(year, month + 1, 1).toordinal(), text))
    if step < 12 and (not ticks or ticks[0][0] - start.toordinal() > 18 * step):
        day = f"{start.month}月{start.day}日" if lang == "zh" else f"{start.day} {MONTHS[start.month - 1]}"
        ticks.insert(0, (start.toordinal(), f"{day}\n{start.year}"))
    return ticks


def percent_ticks() -> MaxNLocator:
    """A handful of round numbers."""
    return MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10])


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near as can be to the wanted ones, in their order, at least `gap` apart and within the limits.

    Pool-adjacent-violators: the nearest in the sense of least squares. If there is no room they are spread evenly.

    >>> apart([1.0, 1.0, 5.0], 1.0, 0.0, 9.0)
    [0.5, 1.5, 5.0]
    """
    count = len(wanted)
    if count == 0:
        return []
    gap = min(gap, (high - low) / max(count - 1, 1))
    order = sorted(range(count), key=lambda i: wanted[i])
    blocks: list[tuple[float, int]] = []
    for place, i in enumerate(order):
        blocks.append((wanted[i] - gap * place, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [((a * m + b * n) / (m + n), m + n)]
    shifted = [mean for mean, size in blocks for _ in range(size)]
    result = [0.0] * count
    for place, (i, value) in enumerate(zip(order, shifted, strict=True)):
        result[i] = min(max(value, low), high - gap * (count - 1)) + gap * place
    return result


@dataclass(frozen=True)
class EndLabel:
    """What to write beside the end of a line; the tail stays whole where the words are shortened."""

    at: float
    words: str
    tail: str
    colour: str
    marker: str = ""
    bold: bool = False
    thread: bool = True


class Page:
    """A figure on which words are placed in inches from its lower left corner."""

    def __init__(self, figure: Figure, lang: str) -> None:
        """Choose fonts for the language; Chinese that occurs in English text is drawn where a font has it."""
        self.figure = figure
        chinese = chinese_font()
        families = [LATIN] if chinese is None else [chinese, LATIN] if lang == "zh" else [LATIN, chinese]
        self.families = families
        self.width, self.height = figure.get_size_inches()

    def font(self, points: float, bold: bool = False) -> dict[str, Any]:
        """Keywords that set the font of a text."""
        return {"fontfamily": self.families, "fontsize": points, "fontweight": "bold" if bold else "normal"}

    def size(self, text: Text) -> tuple[float, float]:
        """Width and height of a text in inches."""
        box = text.get_window_extent()
        return box.width / self.figure.dpi, box.height / self.figure.dpi

    def put(
        self, x: float, y: float, words: str, points: float, color: str = INK, bold: bool = False, **kind: Any
    ) -> Text:
        """A text at a place in inches."""
        return self.figure.text(x / self.width, y / self.height, words, color=color, **self.font(points, bold), **kind)

    def fit(self, text: Text, room: float, tail: str = "") -> None:
        """Make a text fit a width in inches: a fifth smaller if that suffices, else shortened before its tail."""
        width = self.size(text)[0]
        if width <= room:
            return
        text.set_fontsize(float(text.get_fontsize()) * max(room / width, 0.8))
        words = text.get_text()
        kept = words.removesuffix(tail)[: int(len(words) * room / self.size(text)[0]) + 3]
        while kept and self.size(text)[0] > room:
            kept = kept[:-1].rstrip()
            text.set_text(f"{kept}\u2026{tail}")

    def title(self, title: str, below: str) -> None:
        """Two lines at the top: what is shown, and in which unit."""
        above = self.put(EDGE, self.height - 0.1, title, 11.0, bold=True, va="top", gid="title")
        under = self.put(EDGE, self.height - 0.36, below, 8.5, QUIET, va="top", gid="title")
        for text in (above, under):
            self.fit(text, self.width - 2 * EDGE)

    def wrapped(self, words: str, points: float, width: float) -> list[str]:
        """A text as lines that fit a width in inches; Chinese may break anywhere."""
        probe = self.put(0, 0, "", points)
        pieces = [piece for token in words.split(" ") for piece in _pieces(token)]
        lines, first = [], 0
        while first < len(pieces):
            low, high = first + 1, min(first + 1 + int(width * 72.0 / (NARROWEST * points)), len(pieces))
            while low < high:  # the most pieces that fit; a longer line is never narrower
                middle = (low + high + 1) // 2
                probe.set_text(_joined(pieces[first:middle]))
                low, high = (low, middle - 1) if self.size(probe)[0] > width else (middle, high)
            lines.append(_joined(pieces[first:low]))
            first = low
        probe.remove()
        return lines

    def small_print(self, paragraphs: Sequence[str], bottom: float) -> float:
        """Lines at the foot of the page, quiet and small; the height they reach, in inches."""
        points, step = 6.5, 0.125
        lines = [line for words in paragraphs for line in self.wrapped(words, points, self.width - 2 * EDGE)]
        for place, words in enumerate(reversed(lines)):
            self.put(EDGE, bottom + place * step, words, points, QUIET, va="bottom", gid="small-print")
        return bottom + len(lines) * step

    def key(self, entries: Sequence[tuple[str, str]], bottom: float) -> float:
        """What the numbered badges mean, in columns; the height they reach, in inches."""
        points, step, space = 7.5, 0.16, 0.25
        indent = 0.17 if len(entries) < 10 else 0.22
        texts = [
            (self.put(0, 0, number, points, bold=True, gid="key"), self.put(0, 0, words, points, gid="key"))
            for number, words in entries
        ]
        if not texts:
            return bottom
        room = self.width - 2 * EDGE
        for _, words in texts:
            self.fit(words, room - indent)
        widest = max(self.size(words)[0] for _, words in texts) + indent + space
        columns = max(1, min(3, int((room + space) / widest)))
        rows = -(-len(texts) // columns)
        for place, (number, words) in enumerate(texts):
            column, row = divmod(place, rows)
            x, y = EDGE + column * widest, bottom + (rows - 1 - row) * step
            number.set_position((x / self.width, y / self.height))
            words.set_position(((x + indent) / self.width, y / self.height))
        return bottom + rows * step

    def end_labels(self, axes: Axes, labels: Sequence[EndLabel]) -> None:
        """Labels right of the ends of lines, moved apart where they would meet, each with a thread to its line."""
        points, gap = 8.5, 0.165
        frame = axes.get_position()
        low, high = axes.get_ylim()
        inches = frame.height * self.height / (high - low)
        places = apart([(label.at - low) * inches for label in labels], gap, 0.0, (high - low) * inches)
        unit = 1.0 / (frame.width * self.width)
        right: dict[str, Any] = {
            "transform": blended_transform_factory(axes.transAxes, axes.transData),
            "clip_on": False,
        }
        for label, place in zip(labels, places, strict=True):
            to, color = low + place / inches, label.colour
            if label.thread:
                axes.plot([1.0, 1.0 + 0.12 * unit], [label.at, to], color=color, linewidth=0.7, **right)
            if label.marker:
                edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5}
                axes.plot([1.0 + 0.19 * unit], [to], label.marker, color=color, markersize=4.6, **edge, **right)
            text = axes.text(1.0 + 0.29 * unit, to, label.words + label.tail, color=mix(color, INK, 0.3), **right)
            text.set(va="center_baseline", gid="end-label", **self.font(points, label.bold))
            self.fit(text, self.width * (1.0 - frame.x1) - 0.29 - EDGE, label.tail)

    def badges(self, axes: Axes, marks: Sequence[tuple[float, str]]) -> None:
        """Numbered discs above the plot, moved apart where they would meet, each with a thread down to its day."""
        low, high = axes.get_xlim()
        inches = axes.get_position().width * self.width / (high - low)
        places = apart([(day - low) * inches for day, _ in marks], 0.2, 0.0, (high - low) * inches)
        above = blended_transform_factory(axes.transData, axes.transAxes)
        unit = 1.0 / (axes.get_position().height * self.height)
        free: dict[str, Any] = {"transform": above, "clip_on": False}
        for (day, number), place in zip(marks, places, strict=True):
            at, top = low + place / inches, 1.0 + 0.15 * unit
            thread: dict[str, Any] = {"color": "#B4B9C0", "linewidth": 0.7, "zorder": 1}
            axes.plot([day, day], [0.0, 1.0], linestyle=(0, (3, 2)), **thread, **free)
            axes.plot([day, at], [1.0, top], **thread, **free)
            axes.plot([at], [top], "o", color=INK, markersize=10.5, markeredgewidth=0, zorder=6, **free)
            text = axes.text(at, top, number, color="white", zorder=7, **free)
            text.set(ha="center", va="center_baseline", gid="badge", **self.font(7, bold=True))


def _joined(pieces: Sequence[tuple[str, bool]]) -> str:
    """Parts of words as one line."""
    return "".join((" " if joined and place else "") + piece for place, (piece, joined) in enumerate(pieces))


def _pieces(token: str) -> list[tuple[str, bool]]:
    """Parts of a word between which a line may break, and whether a space belongs before each."""
    pieces: list[tuple[str, bool]] = []
    for letter in token:
        wide = ord(letter) >= 0x2E80
        if pieces and not wide and ord(pieces[-1][0][-1]) < 0x2E80:
            pieces[-1] = (pieces[-1][0] + letter, pieces[-1][1])
        else:
            pieces.append((letter, not pieces))
    return pieces
