"""Opinion: live stories, whom consumers blame for them, what they hold against a car, and whom they trust.

A failure becomes known, spreads, and is answered. Everybody who hears of it divides the blame, trusts those blamed
less, and holds it against the car if it is his own. Choices, cancellations and sales follow from that by the rules of
the people; nothing here touches them.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Round
from market.chance import words
from market.chronicle import Act, Events, Panel
from market.happenings import Answer, Failure, FailureKind
from market.people.choosing import Decisions
from market.stories import answers, blame, grievance
from market.stories.firestorm import Outbreak
from market.stories.judgement import Judgement, Said
from market.stories.news import Stories
from market.stories.story import Audience, Heard, Story

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass
class Opinion:
    """What the public makes of failures. The market owns it, begins and answers stories, and lets days pass."""

    judgement: Judgement
    events: Events
    panel: Panel
    week: int = 0
    """of the run, kept up to date by the market"""

    def __post_init__(self) -> None:
        """Begin with no story."""
        judge = self.judgement
        self.case, self.chance, self.catalogue = judge.case, judge.chance, judge.catalogue
        self.population, self.account = judge.population, judge.account
        self.stories = Stories(self.case.news, (*self.case.platforms, "elsewhere"), len(self.population))
        self.attention = 0.0
        """contacts of an average user with all stories, since it was last taken"""
        self.said: dict[str, list[Said]] = {}
        """answers by story, in the order in which they were given"""
        listed = {key: position for position, key in enumerate(self.catalogue.organisations)}
        self._feed_of = np.array([listed.get(place, -1) for place in self.stories.places])
        """(places,) the organisation whose feed it is, -1: elsewhere"""
        self._car_of = np.append(self.catalogue.car_of, -1)
        """(offers + the outside good,) position of the car, -1: none"""
        shape = (self.case.calendar.weeks, len(self.catalogue.cars))
        self.lost = np.zeros(shape)
        """(weeks, cars) households that would have chosen a car if trust were at its baseline"""
        self.deferred = np.zeros(shape)
        """(weeks, cars) households that would have chosen a car but wait, because of a story"""

    # ---------------------------------------------------------------------------------------------- who and what

    @property
    def live(self) -> bool:
        """Whether any story lives."""
        return bool(self.stories.live)

    def audience(self) -> Audience:
        """Whom stories can reach today."""
        judge, column = self.judgement, self.population.columns
        return Audience(
            self.chance, judge.demand.acquaintances, column["profile"], judge.household, column["stratum"],
            column["car"], column["driven"], column["stage"], judge.profiles.media_use, judge.trust.households,
        )  # fmt: skip

    def concerned(self, story: Story) -> Rows:
        """Whom a story concerns: who has ordered or drives the car, or has an offer of it under the plan."""
        return np.flatnonzero(self.judgement.is_concerned(story))

    # -------------------------------------------------------------------------------------------------- beginnings

    def begin(self, failure: Failure, day: int) -> None:
        """A dated failure becomes known. One without severity changes nothing."""
        if failure.severity == 0.0:
            return
        car = self.catalogue.car_index[failure.car]
        cause = self.judgement.partnership.contribution(car, failure.kind)
        if failure.contribution:
            cause = np.array([failure.contribution.get(key, 0.0) for key in self.catalogue.organisations])
        if failure.plan is not None:
            self.catalogue.disclosed[failure.plan] = True
        self._begin(
            failure.id, car, failure.kind, day, cause, severity=failure.severity, known=failure.known,
            plan=failure.plan, attention=failure.attention, mix=dict(failure.mix),
        )  # fmt: skip

    def break_out(self, outbreak: Outbreak, day: int) -> None:
        """Complaints have become a public event. One of a kind without severity changes nothing."""
        if self.case.failures.of(outbreak.kind).severity == 0.0:
            return
        car = list(self.catalogue.cars)[outbreak.car]
        cause = self.judgement.partnership.contribution(outbreak.car, outbreak.kind)
        places = self.case.platforms
        mix = {"elsewhere": 0.5 if places else 1.0} | {key: 0.5 / len(places) for key in places}
        self._begin(
            f"{car}:{outbreak.kind}:{day}", outbreak.car, outbreak.kind, day, cause,
            severity=outbreak.severity * self.case.failures.of(outbreak.kind).severity,
            attention=self.case.firestorm.attention, mix=mix, complaints=outbreak.complaints,
        )  # fmt: skip

    def _begin(
        self, word: str, car: int, kind: FailureKind, day: int, cause: Floats, *, severity: float, attention: float,
        mix: dict[str, float], known: bool = True, plan: str | None = None, complaints: float = np.nan,
    ) -> None:  # fmt: skip
        section, self.said[word] = self.case.failures.of(kind), []
        heard = self.stories.begin(
            self.audience(), word, car, kind, day, cause, self.judgement.whom(car, plan), severity=severity,
            known=known, plan=plan, attention=attention, mix=mix, loudness=section.talk, witnesses=section.witnesses,
        )  # fmt: skip
        self._hear(heard, day, self.judgement.trust.section.experienced)
        if np.isnan(complaints):
            complaints = float(self.judgement.weight(heard.first).sum())
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
            self.judgement.partnership.alliances.shift(day / DAYS, story.car, story.severity)
        heard = self.stories.act(
            self.audience(), story, answer.id, day, self.concerned(story), directly=answer.directly,
            attention=answer.attention, mix=dict(answer.mix), information=answers.ends_the_question(answer),
        )  # fmt: skip
        self._hear(heard, day, self.judgement.trust.section.heard)
        self._hear_answers(heard, day)
        for act in acts_of(answer):
            self._note(story, day, act, answer.by, response_days=float(day - story.day))

    # ------------------------------------------------------------------------------------------------------ days

    def spread(self, this: Round, awaited: Container[str]) -> None:
        """A day of news: stories spread, answers reach those who know of them, quiet stories end.

        What is heard during the day is felt from the night on: until then everybody has waited as he was. Stories whose
        answer is `awaited` do not end by themselves.
        """
        day, night, audience = this.first_day, this.first_day + this.days, self.audience()
        pools = [self.concerned(story) for story in self.stories.live]
        for heard in self.stories.spread(audience, day, pools):
            self._hear(heard, night, self.judgement.trust.section.heard)
            self._hear_answers(heard, night)
        self.attention += sum(story.seen for story in self.stories.live)
        for story in self.stories.end(audience, day, awaited):
            self._note(story, day, "end")

    def forget(self) -> None:
        """Free the memory of live stories; what was blamed, lost and said can still be read."""
        self.stories.live.clear()

    def take_attention(self) -> float:
        """Contacts of an average user with stories since this was last asked."""
        taken, self.attention = self.attention, 0.0
        return taken

    def _hear(self, heard: Heard, day: int, weight: float) -> None:
        """Consumers hear of a story for the first time: they blame, they trust less, and some have a grievance."""
        story, rows = heard.story, heard.first
        if len(rows) == 0:
            return
        given = self.judgement.hear(story, rows, day, self.week, weight)
        blamed = given.argmax(axis=1)
        self.panel.record(self.week, "heard", rows, car=story.car, organisation=blamed, value=given.max(axis=1))
        if self.panel.awake:
            self._record_ways(heard, rows[self.panel.watched[rows]])

    def _record_ways(self, heard: Heard, rows: Rows) -> None:
        """Keep from whom some consumers who are followed heard of a story: the acquaintance, or the likeliest feed."""
        if len(rows) == 0:
            return
        car, ways = heard.story.car, heard.ways
        told = ways.of(rows)
        self.panel.record(self.week, "told_by", told.by_talk, car=car, value=told.talkers.astype(float))
        self.panel.record(self.week, "told_in_group", told.in_groups, car=car)
        if len(told.in_feeds):
            use = self.judgement.profiles.media_use[self.population.columns["profile"][told.in_feeds]]
            place = self._feed_of[(use * ways.contacts).argmax(axis=1)]
            self.panel.record(self.week, "told_by_feed", told.in_feeds, car=car, organisation=place)
        self.panel.record(self.week, "told_directly", told.directly, car=car)

    def _hear_answers(self, heard: Heard, day: int) -> None:
        """Consumers hear what was said: blame moves with what it admits, trust with blame, a remedy makes good."""
        story, said = heard.story, self.said[heard.story.word]
        for number, one in enumerate(said):
            rows = heard.answered[(heard.news >> np.uint8(number + 1) & 1) != 0]
            if len(rows) == 0:
                continue
            before = said[number - 1].taken if number else story.cause
            self.judgement.hear_answer(story, rows, before, one, day, self.week)
            self.panel.record(self.week, "answer", rows, car=story.car, value=float(number))

    # ------------------------------------------------------------------------------------------- who would choose it

    def _defers(self, rows: Rows, offer: Rows) -> NDArray[np.bool_]:
        waits = np.zeros(len(rows), bool)
        if not self.live:
            return waits
        car = self._car_of[offer]
        live = [story for story in self.stories.live if (car == story.car).any()]
        if not live:
            return waits

        heard = np.stack([(car == story.car) & story.aware(rows) for story in live], axis=1)
        severity = [story.severity * story.sparks for story in live]
        spell, keys = self.population.columns["spell"][rows], words([story.word for story in live])
        return grievance.defers(self.chance, rows, spell, heard, keys, severity, self.case.deferral)

    def count_lost(self, rows: Rows, decisions: Decisions) -> None:
        """Whoever would have chosen another car, were all trust at its baseline, is lost to that car."""
        would, does = self._car_of[decisions.trusting], self._car_of[decisions.offer]
        swayed = ((would != does) & (would >= 0)).nonzero()[0]
        if len(swayed) == 0:
            return
        self._by_car(self.lost, rows[swayed], would[swayed])
        self.panel.record(self.week, "lost", rows[swayed], car=would[swayed])

    def hold_back(self, rows: Rows, offer: Rows) -> NDArray[np.bool_]:
        """Who waits instead of choosing an offer, because of a live story about the car that he has heard: (rows,)."""
        waits = self._defers(rows, offer)
        some = waits.nonzero()[0]
        if len(some):
            car = self.catalogue.car_of[offer[some]]
            self._by_car(self.deferred, rows[some], car)
            self.panel.record(self.week, "deferred", rows[some], car=car)
        return waits

    def _by_car(self, table: Floats, rows: Rows, car: Rows) -> None:
        table[self.week] += np.bincount(car, self.judgement.weight(rows), table.shape[1])

    def _note(
        self, story: Story, day: int, act: Act, by: list[str] | None = None, complaints: float = np.nan,
        response_days: float = np.nan,
    ) -> None:  # fmt: skip
        car = list(self.catalogue.cars)[story.car]
        wrong = self.account.misattribution_of_all(self.week) if story.known else np.nan
        self.events.note(
            day, car, story.kind, act, by or [], informed=float(story.informed.sum()), complaints=complaints,
            response_days=response_days, misattribution=wrong,
        )  # fmt: skip


def acts_of(answer: Answer) -> list[Act]:
    """What an answer is called in the chronicle: a refusal, an apology, a shift, a remedy, a refund, or just an answer.

    >>> acts_of(Answer(id="a", on="2025-12-01", to="b", by=["jd"], admission=0.5, remedy_cny=100.0))
    ['apology', 'remedy']
    """
    found: dict[Act, bool] = {
        "refusal": answer.admission < 0.0,
        "apology": answer.admission > 0.0,
        "shift": answer.shift_to is not None,
        "remedy": answer.remedy_cny > 0.0,
        "refund": answer.refund,
    }
    return [name for name, is_so in found.items() if is_so] or ["answer"]
