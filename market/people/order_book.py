"""The waiting list: everybody between a choice and a car, in order of arrival, and what becomes of them in a round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Clock, Round
from market.catalogue import Catalogue
from market.chance import Chance
from market.people import grievance, orders, ownership
from market.people.consumers import NEVER
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, TESTING, Anger, Orders, Terms
from market.people.ownership import Ownership
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.trust import Trust

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
Record = Callable[[str, Rows, NDArray[np.intp], NDArray[np.bool_] | None], None]
"""Writes a flow into the ledger: its name, the consumers, their offers, and whose deposit is forfeited."""


class Handover(NamedTuple):
    """Who is handed a car in a round: positions in the waiting list, and when, in weeks."""

    position: Rows
    at: NDArray[np.float64]


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
    clock: Clock
    trust: Trust

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
        self.angers: list[tuple[NDArray[np.bool_], Anger]] = []
        """revealed terms: the (offers,) they concern, and what they do"""
        self.refunded = np.zeros(len(self.catalogue.offers), bool)
        """(offers,) whose orders can be cancelled without losing a deposit"""
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
        channel = self.catalogue.channel_of[offer]
        reserves = (self.terms.reservation_weeks[channel] > 0) | ~launched[car]
        column["stage"][rows] = np.where(reserves | self.terms.deposit_first[channel], RESERVED, TESTING)
        column["offer"][rows] = offer
        column["margin"][rows] = margin
        column["since"][rows] = at
        column["promised"][rows] = at + promised[car]
        column["price"][rows] = price[offer]
        column["exposed"][rows] = at
        column["patience"][rows] = self.chance.exponential(
            "cancelling", rows, column["spell"][rows], self.catalogue.offer_keys[offer]
        )
        self.waiting = np.concatenate([self.waiting, rows])
        self.record("reservations", rows[reserves], offer[reserves], None)

    def wear(self, rows: Rows, until: NDArray[np.floating]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Let consumers wait until given times (weeks) in the stage they are in. Returns who gives up, and when."""
        if len(rows) == 0:
            return np.zeros(0, bool), np.zeros(0)
        column = self.population.columns
        begins, ends = column["exposed"][rows], np.maximum(until, column["exposed"][rows]).astype(np.float32)
        offer, stage = column["offer"][rows], column["stage"][rows]
        car, forfeit = self.catalogue.car_of[offer], self.terms.forfeit[stage, self.catalogue.channel_of[offer]]
        revealed = self.trust.cancelling(rows, self.catalogue.face[car], begins, ends).astype(float)
        for under_plan, anger in self.angers:
            revealed += under_plan[offer] * anger.cumulated(begins, ends)
        grieves = (column["grievance"][rows] > 0.0).nonzero()[0]
        held, since = column["grievance"][rows[grieves]], column["grieved"][rows[grieves]]
        revealed[grieves] += grievance.cumulated(
            held, since, begins[grieves], ends[grieves], self.section.grievance_per_week,
            self.section.grievance_half_life_weeks,
        )  # fmt: skip
        forfeit = np.where(self.refunded[offer], np.float32(0.0), forfeit)
        hazard = orders.cumulated_hazard(
            stage, begins, ends, column["promised"][rows], revealed.astype(np.float32), forfeit,
            self.profiles.cancelling[column["profile"][rows]], self.section,
        )  # fmt: skip
        before = column["patience"][rows]
        column["patience"][rows], column["exposed"][rows] = before - hazard, ends
        gives_up = before - hazard <= 0
        part = np.divide(before, hazard, out=np.zeros(len(rows), np.float32), where=hazard > 0)
        return gives_up, begins + part.clip(0, 1).astype(float) * (ends - begins)

    def reconsider(self, this: Round, handover: Handover) -> bool:
        """Some who wait give up, before their car is there or by the end of the round. Returns whether any did."""
        if len(self.waiting) == 0:
            return False
        until = np.full(len(self.waiting), this.now)
        until[handover.position] = handover.at
        gives_up, at = self.wear(self.waiting, until)
        self.give_up(self.waiting[gives_up], at[gives_up])
        return bool(gives_up.any())

    def give_up(self, rows: Rows, at: NDArray[np.floating]) -> None:
        """Leave the list at given times (weeks) and look again, at other cars; whoever had ordered cancels."""
        if len(rows) == 0:
            return
        column = self.population.columns
        had_ordered = column["stage"][rows] >= ORDERED
        back, offer = rows[had_ordered], column["offer"][rows]
        channel = self.catalogue.channel_of[offer[had_ordered]]
        forfeits = (self.terms.forfeit[column["stage"][back], channel] > 0.0) & ~self.refunded[offer[had_ordered]]
        self.record("cancellations", back, offer[had_ordered], forfeits)
        column["car"][back], column["car_week"][back] = column["driven"][back], column["driven_week"][back]
        column["tried"][rows] |= np.int64(1) << self.catalogue.car_of[offer]
        column["stage"][rows], column["offer"][rows] = SEARCHING, -1
        column["due"][rows] = self.clock.market_time(at) + self.section.second_search_weeks
        column["patience"][rows] = NEVER
        self.waiting = self.waiting[column["stage"][self.waiting] > SEARCHING]

    def move_on(self, this: Round, drives: NDArray[np.float64], launched: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Reservations become deposits, deposits lock, test drives are held: `drives` (cars,) of them at most.

        Returns the test drives left over where somebody still waits for one.
        """
        stage = self.population.columns["stage"][self.waiting]
        rows = self.waiting[(stage == RESERVED) | (stage == ORDERED)]
        if len(rows):
            self._change_stage(this, rows, launched)
        return self._test_drives(this, drives, launched)

    def _change_stage(self, this: Round, rows: Rows, launched: NDArray[np.bool_]) -> None:
        """What time alone brings to reservations and deposits."""
        column, terms, catalogue = self.population.columns, self.terms, self.catalogue
        offer, stage, since = column["offer"][rows], column["stage"][rows], column["since"][rows]
        car, channel = catalogue.car_of[offer], catalogue.channel_of[offer]
        following = orders.advance(
            stage, launched=launched[car], channel=channel, waited_weeks=np.float32(this.now) - since, terms=terms
        )
        reserved_until = np.maximum(since + terms.reservation_weeks[channel], catalogue.launch_day[car] / DAYS)
        since = np.where(stage == RESERVED, reserved_until, since + terms.lock_weeks[channel])
        moves = np.flatnonzero(following != stage)
        waited = moves[since[moves] > column["exposed"][rows[moves]]]
        gives_up, at = self.wear(rows[waited], since[waited])
        lost = waited[gives_up]
        following[lost] = stage[lost]
        moved = following != stage
        column["stage"][rows[moved]], column["since"][rows[moved]] = following[moved], since[moved]
        self._order(rows[moved & (following == ORDERED)], this.week)
        self.give_up(rows[lost], at[gives_up])

    def _test_drives(
        self, this: Round, drives: NDArray[np.float64], launched: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Hold test drives, first come, first served: who likes the car locks the order, who does not looks again."""
        column, catalogue = self.population.columns, self.catalogue
        stage = column["stage"][self.waiting]
        rows = self.waiting[(stage == TESTING) | (stage == ORDERED)]
        car = catalogue.car_of[column["offer"][rows]]
        rows, car = rows[launched[car]], car[launched[car]]
        weight = self.weight(rows)
        served = orders.serve_in_order(car, weight, drives)
        used = np.bincount(car[served], weight[served], len(drives))
        queued = np.bincount(car[~served], minlength=len(drives)) > 0
        rows, car = rows[served], car[served]
        at = np.maximum(column["since"][rows], np.float32(this.begin))
        testing = column["stage"][rows] == TESTING
        column["exposed"][rows[testing]] = at[testing]  # nothing to cancel so far
        gives_up, when = np.zeros(len(rows), bool), at.copy()
        gives_up[~testing], when[~testing] = self.wear(rows[~testing], at[~testing])
        surprise = self.chance.normal("test drive", rows, column["spell"][rows], catalogue.car_keys[car])
        gives_up |= ~orders.likes_the_drive(column["margin"][rows], surprise, self.section)
        kept = rows[~gives_up]
        self._order(rows[testing & ~gives_up], this.week)
        column["stage"][kept], column["since"][kept] = LOCKED, at[~gives_up]
        self.give_up(rows[gives_up], when[gives_up])
        return np.where(queued, drives - used, 0.0)

    def _order(self, rows: Rows, week: int) -> None:
        """An order is placed: acquaintances see the new car from now on."""
        if len(rows) == 0:
            return
        column = self.population.columns
        offer = column["offer"][rows]
        self.record("orders", rows, offer, None)
        column["driven"][rows], column["driven_week"][rows] = column["car"][rows], column["car_week"][rows]
        column["car"][rows], column["car_week"][rows] = self.catalogue.car_of[offer], week

    def handovers(
        self, this: Round, stock: NDArray[np.float64], built: NDArray[np.float64], lead_weeks: NDArray[np.float64],
        launched: NDArray[np.bool_],
    ) -> Handover:  # fmt: skip
        """Who is handed a car in this round, and when: first come, first served, from `stock`, then as cars are built.

        Whoever waits for a car that is still to be built gets it when the line has come so far.
        """
        column = self.population.columns
        position = np.flatnonzero(column["stage"][self.waiting] == LOCKED)
        rows = self.waiting[position]
        car = self.catalogue.car_of[column["offer"][rows]]
        at = column["since"][rows] + lead_weeks[car]
        ready = launched[car] & (at <= this.now + orders.MOMENT)
        position, rows, car, at = position[ready], rows[ready], car[ready], np.clip(at[ready], this.begin, this.now)
        weight = self.weight(rows)
        if (np.bincount(car, weight, len(stock)) <= stock).all():
            return Handover(position, at)
        together = orders.cumulated_in_line(car, weight)
        served = orders.finds_half(together, weight, (stock + built)[car])
        missing = np.maximum(together - stock[car], 0.0)
        wait = np.divide(missing, built[car], out=np.zeros(len(car)), where=built[car] > 0) * this.weeks
        return Handover(position[served], np.maximum(at, this.begin + wait.clip(0, this.weeks))[served])

    def hand_over(self, handover: Handover, cars: int) -> NDArray[np.float64]:
        """Hand cars over at their times. Returns what was handed over: (cars,)."""
        column, rows = self.population.columns, self.waiting[handover.position]
        if len(rows) == 0:
            return np.zeros(cars)
        offer = column["offer"][rows]
        car = self.catalogue.car_of[offer]
        self.record("deliveries", rows, offer, None)
        handed_over = np.bincount(car, self.weight(rows), cars)
        late = (handover.at - column["promised"][rows]).astype(np.float32)
        self.own(rows, car, self.clock.market_time(handover.at), late)
        self.waiting = self.waiting[column["stage"][self.waiting] > SEARCHING]
        return handed_over.astype(float, copy=False)

    def own(self, rows: Rows, car: Rows, market_time: float | NDArray[np.float64], late_weeks: Floats) -> None:
        """The need is met by a listed car; the next one comes in time."""
        column, quality = self.population.columns, self.catalogue.quality[car]
        column["satisfaction"][rows] = ownership.satisfaction(
            self.chance, self.owning, rows, column["spell"][rows], quality, self.expectation[car], late_weeks
        )
        self.settle(rows, market_time)

    def settle(self, rows: Rows, market_time: float | NDArray[np.float64]) -> None:
        """The need is over, whatever was bought: back to idle until the next need is due."""
        column = self.population.columns
        column["due"][rows] = market_time + ownership.replacement(self.chance, self.owning, rows, column["spell"][rows])
        column["stage"][rows], column["offer"][rows], column["tried"][rows] = IDLE, -1, 0
        column["spell"][rows] += 1
