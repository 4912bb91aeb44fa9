"""Liability: who pays for remedies of a car, also after leaving it, and what their budgets still hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from market.organisations import Organisation

Floats = NDArray[np.float64]


class Liability:
    """Budgets for remedies by organisation, and who answers for whom after an exit."""

    def __init__(self, organisations: Mapping[str, Organisation]) -> None:
        """Full budgets; nobody has left."""
        self.organisations = tuple(sorted(organisations))
        limits = [organisations[key].remedy_budget_cny for key in self.organisations]
        self.budget_cny = np.array([np.inf if limit is None else limit for limit in limits], float)
        """(organisations,) CNY left for remedies"""
        self._left: dict[tuple[int, int], tuple[float, int]] = {}

    def leave(self, car: int, leaver: str, heir: str, until_day: float) -> None:
        """Who has left a car pays its part of remedies until a day of the run, its heir from then on."""
        column = self.organisations.index
        self._left.pop((car, column(heir)), None)
        self._left[car, column(leaver)] = (until_day, column(heir))

    def shares(self, car: int, day: float, split: Mapping[str, float], by: Sequence[str]) -> Floats:
        """Who pays for remedies of a car on a day: (organisations,), summing to 1.

        As agreed (`split`), or where nothing is, who answers (`by`) in equal parts.
        """
        agreed = split or dict.fromkeys(by, 1.0)
        shares = np.array([agreed.get(key, 0.0) for key in self.organisations])
        shares /= shares.sum()
        for _ in self.organisations:  # an heir may have left in its turn
            for (left, leaver), (until, heir) in self._left.items():
                if left == car and day >= until and shares[leaver] > 0.0:
                    shares[heir] += shares[leaver]
                    shares[leaver] = 0.0
        return shares

    def draw(self, owed: Floats) -> Floats:
        """Take what each owes from its budget, as far as it goes: (organisations,) CNY paid. Nobody steps in."""
        paid: Floats = np.minimum(owed, self.budget_cny)
        self.budget_cny -= paid
        return paid
