"""The fleet: who drives which listed car since when, who cares for it, and who rents its battery.

Everything is kept as running totals, so that a week in which nothing is handed over costs nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.catalogue import Catalogue
from market.chance import Chance
from market.people.aftersales import NOBODY, SIDES
from market.people.orders import MOMENT, ORDERED
from market.people.owner_accounts import OwnerAccounts, tally
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.subscriptions import Flow, Subscriptions

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Rows = NDArray[np.intp]
YEAR = 52 * DAYS
"""Days from one visit to the next."""
DISTANCE = 1
"""Place of the distance driven among the draws of `Profiles.tastes`, which are not all needed here."""


class Fleet:
    """All listed cars on the road, and those who drive them."""

    def __init__(
        self, chance: Chance, population: Population, profiles: Profiles, catalogue: Catalogue, household: Amounts,
        weeks: int, tiers: int,
    ) -> None:  # fmt: skip
        """Give every consumer a day of the year for visits; `household` is (strata,) households behind a consumer."""
        self.chance, self.population, self.profiles = chance, population, profiles
        self.catalogue, self.household = catalogue, household
        n, cars, count = len(population), len(catalogue.cars), len(profiles.keys)
        day = np.floor(np.float32(YEAR) * chance.uniform("visit", np.arange(n))).astype(np.int16)
        self._order = np.argsort(day, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(day[self._order], np.arange(YEAR + 1))
        distances = [section.km_per_month for section in profiles.sections.values()]
        self._km = np.log([d.median for d in distances]), np.array([d.sigma for d in distances])
        self.handed_over = np.zeros(n, np.int32)
        """(n,) day of the run on which the car driven was handed over"""
        self.renting = np.zeros(n, bool)
        """(n,) whether the battery is rented"""
        self.cared = np.zeros((cars, count, len(SIDES) + 1))
        """(cars, profiles, providers) households that drive a car, by who last cared for it"""
        self.subscriptions = Subscriptions(cars, catalogue.plans, tiers, count)
        self.accounts = OwnerAccounts(weeks, cars, count, len(catalogue.organisations), len(catalogue.brands))

    def forget(self) -> None:
        """Free the memory: accounts can still be read."""
        self.handed_over, self.renting, self._order = self.handed_over[:0], self.renting[:0], self._order[:0]

    def weight(self, rows: Rows) -> Amounts:
        """Households behind each consumer."""
        return self.household[self.population.columns["stratum"][rows]]

    def driving(self, rows: Rows) -> Rows:
        """The car that some consumers drive at this moment: (rows,), -1: none of the listed."""
        column = self.population.columns
        car = column["car"][rows].astype(np.intp)
        waits = (column["stage"][rows] >= ORDERED).nonzero()[0]
        if len(waits):
            car[waits] = column["driven"][rows[waits]]
        return car

    def owners(self) -> Amounts:
        """Households that drive each car: (cars,)."""
        return self.cared.sum(axis=(1, 2))

    def open(self) -> None:
        """Week 0: take in the fleet as it is found; call it once, when the market is filled."""
        column, n = self.population.columns, len(self.population)
        car = self.driving(np.arange(n))
        since = np.where(column["stage"] >= ORDERED, column["driven_week"], column["car_week"])
        self.handed_over[:] = since.astype(np.int32) * DAYS
        rows = np.flatnonzero(car >= 0)
        self._count(rows, car[rows], column["provider"][rows], 1)
        self._begin_renting(rows[column["owned"][rows] >= 0])
        self.subscriptions.take_flows()

    def deliver(self, rows: Rows, offer: Rows, at_weeks: NDArray[np.floating], week: int) -> None:
        """Cars of some offers are handed over at given times (weeks): call it when the stage is IDLE again."""
        if len(rows) == 0:
            return
        column, car = self.population.columns, self.catalogue.car_of[offer]
        before = column["driven"][rows].astype(np.intp)
        self._part_with(rows, before, week, car)
        column["owned"][rows], column["provider"][rows] = offer, NOBODY
        self.handed_over[rows] = np.floor((np.asarray(at_weeks, float) + MOMENT) * DAYS)
        self._count(rows, car, column["provider"][rows], 1)
        self._begin_renting(rows)

    def leave(self, rows: Rows, week: int) -> None:
        """Some consumers take a car that is not listed: call it before the column `car` says so."""
        if len(rows) == 0:
            return
        self._part_with(rows, self.driving(rows), week, np.full(len(rows), -1))
        self.population.columns["owned"][rows] = -1
        self.population.columns["provider"][rows] = NOBODY

    def _part_with(self, rows: Rows, before: Rows, week: int, after: Rows) -> None:
        column, brand = self.population.columns, self.catalogue.brand_of_car
        had = (before >= 0).nonzero()[0]
        if len(had) == 0:
            return
        rows, before, after = rows[had], before[had], after[had]
        stays = (after >= 0) & (brand[after] == brand[before])
        profile, weight = column["profile"][rows], self.weight(rows)
        self.accounts.replace(week, brand[before], profile, weight, stays)
        self.cared += tally(self.cared.shape, (before, profile, column["provider"][rows]), -weight)
        rents = self.renting[rows].nonzero()[0]
        if len(rents):
            self._end_renting(rows[rents], "ended")

    def _count(self, rows: Rows, car: Rows, provider: NDArray[np.integer], sign: int) -> None:
        profile = self.population.columns["profile"][rows]
        self.cared += tally(self.cared.shape, (car, profile, provider), sign * self.weight(rows))

    def _begin_renting(self, rows: Rows) -> None:
        plan = self.catalogue.plan_of[self.population.columns["owned"][rows]]
        rows = rows[self.subscriptions.terms.rented[plan]]
        if len(rows):
            self.renting[rows] = True
            self._subscribe(rows, "begun")

    def _end_renting(self, rows: Rows, how: Flow) -> None:
        self.renting[rows] = False
        self._subscribe(rows, how)

    def _subscribe(self, rows: Rows, flow: Flow) -> None:
        if len(rows) == 0:
            return
        column = self.population.columns
        offer, profile = column["owned"][rows], column["profile"][rows]
        car, plan = self.catalogue.car_of[offer], self.catalogue.plan_of[offer]
        km, weight = self.km_per_month(rows), self.weight(rows)
        self.subscriptions.move(car, plan, column["tier"][rows], profile, km, weight, flow)

    def km_per_month(self, rows: Rows) -> Floats:
        """Distance that some consumers drive, in km a month."""
        profile = self.population.columns["profile"][rows]
        draws = self.chance.many_normal("taste", rows, np.full(len(rows), DISTANCE))
        median, sigma = self._km
        km: Floats = np.exp(median[profile] + sigma[profile] * draws).astype(np.float32)
        return km

    def due(self, first_day: int, days: int) -> tuple[Rows, NDArray[np.int64], Rows]:
        """Who is visited in a stretch of days, on which day, and in which car: those who had it before that day."""
        first = first_day % YEAR
        if first + days <= YEAR:
            starts = self._starts[first : first + days + 1]
            rows = self._order[starts[0] : starts[-1]].astype(np.intp)
            day = np.arange(first_day, first_day + days).repeat(starts[1:] - starts[:-1])
        else:
            span = range(first_day, first_day + days)
            some = [self._order[self._starts[d % YEAR] : self._starts[d % YEAR + 1]] for d in span]
            rows = np.concatenate(some).astype(np.intp)
            day = np.array(span).repeat([len(part) for part in some])
        car = self.driving(rows)
        here = ((car >= 0) & (self.handed_over[rows] < day)).nonzero()[0]
        return rows[here], day[here], car[here]
