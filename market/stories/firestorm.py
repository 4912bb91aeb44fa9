"""Firestorm: when private complaints become a public event.

The more of a car's households complain, the more likely; the threshold is per 10,000 owners and orders, so that a
small car has its public moments as a large one has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.chance import Chance, words
from market.fields import Section, value
from market.happenings import FAILURES, FailureKind

Floats = NDArray[np.float64]
LONGEST_ID, WORST = 40, 10.0
"""Limits of an id and of the severity of a failure."""


class Firestorm(Section):
    """How complaints become public."""

    threshold: float = value(
        33.0, unit="complaints a week per 10,000 owners and orders",
        meaning="at which a public event has probability 1 - 1/e; 0: complaints never become public",
        ge=0.0, le=1e6,
    )  # fmt: skip
    exponent: float = value(2.0, unit="", meaning="how steeply the probability rises with complaints", gt=0.0, le=20.0)
    least_households: float = value(
        5_000.0, unit="households", meaning="owners and orders below which a car counts as if it had these", gt=0.0,
        le=1e9,
    )  # fmt: skip
    cool_down_weeks: float = value(
        13.0, unit="weeks", meaning="after a public event of one car and kind no other is news", ge=0.0, le=1e4
    )
    severity_sigma: float = value(
        0.3, unit="", meaning="spread of the log severity of public events; 0: all as their kind", ge=0.0, le=3.0
    )
    attention: float = value(
        0.1, unit="heat", meaning="mass attention that a public event starts with, 1: as hot as usual topics", ge=0.0,
        le=1e6,
    )  # fmt: skip


class Outbreak(NamedTuple):
    """A public event born of complaints."""

    car: int
    """position in the catalogue"""
    kind: FailureKind
    severity: float
    """relative to the usual severity of its kind"""
    complaints: float
    """households that complained in the week, in expectation"""


def probability(complaints: ArrayLike, households: ArrayLike, section: Firestorm) -> Floats:
    """Probability that a week's complaints make a public event: `1 - exp(-(C / C0)^a)`; broadcasts.

    `complaints` C and `households` (owners and orders) are both in households, and C0 grows with the latter.

    >>> section = Firestorm(threshold=30.0, exponent=2.0, least_households=1.0)
    >>> probability([0.0, 3.0, 30.0], 10_000.0, section).round(4).tolist()
    [0.0, 0.01, 0.6321]
    """
    count, base = np.asarray(complaints, float), np.asarray(households, float)
    if section.threshold == 0.0:
        return np.zeros(np.broadcast(count, base).shape)
    threshold = section.threshold * np.maximum(base, section.least_households) / 1e4
    return -np.expm1(-((count / threshold) ** section.exponent))


def probability_of_one(complaints: float, households: float, section: Firestorm) -> float:
    """The readable rule behind `probability`."""
    if section.threshold == 0.0:
        return 0.0
    threshold = section.threshold * max(households, section.least_households) / 10_000.0
    return 1.0 - math.exp(-((complaints / threshold) ** section.exponent))


class Firestorms:
    """Which cars and kinds were news lately: the memory behind the cool-down. A copy goes its own way."""

    def __init__(self, section: Firestorm, car_keys: NDArray[np.uint64], aggregate: Sequence[bool]) -> None:
        """Begin with no news; `car_keys` are the words of the cars for chance, `aggregate` (cars,) never make news."""
        self.section, self.car_keys, self.kind_keys = section, car_keys, words(list(FAILURES))
        self.single = ~np.asarray(aggregate, bool)
        self.last = np.full((len(car_keys), len(FAILURES)), -np.inf)
        """(cars, kinds) week of the last public event"""

    def remember(self, week: float, car: int, kind: FailureKind) -> None:
        """A dated failure of this car and kind is news too: the cool-down begins."""
        self.last[car, FAILURES.index(kind)] = week

    def arise(self, chance: Chance, week: int, complaints: Floats, households: Floats) -> list[Outbreak]:
        """The public events of a week: `complaints` (cars, kinds), `households` (cars,) owners and orders.

        Chance is keyed by week, car and kind, so that other cars, kinds and weeks change nothing.
        """
        likely = probability(complaints, households[:, None], self.section)
        likely[~self.single] = 0.0
        likely[week - self.last < self.section.cool_down_weeks] = 0.0
        luck = chance.uniform("firestorm", self.car_keys[:, None], week, self.kind_keys)
        cars, kinds = (luck < likely).nonzero()
        if len(cars) == 0:
            return []
        surprise = chance.normal("severity", self.car_keys[cars], week, self.kind_keys[kinds]).tolist()
        self.last[cars, kinds] = week
        return [
            Outbreak(car, FAILURES[kind], math.exp(self.section.severity_sigma * spread), float(complaints[car, kind]))
            for car, kind, spread in zip(cars.tolist(), kinds.tolist(), surprise, strict=True)
        ]
