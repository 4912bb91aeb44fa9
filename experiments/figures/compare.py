"""Figures of a comparison: two worlds over time, the effects with their intervals, and the parts of an effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import labelling, plate
from experiments.figures.labelling import QUIET
from experiments.figures.plate import FIRST, SECOND, THIRD, Plate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TEXTS = {
    "over_time": ("{label}, base and what-if", "{label}：基准与假设"),
    "two": (
        "{unit}; lines: mean of {pairs} pairs on the same luck; band: 95 % interval of the difference",
        "{unit}；线：{pairs} 对相同随机数运行的平均；色带：差值的 95 % 区间",
    ),
    "fan": ("{label} over time", "{label}的变化"),
    "fan_unit": (
        "{unit}; line: median of {runs} runs; bands: half and nine tenths of them",
        "{unit}；线：{runs} 次运行的中位数；色带：涵盖一半与九成运行",
    ),
    "base": ("base", "基准"),
    "what_if": ("what-if", "假设"),
    "difference": ("what-if less base", "假设减基准"),
    "effects": ("What changes", "变化有多大"),
    "effects_unit": (
        "What-if less base, % of the base; bar: 95 % interval over {pairs} pairs",
        "假设减基准，占基准的 %；横线：{pairs} 对运行的 95 % 区间",
    ),
    "parts": ("What caused it: {label}", "原因分解：{label}"),
    "parts_unit": (
        "{unit}; Shapley value of each cause over {pairs} seeds, parts sum to the whole; bar: 95 % interval",
        "{unit}；各原因的沙普利值，{pairs} 个种子的平均，各部分之和等于总效应；横线：95 % 区间",
    ),
    "without": ("without any of them", "全部原因关闭"),
    "with": ("with all of them", "全部原因存在"),
}


def over_time(
    weeks: pd.DataFrame, label: str, unit: str, pairs: int, *, scale: float = 1.0, source: str = "", lang: str = "en"
) -> Figure:
    """A weekly series in both worlds, and below it their difference with its interval.

    `weeks` has the columns date, base, what_if, difference, low, high: a row for each week, in the units of `scale`.
    """
    said = plate.said(TEXTS, lang)
    made = Plate(
        said["over_time"].format(label=label), said["two"].format(unit=unit, pairs=pairs), 4.3, source=source, lang=lang
    )
    table = weeks.sort_values("date")
    dates = pd.to_datetime(table["date"]).dt.date.tolist()
    days = np.array([day.toordinal() for day in dates], float)
    middle = made.bottom + plate.AXIS + 1.35
    upper = made.axes(0.75, 1.6, made.top, middle + 0.35)
    lower = made.axes(0.75, 1.6, middle, made.bottom + plate.AXIS)
    ends = []
    for name, colour, style in (("base", THIRD, (0, (4, 1.5))), ("what_if", SECOND, "solid")):
        values = scale * table[name].to_numpy(float)
        upper.plot(days, values, color=colour, linestyle=style, linewidth=1.8)
        if len(values):
            ends.append(labelling.EndLabel(float(values[-1]), said[name], f" {plate.short(values[-1])}", colour))
    low, high, gap = (scale * table[name].to_numpy(float) for name in ("low", "high", "difference"))
    lower.fill_between(days, low, high, color=FIRST, alpha=0.22, linewidth=0)
    lower.plot(days, gap, color=FIRST, linewidth=1.8)
    for axes in (upper, lower):
        _along(axes, dates, lang, worded=axes is lower)
        axes.yaxis.set_major_locator(plate.few(5 if axes is upper else 3))
        axes.yaxis.set_major_formatter(plate.plain())
        made.grid(axes, zero=axes is lower, axis="y")
        made.ticks(axes)
    if np.nanmin([0.0, *(scale * table[name].min() for name in ("base", "what_if"))]) >= 0.0:
        upper.set_ylim(bottom=0.0)
    made.names(lower, y=said["difference"])
    made.page.end_labels(upper, ends)
    return made.figure


def fan(
    weeks: pd.DataFrame, label: str, unit: str, runs: int, *, scale: float = 1.0, source: str = "", lang: str = "en"
) -> Figure:
    """A weekly series over many runs: date, middle, and the ends of two bands: low, lower, upper, high."""
    said = plate.said(TEXTS, lang)
    made = Plate(
        said["fan"].format(label=label), said["fan_unit"].format(unit=unit, runs=f"{runs:,}"), 3.2, source=source,
        lang=lang,
    )  # fmt: skip
    axes = made.axes(0.75, 0.9, made.top, made.bottom + plate.AXIS)
    table = weeks.sort_values("date")
    dates = pd.to_datetime(table["date"]).dt.date.tolist()
    days = np.array([day.toordinal() for day in dates], float)
    low, lower, middle, upper, high = (
        scale * table[name].to_numpy(float) for name in ("low", "lower", "middle", "upper", "high")
    )
    axes.fill_between(days, low, high, color=FIRST, alpha=0.16, linewidth=0)
    axes.fill_between(days, lower, upper, color=FIRST, alpha=0.28, linewidth=0)
    axes.plot(days, middle, color=FIRST, linewidth=2.0)
    _along(axes, dates, lang)
    if np.nanmin([0.0, *low]) >= 0.0:
        axes.set_ylim(bottom=0.0)
    axes.yaxis.set_major_locator(plate.few(5))
    axes.yaxis.set_major_formatter(plate.plain())
    made.grid(axes, zero=False, axis="y")
    made.ticks(axes)
    known = middle[np.isfinite(middle)]
    if len(known):
        made.page.end_labels(axes, [labelling.EndLabel(float(known[-1]), "", plate.short(known[-1]), FIRST)])
    return made.figure


def effects(table: pd.DataFrame, pairs: int, *, source: str = "", lang: str = "en") -> Figure:
    """Effects as parts of the base, each with its interval: label, relative, low, high (1 is 100 %), in that order."""
    said = plate.said(TEXTS, lang)
    known = table[np.isfinite(table[["relative", "low", "high"]].to_numpy(float)).all(axis=1)]
    shown = known.head(plate.MOST_ROWS)
    made = Plate(
        said["effects"], said["effects_unit"].format(pairs=pairs), plate.ROW * max(len(shown), 2) + plate.AXIS,
        notes=plate.more(len(shown), len(table), lang), source=source, lang=lang,
    )  # fmt: skip
    axes = made.axes(3.0, 1.0, made.top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
        return made.figure
    made.rows(axes, shown["label"].astype(str).tolist())
    for row, (middle, low, high) in enumerate(100.0 * shown[["relative", "low", "high"]].to_numpy(float)):
        clear = low > 0.0 or high < 0.0
        colour = FIRST if clear else QUIET
        axes.plot([low, high], [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
        axes.plot([middle], [row], "o", color=colour if clear else "white", markeredgecolor=colour, markersize=6)
        made.write(axes, 1.02, row, plate.short(middle), transform=axes.get_yaxis_transform())
    _finish(made, axes, "%")
    return made.figure


def waterfall(
    parts: pd.DataFrame, ends: Mapping[str, float], label: str, unit: str, pairs: int, *, scale: float = 1.0,
    source: str = "", lang: str = "en",
) -> Figure:  # fmt: skip
    """How causes lead from the world without any of them to the world with all: label, part, low, high.

    `ends` has the values `without` and `with`; the parts sum to their difference.
    """
    said = plate.said(TEXTS, lang)
    made = Plate(
        said["parts"].format(label=label), said["parts_unit"].format(unit=unit, pairs=pairs),
        plate.ROW * (len(parts) + 2) + plate.AXIS, source=source, lang=lang,
    )  # fmt: skip
    axes = made.axes(2.7, 1.0, made.top, made.bottom + plate.AXIS)
    made.rows(axes, [said["without"], *parts["label"].astype(str), said["with"]])
    at = scale * ends["without"]
    last = len(parts) + 1
    values = scale * parts[["part", "low", "high"]].to_numpy(float)
    for row, value in ((0, at), (last, scale * ends["with"])):
        axes.barh(row, value, height=0.55, color=THIRD)
        made.write(axes, 1.02, row, plate.short(value), transform=axes.get_yaxis_transform(), bold=True)
    for row, (part, low, high) in enumerate(values, start=1):
        axes.barh(row, part, left=at, height=0.55, color=FIRST if part >= 0.0 else SECOND)
        axes.plot([at + low, at + high], [row, row], color="#000000", linewidth=1.1)
        axes.plot([at, at], [row - 1, row], color=QUIET, linewidth=0.7, zorder=0)
        at += part
        signed = ("+" if part > 0 else "") + plate.short(part)
        made.write(axes, 1.02, row, signed, transform=axes.get_yaxis_transform())
    axes.plot([at, at], [last - 1, last], color=QUIET, linewidth=0.7, zorder=0)
    _finish(made, axes, unit)
    return made.figure


def _along(axes: Axes, dates: Sequence[date], lang: str, worded: bool = True) -> None:
    """Months along an axis of days."""
    if dates:
        first, last = dates[0].toordinal(), dates[-1].toordinal()
        axes.set_xlim(first, max(last, first + 7))
        shown = labelling.months(dates[0], dates[-1], lang)
        axes.set_xticks([day for day, _ in shown], [text if worded else "" for _, text in shown])


def _finish(made: Plate, axes: Axes, unit: str) -> None:
    axes.xaxis.set_major_locator(plate.few())
    axes.xaxis.set_major_formatter(plate.plain())
    made.grid(axes)
    made.names(axes, x=unit)
    made.ticks(axes)
