"""Sales that a market expects: what its consumers would choose, month by month, without the luck of a sample.

A market of ten thousand consumers sells a few cars of each model a month, a real one thousands. So the market runs as
it always does - people hear of cars, own them and talk - and every few weeks the expected choices of a fixed sample of
its consumers are worked out. Orders go through the lines of the makers and are counted in the months of delivery.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate.contraction import sample_of
from experiments.calibrate.levels import ROWS
from experiments.sales.simulated import by_months
from market import Case, Market
from market.calendar import DAYS
from market.industry.supply import backlog_step, ramped_weeks

Floats = NDArray[np.float64]
EVERY_WEEKS = 4
"""Weeks between two looks at what is chosen; between them attractiveness wanders week by week all the same."""


@dataclass(frozen=True)
class Path:
    """Expected sales: (months, cars) in cars, by month and id of the car; the aggregates among them."""

    units: pd.DataFrame
    single: tuple[str, ...]

    def shares(self) -> pd.DataFrame:
        """Share of each single car in all that was sold."""
        return self.units[list(self.single)].div(self.units.sum(axis=1), axis=0)


def expected_path(case: Case, seed: int, rows: int = ROWS) -> Path:
    """Expected sales of a case by month of delivery: the whole months that its calendar covers."""
    market = Market(case, rng=seed)
    sample = np.arange(min(rows, len(market.consumers)))
    weeks = case.calendar.weeks
    looks, base = [], []
    for week in range(weeks):
        market.step()
        if week % EVERY_WEEKS == 0 or week == weeks - 1:
            found = sample_of(market, sample)
            share = found.shares(np.zeros(len(case.cars)))
            base.append(np.append(share * np.exp(-market.appeal[week]), 1.0 - share.sum()))
            looks.append(week)
    appeal, supply, opens = market.appeal, market.supply, market.catalogue.opens_day / DAYS
    time = np.array([market.clock.at(week * DAYS) for week in range(weeks + 1)])
    size = case.population.market_size / max(case.population.horizon_weeks, weeks)
    wait = _path_weeks(market)
    market.close()
    at = np.arange(weeks)
    between = np.array([np.interp(at, looks, column) for column in np.array(base).T]).T
    pull = np.hstack([between[:, :-1] * np.exp(appeal), between[:, -1:]])
    orders = pull[:, :-1] / pull.sum(axis=1, keepdims=True) * np.diff(time)[:, None] * size
    delivered = through_lines(orders, supply.capacity, supply.ramp_weeks, wait, opens)
    single = tuple(key for key, car in sorted(case.cars.items()) if not car.aggregate)
    return Path(by_months(delivered, case.calendar.start, sorted(case.cars)), single)


def _path_weeks(market: Market) -> Floats:
    """Weeks from the choice to the handover of a car in stock: (cars,)."""
    terms = market.case.channels
    first = [terms[car.channels[0]] for _, car in sorted(market.case.cars.items())]
    before = np.array([channel.reservation_weeks + channel.lock_weeks for channel in first])
    return np.asarray(market.supply.lead_weeks + 0.5 * before)


def through_lines(orders: Floats, capacity: Floats, ramp_weeks: Floats, wait_weeks: Floats, opens: Floats) -> Floats:
    """Deliveries by week from orders by week, (weeks, cars) each: first a wait, then a queue before a ramping line.

    Before the first week as much was ordered as in it. `opens` is the week of each launch.
    """
    weeks, cars = orders.shape
    whole = np.floor(wait_weeks).astype(int)
    part = wait_weeks - whole
    arriving = np.empty_like(orders)
    for car in range(cars):
        at = np.arange(weeks) - whole[car]
        now, before = orders[np.maximum(at, 0), car], orders[np.maximum(at - 1, 0), car]
        arriving[:, car] = (1.0 - part[car]) * now + part[car] * before
    waiting, delivered = np.zeros(cars), np.empty_like(orders)
    for week in range(weeks):
        age = week - opens
        able = capacity * (ramped_weeks(age + 1.0, ramp_weeks) - ramped_weeks(age, ramp_weeks))
        left = backlog_step(waiting, arriving[week], able)
        delivered[week] = waiting + arriving[week] - left
        waiting = left
    return delivered
