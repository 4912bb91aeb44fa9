"""The market as plain Mesa objects that run the readable rules."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.reference.market import ReferenceMarket

__all__ = ["ReferenceMarket"]

__getattr__ = on_demand(__name__, {"market": ("ReferenceMarket",)})
