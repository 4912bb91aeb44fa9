"""Assets: what organisations bought to keep - battery packs that they rent out, swap stations - and what it is worth.

A stock beside the books: buying moves money into value, and value wears out in a line over a life.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def worth(age_weeks: ArrayLike, life_weeks: ArrayLike, residual: ArrayLike) -> Floats:
    """Part of its price that an asset is worth: it falls in a line from 1 to `residual` over its life, and stays there.

    >>> worth([0.0, 50.0, 200.0], 100.0, 0.25).tolist()
    [1.0, 0.625, 0.25]
    """
    worn = np.minimum(np.asarray(age_weeks, float) / np.asarray(life_weeks, float), 1.0)
    return 1.0 - (1.0 - np.asarray(residual, float)) * worn


def worth_of_one(age_weeks: float, life_weeks: float, residual: float) -> float:
    """The readable rule behind `worth`."""
    return residual if age_weeks >= life_weeks else 1.0 - (1.0 - residual) * age_weeks / life_weeks


class Assets:
    """Cohorts of assets by week of purchase: (weeks, cars + 1, organisations) of what was paid, in CNY.

    The last car stands for what serves all cars: stations.
    """

    def __init__(self, weeks: int, life_weeks: Floats, residual: Floats, organisations: int) -> None:
        """Nothing bought so far; `life_weeks` and `residual` are (cars + 1,)."""
        self.life_weeks, self.residual = life_weeks, residual
        self.bought = np.zeros((weeks, len(life_weeks), organisations))
        self._served: dict[int, bool] = {}
        """cars for which anything was bought, in order of the first purchase"""
        self.value = np.zeros((len(life_weeks), organisations))
        """(cars + 1, organisations) CNY, at the end of the last week that was closed"""
        self.history = np.zeros((weeks, organisations))
        """(weeks, organisations) CNY at the end of each week"""

    def buy(self, week: int, car: int, cny: Floats) -> None:
        """What each organisation paid in a week for assets that serve a car: (organisations,)."""
        self.bought[week, car] += cny
        self._served[car] = True

    def part_with(self, car: int, share: float) -> None:
        """A share of the assets that serve a car is sold or written off, of every age alike.

        Raises ValueError for a share outside 0 to 1.
        """
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"share: {share:g} of the assets of a car cannot be parted with; give 0 to 1")
        self.bought[:, car] *= 1.0 - share

    def worth_at(self, week: int) -> Floats:
        """Value at the end of a week, what is bought in a week being as good as new: (cars + 1, organisations) CNY."""
        value = np.zeros_like(self.value)
        if self._served:
            age, cars = np.arange(week, -1.0, -1.0), list(self._served)
            part = worth(age[:, None], self.life_weeks[cars], self.residual[cars])
            value[cars] = np.einsum("wm,wmo->mo", part, self.bought[: week + 1, cars])
        return value

    def close(self, week: int) -> Floats:
        """End a week. Returns what assets gained in value since the week before: (cars + 1, organisations) CNY."""
        value = self.worth_at(week)
        gain = value - self.value
        self.value, self.history[week] = value, value.sum(axis=0)
        return gain
