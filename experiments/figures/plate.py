"""What all figures of the laboratory share: a page with a title, a unit, a source, and rows that have room for names.

Places are in inches, so that words keep their size whatever the number of rows; fonts, colours and small print are
those of `figures` and `labelling`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from experiments.figures import labelling
from experiments.figures.labelling import EDGE, FAINT, INK, QUIET
from experiments.figures.shares import DOTS_PER_INCH, WIDTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

FIRST, SECOND, THIRD, GOOD, LIGHT = "#0072B2", "#D55E00", "#4D4D4D", "#009E73", "#56B4E9"
"""Of Okabe and Ito (2008); where two or three stand together their marks differ in form too."""

HEAD, AXIS = 0.62, 0.5
"""Inches above the plot for title and unit, and below it for ticks and the name of the axis."""

ROW, SMALLEST, LETTER = 0.34, 6.5, 8.0
"""Height of a row in inches, and sizes of letters in points."""

MOST_ROWS = 24
"""Rows that a figure shows; the table has them all."""

MORE = ("{shown} of {count} rows shown; the table has all.", "共 {count} 项，图中为前 {shown} 项，全部见表。")
NOTHING = ("there is nothing to show", "没有可显示的内容")


def said(texts: Mapping[str, tuple[str, str]], lang: str) -> dict[str, str]:
    """The texts of one language."""
    return {key: words[lang == "zh"] for key, words in texts.items()}


class Plate:
    """An empty figure with title, unit and source, into which plots are put from above; `top` and `bottom` bound them.

    `inside` is the height in inches that the plots need, axes and all.
    """

    def __init__(
        self, title: str, measure: str, inside: float, *, source: str = "", notes: Sequence[str] = (),
        lang: str = "en", width: float = WIDTH,
    ) -> None:  # fmt: skip
        """Measure the small print first, so that the figure is as high as it must be."""
        self.lang = lang
        prints = [part for part in (*notes, *source.split("\n")) if part]
        probe = labelling.Page(_figure(width, 3.0), lang)
        foot = probe.small_print(prints, bottom=EDGE)
        lines = probe.wrapped(measure, LETTER, width - 2 * EDGE)
        head = HEAD + 0.15 * (len(lines) - 1)
        self.figure = _figure(width, inside + foot + head + 0.1)
        self.page = labelling.Page(self.figure, lang)
        self.page.small_print(prints, bottom=EDGE)
        self.width, self.height = width, inside + foot + head + 0.1
        self.bottom, self.top = foot + 0.1, self.height - head
        above = self.page.put(EDGE, self.height - 0.1, title, 11.0, bold=True, va="top", gid="title")
        self.page.fit(above, width - 2 * EDGE)
        for place, line in enumerate(lines):
            self.page.put(EDGE, self.height - 0.36 - 0.15 * place, line, LETTER, QUIET, va="top", gid="title")

    def axes(self, left: float, right: float, top: float, bottom: float) -> Axes:
        """A plot between margins at the sides and heights above the foot of the page, all in inches."""
        inner = (self.width - left - right, top - bottom)
        made: Axes = self.figure.add_axes(
            (left / self.width, bottom / self.height, inner[0] / self.width, inner[1] / self.height)
        )
        made.tick_params(length=0, colors=QUIET, pad=4)
        made.set_axisbelow(True)
        for side, spine in made.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(FAINT)
        return made

    def ticks(self, axes: Axes, points: float = LETTER) -> None:
        """Set the font of all ticks, once they stand."""
        for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            tick.set(**self.page.font(points))

    def names(self, axes: Axes, x: str = "", y: str = "") -> None:
        """Say what an axis measures: below it, and horizontally above it for the other."""
        if x:
            axes.set_xlabel(x, color=QUIET, labelpad=4, **self.page.font(LETTER))
        if y:
            place = axes.get_position()
            self.page.put(
                place.x0 * self.width - 0.3, place.y1 * self.height + 0.07, y, LETTER, QUIET, va="bottom", gid="axis"
            )

    def rows(self, axes: Axes, labels: Sequence[str], colours: Sequence[str] = ()) -> None:
        """Names of rows left of a plot, the first on top, on two lines where one is too short."""
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_yticks([])
        place = axes.get_position()
        room = place.x0 * self.width - EDGE - 0.12
        height = place.height * self.height / max(len(labels), 1)
        for row, label in enumerate(labels):
            middle = place.y1 * self.height - (row + 0.5) * height
            colour = colours[row] if colours else INK
            lines = self._lines(label, room)
            for number, words in enumerate(lines):
                y = middle + 0.075 * (len(lines) - 1) - 0.15 * number
                text = self.page.put(EDGE + room, y, words, LETTER, colour, ha="right", va="center_baseline", gid="row")
                self.page.fit(text, room)

    def _lines(self, words: str, room: float) -> list[str]:
        """A name on one line, or on two that break at a dot or a space near the middle."""
        probe = self.page.put(0, 0, words, LETTER)
        width = self.page.size(probe)[0]
        probe.remove()
        good = [i + 1 for i, letter in enumerate(words[:-1]) if letter in " .；，、" or ord(letter) >= 0x4E00]
        breaks = good + [i + 1 for i, letter in enumerate(words[:-1]) if letter == "_"]
        if width <= room or not breaks:
            return [words]
        fitting = [at for at in good if max(at, len(words) - at) * width <= room * len(words)] or breaks
        middle = min(fitting, key=lambda at: abs(at - len(words) / 2))
        return [words[:middle].rstrip(), words[middle:]]

    def numbered(self, labels: Sequence[str], x: float, top: float, strong: Sequence[bool] = ()) -> None:
        """What the numbers of marks mean, one below the other down from a place in inches."""
        room, step = self.width - x - 0.25 - EDGE, key_step(labels, self.width - x - 0.25 - EDGE, self.lang)
        for place, label in enumerate(labels):
            y, bold = top - 0.06 - step * place, bool(strong[place]) if strong else False
            colour = INK if bold or not strong else QUIET
            self.page.put(x, y, str(place + 1), 7.2, bold=True, va="center_baseline", gid="key")
            for number, words in enumerate(self._lines(label, room)):
                text = self.page.put(x + 0.25, y - 0.13 * number, words, 7.2, colour, bold, gid="key")
                text.set(va="center_baseline")
                self.page.fit(text, room)

    def grid(self, axes: Axes, zero: bool = True, axis: str = "x") -> None:
        """Faint lines to read values by, and a clear one at zero."""
        axes.grid(axis="x" if axis == "x" else "y", color=FAINT, linewidth=0.6)
        if zero:
            (axes.axvline if axis == "x" else axes.axhline)(0.0, color=QUIET, linewidth=0.8, zorder=1)

    def key(self, entries: Sequence[tuple[str, str, str]], x: float, y: float) -> None:
        """What marks mean: marker (or `bar`), colour and words, side by side from a place in inches."""
        for marker, colour, words in entries:
            square = marker == "bar"
            self.figure.add_artist(
                _mark(x / self.width, y / self.height, "s" if square else marker, colour, 7.0 if square else 5.5)
            )
            text = self.page.put(x + 0.12, y, words, LETTER, INK, va="center_baseline", gid="legend")
            x += 0.12 + self.page.size(text)[0] + 0.28

    def write(self, axes: Axes, x: float, y: float, words: str, **kind: Any) -> Text:
        """A small text at a place in the units of a plot."""
        points = kind.pop("points", LETTER)
        bold = kind.pop("bold", False)
        text = axes.text(x, y, words, **{"color": INK, "va": "center_baseline", "gid": "value", **kind})
        text.set(**self.page.font(points, bold))
        return text

    def empty(self, axes: Axes) -> None:
        """Say that a table has no rows."""
        axes.set_xticks([])
        axes.set_yticks([])
        self.write(axes, 0.5, 0.5, NOTHING[self.lang == "zh"], transform=axes.transAxes, ha="center", color=QUIET)


def key_step(labels: Sequence[str], room: float, lang: str) -> float:
    """Inches from one entry of a numbered key to the next: more where one needs two lines."""
    probe = labelling.Page(_figure(3.0, 3.0), lang)
    return 0.33 if any(probe.size(probe.put(0, 0, words, LETTER))[0] > room for words in labels) else 0.21


def more(shown: int, count: int, lang: str) -> list[str]:
    """A note where a figure leaves rows out."""
    return [MORE[lang == "zh"].format(shown=shown, count=count)] if count > shown else []


def few(most: int = 6) -> MaxNLocator:
    """A handful of round numbers, fewer than labels would need to meet."""
    return MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10])


class _Plain(Formatter):
    """Ticks with as many digits as tell them apart, thousands apart and a true minus sign."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        """A number by itself."""
        return short(value)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """All ticks of an axis."""
        ticks = np.asarray(values, float)
        if len(ticks) < 2 or not np.isfinite(ticks).all():
            return [short(value) for value in ticks]
        step = float(np.abs(np.diff(ticks)).min()) or 1.0
        digits = next(n for n in range(16) if n == 15 or np.allclose(np.round(ticks, n), ticks, 0.0, 1e-3 * step))
        said = [f"{abs(value):,.{digits}f}" for value in ticks]
        signs = ["−" if value < 0.0 and words.strip("0.,") else "" for value, words in zip(ticks, said, strict=True)]
        return [sign + (words if words.strip("0.,") else "0") for sign, words in zip(signs, said, strict=True)]


def plain() -> Formatter:
    """Numbers on an axis, none of them like another; see `short` for numbers elsewhere."""
    return _Plain()


ROUNDING = 1e-12
"""What is nearer to 0 is what sums of floating-point numbers leave."""


def short(value: float) -> str:
    """A number with three significant digits and thousands apart, a true minus sign, and no ending noughts.

    >>> [short(v) for v in (0.0, 0.04567, -1234.5, 12.0, 2_500_000.0, float("nan"))]
    ['0', '0.0457', '−1,230', '12', '2,500,000', '-']
    """
    if not math.isfinite(value):
        return "-"
    if abs(value) < ROUNDING:
        return "0"
    digits = max(2 - math.floor(math.log10(abs(value))), -15)
    rounded = round(value, digits)
    words = f"{abs(rounded):,.{max(digits, 0)}f}"
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return ("−" if rounded < 0 else "") + words


def _figure(width: float, height: float) -> Figure:
    made = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(made)
    return made


def _mark(x: float, y: float, marker: str, colour: str, size: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([x], [y], marker=marker, color=colour, markersize=size, linestyle="none", markeredgewidth=0.8)
