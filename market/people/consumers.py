"""The consumers of a case: households sampled by stratum, each carrying its weight, kept as columns.

The sample covers everybody who needed a car in the weeks before the start or will need one within the horizon. Needs
are spread evenly over market time, searches run on market time, so week 0 is an ordinary week: the search pool, the
waiting list and the recently delivered are already there.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from market.chance import Chance
from market.fields import Id, Section, Share, value
from market.people.population import Column, RowAgent

BLOCK = 65_536
"""Rows drawn at a time when a whole column is filled: temporaries then stay in the processor's cache."""

IDLE, SEARCHING, RESERVED, TESTING, ORDERED, LOCKED = range(6)
STAGES = ("idle", "searching", "reserved", "test_drive", "ordered", "locked")
"""IDLE: needs no car. SEARCHING. RESERVED: refundable reservation. TESTING: waits for a test drive before any deposit.
ORDERED: deposit paid, not locked. LOCKED: waits for delivery."""

NEVER = np.float32(np.inf)


class Stratum(Section):
    """Households of one budget, sampled at a rate of their own."""

    id: Id = Field(description="what the stratum is called")
    share: Share = value(..., unit="share", meaning="part of all households")
    sampling_rate: float = value(
        1.0,
        unit="ratio",
        meaning="sampled this many times as densely as others",
        gt=0.0,
        le=1e4,
        source="choice of the case",
    )
    budget_cny: tuple[float, float] = value(..., unit="CNY", meaning="lowest and highest budget, uniform between")


class PopulationSection(Section):
    """How many households there are and how they are sampled."""

    consumers: int = value(
        50_000, unit="agents", meaning="sampled consumers", ge=1, le=50_000_000, source="choice of the case"
    )
    market_size: float = value(
        16_000_000.0, unit="households", meaning="will need a battery-electric car within the horizon", gt=0.0, le=1e10,
        grade="A", source="7.88 M battery-electric cars in 2025 (Open EV Charts), two years",
    )  # fmt: skip
    horizon_weeks: int = value(104, unit="weeks", meaning="horizon of market_size", ge=1, le=5_200, source="definition")
    history_weeks: int = value(
        39,
        unit="weeks",
        meaning="longest search and wait that began before the start",
        ge=1,
        le=520,
        source="covers 99 % of searches",
    )
    weights: Literal["post-stratified", "design"] = value(
        "post-stratified",
        unit="",
        meaning="post-stratified: strata sum to their true size; design: the same weight whatever was drawn",
        source="choice of the case",
    )
    owners_share: Share = value(
        0.25,
        unit="share",
        meaning="households that drive one of the listed cars in week 0",
        grade="C",
        source="54 % of buyers replace or upgrade",
    )
    strata: list[Stratum] = value(..., unit="", meaning="who is sampled at which rate", min_length=1)
    tiers: dict[Id, Share] = value(
        lambda: {"tier1": 0.3, "tier2": 0.35, "tier3": 0.35},
        unit="share",
        meaning="households by city tier",
        min_length=1,
    )


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


def sampling_shares(strata: list[Stratum]) -> NDArray[np.float64]:
    """The part of the sample that falls into each stratum: share x rate, normalised."""
    product = np.array([s.share * s.sampling_rate for s in strata])
    return product / product.sum()


def households(section: PopulationSection, weeks: int) -> float:
    """Households behind the whole sample: those of the horizon, of the history, and of any weeks beyond."""
    span = section.history_weeks + max(section.horizon_weeks, weeks)
    return section.market_size * span / section.horizon_weeks


def weights_by_stratum(section: PopulationSection, weeks: int, drawn: NDArray[np.intp]) -> NDArray[np.float64]:
    """Households that one consumer of each stratum stands for; `drawn` counts the consumers of each stratum.

    The shares of strata nobody was drawn from go to the others, so that the weights always sum to all households.
    """
    total = households(section, weeks)
    share = np.array([s.share for s in section.strata])
    if section.weights == "design":
        return total / section.consumers * share / sampling_shares(section.strata)
    present = drawn > 0
    sizes = np.where(present, share, 0.0)
    sizes = sizes / sizes.sum() if sizes.sum() > 0 else present / present.sum()
    return np.divide(total * sizes, drawn, out=np.zeros(len(drawn)), where=present)


def budgets(
    chance: Chance, rows: NDArray[np.intp], stratum: NDArray[np.int8], limits: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Budgets in CNY, uniform within the stratum; `limits` is (strata, 2)."""
    low, high = limits[stratum, 0], limits[stratum, 1]
    return low + (high - low) * chance.uniform("budget", rows)


def budget_of_one(chance: Chance, row: int, limits: tuple[float, float]) -> float:
    """The readable rule behind `budgets`."""
    return limits[0] + (limits[1] - limits[0]) * chance.one("budget", row)
