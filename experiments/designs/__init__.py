"""Designs: which changed cases are run."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.designs.design import CASE_FILE, DESIGN_FILE, MOST_RUNS, POINTS_FILE, Design, shown
    from experiments.designs.factors import Factor

__all__ = ["CASE_FILE", "DESIGN_FILE", "MOST_RUNS", "POINTS_FILE", "Design", "Factor", "shown"]

__getattr__ = on_demand(
    __name__,
    {"design": ("CASE_FILE", "DESIGN_FILE", "MOST_RUNS", "POINTS_FILE", "Design", "shown"), "factors": ("Factor",)},
)
