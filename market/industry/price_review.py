"""Reviews of list prices: makers follow their stock, or answer the demand that they expect from the consumers.

Expected demand is asked of a fixed sample of consumers: their own tastes and awareness, the closed nested logit, no
luck of shocks. It is the demand the market really has, so a best response here knows more than a maker could.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.catalogue import Catalogue
from market.chance import Chance
from market.industry import pricing
from market.people import choice
from market.people.demand import ROWS_AT_ONCE, Demand
from market.people.sampling import budgets
from market.price_policy import Pricing

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
SAMPLE = 2_048
"""Consumers asked at a review, whatever the size of the population."""


class Response(NamedTuple):
    """Expected shares of the cars (cars,), and their slopes d share[j] / d list price[k] (cars, cars) per CNY."""

    share: Floats
    slope: Floats


def fixed_sample(chance: Chance, n: int, size: int = SAMPLE) -> Rows:
    """The same consumers at every review, picked by luck of their own: one more changes at most one of them.

    >>> fixed_sample(Chance(1), 3).tolist()
    [0, 1, 2]
    """
    rows = np.arange(n)
    if n <= size:
        return rows
    return np.sort(np.argpartition(chance.bits("price sample", rows), size)[:size])


def expected_response(demand: Demand, rows: Rows, weight: ArrayLike) -> Response:
    """What some consumers, with `weight` (rows,) households each, would choose now, and how list prices change it.

    The price of a car moves all its offers alike. Between nests the slopes are those of a plain logit, consumer by
    consumer; cars built on one base are closer. Below a reference price the joy of a bargain counts as well.
    """
    catalogue, households = demand.catalogue, np.asarray(weight, float)
    cars = len(catalogue.cars)
    total, slope, own = np.zeros(cars), np.zeros((cars, cars)), np.zeros(cars)
    joy, closer = _joy_per_cny(catalogue), 1.0 / demand.choice.dissimilarity - 1.0
    stratum, profile = demand.population.columns["stratum"], demand.population.columns["profile"]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part, mass = rows[start : start + ROWS_AT_ONCE], households[start : start + ROWS_AT_ONCE]
        knowledge = demand.knowledge(part)
        utility = demand.utilities(part, knowledge.company).astype(float)
        if (trusted := demand.trusted(part)) is not None:
            utility += trusted[:, catalogue.car_of]
        chances = choice.probabilities(
            utility, catalogue.nest_of, demand.choice.dissimilarity, demand.choice.outside_utility,
            demand.considered(part, knowledge.known),
        )  # fmt: skip
        share = chances @ (catalogue.car_of[:, None] == np.arange(cars))
        budget = budgets(demand.chance, part, stratum[part], demand.budget_limits)
        taste = demand.profiles.tastes(demand.chance, part, profile[part], budget).price.astype(float) / 1e4
        weighted = share * (mass * taste)[:, None]
        total += mass @ share
        own += weighted.sum(axis=0) - joy * (mass @ share)
        slope -= share.T @ weighted - (share.T @ (share * mass[:, None])) * joy
        for family in _families(catalogue.nest_of_car):
            change = weighted[:, family] - share[:, family] * mass[:, None] * joy[family]
            slope[np.ix_(family, family)] += closer * _within(share[:, family], change)
    return Response(total / households.sum(), (slope + np.diag(own)) / households.sum())


def _families(nest_of_car: Rows) -> list[Rows]:
    """The cars of each nest that holds several."""
    return [np.flatnonzero(nest_of_car == nest) for nest in np.flatnonzero(np.bincount(nest_of_car) > 1)]


def _within(share: Floats, change: Floats) -> Floats:
    """What buyers shift between the cars of one nest, beyond a plain logit: (cars, cars), to be scaled by 1/lambda - 1.

    `share` (rows, cars), and `change` (rows, cars): share x households x utility per CNY of each car's price. Source:
    Train (2009), section 4.2: d s[c] / d V[d] = s[c] (1[c = d] / lambda + (1 - 1 / lambda) s[d | nest] - s[d]).
    """
    nest = share.sum(axis=1, keepdims=True)
    conditional = np.divide(share, nest, out=np.zeros_like(share), where=nest > 0.0)
    shifted: Floats = np.diag(change.sum(axis=0)) - conditional.T @ change
    return shifted


def _joy_per_cny(catalogue: Catalogue) -> Floats:
    """Utility lost, beside the money, with each CNY that a car comes nearer to its reference price: (cars,)."""
    listed = list(catalogue.cars.values())
    promises = [car.promise for car in listed]
    reference = np.array([p.reference_price_cny or c.price_cny for p, c in zip(promises, listed, strict=True)])
    bargain = np.array([p.bargain for p in promises])
    return np.where(catalogue.price_cny - catalogue.promotion_cny < reference, bargain, 0.0) / 1e4


# ---------------------------------------------------------------------------------------------------- the rules


def inventory_price(
    price: ArrayLike, stock: ArrayLike, backlog: ArrayLike, sold_per_week: ArrayLike, target_weeks: ArrayLike,
    step: ArrayLike,
) -> Floats:  # fmt: skip
    """The inventory rule: a full `step` up when no car is free, a full step down at twice the target stock or more.

    Arrays over cars: `stock` and `backlog` in cars, `sold_per_week` orders a week of late. In between the change is in
    proportion; where the target is nothing (no sales, or built to order) only the sign of the free stock counts.

    >>> inventory_price(100.0, [0.0, 30.0, 60.0, 90.0], 0.0, sold_per_week=10.0, target_weeks=6.0, step=0.04).tolist()
    [104.0, 102.0, 100.0, 98.0]
    """
    target = np.asarray(sold_per_week, float) * np.asarray(target_weeks, float)
    missing = target - (np.asarray(stock, float) - np.asarray(backlog, float))
    urgency = np.divide(missing, target, out=np.sign(missing), where=target > 0.0)
    return np.asarray(price, float) * (1.0 + np.asarray(step, float) * np.clip(urgency, -1.0, 1.0))


def inventory_price_of_one(
    price: float, stock: float, backlog: float, sold_per_week: float, target_weeks: float, step: float
) -> float:
    """The readable rule behind `inventory_price`."""
    target, free = sold_per_week * target_weeks, stock - backlog
    if target > 0.0:
        return price * (1.0 + step * min(max((target - free) / target, -1.0), 1.0))
    return price * (1.0 + step * (float(free < 0.0) - float(free > 0.0)))


def bounded(
    wanted: ArrayLike, price: ArrayLike, step: ArrayLike, lowest: ArrayLike, highest: ArrayLike, cost: ArrayLike
) -> Floats:
    """Prices (cars,) as near to those wanted as allowed: one `step`, floor and ceiling in CNY, never below unit cost.

    A price that already lies beyond a limit may stay, but moves no further out.

    >>> bounded([50.0, 99.0, 120.0], 100.0, step=0.05, lowest=90.0, highest=102.0, cost=80.0).tolist()
    [95.0, 99.0, 102.0]
    """
    now = np.asarray(price, float)
    change = np.asarray(step, float) * now
    floor = np.minimum(np.maximum(lowest, cost), now)
    ceiling = np.maximum(np.asarray(highest, float), now)
    return np.clip(np.clip(np.asarray(wanted, float), now - change, now + change), floor, ceiling)


def bounded_of_one(wanted: float, price: float, step: float, lowest: float, highest: float, cost: float) -> float:
    """The readable rule behind `bounded`."""
    near = min(max(wanted, price - step * price), price + step * price)
    if near < price:
        return max(near, min(max(lowest, cost), price))
    return min(near, max(highest, price))


class Prices:
    """Who reviews which list price when: the policies of all cars as arrays over cars, and where they started."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Lay out the policies; prices start where the catalogue has them."""
        policies: list[Pricing] = [car.pricing for car in catalogue.cars.values()]
        self.inventory = np.array([p.policy == "inventory" for p in policies])
        self.best_response = np.array([p.policy == "best_response" for p in policies])
        self.every_weeks = np.array([p.every_weeks for p in policies], np.intp)
        self.step = np.array([p.step for p in policies])
        self.target_weeks = np.array([p.target_stock_weeks for p in policies])
        self.lowest = np.array([p.lowest for p in policies])
        self.highest = np.array([p.highest for p in policies])
        makers = [car.maker for car in catalogue.cars.values()]
        self.firm = np.array([sorted(set(makers)).index(maker) for maker in makers], np.intp)
        self.anchor = catalogue.price_cny.copy()
        """(cars,) price from which floor and ceiling are counted: the case's, or what a happening set since"""
        self._left_at = catalogue.price_cny.copy()

    def due(self, week: int) -> NDArray[np.bool_]:
        """Which cars have their price reviewed at the start of a week: (cars,); none in week 0."""
        reviewed = self.inventory | self.best_response
        return reviewed & (week % self.every_weeks == 0) & (week > 0)

    def review(
        self, week: int, catalogue: Catalogue, on_sale: NDArray[np.bool_], stock: Floats, backlog: Floats,
        sold_per_week: Floats, cost: Floats, response: Callable[[], Response],
    ) -> Floats:  # fmt: skip
        """List prices (cars,) after the reviews of a week; those not due, or not `on_sale` (cars,), stay.

        `stock` and `backlog` in cars, `sold_per_week` orders a week of late, `cost` CNY a car, all (cars,); `response`
        is asked only if somebody best-responds. All move at once on the prices as they were; the caller writes the
        answer into the catalogue.
        """
        price = catalogue.price_cny
        self.anchor = np.where(price == self._left_at, self.anchor, price)
        due, wanted = self.due(week) & on_sale, price.copy()
        follows, answers = due & self.inventory, due & self.best_response
        stocked = inventory_price(price, stock, backlog, sold_per_week, self.target_weeks, self.step)
        wanted[follows] = stocked[follows]
        if answers.any():
            paid = price - catalogue.promotion_cny
            answer = pricing.best_response(paid, cost, *response(), self.firm, answers) + catalogue.promotion_cny
            wanted[answers] = answer[answers]
        limits = (self.step, self.lowest * self.anchor, self.highest * self.anchor, cost)
        self._left_at = np.where(due, bounded(wanted, price, *limits), price)
        return self._left_at.copy()
