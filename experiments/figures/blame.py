"""Figure of blame: what each is blamed for, beside what it controls and is assumed to contribute."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import plate
from experiments.figures.labelling import FAINT
from experiments.figures.plate import FIRST, GOOD, SECOND, Plate

TEXTS = {
    "title": ("Blame, control, contribution", "指责、控制与责任"),
    "unit": (
        "% of all blame; where blame would lie if it followed control, and if it followed contribution",
        "占全部指责的 %；以及指责若按控制、按责任分配时的份额",
    ),
    "blame": ("blamed", "受到的指责"),
    "control": ("control", "控制"),
    "cause": ("contribution (assumed)", "责任（假设）"),
}
MARKS = {"blame": ("o", SECOND), "control": ("s", FIRST), "cause": ("D", GOOD)}


def blame(table: pd.DataFrame, *, source: str = "", notes: tuple[str, ...] = (), lang: str = "en") -> Figure:
    """Shares of blame, control and cause (0-1) by organisation: label, blame, control, cause; the largest on top."""
    said = plate.said(TEXTS, lang)
    shown = table.sort_values("blame", ascending=False, kind="stable").head(plate.MOST_ROWS)
    made = Plate(
        said["title"], said["unit"], plate.ROW * max(len(shown), 2) + plate.AXIS + 0.25,
        notes=[*notes, *plate.more(len(shown), len(table), lang)], source=source, lang=lang,
    )  # fmt: skip
    made.top -= 0.25
    axes = made.axes(2.2, 0.4, made.top, made.bottom + plate.AXIS)
    if shown.empty:
        made.empty(axes)
        return made.figure
    made.rows(axes, shown["label"].astype(str).tolist())
    values = 100.0 * shown[list(MARKS)].to_numpy(float)
    for row, line in enumerate(values):
        axes.plot([line.min(), line.max()], [row, row], color=FAINT, linewidth=3.0, solid_capstyle="round", zorder=1)
        for offset, (kind, value) in zip((0.0, -0.17, 0.17), zip(MARKS, line, strict=True), strict=True):
            marker, colour = MARKS[kind]
            size = 7.5 if kind == "blame" else 5.5
            axes.plot([value], [row + offset], marker, color=colour, markersize=size, markeredgecolor="white", zorder=3)
    made.key([(*MARKS[kind], said[kind]) for kind in MARKS], 2.2, made.top + 0.14)
    axes.set_xlim(left=-0.5)
    axes.xaxis.set_major_locator(plate.few())
    axes.xaxis.set_major_formatter(plate.plain())
    made.grid(axes, zero=False)
    made.names(axes, x="%")
    made.ticks(axes)
    return made.figure
