"""Figures of a stress test: what each strategy would regret, and what it would have to give up for what."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import labelling, plate
from experiments.figures.labelling import INK, QUIET
from experiments.figures.plate import FIRST, SECOND, Plate

TEXTS = {
    "regret": ("Regret of each strategy: {label}", "各策略的后悔值：{label}"),
    "regret_unit": (
        "{unit}: how much more the best strategy would have kept; the frame marks the least maximum",
        "{unit}：与当时最优策略相比少保住多少；边框为最大后悔值最小者",
    ),
    "mean": ("mean", "平均"),
    "shortfall": ("expected shortfall", "预期短缺"),
    "worst": ("maximum", "最大"),
    "pareto": ("What one gain costs in the other", "得与失：帕累托前沿"),
    "pareto_unit": (
        "Filled marks: by share, profit and blame no other strategy is as good in all and better in one; open: one is",
        "实心：按份额、利润、指责，没有其他策略各方面都不差且至少一方面更好；空心：有这样的策略",
    ),
}
MOST_COLUMNS = 10
PALE, DARK = "#FFF5EB", "#A63603"
"""Ends of one hue from light to dark, which reads in grey and with every kind of colour vision."""
WHITE_ABOVE = 0.74
"""Part of the way to the dark end above which white letters stand out more than black ones."""


def regret(
    table: pd.DataFrame, label: str, unit: str, *, scale: float = 1.0, source: str = "", lang: str = "en"
) -> Figure:
    """A heat map: rows are strategies (the index), columns what happens, cells the regret; the least maximum on top.

    The last column, added here, is the maximum over the others.
    """
    said = plate.said(TEXTS, lang)
    whole = scale * table.astype(float)
    whole = whole.assign(**{said["worst"]: whole.max(axis=1)})
    whole = whole.sort_values(said["worst"], kind="stable")
    shown = whole.iloc[: plate.MOST_ROWS]
    columns = [*shown.columns[:-1][:MOST_COLUMNS], shown.columns[-1]]
    shown = shown[columns]
    made = Plate(
        said["regret"].format(label=label), said["regret_unit"].format(unit=unit),
        plate.ROW * max(len(shown), 2) + 0.55,
        notes=plate.more(len(shown), len(whole), lang), source=source, lang=lang,
    )  # fmt: skip
    top = made.top - 0.5
    axes = made.axes(2.9, 0.15, top, made.bottom)
    axes.spines["bottom"].set_visible(False)
    if shown.empty or len(columns) < 2:
        made.empty(axes)
        return made.figure
    made.rows(axes, [str(name) for name in shown.index])
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_xticks([])
    values = shown.to_numpy(float)
    most = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            part = value / most if most > 0.0 and np.isfinite(value) else 0.0
            colour = labelling.mix(PALE, DARK, max(part, 0.0)) if np.isfinite(value) else "#FFFFFF"
            axes.barh(row, 0.96, left=column - 0.48, height=0.94, color=colour)
            ink = "#FFFFFF" if part > WHITE_ABOVE else INK
            bold = column == len(columns) - 1
            made.write(axes, column, row, plate.short(value), ha="center", color=ink, points=7.2, bold=bold)
    axes.barh(0, len(columns) - 0.04, left=-0.48, height=0.96, fill=False, edgecolor="#000000", linewidth=1.3)
    width = (made.width - 2.9 - 0.15) / len(columns)
    for column, words in enumerate(columns):
        lines = made.page.wrapped(str(words), 7.0, width - 0.06)[:3]
        for number, part_of in enumerate(lines):
            y = top + 0.06 + 0.13 * (len(lines) - 1 - number)
            text = made.page.put(2.9 + (column + 0.5) * width, y, part_of, 7.0, QUIET, ha="center", gid="column")
            made.page.fit(text, width - 0.04)
    return made.figure


def pareto(
    table: pd.DataFrame, x: tuple[str, str], y: tuple[str, str], *, source: str = "", lang: str = "en"
) -> Figure:
    """Strategies in the plane of two gains: label, x, y, front (true where no other is better in everything).

    `x` and `y` are the name and unit of each axis, more is better; each mark has a number that the rows explain.
    """
    said = plate.said(TEXTS, lang)
    shown = table.sort_values(["front", "y"], ascending=False, kind="stable").head(plate.MOST_ROWS)
    names = shown["label"].astype(str).tolist()
    made = Plate(
        said["pareto"], said["pareto_unit"],
        max(plate.key_step(names, 3.0, lang) * len(names), 3.1) + plate.AXIS + 0.25,
        notes=plate.more(len(shown), len(table), lang), source=source, lang=lang,
    )  # fmt: skip
    top = made.top - 0.25
    axes = made.axes(0.8, 3.6, top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
        return made.figure
    across, up = shown["x"].to_numpy(float), shown["y"].to_numpy(float)
    front = shown["front"].to_numpy(bool)
    for values, limit in ((across, axes.set_xlim), (up, axes.set_ylim)):
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        edge = 0.08 * ((high - low) or abs(high) or 1.0)
        limit(low - edge, high + 1.6 * edge)
    low, high = axes.get_ylim()
    inches = axes.get_position().height * made.height / (high - low)
    places = labelling.apart(((up - low) * inches).tolist(), 0.13, 0.0, (high - low) * inches)
    step = 0.025 * float(np.diff(axes.get_xlim())[0])
    for place in range(len(shown)):
        colour, size = (SECOND, 6.5) if front[place] else (QUIET, 5.0)
        fill = colour if front[place] else "white"
        above = 3 if front[place] else 2
        axes.plot([across[place]], [up[place]], "o", color=fill, markeredgecolor=colour, markersize=size, zorder=above)
        to = low + places[place] / inches
        if abs(to - up[place]) * inches > 0.02:
            axes.plot([across[place], across[place] + step], [up[place], to], color=colour, linewidth=0.5)
        made.write(axes, across[place] + 1.2 * step, to, str(place + 1), points=7.0, bold=bool(front[place]))
    made.numbered(names, 5.05, top, front.tolist())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(plate.few(5))
        axis.set_major_formatter(plate.plain())
    made.grid(axes, zero=False)
    made.names(axes, x=f"{x[0]}, {x[1]}", y=f"{y[0]}, {y[1]}")
    made.ticks(axes, 7.0)
    return made.figure


def losses(table: pd.DataFrame, title: str, measure: str, unit: str, *, source: str = "", lang: str = "en") -> Figure:
    """What is lost, row by row: label, mean, low, high (its interval) and shortfall (mean of the worst futures)."""
    said = plate.said(TEXTS, lang)
    shown = table.head(plate.MOST_ROWS)
    made = Plate(
        title, measure, plate.ROW * max(len(shown), 2) + plate.AXIS + 0.25,
        notes=plate.more(len(shown), len(table), lang), source=source, lang=lang,
    )  # fmt: skip
    made.top -= 0.25
    axes = made.axes(3.0, 1.0, made.top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
        return made.figure
    made.rows(axes, shown["label"].astype(str).tolist())
    for row, (mean, low, high, worst) in enumerate(shown[["mean", "low", "high", "shortfall"]].to_numpy(float)):
        axes.plot([mean, worst], [row, row], color=labelling.FAINT, linewidth=2.0, zorder=1)
        axes.plot([low, high], [row, row], color=FIRST, linewidth=2.2, solid_capstyle="butt")
        axes.plot([mean], [row], "o", color=FIRST, markersize=6)
        axes.plot([worst], [row], "D", color=SECOND, markersize=5)
        words = f"{plate.short(mean)} / {plate.short(worst)}"
        made.write(axes, 1.02, row, words, transform=axes.get_yaxis_transform(), points=7.2)
    made.key([("o", FIRST, said["mean"]), ("D", SECOND, said["shortfall"])], 3.0, made.top + 0.14)
    axes.xaxis.set_major_locator(plate.few(5))
    axes.xaxis.set_major_formatter(plate.plain())
    made.grid(axes)
    made.names(axes, x=unit)
    made.ticks(axes)
    return made.figure
