"""Judgement: what consumers make of a failure - whom they blame and trust less, and what they hold against the car.

It is asked by stories (what people hear) and by the road (what they meet themselves). Only `people.trust` writes trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.case import Case
from market.catalogue import Catalogue
from market.chance import Chance
from market.happenings import Answer, FailureKind
from market.industry.supply import Supply
from market.people import grievance as feeling
from market.people.demand import Demand
from market.people.order_book import OrderBook
from market.people.owners import Visits
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.sampling import budgets
from market.people.trust import Trust
from market.stories import answers, blame, grievance
from market.stories.blame_account import BlameAccount
from market.stories.partnership import Partnership
from market.stories.story import Story
from market.stories.talk import has

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """One answer to a story, as the public hears it."""

    answer: Answer
    taken: Floats
    """(organisations,) what the public takes for the contribution from then on"""
    paid_share: float
    """part of the remedy that budgets cover"""
    payers: Floats
    """(organisations,) who pays for it, summing to 1"""


@dataclass
class Judgement:
    """How consumers judge; arrays over the rows asked for. Weeks and days are those of the run."""

    case: Case
    chance: Chance
    catalogue: Catalogue
    population: Population
    profiles: Profiles
    demand: Demand
    trust: Trust
    partnership: Partnership
    household: Floats
    """(strata,) households that one consumer stands for"""
    account: BlameAccount
    book: OrderBook
    supply: Supply

    # ---------------------------------------------------------------------------------------------- who and what

    def weight(self, rows: Rows) -> Floats:
        """Households behind each consumer."""
        return self.household[self.population.columns["stratum"][rows]]

    def offers_of(self, story: Story) -> NDArray[np.bool_]:
        """Offers that a story is about: (offers,) of the car, under the plan if it names one."""
        catalogue = self.catalogue
        offers: NDArray[np.bool_] = catalogue.car_of == story.car
        return offers if story.plan is None else offers & (catalogue.plan_of == catalogue.plan_index[story.plan])

    def is_concerned(self, story: Story, rows: Rows | slice = slice(None)) -> NDArray[np.bool_]:
        """Whether a story concerns some consumers, or all: who has ordered or drives the car, or has such an offer."""
        column = self.population.columns
        if story.plan is None:
            return has(column["car"][rows], column["driven"][rows], column["stage"][rows], story.car)
        return grievance.concerned(column["offer"][rows], column["owned"][rows], self.offers_of(story))

    def whom(self, car: int, plan: str | None) -> Rows:
        """Whom a story that is about to begin will concern."""
        column, catalogue = self.population.columns, self.catalogue
        if plan is None:
            return np.flatnonzero(has(column["car"], column["driven"], column["stage"], car))
        of_story = (catalogue.car_of == car) & (catalogue.plan_of == catalogue.plan_index[plan])
        return np.flatnonzero(grievance.concerned(column["offer"], column["owned"], of_story))

    # ------------------------------------------------------------------------------------------------- hearing of it

    def live_until(self, rows: Rows, day: int) -> None:
        """Those of some consumers who wait live as they are until a day begins: what is heard then changes them."""
        self.book.live_until(rows, day / DAYS, self.supply.lead_weeks)

    def hear(self, story: Story, rows: Rows, day: int, week: int, weight: float) -> Floats:
        """Consumers hear of a story for the first time: they blame, trust less, and some have a grievance.

        `weight` is that of the evidence at severity 1. Returns the blame they give: (rows, organisations).
        """
        self.live_until(rows, day)
        profile, households = self.population.columns["profile"][rows], self.weight(rows)
        given = self._attributed(story, rows, story.cause, day)
        control = self.partnership.control[story.car]
        self.account.record(week, story.car, profile, households, given, story.cause, control, story.known)
        self.trust.move(rows, 0.0, given * (weight * story.severity), day, profile, households)
        self._grieve(story, rows[self.is_concerned(story, rows)], day)
        return given

    def hear_answer(self, story: Story, rows: Rows, before: Floats, said: Said, day: int, week: int) -> None:
        """Consumers hear an answer: blame moves from what was taken for true `before`, and a remedy makes good."""
        self.live_until(rows, day)
        self._think_again(story, rows, before, said.taken, day, week)
        self._make_good(rows[self.is_concerned(story, rows)], said, day)

    def _attributed(self, story: Story, rows: Rows, taken: Floats, day: int) -> Floats:
        knowledge = self.profiles.knowledge(self.chance, rows, self.population.columns["profile"][rows])
        return blame.attribution(
            knowledge, taken, self.catalogue.face[story.car], self.trust.deviation(rows, day),
            self.case.attribution.trust_sensitivity,
        )  # fmt: skip

    def _grieve(self, story: Story, rows: Rows, day: int) -> None:
        """Those concerned feel it: what the failure usually means, and what it costs them."""
        if len(rows) == 0:
            return
        taste, km = self._money(rows)
        loss = np.zeros(len(rows))
        if story.plan is not None:
            plan, choice = self.catalogue.plans[story.plan], self.case.choice
            loss = grievance.money_beyond_cap(km, plan, choice.holding_months, choice.discount_per_month)
        usual = self.case.failures.of(story.kind).grievance
        self._feel(rows, grievance.grievance_of_hearing(story.severity, usual, taste, loss), day)

    def _feel(self, rows: Rows, change: NDArray[np.float32], day: int) -> None:
        column, now = self.population.columns, day / DAYS
        half_life = self.case.orders.grievance_half_life_weeks
        column["grievance"][rows] = feeling.felt(
            column["grievance"][rows], column["grieved"][rows], change, now, half_life
        )
        column["grieved"][rows] = now

    def _money(self, rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Price tastes (utility per 10,000 CNY) and km a month of some consumers."""
        column = self.population.columns
        budget = budgets(self.chance, rows, column["stratum"][rows], self.demand.budget_limits)
        tastes = self.profiles.tastes(self.chance, rows, column["profile"][rows], budget)
        return tastes.price, tastes.km_per_month

    def _think_again(self, story: Story, rows: Rows, before: Floats, after: Floats, day: int, week: int) -> None:
        """Blame moves to who admits it or is named: trust falls where blame is added and returns where it is lifted."""
        if np.array_equal(before, after):
            return
        profile, households = self.population.columns["profile"][rows], self.weight(rows)
        first, second = (self._attributed(story, rows, taken, day) for taken in (before, after))
        self.account.revise(week, story.car, profile, households, first, second, story.cause, story.known)
        weight = np.abs(second - first) * (self.trust.section.heard * story.severity)
        self.trust.move(rows, (second < first).astype(float), weight, day, profile, households)

    def _make_good(self, rows: Rows, said: Said, day: int) -> None:
        """A remedy takes from the grievance what it is worth, and restores trust in those who pay for it."""
        if len(rows) == 0 or said.answer.remedy_cny * said.paid_share == 0.0:
            return
        column = self.population.columns
        taste, _ = self._money(rows)
        relief = answers.relief(said.answer.remedy_cny, said.paid_share, taste)
        half_life = self.case.orders.grievance_half_life_weeks
        left = feeling.faded(column["grievance"][rows], column["grieved"][rows], day / DAYS, half_life)
        share = np.divide(relief, left, out=np.zeros(len(rows), np.float32), where=left > 0.0).clip(0.0, 1.0)
        self._feel(rows, -relief, day)
        weight = self.trust.section.remedied * share[:, None] * said.payers
        self.trust.move(rows, 1.0, weight, day, column["profile"][rows], self.weight(rows))

    # ------------------------------------------------------------------------------------------- one's own experience

    def meet_failures(self, visits: Visits, kinds: tuple[FailureKind, ...], day: int) -> None:
        """Owners met failures of their own since the last visit: they blame, and trust less, without any story."""
        for k in np.flatnonzero(visits.failed.any(axis=0)):
            kind = kinds[k]
            rows, car = visits.rows[visits.failed[:, k]], visits.car[visits.failed[:, k]]
            self._blame_own(rows, car, kind, self.case.failures.of(kind).severity, day)

    def arrive_late(self, rows: Rows, car: Rows, late_weeks: NDArray[np.floating], day: int) -> None:
        """Cars were handed over later than promised."""
        late = (late_weeks > 0.0).nonzero()[0]
        if len(late) == 0:
            return
        severity = np.minimum(late_weeks[late] / self.trust.section.late_weeks, 1.0)
        severity = severity * self.case.failures.of("delivery_delay").severity
        self._blame_own(rows[late], car[late], "delivery_delay", severity, day)

    def _blame_own(self, rows: Rows, car: Rows, kind: FailureKind, severity: float | Floats, day: int) -> None:
        weight = np.full(len(rows), self.trust.section.experienced) * severity
        felt = weight.nonzero()[0]
        if len(felt) == 0:
            return
        if len(felt) < len(rows):
            rows, car, weight = rows[felt], car[felt], weight[felt]
        profile = self.population.columns["profile"][rows]
        given = blame.attribution(
            self.profiles.knowledge(self.chance, rows, profile), self.partnership.contributions(kind)[car],
            self.catalogue.face[car], self.trust.deviation(rows, day), self.case.attribution.trust_sensitivity,
        )  # fmt: skip
        self.trust.move(rows, 0.0, given * weight[:, None], day, profile, self.weight(rows))
