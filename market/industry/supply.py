"""Supply: lines build cars up to a capacity, stock is sold first, orders are served first come, first served.

Late deliveries arise by themselves: a lead time is promised from the queue as it stands, less the maker's optimism.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.cars import Car

Floats = NDArray[np.float64]
LONGEST_PROMISE_WEEKS = 52.0


def backlog_step(waiting: ArrayLike, arrivals: ArrayLike, capacity: ArrayLike) -> NDArray[np.float64]:
    """One slot of a queue without stock: what still waits after arrivals have come and capacity has been used.

    >>> backlog_step(5.0, 3.0, 6.0).item()
    2.0
    """
    return np.maximum(np.asarray(waiting, float) + np.asarray(arrivals, float) - np.asarray(capacity, float), 0.0)


def ramped_weeks(weeks_on_sale: ArrayLike, ramp_weeks: ArrayLike) -> NDArray[np.float64]:
    """Weeks of full capacity that a line has built since its launch; capacity rises in a line over `ramp_weeks`.

    >>> ramped_weeks([-1.0, 4.0, 10.0], 8.0).tolist()
    [0.0, 1.0, 6.0]
    """
    age = np.maximum(np.asarray(weeks_on_sale, float), 0.0)
    length = np.asarray(ramp_weeks, float)
    rising = np.minimum(age, length)
    half_square = np.divide(rising**2, 2.0 * length, out=np.zeros(np.broadcast(age, length).shape), where=length > 0)
    return half_square + np.maximum(age - length, 0.0)


def build(need: ArrayLike, own_capacity: ArrayLike, line: ArrayLike, line_capacity: ArrayLike) -> NDArray[np.float64]:
    """Cars built in a round, (cars,): each up to its need and its own capacity, all cars of a line up to the line's.

    Where a line is short, its cars share it in proportion to what they could use.
    """
    wanted = np.minimum(np.asarray(need, float), np.asarray(own_capacity, float))
    shared, limit = np.asarray(line), np.asarray(line_capacity, float)
    total = np.bincount(shared, wanted, len(limit))
    scale = np.divide(limit, total, out=np.ones(len(limit)), where=total > limit)
    return wanted * scale[shared]


class Supply:
    """Lines, stocks and promised lead times of all cars: arrays over cars, in cars (households served)."""

    def __init__(self, cars: Mapping[str, Car]) -> None:
        """Stock starts at its target for cars on sale, at nothing for those to come."""
        listed = list(cars.values())
        keys = list(cars)
        self.line = np.array([keys.index(c.base_car or k) for k, c in cars.items()], np.intp)
        self.capacity = np.array([c.production.capacity_per_week for c in listed], float)
        self.ramp_weeks = np.array([c.production.ramp_weeks for c in listed], float)
        self.inventory_weeks = np.array([c.production.inventory_weeks for c in listed], float)
        self.lead_weeks = np.array([c.production.lead_weeks for c in listed], float)
        self.optimism = np.array([c.production.promise_optimism for c in listed], float)
        self.test_drives = np.array([c.production.test_drives_per_week for c in listed], float)
        self.stock = np.zeros(len(listed))
        self.built = np.zeros(len(listed))
        self.carried = np.zeros(len(listed))
        """what the capacity of this week is above that of today, because it has changed on the way"""
        self.test_drive_credit = np.zeros(len(listed))

    def fill_stock(self, launched: NDArray[np.bool_]) -> None:
        """Week 0: cars already on sale have the stock their makers aim for."""
        self.stock = np.where(launched, self.inventory_weeks * self.capacity, 0.0)

    def change_capacity(self, car: int, capacity: float, part: float) -> None:
        """Another capacity (cars a week) from now on, when a `part` of the week is over: that week has both."""
        self.carried[car] += part * (self.capacity[car] - capacity)
        self.capacity[car] = capacity

    def produce(self, backlog: Floats, weeks_on_sale: Floats, weeks: float = 1.0) -> Floats:
        """Build for some weeks: towards the backlog and the target stock. Returns the cars built.

        `weeks_on_sale` counts from the launch to the beginning of that time.
        """
        target = np.where(weeks_on_sale + weeks > 0.0, self.inventory_weeks * self.capacity, 0.0)
        need = np.maximum(backlog + target - self.stock, 0.0)
        span = ramped_weeks(weeks_on_sale + weeks, self.ramp_weeks) - ramped_weeks(weeks_on_sale, self.ramp_weeks)
        capacity, self.carried = np.maximum(self.capacity + self.carried, 0.0), np.zeros_like(self.carried)
        built = build(need, capacity * span, self.line, capacity * weeks)
        self.stock = self.stock + built
        self.built += built
        return built

    def promised_weeks(self, backlog: Floats, weeks_on_sale: Floats) -> Floats:
        """Lead time promised to who orders now: (cars,) in weeks, at most a year.

        Handover time, the time until the launch, and the queue beyond the stock at full capacity less optimism.
        """
        queue = np.maximum(
            np.bincount(self.line, np.maximum(backlog - self.stock, 0.0), len(self.line))[self.line], 0.0
        )
        line_capacity = np.minimum(self.capacity, self.capacity[self.line])
        wait = np.divide(queue, line_capacity, out=np.full(len(queue), LONGEST_PROMISE_WEEKS), where=line_capacity > 0)
        promise = self.lead_weeks + np.maximum(-weeks_on_sale, 0.0) + (1.0 - self.optimism) * wait
        return np.minimum(promise, LONGEST_PROMISE_WEEKS)
