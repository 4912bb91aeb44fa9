"""Opinion: live stories, whom consumers blame for them, what they hold against a car, and whom they trust.

A failure becomes known, spreads, and is answered. Everybody who hears of it divides the blame, trusts those blamed
less, and holds it against the car if it is his own. Choices, cancellations and sales follow from that by the rules of
the people; nothing here touches them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Round
from market.case import Case
from market.catalogue import Catalogue
from market.chance import Chance, words
from market.chronicle import Events, Panel
from market.happenings import Answer, Failure, FailureKind
from market.people import grievance as feeling
from market.people.demand import Demand
from market.people.owners import Visits
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.sampling import budgets
from market.people.trust import Trust
from market.stories import answers, blame, grievance
from market.stories.blame_account import BlameAccount
from market.stories.firestorm import Outbreak
from market.stories.news import Stories
from market.stories.partnership import Partnership
from market.stories.story import Audience, Heard, Story

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
class Opinion:
    """What the public makes of failures. The market owns it, begins and answers stories, and lets days pass."""

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
    events: Events
    panel: Panel
    week: int = 0
    """of the run, kept up to date by the market"""

    def __post_init__(self) -> None:
        """Begin with no story."""
        case, catalogue = self.case, self.catalogue
        self.stories = Stories(case.news, (*case.platforms, "elsewhere"), len(self.population))
        shape = (len(catalogue.cars), len(catalogue.organisations), len(self.profiles.keys))
        self.account = BlameAccount(case.calendar.weeks, *shape)
        self.said: dict[str, list[Said]] = {}
        """answers by story, in the order in which they were given"""
        self.lost = np.zeros((case.calendar.weeks, shape[0]))
        """(weeks, cars) households that would have chosen a car if trust were at its baseline"""
        self.deferred = np.zeros((case.calendar.weeks, shape[0]))
        """(weeks, cars) households that would have chosen a car but wait, because of a story"""

    # ---------------------------------------------------------------------------------------------- who and what

    @property
    def live(self) -> bool:
        """Whether any story lives."""
        return bool(self.stories.live)

    def audience(self) -> Audience:
        """Whom stories can reach today."""
        column = self.population.columns
        return Audience(
            self.chance, self.demand.acquaintances, column["profile"], self.household, column["stratum"],
            column["car"], column["driven"], column["stage"], self.profiles.media_use, self.trust.households,
        )  # fmt: skip

    def weight(self, rows: Rows) -> Floats:
        """Households behind each consumer."""
        return self.household[self.population.columns["stratum"][rows]]

    def concerned(self, car: int, plan: str | None) -> Rows:
        """Whom a story concerns: who has ordered or drives the car, or has an offer of it under the plan."""
        column, catalogue = self.population.columns, self.catalogue
        if plan is None:
            return np.flatnonzero((column["car"] == car) | (column["driven"] == car))
        of_story = (catalogue.car_of == car) & (catalogue.plan_of == catalogue.plan_index[plan])
        return np.flatnonzero(grievance.concerned(column["offer"], column["owned"], of_story))

    def is_concerned(self, story: Story, rows: Rows) -> NDArray[np.bool_]:
        """Whether a story concerns some consumers: (rows,)."""
        column, catalogue = self.population.columns, self.catalogue
        if story.plan is None:
            return (column["car"][rows] == story.car) | (column["driven"][rows] == story.car)
        of_story = (catalogue.car_of == story.car) & (catalogue.plan_of == catalogue.plan_index[story.plan])
        return grievance.concerned(column["offer"][rows], column["owned"][rows], of_story)

    # -------------------------------------------------------------------------------------------------- beginnings

    def begin(self, failure: Failure, day: int) -> None:
        """A dated failure becomes known. One without severity changes nothing."""
        if failure.severity == 0.0:
            return
        car = self.catalogue.car_index[failure.car]
        cause = self.partnership.contribution(car, failure.kind)
        if failure.contribution:
            cause = np.array([failure.contribution.get(key, 0.0) for key in self.catalogue.organisations])
        if failure.plan is not None:
            self.catalogue.disclosed[failure.plan] = True
        self._begin(
            failure.id, car, failure.kind, day, cause, severity=failure.severity, known=failure.known,
            plan=failure.plan, attention=failure.attention, mix=dict(failure.mix),
        )  # fmt: skip

    def break_out(self, outbreak: Outbreak, day: int) -> None:
        """Complaints have become a public event."""
        car = list(self.catalogue.cars)[outbreak.car]
        cause = self.partnership.contribution(outbreak.car, outbreak.kind)
        mix = {"elsewhere": 0.5} | {key: 0.5 / len(self.case.platforms) for key in self.case.platforms}
        self._begin(
            f"{car}:{outbreak.kind}:{day}", outbreak.car, outbreak.kind, day, cause,
            severity=outbreak.severity * self.case.failures.of(outbreak.kind).severity,
            attention=self.case.firestorm.attention, mix=mix, complaints=outbreak.complaints,
        )  # fmt: skip

    def _begin(
        self, word: str, car: int, kind: FailureKind, day: int, cause: Floats, *, severity: float, attention: float,
        mix: dict[str, float], known: bool = True, plan: str | None = None, complaints: float = np.nan,
    ) -> None:  # fmt: skip
        concerned, self.said[word] = self.concerned(car, plan), []
        heard = self.stories.begin(
            self.audience(), word, car, kind, day, cause, concerned, severity=severity, known=known, plan=plan,
            attention=attention, mix=mix, loudness=self.case.failures.of(kind).talk,
        )  # fmt: skip
        self._hear(heard, day, self.trust.section.experienced)
        if np.isnan(complaints):
            complaints = float(self.weight(heard.first).sum())
        involved = [self.catalogue.organisations[i] for i in np.flatnonzero(cause > 0.0)] if known else []
        self._note(heard.story, day, "failure", involved, complaints=complaints)

    # ------------------------------------------------------------------------------------------------------ answers

    def find(self, word: str) -> Story | None:
        """A live story by its word, None if nobody talks about it any more."""
        return next((story for story in self.stories.live if story.word == word), None)

    def answer(self, answer: Answer, day: int, paid_share: float, payers: Floats) -> None:
        """Organisations answer; the remedy has been paid in part. Without a story that lives nobody listens."""
        story = self.find(answer.to)
        if story is None:
            return
        before = self.said[story.word][-1].taken if self.said[story.word] else story.cause
        by = np.array([key in answer.by for key in self.catalogue.organisations])
        partner = None if answer.shift_to is None else self.catalogue.organisations.index(answer.shift_to)
        taken = blame.admitted(before, by, answer.admission, partner, self.case.attribution.shifted)
        self.said[story.word].append(Said(answer, taken, paid_share, payers))
        if answer.shift_to is not None:
            self.partnership.alliances.shift(day / DAYS, story.car, story.severity)
        if answer.refund:
            self.refunds(story)
        heard = self.stories.act(
            self.audience(), story, answer.id, day, attention=answer.attention, mix=dict(answer.mix),
            information=answers.ends_the_question(answer),
        )  # fmt: skip
        self._hear_answers(heard, day)
        for act in acts_of(answer):
            self._note(story, day, act, answer.by, response_days=float(day - story.day))

    def refunds(self, story: Story) -> NDArray[np.bool_]:
        """Offers whose orders can be cancelled for nothing after an answer: (offers,)."""
        catalogue = self.catalogue
        offers: NDArray[np.bool_] = catalogue.car_of == story.car
        if story.plan is not None:
            offers = offers & (catalogue.plan_of == catalogue.plan_index[story.plan])
        return offers

    # ------------------------------------------------------------------------------------------------------ days

    def spread(self, this: Round) -> None:
        """A day of news: stories spread, answers reach those who know of them, quiet stories end.

        What is heard during the day is felt from the night on: until then everybody has waited as he was.
        """
        day, night, audience = this.first_day, this.first_day + this.days, self.audience()
        pools = [self.concerned(story.car, story.plan) for story in self.stories.live]
        for heard in self.stories.spread(audience, day, pools):
            self._hear(heard, night, self.trust.section.heard)
            self._hear_answers(heard, night)
        for story in self.stories.end(audience, day):
            self._note(story, day, "end")

    def _hear(self, heard: Heard, day: int, weight: float) -> None:
        """Consumers hear of a story for the first time: they blame, they trust less, and some have a grievance."""
        story, rows = heard.story, heard.first
        if len(rows) == 0:
            return
        profile, households = self.population.columns["profile"][rows], self.weight(rows)
        given = self._attributed(story, rows, story.cause, day)
        week = self.week
        control = self.partnership.control[story.car]
        self.account.record(week, story.car, profile, households, given, story.cause, control, story.known)
        self.trust.move(rows, 0.0, given * (weight * story.severity), day, profile, households)
        self._grieve(story, rows[self.is_concerned(story, rows)], day)
        blamed = given.argmax(axis=1)
        self.panel.record(week, "heard", rows, car=story.car, organisation=blamed, value=given.max(axis=1))

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

    def _hear_answers(self, heard: Heard, day: int) -> None:
        """Consumers hear what was said: blame moves with what it admits, trust with blame, a remedy makes good."""
        story, said = heard.story, self.said[heard.story.word]
        for number, one in enumerate(said):
            rows = heard.answered[(heard.news >> np.uint8(number + 1) & 1) != 0]
            if len(rows) == 0:
                continue
            before = said[number - 1].taken if number else story.cause
            self._think_again(story, rows, before, one.taken, day)
            self._make_good(story, rows[self.is_concerned(story, rows)], one, day)
            self.panel.record(self.week, "answer", rows, car=story.car, value=float(number))

    def _think_again(self, story: Story, rows: Rows, before: Floats, after: Floats, day: int) -> None:
        """Blame moves to who admits it or is named: trust falls where blame is added and returns where it is lifted."""
        if np.array_equal(before, after):
            return
        profile, households = self.population.columns["profile"][rows], self.weight(rows)
        first, second = (self._attributed(story, rows, taken, day) for taken in (before, after))
        self.account.revise(self.week, story.car, profile, households, first, second, story.cause, story.known)
        weight = np.abs(second - first) * (self.trust.section.heard * story.severity)
        self.trust.move(rows, (second < first).astype(float), weight, day, profile, households)

    def _make_good(self, story: Story, rows: Rows, said: Said, day: int) -> None:
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
        for k, kind in enumerate(kinds):
            rows, car = visits.rows[visits.failed[:, k]], visits.car[visits.failed[:, k]]
            self._blame_own(rows, car, kind, self.case.failures.of(kind).severity, day)
            self.panel.record(self.week, kind, rows, car=car)

    def arrive_late(self, rows: Rows, car: Rows, late_weeks: NDArray[np.floating], day: int) -> None:
        """Cars were handed over later than promised."""
        late = np.flatnonzero(late_weeks > 0.0)
        severity = np.minimum(late_weeks[late] / self.trust.section.late_weeks, 1.0)
        severity = severity * self.case.failures.of("delivery_delay").severity
        self._blame_own(rows[late], car[late], "delivery_delay", severity, day)

    def _blame_own(self, rows: Rows, car: Rows, kind: FailureKind, severity: float | Floats, day: int) -> None:
        weight = self.trust.section.experienced * np.broadcast_to(severity, len(rows))
        felt = np.flatnonzero(weight > 0.0)
        if len(felt) == 0:
            return
        rows, car, weight = rows[felt], car[felt], weight[felt]
        profile = self.population.columns["profile"][rows]
        given = blame.attribution(
            self.profiles.knowledge(self.chance, rows, profile), self.partnership.contributions(kind)[car],
            self.catalogue.face[car], self.trust.deviation(rows, day), self.case.attribution.trust_sensitivity,
        )  # fmt: skip
        self.trust.move(rows, 0.0, given * weight[:, None], day, profile, self.weight(rows))

    # ------------------------------------------------------------------------------------------- who would choose it

    def deferring(self, rows: Rows, offer: Rows) -> NDArray[np.bool_]:
        """Who would choose a car but waits, because of a live story that he has heard: (rows,)."""
        waits = np.zeros(len(rows), bool)
        if not self.live:
            return waits
        car = np.where(offer >= 0, self.catalogue.car_of[offer], -1)
        live = [story for story in self.stories.live if (car == story.car).any()]
        if not live:
            return waits

        heard = np.stack([(car == story.car) & story.aware(rows) for story in live], axis=1)
        severity = [story.severity * story.sparks for story in live]
        spell, keys = self.population.columns["spell"][rows], words([story.word for story in live])
        return grievance.defers(self.chance, rows, spell, heard, keys, severity, self.case.deferral)

    def _note(
        self, story: Story, day: int, act: str, by: list[str] | None = None, complaints: float = np.nan,
        response_days: float = np.nan,
    ) -> None:  # fmt: skip
        car = list(self.catalogue.cars)[story.car]
        wrong = self.account.misattribution_of_all(self.week) if story.known else np.nan
        self.events.note(
            day, car, story.kind, act, by or [], informed=float(story.informed.sum()), complaints=complaints,
            response_days=response_days, misattribution=wrong,
        )  # fmt: skip


def acts_of(answer: Answer) -> list[str]:
    """What an answer is called in the chronicle: a refusal, an apology, a shift, a remedy, a refund, or just an answer.

    >>> acts_of(Answer(id="a", on="2025-12-01", to="b", by=["jd"], admission=0.5, remedy_cny=100.0))
    ['apology', 'remedy']
    """
    found = {
        "refusal": answer.admission < 0.0,
        "apology": answer.admission > 0.0,
        "shift": answer.shift_to is not None,
        "remedy": answer.remedy_cny > 0.0,
        "refund": answer.refund,
    }
    return [name for name, is_so in found.items() if is_so] or ["answer"]
