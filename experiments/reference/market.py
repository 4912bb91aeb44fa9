"""The same market as plain Mesa objects running the readable rules: specification, twin and speed baseline in one.

One ordinary `mesa.Agent` per consumer and scalar code throughout, written as one would write it for Mesa. Built from
the same case and seed it goes through the same history as `market.Market`, consumer by consumer. Week 0 is copied from
a market that has just been built, and so are the ties; the weeks after that are its own. What belongs to few
organisations - catalogue and calendar, prices, contracts and books - it shares: see `experiments.reference.companies`.

    ReferenceMarket("jd-gac-catl", rng=1).run(30).ledger.sales()
"""

from __future__ import annotations

import math
from typing import Self

import mesa
import numpy as np

from experiments.reference import effects as reference_effects
from experiments.reference.cars import Deal, ListedCar, build, deals, look_at_queues, open_deals
from experiments.reference.companies import Companies
from experiments.reference.consumer import Consumer
from experiments.reference.public import ReferencePublic
from experiments.reference.rules import first_come_first_served, handover_times
from experiments.reference.waiting import NONE, Waiting
from market.calendar import DAYS, Round
from market.cars import Plan
from market.case import Case
from market.chance import Chance
from market.ledger import FLOWS, Ledger
from market.market import Market
from market.people.network import Network
from market.people.orders import IDLE, LOCKED, ORDERED, SEARCHING, Anger
from market.people.sampling import in_order

PLACED = ("profile", "stratum", "tier")


