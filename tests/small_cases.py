"""Small cases, the rounds and flows of their markets, and ways to compare two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from experiments.verify.histories import content, differing, heart, state
from experiments.verify.small import (
    DEPOSIT_FIRST,
    HEART_OFF,
    NO_CARE,
    NO_DRIFT,
    NO_FAILURES,
    NO_FRICTION,
    NO_NEWS,
    NO_SEASON,
    NO_TIES,
    NO_TOTALS,
    NO_TRUST,
    NOBODY_CANCELS,
    START,
    STEADY_INDUSTRY,
    car,
    named,
    small_case,
)
from market import Market
from market.calendar import Round

__all__ = [
    "DEPOSIT_FIRST",
    "FLOWS",
    "HEART_OFF",
    "NOBODY_CANCELS",
    "NO_CARE",
    "NO_DRIFT",
    "NO_FAILURES",
    "NO_FRICTION",
    "NO_NEWS",
    "NO_SEASON",
    "NO_TIES",
    "NO_TOTALS",
    "NO_TRUST",
    "START",
    "STEADY_INDUSTRY",
    "acts",
    "car",
    "content",
    "differing",
    "flows",
    "heart",
    "named",
    "rounds",
    "small_case",
    "state",
]


def rounds(market: Market) -> list[Round]:
    """The rounds of the week that comes next."""
    return market.agenda.rounds(market.clock, market.week, stories_live=market.opinion.live)


def acts(market: Market, until: str | None = None) -> Iterator[tuple[str, Round]]:
    """Run one week act by act: yields each act and its round just before the act takes place."""
    for this in rounds(market):
        for act in market.ACTS:
            yield act, this
            getattr(market, act)(this)
    market.week += 1


FLOWS = ("orders", "cancellations", "deliveries")


def flows(market: Market, names: Iterable[str] = FLOWS) -> dict[str, NDArray[np.float64]]:
    """Households by week and car."""
    return {name: market.ledger.by_car(name) for name in names}
