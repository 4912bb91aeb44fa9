"""What moments say about parameters: approximate Bayesian computation with regression adjustment, from one table.

Each parameter gets a summary, the ridge regression of the parameter on the moments (semi-automatic summaries, Fearnhead
& Prangle 2012). Simulations whose summaries are near those of the data are kept, weighted by nearness, and moved to
where they would lie had they given the data's summaries (local linear regression, Beaumont, Zhang & Balding 2002), on
a scale on which no parameter leaves its prior. Why this and no search for one best point (such as optuna's): it
gives intervals, and the same table of simulations serves every other data set, so that recovery can be tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate.moments import CHECKED
from experiments.calibrate.parameters import Parameter

Floats = NDArray[np.float64]
LEVEL = 0.9
"""Of the intervals."""
KEPT = 0.5
"""Part of the simulations that is kept, those nearest to the data."""
EDGE = 5e-3
"""A prior probability comes no nearer to 0 and 1 on the scale on which it is moved."""
PENALTIES = np.geomspace(1e-2, 1e4, 25)
"""Among which the ridge penalty is chosen by generalised cross-validation."""
FOLDS = 10
"""The summary of a simulation is learned from the nine tenths of the table in which it is not: else the table would
look as if moments said more than they do of data that are not in it, and intervals would be too narrow."""
FAR = 4.0
"""Robust standard deviations beyond which a moment of the data counts as so far and no further: no simulation is there,
and a regression must not be led on."""
LEAST = 30
"""Simulations below which nothing is said."""


@dataclass(frozen=True)
class Posterior:
    """Weighted draws of parameters given the moments of some data."""

    parameters: tuple[Parameter, ...]
    drawn: Floats
    """(draws, parameters)"""
    weight: Floats
    """(draws,), summing to 1"""
    rows: NDArray[np.intp]
    """(draws,) which simulation each was"""

    def quantile(self, chance: float) -> Floats:
        """The value of each parameter below which a part of the weight lies: (parameters,)."""
        return np.array([_quantile(column, self.weight, chance) for column in self.drawn.T])

    def table(self, level: float = LEVEL) -> pd.DataFrame:
        """One row a parameter: what was thought before, median and interval now, and how much was learned.

        `learned` is 1 - the ratio of the width of the interval to that of the prior: 0 where the data say nothing.
        """
        low, middle, high = (self.quantile(c) for c in ((1 - level) / 2, 0.5, (1 + level) / 2))
        rows = []
        for n, p in enumerate(self.parameters):
            ends = p.probability(np.array([low[n], high[n]]))
            rows.append(
                {
                    "parameter": p.key, "unit": p.unit, "prior_low": p.low, "prior_high": p.high,
                    "low": low[n], "median": middle[n], "high": high[n],
                    "learned": max(0.0, 1.0 - float(ends[1] - ends[0]) / level),
                }
            )  # fmt: skip
        return pd.DataFrame(rows)

    def draws(self, count: int, seed: int = 1) -> list[dict[str, float]]:
        """Some draws with equal weight, as values by parameter."""
        chosen = np.random.default_rng(seed).choice(len(self.drawn), count, p=self.weight)
        keys = [p.key for p in self.parameters]
        return [dict(zip(keys, self.drawn[row].tolist(), strict=True)) for row in chosen]


@dataclass(frozen=True)
class Learner:
    """A table of simulations that has been learned from: asked for the posterior of any data."""

    parameters: tuple[Parameter, ...]
    names: tuple[str, ...]
    """moments that are used"""
    centre: Floats
    scale: Floats
    slope: Floats
    """(moments, parameters) of the summaries"""
    score: Floats
    """(simulations, parameters) parameters, without ends"""
    summary: Floats
    """(simulations, parameters)"""
    fit: Floats
    """(parameters,) part of the variance that the summaries explain"""

    def posterior(self, data: dict[str, float]) -> Posterior:
        """Draws of the parameters given the moments of some data."""
        told = self.tell(data)
        spread = _robust_scale(self.summary)
        distance = np.sqrt((((self.summary - told) / spread) ** 2 * self.fit).sum(axis=1))
        count = max(int(KEPT * len(distance)), min(LEAST, len(distance)))
        near = np.argsort(distance, kind="stable")[:count]
        reach = distance[near[-1]] * (1.0 + 1e-9)
        weight = 1.0 - (distance[near] / reach) ** 2 if reach > 0.0 else np.ones(count)
        design = np.hstack([np.ones((count, 1)), self.summary[near] - told])
        root = np.sqrt(weight)[:, None]
        slope = np.linalg.lstsq(design * root, self.score[near] * root, rcond=None)[0]
        left = self.score[near] - design @ slope
        hat = (design * root * np.linalg.pinv(design * root).T).sum(axis=1)
        moved = slope[0] + left / (1.0 - np.minimum(hat, 0.5))[:, None]
        values = np.column_stack([p.at(_chance(moved[:, n])) for n, p in enumerate(self.parameters)])
        return Posterior(self.parameters, values, weight / weight.sum(), near)

    def tell(self, data: dict[str, float]) -> Floats:
        """The summaries of some data: (parameters,)."""
        given = np.array([data.get(name, np.nan) for name in self.names])
        standard = np.nan_to_num((given - self.centre) / self.scale, nan=0.0)
        return np.asarray(np.clip(standard, -FAR, FAR) @ self.slope)


def learn(table: pd.DataFrame, parameters: Sequence[Parameter], data: dict[str, float] | None = None) -> Learner:
    """Learn from a table of simulations (columns parameter:..., moment:...); only moments that `data` has are used."""
    said = [str(column).removeprefix("moment:") for column in table if str(column).startswith("moment:")]
    given = [n for n in said if data is None or np.isfinite(data.get(n, np.nan))]
    known = [n for n in given if not n.startswith(CHECKED) and _tells(table[f"moment:{n}"])]
    raw = table[[f"moment:{name}" for name in known]].to_numpy(float)
    centre, scale = np.nanmedian(raw, axis=0), _robust_scale(raw)
    moments = np.clip(np.nan_to_num((raw - centre) / scale, nan=0.0), -FAR, FAR)
    chance = np.column_stack([p.probability(table[f"parameter:{p.key}"].to_numpy(float)) for p in parameters])
    score = _score(chance)
    slope, fit = _ridge(moments, score)
    summary = np.empty_like(score)
    fold = np.arange(len(table)) % FOLDS
    for one in range(FOLDS):
        others = fold != one
        summary[~others] = moments[~others] @ _ridge(moments[others], score[others])[0]
    return Learner(tuple(parameters), tuple(known), centre, scale, slope, score, summary, fit)


def _tells(column: pd.Series[float]) -> bool:
    """Whether a moment differs between simulations, most of which have it."""
    known = column.dropna()
    return len(known) > 0.8 * len(column) and float(known.std()) > 1e-9


def _robust_scale(values: Floats) -> Floats:
    middle = np.nanmedian(values, axis=0)
    scale = 1.4826 * np.nanmedian(np.abs(values - middle), axis=0)
    return np.asarray(np.where(scale > 1e-12, scale, np.maximum(np.nanstd(values, axis=0), 1e-12)))


def _score(chance: Floats) -> Floats:
    """Log odds of prior probabilities: a scale without ends."""
    inner = np.clip(chance, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(inner / (1.0 - inner)))


def _chance(score: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-score)))


def _ridge(moments: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Slopes of each score on the moments, and the part of its variance explained out of sample (by leave-one-out)."""
    left, size, right = np.linalg.svd(moments - moments.mean(axis=0), full_matrices=False)
    centred = score - score.mean(axis=0)
    slopes, fits = [], []
    for column in centred.T:
        seen = left.T @ column
        best = (np.inf, np.zeros(moments.shape[1]))
        for penalty in PENALTIES:
            shrink = size**2 / (size**2 + penalty)
            hat = (left**2 * shrink).sum(axis=1) + 1.0 / len(column)
            error = float((((column - left @ (shrink * seen)) / (1.0 - hat)) ** 2).mean())
            if error < best[0]:
                best = (error, right.T @ (shrink * seen / np.maximum(size, 1e-12)))
        slopes.append(best[1])
        fits.append(max(1.0 - best[0] / max(float((column**2).mean()), 1e-12), 0.0))
    return np.column_stack(slopes), np.array(fits)


def _quantile(values: Floats, weight: Floats, chance: float) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) - 0.5 * weight[order]
    return float(np.interp(chance, reached, values[order]))
