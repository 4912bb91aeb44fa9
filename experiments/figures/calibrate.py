"""Figures of a calibration: what was learned of each parameter, how the market fits, and whether truth is recovered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import plate
from experiments.figures.labelling import FAINT, QUIET
from experiments.figures.plate import FIRST, SECOND, THIRD, Plate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXTS = {
    "learned": ("What the sales say of each parameter", "销量对各参数的说明"),
    "learned_unit": (
        "Place between the ends thought possible before (left 0, right 1); bar: 90 % interval, dot: median",
        "在先验范围内的位置（左 0、右 1）；横线：90 % 区间，点：中位数",
    ),
    "moments": ("How the fitted market compares with the sales", "拟合市场与实际销量的对照"),
    "moments_unit": (
        "The sales against the middle of what fitted markets give; from −1 to 1: inside their 90 %",
        "实际值相对拟合市场的中位数；−1 到 1 之间即在其 90 % 范围内",
    ),
    "paths": ("Shares of the best-selling models", "畅销车型的份额"),
    "paths_unit": (
        "% of all battery-electric cars a month; dots: the sales file; line and band: median and 90 % of fitted "
        "markets, each with luck of its own from the first month on",
        "占当月纯电车销量的 %；点：销量文件；线与色带：拟合市场的中位数与 90 %，自首月起各用一组随机数",
    ),
    "recovery": ("Simulate, forget, recover", "模拟、遗忘、再找回"),
    "recovery_unit": (
        "True value (across) and what was found (up), as places in the prior; bar: 90 % interval, which holds {held} "
        "of {count} true values",
        "真值（横）与估计（纵），以先验中的位置表示；竖线：90 % 区间，{count} 个真值中有 {held} 个落在其中",
    ),
    "hit": ("holds the true value", "包含真值"),
    "miss": ("does not", "不包含"),
}
PANELS, ACROSS = 9, 3
"""Small plots of a figure, and how many stand side by side."""
HIGH, APART = 1.45, 0.5
"""Height of a small plot and what is between two, in inches."""
FARTHEST = 3.0
"""Half widths beyond which a mark stands at the edge."""


def learned(table: pd.DataFrame, *, source: str = "", lang: str = "en") -> Figure:
    """Posterior intervals on the scale of the prior: label, low, median, high in [0, 1], and `words` for the values."""
    said = plate.said(TEXTS, lang)
    made, axes = _rows(said["learned"], said["learned_unit"], table, source, lang, right=2.0)
    for row, (_, line) in enumerate(table.iterrows()):
        axes.plot([0.0, 1.0], [row, row], color=FAINT, linewidth=5.0, solid_capstyle="butt", zorder=1)
        axes.plot([line["low"], line["high"]], [row, row], color=FIRST, linewidth=2.4, zorder=2)
        axes.plot([line["median"]], [row], marker="o", color=FIRST, markersize=5.5, zorder=3)
        made.write(axes, 1.03, row, str(line["words"]), transform=axes.get_yaxis_transform())
    axes.set_xlim(-0.02, 1.02)
    _finish(made, axes)
    return made.figure


def moments(table: pd.DataFrame, *, source: str = "", lang: str = "en") -> Figure:
    """The data against the predicted interval: label, data, low, median, high; inside is between -1 and 1."""
    said = plate.said(TEXTS, lang)
    shown = table.head(plate.MOST_ROWS)
    notes = plate.more(len(shown), len(table), lang)
    made, axes = _rows(said["moments"], said["moments_unit"], shown, source, lang, notes=notes)
    axes.axvspan(-1.0, 1.0, color=FIRST, alpha=0.13, linewidth=0)
    for row, (_, line) in enumerate(shown.iterrows()):
        above = line["data"] >= line["median"]
        width = (line["high"] - line["median"]) if above else (line["median"] - line["low"])
        place = (line["data"] - line["median"]) / width if width > 0.0 else math.copysign(math.inf, line["data"])
        inside = abs(place) <= 1.0
        place = float(np.clip(place, -FARTHEST, FARTHEST))
        marker, colour = ("o", FIRST) if inside else ("D", SECOND)
        axes.plot([place], [row], marker=marker, color=colour, markersize=5.5)
        words = f"{plate.short(line['data'])}"
        made.write(axes, 1.03, row, words, transform=axes.get_yaxis_transform())
    axes.set_xlim(-FARTHEST - 0.2, FARTHEST + 0.2)
    _finish(made, axes)
    return made.figure


def paths(table: pd.DataFrame, *, source: str = "", lang: str = "en") -> Figure:
    """Shares over time in small plots, a car each: month, label, share (NaN: not listed), low, median, high."""
    said = plate.said(TEXTS, lang)
    best = table.groupby("label")["share"].sum().nlargest(PANELS).index.tolist()
    made, panels = _panels(said["paths"], said["paths_unit"], best, source, lang)
    for axes, label in zip(panels, best, strict=True):
        rows = table[table["label"] == label].sort_values("month")
        at = np.arange(len(rows))
        low, middle, high, share = (100.0 * rows[name].to_numpy(float) for name in ("low", "median", "high", "share"))
        axes.fill_between(at, low, high, color=FIRST, alpha=0.2, linewidth=0)
        axes.plot(at, middle, color=FIRST, linewidth=1.6)
        axes.plot(at, share, marker="o", markersize=2.6, color=THIRD, linestyle="none")
        months = rows["month"].tolist()
        ticks = [n for n, month in enumerate(months) if month.endswith(("-01", "-07"))]
        axes.set_xticks(ticks, [months[n][2:] for n in ticks])
        top = max(float(np.nanmax(share)) if np.isfinite(share).any() else 0.0, float(np.nanmax(middle)))
        axes.set_ylim(0.0, 1.6 * top)
        axes.yaxis.set_major_locator(plate.few(4))
        axes.yaxis.set_major_formatter(plate.plain())
        made.grid(axes, zero=False, axis="y")
        made.ticks(axes, plate.SMALLEST)
    return made.figure


def recovery(table: pd.DataFrame, *, source: str = "", lang: str = "en") -> Figure:
    """True against recovered values, a small plot a parameter: label, true, low, median, high in [0, 1], held."""
    said = plate.said(TEXTS, lang)
    labels = table["label"].drop_duplicates().tolist()
    unit = said["recovery_unit"].format(held=int(table["held"].sum()), count=len(table))
    made, panels = _panels(said["recovery"], unit, labels, source, lang, key=0.25)
    for axes, label in zip(panels, labels, strict=True):
        axes.plot([0.0, 1.0], [0.0, 1.0], color=QUIET, linewidth=0.8)
        for _, row in table[table["label"] == label].iterrows():
            marker, colour = ("o", FIRST) if row["held"] else ("D", SECOND)
            axes.plot([row["true"]] * 2, [row["low"], row["high"]], color=colour, linewidth=0.9, alpha=0.7)
            axes.plot([row["true"]], [row["median"]], marker=marker, color=colour, markersize=3.2)
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(plate.few(3))
            axis.set_major_formatter(plate.plain())
        made.grid(axes, zero=False, axis="y")
        made.ticks(axes, plate.SMALLEST)
    made.key([("o", FIRST, said["hit"]), ("D", SECOND, said["miss"])], 0.45, made.top + 0.3)
    return made.figure


def _rows(
    title: str,
    measure: str,
    shown: pd.DataFrame,
    source: str,
    lang: str,
    right: float = 0.9,
    notes: list[str] | None = None,
) -> tuple[Plate, Axes]:
    """A plate with a row for each line of a table."""
    made = Plate(
        title, measure, plate.ROW * max(len(shown), 2) + plate.AXIS, notes=notes or [], source=source, lang=lang
    )
    axes = made.axes(3.0, right, made.top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
    else:
        made.rows(axes, shown["label"].astype(str).tolist())
    return made, axes


def _finish(made: Plate, axes: Axes) -> None:
    axes.xaxis.set_major_locator(plate.few())
    axes.xaxis.set_major_formatter(plate.plain())
    made.grid(axes, zero=False)
    made.ticks(axes)


def _panels(
    title: str, measure: str, labels: list[str], source: str, lang: str, key: float = 0.0
) -> tuple[Plate, list[Axes]]:
    """A plate of small plots with a name above each."""
    down = max(math.ceil(len(labels) / ACROSS), 1)
    made = Plate(title, measure, down * (HIGH + APART) + key, source=source, lang=lang)
    made.top -= key
    wide = (made.width - 0.9) / ACROSS
    panels = []
    for place, label in enumerate(labels):
        left, above = 0.45 + (place % ACROSS) * wide, made.top - 0.2 - (place // ACROSS) * (HIGH + APART)
        axes = made.axes(left, made.width - left - wide + 0.4, above, above - HIGH)
        text = made.page.put(left, above + 0.08, label, plate.LETTER, bold=True, va="bottom", gid="row")
        made.page.fit(text, wide - 0.35)
        panels.append(axes)
    return made, panels
