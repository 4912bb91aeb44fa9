"""Owners: one visit a year on a day of their own, what they spend and with whom, what fails, and battery rents.

Each consumer's day of the year never changes, so the visitors of a week are a slice of a list: owners who are not due
cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.catalogue import Catalogue
from market.chance import Chance, words
from market.organisations import TASKS
from market.people import aftersales, subscriptions
from market.people.aftersales import CARE, CATEGORIES, NOBODY, PLATFORM, SIDES, Aftersales
from market.people.fleet import YEAR, Fleet
from market.people.grievance import faded
from market.people.loyalty import media_use_factor
from market.people.owner_accounts import tally
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.sides import SidesOfCars, role_of
from market.people.subscriptions import Rents

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Rows = NDArray[np.intp]


_EACH = np.arange(len(CATEGORIES))[:, None]
_JOBS = {"care": "care", "accessories": "film_accessories"}
"""Spending that whoever provides it learns from, and the task that it is."""
_OF_JOBS, _EACH_JOB = [CATEGORIES.index(category) for category in _JOBS], np.arange(len(_JOBS))[:, None]


@lru_cache(maxsize=16)
def _keys(kinds: tuple[str, ...]) -> NDArray[np.uint64]:
    """Kinds of failure as a key that broadcasts along the first axis."""
    return words(list(kinds))[:, None]


class Horizon(NamedTuple):
    """How owners of a rented battery look ahead: months that a car is held, and the discount rate per month."""

    months: float
    rate: float


class Failing(NamedTuple):
    """What can fail between two visits."""

    kinds: tuple[str, ...]
    rates: Amounts
    """(cars, kinds) per household-year at usual service"""
    hurt: Amounts
    """(kinds,) grievance in utility"""
    half_life_weeks: float
    """of a grievance"""


class Visits(NamedTuple):
    """What came of the visits of a round; arrays over the visitors."""

    rows: Rows
    car: Rows
    day: NDArray[np.int64]
    years: Floats
    """since the last visit or the handover"""
    provider: NDArray[np.int8]
    """(rows, categories): a position in SIDES plus 1"""
    cny: Floats
    """(rows, categories)"""
    failed: NDArray[np.bool_]
    """(rows, kinds)"""
    bought_out: NDArray[np.bool_]


class Owners(Fleet):
    """All owners of listed cars. The market owns it, tells it of handovers, and lets it visit."""

    def __init__(
        self, chance: Chance, population: Population, profiles: Profiles, catalogue: Catalogue, section: Aftersales,
        household: Amounts, horizon: Horizon, weeks: int, platforms: Sequence[str], capability: Amounts,
    ) -> None:  # fmt: skip
        """Begin with an empty fleet; `household` (strata,), `capability` (organisations, tasks, tiers)."""
        super().__init__(chance, population, profiles, catalogue, household, weeks, tiers=capability.shape[2])
        self.section, self.horizon = section, horizon
        self.platforms = tuple(sorted(platforms))
        self.is_platform = np.isin(np.array(catalogue.organisations), self.platforms)
        self._jobs: Amounts = np.zeros(capability.shape)
        self._tiers = capability.shape[2]
        self._served: Amounts = np.zeros((len(_JOBS), len(catalogue.cars), self._tiers, len(SIDES)))
        """(jobs, cars, tiers, sides) households served that are not among the jobs yet"""
        weight = self.weight(np.arange(len(population)))
        self._households = tally((len(profiles.keys),), (population.columns["profile"],), weight)
        self._spendings = aftersales.Terms.of(section)
        self._usual_media_use = np.ones((len(profiles.keys), len(self.platforms) + 1), np.float32)
        self.sides = SidesOfCars.of(catalogue, self.is_platform, capability, section)

    def open(self) -> None:
        """Week 0: take in the fleet, cared for as after visits in the year before; call it once."""
        super().open()
        column = self.population.columns
        rows, day, car = self.due(-YEAR, YEAR)
        cares = self._providers(rows, day, car, column["tier"][rows], None)[:, CARE]
        self._count(rows, car, column["provider"][rows], -1)
        column["provider"][rows] = cares
        self._count(rows, car, cares, 1)
        self._usual_media_use = self.media_use()

    def look(self, capability: Amounts) -> None:
        """Take note of roles and capability, (organisations, tasks, tiers), as they are now."""
        self._divide_jobs()
        self.sides = SidesOfCars.of(self.catalogue, self.is_platform, capability, self.section, self.sides)

    @property
    def jobs(self) -> Amounts:
        """(organisations, tasks, tiers) households served since `take_jobs` was last asked."""
        self._divide_jobs()
        return self._jobs

    def _divide_jobs(self) -> None:
        """Whom those served have learned from: sides are divided among their organisations, once for all rounds."""
        if not self._served.any():
            return
        for served, (category, task) in zip(self._served, _JOBS.items(), strict=True):
            share = self.sides.share[CATEGORIES.index(category)]
            self._jobs[:, TASKS.index(task)] += np.einsum("mts,mso->ot", served, share)
        self._served = np.zeros_like(self._served)

    def visit(
        self, first_day: int, days: int, failing: Failing, deviation: Callable[[Rows], Floats] | None = None
    ) -> Visits:
        """Visit all who are due in a stretch of days, and write down what came of it.

        `deviation` gives trust beyond its baseline by consumer and organisation, (rows, organisations); None: at rest.
        """
        column, week = self.population.columns, first_day // DAYS
        rows, day, car = self.due(first_day, days)
        tier, profile, weight = column["tier"][rows], column["profile"][rows], self.weight(rows)
        years = (np.minimum(day - self.handed_over[rows], YEAR) / YEAR).astype(np.float32)
        provider = self._providers(rows, day, car, tier, deviation)
        cny = aftersales.spending(self.chance, self._spendings, rows, years)
        served = self.sides.near[car, tier, CARE, provider[:, CARE] - 1]
        failed = self._fail(rows, day, car, years, served, failing)
        self._feel(rows, day, served, years, (failed @ failing.hurt).astype(np.float32), failing.half_life_weeks)
        self._account(week, car, profile, weight, years, provider, cny)
        self._remember(week, rows, car, tier, profile, weight, provider, failed, failing.kinds)
        bought_out = self._buy_out(week, rows, day, car, profile, weight)
        return Visits(rows, car, day, years, provider, cny, failed, bought_out)

    def _providers(
        self, rows: Rows, day: NDArray[np.int64], car: Rows, tier: NDArray[np.int8],
        deviation: Callable[[Rows], Floats] | None,
    ) -> NDArray[np.int8]:  # fmt: skip
        column = self.population.columns
        trust = None
        if deviation is not None:
            trust = self._felt(deviation(rows), car)
        owned = column["owned"][rows]
        packaged = np.where(owned >= 0, self.sides.packaged[owned], NOBODY)
        stands = np.take(self.sides.standing, car * self._tiers + tier, axis=2)
        utility = aftersales.provider_utility(self.section, stands, trust, packaged, column["provider"][rows])
        return aftersales.choose_provider(self.chance, utility, rows, day)

    def _felt(self, deviation: Floats, car: Rows) -> Floats:
        """Trust beyond its baseline in each side that could care for the car, (sides, rows), from (rows, O)."""
        felt = np.zeros((len(SIDES), len(car)), np.float32)
        some = np.flatnonzero(deviation.any(axis=1))
        if len(some):
            share = self.sides.cares[car[some]].astype(np.float32)
            felt[:, some] = np.einsum("ro,rso->sr", deviation[some], share)
        return felt

    def _fail(
        self, rows: Rows, day: NDArray[np.int64], car: Rows, years: Floats, served: Floats, failing: Failing
    ) -> NDArray[np.bool_]:
        failed = np.zeros((len(failing.kinds), len(rows)), bool)
        some = np.flatnonzero(failing.rates.any(axis=0))
        kinds = tuple(failing.kinds[k] for k in some.tolist())
        rates = np.take(failing.rates.T[some].astype(np.float32), car, axis=1).T
        probability = aftersales.failure_chance(self.section, kinds, rates, years, served, self.renting[rows])
        luck = self.chance.uniform("own failure", rows, day, _keys(kinds))
        failed[some] = luck < probability.T
        return failed.T

    def _feel(
        self, rows: Rows, day: NDArray[np.int64], served: Floats, years: Floats, hurt: Floats, half_life: float
    ) -> None:
        column, now = self.population.columns, day / DAYS
        left = column["grievance"][rows]
        some = left.nonzero()[0]
        if len(some):
            left[some] = faded(left[some], column["grieved"][rows[some]], now[some], half_life)
        feels = aftersales.after_visit(self.section, column["satisfaction"][rows], left, served, hurt, years)
        column["satisfaction"][rows], column["grievance"][rows] = feels
        column["grieved"][rows] = now

    def _account(
        self, week: int, car: Rows, profile: NDArray[np.int8], weight: Amounts, years: Floats,
        provider: NDArray[np.int8], cny: Floats,
    ) -> None:  # fmt: skip
        self.accounts.visit(week, car, profile, weight, years)
        shape = (len(CATEGORIES), len(self.catalogue.cars), len(self.profiles.keys), len(SIDES))
        cells = (_EACH, car, profile, provider.T - 1)
        self.accounts.spend_all(week, tally(shape, cells, weight * cny.T), self.sides.share)

    def _remember(
        self, week: int, rows: Rows, car: Rows, tier: NDArray[np.int8], profile: NDArray[np.int8], weight: Amounts,
        provider: NDArray[np.int8], failed: NDArray[np.bool_], kinds: tuple[str, ...],
    ) -> None:  # fmt: skip
        """Who came back, who cares from now on, and what those who served have learned from."""
        last, now = self.population.columns["provider"][rows], provider[:, CARE]
        cars, providers = len(self.catalogue.cars), len(SIDES) + 1
        flow = tally((cars, len(self.profiles.keys), providers, providers), (car, profile, last, now), weight)
        self.accounts.care(week, flow, self.sides.cares)
        self.cared += flow.sum(axis=2) - flow.sum(axis=3)
        self.population.columns["provider"][rows] = now
        served, shape = provider[:, _OF_JOBS].T - 1, self._served.shape
        self._served += tally(shape, (_EACH_JOB, car, tier, served), np.array([weight] * len(served)))
        if "quality_defect" in kinds:
            some = failed[:, kinds.index("quality_defect")].nonzero()[0]
            if len(some):
                repaired = tally((cars, self._tiers), (car[some], tier[some]), weight[some])
                self._jobs[:, TASKS.index("warranty_repair")] += role_of(self.catalogue, "service").T @ repaired

    def renters(self, orders: Amounts) -> tuple[Amounts, Amounts]:
        """Households that rent a battery, and those under a plan with a term not displayed, orders included: (cars,).

        `orders` (offers,) are households with an order.
        """
        catalogue, subscribed = self.catalogue, self.subscriptions.households.sum(axis=(2, 3))
        hidden = np.array([not catalogue.disclosed[key] for key in catalogue.plans])
        ordered = np.bincount(catalogue.car_of, orders * hidden[catalogue.plan_of], len(catalogue.cars))
        return subscribed.sum(axis=1), subscribed @ hidden + ordered

    def take_jobs(self) -> Amounts:
        """Households served since this was last asked: (organisations, tasks, tiers)."""
        jobs = self.jobs
        self._jobs = np.zeros_like(jobs)
        return jobs

    def _buy_out(
        self, week: int, rows: Rows, day: NDArray[np.int64], car: Rows, profile: NDArray[np.int8], weight: Amounts
    ) -> NDArray[np.bool_]:
        bought = np.zeros(len(rows), bool)
        terms = self.subscriptions.terms
        who = np.flatnonzero(self.renting[rows])
        if len(who) == 0 or np.isinf(terms.price).all():
            return bought
        plan = self.catalogue.plan_of[self.population.columns["owned"][rows[who]]]
        months = (day[who] - self.handed_over[rows[who]]) / DAYS * subscriptions.MONTHS_PER_WEEK
        bill = subscriptions.battery_bill(
            self.km_per_month(rows[who]), terms.rent[plan], terms.cap[plan], terms.overage[plan]
        )
        bought[who] = subscriptions.buys_out(
            bill, self.horizon.months - months, terms.price[plan], terms.residual[plan], self.horizon.rate
        )
        buyers = rows[bought]
        plan = self.catalogue.plan_of[self.population.columns["owned"][buyers]]
        shape = (len(self.catalogue.cars), len(self.profiles.keys))
        cny = tally(shape, (car[bought], profile[bought]), weight[bought] * terms.price[plan])
        self._pay_for_battery(week, cny)
        self._end_renting(buyers, "bought_out")
        return bought

    def rents(self, week: int, weeks: float = 1.0) -> Rents:
        """What subscribers pay for so many weeks, written down as the income of whoever holds the battery."""
        rents = self.subscriptions.rents(weeks)
        self._pay_for_battery(week, (rents.rent + rents.overage).sum(axis=1))
        return rents

    def _pay_for_battery(self, week: int, cny: Amounts) -> None:
        self.accounts.spend_on_battery(week, cny, role_of(self.catalogue, "battery"))

    def media_use(self) -> Floats:
        """Time on each platform as a ratio to what it was at the start: (profiles, platforms + elsewhere)."""
        served = np.zeros((len(self.profiles.keys), len(self.platforms)))
        for p, platform in enumerate(self.platforms):
            its = self.sides.platform == self.catalogue.organisations.index(platform)
            served[:, p] = self.cared[its, :, PLATFORM].sum(axis=0)
        return media_use_factor(self.section, served, self._households) / self._usual_media_use
