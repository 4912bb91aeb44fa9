"""Stress tests: crises, answers and tables of roles, and what they put at risk."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.stress.worlds import AXES, NONE, WORLD, Stress, World, library

__all__ = ["AXES", "NONE", "WORLD", "Stress", "World", "library"]

__getattr__ = on_demand(__name__, {"worlds": ("AXES", "NONE", "WORLD", "Stress", "World", "library")})
