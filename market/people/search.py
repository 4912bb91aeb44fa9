"""Search: needs arise, searches run, and some consumers decide on impulse while a car excites them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Clock, Round
from market.chance import Chance
from market.people import consumers
from market.people.awareness import cooled_after, cooling_weeks
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

    def __post_init__(self) -> None:
        """Begin in calm."""
        self._hot = np.zeros(len(self.demand.catalogue.cars), bool)
        """cars around which there was excitement this week"""
        self._exciting = self._hot
        """those of them that can be bought"""

    def begin(self, rows: Rows) -> None:
        """Needs arise: each search has its own length, drawn at its start."""
        if len(rows) == 0:
            return
        column = self.population.columns
        spell = column["spell"][rows]
        search = self.profiles.search_weeks(self.chance, rows, column["profile"][rows], spell, self.longest_weeks)
        column["due"][rows] += search
        column["stage"][rows] = SEARCHING
        column["patience"][rows] = self.chance.exponential("impulse", rows, spell)

    def pass_time(self, this: Round, launched: NDArray[np.bool_]) -> Deciding:
        """Who needs a car begins to search; whose search is over, or who is carried away, decides."""
        column = self.population.columns
        due = (column["due"] <= np.float32(this.market_time)).nonzero()[0]
        idle = due[column["stage"][due] == IDLE]
        arose = self.clock.weeks_at(column["due"][idle])
        self.begin(idle)
        deciding = due[column["due"][due] <= np.float32(this.market_time)]
        carried, when = self._carried_away(this, launched, idle, arose)
        at, rows = self.clock.weeks_at(column["due"][deciding]), deciding
        impulse = np.zeros(len(rows) + len(carried), bool)
        if len(carried):
            at, rows = np.concatenate([at, when]), np.concatenate([deciding, carried])
            impulse[len(deciding) :] = True
        order = np.lexsort((rows, at))
        return Deciding(rows[order], np.maximum(at[order], this.begin).astype(np.float32), impulse[order])

    def in_market(self, household: NDArray[np.float64]) -> float:
        """Households that need a car, and have none yet; `household` (strata,) are those behind a consumer."""
        column = self.population.columns
        active = np.bincount(column["stratum"][column["stage"] != IDLE], minlength=len(household))
        return float(active @ household)

    def search_on(self, deciding: Deciding, offer: Rows) -> NDArray[np.bool_]:
        """Who was carried away and yet likes a car best that excites nobody: (rows,). These search on, unmoved.

        `offer` is what each would choose, -1 for none. A launch moves orders of the car launched, not of all others.
        """
        if not deciding.carried.any():
            return deciding.carried
        exciting = np.append(self._exciting[self.demand.catalogue.car_of], False)
        unmoved: NDArray[np.bool_] = deciding.carried & ~exciting[offer]
        self.population.columns["patience"][deciding.rows[unmoved]] = np.inf
        return unmoved

    def _carried_away(
        self, this: Round, launched: NDArray[np.bool_], begun: Rows, arose: NDArray[np.float64]
    ) -> tuple[Rows, NDArray[np.float64]]:
        """Searching consumers whom the excitement around cars they know makes decide in this round, and when (weeks).

        Whoever has `begun` in it is excited from then (`arose`, weeks) on. Who decides this week anyway is not asked.
        """
        level = self.demand.memory.excited
        self._hot = (level > CALM) | (self._hot & (not this.begins_week))
        self._exciting = self._hot & launched
        exciting = self._exciting.nonzero()[0]
        if len(exciting) == 0:
            return np.empty(0, np.intp), np.empty(0)
        column = self.population.columns
        pool = np.flatnonzero(column["stage"] == SEARCHING)
        pull = np.empty(len(pool), np.float32)
        for start in range(0, len(pool), consumers.BLOCK):
            rows = pool[start : start + consumers.BLOCK]
            known = self.demand.knowledge(rows, exciting).known
            pull[start : start + len(rows)] = sum(known[:, k] * np.float32(level[c]) for k, c in enumerate(exciting))
        pull *= self.profiles.impulsiveness[column["profile"][pool]]
        half_life = self.demand.media.excitement_half_life_weeks
        before = np.zeros(len(pool))
        before[np.searchsorted(pool, begun)] = cooling_weeks(np.maximum(arose - this.begin, 0.0), half_life)
        had = column["patience"][pool]
        left = had - pull * (cooling_weeks(this.weeks, half_life) - before).astype(np.float32)
        column["patience"][pool] = left
        ends_later = column["due"][pool] > np.float32(self.clock.at((this.week + 1) * DAYS))
        gone = ((left <= 0) & ends_later & (pull > 0)).nonzero()[0]
        when = this.begin + cooled_after(before[gone] + had[gone] / pull[gone], half_life)
        return pool[gone], np.clip(when, this.begin, this.now)
