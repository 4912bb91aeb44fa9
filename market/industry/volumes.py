"""Volumes: how many cars have been sold under each contract in its year, and what a guarantee that is missed costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from market.industry.contracts import Agreements

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 52


class Volumes:
    """The current year of each contract; it passes while any of its cars is on sale."""

    def __init__(self, agreements: Agreements) -> None:
        """Every contract begins its first year, with nothing sold."""
        self.agreements = agreements
        self.weeks, self.cars = np.zeros((2, len(agreements.contracts)))
        """(contracts,) weeks of the year that have passed, and cars sold in them"""

    def count(self, day: float, households: Floats) -> None:
        """Cars are handed over: `households` (offers,) count for the contracts in force under which they bought."""
        self.cars += (self.agreements.sells & self.agreements.in_force(day)[:, None]) @ households

    def close(self, day: float) -> Iterator[tuple[str | None, Floats]]:
        """End a week. Yields for each contract whose year is over the seller it names, and CNY owed by car: (cars,)."""
        agreements = self.agreements
        on_sale = (agreements.covers & (agreements.catalogue.launch_day <= day)).any(axis=1)
        self.weeks += on_sale & agreements.in_force(day)
        for i in np.flatnonzero(self.weeks >= WEEKS_A_YEAR):
            one, covered = agreements.contracts[i], agreements.covers[i]
            missing = max(one.minimum_volume_per_year - float(self.cars[i]), 0.0)
            self.weeks[i], self.cars[i] = 0.0, 0.0
            yield one.seller, np.where(covered, missing * one.shortfall_cny / max(int(covered.sum()), 1), 0.0)
