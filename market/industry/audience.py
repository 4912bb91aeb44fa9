"""An audience: whom a platform asks before a car is designed, and what it believes it has heard.

A platform samples its own users, so the sample leans towards them; people say that money matters less to them than it
does; and single answers are noisy. All three shrink as the platform comes to know owners: data of n owners divide the
standard deviation of noise by sqrt(1 + n / owners_known).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value
from market.people.profiles import NORMAL_TASTES
from market.people.sampling import budgets

if TYPE_CHECKING:
    from market.chance import Chance
    from market.industry.options import Slot
    from market.people.demand import Demand

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
HEARD = ("ln_range", "fast_charge", "intelligence")
"""Tastes, beside that for money, that decide what a configuration is worth."""
_COLUMNS = [NORMAL_TASTES.index(name) for name in HEARD]
_MONEY, _WAIT = 0, 6
"""Rows of the attributes of an `OfferTable`."""


class Hearing(Section):
    """How a platform learns what its audience wants."""

    sample: int = value(600, unit="consumers", meaning="people asked before a car is designed", ge=1, le=100_000)
    bias: float = value(
        1.0, unit="exponent",
        meaning="a consumer is asked in proportion to (time on the platform) ** bias; 0: everybody alike",
        ge=0.0, le=5.0,
    )  # fmt: skip
    stated_price: Share = value(
        0.25, unit="share", meaning="price sensitivity stated, of the true one, before any data; 1: told truly",
        grade="A", source="stated sensitivity is 3-6 times too weak: Helveston et al. 2015 against the market",
    )  # fmt: skip
    person_noise: float = value(
        1.0, unit="sd of the taste", meaning="noise in one person's stated tastes before any data; 0: none",
        ge=0.0, le=20.0,
    )  # fmt: skip
    score_noise: float = value(
        0.5, unit="sd of the scores", meaning="error in a design's predicted profit before any data; 0: none",
        ge=0.0, le=20.0,
    )  # fmt: skip
    owners_known: float = value(
        50_000.0, unit="owners", meaning="owners whose data halve the variance of all noise", gt=0.0, le=1e9
    )
    owners_at_start: float = value(
        100_000.0, unit="owners", meaning="owners that the platform knows when the run starts", ge=0.0, le=1e9
    )


def shrinking(data: float, owners_known: float) -> float:
    """What data of some owners leave of a standard deviation: 1 / sqrt(1 + data / owners_known).

    >>> shrinking(0.0, 50_000.0), round(shrinking(150_000.0, 50_000.0), 3)
    (1.0, 0.5)
    """
    return 1.0 / math.sqrt(1.0 + data / owners_known)


def stated_price_share(at_start: float, left: float) -> float:
    """Price sensitivity that a platform reckons with, of the true one: `at_start` without data, 1 with perfect data.

    >>> stated_price_share(0.25, left=1.0), stated_price_share(0.25, left=0.0)
    (0.25, 1.0)
    """
    return 1.0 - (1.0 - at_start) * left


def audience_sample(chance: Chance, word: str, use: ArrayLike, size: int) -> Rows:
    """Rows of `size` different consumers, drawn in proportion to `use` (one weight per consumer), in ascending order.

    Each consumer has a luck of its own, so one consumer more moves at most one other out of the sample. Who has a
    weight of 0 is never drawn: fewer rows come back where fewer have a weight. Source: Efraimidis & Spirakis (2006).
    """
    weight = np.asarray(use, float)
    able = np.flatnonzero(weight > 0.0)
    if len(able) <= size:
        return able
    time = chance.exponential("audience", able, word) / weight[able]
    return np.sort(able[np.argpartition(time, size)[:size]])


def stated(price: ArrayLike, tastes: ArrayLike, price_share: float, noise: ArrayLike) -> tuple[Floats, Floats]:
    """Tastes as they are heard: that for money `price` (rows,) too weak, the others (rows, tastes) with noise added.

    `noise` is (rows, tastes) in standard deviations of each taste among those asked.
    """
    money, others = np.asarray(price, float) * price_share, np.asarray(tastes, float)
    return money, others + np.asarray(noise, float) * others.std(axis=0)


@dataclass(frozen=True)
class Audience:
    """Sampled consumers as a designer sees them; arrays over rows, utility before shocks.

    A configuration adds money x taste for money and attributes x tastes to `bare`, the worth to each person of
    everything else about each planned car.
    """

    weight: Floats
    """(rows,) households a week that this person stands for"""
    price: Floats
    """(rows,) utility per 10,000 CNY"""
    tastes: Floats
    """(rows, len(HEARD))"""
    bare: Floats
    """(rows, slots): inclusive value of the offers of each planned car less its configuration"""
    rivals: Floats
    """(rows, cars): inclusive value of each car that can be bought, -inf where it is not considered"""
    outside: float
    """utility of the outside good"""
    nest: Rows
    """(slots,) nest of each planned car: cars built on one base share it"""
    rival_nest: Rows
    """(cars,) nest of each rival"""
    dissimilarity: float
    """lambda of the nests"""

    def of(self, rows: NDArray[np.bool_]) -> Audience:
        """A part of the audience."""
        return replace(
            self, weight=self.weight[rows], price=self.price[rows], tastes=self.tastes[rows], bare=self.bare[rows],
            rivals=self.rivals[rows],
        )  # fmt: skip

    def mean(self) -> Audience:
        """One person with the mean of everything, standing for all: what a designer of averages has in mind.

        A rival whom nobody considers stays away; whoever does not consider one lends it no weight in its mean.
        """
        share = self.weight / self.weight.sum()
        known = np.isfinite(self.rivals)
        part = share @ known
        value_of_known = np.where(known, self.rivals, 0.0)
        mean = np.divide(share @ value_of_known, part, out=np.zeros(len(part)), where=part > 0)
        with np.errstate(divide="ignore"):
            rivals = np.where(part > 0, mean + np.log(part), -np.inf)
        return replace(
            self, weight=self.weight.sum(keepdims=True), price=(share @ self.price)[None],
            tastes=(share @ self.tastes)[None], bare=(share @ self.bare)[None], rivals=rivals[None],
        )  # fmt: skip


def inclusive_values(
    utility: Floats, usable: NDArray[np.bool_], car_of: Rows, cars: int, dissimilarity: float
) -> Floats:
    """Inclusive value of the usable offers of each car, lambda ln sum exp(V / lambda): (rows, cars), -inf if none.

    The same sum joins cars into nests.
    """
    scaled = np.where(usable, utility, -np.inf) / dissimilarity
    result = np.full((len(utility), cars), -np.inf)
    for car in np.unique(car_of).tolist():
        of_car = (car_of == car).nonzero()[0]
        alone = len(of_car) == 1
        result[:, car] = scaled[:, of_car[0]] if alone else np.logaddexp.reduce(scaled[:, of_car], axis=1)
    return result * dissimilarity


def configuration(range_km: ArrayLike, fast_charge: ArrayLike, intelligence: ArrayLike) -> Floats:
    """What the tastes of `HEARD` are multiplied with: (..., len(HEARD)); one km more counts less on a long range."""
    columns = np.log(np.asarray(range_km, float)), np.asarray(fast_charge, float), np.asarray(intelligence, float)
    return np.stack(columns, axis=-1)


def hear(
    demand: Demand, rows: Rows, household: ArrayLike, choosers_per_week: float, slots: Sequence[Slot],
    price_share: float, noise: ArrayLike,
) -> Audience:  # fmt: skip
    """Ask some consumers: what a platform believes of them, of the planned cars `slots` and of all that competes.

    A planned car is judged with the weeks from order to handover that it would have on sale. `household` (rows,) is
    what each stands for; together they stand for the `choosers_per_week` households that choose a car in a week, as if
    the audience were the market. `noise` is (rows, len(HEARD)), see `stated`.
    """
    catalogue, column, section = demand.catalogue, demand.population.columns, demand.choice
    profile = column["profile"][rows]
    budget = budgets(demand.chance, rows, column["stratum"][rows], demand.budget_limits)
    tastes = demand.profiles.tastes(demand.chance, rows, profile, budget)
    money, heard = stated(tastes.price, tastes.normal[:, _COLUMNS], price_share, noise)
    knowledge = demand.knowledge(rows)
    v = demand.utilities(rows, knowledge.company).astype(float)
    if (trusted := demand.trusted(rows)) is not None:
        v += trusted[:, catalogue.car_of]
    v += (money - tastes.price)[:, None] * demand.offers.attributes[_MONEY]
    for slot in slots:
        if slot.wait_weeks is not None:
            offers = np.flatnonzero(catalogue.car_of == slot.car)
            longer = demand.offers.attributes[_WAIT, offers] - slot.wait_weeks
            v[:, offers] -= tastes.wait[:, None] * longer
    usable = demand.considered(rows, knowledge.known)
    planned = np.array([slot.car for slot in slots], np.intp)
    usable = usable | np.isin(catalogue.car_of, planned)
    values = inclusive_values(v, usable, catalogue.car_of, len(catalogue.cars), section.dissimilarity)
    bare = values[:, planned]
    for position, slot in enumerate(slots):
        paid = slot.price_cny - catalogue.promotion_cny[slot.car]
        features = configuration(slot.range_km, slot.fast_charge, slot.intelligence)
        bare[:, position] -= money * paid / 1e4 + slot.joy(paid)
        bare[:, position] -= heard @ features
    rivals = values.copy()
    rivals[:, planned] = -np.inf
    weight = np.asarray(household, float)
    return Audience(
        weight * (choosers_per_week / weight.sum()), money, heard, bare, rivals, section.outside_utility,
        catalogue.nest_of_car[planned], catalogue.nest_of_car, section.dissimilarity,
    )  # fmt: skip


def loudness(demand: Demand, platform: int, bias: float) -> Floats:
    """How likely each consumer of the population is to be asked by a platform: (n,), time on it to the power `bias`.

    `platform` is its position among the platforms of the case, in alphabetical order.
    """
    use = demand.profiles.media_use[:, platform].astype(float)
    leaning = np.ones_like(use) if bias == 0.0 else use**bias
    return leaning[demand.population.columns["profile"]]
