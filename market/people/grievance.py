"""Grievance: what a consumer holds against a car, in utility; it fades, and makes some of those who wait cancel.

Two numbers are kept for each consumer: the grievance and the time (weeks) at which it had that value. Nothing is done
for those to whom nothing happens: what is left today is computed when somebody asks.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]


def faded(grievance: ArrayLike, grieved: ArrayLike, now: ArrayLike, half_life: float) -> Floats:
    """What is left now of a grievance that had its value at the time `grieved`; times in weeks, broadcasts.

    >>> faded([1.0, 1.0], [0.0, 4.0], 4.0, half_life=4.0).tolist()
    [0.5, 1.0]
    """
    age = np.maximum(np.asarray(now, float) - np.asarray(grieved, float), 0.0)
    return (np.asarray(grievance, float) * 0.5 ** (age / half_life)).astype(np.float32)


def faded_of_one(grievance: float, grieved: float, now: float, half_life: float) -> float:
    """The readable rule behind `faded`."""
    age = max(now - grieved, 0.0)
    return grievance * float(0.5 ** (age / half_life))


def felt(grievance: ArrayLike, grieved: ArrayLike, change: ArrayLike, now: ArrayLike, half_life: float) -> Floats:
    """The grievance after something new: what is left, more or less the change (utility); never below 0.

    A remedy that is worth more than the grievance ends it. Store the outcome together with `now`.

    >>> felt(1.0, 0.0, [0.25, -0.25, -2.0], 4.0, half_life=4.0).tolist()
    [0.75, 0.25, 0.0]
    """
    left = faded(grievance, grieved, now, half_life) + np.asarray(change, np.float32)
    return np.maximum(left, np.float32(0.0))


def felt_of_one(grievance: float, grieved: float, change: float, now: float, half_life: float) -> float:
    """The readable rule behind `felt`."""
    return max(faded_of_one(grievance, grieved, now, half_life) + change, 0.0)


def cumulated(
    grievance: ArrayLike, grieved: ArrayLike, begins: ArrayLike, ends: ArrayLike, per_week: float, half_life: float
) -> NDArray[np.float64]:
    """Hazard of cancelling, `per_week` for each unit of grievance, cumulated exactly between two times (weeks).

    Before the time `grieved` there was none. A stretch cut in two gives the sum of its parts; `per_week` 0: nobody
    cancels out of grievance.

    >>> round(cumulated(0.5, 10.0, 8.0, 12.0, per_week=1.0, half_life=2.0).item() * math.log(2.0), 6)
    0.5
    """
    since, until = (np.maximum(np.asarray(t, float) - np.asarray(grieved, float), 0.0) for t in (begins, ends))
    scale = per_week * half_life / math.log(2.0)
    decay = math.log(2.0) / half_life
    span = np.maximum(until - since, 0.0)
    gone = np.asarray(grievance, float) * np.exp(-decay * since) * -np.expm1(-decay * span)
    return np.asarray(scale * gone)


def cumulated_of_one(
    grievance: float, grieved: float, begins: float, ends: float, per_week: float, half_life: float
) -> float:
    """The readable rule behind `cumulated`."""
    since, until = max(begins - grieved, 0.0), max(ends - grieved, 0.0)
    if until <= since:
        return 0.0
    left, later = 0.5 ** (since / half_life), 0.5 ** (until / half_life)
    return per_week * grievance * half_life / math.log(2.0) * float(left - later)
