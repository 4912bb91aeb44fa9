"""What an owner of the reference market does: a visit a year, spending, failures of one's own, a rented battery."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from experiments.reference.hearsay import visiting_day_of_one
from experiments.reference.person import Person
from market.calendar import DAYS
from market.chance import word
from market.happenings import FailureKind
from market.people import aftersales, subscriptions
from market.people.aftersales import CARE, CATEGORIES, NOBODY, SIDES
from market.people.fleet import YEAR
from market.people.loyalty import referral_of_one
from market.people.orders import ORDERED
from market.people.profiles import normal_quantile
from market.people.subscriptions import MONTHS_PER_WEEK
from market.stories.complaints import AT_VISITS

PLATFORM_SIDE = SIDES[0]


class Visit(NamedTuple):
    """What came of one visit."""

    owner: Owner
    car: int
    day: int
    years: float
    last: int
    """who cared before"""
    providers: list[int]
    """by category, a position in SIDES plus 1"""
    cny: list[float]
    """by category"""
    failed: list[FailureKind]
    bought_out: int
    """plan under which the battery was bought, -1: it was not"""


class Owner(Person):
    """A consumer with a car on the road, or none."""

    owned: int
    provider: int
    satisfaction: float
    handed_over: int
    """day of the run on which the car driven was handed over"""
    renting: bool

    @cached_property
    def visiting_day(self) -> int:
        """The day of the year on which this consumer's car is cared for."""
        return visiting_day_of_one(self.model.chance, self.row)

    @property
    def drives(self) -> int:
        """The car driven at this moment, -1: none of the listed."""
        return self.driven if self.stage >= ORDERED else self.car

    @property
    def loudness(self) -> float:
        """How much more this owner talks of the car than one without an opinion."""
        held = self.grievance_at(self.model.day / DAYS)
        return referral_of_one(self.model.case.aftersales, self.satisfaction, held)

    def part_with(self, before: int, after: int) -> None:
        """A listed car makes way for another, or for one that is not listed."""
        if before >= 0:
            cars = self.model.cars
            stays = after >= 0 and cars[after].brand == cars[before].brand
            self.model.companies.replaced.append((before, self.profile, self.weight, stays))
            if self.renting:
                self.ends_renting("ended")

    def ends_renting(self, how: subscriptions.Flow) -> None:
        """The battery is handed back, or bought."""
        self.renting = False
        self.model.companies.subscribed(how, self.owned, self.weight)

    def leaves(self) -> None:
        """Take a car that is not listed: call it before `car` says so."""
        self.part_with(self.drives, -1)
        self.owned, self.provider = -1, NOBODY

    def begins_to_own(self, offer: int, at: float) -> None:
        """A car of an offer is handed over at a time in weeks."""
        self.part_with(self.driven, self.model.car_of[offer])
        self.owned, self.provider = offer, NOBODY
        self.handed_over = self.model.companies.day_of(at)
        if self.model.plan_of(offer).rent_cny_per_month > 0.0:
            self.renting = True
            self.model.companies.subscribed("begun", offer, self.weight)

    # ------------------------------------------------------------------------------------------------------ the visit

    def is_due(self, day: int) -> bool:
        """Whether a visit falls on a day of the run: it is that of the year, and the car was here before."""
        return day % YEAR == self.visiting_day and self.drives >= 0 and self.handed_over < day

    def visit(self, day: int, night: int) -> Visit:
        """Have the car cared for on a day, pay, and judge; trust is that of the night before which it happens."""
        model, section, car = self.model, self.model.case.aftersales, self.drives
        years = min(day - self.handed_over, YEAR) / YEAR
        providers = self.chooses_providers(car, day, night)
        shock = normal_quantile(model.chance.one("spending", self.row))
        cny = [aftersales.spending_of_one(section, category, shock, years) for category in CATEGORIES]
        served = model.companies.near(car, self.tier, CARE, providers[CARE] - 1) or 0.0
        failed = [kind for kind in AT_VISITS if self.meets(kind, car, day, years, served)]
        hurt = sum(model.companies.hurt[kind] for kind in failed)
        self.satisfaction, self.grievance = aftersales.after_visit_of_one(
            section, self.satisfaction, self.grievance_at(day / DAYS), served, hurt, years
        )
        self.grieved = day / DAYS
        last, self.provider = self.provider, providers[CARE]
        return Visit(self, car, day, years, last, providers, cny, failed, self.buys_out(day))

    def chooses_providers(self, car: int, day: int, night: int) -> list[int]:
        """The side that each category of spending goes to."""
        model, section = self.model, self.model.case.aftersales
        companies, deviation = model.companies, self.deviation(night)
        packaged = companies.packager(self.owned)
        habit = "" if self.provider == NOBODY else SIDES[self.provider - 1]
        trusted = [sum(p * deviation[key] for key, p in companies.side(car, s).items()) for s in range(len(SIDES))]
        utility = []
        for c, category in enumerate(CATEGORIES):
            by_side = [
                aftersales.provider_utility_of_one(
                    section, category, side, companies.near(car, self.tier, c, s), trusted[s], packaged, habit
                )
                for s, side in enumerate(SIDES)
            ]
            if companies.is_outsider(car):
                by_side[SIDES.index(PLATFORM_SIDE)] += section.outsider
            utility.append(by_side)
        return aftersales.choose_provider_of_one(model.chance, utility, self.row, day)

    def meets(self, kind: FailureKind, car: int, day: int, years: float, served: float) -> bool:
        """Whether a kind of failure has met this owner since the last visit."""
        rate = self.model.companies.own_rate(car, kind)
        likely = aftersales.failure_chance_of_one(self.model.case.aftersales, kind, rate, years, served, self.renting)
        luck = self.model.chance.one("own failure", self.row, columns=(day, word(kind)))
        return bool(luck < np.float32(likely))

    def buys_out(self, day: int) -> int:
        """Buy the battery if it pays. Returns the plan under which it was rented, -1: it was not bought."""
        if not self.renting:
            return -1
        model = self.model
        months = (day - self.handed_over) / DAYS * MONTHS_PER_WEEK
        left, rate = model.case.choice.holding_months - months, model.case.choice.discount_per_month
        if not subscriptions.buys_out_of_one(model.plan_of(self.owned), self.tastes["km_per_month"], left, rate):
            return -1
        self.ends_renting("bought_out")
        return int(model.catalogue.plan_of[self.owned])
