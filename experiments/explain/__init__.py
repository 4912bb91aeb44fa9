"""Explanations: which assumptions decide."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.explain.explanation import HARDLY, SETTLED, Explanation, explain, ranking

__all__ = ["HARDLY", "SETTLED", "Explanation", "explain", "ranking"]

__getattr__ = on_demand(__name__, {"explanation": ("HARDLY", "SETTLED", "Explanation", "explain", "ranking")})
