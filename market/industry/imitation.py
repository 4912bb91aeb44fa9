"""Imitation: makers who see customised cars sell, and whose lines stand idle, let a platform define a car of theirs."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import chance as luck
from market.chance import Chance
from market.industry.programmes import Imitation

Floats = NDArray[np.float64]


def hazard(section: Imitation, customised_share: float, idle: ArrayLike) -> Floats:
    """Hazard a week that each maker imitates: (makers,), from the share of deliveries that are customised cars.

    rate x (1 - exp(-share / visible share)) x (1 - w + w x idle), `idle` the part of its capacity that stands still.
    """
    seen = 1.0 - math.exp(-customised_share / section.visible_share)
    weight = section.idle_weight
    return section.per_week * seen * (1.0 - weight + weight * np.asarray(idle, float))


class Imitators:
    """Makers on their way to imitation: each crosses a unit exponential, drawn once per spell and maker."""

    def __init__(self, chance: Chance, makers: Mapping[str, str]) -> None:
        """Everybody starts unmoved. `makers` names for each maker the word of its luck: one of its cars."""
        self.chance, self.makers = chance, tuple(sorted(makers))
        self.spell = np.zeros(len(makers), np.int64)
        self.moved = np.zeros(len(makers))
        """cumulated hazard of this spell"""
        self._keys = luck.words([makers[maker] for maker in self.makers])
        self._patience = chance.exponential("imitation", self._keys, self.spell)
        """cumulated hazard at which each spell ends"""

    def advance(self, rates: ArrayLike, weeks: float = 1.0) -> NDArray[np.intp]:
        """Let time pass; returns the makers who imitate now and begin a new spell."""
        self.moved += np.asarray(rates, float) * weeks
        crossed = np.flatnonzero(self.moved >= self._patience)
        if len(crossed):
            self.moved[crossed] = 0.0
            self.spell[crossed] += 1
            self._patience = self.chance.exponential("imitation", self._keys, self.spell)
        return crossed
