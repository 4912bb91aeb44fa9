"""Battery subscriptions: rent, cap, overage, buy-out and residual value against each owner's distance.

Running totals by car, plan, tier and profile make a week of rents a matter of multiplication, however many subscribe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.cars import Plan
from market.catalogue import annuity

Amounts = NDArray[np.float64]
Floats = NDArray[np.float32]
MONTHS_PER_WEEK = 12.0 * 7.0 / 365.25
Flow = Literal["begun", "ended", "bought_out"]


def battery_bill(km_per_month: ArrayLike, rent: ArrayLike, cap: ArrayLike, overage: ArrayLike) -> Amounts:
    """What a month with a rented battery costs, in CNY; without a cap, `cap` is infinite.

    At 4,000 km a month under a cap of 3,000 km, 399 CNY become 599:

    >>> battery_bill([1_000.0, 4_000.0], rent=399.0, cap=3_000.0, overage=0.2).tolist()
    [399.0, 599.0]
    """
    beyond = np.maximum(np.asarray(km_per_month, float) - cap, 0.0)
    return np.asarray(rent, float) + np.asarray(overage, float) * beyond


def buys_out(
    bill: ArrayLike, months_left: ArrayLike, price: ArrayLike, residual: ArrayLike, rate: float
) -> NDArray[np.bool_]:
    """Who buys the battery now: whoever would pay more in rent than it costs less what it will be worth at resale.

    `bill` is CNY a month, `price` infinite where it cannot be bought, `rate` per month.
    """
    months = np.maximum(np.asarray(months_left, float), 0.0)
    later = (1.0 + rate) ** -months
    rents = months if rate == 0.0 else (1.0 - later) / rate
    return np.asarray(price, float) - np.asarray(residual, float) * later < np.asarray(bill, float) * rents


def buys_out_of_one(plan: Plan, km_per_month: float, months_left: float, rate: float) -> bool:
    """The readable rule behind `buys_out`: one owner under a plan.

    >>> terms = {"name": {"en": "rent", "zh": "租"}, "discount_cny": 40_000, "rent_cny_per_month": 400}
    >>> [buys_out_of_one(Plan(**terms, buy_out_cny=20_000), 1_000.0, months, 0.0) for months in (40.0, 60.0)]
    [False, True]
    """
    if plan.buy_out_cny is None:
        return False
    beyond = max(km_per_month - plan.cap_km_per_month, 0.0) if plan.cap_km_per_month else 0.0
    bill = plan.rent_cny_per_month + plan.overage_cny_per_km * beyond
    months = max(months_left, 0.0)
    residual = plan.residual_share * plan.discount_cny * (1.0 + rate) ** -months
    return plan.buy_out_cny - residual < bill * annuity(rate, months)


class Rents(NamedTuple):
    """What subscribers pay in a span of time, in CNY: (cars, plans, profiles) each."""

    rent: Amounts
    overage: Amounts


@dataclass(frozen=True)
class Rental:
    """The plans as arrays over plans."""

    rented: NDArray[np.bool_]
    rent: Amounts
    cap: Amounts
    overage: Amounts
    price: Amounts
    """of the battery at a later date, CNY; infinite: cannot be bought"""
    residual: Amounts
    """what a battery owned is worth at resale, CNY"""

    @classmethod
    def of(cls, plans: Mapping[str, Plan]) -> Rental:
        """Lay the plans out, in their order."""
        listed = list(plans.values())
        return cls(
            rented=np.array([p.rent_cny_per_month > 0.0 for p in listed]),
            rent=np.array([p.rent_cny_per_month for p in listed]),
            cap=np.array([p.cap_km_per_month or np.inf for p in listed]),
            overage=np.array([p.overage_cny_per_km for p in listed]),
            price=np.array([np.inf if p.buy_out_cny is None else p.buy_out_cny for p in listed]),
            residual=np.array([p.residual_share * p.discount_cny for p in listed]),
        )


class Subscriptions:
    """Who rents a battery, as running totals. Amounts are households times their weights."""

    def __init__(self, cars: int, plans: Mapping[str, Plan], tiers: int, profiles: int) -> None:
        """Begin with no subscriber."""
        self.terms = Rental.of(plans)
        self.households = np.zeros((cars, len(plans), tiers, profiles))
        self.overage_cny_per_month = np.zeros((cars, len(plans), profiles))
        self.flows: dict[Flow, Amounts] = {flow: np.zeros((cars, len(plans))) for flow in get_args(Flow)}
        """(cars, plans) households since the flows were last taken; a subscription that ends hands the pack back"""

    def move(
        self, car: NDArray[np.integer], plan: NDArray[np.integer], tier: NDArray[np.integer],
        profile: NDArray[np.integer], km_per_month: ArrayLike, weight: Amounts, flow: Flow,
    ) -> None:  # fmt: skip
        """Subscriptions begin, end or are bought out: one entry per consumer, `weight` households behind each."""
        sign = 1.0 if flow == "begun" else -1.0
        np.add.at(self.households, (car, plan, tier, profile), sign * weight)
        beyond = np.maximum(np.asarray(km_per_month, float) - self.terms.cap[plan], 0.0)
        np.add.at(self.overage_cny_per_month, (car, plan, profile), sign * weight * beyond * self.terms.overage[plan])
        np.add.at(self.flows[flow], (car, plan), weight)

    def rents(self, weeks: float) -> Rents:
        """What all subscribers pay in so many weeks."""
        months = weeks * MONTHS_PER_WEEK
        rent = self.households.sum(axis=2) * self.terms.rent[:, None] * months
        return Rents(rent, np.maximum(self.overage_cny_per_month, 0.0) * months)

    def by_car_and_tier(self) -> Amounts:
        """Households that rent a battery: (cars, tiers)."""
        return self.households.sum(axis=(1, 3))

    def take_flows(self) -> dict[Flow, Amounts]:
        """Households whose subscription has begun, ended or been bought out since this was last asked."""
        flows, self.flows = self.flows, {flow: np.zeros_like(amount) for flow, amount in self.flows.items()}
        return flows
