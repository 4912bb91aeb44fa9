"""Figures: pure functions from tables to pictures."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.figures.shares import DOTS_PER_INCH, HUES, MARKERS, MOST_LINES, WIDTH, Badge, save, share_over_time

__all__ = ["DOTS_PER_INCH", "HUES", "MARKERS", "MOST_LINES", "WIDTH", "Badge", "save", "share_over_time"]

__getattr__ = on_demand(
    __name__,
    {"shares": ("DOTS_PER_INCH", "HUES", "MARKERS", "MOST_LINES", "WIDTH", "Badge", "save", "share_over_time")},
)
