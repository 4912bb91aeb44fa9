"""What the public of the reference market makes of failures: whom plain consumers blame, what they hear and forgive."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.reference.hearsay import Circle, Said, Tale, Told
from experiments.reference.news import ReferenceNews
from market.calendar import DAYS, Round
from market.chronicle import Act
from market.happenings import Answer, Failure, FailureKind
from market.stories import answers, blame, news
from market.stories.firestorm import Outbreak
from market.stories.opinion import acts_of

if TYPE_CHECKING:
    from experiments.reference.market import ReferenceMarket


class ReferencePublic:
    """Live stories, and the tables of who is lost to or waits for a car because of them."""

    def __init__(self, model: ReferenceMarket) -> None:
        """Begin with no story."""
        self.model, self.case, self.news = model, model.case, ReferenceNews(model)
        self.attention = 0.0
        """contacts of an average user with stories this week"""
        self.lost, self.deferred = ([[0.0] * len(model.cars) for _ in range(model.case.calendar.weeks)] for _ in "ab")

    @property
    def live(self) -> list[Tale]:
        """Stories that live."""
        return self.news.live

    # -------------------------------------------------------------------------------------------------- beginnings

    def begin(self, failure: Failure, day: int) -> None:
        """A dated failure becomes known; one without severity changes nothing."""
        if failure.severity == 0.0:
            return
        catalogue = self.model.catalogue
        car = catalogue.car_index[failure.car]
        cause = self.model.companies.contribution(car, failure.kind)
        if failure.contribution:
            cause = {key: failure.contribution.get(key, 0.0) for key in catalogue.organisations}
        if failure.plan is not None:
            catalogue.disclosed[failure.plan] = True
        heat = self._heat(failure.attention * min(failure.severity, 1.0), failure.mix)
        tale = self._tale(failure.id, car, failure.kind, day, cause, failure.severity, failure.plan, heat)
        tale.known = failure.known
        self._begin(tale)

    def break_out(self, outbreak: Outbreak, day: int) -> None:
        """Complaints have become a public event."""
        if self.case.failures.of(outbreak.kind).severity == 0.0:
            return
        key = list(self.model.catalogue.cars)[outbreak.car]
        severity = outbreak.severity * self.case.failures.of(outbreak.kind).severity
        places = self.case.platforms
        mix = {"elsewhere": 0.5 if places else 1.0} | {place: 0.5 / len(places) for place in places}
        heat = self._heat(self.case.firestorm.attention * min(severity, 1.0), mix)
        cause = self.model.companies.contribution(outbreak.car, outbreak.kind)
        word = f"{key}:{outbreak.kind}:{day}"
        tale = self._tale(word, outbreak.car, outbreak.kind, day, cause, severity, None, heat)
        self._begin(tale, outbreak.complaints)

    def _heat(self, attention: float, mix: dict[str, float]) -> list[float]:
        return [attention * mix.get(place, 0.0) for place in self.news.places]

    def _tale(
        self, word: str, car: int, kind: FailureKind, day: int, cause: dict[str, float], severity: float,
        plan: str | None, heat: list[float],
    ) -> Tale:  # fmt: skip
        catalogue = self.model.catalogue
        of_plan = [plan is None or offer.plan == plan for offer in catalogue.offers]
        return Tale(
            word, car, kind, day, cause, True, severity, plan,
            offers=[of == car and under for of, under in zip(self.model.car_of, of_plan, strict=True)],
            people=Circle(word, [0] * len(self.model.people)), members=Circle(f"{word} in groups", [0] * news.MEMBERS),
            heat=heat, informed=[0.0] * len(self.model.households), loudness=self.case.failures.of(kind).talk,
        )  # fmt: skip

    def _begin(self, tale: Tale, complaints: float | None = None) -> None:
        met = self.case.failures.of(tale.kind).witnesses
        share = min(1.0, tale.severity * (self.case.news.witnesses if met is None else met))
        told = self.news.begin(tale, [c for c in self.model.people if c.is_concerned(tale)], share)
        self._hear(told, tale.day, self.case.trust.experienced)
        if complaints is None:
            complaints = sum(self.model.people[row].weight for row in told.first)
        involved = [key for key, part in tale.cause.items() if part > 0.0] if tale.known else []
        self._note(tale, tale.day, "failure", involved, complaints=complaints)

    # ------------------------------------------------------------------------------------------------------ answers

    def answer(self, answer: Answer, day: int) -> None:
        """Organisations answer, and pay for a remedy while budgets last; without a story nobody listens."""
        tale = next((tale for tale in self.live if tale.word == answer.to), None)
        if tale is None:
            return
        model, companies = self.model, self.model.companies
        concerned = [c for c in model.people if c.is_concerned(tale)]
        accounts, car = companies.industry.accounts, list(model.catalogue.cars)[tale.car]
        payers = companies.table(accounts.liable(tale.car, float(day), answer.by))
        paid = accounts.remedy(model.week, car, sum(c.weight for c in concerned), answer.remedy_cny, answer.by)
        if answer.refund:
            self._live_until([consumer.row for consumer in concerned], day)
            model.refunded |= {offer: model.week for offer, is_about in enumerate(tale.offers) if is_about}
        before = tale.said[-1].taken if tale.said else tale.cause
        taken = blame.admitted_of_one(
            before, set(answer.by), answer.admission, answer.shift_to, self.case.attribution.shifted
        )
        tale.said.append(Said(answer, taken, paid, payers))
        if answer.shift_to is not None:
            companies.partnership.alliances.shift(day / DAYS, tale.car, tale.severity)
        if answers.ends_the_question(answer):
            tale.sparks = 0.0
        told = self.news.act(tale, day, concerned, answer.directly, self._heat(answer.attention, answer.mix))
        self._hear(told, day, self.case.trust.heard)
        self._hear_answers(told, day)
        for act in acts_of(answer):
            self._note(tale, day, act, answer.by, response_days=float(day - tale.day))

    # ------------------------------------------------------------------------------------------------------ days

    def spread(self, this: Round, awaited: Container[str]) -> None:
        """A day of news; what is heard is felt from the night on."""
        night = this.first_day + this.days
        self.attention += sum(sum(self.news.contacts(number)) for number in range(len(self.live)))
        for told in self.news.spread(this.first_day):
            self._hear(told, night, self.case.trust.heard)
            self._hear_answers(told, night)
        for tale in self.news.end(this.first_day, awaited):
            self._note(tale, this.first_day, "end")

    def _live_until(self, rows: Sequence[int], day: int) -> None:
        """Those of some consumers who wait live as they are until a day begins."""
        for row in rows:
            self.model.people[row].live_until(day)
        self.model.tidy()

    def _hear(self, told: Told, day: int, weight: float) -> None:
        """Consumers hear of a failure for the first time; what they blame is written down."""
        tale, rows = told.tale, told.first
        self._live_until(rows, day)
        if rows:
            given = [self.model.people[row].hear(tale, day, weight) for row in rows]
            companies = self.model.companies
            control = companies.partnership.control[tale.car]
            companies.account.record(
                self.model.week, tale.car, *self._behind(rows), self._rows(given), self._rows([tale.cause])[0], control,
                tale.known,
            )  # fmt: skip

    def _hear_answers(self, told: Told, day: int) -> None:
        """Consumers hear what was said since."""
        tale, people, account = told.tale, self.model.people, self.model.companies.account
        for number, said in enumerate(tale.said):
            rows = told.of_answer(number)
            self._live_until(rows, day)
            before = tale.said[number - 1].taken if number else tale.cause
            if rows and before != said.taken:
                thoughts = [people[row].think_again(tale, before, said.taken, day) for row in rows]
                first, second = zip(*thoughts, strict=True)
                account.revise(
                    self.model.week, tale.car, *self._behind(rows), self._rows(first), self._rows(second),
                    self._rows([tale.cause])[0], tale.known,
                )  # fmt: skip
            for row in rows:
                if people[row].is_concerned(tale):
                    people[row].is_made_good(said, day)

    def _behind(self, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        people = [self.model.people[row] for row in rows]
        return np.array([c.profile for c in people]), np.array([c.weight for c in people])

    def _rows(self, tables: Sequence[dict[str, float]]) -> np.ndarray:
        return np.array([[table[key] for key in self.model.catalogue.organisations] for table in tables])

    def _note(
        self, tale: Tale, day: int, act: Act, by: Sequence[str] = (), *, complaints: float = np.nan,
        response_days: float = np.nan,
    ) -> None:  # fmt: skip
        companies = self.model.companies
        wrong = companies.account.misattribution_of_all(self.model.week) if tale.known else np.nan
        companies.opening.events.note(
            day, list(self.model.catalogue.cars)[tale.car], tale.kind, act, by, informed=sum(tale.informed),
            complaints=complaints, response_days=response_days, misattribution=wrong,
        )  # fmt: skip
