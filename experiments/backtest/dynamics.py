"""How shares of models move: level, quarter-end waves, growth by age and size, and the spread that is left.

All of it is estimated from the months up to an origin. What is fixed beforehand (`MEMORY`, `WAVE_SHRINKAGE`) was chosen
on origins of January 2022 to August 2024, whose targets end before those of the reported backtest begin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.backtest.panel import Panel, month_of_year
from market.cars import Drift

Floats = NDArray[np.float64]

MEMORY = 0.6
"""Weight of the newest month in the level of a model; the one before has .4 of that, and so on."""
WAVE_SHRINKAGE = 4.0
"""Quarters of a model after which its own wave within the quarter counts by half."""
WAVE_YEARS = 4
LEARNED_FROM = 36
"""Months before the origin that growth and spread are learned from."""
YOUNG, GROWING = 3, 11
"""Months since the first listing up to which a car is new, or still growing."""
FEWEST_PAIRS = 30
"""Pairs of months, over all models, below which nothing is learned: shares then move as cars usually do."""
INSIDE = (0.05, 0.95)
RIDGE = 10.0
"""Pairs of months that speak for no growth at all."""


@dataclass(frozen=True)
class Dynamics:
    """How the models of a panel move from its last month on; log points throughout."""

    level: Floats
    """(models,) log share without passing noise; NaN where never listed"""
    wave: Floats
    """(models, 3) log share in the first, second and third month of a quarter, less the mean"""
    growth: Floats
    """(models,) a month"""
    permanent: float
    """sd of a month's lasting change"""
    transitory: float
    """sd of what is passing in a month, the level's own error included"""


def waves(panel: Panel) -> Floats:
    """What the months of a quarter add to each model's log share, shrunk towards nothing: (models, 3).

    Makers that ship abroad first and at home at the end of a quarter have such waves.
    """
    share, found = panel.share, np.zeros((len(panel.models), 3))
    starts = [t for t, month in enumerate(panel.months) if month_of_year(month) % 3 == 0]
    starts = [t for t in starts if len(panel.months) - 12 * WAVE_YEARS <= t <= len(panel.months) - 3]
    for model in range(len(panel.models)):
        quarters = [share[t : t + 3, model] for t in starts if not np.isnan(share[t : t + 3, model]).any()]
        if quarters:
            whole = np.array(quarters)
            mean = (whole - whole.mean(axis=1, keepdims=True)).mean(axis=0)
            found[model] = mean * len(quarters) / (len(quarters) + WAVE_SHRINKAGE)
    return found


def levels(panel: Panel, wave: Floats) -> Floats:
    """Level of each model in each month from what was listed up to it: (months, models), NaN before the first."""
    place = np.array([month_of_year(month) % 3 for month in panel.months])
    seen = panel.share - wave.T[place]
    found, weighted, weight = np.full(panel.share.shape, np.nan), np.zeros(seen.shape[1]), np.zeros(seen.shape[1])
    for t, row in enumerate(seen):
        listed = ~np.isnan(row)
        weighted = (1.0 - MEMORY) * weighted + np.where(listed, row, 0.0)
        weight = (1.0 - MEMORY) * weight + listed
        np.divide(weighted, weight, out=found[t], where=weight > 0)
    return found


def _traits(panel: Panel, level: Floats, at: int) -> Floats:
    """What growth may depend on, of every model in a month: one, new, growing, and how far above the smallest."""
    age = at - panel.first
    above = np.nan_to_num(level[at] - panel.smallest[max(0, at - 2) : at + 1].mean())
    return np.stack([np.ones(len(age)), age <= YOUNG, (age > YOUNG) & (age <= GROWING), above], axis=1).astype(float)


def learn(panel: Panel, horizon: int, rng: np.random.Generator | None = None) -> Dynamics:
    """Dynamics of a panel for a horizon in months; with `rng`, growth as another sample of months might have told it.

    The other sample is a bootstrap of the origins learned from (Efron & Tibshirani 1993), so that models of one month
    stay together.
    """
    wave = waves(panel)
    level = levels(panel, wave)
    last = len(panel.months) - 1
    pairs = [(t, h) for h in range(1, horizon + 1) for t in range(max(0, last - h + 1 - LEARNED_FROM), last - h + 1)]
    place = [month_of_year(month) % 3 for month in panel.months]
    rows, changes, steps, origins = [], [], [], []
    for t, h in pairs:
        both = panel.listed[t] & panel.listed[t + h]
        change = panel.share[t + h] - wave[:, place[t + h]] - level[t]
        rows.append(h * _traits(panel, level, t)[both])
        changes.append(change[both])
        steps.append(np.full(both.sum(), h))
        origins.append(np.full(both.sum(), t))
    if sum(map(len, changes)) < FEWEST_PAIRS:
        usual = Drift()
        return Dynamics(
            level[last], wave, np.zeros(len(panel.models)), usual.permanent_sd_per_month, usual.transitory_sd_per_month
        )
    x, y, step, origin = (np.concatenate(part) for part in (rows, changes, steps, origins))
    weight = np.ones(len(y))
    if rng is not None:
        times = np.bincount(rng.integers(0, last + 1, last + 1), minlength=last + 1)
        weight = times[origin].astype(float)
    slope = _robust(x, y, weight)
    error = y - x @ slope
    variances = np.array([_spread(error[step == h]) ** 2 for h in range(1, horizon + 1)])
    lasting = max(0.0, float(np.polyfit(np.arange(horizon), variances, 1)[0])) if horizon > 1 else variances[0] / 2.0
    passing = max(0.0, float((variances - lasting * np.arange(1, horizon + 1)).mean()))
    growth = _traits(panel, level, last) @ slope
    return Dynamics(level[last], wave, growth, lasting**0.5, passing**0.5)


def _robust(x: Floats, y: Floats, weight: Floats, rounds: int = 10) -> Floats:
    """Slopes by Huber's M-estimator with a ridge, so that single jumps do not decide: (traits,)."""
    slope: Floats = np.zeros(x.shape[1])
    for _ in range(rounds):
        error = y - x @ slope
        scale = 1.345 * 1.4826 * float(np.median(np.abs(error))) + 1e-12
        w = weight * np.minimum(1.0, scale / np.maximum(np.abs(error), 1e-12))
        slope[:] = np.linalg.solve((x * w[:, None]).T @ x + RIDGE * np.eye(x.shape[1]), (x * w[:, None]).T @ y)
    return slope


def _spread(error: Floats) -> float:
    """The sd of a normal whose middle 90 % is as wide as that of some errors."""
    low, high = np.quantile(error, INSIDE)
    return float(high - low) / (2.0 * 1.6449)
