"""How fast and how small the market and the laboratory are."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.benchmark.market import report

__all__ = ["report"]

__getattr__ = on_demand(__name__, {"market": ("report",)})
