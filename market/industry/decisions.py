"""Decisions: a role moves from one organisation to another, or an organisation leaves; what that does to roles.

A move has a price (paid through `market.industry.accounts`) and a time of learning, during which the new hands cause
friction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value
from market.happenings import Move

Floats = NDArray[np.float64]


class Transition(Section):
    """What it does to a car that a role has just changed hands."""

    friction: Share = value(
        0.10, unit="friction", meaning="added on the day when a whole function moves, gone when it is learned; 0: none"
    )
    exit_learning_weeks: float = value(
        26.0, unit="weeks", meaning="until who takes over from one that left has learned; 0: at once", ge=0.0, le=520.0
    )


def moved(row: ArrayLike, giver: int, taker: int, share: float) -> Floats:
    """A row of roles after the giver has handed a share of its part to the taker; the row still sums to 1.

    >>> moved([0.8, 0.2, 0.0], giver=0, taker=2, share=0.5).tolist()
    [0.4, 0.2, 0.4]
    """
    after = np.array(row, float)
    part = share * after[giver]
    after[giver] -= part
    after[taker] += part
    return after


def inherited(roles: ArrayLike, leaver: int, heir: int) -> Floats:
    """The roles of a car, (functions, organisations), after everything the leaver held has gone to the heir.

    >>> inherited([[0.6, 0.4, 0.0], [0.0, 0.0, 1.0]], leaver=0, heir=1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    after = np.array(roles, float)
    after[:, heir] += after[:, leaver]
    after[:, leaver] = 0.0
    return after


def unlearned(weeks_since: ArrayLike, learning_weeks: ArrayLike) -> Floats:
    """Part of a role that its new holder has still to learn: from 1 on the day to 0 after `learning_weeks`, in a line.

    >>> unlearned([0.0, 13.0, 40.0], 26.0).tolist()
    [1.0, 0.5, 0.0]
    """
    since, length = np.asarray(weeks_since, float), np.asarray(learning_weeks, float)
    left = 1.0 - np.divide(since, length, out=np.ones(np.broadcast(since, length).shape), where=length > 0.0)
    return np.where(since < 0.0, 0.0, np.maximum(left, 0.0))


def unlearned_of_one(weeks_since: float, learning_weeks: float) -> float:
    """The readable rule behind `unlearned`."""
    if weeks_since < 0.0 or weeks_since >= learning_weeks:
        return 0.0
    return 1.0 - weeks_since / learning_weeks


class Apprenticeship(NamedTuple):
    """A role in new hands: which car, how much of a function has moved, since when, how long it takes to learn."""

    car: int
    part: float
    day: int
    learning_weeks: float


class Transitions:
    """Roles in motion: what has moved so far, and the friction that it causes."""

    def __init__(
        self, section: Transition, cars: Sequence[str], functions: Sequence[str], organisations: Sequence[str]
    ) -> None:
        """Nothing has moved yet."""
        self.section = section
        self.cars, self.functions, self.organisations = list(cars), list(functions), list(organisations)
        self.learning: list[Apprenticeship] = []

    def move(self, roles: Floats, move: Move, day: int) -> float:
        """Carry out a move: writes `roles` (cars, functions, organisations) in place, and gives the part that moved."""
        car, function = self.cars.index(move.car), self.functions.index(move.function)
        giver, taker = self.organisations.index(move.giver), self.organisations.index(move.taker)
        row = roles[car, function]
        part = float(move.share * row[giver])
        roles[car, function] = moved(row, giver, taker, move.share)
        self._learn(car, part, day, move.learning_weeks)
        return part

    def leave(self, roles: Floats, car: str, leaver: str, heir: str, day: int) -> None:
        """Carry out an exit: everything that the leaver held of a car goes to the heir, in place."""
        c, giver, taker = self.cars.index(car), self.organisations.index(leaver), self.organisations.index(heir)
        part = float(roles[c, :, giver].sum())
        roles[c] = inherited(roles[c], giver, taker)
        self._learn(c, part, day, self.section.exit_learning_weeks)

    def friction(self, day: float) -> Floats:
        """What learning adds to the friction of each car on a day: (cars,), to be capped with the rest at 1."""
        added = np.zeros(len(self.cars))
        for car, part, begun, weeks in self.learning:
            added[car] += self.section.friction * part * float(unlearned((day - begun) / 7.0, weeks))
        return np.minimum(added, 1.0)

    def _learn(self, car: int, part: float, day: int, weeks: float) -> None:
        """Remember that a part of a function is in new hands."""
        if part > 0.0 and weeks > 0.0:
            self.learning.append(Apprenticeship(car, part, day, weeks))
