"""Awareness: a consumer learns of a car from media and from people who have one.

Contacts cumulate and are forgotten; a consumer knows a car when the contacts that are still remembered exceed a unit
exponential threshold, drawn once per consumer and car. So awareness is a hazard that is crossed, and it can be worked
out for just those who search: nobody else needs it. With one car, equal people, no forgetting and full mixing this is
the Bass recursion F += (1 - F)(1 - exp(-(p + q F))).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.cars import Car
from market.chance import Chance
from market.fields import Section, value

if TYPE_CHECKING:
    from market.people.network import Network

Floats = NDArray[np.float32]
Amount = TypeVar("Amount", float, NDArray[np.float64])
NOBODY = -1
LONGEST_AGE = 40_000
"""Weeks: more than a car is kept and longer than any run."""


class Media(Section):
    """How contacts work: forgetting, word of mouth, excitement."""

    forgetting_per_week: float = value(
        0.04, unit="per week", meaning="rate at which contacts are forgotten; 0: never", ge=0.0, le=10.0
    )
    word_of_mouth_per_week: float = value(
        0.12, unit="contacts a week", meaning="contacts with a car that all acquaintances have", ge=0.0, le=1e3,
        grade="D", source="China BEV Bass q .37-.45 a year, hit models .07-.53 a month",
    )  # fmt: skip
    following_per_week: float = value(
        0.06, unit="contacts a week", meaning="contacts with a car that all followed accounts have", ge=0.0, le=1e3
    )
    excitement_half_life_weeks: float = value(
        1.0, unit="weeks", meaning="half-life of the excitement of a launch or a media burst", gt=0.0, le=1e12,
        grade="A", source="Weibo hot-list archive: a whole event 1.1-1.7 days, with flare-ups 7 days",
    )  # fmt: skip


class MediaMemory:
    """Remembered media contacts by place and car, and the excitement around each car; the same for all consumers.

    `contacts` is (places, cars): platforms in the order given, then "elsewhere". A consumer's own contacts follow from
    how much time the consumer spends on each platform.
    """

    def __init__(
        self, section: Media, cars: dict[str, Car], platforms: tuple[str, ...], begins: NDArray[np.int64]
    ) -> None:
        """Fill the memory as it would be after a long quiet run; `begins` is the day of each car's first contact."""
        self.section, self.begins = section, begins
        places = [*platforms, "elsewhere"]
        self.places = places
        self.rate = np.array(
            [[c.exposure.contacts_per_week * c.exposure.mix.get(p, 0.0) for c in cars.values()] for p in places]
        )
        old = begins <= 0
        forgetting = section.forgetting_per_week
        self.contacts = np.where(old, self.rate / forgetting, 0.0) if forgetting > 0.0 else np.zeros_like(self.rate)
        self.excitement = np.zeros(len(cars))
        self.excited = np.zeros(len(cars))
        """excitement at the beginning of the last round"""

    def pass_week(self, week: int) -> None:
        """Let a week pass: new contacts arrive at a steady rate, old ones are forgotten."""
        self.contacts = self.contacts * self._kept(DAYS) + self.rate * self._arriving((week + 1) * DAYS - self.begins)

    def cool(self, days: int) -> None:
        """Let excitement cool for some days; `excited` keeps what it was."""
        self.excited = self.excitement
        self.excitement = self.excitement * 0.5 ** (days / DAYS / self.section.excitement_half_life_weeks)

    def _kept(self, days: float) -> float:
        return math.exp(-self.section.forgetting_per_week * days / DAYS)

    def _arriving(self, days: NDArray[np.integer]) -> NDArray[np.float64]:
        """Weeks of contact that the last `days` of a week leave, less what is forgotten by its end: (cars,)."""
        weeks, forgetting = np.clip(days, 0, DAYS) / DAYS, self.section.forgetting_per_week
        return np.asarray(-np.expm1(-forgetting * weeks) / forgetting if forgetting > 0.0 else weeks)

    def begin(self, car: int, day: int) -> None:
        """Media tell of a car from a day on, if they did not before. What a week brings is known at its beginning."""
        if day >= self.begins[car]:
            return
        if day % DAYS:
            end = day - day % DAYS + DAYS
            brought, counted = self._arriving(np.array([end - day, end - self.begins[car]]))
            self.contacts[:, car] += self.rate[:, car] * (brought - counted)
        self.begins[car] = day

    def contacts_per_week(self, week: int) -> float:
        """Contacts that an average consumer has in a week, with all cars of which media tell by its end."""
        return float(self.rate[:, self.begins < (week + 1) * 7].sum())

    def burst(self, car: int, contacts: float, mix: dict[str, float], excitement: float, day: int = 0) -> None:
        """A launch, a campaign, a hot topic: contacts at once, and excitement that makes some decide now.

        Contacts are counted as they will be remembered at the end of the week of that day, as all others are.
        """
        kept = self._kept(DAYS - day % DAYS) if day % DAYS else 1.0
        for place, share in mix.items():
            self.contacts[self.places.index(place), car] += contacts * share * kept
        self.excitement[car] += excitement


