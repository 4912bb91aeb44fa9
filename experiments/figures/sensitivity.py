"""Figures of sensitivity: which assumptions decide, how sure that is, and whether more runs would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from experiments.figures import labelling, plate
from experiments.figures.labelling import QUIET
from experiments.figures.plate import FIRST, LIGHT, SECOND, Plate
from experiments.figures.shares import HUES, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXTS = {
    "sobol": ("Which assumptions decide: {label}", "哪些假设起决定作用：{label}"),
    "sobol_unit": (
        "Share of the variance of the outcome; bar: {level:.0f} % interval; {runs} runs",
        "占结果方差的份额；横线：{level:.0f} % 区间；{runs} 次运行",
    ),
    "first": ("alone (first order)", "单独作用（一阶）"),
    "total": ("with all its interactions (total)", "含全部交互作用（总效应）"),
    "morris": ("Which assumptions matter at all: {label}", "哪些假设有影响：{label}"),
    "morris_unit": (
        "Elementary effects over the range of each factor, {unit}; bar: {level:.0f} % interval; {runs} runs",
        "各因子在其范围内的基本效应，{unit}；横线：{level:.0f} % 区间；{runs} 次运行",
    ),
    "mu_star": ("mean size of the effect (mu*)", "效应绝对值的平均（mu*）"),
    "sigma": ("spread (sigma): interaction or curvature", "离散程度（sigma）：交互或非线性"),
    "additive": ("sigma = mu*", "sigma = mu*"),
    "convergence": ("Would more runs change it: {label}", "增加运行会改变结论吗：{label}"),
    "convergence_unit": (
        "{index} on nested parts of the sample; band: {level:.0f} % interval",
        "样本逐步增大时的{index}；色带：{level:.0f} % 区间",
    ),
    "index": ("Total index", "总效应指数"),
    "size": ("base sample N", "基础样本量 N"),
    "tornado": ("What moves it: {label}", "什么影响它：{label}"),
    "tornado_unit": (
        "{unit}, when one assumption moves and the others stay; the line is the base",
        "{unit}；每次只改变一个假设，竖线为基准",
    ),
    "tornado_sure": (
        "{unit}, when one assumption moves and the others stay, with the same luck; the line is the base; "
        "bars: 95 % intervals of the change",
        "{unit}；每次只改变一个假设，随机数相同；竖线为基准，横线：变化的 95 % 区间",
    ),
    "low": ("at its low value", "取低值"),
    "high": ("at its high value", "取高值"),
    "regression": ("What moves it: {label}", "什么影响它：{label}"),
    "regression_unit": (
        "Standardised regression coefficient: standard deviations of the outcome for one of the factor; "
        "bar: {level:.0f} % interval; {runs} runs",
        "标准化回归系数：因子变动一个标准差时结果变动的标准差数；横线：{level:.0f} % 区间；{runs} 次运行",
    ),
    "groups": ("Which assumptions move it: {label}", "哪些假设会改变它：{label}"),
    "groups_unit": (
        "{unit}: mean size of the effect of a group of assumptions over its range; bar: {level:.0f} % interval; "
        "{runs} runs",
        "{unit}：一组假设在其范围内的平均影响；横线：{level:.0f} % 区间；{runs} 次运行",
    ),
}
MOST_CURVES = 6


def sobol(
    table: pd.DataFrame, label: str, runs: int, *, level: float = 95.0, source: str = "", lang: str = "en"
) -> Figure:
    """Sobol indices: label, first, first_low, first_high, total, total_low, total_high; the largest total on top."""
    said = plate.said(TEXTS, lang)
    shown = table.sort_values("total", ascending=False, kind="stable").head(plate.MOST_ROWS)
    made, axes = _rows(
        said["sobol"].format(label=label), said["sobol_unit"].format(runs=f"{runs:,}", level=level),
        shown, len(table), source, lang, key=0.25,
    )  # fmt: skip
    if shown.empty:
        return made.figure
    for row, (_, line) in enumerate(shown.iterrows()):
        for kind, colour, up in (("first", FIRST, -0.17), ("total", LIGHT, 0.17)):
            axes.barh(row + up, line[kind], height=0.32, color=colour)
            axes.plot([line[f"{kind}_low"], line[f"{kind}_high"]], [row + up] * 2, color="#000000", linewidth=1.0)
        words = f"{line['first']:.2f} / {line['total']:.2f}".replace("-", "−")
        made.write(axes, 1.02, row, words, transform=axes.get_yaxis_transform())
    made.key([("bar", FIRST, said["first"]), ("bar", LIGHT, said["total"])], 3.0, made.top + 0.14)
    low, high = (table[[f"first_{end}", f"total_{end}"]].to_numpy(float) for end in ("low", "high"))
    axes.set_xlim(min(0.0, float(np.nanmin(low))) - 0.02, max(1.0, float(np.nanmax(high))) + 0.02)
    _finish(made, axes)
    return made.figure


def regression(
    table: pd.DataFrame, label: str, runs: int, *, level: float = 95.0, source: str = "", lang: str = "en"
) -> Figure:
    """Standardised regression coefficients as a tornado: label, coefficient, low, high; the largest on top."""
    said = plate.said(TEXTS, lang)
    shown = table.sort_values("coefficient", key=abs, ascending=False, kind="stable").head(plate.MOST_ROWS)
    words = said["regression_unit"].format(runs=f"{runs:,}", level=level)
    made, axes = _rows(said["regression"].format(label=label), words, shown, len(table), source, lang)
    for row, (value, low, high) in enumerate(shown[["coefficient", "low", "high"]].to_numpy(float)):
        axes.barh(row, value, height=0.55, color=FIRST if value >= 0.0 else SECOND)
        axes.plot([low, high], [row, row], color="#000000", linewidth=1.1)
        made.write(axes, 1.02, row, plate.short(value), transform=axes.get_yaxis_transform())
    _finish(made, axes)
    return made.figure


def groups(
    table: pd.DataFrame, label: str, unit: str, runs: int, *, level: float = 95.0, scale: float = 1.0,
    most: int = plate.MOST_ROWS, source: str = "", lang: str = "en",
) -> Figure:  # fmt: skip
    """Mean sizes of the effects of groups of assumptions: label, mu_star, low, high; the largest `most` of them."""
    said = plate.said(TEXTS, lang)
    shown = table.sort_values("mu_star", ascending=False, kind="stable").head(most)
    words = said["groups_unit"].format(unit=unit, runs=f"{runs:,}", level=level)
    made, axes = _rows(said["groups"].format(label=label), words, shown, len(table), source, lang)
    for row, (size, low, high) in enumerate(scale * shown[["mu_star", "low", "high"]].to_numpy(float)):
        axes.barh(row, size, height=0.55, color=FIRST)
        axes.plot([low, high], [row, row], color="#000000", linewidth=1.1)
        made.write(axes, 1.02, row, plate.short(size), transform=axes.get_yaxis_transform())
    _finish(made, axes, unit=unit)
    return made.figure


def tornado(
    table: pd.DataFrame, base: float, label: str, unit: str, *, scale: float = 1.0, source: str = "", lang: str = "en"
) -> Figure:
    """An outcome with one assumption at a time at its low and its high value: label, low, high, low_value, high_value.

    What moves it farthest from the `base` is on top.
    `low_value` and `high_value` are words for the values of the assumption, written at the ends of its bar. With
    `low_least`, `low_most`, `high_least` and `high_most` it has 95 % intervals of both.
    """
    said = plate.said(TEXTS, lang)
    reach = (table[["low", "high"]] - base).abs().max(axis=1)
    shown = table.loc[reach.sort_values(ascending=False, kind="stable").index].head(plate.MOST_ROWS)
    sure = "low_least" in table
    words = said["tornado_sure" if sure else "tornado_unit"].format(unit=unit)
    made, axes = _rows(
        said["tornado"].format(label=label), words, shown, len(table), source, lang, right=0.4, key=0.25
    )  # fmt: skip
    if shown.empty:
        return made.figure
    centre = scale * base
    for row, (_, line) in enumerate(shown.iterrows()):
        for end, colour in (("low", SECOND), ("high", FIRST)):
            value = scale * float(line[end])
            axes.barh(row, value - centre, left=centre, height=0.55, color=colour)
            if sure:
                limits = scale * line[[f"{end}_least", f"{end}_most"]].to_numpy(float)
                axes.plot(limits, [row + (-0.12 if end == "low" else 0.12)] * 2, color="#000000", linewidth=1.0)
    spans = [f"{end}_{to}" for end in ("low", "high") for to in ("least", "most")] if sure else []
    ends = scale * shown[["low", "high", *spans]].to_numpy(float)
    low, high = float(min(np.nanmin(ends), centre)), float(max(np.nanmax(ends), centre))
    room = 0.22 * max(high - low, abs(centre) * 1e-3, 1e-12)
    axes.set_xlim(low - room, high + room)
    for row, (_, line) in enumerate(shown.iterrows()):
        sides = sorted(("low", "high"), key=lambda end: float(line[end]))
        for end, away, align in zip(sides, (-1, 1), ("right", "left"), strict=True):
            reached = [scale * float(line[one]) for one in (*sides, *spans)]
            edge = (np.nanmin if away < 0 else np.nanmax)([*reached, centre])
            text = str(line[f"{end}_value"]) + (": -" if np.isnan(float(line[end])) else "")
            made.write(axes, edge + away * 0.06 * room, row, text, ha=align, points=6.8)
    made.key([("bar", SECOND, said["low"]), ("bar", FIRST, said["high"])], 3.0, made.top + 0.14)
    _finish(made, axes, zero=False, unit=unit)
    axes.axvline(centre, color="#000000", linewidth=1.0)
    return made.figure


def morris(
    table: pd.DataFrame, label: str, unit: str, runs: int, *, level: float = 95.0, scale: float = 1.0,
    source: str = "", lang: str = "en",
) -> Figure:  # fmt: skip
    """The plane of Morris (1991): label, mu_star, low, high, sigma; each point has a number that the rows explain."""
    said = plate.said(TEXTS, lang)
    shown = table.sort_values("mu_star", ascending=False, kind="stable").head(plate.MOST_ROWS)
    words = said["morris_unit"].format(unit=unit, runs=f"{runs:,}", level=level)
    names = shown["label"].astype(str).tolist()
    rows = max(plate.key_step(names, 3.0, lang) * len(names), 3.1)
    made = Plate(
        said["morris"].format(label=label), words, rows + plate.AXIS + 0.2,
        notes=plate.more(len(shown), len(table), lang), source=source, lang=lang,
    )  # fmt: skip
    top = made.top - 0.2
    axes = made.axes(0.75, 3.5, top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
        return made.figure
    mean, low, high, spread = (scale * shown[name].to_numpy(float) for name in ("mu_star", "low", "high", "sigma"))
    end = 1.1 * float(np.nanmax([*mean, *high, *spread, 1e-12]))
    axes.plot([0, end], [0, end], color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)))
    axes.set_xlim(-0.02 * end, end)
    axes.set_ylim(-0.02 * end, 1.12 * max(float(np.nanmax(spread)), 0.3 * end))
    inches = axes.get_position().height * made.height / float(np.diff(axes.get_ylim())[0])
    places = labelling.apart((spread * inches).tolist(), 0.13, 0.0, axes.get_ylim()[1] * inches)
    for place in range(len(shown)):
        axes.plot([low[place], high[place]], [spread[place]] * 2, color=FIRST, linewidth=1.0, alpha=0.7)
        axes.plot([mean[place]], [spread[place]], "o", color=FIRST, markersize=4.5)
        to = places[place] / inches
        beside = mean[place] + 0.03 * end
        if abs(to - spread[place]) * inches > 0.02:
            axes.plot([mean[place], beside], [spread[place], to], color=FIRST, linewidth=0.5)
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        made.write(axes, beside, to, str(place + 1), points=7.0, bold=True, bbox=ground)
    made.numbered(names, 5.05, top)
    _finish(made, axes, zero=False, unit=said["mu_star"])
    axes.yaxis.set_major_locator(plate.few())
    axes.yaxis.set_major_formatter(plate.plain())
    made.ticks(axes)
    made.names(axes, y=said["sigma"])
    return made.figure


def convergence(
    table: pd.DataFrame, label: str, *, index: str = "", level: float = 95.0, source: str = "", lang: str = "en"
) -> Figure:
    """Indices on growing parts of a sample: size, label, value, low, high; the six largest at the end."""
    said = plate.said(TEXTS, lang)
    made = Plate(
        said["convergence"].format(label=label),
        said["convergence_unit"].format(index=index or said["index"], level=level),
        3.4, notes=plate.more(MOST_CURVES, table["label"].nunique(), lang), source=source, lang=lang,
    )  # fmt: skip
    axes = made.axes(0.6, 3.0, made.top, made.bottom + plate.AXIS)
    if table.empty:
        made.empty(axes)
        return made.figure
    sizes = np.sort(table["size"].unique()).astype(float)
    last = table[table["size"] == sizes[-1]].sort_values("value", key=abs, ascending=False, kind="stable")
    axes.set_xscale("log")
    ends = []
    for place, name in enumerate(last["label"].head(MOST_CURVES)):
        one = table[table["label"] == name].sort_values("size")
        colour, marker = HUES[place], MARKERS[place]
        x, value, low, high = (one[column].to_numpy(float) for column in ("size", "value", "low", "high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.14, linewidth=0)
        axes.plot(x, value, color=colour, linewidth=1.6, marker=marker, markersize=4.5, markeredgecolor="white")
        ends.append(labelling.EndLabel(float(value[-1]), str(name), f" {value[-1]:.2f}", colour, marker))
    axes.set_xticks(sizes, [f"{int(size):,}" for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(sizes[0] * 0.93, sizes[-1] * 1.03)
    made.grid(axes, axis="y")
    axes.yaxis.set_major_formatter(plate.plain())
    made.names(axes, x=said["size"])
    made.ticks(axes)
    made.page.end_labels(axes, ends)
    return made.figure


def _rows(
    title: str, measure: str, shown: pd.DataFrame, count: int, source: str, lang: str, right: float = 1.0,
    key: float = 0.0,
) -> tuple[Plate, Axes]:  # fmt: skip
    """A plate with a row for each line of a table."""
    inside = plate.ROW * max(len(shown), 2) + plate.AXIS + key
    made = Plate(title, measure, inside, notes=plate.more(len(shown), count, lang), source=source, lang=lang)
    made.top -= key
    axes = made.axes(3.0, right, made.top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
    else:
        made.rows(axes, shown["label"].astype(str).tolist())
    return made, axes


def _finish(made: Plate, axes: Axes, zero: bool = True, unit: str = "") -> None:
    axes.xaxis.set_major_locator(plate.few())
    axes.xaxis.set_major_formatter(plate.plain())
    made.grid(axes, zero=zero)
    made.names(axes, x=unit)
    made.ticks(axes)
