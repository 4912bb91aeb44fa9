"""Deposits: what sellers hold for orders that wait. A debt, until it is credited, given back or forfeited."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from market.industry.books import HOUSEHOLDS, Payment

Floats = NDArray[np.float64]
ByCar = Callable[[Sequence[Floats], Floats], tuple[Floats, Floats]]
"""Several amounts by offer and the shares in them as amounts and shares by car, see `Accounts._by_car`."""


class Deposits:
    """Deposits by offer, and with whom they are."""

    def __init__(self, cny: Floats) -> None:
        """Nothing held; `cny` (offers,) is the deposit of an order."""
        self.cny = cny
        self.held = np.zeros(len(cny))
        """(offers,) CNY"""
        self._seller: Floats | None = None

    def follow(
        self, week: int, seller: Floats, by_car: ByCar, paid: Floats, credited: Floats, refunded: Floats,
        forfeited: Floats,
    ) -> list[Payment]:  # fmt: skip
        """Payments of a week: households by offer who paid a deposit, were credited, got it back or lost it.

        `seller` (offers, organisations) is who sells each offer; what is held goes to who sells from now on.
        """
        due: list[Payment] = []
        if self._seller is not None and not np.array_equal(self._seller, seller):
            (amount, _), (before, after) = by_car([self.held, self.held], np.array([self._seller, seller]))
            due.append(Payment(week, "deposit", before, after, amount))
        self._seller = seller
        over = credited + refunded + forfeited
        amounts, (received_by, given_by, kept_by) = by_car([self.cny * n for n in (paid, over, forfeited)], seller)
        due += [
            Payment(week, "deposit", HOUSEHOLDS, received_by, amounts[0]),
            Payment(week, "deposit", given_by, HOUSEHOLDS, amounts[1]),
            Payment(week, "forfeit", HOUSEHOLDS, kept_by, amounts[2]),
        ]
        self.held = self.held + self.cny * (paid - credited - refunded - forfeited)
        return due
