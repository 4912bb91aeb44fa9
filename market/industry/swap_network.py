"""Swap networks: stations grow with subscribers and capital, and with them the part of a city that has one nearby.

Stations stand at random in a tier, so the part of its people with at least one of them nearby is 1 - exp(-stations /
half): each network is calibrated to the coverage that its case states for the start.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value

Amounts = NDArray[np.float64]


class SwapNetworkSection(Section):
    """How a network of swap stations grows."""

    stations: float = value(
        1_020.0, unit="stations", meaning="of a network at the start, with which it has its stated coverage", gt=0.0,
        le=1e6, grade="B", source="press: 700 in October 2025, 1,020 at year end",
    )  # fmt: skip
    per_week: float = value(
        25.0, unit="stations a week", meaning="most that an operator opens; 0: the network stays as it is", ge=0.0,
        le=1e5, grade="B", source="press: 320 stations in the last ten weeks of 2025 are 32 a week",
    )  # fmt: skip
    subscribers_per_station: float = value(
        400.0, unit="households", meaning="subscribers for whom an operator opens one more station", gt=0.0, le=1e6
    )
    ahead: Share = value(0.1, unit="share", meaning="part of the pace that goes on whatever the number of subscribers")
    station_cny: float = value(2.5e6, unit="CNY", meaning="capital in one station and its packs", ge=0.0, le=1e9)
    budget_cny_per_week: float = value(
        5e7, unit="CNY a week", meaning="capital that an operator can spend on stations", ge=0.0, le=1e12
    )


def density(coverage_at_start: ArrayLike, tier_shares: ArrayLike, stations: float) -> Amounts:
    """Stations within reach of a household for each station opened in a tier: (operators, tiers).

    Every station of a network reaches as many households, in whatever tier it stands; how many follows from the
    coverage at the start. `tier_shares` (tiers,) are households by tier. An operator without any coverage has no
    stations to judge by, and gains none.
    """
    given, share = np.asarray(coverage_at_start, float), np.asarray(tier_shares, float)
    within_reach = -np.log1p(-np.minimum(given, 1.0 - 1e-9))
    reached = (within_reach * share).sum(axis=-1, keepdims=True)
    return reached * np.divide(1.0, stations * share, out=np.zeros(share.shape), where=share > 0.0)


def coverage(coverage_at_start: ArrayLike, density: ArrayLike, opened: ArrayLike) -> Amounts:
    """Part of the people with a station nearby after some have been opened: by broadcasting, 0-1.

    1 - exp(-s), s the stations within reach; doubling a network that stood in one tier alone leaves the square of those
    without one:

    >>> coverage(0.3, density(0.3, [1.0], 100.0), 100.0).round(2).tolist()
    [0.51]
    """
    given = np.asarray(coverage_at_start, float)
    return given - (1.0 - given) * np.expm1(-np.asarray(density, float) * opened)


def coverage_of_one(stations_within_reach: float) -> float:
    """The readable rule behind `coverage`: of one household, from the mean number of stations within its reach."""
    return 1.0 - math.exp(-stations_within_reach)


def opened(subscribers: Amounts, served: Amounts, weeks: float, section: SwapNetworkSection) -> Amounts:
    """Stations opened by one operator in so many weeks: (tiers,).

    One for every `subscribers_per_station` that the stations opened so far (`served`, (tiers,)) do not serve, and a
    part of the pace ahead of them, spread as the subscribers are; within the pace and the budget.
    """
    missing = np.maximum(subscribers / section.subscribers_per_station - served, 0.0)
    total = subscribers.sum()
    spread = subscribers / total if total > 0.0 else np.full(len(subscribers), 1.0 / len(subscribers))
    wanted = np.maximum(missing, section.ahead * section.per_week * weeks * spread)
    most = section.per_week * weeks
    if section.station_cny > 0.0:
        most = min(most, section.budget_cny_per_week * weeks / section.station_cny)
    return wanted * min(1.0, most / wanted.sum()) if wanted.sum() > 0.0 else wanted


def opened_of_one(
    subscribers: Sequence[float], served: Sequence[float], weeks: float, section: SwapNetworkSection
) -> list[float]:
    """The readable rule behind `opened`, tier by tier."""
    most, everybody = section.per_week * weeks, sum(subscribers)
    wanted = []
    for here, already in zip(subscribers, served, strict=True):
        part = here / everybody if everybody > 0.0 else 1.0 / len(subscribers)
        wanted.append(max(here / section.subscribers_per_station - already, section.ahead * most * part, 0.0))
    if section.station_cny > 0.0:
        most = min(most, section.budget_cny_per_week * weeks / section.station_cny)
    scale = min(1.0, most / sum(wanted)) if sum(wanted) > 0.0 else 1.0
    return [scale * stations for stations in wanted]


class SwapNetwork:
    """The networks of all operators, arrays over (operators, tiers)."""

    def __init__(self, coverage_at_start: ArrayLike, tier_shares: ArrayLike, section: SwapNetworkSection) -> None:
        """Begin with the stated coverage, (operators, tiers); `tier_shares` (tiers,) are households by tier."""
        self.section = section
        self.given = np.asarray(coverage_at_start, float)
        self.density = density(self.given, tier_shares, section.stations)
        self.opened = np.zeros(self.given.shape)
        """(operators, tiers) stations opened since the start"""

    def grow(self, subscribers: Amounts, weeks: float = 1.0) -> Amounts:
        """Open stations for so many weeks; `subscribers` (operators, tiers) are all households that rent a battery.

        Returns the capital spent, in CNY: (operators,). Stations of the start are taken as busy with others.
        """
        new = [opened(here, before, weeks, self.section) for here, before in zip(subscribers, self.opened, strict=True)]
        added = np.array(new).reshape(self.opened.shape)
        self.opened = self.opened + added
        return added.sum(axis=1) * self.section.station_cny

    def stations(self) -> Amounts:
        """Stations of each network at this moment: (operators,)."""
        return self.section.stations + self.opened.sum(axis=1)

    def coverage(self) -> NDArray[np.float32]:
        """Part of the people with a station nearby: (operators, tiers)."""
        return coverage(self.given, self.density, self.opened).astype(np.float32)
