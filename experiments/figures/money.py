"""Figure of money: who earns, in all and on the car that a case is about."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import plate
from experiments.figures.plate import FIRST, SECOND, Plate

TEXTS = {"title": ("Who earns", "谁赚钱")}


def earnings(
    table: pd.DataFrame, measure: str, unit: str, *, panels: dict[str, str], scale: float = 1e-6, source: str = "",
    notes: tuple[str, ...] = (), title: str = "", lang: str = "en",
) -> Figure:  # fmt: skip
    """Money by organisation as bars: label and, for each panel p, columns p, p_low and p_high (NaN: no interval).

    `panels` names up to two columns in words; amounts are multiplied with `scale` and given in `unit`.
    """
    said = plate.said(TEXTS, lang)
    first = next(iter(panels))
    shown = table.sort_values(first, ascending=False, kind="stable").head(plate.MOST_ROWS)
    made = Plate(
        title or said["title"], measure, plate.ROW * max(len(shown), 2) + plate.AXIS + 0.25,
        notes=[*notes, *plate.more(len(shown), len(table), lang)], source=source, lang=lang,
    )  # fmt: skip
    made.top -= 0.25
    left, figure_room, gap = 2.0, 0.75, 0.3
    width = (made.width - left - 0.1) / len(panels)
    for place, (column, words) in enumerate(panels.items()):
        start = left + place * width + (gap if place else 0.0)
        right = made.width - (left + (place + 1) * width) + figure_room
        axes = made.axes(start, right, made.top, made.bottom + plate.AXIS)
        if shown.empty:
            made.empty(axes)
            continue
        if place == 0:
            made.rows(axes, shown["label"].astype(str).tolist())
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_yticks([])
        made.page.put(start, made.top + 0.14, words, plate.LETTER, bold=True, va="center_baseline", gid="panel")
        values = scale * shown[[column, f"{column}_low", f"{column}_high"]].to_numpy(float)
        for row, (value, low, high) in enumerate(values):
            if np.isfinite(value):
                axes.barh(row, value, height=0.55, color=FIRST if value >= 0.0 else SECOND)
            if np.isfinite([low, high]).all():
                axes.plot([low, high], [row, row], color="#000000", linewidth=1.1)
            made.write(axes, 1.03, row, plate.short(value), transform=axes.get_yaxis_transform(), points=7.5)
        axes.xaxis.set_major_locator(plate.few(4))
        axes.xaxis.set_major_formatter(plate.plain())
        made.grid(axes)
        made.names(axes, x=unit)
        made.ticks(axes, 7.0)
    return made.figure
