"""Constants corrected by what the market itself makes of them.

The contraction takes every car as fully known and every choice as final. In a market that runs, new cars are still
becoming known in the months to which they are fitted, and some buyers think again after a test drive, which moves
sales from the large to the small. So the market is run, without drift, and each constant moves by what its car sold
too little or too much - less of it the fewer consumers that rests on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.calibrate.levels import Levels, fit_levels, like_their_base
from experiments.calibrate.parameters import changes
from experiments.calibrate.simulations import Setting, fitted_case
from experiments.calibrate.targets import rest
from experiments.sales.simulated import by_months
from market import Case, Market

Floats = NDArray[np.float64]
CORRECTIONS, RUNS = 2, 3
"""Corrections one after the other, and runs with luck of their own that each rests on."""
LARGEST = 50_000
"""Consumers whose expected choices are worked out at once: more of them change no third digit of a share."""
USUAL = 0.2
"""Log points by which a share is usually missed before a correction: what luck there is counts against it."""
FARTHEST = 1.5
"""Log points by which a constant moves in one correction at most."""


def settle(of: Setting, values: Mapping[str, float], consumers: int, seed: int = 1) -> tuple[Levels, dict[str, float]]:
    """Constants with which a market of so many consumers meets its targets, given parameters, and what it then sells.

    The second is the share of each car in the months to which it is fitted, in the mean of the runs.
    """
    case = of.bare.change(changes(of.bare, values, list(of.found)) | {"population.consumers": consumers})
    levels = fit_levels(
        case, of.found, of.parts, values.get("ageing", 0.0), of.guess, consumers=min(consumers, LARGEST)
    )
    keys = sorted(case.cars)
    at = [of.found[key].months if key in of.found else () for key in keys]
    first = tuple(range(min(3, len(of.at.months))))
    months = [seen or first if case.cars[key].aggregate or seen else () for key, seen in zip(keys, at, strict=True)]
    target = _targets(of, case, keys)
    weight = case.population.market_size / case.population.horizon_weeks / consumers
    weight *= case.population.history_weeks + case.population.horizon_weeks
    sold = np.zeros(len(keys))
    for correction in range(CORRECTIONS + 1):
        whole = fitted_case(of, values, levels)
        still = whole.drift.model_copy(update={"permanent_sd_per_month": 0.0, "transitory_sd_per_month": 0.0})
        population = whole.population.model_copy(update={"consumers": consumers})
        plain = whole.model_copy(update={"drift": still, "population": population})
        share, bought = _sold(plain, months, RUNS, seed)
        sold = share
        if correction == CORRECTIONS:
            break
        luck = weight / np.maximum(bought, weight)
        known = np.isfinite(target) & (share > 0.0)
        gap = np.zeros(len(keys))
        gap[known] = np.log(target[known] / share[known])
        gap = np.clip(gap * USUAL**2 / (USUAL**2 + luck), -FARTHEST, FARTHEST)
        gap = like_their_base(case, gap, ~np.isfinite(target))
        levels = Levels(levels.at_start + gap, levels.at_target + gap, levels.missed)
    return levels, {key: float(one) for key, one, seen in zip(keys, sold, months, strict=True) if seen}


def _targets(of: Setting, case: Case, keys: list[str]) -> Floats:
    """Shares of all cars sold to be met: (cars,), NaN for cars of which nothing is known yet."""
    left = rest(of.found, 0.0)
    found = {key: target.share for key, target in of.found.items()}
    found |= {key: part * left for key, part in of.parts.items()}
    return np.array([found.get(key, np.nan) for key in keys])


def _sold(case: Case, months: list[tuple[int, ...]], runs: int, seed: int) -> tuple[Floats, Floats]:
    """Share of each car in its months, and the cars it sold in them in all runs: (cars,) each."""
    share, bought = np.zeros(len(months)), np.zeros(len(months))
    for one in range(seed, seed + runs):
        market = Market(case, rng=one).run()
        units = by_months(market.ledger.by_car("deliveries"), case.calendar.start, list(market.catalogue.cars))
        market.close()
        table = units.to_numpy(float)
        total = table.sum(axis=1)
        for car, seen in enumerate(months):
            at = [month for month in seen if month < len(table)]
            if at:
                share[car] += float((table[at, car] / total[at]).mean()) / runs
                bought[car] += float(table[at, car].sum())
    return share, bought
