"""The waiting list: everybody between a choice and a car, in order of arrival, and what becomes of them in a round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.calendar import Round
from market.catalogue import Catalogue
from market.chance import Chance
from market.people import orders, ownership
from market.people.consumers import NEVER
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, TESTING, Orders, Terms
from market.people.ownership import Ownership
from market.people.population import Population
from market.people.profiles import Profiles

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
Record = Callable[[str, Rows, NDArray[np.intp], NDArray[np.bool_] | None], None]
"""Writes a flow into the ledger: its name, the consumers, their offers, and whose deposit is forfeited."""


@dataclass
class OrderBook:
    """All waiting consumers and the rules they wait by. The market owns it; `record` hears of every flow."""

    chance: Chance
    population: Population
    profiles: Profiles
    catalogue: Catalogue
    section: Orders
    owning: Ownership
    household: NDArray[np.float64]
    """(strata,) households that one consumer stands for"""
    record: Record

    def __post_init__(self) -> None:
        """Begin with nobody waiting; lay the channels out as arrays."""
        self.waiting: Rows = np.empty(0, np.intp)
        channels = list(self.catalogue.channels.values())
        lost = {"deposit": (ORDERED, LOCKED), "lock": (LOCKED,), "delivery": ()}
        forfeit = [
            [c.deposit_cny / 1e3 if s in lost[c.refundable_until] else 0.0 for c in channels]
            for s in range(len(STAGES))
        ]
        self.terms = Terms(
            np.array([c.deposit_first for c in channels]),
            np.array([c.reservation_weeks for c in channels], np.float32),
            np.array([c.lock_weeks for c in channels], np.float32),
            np.array(forfeit, np.float32),
        )
        self.revealed = np.zeros(len(self.catalogue.offers))
        """(offers,) hazard per week that a revealed term adds"""
        self.quality = np.array([c.quality for c in self.catalogue.cars.values()], np.float32)
        self.expectation = np.array([c.promise.expectation for c in self.catalogue.cars.values()], np.float32)

    def weight(self, rows: Rows) -> NDArray[np.float64]:
        """Households behind each consumer."""
        return self.household[self.population.columns["stratum"][rows]]

    def by_car(self, rows: Rows) -> NDArray[np.float64]:
        """Households by car on order: (cars,)."""
        car = self.catalogue.car_of[self.population.columns["offer"][rows]]
        return np.bincount(car, self.weight(rows), len(self.catalogue.cars)).astype(float, copy=False)

    def ordered(self) -> Rows:
        """Those with an order: deposit paid or locked."""
        stage = self.population.columns["stage"][self.waiting]
        return self.waiting[stage >= ORDERED]

    def enter(
        self,
        rows: Rows,
        offer: Rows,
        margin: Floats,
        at: Floats,
        promised: Floats,
        price: NDArray[np.float64],
        launched: NDArray[np.bool_],
    ) -> None:
        """Those who have chosen take their place: `at` (weeks) says when; `promised` is (cars,), `price` (offers,)."""
        column, car = self.population.columns, self.catalogue.car_of[offer]
        column["stage"][rows] = RESERVED
        column["offer"][rows] = offer
        column["margin"][rows] = margin
        column["since"][rows] = at
        column["promised"][rows] = at + promised[car]
        column["price"][rows] = price[offer]
        column["patience"][rows] = self.chance.exponential(
            "cancelling", rows, column["spell"][rows], self.catalogue.offer_keys[offer]
        )
        self.waiting = np.concatenate([self.waiting, rows])
        reserves = (self.terms.reservation_weeks[self.catalogue.channel_of[offer]] > 0) | ~launched[car]
        self.record("reservations", rows[reserves], offer[reserves], None)

    def cancel(self, this: Round) -> None:
        """Patience runs out for some of those who waited before this round."""
        column = self.population.columns
        rows = self.waiting[column["since"][self.waiting] <= np.float32(this.begin)]
        if len(rows) == 0:
            return
        offer, stage = column["offer"][rows], column["stage"][rows]
        hazard = orders.cancel_hazard(
            stage,
            np.float32(this.now) - column["promised"][rows],
            self.revealed[offer].astype(np.float32),
            self.terms.forfeit[stage, self.catalogue.channel_of[offer]],
            self.profiles.cancelling[column["profile"][rows]],
            self.section,
        )
        left = column["patience"][rows] - hazard * np.float32(this.weeks)
        column["patience"][rows] = left
        self.give_up(rows[left <= 0], this.market_time)

    def give_up(self, rows: Rows, market_time: float) -> None:
        """Leave the list and look again, at other cars; whoever had ordered cancels."""
        if len(rows) == 0:
            return
        column = self.population.columns
        had_ordered = column["stage"][rows] >= ORDERED
        back, offer = rows[had_ordered], column["offer"][rows]
        channel = self.catalogue.channel_of[offer[had_ordered]]
        forfeits = self.terms.forfeit[column["stage"][back], channel] > 0.0
        self.record("cancellations", back, offer[had_ordered], forfeits)
        column["car"][back], column["car_week"][back] = column["driven"][back], column["driven_week"][back]
        column["tried"][rows] |= np.int64(1) << self.catalogue.car_of[offer]
        column["stage"][rows], column["offer"][rows] = SEARCHING, -1
        column["due"][rows] = market_time + self.section.second_search_weeks
        column["patience"][rows] = NEVER
        self.waiting = self.waiting[column["stage"][self.waiting] > SEARCHING]

    def move_on(self, this: Round, drives: NDArray[np.float64], launched: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Reservations become deposits, test drives are held, orders lock. `drives` (cars,) can be held in this round.

        Returns the test drives left over where somebody still waits for one.
        """
        column, terms, catalogue = self.population.columns, self.terms, self.catalogue
        rows = self.waiting
        rows = rows[column["stage"][rows] < LOCKED]
        if len(rows) == 0:
            return np.zeros(len(drives))
        offer, stage, since = column["offer"][rows], column["stage"][rows], column["since"][rows]
        car, channel = catalogue.car_of[offer], catalogue.channel_of[offer]
        now = np.float32(this.now)
        following = orders.advance(
            stage, launched=launched[car], channel=channel, waited_weeks=now - since, terms=terms
        )
        left_reservation = (stage == RESERVED) & (following != RESERVED)
        since = np.where(
            left_reservation,
            np.maximum(since + terms.reservation_weeks[channel], (catalogue.launch_day[car] / 7.0).clip(-1e6)),
            since,
        )
        since = np.where((stage == ORDERED) & (following == LOCKED), since + terms.lock_weeks[channel], since).astype(
            np.float32
        )
        orders_now = left_reservation & (following == ORDERED)

        wants = np.flatnonzero(((following == TESTING) | (following == ORDERED)) & launched[car])
        weight = self.weight(rows[wants])
        served = orders.serve_in_order(car[wants], weight, drives)
        used = np.bincount(car[wants[served]], weight[served], len(drives))
        queued = np.bincount(car[wants[~served]], minlength=len(drives)) > 0
        drivers = wants[served]
        surprise = self.chance.normal(
            "test drive", rows[drivers], column["spell"][rows[drivers]], catalogue.car_keys[car[drivers]]
        )
        likes = orders.likes_the_drive(column["margin"][rows[drivers]], surprise, self.section)
        kept = drivers[likes]
        orders_now[kept] |= following[kept] == TESTING
        following[kept] = LOCKED
        since[kept] = np.maximum(since[kept], np.float32(this.begin))

        column["stage"][rows], column["since"][rows] = following, since
        self._order(rows[orders_now], this.week)
        self.give_up(rows[drivers[~likes]], this.market_time)
        return np.where(queued, drives - used, 0.0)

    def _order(self, rows: Rows, week: int) -> None:
        """An order is placed: acquaintances see the new car from now on."""
        column = self.population.columns
        offer = column["offer"][rows]
        self.record("orders", rows, offer, None)
        column["driven"][rows], column["driven_week"][rows] = column["car"][rows], column["car_week"][rows]
        column["car"][rows], column["car_week"][rows] = self.catalogue.car_of[offer], week

    def deliver(
        self, this: Round, stock: NDArray[np.float64], lead_weeks: NDArray[np.float64], launched: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Hand over cars from stock, first come, first served. Returns what was handed over: (cars,)."""
        column = self.population.columns
        rows = self.waiting[column["stage"][self.waiting] == LOCKED]
        car = self.catalogue.car_of[column["offer"][rows]]
        ready = launched[car] & (column["since"][rows] + lead_weeks[car] <= this.now + orders.MOMENT)
        rows, car = rows[ready], car[ready]
        served = orders.serve_in_order(car, self.weight(rows), stock)
        rows, car = rows[served], car[served]
        if len(rows) == 0:
            return np.zeros(len(stock))
        self.record("deliveries", rows, column["offer"][rows], None)
        handed_over = np.bincount(car, self.weight(rows), len(stock))
        late = np.float32(this.now) - column["promised"][rows]
        self.own(rows, car, this.market_time, late)
        self.waiting = self.waiting[column["stage"][self.waiting] > SEARCHING]
        return handed_over.astype(float, copy=False)

    def own(self, rows: Rows, car: Rows, market_time: float | NDArray[np.float64], late_weeks: Floats) -> None:
        """The need is met by a listed car; the next one comes in time."""
        column = self.population.columns
        column["satisfaction"][rows] = ownership.satisfaction(
            self.chance, self.owning, rows, column["spell"][rows], self.quality[car], self.expectation[car], late_weeks
        )
        self.settle(rows, market_time)

    def settle(self, rows: Rows, market_time: float | NDArray[np.float64]) -> None:
        """The need is over, whatever was bought: back to idle until the next need is due."""
        column = self.population.columns
        column["due"][rows] = market_time + ownership.replacement(self.chance, self.owning, rows, column["spell"][rows])
        column["stage"][rows], column["offer"][rows], column["tried"][rows] = IDLE, -1, 0
        column["spell"][rows] += 1
