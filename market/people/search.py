"""Search: needs arise, searches run, and some consumers decide on impulse while a car excites them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import Clock, Round
from market.chance import Chance
from market.people import consumers
from market.people.demand import Demand
from market.people.orders import IDLE, SEARCHING
from market.people.population import Population
from market.people.profiles import Profiles

Rows = NDArray[np.intp]
CALM = 1e-2
"""Excitement below this moves nobody: the search pool is not asked."""


class Deciding(NamedTuple):
    """Who decides in a round, and when, in weeks: in order of time."""

    rows: Rows
    at: NDArray[np.float32]
    carried: NDArray[np.bool_]
    """carried away before the search is over: only a car that excites will do"""


NOBODY = Deciding(np.empty(0, np.intp), np.empty(0, np.float32), np.empty(0, bool))


@dataclass
class Search:
    """The search of all consumers. The market owns it and asks it once a round."""

    chance: Chance
    population: Population
    profiles: Profiles
    demand: Demand
    clock: Clock
    longest_weeks: float

    def begin(self, rows: Rows) -> None:
        """Needs arise: each search has its own length, drawn at its start."""
        column = self.population.columns
        spell = column["spell"][rows]
        search = self.profiles.search_weeks(self.chance, rows, column["profile"][rows], spell, self.longest_weeks)
        column["due"][rows] += search
        column["stage"][rows] = SEARCHING
        column["patience"][rows] = self.chance.exponential("impulse", rows, spell)

    def pass_time(self, this: Round, launched: NDArray[np.bool_]) -> Deciding:
        """Who needs a car begins to search; whose search is over, or who is carried away, decides."""
        column = self.population.columns
        due = np.flatnonzero(column["due"] <= np.float32(this.market_time))
        idle = due[column["stage"][due] == IDLE]
        self.begin(idle)
        deciding = due[column["due"][due] <= np.float32(this.market_time)]
        carried = self._carried_away(this, launched)
        carried = carried[column["due"][carried] > np.float32(this.market_time)]
        at = np.concatenate([self.clock.weeks_at(column["due"][deciding]), np.full(len(carried), this.now)])
        rows = np.concatenate([deciding, carried])
        order = np.lexsort((rows, at))
        impulse = np.arange(len(rows)) >= len(deciding)
        return Deciding(rows[order], np.maximum(at[order], this.begin).astype(np.float32), impulse[order])

    def search_on(self, deciding: Deciding, car: Rows) -> NDArray[np.bool_]:
        """Who was carried away and yet likes a car best that excites nobody: (rows,). These search on, unmoved.

        `car` is what each would choose, -1 for none. A launch moves orders of the car launched, not of all others.
        """
        exciting = np.append(self._excitement > 0.0, False)
        unmoved: NDArray[np.bool_] = deciding.carried & ~exciting[car]
        self.population.columns["patience"][deciding.rows[unmoved]] = np.inf
        return unmoved

    def _carried_away(self, this: Round, launched: NDArray[np.bool_]) -> Rows:
        """Searching consumers whom the excitement around a car they know makes decide now."""
        excitement = np.where(launched, self.demand.memory.excited, 0.0)
        self._excitement = np.where(excitement > CALM * this.weeks, excitement, 0.0)
        exciting = np.flatnonzero(self._excitement)
        if len(exciting) == 0:
            return np.empty(0, np.intp)
        column = self.population.columns
        pool = np.flatnonzero(column["stage"] == SEARCHING)
        pull = np.empty(len(pool), np.float32)
        for start in range(0, len(pool), consumers.BLOCK):
            rows = pool[start : start + consumers.BLOCK]
            known = self.demand.knowledge(rows, exciting).known
            pull[start : start + len(rows)] = sum(
                known[:, k] * np.float32(excitement[c]) for k, c in enumerate(exciting)
            )
        pull *= self.profiles.impulsiveness[column["profile"][pool]]
        left = column["patience"][pool] - pull
        column["patience"][pool] = left
        return pool[left <= 0]