def cooling_weeks(weeks: Amount, half_life: float) -> Amount:
    """What 1 that halves every `half_life` weeks cumulates in so many weeks.

    >>> round(float(cooling_weeks(1.0, 1.0)) * math.log(2.0), 6), round(float(cooling_weeks(1.0, 1e9)), 6)
    (0.5, 1.0)
    """
    return -np.expm1(-math.log(2.0) * weeks / half_life) * half_life / math.log(2.0)


def cooled_after(excited_weeks: NDArray[np.float64], half_life: float) -> NDArray[np.float64]:
    """Weeks after which 1 that halves every `half_life` weeks has cumulated so much: `cooling_weeks` solved for time.

    >>> cooled_after(np.array([cooling_weeks(0.5, 1.0)]), 1.0).round(6).tolist()
    [0.5]
    """
    decay = math.log(2.0) / half_life
    return np.asarray(-np.log1p(-decay * np.minimum(excited_weeks, (1.0 - 1e-12) / decay)) / decay)


def remembered(age_weeks: int | float, forgetting: float) -> float:
    """Weeks of contact with somebody who has had a car for `age_weeks`, less what is forgotten.

    >>> remembered(3, 0.0)
    3
    """
    return age_weeks if forgetting == 0.0 else -math.expm1(-forgetting * age_weeks) / forgetting


@lru_cache(maxsize=64)
def memory_by_age(longest: int, forgetting: float) -> Floats:
    """`remembered` for every whole age from 0 to `longest` weeks."""
    return np.array([remembered(age, forgetting) for age in range(longest + 1)], np.float32)


def heard_from(
    network: Network, rows: NDArray[np.intp], car: NDArray[np.int16], since: NDArray[np.int16], week: int, cars: int,
    forgetting: float, only: NDArray[np.intp] | None = None, company: bool = True,
    loudness: Callable[[NDArray[np.integer]], Floats] | None = None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Mean remembered weeks of contact per tie, and share of ties, by car: two (rows, cars) arrays.

    `car` (all consumers) is the position of the car each one has or ordered, NOBODY for none, `since` the week
    from which it counts; those of this week count from the next (synchronous updating). `only` limits the answer to
    some cars, (rows, len(only)); without `company` the shares stay 0. `loudness` says how much more than usual some
    neighbours talk (none: all alike).
    """
    owner, neighbour = network.gather(rows)
    theirs = car.take(neighbour)
    talks = (theirs >= 0 if only is None else np.isin(theirs, only)).nonzero()[0]
    neighbour = neighbour.take(talks).astype(np.intp)
    # contiguous by car rather than by row
    cell = theirs.take(talks).astype(np.intp)
    cell *= len(rows)
    cell += owner.take(talks)
    age = week - since.take(neighbour).astype(np.intp)
    remembers = memory_by_age(LONGEST_AGE, forgetting).take(age, mode="clip")
    if loudness is not None:
        remembers *= loudness(neighbour)
    size, degree = len(rows) * cars, np.maximum(network.start[rows + 1] - network.start[rows], 1)
    tables = [np.bincount(cell, remembers, size)]
    if company:
        tables.append(np.bincount(cell[age > 0], minlength=size))
    some = slice(None) if only is None else only
    weeks, *share = ((table.reshape(cars, -1)[some] / degree).astype(np.float32).T for table in tables)
    return weeks, share[0] if company else np.zeros_like(weeks)


def heard_of_one(
    network: Network,
    row: int,
    car: int,
    cars: NDArray[np.int16],
    since: NDArray[np.int16],
    week: int,
    forgetting: float,
    loudness: Callable[[int], float] = lambda _: 1.0,
) -> tuple[float, float]:
    """The readable rule behind `heard_from`: one consumer and one car."""
    ties = [int(other) for other in network.neighbours(row)]
    talk = [other for other in ties if cars[other] == car and since[other] < week]
    weeks = sum(remembered(week - int(since[other]), forgetting) * loudness(other) for other in talk)
    return weeks / max(len(ties), 1), len(talk) / max(len(ties), 1)


def thresholds(chance: Chance, rows: NDArray[np.intp], car_keys: NDArray[np.uint64]) -> Floats:
    """Contacts at which each consumer knows each car: unit exponentials, (rows, cars)."""
    return chance.inborn("exponential", "awareness", rows, car_keys).T


def knows(media_use: Iterable[float], contacts: Iterable[float], spoken: float, threshold: float) -> bool:
    """The readable rule: contacts by place, weighted with one's time there, plus word of mouth exceed the threshold."""
    return sum(use * contact for use, contact in zip(media_use, contacts, strict=True)) + spoken >= threshold
