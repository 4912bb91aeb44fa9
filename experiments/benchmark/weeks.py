"""What single weeks cost: quiet ones, and those in which a story lives; and what a fork costs."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from market import Case
    from market.market import Market

WARM_UP = 4
"""Weeks that count as neither: memory is touched for the first time."""
FORKS = 3


def week_times(case: Case, market_class: type[Market]) -> dict[str, float]:
    """Run a market of a case: median seconds of a `told` week, of a `quiet` one, and of a `fork` at the end.

    A week in which a story begins or ends is neither. Processor time, because a week is short; NaN where there was no
    such week.
    """
    market = market_class(case, rng=1)
    weeks: dict[bool, list[float]] = {True: [], False: []}
    for week in range(case.calendar.weeks):
        lived, started = market.opinion.live, time.process_time()
        market.step()
        took = time.process_time() - started
        if week >= WARM_UP and lived == market.opinion.live:
            weeks[lived].append(took)
    told, quiet = (median(times) if times else float("nan") for times in (weeks[True], weeks[False]))
    return {"told": told, "quiet": quiet, "fork": median(_fork(market) for _ in range(FORKS))}


def _fork(market: Market) -> float:
    started = time.perf_counter()
    market.fork()
    return time.perf_counter() - started
