"""The waiting list: everybody between a choice and a car, in order of arrival, and what becomes of them in a round."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Clock, Round
from market.catalogue import Catalogue
from market.chance import Chance
from market.people import orders, ownership
from market.people.consumers import NEVER
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, TESTING, Anger, Orders, Terms
from market.people.ownership import Ownership
from market.people.patience import NO_REFUND, Patience
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.trust import Trust
from market.people.waiting import WaitingList

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
        self.line = WaitingList(self.population, self.profiles, self.catalogue, self.household)
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
        self.refunded = np.full(len(self.catalogue.offers), NO_REFUND, np.int32)
        """(offers,) last week whose orders can be cancelled without losing a deposit"""
        self.patience = Patience(
            self.population, self.catalogue, self.section, self.terms, self.trust, self.angers, self.refunded
        )
        self.expectation = np.array([c.promise.expectation for c in self.catalogue.cars.values()], np.float32)

    @property
    def waiting(self) -> Rows:
        """Everybody who waits, in order of arrival."""
        return self.line.rows

    @waiting.setter
    def waiting(self, rows: Rows) -> None:
        self.line.rows = rows

    def weight(self, rows: Rows) -> NDArray[np.float64]:
        """Households behind each consumer."""
        return self.household[self.population.columns["stratum"][rows]]

    def ordered(self) -> Rows:
        """Those with an order: deposit paid or locked."""
        return self.waiting[self.line.places.stage >= ORDERED]

    def enter(
        self, rows: Rows, offer: Rows, margin: Floats, at: Floats, promised: Floats, price: NDArray[np.float64],
        launched: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Those who have chosen take their place: `at` (weeks) says when; `promised` is (cars,), `price` (offers,)."""
        if len(rows) == 0:
            return
        column, car, channel = self.population.columns, self.catalogue.car_of[offer], self.catalogue.channel_of[offer]
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
        self.line.enter(rows)
        held = reserves.nonzero()[0]
        if len(held):
            self.record("reservations", rows[held], offer[held], None)

    def reconsider(self, this: Round, handover: Handover) -> bool:
        """Some who wait give up, before their car is there or by the end of the round. Returns whether any did."""
        if len(self.waiting) == 0:
            return False
        until = np.full(len(self.waiting), this.now)
        until[handover.position] = handover.at
        gives_up, at = self.patience.wear(self.waiting, self.line.places, until)
        leave = gives_up.nonzero()[0]
        self.give_up(leave, at[leave], this.week_begins)
        return len(leave) > 0

    def live_until(self, rows: Rows, now: float, lead_weeks: NDArray[np.float64]) -> None:
        """Those of some consumers who wait live as they are until a time (weeks): what comes then changes them.

        Whose car may be there by then (`lead_weeks` (cars,) after the order was locked) gets it or gives up at the end
        of the week.
        """
        at = self.line.positions(rows)
        if len(at) == 0:
            return
        places = self.line.places.of(at)
        here = (places.stage == LOCKED) & (places.since + lead_weeks[places.car] <= now)
        at, places = at[~here], places.of((~here).nonzero()[0])
        gives_up, when = self.patience.wear(self.waiting[at], places, np.full(len(at), now))
        self.give_up(at[gives_up], when[gives_up], math.ceil(now) - 1.0)

    def give_up(self, some: Rows, at: NDArray[np.floating], week: float) -> None:
        """Those at some positions leave the list at given times (weeks) and look again, at other cars.

        Whoever had ordered cancels. Nobody looks again before the end of that `week`.
        """
        if len(some) == 0:
            return
        column, rows, places = self.population.columns, self.waiting[some], self.line.places
        ordered = (places.stage[some] >= ORDERED).nonzero()[0]
        if len(ordered):
            back, those = rows[ordered], some[ordered]
            had, lost = places.offer[those], self.terms.forfeit[places.stage[those], places.channel[those]]
            self.record("cancellations", back, had, (lost > 0.0) & ~self.patience.is_refunded(back, had))
            column["car"][back], column["car_week"][back] = column["driven"][back], column["driven_week"][back]
        column["tried"][rows] |= np.int64(1) << places.car[some]
        column["stage"][rows], column["offer"][rows] = SEARCHING, -1
        due = (self.clock.market_time(at) + self.section.second_search_weeks).astype(np.float32)
        next_week = np.nextafter(np.float32(self.clock.at(round((week + 1.0) * DAYS))), NEVER)
        column["due"][rows] = np.maximum(due, next_week)
        column["patience"][rows] = NEVER
        self.line.leave(some)

    def move_on(self, this: Round, drives: NDArray[np.float64], launched: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Reservations become deposits, deposits lock, test drives are held: `drives` (cars,) of them at most.

        Returns the test drives left over: within a week all of them, at its end those for which somebody waits.
        """
        stage = self.line.places.stage
        some = ((stage == RESERVED) | (stage == ORDERED)).nonzero()[0]
        if len(some):
            self._change_stage(this, some, launched)
        return self._test_drives(this, drives, launched)

    def _change_stage(self, this: Round, some: Rows, launched: NDArray[np.bool_]) -> None:
        """What time alone brings to reservations and deposits: those at `some` positions of the list."""
        column, terms, places = self.population.columns, self.terms, self.line.places.of(some)
        following = orders.advance(
            places.stage, launched=launched[places.car], channel=places.channel,
            waited_weeks=np.float32(this.now) - places.since, terms=terms,
        )  # fmt: skip
        moves = (following != places.stage).nonzero()[0]
        if len(moves) == 0:
            return
        some, following, places = some[moves], following[moves], places.of(moves)
        rows, stage = self.waiting[some], places.stage
        reserved = places.since + terms.reservation_weeks[places.channel]
        reserved = np.maximum(reserved, self.catalogue.launch_day[places.car] / DAYS)
        since = np.where(stage == RESERVED, reserved, places.since + terms.lock_weeks[places.channel])
        waited = (since > column["exposed"][rows]).nonzero()[0]
        gives_up, at = self.patience.wear(rows[waited], places.of(waited), since[waited])
        lost = waited[gives_up]
        following[lost] = stage[lost]
        moved = (following != stage).nonzero()[0]
        self.line.move(some[moved], following[moved], since[moved])
        self._order(rows[moved[following[moved] == ORDERED]], this.week)
        self.give_up(some[lost], at[gives_up], this.week_begins)

    def _test_drives(
        self, this: Round, drives: NDArray[np.float64], launched: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """Hold test drives, first come, first served: who likes the car locks the order, who does not looks again.

        Whose earlier order locks this week anyway does not come.
        """
        column, places = self.population.columns, self.line.places
        begins, ends = np.float32(this.week_begins), np.float32(this.week + 1 - orders.MOMENT)
        locks = (places.since < begins) & (places.since + self.terms.lock_weeks[places.channel] < ends)
        some = ((places.stage == TESTING) | (places.stage == ORDERED) & ~locks).nonzero()[0]
        some = some[launched[places.car[some]]] if len(some) else some
        if len(some) == 0:
            return np.zeros(len(drives)) if this.ends_week else drives
        some = some[places.since[some].argsort(kind="stable")]
        car, weight = places.car[some], places.weight[some]
        served = orders.serve_in_order(car, weight, drives)
        queued = np.zeros(len(drives), bool)
        if not served.all():
            queued[car[~served]] = True
            some, car, weight = some[served], car[served], weight[served]
        used = np.bincount(car, weight, len(drives))
        rows, testing = self.waiting[some], places.stage[some] == TESTING
        at = np.maximum(places.since[some], begins)
        column["exposed"][rows[testing]] = at[testing]  # nothing to cancel so far
        gives_up, when, ordered = np.zeros(len(rows), bool), at.copy(), (~testing).nonzero()[0]
        if len(ordered):
            gives_up[ordered], when[ordered] = self.patience.wear(rows[ordered], places.of(some[ordered]), at[ordered])
        surprise = self.chance.normal("test drive", rows, column["spell"][rows], self.catalogue.car_keys[car])
        gives_up |= ~orders.likes_the_drive(column["margin"][rows], surprise, self.section)
        likes = ~gives_up
        self._order(rows[testing & likes], this.week)
        self.line.move(some[likes], LOCKED, at[likes])
        self.give_up(some[gives_up], when[gives_up], this.week_begins)
        return np.where(queued | (not this.ends_week), drives - used, 0.0)

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
        places = self.line.places
        position = (places.stage == LOCKED).nonzero()[0]
        car = places.car[position]
        at = places.since[position] + lead_weeks[car]
        ready = (launched[car] & (at <= this.now + orders.MOMENT)).nonzero()[0]
        position, car, at = position[ready], car[ready], np.clip(at[ready], this.begin, this.now)
        weight = places.weight[position]
        if (np.bincount(car, weight, len(stock)) <= stock).all():
            return Handover(position, at)
        together = orders.cumulated_in_line(car, weight)
        served = orders.finds_half(together, weight, (stock + built)[car])
        missing = np.maximum(together - stock[car], 0.0)
        wait = np.divide(missing, built[car], out=np.zeros(len(car)), where=built[car] > 0) * this.weeks
        return Handover(position[served], np.maximum(at, this.begin + wait.clip(0, this.weeks))[served])

    def hand_over(self, handover: Handover, cars: int) -> NDArray[np.float64]:
        """Hand cars over at their times. Returns what was handed over: (cars,)."""
        position, places = handover.position, self.line.places
        if len(position) == 0:
            return np.zeros(cars)
        rows, car = self.waiting[position], places.car[position]
        self.record("deliveries", rows, places.offer[position], None)
        handed_over = np.bincount(car, places.weight[position], cars)
        late = (handover.at - places.promised[position]).astype(np.float32)
        self.own(rows, car, self.clock.market_time(handover.at), late)
        self.line.leave(handover.position)
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
        if len(rows) == 0:
            return
        column = self.population.columns
        column["due"][rows] = market_time + ownership.replacement(self.chance, self.owning, rows, column["spell"][rows])
        column["stage"][rows], column["offer"][rows], column["tried"][rows] = IDLE, -1, 0
        column["spell"][rows] += 1
