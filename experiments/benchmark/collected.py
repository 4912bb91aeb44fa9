"""The market of plain Mesa objects as Mesa's own batch runner takes it: with a data collector."""

from __future__ import annotations

from mesa import DataCollector

from experiments.reference import ReferenceMarket
from market import Case


class CollectedMarket(ReferenceMarket):
    """A `ReferenceMarket` whose orders are collected week by week."""

    def __init__(self, case: Case | str = "jd-gac-catl", rng: int = 1) -> None:
        """Build the market of a case; `rng` is the seed of all its luck."""
        super().__init__(case, rng)
        self.datacollector = DataCollector(model_reporters={"orders": lambda model: float(len(model.waiting))})

    def step(self) -> None:
        """Run one week and collect."""
        super().step()
        self.datacollector.collect(self)
