"""Intervals of means of paired differences, and how many pairs are enough.

Everything takes a table of numbers, a row for each pair (or seed) and a column for each outcome, in which NaN stands
for nothing to say, and gives arrays over columns. The level is 95 %.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import CaseError, Fault
from market.casefile.faults import show

Floats = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 2_000
FEWEST_TO_RESAMPLE = 5
"""Numbers below which a bootstrap has too little to draw from and is not given."""
FIRST_BATCH = 30
"""Pairs that are run before a sequential rule looks at them."""
WIDENED = 4.0
"""A sequential interval of n pairs is sqrt(1 + 4 / n) times as wide, so that stopping early does not spoil it."""


class Interval(NamedTuple):
    """Limits between which a mean lies: (columns,) each, NaN where too few numbers are known."""

    low: Floats
    high: Floats


def mean(values: ArrayLike) -> Floats:
    """Mean of each column over the numbers that are known, from their exact sum; NaN where there are none.

    It lies between the least and the greatest of them: the mean of equal numbers is that number.
    """
    columns = np.asarray(values, float).T
    known = [column[~np.isnan(column)] for column in np.atleast_2d(columns)]
    means = ((math.fsum(one) / len(one), one.min(), one.max()) if len(one) else (np.nan,) * 3 for one in known)
    return np.array([min(max(middle, low), high) for middle, low, high in means])


def student(values: ArrayLike, *, sequential: bool = False) -> Interval:
    """Student's t interval of the mean of each column; no width where all numbers are equal, NaN below two numbers.

    `sequential` widens it for samples whose size was decided by looking at them: see `enough`.

    >>> student([[1.0, 5.0], [3.0, 5.0]])
    Interval(low=array([-10.70620474,   5.        ]), high=array([14.70620474,  5.        ]))
    """
    table = np.atleast_2d(np.asarray(values, float))
    count = (~np.isnan(table)).sum(axis=0)
    middle = mean(table)
    squares = np.nansum((table - middle) ** 2, axis=0)
    return around(middle, squares, count, sequential=sequential)


def around(middle: Floats, squares: Floats, count: NDArray[np.integer], *, sequential: bool = False) -> Interval:
    """The same from means, sums of squared deviations from them, and numbers of values: arrays of one shape."""
    several = count > 1
    n = np.where(several, count, 2)
    half = quantile(n) * np.sqrt(squares / (n - 1) / n) * (np.sqrt(1.0 + WIDENED / n) if sequential else 1.0)
    half = np.where(several, half, np.nan)
    return Interval(middle - half, middle + half)


def quantile(count: ArrayLike) -> Floats:
    """The 97.5 % point of Student's t for the mean of `count` numbers (at least two)."""
    from scipy.special import stdtrit

    return np.asarray(stdtrit(np.asarray(count, float) - 1.0, 0.5 + LEVEL / 2.0), float)


def crossed(values: ArrayLike) -> float:
    """Half the 95 % interval of the mean of a table in which rows, and columns, have something in common.

    Rows are draws and columns seeds, say: two numbers that share either are not independent. The variance of the mean
    is that between rows and that between columns, less that of what is left, which both of them hold (two-way random
    effects; Searle, Casella & McCulloch 1992), with Satterthwaite's degrees of freedom. Where numbers are missing (NaN)
    nothing is taken off, and the interval is somewhat too wide. NaN below two numbers.

    >>> round(crossed([[1.0, 3.0]]) - 1.0 * quantile(2).item(), 9)
    0.0
    """
    table = np.atleast_2d(np.asarray(values, float))
    table = table[~np.isnan(table).all(axis=1)]
    table = table[:, ~np.isnan(table).all(axis=0)]
    known = ~np.isnan(table)
    count = int(known.sum())
    if count < 2:
        return float("nan")
    deviation = np.where(known, table - table[known].mean(), 0.0)
    parts: list[tuple[float, int]] = []
    for axis, units in enumerate(table.shape):
        free = max(units - 1, 1)
        parts.append((units / free * float(np.square(deviation.sum(axis=1 - axis) / count).sum()), free))
    (rows, rows_free), (columns, columns_free) = parts
    left, left_free = 0.0, rows_free * columns_free
    if known.all() and min(table.shape) > 1:
        rest = deviation - deviation.mean(axis=1, keepdims=True) - deviation.mean(axis=0, keepdims=True)
        left = float(np.square(rest).sum()) / left_free / count
    variance = max(rows + columns - left, rows, columns)
    if variance == 0.0:
        return 0.0
    free = variance**2 / (rows**2 / rows_free + columns**2 / columns_free + left**2 / left_free)
    return float(quantile(max(free, 1.0) + 1.0) * math.sqrt(variance))


