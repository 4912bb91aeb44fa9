"""Comparisons: two worlds with the same people and the same luck, and one difference."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.compare.comparison import Comparison, NothingToCompare, check, compare
    from experiments.compare.what_if import Cause, WhatIf

__all__ = ["Cause", "Comparison", "NothingToCompare", "WhatIf", "check", "compare"]

__getattr__ = on_demand(
    __name__, {"comparison": ("Comparison", "NothingToCompare", "check", "compare"), "what_if": ("Cause", "WhatIf")}
)
