"""What a consumer of the reference market feels: trust, blame and grievance, by the readable rules."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import mesa

from experiments.reference.hearsay import Said, Tale
from market.calendar import DAYS
from market.happenings import FailureKind
from market.people import grievance as feeling
from market.people import trust
from market.people.sampling import budget_of_one
from market.stories import answers, blame, grievance
from market.stories.talk import has_of_one, situation_of_one

if TYPE_CHECKING:
    from experiments.reference.market import ReferenceMarket


class Person(mesa.Agent):
    """Whom a consumer trusts and blames, and what is held against a car.

    The attributes are those of `market.people.consumers.Consumer`, with the same meaning; -1 stands for none.
    """

    model: ReferenceMarket
    stage: int
    offer: int
    car: int
    driven: int
    owned: int
    grievance: float
    grieved: float

    def __init__(self, model: ReferenceMarket, row: int, profile: int, stratum: int, tier: int) -> None:
        """Enter the market; `row` is the address of this consumer's luck."""
        super().__init__(model)
        self.row, self.profile, self.stratum, self.tier = row, profile, stratum, tier
        self.weight = model.weights[stratum]
        self.deviations: dict[str, float] = {}
        """trust beyond its baseline when it last moved, by organisation; empty: it never has"""
        self.so_far: dict[str, float] = {}
        """evidence so far, in observations"""
        self.touched = 0
        """day on which trust last moved"""

    @cached_property
    def tastes(self) -> dict[str, float]:
        """Every taste by name; they never change, so they are drawn once, when first asked for."""
        budget = budget_of_one(self.model.chance, self.row, self.model.budgets[self.stratum])
        return self.model.profiles.tastes_of_one(self.model.chance, self.row, self.profile, budget)

    @cached_property
    def knowledge(self) -> float:
        """How far this consumer knows who does what for a car."""
        return self.model.profiles.knowledge_of_one(self.model.chance, self.row, self.profile)

    # ------------------------------------------------------------------------------------------------------ trust

    def deviation(self, day: int) -> dict[str, float]:
        """Trust less its baseline on a day, or at the last hit where that came later, by organisation."""
        if not self.deviations:
            return self.model.no_deviation
        half_life, days = self.model.case.trust.half_life_days, max(day - self.touched, 0)
        return {key: trust.recovered_of_one(one, days, half_life) for key, one in self.deviations.items()}

    def observe(self, evidence: dict[str, float], weight: dict[str, float], day: int) -> None:
        """Trust moves towards what is observed of each organisation, in proportion to its weight."""
        if not any(weight.values()):
            return
        now = dict(self.deviation(day))
        for key, observations in weight.items():
            if observations > 0.0:
                baseline, so_far = self.model.baseline[key], self.so_far.get(key, 0.0)
                after, self.so_far[key] = trust.updated_of_one(
                    baseline + now[key], so_far, evidence[key], observations, self.model.case.trust
                )
                lowest, highest = min(trust.EDGE, baseline), max(1.0 - trust.EDGE, baseline)
                now[key] = min(max(after, lowest), highest) - baseline
        self.deviations, self.touched = now, day

    def trusted(self, car: int, day: int) -> float:
        """Utility that trust in those whose face is on a car adds to it."""
        if not self.deviations:
            return 0.0
        felt = trust.felt_of_one(self.deviation(day), self.model.cars[car].face)
        return self.model.case.trust.choice_weight * felt

    def distrust(self, car: int, begins: float, ends: float) -> float:
        """Hazard of cancelling that lost trust adds between two times in weeks."""
        if not self.deviations:
            return 0.0
        lost = trust.lost_of_one(self.deviations, self.model.cars[car].face)
        hit = self.touched / DAYS
        return trust.cancelling_of_one(lost, begins - hit, ends - hit, self.model.case.trust)

    # ------------------------------------------------------------------------------------------------------ grievance

    def grievance_at(self, weeks: float) -> float:
        """What is left of the grievance at a time in weeks."""
        half_life = self.model.case.orders.grievance_half_life_weeks
        return feeling.faded_of_one(self.grievance, self.grieved, weeks, half_life)

    def feel(self, change: float, day: int) -> None:
        """Something new adds to the grievance, or takes from it."""
        half_life, now = self.model.case.orders.grievance_half_life_weeks, day / DAYS
        self.grievance = feeling.felt_of_one(self.grievance, self.grieved, change, now, half_life)
        self.grieved = now

    def resentment(self, begins: float, ends: float) -> float:
        """Hazard of cancelling that the grievance adds between two times in weeks."""
        section = self.model.case.orders
        return feeling.cumulated_of_one(
            self.grievance, self.grieved, begins, ends, section.grievance_per_week, section.grievance_half_life_weeks
        )

    # ------------------------------------------------------------------------------------------------------ stories

    def situation(self, car: int) -> int:
        """What a story about a car is to this consumer."""
        return situation_of_one(self.car, self.driven, self.stage, car)

    def is_concerned(self, tale: Tale) -> bool:
        """Whether a story concerns this consumer, who has ordered or drives the car, or has such an offer."""
        if tale.plan is None:
            return has_of_one(self.car, self.driven, self.stage, tale.car)
        return grievance.concerned_of_one(self.offer, self.owned, tale.offers)

    def blames(self, cause: dict[str, float], car: int, day: int) -> dict[str, float]:
        """Blame that this consumer gives to organisations, who takes `cause` for their contributions."""
        sensitivity = self.model.case.attribution.trust_sensitivity
        return blame.attribution_of_one(
            self.knowledge, cause, self.model.cars[car].face, self.deviation(day), sensitivity
        )

    def hear(self, tale: Tale, day: int, weight: float) -> dict[str, float]:
        """Hear of a story for the first time: blame, trust less, and hold it against the car. Returns the blame."""
        given = self.blames(tale.cause, tale.car, day)
        self.observe(
            dict.fromkeys(given, 0.0), {key: part * weight * tale.severity for key, part in given.items()}, day
        )
        if self.is_concerned(tale):
            usual = self.model.case.failures.of(tale.kind).grievance
            loss, taste = self._loss(tale), self.tastes["price"]
            self.feel(grievance.grievance_of_hearing_of_one(tale.severity, usual, taste, loss), day)
        return given

    def _loss(self, tale: Tale) -> float:
        """What a story about a plan costs this consumer, in CNY."""
        if tale.plan is None:
            return 0.0
        plan, section = self.model.case.plans[tale.plan], self.model.case.choice
        km = self.tastes["km_per_month"]
        return grievance.money_beyond_cap_of_one(km, plan, section.holding_months, section.discount_per_month)

    def think_again(
        self, tale: Tale, before: dict[str, float], after: dict[str, float], day: int
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Blame moves to who admits it or is named, and trust with it. Returns the blame before and after."""
        first, second = (self.blames(taken, tale.car, day) for taken in (before, after))
        heard = self.model.case.trust.heard * tale.severity
        weight = {key: abs(second[key] - first[key]) * heard for key in first}
        self.observe({key: float(second[key] < first[key]) for key in first}, weight, day)
        return first, second

    def is_made_good(self, said: Said, day: int) -> None:
        """A remedy takes from the grievance what it is worth, and restores trust in those who pay for it."""
        relief = answers.relief_of_one(said.answer.remedy_cny, said.paid_share, self.tastes["price"])
        if relief == 0.0:
            return
        left = self.grievance_at(day / DAYS)
        share = min(relief / left, 1.0) if left > 0.0 else 0.0
        self.feel(-relief, day)
        weight = {key: self.model.case.trust.remedied * share * part for key, part in said.payers.items()}
        self.observe(dict.fromkeys(weight, 1.0), weight, day)

    def suffers(self, car: int, kind: FailureKind, severity: float, day: int) -> None:
        """Meet a failure of one's own: blame and trust less, without any story."""
        weight = self.model.case.trust.experienced * severity
        if weight > 0.0:
            given = self.blames(self.model.companies.contribution(car, kind), car, day)
            self.observe(dict.fromkeys(given, 0.0), {key: part * weight for key, part in given.items()}, day)
