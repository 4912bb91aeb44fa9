"""The consumers of a case as columns, and as Mesa meets them.

Needs are spread evenly over market time and searches run on market time, so week 0 is an ordinary week: the search
pool, the waiting list and the recently delivered are already there (`market.opening`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market.chance import Chance
from market.people.orders import IDLE
from market.people.population import Column, RowAgent

BLOCK = 65_536
"""Rows drawn at a time when a whole column is filled: temporaries then stay in the processor's cache."""

NEVER = np.float32(np.inf)


class Consumer(RowAgent):
    """One consumer, as Mesa meets it."""

    stratum = Column(np.int8, static=True, meaning="position in population.strata")
    profile = Column(np.int8, static=True, meaning="position among the profiles, alphabetical")
    tier = Column(np.int8, static=True, meaning="position in population.tiers")
    stage = Column(np.int8, IDLE, meaning="see STAGES")
    spell = Column(np.int16, 0, meaning="how many needs came before this one")
    due = Column(
        np.float32, NEVER, unit="market weeks", meaning="when the need arises (idle) or the search ends (searching)"
    )
    offer = Column(np.int16, -1, meaning="offer reserved or ordered, else -1")
    tried = Column(np.int64, 0, meaning="cars given up during this need: one bit per car")
    since = Column(np.float32, 0.0, unit="weeks", meaning="when the present stage of the path began")
    exposed = Column(np.float32, 0.0, unit="weeks", meaning="until when the hazard of giving up has been cumulated")
    promised = Column(np.float32, 0.0, unit="weeks", meaning="promised delivery")
    patience = Column(
        np.float32, 0.0, unit="cumulated hazard", meaning="left before the consumer decides early or cancels"
    )
    margin = Column(np.float32, 0.0, unit="utility", meaning="of the chosen car over the best other")
    car = Column(np.int16, -1, meaning="car driven or ordered, as others see it; -1: none of the listed")
    car_week = Column(np.int16, 0, unit="weeks", meaning="since when")
    driven = Column(np.int16, -1, meaning="car driven while another is on order; -1: none of the listed")
    driven_week = Column(np.int16, 0, unit="weeks", meaning="since when")
    price = Column(np.float32, 0.0, unit="CNY", meaning="agreed for the car on order, package included")
    owned = Column(np.int16, -1, meaning="offer of the car driven; -1: from before the run, or none")
    provider = Column(np.int8, 0, meaning="who cared for it last: 0 nobody, 1 platform, 2 maker's side, 3 independent")
    grievance = Column(np.float32, 0.0, unit="utility", meaning="held against the car, at the time below; it fades")
    grieved = Column(np.float32, 0.0, unit="weeks", meaning="when it had that value")
    satisfaction = Column(
        np.float32, 0.0, unit="utility", meaning="experience with the car driven less what was expected"
    )


def in_blocks(n: int) -> list[NDArray[np.intp]]:
    """Rows 0 to n-1 in blocks that fit the cache."""
    return [np.arange(a, min(a + BLOCK, n)) for a in range(0, n, BLOCK)]


def assign(chance: Chance, name: str, n: int, shares: NDArray[np.float64]) -> NDArray[np.int8]:
    """A category for every consumer, each drawn on its own: one consumer more changes nobody else's."""
    column = np.empty(n, np.int8)
    for rows in in_blocks(n):
        column[rows] = chance.category(name, rows, shares)
    return column
