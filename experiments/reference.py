"""The same market as plain Mesa objects running the readable rules: specification, twin and speed baseline in one.

One ordinary `mesa.Agent` per consumer and scalar code throughout, written as one would write it for Mesa. Built from
the same case and seed it goes through the same history as `market.Market`, consumer by consumer. Week 0 is copied from
a market that has just been built, and so are the catalogue and the ties; the weeks after that are its own.
"""

from __future__ import annotations

from typing import Self

import mesa
import numpy as np

from experiments.reference_consumer import Consumer
from experiments.reference_deals import Deal, deals, open_deals, weeks_on_sale
from experiments.reference_rules import (
    build_on_line, contacts_after, excitement_after, first_come_first_served, need_of_one, promised_weeks_of_one,
    ramp_of_one, wander_of_one,
)  # fmt: skip
from market import happenings as kinds
from market.calendar import DAYS, Clock, Round
from market.case import Case
from market.cars import Car
from market.chance import Chance
from market.ledger import FLOWS, Ledger
from market.market import CALM, Market
from market.people.consumers import IDLE, LOCKED, ORDERED, SEARCHING
from market.people.network import Network


class ReferenceMarket(mesa.Model):
    """One market, consumer by consumer, in the acts of `market.Market`."""

    ACTS = Market.ACTS

    def __init__(self, case: Case | str = "jd-gac-catl", rng: int = 1) -> None:
        """Build the market of a case in the week 0 that `Market` gives it; `rng` is the seed of all its luck."""
        super().__init__(rng=int(rng) % 2**32)
        self.case = case = Case.load(case) if isinstance(case, str) else case
        self.chance, self.days, self.week = Chance(int(rng)), case.calendar.days, 0
        opening = Market(case, rng)
        self.catalogue = catalogue = opening.catalogue
        self.profiles = opening.profiles
        self.habits = list(opening.profiles.sections.values())
        self.media_use: list[list[float]] = opening.profiles.media_use.tolist()
        self.household: list[float] = opening.household.tolist()
        self.cars = list(catalogue.cars.values())
        self.car_keys: list[int] = catalogue.car_keys.tolist()
        self.car_of: list[int] = catalogue.car_of.tolist()
        self.brand_of_car: list[int] = catalogue.brand_of_car.tolist()
        self.lead_weeks = [car.production.lead_weeks for car in self.cars]
        self.ledger = Ledger(
            catalogue, opening.profiles.keys, case.calendar.start, case.calendar.weeks, frozenset(case.platforms)
        )
        self._lay_out_time()
        self._copy_media(opening)
        self._copy_supply(opening)
        self._copy_consumers(opening)
        self.deciding: list[tuple[float, int, Consumer]] = []
        self.revealed = [0.0] * len(catalogue.offers)
        self.cooling: list[tuple[str, float]] = []
        self.promotions: dict[str, kinds.Promotion] = {}
        self.attention = self.outside = 0.0
        self.flows: dict[str, list[tuple[int, int, float, float]]] = {name: [] for name in FLOWS}
        opening.close()

    def _lay_out_time(self) -> None:
        calendar = self.case.calendar
        self.clock = Clock(calendar)
        for event in self.case.happenings:
            if isinstance(event, kinds.TaxCliff):
                known = calendar.day_of(event.announced) if event.announced else 0
                self.clock.pull_forward(
                    calendar.day_of(event.on), event.pull_forward_weeks, event.pull_forward_share, known
                )
        self.wander = [
            wander_of_one(
                self.chance, self.case.drift, car_key=key, first_week=calendar.start.toordinal() // DAYS,
                weeks=calendar.weeks, appeal=car.appeal, trend_per_month=car.trend_per_month,
            )
            for key, car in zip(self.car_keys, self.cars, strict=True)
        ]  # fmt: skip

    def _copy_media(self, opening: Market) -> None:
        memory = opening.demand.memory
        self.places = memory.places
        self.rate: list[list[float]] = memory.rate.T.tolist()
        self.contacts: list[list[float]] = memory.contacts.T.tolist()
        self.excitement: list[float] = memory.excitement.tolist()
        self.begins: list[int] = memory.begins.tolist()

    def _copy_supply(self, opening: Market) -> None:
        supply = opening.supply
        self.line: list[int] = supply.line.tolist()
        self.capacity: list[float] = supply.capacity.tolist()
        self.stock: list[float] = supply.stock.tolist()
        self.drives_left = [0.0] * len(self.cars)

    def _copy_consumers(self, opening: Market) -> None:
        columns = {name: column.tolist() for name, column in opening.consumers.columns.items()}
        fixed = zip(columns.pop("profile"), columns.pop("stratum"), columns.pop("tier"), strict=True)
        self.people = [Consumer(self, row, *place) for row, place in enumerate(fixed)]
        tried = columns.pop("tried")
        for row, consumer in enumerate(self.people):
            consumer.tried = {car for car in range(len(self.cars)) if tried[row] >> car & 1}
            for name, column in columns.items():
                setattr(consumer, name, column[row])

        def ties(network: Network) -> list[list[Consumer]]:
            return [[self.people[other] for other in network.neighbours(row).tolist()] for row in range(len(network))]

        layers = zip(ties(opening.demand.acquaintances), ties(opening.demand.followees), strict=True)
        for consumer, (acquaintances, followees) in zip(self.people, layers, strict=True):
            consumer.acquaintances, consumer.followees = acquaintances, followees
        self.waiting = [self.people[row] for row in opening.book.waiting.tolist()]

    # ------------------------------------------------------------------------------------------------- running

    def step(self) -> None:
        """Run one week, cut into rounds where something happens."""
        day_of, catalogue = self.case.calendar.day_of, self.catalogue
        cuts = {day_of(event.on) for event in self.case.happenings}
        cuts |= {day_of(promotion.until) for promotion in self.promotions.values()}
        cuts |= {*catalogue.launch_day.tolist(), *catalogue.opens_day.tolist(), *catalogue.closes_day.tolist()}
        for this in self.clock.rounds(self.week, cuts):
            for act in self.ACTS:
                getattr(self, act)(this)
        self.week += 1

    def run(self, weeks: int | None = None) -> Self:
        """Run to the end of the calendar, or the given number of weeks."""
        left = self.case.calendar.weeks - self.week
        for _ in range(left if weeks is None else min(weeks, left)):
            self.step()
        return self

    # ---------------------------------------------------------------------------------------------------- acts

    def happen(self, this: Round) -> None:
        """Act 1: events of the first day of the round."""
        day_of = self.case.calendar.day_of
        for event in self.case.happenings:
            if day_of(event.on) == this.first_day:
                self.apply(event)
        for key, promotion in list(self.promotions.items()):
            if day_of(promotion.until) == this.first_day:
                self.catalogue.promotion_cny[self.catalogue.car_index[promotion.car]] -= promotion.discount_cny
                del self.promotions[key]

    def apply(self, event: kinds.Happening) -> None:
        """What a happening does, from now on; a tax cliff has bent the clock already."""
        catalogue = self.catalogue
        if isinstance(event, kinds.RevealedTerm):
            catalogue.disclosed[event.plan] = True
            for position in self._offers_under(event.plan):
                self.revealed[position] += event.cancelling
            self.cooling.append((event.plan, event.half_life_weeks))
        elif not isinstance(event, kinds.TaxCliff):
            car = catalogue.car_index[event.car]
            if isinstance(event, kinds.PriceChange):
                catalogue.price_cny[car] = event.price_cny
            elif isinstance(event, kinds.Promotion):
                catalogue.promotion_cny[car] += event.discount_cny
                self.promotions[event.id] = event
            elif isinstance(event, kinds.CapacityChange):
                self.capacity[car] = event.capacity_per_week
            else:
                if isinstance(event, kinds.Launch):
                    day = self.case.calendar.day_of(event.on)
                    catalogue.launch_day[car] = day
                    catalogue.opens_day[car] = min(catalogue.opens_day[car], day)
                    self.begins[car] = min(self.begins[car], day)
                for place, share in event.mix.items():
                    self.contacts[car][self.places.index(place)] += event.contacts * share
                self.excitement[car] += event.excitement
                self.attention += event.contacts

    def _offers_under(self, plan: str) -> list[int]:
        return [position for position, offer in enumerate(self.catalogue.offers) if offer.plan == plan]

    def announce(self, this: Round) -> None:
        """Act 2: prices, promised lead times and attractiveness of the round."""
        age, backlog = weeks_on_sale(self.catalogue, this.first_day), self.backlog()
        self.launched = [weeks >= 0.0 for weeks in age]
        self.launch_week: list[float] = [day / DAYS for day in self.catalogue.launch_day.tolist()]
        queue = [0.0] * len(self.cars)
        for car, line in enumerate(self.line):
            queue[line] += max(backlog[car] - self.stock[car], 0.0)
        self.promised = [
            promised_weeks_of_one(
                queue[line], self.capacity[car], self.capacity[line], lead_weeks=self.lead_weeks[car],
                optimism=self.cars[car].production.promise_optimism, weeks_on_sale=age[car],
            )
            for car, line in enumerate(self.line)
        ]  # fmt: skip
        appeal = [path[self.week] for path in self.wander]
        self.deals: list[Deal] = deals(self.case, self.catalogue, appeal, self.promised)
        self.on_offer = open_deals(self.deals, self.catalogue, this.first_day)

    def inform(self, this: Round) -> None:
        """Act 3: media contacts arrive and are forgotten, excitement cools."""
        media = self.case.media
        for car, begins in enumerate(self.begins):
            self.contacts[car] = [
                contacts_after(
                    contacts, rate, begins=begins, first_day=this.first_day, days=this.days,
                    forgetting=media.forgetting_per_week,
                )
                for contacts, rate in zip(self.contacts[car], self.rate[car], strict=True)
            ]  # fmt: skip
            self.excitement[car] = excitement_after(
                self.excitement[car], days=this.days, half_life_weeks=media.excitement_half_life_weeks
            )
        self.exciting = {c: pull for c, pull in enumerate(self.excitement) if self.launched[c] and pull > CALM}

    def reconsider(self, this: Round) -> None:
        """Act 4: some who wait give up; anger over a revealed term cools."""
        for consumer in self.waiting:
            consumer.reconsider(this)
        self._tidy()
        for plan, half_life in self.cooling:
            for position in self._offers_under(plan):
                self.revealed[position] *= 0.5 ** (this.weeks / half_life)

    def need_and_search(self, this: Round) -> None:
        """Act 5: needs arise, searches end, some decide on impulse."""
        self.deciding = []
        self.agents_by_type[Consumer].do("need_and_search", this)
        self.deciding.sort(key=lambda entry: entry[:2])

    def shop(self, this: Round) -> None:
        """Act 6: all who decide choose first, then act on it, so that nobody sees what another does in this round."""
        choices = [consumer.choose() for _, _, consumer in self.deciding]
        for (at, _, consumer), (offer, margin) in zip(self.deciding, choices, strict=True):
            if offer < 0:
                self.outside += consumer.weight
                consumer.buy_another(this)
            else:
                consumer.wait(offer, margin, max(at, this.first_day / DAYS))

    def move_on(self, this: Round) -> None:
        """Act 7: reservations, deposits, test drives in order of arrival, locked orders."""
        early = [consumer for consumer in self.waiting if consumer.stage < LOCKED]
        for consumer in early:
            consumer.move_on(this)
        queue = [consumer for consumer in early if consumer.wants_to_drive]
        places = [(self.car_of[consumer.offer], consumer.weight) for consumer in queue]
        left = [
            rest + car.production.test_drives_per_week * this.weeks
            for rest, car in zip(self.drives_left, self.cars, strict=True)
        ]
        served = first_come_first_served(places, left)
        short = {car for (car, _), is_served in zip(places, served, strict=True) if not is_served}
        for consumer, (car, weight), is_served in zip(queue, places, served, strict=True):
            if is_served:
                left[car] -= weight
                consumer.drive(this)
        self.drives_left = [rest if car in short else 0.0 for car, rest in enumerate(left)]
        self._tidy()

    def deliver(self, this: Round) -> None:
        """Act 8: build, and hand over what is in stock, in order of arrival."""
        self._build(this)
        queue = [consumer for consumer in self.waiting if consumer.is_ready(this)]
        places = [(self.car_of[consumer.offer], consumer.weight) for consumer in queue]
        served = first_come_first_served(places, self.stock)
        for consumer, (car, weight), is_served in zip(queue, places, served, strict=True):
            if is_served:
                self.stock[car] -= weight
                consumer.take_delivery(this)
        self._tidy()

    def _build(self, this: Round) -> None:
        backlog, age = self.backlog(), weeks_on_sale(self.catalogue, this.first_day)
        needs, capacities = [], []
        for car, section in enumerate(self.cars):
            terms = section.production
            target = terms.inventory_weeks * self.capacity[car] if self.launched[car] else 0.0
            needs.append(need_of_one(backlog[car], self.stock[car], target))
            capacities.append(self.capacity[car] * ramp_of_one(age[car], terms.ramp_weeks) * this.weeks)
        for line in set(self.line):
            members = [car for car, its_line in enumerate(self.line) if its_line == line]
            built = build_on_line(
                [needs[car] for car in members], [capacities[car] for car in members], self.capacity[line] * this.weeks
            )
            for car, cars_built in zip(members, built, strict=True):
                self.stock[car] += cars_built

    def account(self, this: Round) -> None:
        """Act 9: at the end of a week the ledger is written."""
        if not this.ends_week:
            return
        for flow, entries in self.flows.items():
            if entries:
                offer, profile, weight, price = (np.array(column) for column in zip(*entries, strict=True))
                self.ledger.record(flow, self.week, offer, profile, weight, price if flow == "deliveries" else None)
                entries.clear()
        in_market = sum(consumer.weight for consumer in self.people if consumer.stage != IDLE)
        contacts = sum(sum(self.rate[c]) for c, day in enumerate(self.begins) if day < (self.week + 1) * DAYS)
        self.ledger.outside[self.week] = self.outside
        self.ledger.close_week(
            self.week, in_market, sum(self.backlog()), self.attention + contacts, np.array(self.launched)
        )
        self.attention = self.outside = 0.0

    # ------------------------------------------------------------------------------------- what consumers ask

    def record(self, flow: str, consumer: Consumer) -> None:
        """Note a flow of this week: a consumer, the offer, the household behind, the price agreed."""
        self.flows[flow].append((consumer.offer, consumer.profile, consumer.weight, consumer.price))

    def backlog(self) -> list[float]:
        """Households with an order, by car."""
        waiting = [0.0] * len(self.cars)
        for consumer in self.waiting:
            if consumer.stage >= ORDERED:
                waiting[self.car_of[consumer.offer]] += consumer.weight
        return waiting

    def swap_coverage(self, car: Car, tier: int) -> float:
        """Whether a swap station for a car is near, 0-1, in a city tier."""
        if not car.swap or car.swap_operator is None:
            return 0.0
        return self.case.organisations[car.swap_operator].swap_coverage.get(list(self.case.population.tiers)[tier], 0.0)

    def _tidy(self) -> None:
        self.waiting = [consumer for consumer in self.waiting if consumer.stage > SEARCHING]
