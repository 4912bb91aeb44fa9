"""Who is sampled: strata of households, their budgets, and how many households each consumer stands for.

The sample covers everybody who needed a car in the weeks before the start or will need one within the horizon.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from market.chance import Chance
from market.fields import Id, Section, Share, value


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

    def by_tier(self) -> dict[str, float]:
        """Shares of the city tiers by id, so that the order of a file changes nothing."""
        return dict(sorted(self.tiers.items()))


def in_order(strata: list[Stratum]) -> list[Stratum]:
    """Strata by id, so that the order of a file changes nothing."""
    return sorted(strata, key=lambda stratum: stratum.id)


def sampling_shares(strata: list[Stratum]) -> NDArray[np.float64]:
    """The part of the sample that falls into each stratum: share x rate, normalised."""
    product = np.array([s.share * s.sampling_rate for s in in_order(strata)])
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
    share = np.array([s.share for s in in_order(section.strata)])
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
    low, high = limits.T.take(stratum, axis=1)
    return low + (high - low) * chance.inborn("uniform", "budget", rows)


def budget_of_one(chance: Chance, row: int, limits: tuple[float, float]) -> float:
    """The readable rule behind `budgets`."""
    return limits[0] + (limits[1] - limits[0]) * chance.one("budget", row)
