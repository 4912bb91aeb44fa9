"""What a story is, whom it can reach, and what a day of it told to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from market.chance import Chance
from market.happenings import FailureKind
from market.people.network import Network
from market.stories.talk import (
    ACTS,
    HEARD,
    KNOWN,
    TALKING,
    TALKING_BIT,
    Amounts,
    Floats,
    Knowledge,
    Rows,
    situation,
    stops,
)
from market.stories.ways import Ways


@dataclass(frozen=True)
class Audience:
    """Whom stories can reach, as the market stands today; arrays of consumers are read, never kept."""

    chance: Chance
    acquaintances: Network
    profile: NDArray[np.int8]
    weight: Floats | Amounts
    """(strata,) households that one consumer stands for"""
    stratum: NDArray[np.int8]
    car: NDArray[np.integer]
    driven: NDArray[np.integer]
    stage: NDArray[np.int8]
    use: Floats | Amounts
    """(profiles, places) time at each place relative to an average user"""
    households: Amounts
    """(profiles,) all households by profile"""

    def situation(self, rows: Rows, this: int) -> NDArray[np.int8]:
        """What a story about car `this` is to some consumers."""
        return situation(self.car[rows], self.driven[rows], self.stage[rows], this)

    def usual_use(self) -> Amounts:
        """Time of an average household at each place: (places,)."""
        return np.asarray(self.households @ self.use / max(self.households.sum(), 1e-300), float)

    def weigh(self, rows: Rows) -> Amounts:
        """Households that some consumers stand for, by profile: (profiles,)."""
        counted = np.bincount(self.profile[rows], self.weight[self.stratum[rows]], len(self.households))
        return counted.astype(float)


class Act(NamedTuple):
    """Something said or done about a failure after it became known."""

    key: str
    day: int


@dataclass(eq=False)
class Listeners:
    """People among whom a story goes round: what each knows, and who talks."""

    word: str
    """names them and their story for chance"""
    heard: Knowledge
    """(people,) one byte each, see `talk.HEARD`, `talk.ACTS`, `talk.TALKING`"""
    talkers: Rows
    """who talks about it, ascending"""

    @classmethod
    def of(cls, word: str, number: int) -> Self:
        """So many people who know nothing yet."""
        return cls(word, np.zeros(number, np.uint8), np.empty(0, np.intp))

    def aware(self) -> int:
        """How many know of it."""
        return int(np.count_nonzero(self.heard & HEARD))

    def ignorant(self, everything: int, rows: Rows | None = None) -> Rows:
        """Who (of some rows) does not know everything."""
        heard = self.heard if rows is None else self.heard[rows]
        found = ((heard & np.uint8(everything)) != everything).nonzero()[0]
        return found if rows is None else rows[found]

    def fall_silent(self, chance: Chance, day: int, talking_days: float) -> None:
        """Some talk for the last time."""
        if len(self.talkers) == 0:
            return
        silent = stops(chance, self.word, day, self.talkers, talking_days)
        self.heard[self.talkers[silent]] &= np.uint8(KNOWN)
        self.talkers = self.talkers[~silent]

    def learn(
        self, chance: Chance, day: int, rows: Rows, told: Knowledge | int, retelling: float
    ) -> tuple[Rows, Rows, Knowledge]:
        """Let some rows (ascending) know what they were told; who hears of something new may talk.

        Who hears of the failure itself talks, who hears of a further act with probability `retelling`. Returns who
        heard of the failure first, who heard of further acts, and of which: bit k for the k-th.
        """
        before = self.heard[rows]
        new = ~before & np.asarray(told, np.uint8)
        learns = new.nonzero()[0]
        if len(learns) == 0:
            return rows[learns], rows[learns], new[learns]
        rows, before, new = rows[learns], before[learns], new[learns]
        is_first = (new & np.uint8(HEARD)) != 0
        talks, others = is_first.copy(), (~is_first).nonzero()[0]
        if len(others):
            luck = chance.uniform("retells", rows[others], self.word, day, new[others])
            talks[others] = luck < np.float32(retelling)
        begins = talks & (before < TALKING)
        self.heard[rows] = before | new | begins.view(np.uint8) << np.uint8(TALKING_BIT)
        self.talkers = np.sort(np.concatenate([self.talkers, rows[begins]]), kind="stable")
        news = new & np.uint8(KNOWN - HEARD)
        answered = news.nonzero()[0]
        return rows[is_first], rows[answered], news[answered]

    def following(self, chance: Chance, act: int, share: float) -> Rows:
        """Who of those who talk hears at once of the act with this number."""
        return self.talkers[chance.uniform("follows", self.talkers, self.word, act) < np.float32(share)]


@dataclass(eq=False)
class Story:
    """One failure that became known: what it is, who has heard what of it, how hot it is."""

    word: str
    """names it for chance: the id of the happening, or car, kind and day"""
    car: int
    kind: FailureKind
    day: int
    """of the run on which it became known; its own days count from there, so that luck does not ask for dates"""
    cause: Amounts
    """(organisations,) contributions"""
    known: bool
    severity: float
    plan: str | None
    people: Listeners
    """all consumers: one byte each"""
    members: Listeners
    """the buyers' groups"""
    heat: Amounts
    """(places,)"""
    informed: Amounts
    """(profiles,) households that have heard of it"""
    loudness: float = 1.0
    """multiplies talk along ties and in the pool"""
    sparks: float = 1.0
    """multiplies what re-ignites it: reactions and retelling; 0 when nothing is left to ask"""
    acts: list[Act] = field(default_factory=list)
    seen: float = 0.0
    """contacts of an average user on the last day"""

    @property
    def heard(self) -> Knowledge:
        """(n,) what each consumer knows."""
        return self.people.heard

    @property
    def talkers(self) -> Rows:
        """Consumers who talk about it, ascending."""
        return self.people.talkers

    @property
    def known_bits(self) -> int:
        """All that there is to know of it by now, as bits."""
        return (HEARD << (min(len(self.acts), ACTS) + 1)) - 1

    def aware(self, rows: Rows | None = None) -> NDArray[np.bool_]:
        """Who has heard of it: of all (n,), or of some rows."""
        return ((self.heard if rows is None else self.heard[rows]) & HEARD) != 0

    def has_heard(self, act: str, rows: Rows) -> NDArray[np.bool_]:
        """Who of some rows has heard of a further act. Raises ValueError if the story has no such act."""
        keys = [said.key for said in self.acts]
        if act not in keys:
            raise ValueError(f"{act}: no such act of {self.word}; it has {', '.join(keys) or 'none'}")
        number = keys.index(act) + 1
        return (self.heard[rows] >> np.uint8(min(number, ACTS)) & 1) != 0


class Heard(NamedTuple):
    """What a day of one story told to whom."""

    story: Story
    first: Rows
    """who heard of it today for the first time, ascending"""
    answered: Rows
    """who heard today of a further act, ascending; those of `first` too"""
    news: Knowledge
    """which further acts each of `answered` heard of today: bit k for the k-th"""
    ways: Ways = Ways()
    """whom it reached along ties, in groups and in feeds"""
