"""A row of the verification: what theory expects, what the market's own functions give, and how far off it may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.verify.evidence import MANY, UNLIKELY, fisher_p, pooled_p, standard_error, z_of

Numbers = tuple[float, ...]
QUICK = 0.3
"""Seconds that a row may take to be asked about every mutant."""


@dataclass(frozen=True)
class Finding:
    """What a row found."""

    expected: Numbers
    got: Numbers
    tolerance: str
    """how far `got` may be off, in signs that need no translation; SE: standard errors of the mean over seeds"""
    miss: float
    """the largest distance in tolerances: at most 1 where the row holds; NaN never holds"""

    @property
    def ok(self) -> bool:
        """Whether the row holds."""
        return self.miss <= 1.0


@dataclass(frozen=True)
class Row:
    """One oracle and the way to hold the market against it."""

    key: str
    """noun.what"""
    en: str
    zh: str
    source: str
    """where the expected numbers come from"""
    through: tuple[str, ...]
    """dotted names of the public functions and classes that answer"""
    check: Callable[[], Finding]
    needs: tuple[str, ...]
    """libraries without which it cannot be run"""
    seconds: float
    """about how long it takes on a machine of its own"""

    @property
    def long(self) -> bool:
        """Whether it takes more than about a second."""
        return self.seconds > 1.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Libraries that it needs and that are not installed."""
        return tuple(name for name in self.needs if find_spec(name) is None)

    @property
    def how(self) -> str:
        """How it is done, in a sentence or two."""
        return " ".join((self.check.__doc__ or "").split())

    def title(self, lang: str = "en") -> str:
        """What is asked, in a language."""
        return self.zh if lang == "zh" else self.en


def row(
    key: str, en: str, zh: str, source: str, *through: str, needs: tuple[str, ...] = (), seconds: float = QUICK
) -> Callable[[Callable[[], Finding]], Row]:
    """Make a row of a function that finds; its docstring says how."""
    return lambda check: Row(key, en, zh, source, through, check, needs, seconds)


def _numbers(values: ArrayLike) -> Numbers:
    return tuple(np.ravel(np.asarray(values, float)).tolist())


def short(value: float) -> str:
    """A number as a table shows it.

    >>> short(0.17477199), short(1e-6), short(5000.0), short(0.0)
    ('0.174772', '1e-06', '5000', '0')
    """
    return f"{value:.6g}"


def exact(got: ArrayLike, expected: ArrayLike, within: float) -> Finding:
    """Numbers without luck: each within a distance of what is expected."""
    off = np.abs(np.asarray(got, float) - np.asarray(expected, float))
    miss = float(np.max(off)) / within if within else (0.0 if np.all(off == 0.0) else math.inf)
    return Finding(_numbers(expected), _numbers(got), f"± {short(within)}" if within else "=", miss)


def means(repetitions: ArrayLike, expected: ArrayLike, known_to: ArrayLike = 0.0) -> Finding:
    """Means of independent repetitions (the first axis): within four standard errors, beyond `known_to`."""
    tolerance = f"± {MANY:.0f} SE"
    if np.any(np.asarray(known_to) > 0.0):
        tolerance = f"± ({short(float(np.max(known_to)))} + {MANY:.0f} SE)"
    got = np.mean(np.asarray(repetitions, float), axis=0)
    whole = np.broadcast_to(np.asarray(expected, float), got.shape)
    return Finding(_numbers(whole), _numbers(got), tolerance, float(np.max(z_of(repetitions, whole, known_to))) / MANY)


def differences(repetitions: ArrayLike, expected: ArrayLike) -> Finding:
    """What repetitions differ from an expectation of their own: shown as their mean against 0, in four SE."""
    values = np.asarray(repetitions, float) - np.asarray(expected, float)
    return means(values, np.zeros(values.shape[1:]))


def counts(seen: ArrayLike, probabilities: ArrayLike) -> Finding:
    """Counts (repetitions, cells) against probabilities: chi-squared tests of all together and of each, pooled."""
    table = np.atleast_2d(np.asarray(seen, float))
    whole = table.sum(axis=0)
    p = min(pooled_p(whole, probabilities), pooled_p(table, probabilities))
    return Finding(_numbers(probabilities), _numbers(whole / whole.sum()), CHI_SQUARED, _of_p(p))


CHI_SQUARED = f"χ²: p > {UNLIKELY:g}"


def likely(p_values: Sequence[float]) -> Finding:
    """P-values of independent tests, joined by Fisher's method."""
    p = fisher_p(p_values)
    return Finding((0.5,), (float(np.mean(p_values)),), f"Fisher: p > {UNLIKELY:g}", _of_p(p))


def _of_p(p: float) -> float:
    """Distance in tolerances that a p-value stands for: 1 where it is as small as it may be."""
    return math.log(max(p, 1e-300)) / math.log(UNLIKELY)


def none(number: float) -> Finding:
    """How many break a promise that allows none."""
    return Finding((0.0,), (float(number),), "=", 0.0 if number == 0 else math.inf)


def at_least(got: ArrayLike, limit: ArrayLike) -> Finding:
    """Numbers that may not fall below a limit; both positive."""
    found, least = np.asarray(got, float), np.asarray(limit, float)
    with np.errstate(divide="ignore"):
        miss = float(np.max(least / found)) if np.all(found >= 0.0) else math.inf
    return Finding(_numbers(np.broadcast_to(least, found.shape)), _numbers(found), "≥", miss)


def every(*findings: Finding) -> Finding:
    """Several findings as one: all must hold."""
    tolerances = dict.fromkeys(finding.tolerance for finding in findings)
    miss = max((finding.miss for finding in findings), key=lambda one: math.inf if math.isnan(one) else one)
    return Finding(
        tuple(number for finding in findings for number in finding.expected),
        tuple(number for finding in findings for number in finding.got),
        "; ".join(tolerances),
        miss,
    )


def spread(repetitions: ArrayLike) -> NDArray[np.float64]:
    """Standard deviation over repetitions and, last, its standard error when they are about normal: (2, ...)."""
    values = np.asarray(repetitions, float)
    deviation = values.std(axis=0, ddof=1)
    return np.stack([deviation, deviation / math.sqrt(2.0 * (len(values) - 1))])


__all__ = [
    "Finding", "Row", "at_least", "counts", "differences", "every", "exact", "likely", "means", "none", "row", "short",
    "spread", "standard_error",
]  # fmt: skip
