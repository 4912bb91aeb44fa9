"""How numbers that rest on luck are judged: pooled over fixed seeds, never one seed at three standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SEEDS = range(20)
UNLIKELY = 1e-4
"""A promise is broken when luck alone would do worse less often than this."""
MANY = 4.0
"""... or when a mean lies this many standard errors off."""


def standard_error(values: ArrayLike) -> NDArray[np.float64]:
    """Standard error of the mean of independent repetitions (the first axis)."""
    sample = np.asarray(values, float)
    return np.asarray(sample.std(axis=0, ddof=1) / np.sqrt(len(sample)))


def z_of(values: ArrayLike, expected: ArrayLike, known_to: ArrayLike = 0.0) -> NDArray[np.float64]:
    """Standard errors between the mean of repetitions and what is expected, known to within `known_to`."""
    off = np.abs(np.mean(np.asarray(values, float), axis=0) - expected)
    return _in_standard_errors(np.maximum(off - known_to, 0.0), standard_error(values))


def z_between(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Standard errors between the means of two independent sets of repetitions."""
    off = np.abs(np.mean(np.asarray(first, float), axis=0) - np.mean(np.asarray(second, float), axis=0))
    return _in_standard_errors(off, np.hypot(standard_error(first), standard_error(second)))


def _in_standard_errors(off: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(off, error, out=np.where(off > 0.0, np.inf, 0.0), where=error > 0.0)


def pooled_p(counts: ArrayLike, probabilities: ArrayLike) -> float:
    """P-value of Pearson's chi-squared, summed over repetitions: counts are (repetitions, cells).

    Raises ValueError where fewer than five are expected in a cell: the test would say nothing.
    """
    from scipy import stats

    observed = np.atleast_2d(np.asarray(counts, float))
    expected = observed.sum(axis=1, keepdims=True) * np.broadcast_to(np.asarray(probabilities, float), observed.shape)
    if expected.min() < 5.0:
        raise ValueError("too few draws for a chi-squared test: fewer than five are expected in a cell")
    statistic = float(((observed - expected) ** 2 / expected).sum())
    return float(stats.chi2.sf(statistic, observed.shape[0] * (observed.shape[1] - 1)))


def fisher_p(p_values: Sequence[Any]) -> float:
    """One p-value of several independent ones (Fisher 1925)."""
    from scipy import stats

    return float(stats.combine_pvalues(np.asarray(p_values, float)).pvalue)


def flat_p(cells: NDArray[np.integer], number: int) -> float:
    """P-value of whole numbers 0..number-1 being equally frequent."""
    return pooled_p(np.bincount(cells.ravel(), minlength=number), np.full(number, 1.0 / number))
