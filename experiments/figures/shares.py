"""Pure functions: table in, figure out. They see no model, draw no chance and change no global setting.

Colours are those of Okabe and Ito (2008), which people with the common kinds of colour blindness can tell apart;
markers and direct labels say the same in grey.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.figures import labelling
from experiments.figures.labelling import FAINT, QUIET
from experiments.summary import FEWEST_CONSUMERS, MEAN_WEEKS, Grid, grid

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FOCAL = "#D55E00"
HUES = ("#0072B2", "#E69F00", "#000000", "#56B4E9", "#009E73", "#CC79A7", "#8A7A00")
"""In an order in which neighbours differ in grey too."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")

MOST_LINES = 8
MOST_HAPPENINGS = 12
WEEKS_BETWEEN_MARKERS = 11
DOTS_PER_INCH = 200
THICK = 2.0
WIDTH, HEIGHT = 8.4, 5.4
LEFT, RIGHT = 0.45, 1.75
"""Margins beside the plot, in inches."""

TEXTS = {
    "title": ("Market share over time", "市场份额的变化"),
    "axis": (
        "Share of deliveries among listed cars, %; {weeks}-week moving mean",
        "占所列车型交付量的份额（%），{weeks} 周移动平均",
    ),
    "bands": ("median of {runs} runs, band: 5-95 % of them", "{runs} 次模拟的中位数，色带为 5-95 %"),
    "thin": (
        "Dotted and pale: fewer than {fewest:.0f} effective consumers.",
        "浅色点线：有效消费者不足 {fewest:.0f} 人。",
    ),
    "other": ("all others", "其余合计"),
    "more": ("and {count} more", "另有 {count} 项"),
    "empty": ("no car was delivered", "没有交付任何车"),
}


@dataclass(frozen=True)
class Badge:
    """Something that happened on a day, in words."""

    on: date
    text: str


@dataclass(frozen=True)
class Line:
    """One line of a figure: shares in percent by week, (weeks,) each, NaN where there is nothing to draw."""

    label: str
    colour: str
    marker: str
    width: float
    middle: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    thin: NDArray[np.bool_]
    off_scale: bool = False


def share_over_time(
    sales: pd.DataFrame,
    *,
    start: date,
    weeks: int,
    labels: Mapping[str, str],
    heading: str = "",
    source: str = "",
    focal: Collection[str] = (),
    rest: Collection[str] = (),
    happenings: Sequence[Badge] = (),
    replicates: int = 1,
    lang: str = "en",
) -> Figure:
    """Market share (deliveries among listed cars) by car over time, from the table of sales.

    `labels` names every car, `focal` cars always have a line of their own and stand out, `rest` cars and small ones
    are one line, which is only mentioned where it would flatten the others. With several replicates the line is
    their median and a band holds 5 to 95 % of them. `heading` and `source` are printed above and below.
    """
    said = {key: words[lang == "zh"] for key, words in TEXTS.items()}
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    page = labelling.Page(figure, lang)
    lines = _lines(
        grid(sales, weeks, "car", replicates, labels).trailing(MEAN_WEEKS), labels, focal, rest, said["other"]
    )
    shown = sorted((b for b in happenings if start <= b.on < start + timedelta(weeks=weeks)), key=lambda b: b.on)

    thin = said["thin"].format(fewest=FEWEST_CONSUMERS) if any(line.thin.any() for line in lines) else ""
    key = [(str(i), f"{_day(b.on, lang)}  {b.text}") for i, b in enumerate(shown[:MOST_HAPPENINGS], start=1)]
    if len(shown) > MOST_HAPPENINGS:
        key.append(("", said["more"].format(count=len(shown) - MOST_HAPPENINGS)))
    used = page.small_print([part for part in (thin, *source.split("\n")) if part], bottom=labelling.EDGE)
    used = page.key(key, bottom=used + 0.08)
    bottom, top = used + 0.42, HEIGHT - (0.95 if shown else 0.72)
    axes = figure.add_axes((LEFT / WIDTH, bottom / HEIGHT, (WIDTH - LEFT - RIGHT) / WIDTH, (top - bottom) / HEIGHT))
    measure = said["axis"].format(weeks=MEAN_WEEKS)
    if replicates > 1:
        measure += "; " + said["bands"].format(runs=replicates)
    colon = "：" if lang == "zh" else ": "
    title = f"{said['title']}{colon}{heading}" if heading else said["title"]
    page.title(title, measure)

    days = np.array([(start + timedelta(weeks=w)).toordinal() for w in range(weeks)], float)
    _frame(axes, start, weeks, lines, lang, page)
    if not lines:
        axes.text(0.5, 0.5, said["empty"], transform=axes.transAxes, ha="center", color=QUIET, **page.font(10))
    for place, line in enumerate(lines):
        if not line.off_scale:
            _draw(axes, days, line, place, banded=replicates > 1)
    _end_labels(axes, page, lines)
    page.badges(axes, [(b.on.toordinal(), str(i)) for i, b in enumerate(shown[:MOST_HAPPENINGS], start=1)])
    return figure


def save(figure: Figure, file: Path) -> None:
    """Write a figure as PNG; the same figure gives the same bytes."""
    figure.savefig(file, format="png", metadata={"Software": None})