class ReferenceMarket(mesa.Model):
    """One market, consumer by consumer, in the acts of `market.Market`."""

    ACTS = Market.ACTS

    def __init__(self, case: Case | str = "jd-gac-catl", rng: int = 1) -> None:
        """Build the market of a case in the week 0 that `Market` gives it; `rng` is the seed of all its luck."""
        super().__init__(rng=int(rng) % 2**32)
        self.case = case = Case.load(case) if isinstance(case, str) else case
        self.chance, self.week = Chance(int(rng)), 0
        opening = Market(case, rng)
        self.catalogue, self.profiles = opening.catalogue, opening.profiles
        self.clock, self.agenda = opening.clock, opening.agenda
        self.habits = list(self.profiles.sections.values())
        self.budgets = [stratum.budget_cny for stratum in in_order(case.population.strata)]
        self.weights: list[float] = opening.household.tolist()
        self.households: list[float] = opening.people_by_profile.tolist()
        self.baseline = {key: case.organisations[key].trust for key in self.catalogue.organisations}
        self.no_deviation = dict.fromkeys(self.baseline, 0.0)
        self.places, self.ties = opening.demand.memory.places, opening.demand.acquaintances
        self.cars = [ListedCar(opening, position, key) for position, key in enumerate(self.catalogue.cars)]
        self.car_of: list[int] = self.catalogue.car_of.tolist()
        self.people = self._copy_consumers(opening)
        self.waiting: list[Waiting] = [self.people[row] for row in opening.book.waiting.tolist()]
        self.companies = Companies(opening, self.people, self.cars)
        self.public = ReferencePublic(self)
        self.ledger = Ledger(
            self.catalogue, self.profiles.keys, case.calendar.start, case.calendar.weeks, frozenset(case.platforms)
        )
        self.ledger.deposits_at_opening[:] = opening.ledger.deposits_at_opening
        self.companies.engage(self.ledger)
        self.media_use: list[list[float]] = self.profiles.media_use.tolist()
        self.day = self.night = 0
        self.seen: list[tuple[int, int, float]] = []
        self.deals: list[Deal] = []
        self.on_offer: dict[int, list[Deal]] = {}
        self.exciting: list[ListedCar] = []
        self.deciding: list[tuple[float, int, Consumer, bool]] = []
        self.handover_at: dict[Waiting, float] = {}
        self.stock: list[float] = []
        self.built: list[float] = []
        self.angers: dict[str, list[Anger]] = {}
        self.refunded: dict[int, int] = {}  # last week whose orders can be cancelled for nothing, by offer
        self.attention = self.outside = 0.0
        self.flows: dict[str, list[tuple[int, int, float, float, bool]]] = {name: [] for name in FLOWS}

    def _copy_consumers(self, opening: Market) -> list[Consumer]:
        columns = {name: column.tolist() for name, column in opening.consumers.columns.items()}
        columns |= {name: getattr(opening.owners, name).tolist() for name in ("handed_over", "renting")}
        people = [Consumer(self, row, *at) for row, at in enumerate(zip(*map(columns.pop, PLACED), strict=True))]
        columns["tried"] = [{car for car in range(len(self.cars)) if bits >> car & 1} for bits in columns["tried"]]
        for name, column in columns.items():
            for consumer, value in zip(people, column, strict=True):
                setattr(consumer, name, value)

        def ties(network: Network, row: int) -> list[Consumer]:
            return [people[other] for other in network.neighbours(row).tolist()]

        for consumer in people:
            consumer.acquaintances = ties(opening.demand.acquaintances, consumer.row)
            consumer.followees = ties(opening.demand.followees, consumer.row)
        return people

    def step(self) -> None:
        """Run one week, cut into rounds where something happens, and into days while a story lives."""
        self.companies.opening.week = self.week
        self.day, rounds = self.week * DAYS, self.agenda.rounds(self.clock, self.week, bool(self.public.live))
        if len(rounds) > 1:  # what others have and say this week counts from the next
            self.seen = [(person.car, person.car_week, person.loudness) for person in self.people]
        for this in rounds:
            self.night = this.first_day + this.days
            for act in self.ACTS:
                if act not in Market.AT_WEEKS_END:
                    getattr(self, act)(this)
                elif this.ends_week:
                    getattr(self, act)(this.whole_week)
        self.week, self.seen = self.week + 1, []

    def run(self, weeks: int | None = None) -> Self:
        """Run to the end of the calendar, or the given number of weeks."""
        left = self.case.calendar.weeks - self.week
        for _ in range(left if weeks is None else min(weeks, left)):
            self.step()
        return self

    def happen(self, this: Round) -> None:
        """Act 1: events of the first day of the round."""
        for event in self.agenda.today(this.first_day):
            reference_effects.apply(self, event)
        self.agenda.end_promotions(this.first_day)

    def decide(self, this: Round) -> None:
        """Act 2: at the start of a week organisations look at the week before and decide."""
        if this.begins_week:
            self.companies.decide(self.week, this.first_day, self.ledger.week(self.week - 1), self.backlog())
            self.agenda.refresh()
            added = self.companies.partnership.lead_weeks(this.first_day).tolist()
            for car, weeks in zip(self.cars, added, strict=True):
                car.lead_weeks = car.section.production.lead_weeks + weeks
            self.media_use = self.profiles.media_use.tolist()

    def announce(self, this: Round) -> None:
        """Act 3: what can be had in this round, at which price and lead time."""
        for car in self.cars:
            car.look()
        if this.begins_week:
            look_at_queues(self.cars, self.backlog())
        for car in self.cars:
            car.announce(this.first_day)
        disclosed = {plan for plan, is_disclosed in self.catalogue.disclosed.items() if is_disclosed}
        self.deals = deals(self.case, self.catalogue, self.cars, disclosed, self.week)
        self.companies.lay_out(self.week, this.first_day)
        self.on_offer = open_deals(self.deals, this.first_day, self.companies.forbidden(self.day))

    def inform(self, this: Round) -> None:
        """Act 4: media contacts arrive and are forgotten, excitement cools."""
        for car in self.cars:
            if this.begins_week:
                car.pass_week(this.week, self.case.media)
            car.cool(this, self.case.media)
        self.exciting = [car for car in self.cars if car.launched and car.hot]

    def need_and_search(self, this: Round) -> None:
        """Act 5: needs arise, searches end, some decide on impulse."""
        self.deciding = []
        self.agents_by_type[Consumer].do("need_and_search", this)
        self.deciding.sort(key=lambda entry: entry[:2])

    def shop(self, this: Round) -> None:
        """Act 6: all who decide choose first and act on it then, so that nobody sees what others do in this round."""
        lost, deferred = self.public.lost[self.week], self.public.deferred[self.week]
        choices = [consumer.choose() for _, _, consumer, _ in self.deciding]
        exciting = {car.position for car in self.exciting}
        for (due, _, consumer, carried_away), (offer, margin, trusting) in zip(self.deciding, choices, strict=True):
            if carried_away and (offer == NONE or self.car_of[offer] not in exciting):
                consumer.patience = math.inf  # only a car that excites will do; otherwise the search goes on
                continue
            at = max(due, this.begin)
            car, would = (NONE if one == NONE else self.car_of[one] for one in (offer, trusting))
            if would not in (NONE, car):
                lost[would] += consumer.weight
            if car != NONE and consumer.defers(car):
                deferred[car] += consumer.weight
                consumer.look_later(at)
            elif car == NONE:
                self.outside += consumer.weight
                consumer.buy_another(at)
            else:
                consumer.wait(offer, margin, at)

    def move_on(self, this: Round) -> None:
        """Act 7: reservations, deposits, test drives in the order of who is ready for one, locked orders."""
        early = [consumer for consumer in self.waiting if consumer.stage < LOCKED]
        for consumer in early:
            consumer.move_on(this)
        queue = sorted((c for c in early if c.wants_to_drive), key=lambda consumer: consumer.since)
        added = [car.section.production.test_drives_per_week * this.begins_week for car in self.cars]
        left = [car.drives_left + drives for car, drives in zip(self.cars, added, strict=True)]
        still_waited_for = set()
        for consumer, is_served in zip(queue, self._served(queue, left), strict=True):
            car = self.car_of[consumer.offer]
            if is_served:
                left[car] -= consumer.weight
                consumer.drive()
            else:
                still_waited_for.add(car)
        for position, car_left in enumerate(left):
            self.cars[position].drives_left = car_left * (position in still_waited_for or not this.ends_week)
        self.tidy()

    def build(self, this: Round) -> None:
        """Act 8: lines build; cars in stock and cars just built are assigned in order of arrival."""
        self.stock = [car.stock for car in self.cars]
        self.built = build(self.cars, self.backlog(), this)
        self._assign(this)

    def _assign(self, this: Round) -> None:
        ready = [(consumer, at) for consumer in self.waiting if (at := consumer.ready_at(this)) is not None]
        queue = [(self.car_of[consumer.offer], consumer.weight, at) for consumer, at in ready]
        times = handover_times(queue, self.stock, self.built, begin=this.begin, weeks=this.weeks)
        served = zip(ready, times, strict=True)
        self.handover_at = {consumer: at for (consumer, _), at in served if at is not None}

    def reconsider(self, this: Round) -> None:
        """Act 9: some who wait give up, at the latest when their car is there; those behind them move up."""
        for consumer in self.waiting:
            consumer.reconsider(self.handover_at.get(consumer, this.now))
        self.tidy()
        self._assign(this)

    def hand_over(self, this: Round) -> None:
        """Act 10: cars are handed over."""
        for consumer in self.waiting:
            if consumer in self.handover_at:
                self.cars[self.car_of[consumer.offer]].stock -= consumer.weight
                consumer.take_delivery(self.handover_at[consumer])
        self.tidy()

    def drive(self, this: Round) -> None:
        """Act 11: owners whose day of the year it is are visited, and judge what they met themselves."""
        self.companies.look_at_failures(this.first_day)
        days = range(this.first_day, self.night)
        visits = [person.visit(day, self.night) for person in self.people for day in days if person.is_due(day)]
        self.companies.write_down(self.week, visits)
        for visit in visits:
            for kind in visit.failed:
                visit.owner.suffers(visit.car, kind, self.case.failures.of(kind).severity, self.night)

    def spread(self, this: Round) -> None:
        """Act 12: a day of news."""
        if self.public.live:
            self.public.spread(this, self.agenda.awaited(this.first_day))

    def _served(self, queue: list[Waiting], available: list[float]) -> list[bool]:
        return first_come_first_served([(self.car_of[c.offer], c.weight) for c in queue], available)

    def account(self, this: Round) -> None:
        """Act 13: at the end of a week complaints may become public, and books and ledger are written."""
        in_market = sum(consumer.weight for consumer in self.people if consumer.stage != IDLE)
        contacts = sum(sum(car.rate) for car in self.cars if car.begins < (self.week + 1) * DAYS)
        contacts += self.attention + self.public.attention
        self.attention = self.public.attention = 0.0
        for outbreak in self.companies.outbreaks(self.week, this.first_day, this.now, self.waiting):
            self.public.break_out(outbreak, self.night)
        for flow, entries in self.flows.items():
            if entries:
                offer, profile, weight, price, forfeits = (np.array(column) for column in zip(*entries, strict=True))
                self.ledger.record(flow, self.week, offer, profile, weight, price if flow == "deliveries" else None)
                self.ledger.record_deposits(flow, self.week, offer, weight, forfeits)
                entries.clear()
        self.ledger.outside[self.week], self.outside = self.outside, 0.0
        self.companies.settle(self.week, self.ledger.week(self.week))
        launched = np.array([car.launched for car in self.cars])
        self.ledger.close_week(self.week, in_market, sum(self.backlog()), contacts, launched)

    def decides(self, consumer: Consumer, at: float, carried_away: bool = False) -> None:
        """Take note that a consumer decides in this round; `at` is when, in weeks, and so in which order."""
        self.deciding.append((at, consumer.row, consumer, carried_away))

    def queue(self, consumer: Waiting) -> None:
        """Take note that a consumer has a place in the waiting list from now on."""
        self.waiting.append(consumer)

    def record(self, flow: str, consumer: Waiting, forfeits: bool = False) -> None:
        """Take note of a flow of this week: offer, households behind it, price, and whether the deposit is lost."""
        self.flows[flow].append((consumer.offer, consumer.profile, consumer.weight, consumer.price, forfeits))

    def plan_of(self, offer: int) -> Plan:
        """The plan of an offer."""
        return self.case.plans[self.catalogue.offers[offer].plan]

    def backlog(self) -> list[float]:
        """Households with an order, by car."""
        ordered = [0.0] * len(self.cars)
        for consumer in self.waiting:
            if consumer.stage >= ORDERED:
                ordered[self.car_of[consumer.offer]] += consumer.weight
        return ordered

    def tidy(self) -> None:
        """Those who gave up, or have their car, wait no more."""
        self.waiting = [consumer for consumer in self.waiting if consumer.stage > SEARCHING]
