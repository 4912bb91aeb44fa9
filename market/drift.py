"""How attractiveness wanders: a constant, a trend, a random walk and passing noise, keyed by car and date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Calendar
from market.cars import Car, Drift
from market.chance import Chance

WEEKS_PER_MONTH = 365.25 / 12 / DAYS


def wander(
    chance: Chance, calendar: Calendar, drift: Drift, cars: Mapping[str, Car], car_keys: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Attractiveness of every car in each week, in utility: (weeks, cars), one history for each car and date.

    The walk of a car starts at 0 in week 0, or in the week in which it is launched: its constant is its attractiveness
    on that day, and nobody's taste for it wanders before it is seen.
    """
    weeks = np.arange(calendar.weeks)
    dated = (calendar.start.toordinal() // DAYS + weeks)[:, None]
    walk = chance.normal("drift", dated, car_keys).astype(float)
    walk *= drift.permanent_sd_per_month / WEEKS_PER_MONTH**0.5
    first = [0 if car.launch is None else max(calendar.day_of(car.launch) // DAYS, 0) for car in cars.values()]
    walk[weeks[:, None] <= np.array(first)] = 0.0
    noise = chance.normal("noise", dated, car_keys) * drift.transitory_sd_per_month * WEEKS_PER_MONTH**0.5
    trend = np.array([car.trend_per_month for car in cars.values()]) / WEEKS_PER_MONTH
    appeal = np.array([car.appeal for car in cars.values()])
    return appeal + np.cumsum(walk, axis=0) + noise + weeks[:, None] * trend
