"""Figure of scenario discovery: the box of assumptions with the bad outcomes (PRIM; Bryant and Lempert 2010)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import plate
from experiments.figures.labelling import FAINT
from experiments.figures.plate import FIRST, SECOND, Plate

TEXTS = {
    "title": ("When it goes wrong: {bad}", "什么情况下会出问题：{bad}"),
    "unit": (
        "Range of each restricted assumption inside the box (dark), of its whole range (pale). Coverage {coverage:.0%} "
        "of the bad runs are inside; density {density:.0%} of the runs inside are bad",
        "各受限假设在盒内的范围（深色）与全部范围（浅色）。覆盖率 {coverage:.0%}：坏结果中落在盒内者；"
        "密度 {density:.0%}：盒内运行中结果坏者",
    ),
    "marks": (
        "Marks below a bar: runs, the bad ones lower and coloured.",
        "横条下的短线：各次运行，偏下的彩色短线为坏结果。",
    ),
    "all": ("any value", "任意值"),
}


def box(
    limits: pd.DataFrame, figures: Mapping[str, float], bad: str, *, points: pd.DataFrame | None = None,
    source: str = "", lang: str = "en",
) -> Figure:  # fmt: skip
    """A box as ranges: label, low, high (inside the box), least, most (of the whole sample), a row for each assumption.

    A row with `words` (levels that the box allows) has them instead of a range.

    `figures` has coverage and density (0-1). `points` may have a column for each label, scaled as the limits are, and
    `bad` (true or false): they are drawn as marks, the bad ones on top.
    """
    said = plate.said(TEXTS, lang)
    shown = limits.head(plate.MOST_ROWS)
    marks = [said["marks"]] if points is not None else []
    made = Plate(
        said["title"].format(bad=bad), said["unit"].format(**figures), 0.42 * max(len(shown), 2) + 0.15,
        notes=[*marks, *plate.more(len(shown), len(limits), lang)], source=source, lang=lang,
    )  # fmt: skip
    axes = made.axes(3.0, 0.9, made.top, made.bottom + 0.1)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_xlim(-0.01, 1.01)
    if shown.empty:
        made.empty(axes)
        return made.figure
    made.rows(axes, shown["label"].astype(str).tolist())
    for row, (_, line) in enumerate(shown.iterrows()):
        if line.get("words"):
            axes.barh(row - 0.1, 1.0, height=0.3, color=FAINT)
            made.page.fit(made.write(axes, 0.01, row - 0.1, str(line["words"]), points=7.2), made.width - 4.0)
            continue
        least, most = float(line["least"]), float(line["most"])
        width = (most - least) or 1.0
        low, high = ((float(line[end]) - least) / width for end in ("low", "high"))
        axes.barh(row - 0.1, 1.0, height=0.3, color=FAINT)
        axes.barh(row - 0.1, high - low, left=low, height=0.3, color=FIRST)
        if points is not None and line["label"] in points:
            at = (points[str(line["label"])].to_numpy(float) - least) / width
            flags = points["bad"].to_numpy(bool)
            for some, colour, y in ((~flags, "#9AA0A6", 0.13), (flags, SECOND, 0.2)):
                axes.plot(at[some][:400], np.full(int(some.sum()), row + y)[:400], "|", color=colour, markersize=3.5)
        inside = [f"≥ {plate.short(float(line['low']))}"] if low > 1e-9 else []
        inside += [f"≤ {plate.short(float(line['high']))}"] if high < 1.0 - 1e-9 else []
        for number, words in enumerate(inside or [said["all"]]):
            y = row - 0.1 + (number - (len(inside) - 1) / 2 if inside else 0) * 0.36
            made.write(axes, 1.02, y, words, transform=axes.get_yaxis_transform(), points=7.2)
    return made.figure
