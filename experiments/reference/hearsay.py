"""What is said in the reference market: rules for one listener, and the circles among whom a story goes round.

The rules have no readable form in `market.stories`; those that have are used from there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from market.chance import Chance
from market.happenings import Answer, FailureKind
from market.people.fleet import YEAR
from market.stories.talk import ACTS, HEARD, KNOWN, TALKING, stops_of_one


def heat_after(heat: float, half_life_days: float, reactions: float) -> float:
    """Heat of a story at one place after a day: it cools, and whoever heard of it today has reacted.

    >>> heat_after(1.0, half_life_days=1.0, reactions=0.25)
    0.75
    """
    return float(heat * 0.5 ** (1.0 / half_life_days)) + reactions


def reaction(engagement: float, sparks: float, part: float, whole: float) -> float:
    """Heat that a place gets from those who heard of a story today: `part` of the `whole` time spent there is theirs.

    >>> reaction(2.0, sparks=1.0, part=30.0, whole=120.0), reaction(2.0, sparks=0.0, part=30.0, whole=120.0)
    (0.5, 0.0)
    """
    return engagement * sparks * part / whole if whole > 0.0 else 0.0


def hazards_in_groups(heard: Iterable[int], contacts_per_day: float, members: int) -> list[float]:
    """Hazards a day of being told in groups of the failure and of each further act, when members know `heard`.

    >>> hazards_in_groups([TALKING | HEARD, TALKING | HEARD | 2, HEARD, 0], contacts_per_day=0.4, members=4)
    [0.2, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    talkers = [knows for knows in heard if knows >= TALKING]
    counts = [sum(knows >> bit & 1 for knows in talkers) for bit in range(1 + ACTS)]
    return [count * (contacts_per_day / members) for count in counts]


def learned_of_one(chance: Chance, word: str, age: int, row: int, before: int, told: int, retelling: float) -> int:
    """What somebody knows (and whether he talks) after being told something; nothing new changes nothing.

    Who hears of the failure itself talks, who hears of a further act with probability `retelling`.
    """
    new = told & ~before
    if new == 0:
        return before
    retells = chance.one("retells", row, word, age, columns=(new,)) < np.float32(retelling)
    return before | new | (TALKING if new & HEARD or retells else 0)


def is_told(chance: Chance, name: str, word: str, act: int, row: int, share: float) -> bool:
    """Whether somebody is among the share that meets a failure, is told of an act at once, or follows what is said."""
    return bool(chance.one(name, row, word, act) < np.float32(share))


def retold_of_one(interest: float, rate: float, luck: float) -> bool:
    """Whether who is met by a talker takes the story in; both numbers are what float32 makes of them."""
    return bool(luck < np.float32(rate) * np.float32(interest))


def visiting_day_of_one(chance: Chance, row: int) -> int:
    """The day of the year on which a consumer's car is cared for, if there is one."""
    return math.floor(np.float32(YEAR) * np.float32(chance.one("visit", row)))


@dataclass
class Circle:
    """People among whom a story goes round; what each knows is a whole number of bits, see `talk.HEARD`."""

    word: str
    heard: list[int]
    talkers: set[int] = field(default_factory=set)

    def lack(self, everything: int, rows: Iterable[int]) -> list[int]:
        """Who of some people does not know everything."""
        return [row for row in rows if ~self.heard[row] & everything]

    def directly(self, chance: Chance, name: str, act: int, rows: Iterable[int], share: float) -> list[int]:
        """Who of some people meets or is told something at once."""
        return [row for row in rows if is_told(chance, name, self.word, act, row, share)]

    def fall_silent(self, chance: Chance, age: int, talking_days: float) -> None:
        """Some talk for the last time."""
        for row in sorted(self.talkers):
            if stops_of_one(chance, self.word, age, row, talking_days):
                self.talkers.remove(row)
                self.heard[row] &= KNOWN

    def learn(self, chance: Chance, age: int, told: Mapping[int, int], retelling: float) -> list[tuple[int, int]]:
        """Let people know what they were `told`. Returns who heard something new, in order, and what."""
        learned = []
        for row in sorted(told):
            before = self.heard[row]
            after = learned_of_one(chance, self.word, age, row, before, told[row], retelling)
            if after != before:
                learned.append((row, after & ~before & KNOWN))
                self.heard[row] = after
                if after >= TALKING:
                    self.talkers.add(row)
        return learned


class Said(NamedTuple):
    """One answer to a story, as the public hears it."""

    answer: Answer
    taken: dict[str, float]
    """what the public takes for the contribution from then on"""
    paid_share: float
    payers: dict[str, float]


@dataclass(eq=False)
class Tale:
    """One failure that became known; the attributes are those of `market.stories.story.Story`."""

    word: str
    car: int
    kind: FailureKind
    day: int
    cause: dict[str, float]
    known: bool
    severity: float
    plan: str | None
    offers: list[bool]
    """those that it is about: of the car, under the plan if it names one"""
    people: Circle
    members: Circle
    heat: list[float]
    """by place"""
    informed: list[float]
    """by profile"""
    loudness: float
    sparks: float = 1.0
    said: list[Said] = field(default_factory=list)
    acts: int = 0

    @property
    def known_bits(self) -> int:
        """All that there is to know of it by now."""
        return (HEARD << (min(self.acts, ACTS) + 1)) - 1

    def is_known_to(self, row: int) -> bool:
        """Whether somebody has heard of it."""
        return bool(self.people.heard[row] & HEARD)


class Told(NamedTuple):
    """What a day, or an act, of one story told to whom."""

    tale: Tale
    news: Sequence[tuple[int, int]]
    """consumers in order, and what each heard for the first time"""

    @property
    def first(self) -> list[int]:
        """Who heard of the failure itself."""
        return [row for row, new in self.news if new & HEARD]

    def of_answer(self, number: int) -> list[int]:
        """Who heard of an answer, counted from 0; from the sixth on nobody does by name."""
        return [row for row, new in self.news if new >> (number + 1) & 1]