def bootstrap(values: ArrayLike, resamples: int = RESAMPLES, seed: int = 1) -> Interval:
    """Bootstrap interval of the mean of each column: bias-corrected and accelerated (Efron 1987), for skewed numbers.

    The acceleration of a mean is its jackknife's, sum d^3 / (6 (sum d^2)^1.5) with d the deviations. Whole rows are
    drawn, the same for every column, from a generator with a fixed seed. NaN below five numbers.
    """
    table = np.atleast_2d(np.asarray(values, float))
    low, high = np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
    gaps: dict[bytes, list[int]] = {}
    for column, known in enumerate(~np.isnan(table).T):
        gaps.setdefault(known.tobytes(), []).append(column)
    for pattern, columns in gaps.items():
        some = table[np.frombuffer(pattern, bool)][:, columns]
        if len(some) >= FEWEST_TO_RESAMPLE:
            low[columns], high[columns] = _bootstrap(some, resamples, seed)
    return Interval(low, high)


def _bootstrap(values: Floats, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """Limits for a table without gaps."""
    from scipy.special import ndtr, ndtri

    n, middle = len(values), values.mean(axis=0)
    deviation = values - middle
    drawn = _times_drawn(n, resamples, seed) @ deviation / n
    drawn.sort(axis=0)
    below = (drawn < 0.0).mean(axis=0) + 0.5 * (drawn == 0.0).mean(axis=0)
    bias = ndtri(np.clip(below, 0.5 / resamples, 1.0 - 0.5 / resamples))
    spread = np.square(deviation).sum(axis=0)
    skew = np.divide((deviation**3).sum(axis=0), 6.0 * spread**1.5, out=np.zeros_like(spread), where=spread > 0.0)
    limits = []
    for sign in (-1.0, 1.0):
        shifted = bias + sign * ndtri(0.5 + LEVEL / 2.0)
        place = ndtr(bias + shifted / (1.0 - skew * shifted)) * (resamples - 1)
        floor = np.clip(np.floor(place).astype(np.intp), 0, resamples - 2)
        columns = np.arange(values.shape[1])
        step = drawn[floor + 1, columns] - drawn[floor, columns]
        limits.append(middle + drawn[floor, columns] + (place - floor) * step)
    flat = np.ptp(values, axis=0) == 0.0
    return np.where(flat, values[0], limits[0]), np.where(flat, values[0], limits[1])


@lru_cache(maxsize=8)
def _times_drawn(n: int, resamples: int, seed: int) -> Floats:
    """How often each of n rows is drawn in each resample: (resamples, n)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, np.full(n, 1.0 / n), resamples).astype(float)


# -------------------------------------------------------------------------------------------------- how many pairs


@dataclass(frozen=True)
class Precision:
    """How narrow an interval must be: its half width, as a part of the effect or in the unit of the outcome."""

    amount: float
    relative: bool = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """`5%` is a part of the effect, `0.002` an amount. Raises CaseError for anything else, and for 0 or less.

        >>> Precision.parse("5%")
        Precision(amount=0.05, relative=True)
        """
        found = re.fullmatch(r"([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?)\s*(%?)", text.strip())
        amount = float(found[1]) / (100.0 if found[2] else 1.0) if found else 0.0
        if found is None or not 0.0 < amount < math.inf or (found[2] and amount > 1.0):
            allowed = "allowed: a part of the effect such as 5% (at most 100%), or an amount above 0 such as 0.002"
            raise CaseError([Fault("--precision", f"given {show(text)}", allowed, "give one of these")])
        return cls(amount, bool(found[2]))

    def half_width(self, effect: float) -> float:
        """The largest half width that is precise enough for an effect."""
        return self.amount * abs(effect) if self.relative else self.amount

    def __str__(self) -> str:
        return f"{100.0 * self.amount:g}%" if self.relative else f"{self.amount:g}"


def enough(differences: ArrayLike, precision: Precision) -> bool:
    """Whether the interval of some differences is precise enough to stop: the rule of Chow and Robbins (1965).

    The half width of the widened t interval must not exceed the precision (Nadas 1969 for a part of the mean). A
    sample that stops itself stops rather when its spread happens to look small, which costs coverage. Hence the first
    batch of 30, and the widening after Anscombe's (1953) correction, whose size was found by simulation: coverage is 94
    to 96 % for normal, heavy-tailed and skewed differences (`tests/test_intervals.py`).
    """
    values = np.asarray(differences, float).ravel()
    low, high = student(values[:, None], sequential=True)
    half = float(high[0] - low[0]) / 2.0
    return int((~np.isnan(values)).sum()) >= 2 and half <= precision.half_width(float(mean(values[:, None])[0]))


def next_size(differences: ArrayLike, precision: Precision, most: int) -> int:
    """How many pairs to have before the next look: as many as now when they are enough, and never above `most`.

    Half of the pairs that now seem missing are added, at least a tenth and at most three times those there are, so
    that there are few looks and hardly any pair too many (Hall 1981).
    """
    n = len(np.ravel(differences))
    if n < min(FIRST_BATCH, most):
        return min(FIRST_BATCH, most)
    if n >= most or enough(differences, precision):
        return n
    values = np.asarray(differences, float).ravel()
    low, high = student(values[:, None], sequential=True)
    half, target = float(high[0] - low[0]) / 2.0, precision.half_width(float(mean(values[:, None])[0]))
    ratio = half / target if target > 0.0 else math.inf
    missing = n * (ratio**2 - 1.0) / 2.0 if ratio < 1e3 else math.inf  # NaN counts as out of sight
    return int(min(most, n + min(max(missing, 4, n / 10), 3 * n)))


def size_for(spread: float, effect: float, precision: Precision) -> float:
    """Fewest pairs (at least two) whose t interval is precise enough, given standard deviation and effect.

    Infinite for an effect of zero that is asked for as a part of itself.

    >>> size_for(1.0, 1.0, Precision(0.1))
    387.0
    """
    target = precision.half_width(effect)
    if not target > 0.0:
        return 2.0 if spread == 0.0 else math.inf
    low, high = 2, 4
    while quantile(high) * spread / math.sqrt(high) > target:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if quantile(middle) * spread / math.sqrt(middle) <= target else (middle + 1, high)
    return float(low)


# -------------------------------------------------------------------------------------------------- week by week


class Running:
    """Means and intervals of series that come one after the other, in memory that does not grow (Welford 1962)."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.count: NDArray[np.int64] | None = None
        self.middle: Floats = np.zeros(0)
        self.squares: Floats = np.zeros(0)

    def add(self, values: ArrayLike) -> None:
        """One array more, of the same shape as all others; NaN adds nothing in its place."""
        table = np.asarray(values, float)
        if self.count is None:
            self.count = np.zeros(table.shape, np.int64)
            self.middle, self.squares = np.zeros(table.shape), np.zeros(table.shape)
        known = ~np.isnan(table)
        self.count += known
        step = np.where(known, table - self.middle, 0.0)
        self.middle += step / np.maximum(self.count, 1)
        self.squares += step * np.where(known, table - self.middle, 0.0)

    def mean(self) -> Floats:
        """Means of what is known; NaN where nothing is."""
        count = np.zeros(0, np.int64) if self.count is None else self.count
        return np.where(count > 0, self.middle, np.nan)

    def interval(self, *, sequential: bool = False) -> Interval:
        """Student's t intervals of the means."""
        count = np.zeros(0, np.int64) if self.count is None else self.count
        return around(self.mean(), self.squares, count, sequential=sequential)


def clear(interval: Sequence[float]) -> bool:
    """Whether an interval leaves zero out."""
    low, high = interval
    return low > 0.0 or high < 0.0
