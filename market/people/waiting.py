"""The waiting list: who waits between a choice and a car, in order of arrival, and what never changes meanwhile."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.people.orders import ORDERED
from market.people.population import Population
from market.people.profiles import Profiles

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]


class Places(NamedTuple):
    """What the list says of some who wait: arrays over them."""

    offer: NDArray[Any]
    car: Rows
    channel: Rows
    weight: Amounts
    """households behind each"""
    ratio: Floats
    """hazard of cancelling relative to the average"""
    promised: Floats
    """time of the handover promised, in weeks"""
    stage: NDArray[np.int8]
    since: Floats
    """time at which the stage began, in weeks"""

    def of(self, some: Rows) -> Places:
        """The places of some of them."""
        return Places(
            self.offer[some], self.car[some], self.channel[some], self.weight[some], self.ratio[some],
            self.promised[some], self.stage[some], self.since[some],
        )  # fmt: skip

    def and_then(self, others: Places) -> Places:
        """Theirs, and after them those of others."""
        both = np.concatenate
        return Places(
            both([self.offer, others.offer]), both([self.car, others.car]), both([self.channel, others.channel]),
            both([self.weight, others.weight]), both([self.ratio, others.ratio]),
            both([self.promised, others.promised]), both([self.stage, others.stage]),
            both([self.since, others.since]),
        )  # fmt: skip


class WaitingList:
    """Who waits. What is known of somebody is kept beside him until he leaves, and stands in the columns too.

    Only the list moves those who wait from stage to stage; whoever writes their columns sets `rows` anew.
    """

    def __init__(self, population: Population, profiles: Profiles, catalogue: Catalogue, household: Amounts) -> None:
        """Begin with nobody; `household` (strata,) are those that one consumer stands for."""
        self.population, self.profiles, self.catalogue, self.household = population, profiles, catalogue, household
        self.rows = np.empty(0, np.intp)

    @property
    def rows(self) -> Rows:
        """Everybody who waits, in order of arrival."""
        return self._rows

    @rows.setter
    def rows(self, rows: Rows) -> None:
        self._rows = rows
        self._places: Places | None = None
        self._backlog: Amounts | None = None

    @property
    def places(self) -> Places:
        """The places of everybody who waits."""
        if self._places is None:
            self._places = self.places_of(self._rows)
        return self._places

    def places_of(self, rows: Rows) -> Places:
        """The places of some who wait, looked up."""
        column = self.population.columns
        offer, weight = column["offer"][rows], self.household[column["stratum"][rows]]
        ratio = self.profiles.cancelling[column["profile"][rows]]
        car, channel = self.catalogue.car_of[offer], self.catalogue.channel_of[offer]
        return Places(
            offer, car, channel, weight, ratio, column["promised"][rows], column["stage"][rows], column["since"][rows]
        )

    def positions(self, rows: Rows) -> Rows:
        """Where those of some consumers who wait stand in the list, in the order of the list."""
        if len(self._rows) == 0:
            return self._rows
        asked = np.zeros(len(self.population), bool)
        asked[rows] = True
        return np.flatnonzero(asked[self._rows])

    def enter(self, rows: Rows) -> None:
        """Some take their places at the end."""
        places = self.places.and_then(self.places_of(rows))
        self._rows, self._places, self._backlog = np.concatenate([self._rows, rows]), places, None

    def move(self, some: Rows, stage: NDArray[np.int8] | int, since: NDArray[np.floating]) -> None:
        """Those at some positions of the list are in another stage, since given times (weeks)."""
        if len(some) == 0:
            return
        column, rows, places = self.population.columns, self._rows[some], self.places
        self._backlog = None
        column["stage"][rows], column["since"][rows] = stage, since
        places.stage[some], places.since[some] = stage, since

    def leave(self, some: Rows) -> None:
        """Those at some positions wait no more."""
        stays = np.ones(len(self._rows), bool)
        stays[some] = False
        kept = stays.nonzero()[0]
        self._places, self._rows, self._backlog = self.places.of(kept), self._rows[kept], None

    def backlog(self) -> Amounts:
        """Households with an order, deposit paid or locked, by car: (cars,)."""
        if self._backlog is None:
            weight = self.places.weight * (self.places.stage >= ORDERED)
            self._backlog = np.bincount(self.places.car, weight, len(self.catalogue.cars)).astype(float, copy=False)
        return self._backlog.copy()
