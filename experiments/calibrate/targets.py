"""What constants are fitted to: the share of each car in the first months in which it is seen.

Cars that were there when the window begins are fitted to its first months; cars that came later to the months in which
they have established themselves. A month that does not list a model says that it sold less than the smallest one that
is listed: it is taken as half of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from experiments.calibrate.build import Built
from experiments.sales import Sales
from experiments.sales.sales import Model
from experiments.sales.tables import months_between

CENSORED = 0.5
"""Share of the smallest listed model that a model which is not listed is taken to have sold."""
FIRST_MONTHS = 3
"""Months at the start to which the cars that were there are fitted."""
ESTABLISHED = (3, 8)
"""Months after the launch (the month of the launch is 0) to which a new car is fitted, where they have passed."""


class Target(NamedTuple):
    """The share of one car in all cars sold, and the month to which it belongs."""

    share: float
    at: float
    """mean month it was taken from, counted from the first of the window, its middle being .5"""
    new: bool
    """whether the car came within the window"""
    listed: int
    """months of those that list it"""
    months: tuple[int, ...]
    """which months, counted from the first of the window"""


def share_in(sales: Sales, model: Model, months: Sequence[str]) -> tuple[float, int]:
    """Mean share of a model in some months, and how many of them list it; censored where one does not."""
    shares = [sales.shares(month) for month in months]
    least = [min(listed.values()) for listed in shares]
    found = [listed.get(model, CENSORED * low) for listed, low in zip(shares, least, strict=True)]
    return sum(found) / len(found), sum(model in listed for listed in shares)


def targets(built: Built, sales: Sales) -> dict[str, Target]:
    """What each single car of a market is fitted to, by id; cars that come after the last month are left out."""
    months = built.months
    found = {}
    for key, car in built.case.cars.items():
        if car.aggregate:
            continue
        launch = 0 if car.launch is None else months_between(built.first, f"{car.launch:%Y-%m}")
        if launch >= len(months):
            continue
        new = launch > 0
        low, high = (launch + ESTABLISHED[0], launch + ESTABLISHED[1]) if new else (0, FIRST_MONTHS - 1)
        seen = range(min(low, len(months) - 1), min(high, len(months) - 1) + 1)
        model = built.model_of.get(key, Model("", key))
        share, listed = share_in(sales, model, [months[n] for n in seen])
        found[key] = Target(share, sum(seen) / len(seen) + 0.5, new, listed, tuple(seen))
    return found


def rest(found: Mapping[str, Target], at: float) -> float:
    """What is left for the aggregates in a month, in shares, after the cars that are there."""
    return 1.0 - sum(target.share for target in found.values() if not target.new or target.at <= at)