def _lines(
    whole: Grid, labels: Mapping[str, str], focal: Collection[str], rest: Collection[str], other: str
) -> list[Line]:
    sold = whole.amount.sum(axis=(0, 1))
    ranked = sorted((i for i in range(len(sold)) if sold[i] > 0), key=lambda i: (-sold[i], whole.groups[i]))
    first = [i for i in ranked if whole.groups[i] in focal][:MOST_LINES]
    single = [i for i in ranked if whole.groups[i] not in rest and i not in first]
    small = [i for i in ranked if whole.groups[i] in rest]
    room = MOST_LINES - len(first)
    if small or len(single) > room:
        room -= 1
    small += single[max(room, 0) :]
    share = 100.0 * whole.share()

    def thin(groups: list[int], middle: NDArray[np.float64]) -> NDArray[np.bool_]:
        amount, squares = (total[:, :, groups].sum(axis=(0, 2)) for total in (whole.amount, whole.squares))
        return ((amount**2 < FEWEST_CONSUMERS * squares) | (amount == 0)) & ~np.isnan(middle)

    lines, hues = [], iter(HUES)
    for place, i in enumerate([*first, *single[: max(room, 0)]]):
        is_focal = whole.groups[i] in focal
        colour = FOCAL if first[:1] == [i] else next(hues, QUIET)
        middle, low, high = _spread(share[:, :, i])
        before = np.arange(len(middle)) < np.argmax(whole.amount[:, :, i].sum(axis=0) > 0)
        for values in (middle, low, high):
            values[before] = np.nan
        label, width = labels.get(whole.groups[i], whole.groups[i]), 2.4 if is_focal else 1.4
        marker = MARKERS[place % len(MARKERS)]
        lines.append(Line(label, colour, marker, width, middle, low, high, thin([i], middle)))
    if small:
        middle, low, high = _spread(share[:, :, small].sum(axis=2))
        top = max((float(np.nanmax(line.high)) for line in lines), default=0.0)
        off = bool(lines) and float(np.nanmin(middle)) > 1.2 * top
        label = labels[whole.groups[small[0]]] if len(small) == 1 else other
        lines.append(Line(label, QUIET, "", 1.0, middle, low, high, thin(small, middle), off))
    return lines


def _spread(share: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Median, 5 % and 95 % over replicates, week by week; NaN where no replicate delivered anything."""
    found = np.full((3, share.shape[1]), np.nan)
    some = ~np.isnan(share).all(axis=0)
    if some.any():
        found[:, some] = np.nanquantile(share[:, some], [0.5, 0.05, 0.95], axis=0)
    return found[0], found[1], found[2]


def _draw(axes: Axes, days: NDArray[np.float64], line: Line, place: int, banded: bool) -> None:
    if banded:
        strong = 1.0 if line.width > THICK else 0.4
        axes.fill_between(days, line.low, line.high, color=line.colour, alpha=0.22 * strong, linewidth=0, zorder=2)
        for edge in (line.low, line.high):
            axes.plot(days, edge, color=line.colour, linewidth=0.5, alpha=0.8 * strong, zorder=2)
    pale = labelling.mix(line.colour, "#FFFFFF", 0.45)
    front = 5 if line.width > THICK else 3
    solid, dotted = line.middle.copy(), line.middle.copy()
    solid[line.thin] = np.nan
    dotted[~(line.thin | _beside(line.thin))] = np.nan
    axes.plot(days, dotted, color=pale, linewidth=0.8 * line.width, linestyle=(0, (1.0, 1.2)), zorder=front)
    axes.plot(days, solid, color=line.colour, linewidth=line.width, zorder=front, solid_joinstyle="round")
    if line.marker:
        at = np.arange(len(days))[3 + 5 * place % WEEKS_BETWEEN_MARKERS :: WEEKS_BETWEEN_MARKERS]
        for some, colour in ((at[line.thin[at]], pale), (at[~line.thin[at]], line.colour)):
            axes.plot(
                days[some],
                line.middle[some],
                line.marker,
                color=colour,
                markersize=5.4 if line.marker in "PX" else 4.4,
                zorder=front + 1,
                markeredgecolor="white",
                markeredgewidth=0.6,
            )


def _beside(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Places next to a flagged one, so that a dotted part meets the solid one."""
    near = np.zeros_like(flags)
    near[1:] |= flags[:-1]
    near[:-1] |= flags[1:]
    return near


def _frame(axes: Axes, start: date, weeks: int, lines: Sequence[Line], lang: str, page: labelling.Page) -> None:
    """Limits, ticks and grid: percent upwards, months along."""
    drawn = [line for line in lines if not line.off_scale]
    highest = max((float(np.nanmax(line.high)) for line in drawn if not np.isnan(line.high).all()), default=1.0)
    first, last = start.toordinal(), start.toordinal() + 7 * max(weeks - 1, 1)
    axes.set_xlim(first, last)
    axes.set_ylim(0.0, 1.05 * highest if highest > 0 else 1.0)
    ticks = labelling.months(start, start + timedelta(weeks=max(weeks - 1, 1)), lang)
    axes.set_xticks([day for day, _ in ticks], [text for _, text in ticks])
    axes.yaxis.set_major_locator(labelling.percent_ticks())
    axes.tick_params(length=0, colors=QUIET, pad=4)
    axes.tick_params(axis="x", length=3, color=FAINT)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set(**page.font(8))
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(FAINT)


def _end_labels(axes: Axes, page: labelling.Page, lines: Sequence[Line]) -> None:
    """Name and last share of every line beside its end, moved apart where they would meet."""
    labels = []
    for line in lines:
        known = line.middle[~np.isnan(line.middle)]
        if len(known):
            at = axes.get_ylim()[1] if line.off_scale else float(known[-1])
            words = f"\u2191 {line.label}" if line.off_scale else line.label
            tail, bold = f"  {known[-1]:.1f}", line.width > THICK
            labels.append(
                labelling.EndLabel(at, words, tail, line.colour, line.marker, bold, thread=not line.off_scale)
            )
    page.end_labels(axes, labels)


def _day(day: date, lang: str) -> str:
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {labelling.MONTHS[day.month - 1]} {day.year}"
