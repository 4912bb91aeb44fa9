"""Scenario discovery: boxes of factor values in which most of what is looked for happens.

In the manner of PRIM (Friedman and Fisher 1999): from a box of all points, slices at one end of a factor, or one level
of a factor of words, are peeled off one after the other; then every limit is set finely, outwards too (pasting); limits
that do not matter are dropped (quasi-p-values of Bryant and Lempert 2010); the points of the box are set aside and the
next box is sought, until one tells no more than chance. Two things differ: a slice may hold any number of twentieths
of the box, and that box is sought that tells most about which points are of interest (mutual information), so that
nobody has to choose on a trajectory.

The rule is written out because no library will do: PRIM 1.0 is under the GPL and fails on words with today's pandas,
and it as well as the trees of scikit-learn miss limits of a planted box by more than .03 (docs/LABORATORY.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Mask = NDArray[np.bool_]
SLICES, STEP = 20, 0.01
"""A slice is so many parts of the points of a box or several of them; limits are moved by this part afterwards."""
LEAST_POINTS, LEAST_FOUND, LEAST_LIFT = 10, 5, 1.5
"""A box holds so many points, so many of interest, and is so many times denser than the points that are left."""
DOUBT = 0.05
"""A limit is dropped if chance alone would make the box as dense with at least this probability."""
SHUFFLES = 19
"""A box must tell more than any found among so many shuffles of the points: nothing there is found in 1 of 20."""
SURE = 150.0
"""Of a box with this likelihood ratio nobody needs to ask: by chance, not even the best of all boxes with six limits
among thirty factors reaches it (chi-squared with one degree of freedom, times the (2 x 19 x 30)^6 boxes tried)."""
MOST_BOXES, MOST_MOVES, LEAST_GAIN = 4, 400, 1e-12


@dataclass(frozen=True)
class Limits:
    """What a box allows: ranges of numbers and sets of words by factor; a factor that is not named is free."""

    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    words: Mapping[str, frozenset[Any]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Factors that the box limits."""
        return (*self.ranges, *self.words)

    def holds(self, points: pd.DataFrame) -> Mask:
        """Which points lie in the box, (points,) bool."""
        inside = np.ones(len(points), bool)
        for name, (low, high) in self.ranges.items():
            column = points[name].to_numpy(np.float64)
            inside &= (column >= low) & (column <= high)
        for name, allowed in self.words.items():
            inside &= points[name].isin(list(allowed)).to_numpy()
        return inside

    def without(self, name: str) -> Limits:
        """The box with one factor free."""
        return Limits(
            {key: value for key, value in self.ranges.items() if key != name},
            {key: value for key, value in self.words.items() if key != name},
        )


@dataclass(frozen=True)
class Box:
    """A box with what it holds."""

    limits: Limits
    coverage: float
    """part of all points of interest that lie in it (and in no box before it)"""
    density: float
    """part of its points that are of interest"""
    points: int
    doubts: Mapping[str, float]
    """by factor, the probability that a box without this limit would be as dense by chance"""


def boxes(points: pd.DataFrame, wanted: Mask) -> list[Box]:
    """Boxes that hold the points of interest, the most telling first; none where nothing sets them apart.

    `points` has one row per design point and one column per factor, of numbers or of words; `wanted` (points,) bool.
    """
    found: list[Box] = []
    left = np.ones(len(points), bool)
    total = int(wanted.sum())
    while len(found) < MOST_BOXES and 0 < wanted[left].sum() < left.sum():
        rows, sought = points[left], wanted[left]
        start = _peeled(rows, sought)
        if not _more_than_chance(rows, sought, information(start.holds(rows), sought)):
            break
        limits, doubts = _one(rows, sought, start)
        inside = limits.holds(rows)
        hits, size = int(sought[inside].sum()), int(inside.sum())
        if not limits.names or size < LEAST_POINTS or hits < LEAST_FOUND or hits / size < LEAST_LIFT * sought.mean():
            break
        found.append(Box(limits, hits / total, hits / size, size, doubts))
        left[np.flatnonzero(left)[inside]] = False
    return found


def _one(points: pd.DataFrame, wanted: Mask, best: Limits) -> tuple[Limits, dict[str, float]]:
    """A peeled box with its limits set, and the doubts about each of them."""
    while True:
        best = _refined(points, wanted, best, best.names)
        doubts = {name: _doubt(points, wanted, best, name) for name in best.names}
        worst = max(doubts, key=lambda name: doubts[name], default=None)
        if worst is None or doubts[worst] < DOUBT:
            return _rounded(points, best), doubts
        best = best.without(worst)


def _more_than_chance(points: pd.DataFrame, wanted: Mask, told: float) -> bool:
    """True if a box tells more than the best of the boxes that are found where as many points are picked at random."""
    if 2.0 * len(points) * told > SURE:
        return True
    rng = np.random.default_rng(len(points))
    shuffled = (rng.permutation(wanted) for _ in range(SHUFFLES))
    return all(information(_peeled(points, picked).holds(points), picked) < told for picked in shuffled)


def information(inside: Mask, wanted: Mask) -> float:
    """Mutual information (nats a point) of lying in the box and being of interest; 0 for a box thinner than the rest.

    >>> information(np.array([True, False]), np.array([True, False])) == math.log(2.0)
    True
    """
    hits, size = np.array([(inside & wanted).sum()]), np.array([inside.sum()])
    return float(_told(hits, size, int(wanted.sum()), len(wanted))[0])


def _told(hits: NDArray[Any], size: NDArray[Any], wanted: int, total: int) -> NDArray[np.float64]:
    """The same for several boxes, (boxes,), from counts: points of interest and points in each, and of both all."""
    told = np.zeros(len(size))
    for part, among in ((hits, wanted), (size - hits, total - wanted)):
        for both, one in ((part, size), (among - part, total - size)):
            held = both > 0
            told[held] += both[held] / total * np.log(both[held] * (total / among) / one[held])
    return np.where(hits * (total - size) > (wanted - hits) * size, told, 0.0)


def _is_words(column: pd.Series[Any]) -> bool:
    return column.dtype.kind not in "if"


def _peeled(points: pd.DataFrame, wanted: Mask) -> Limits:
    """The box after all slices whose loss makes it tell more, the best first."""
    limits, score = Limits(), 0.0
    while True:
        inside = limits.holds(points)
        cuts = (cut for name in map(str, points) for cut in _cuts(points[name], wanted, limits, inside))
        best = max(cuts, key=lambda cut: cut[0], default=(0.0, limits))
        if best[0] <= score + LEAST_GAIN:
            return limits
        score, limits = best


def _cuts(column: pd.Series[Any], wanted: Mask, limits: Limits, inside: Mask) -> Iterator[tuple[float, Limits]]:
    """Slices to take off a box along one factor, with how much the smaller box tells: the best, or every word."""
    name, rows = str(column.name), np.flatnonzero(inside)
    if _is_words(column):
        present = frozenset(column[inside])
        for word in sorted(present, key=str) if len(present) > 1 else ():
            kept = inside & (column != word).to_numpy()
            worth = information(kept, wanted) if kept.sum() >= LEAST_POINTS else 0.0
            yield worth, Limits(limits.ranges, {**limits.words, name: present - {word}})
        return
    low, high = limits.ranges.get(name, (-math.inf, math.inf))
    held = column.to_numpy(np.float64)[rows]
    order = np.argsort(held, kind="stable")
    held, found = held[order], np.concatenate([[0], np.cumsum(wanted[rows[order]])])
    values = np.unique(held[np.arange(1, SLICES) * len(held) // SLICES])
    starts, ends = np.searchsorted(held, values, "left"), np.searchsorted(held, values, "right")
    size = np.concatenate([len(held) - starts, ends])
    hits = np.concatenate([found[-1] - found[starts], found[ends]])
    told = np.where(size >= LEAST_POINTS, _told(hits, size, int(wanted.sum()), len(wanted)), 0.0)
    best = int(told.argmax())
    limit = float(values[best % len(values)])
    sides = (limit, high) if best < len(values) else (low, limit)
    yield float(told[best]), Limits({**limits.ranges, name: sides}, limits.words)


def _refined(points: pd.DataFrame, wanted: Mask, limits: Limits, names: tuple[str, ...]) -> Limits:
    """The box with its limits moved in small steps as long as that makes it tell more."""
    score = information(limits.holds(points), wanted)
    for _ in range(MOST_MOVES):
        moved = [
            (information(inside, wanted), box)
            for box in _moves(points, limits, names)
            if (inside := box.holds(points)).sum() >= LEAST_POINTS
        ]
        best = max(moved, key=lambda pair: pair[0], default=(0.0, limits))
        if best[0] <= score + LEAST_GAIN:
            break
        score, limits = best
    return limits


def _moves(points: pd.DataFrame, limits: Limits, names: tuple[str, ...]) -> Iterator[Limits]:
    """Boxes that differ by one limit moved by a small step, or by one word more or less."""
    size = int(limits.holds(points).sum())
    for name in (name for name in names if name in limits.ranges):
        low, high = limits.ranges[name]
        beside = np.sort(points.loc[limits.without(name).holds(points), name].to_numpy(np.float64))
        first, last = np.searchsorted(beside, low, "left"), np.searchsorted(beside, high, "right") - 1
        for step in dict.fromkeys((max(int(STEP * size), 1), max(size // SLICES, 1), 1)):
            for start, end in ((first - step, last), (first + step, last), (first, last - step), (first, last + step)):
                if start <= end and (start, end) != (first, last):
                    ends = (
                        -math.inf if start <= 0 else float(beside[start]),
                        math.inf if end >= len(beside) - 1 else float(beside[end]),
                    )
                    yield Limits({**limits.ranges, name: ends}, limits.words)
    for name in (name for name in names if name in limits.words):
        allowed = limits.words[name]
        for word in sorted(set(points[name]), key=str):
            changed = allowed ^ {word}
            if changed:
                yield Limits(limits.ranges, {**limits.words, name: changed})


def _doubt(points: pd.DataFrame, wanted: Mask, limits: Limits, name: str) -> float:
    """Probability that as many points are of interest by chance, drawn from the box without this limit."""
    from scipy.stats import binom

    inside, wider = limits.holds(points), limits.without(name).holds(points)
    return float(binom.sf(wanted[inside].sum() - 1, inside.sum(), wanted[wider].mean()))


def _rounded(points: pd.DataFrame, limits: Limits) -> Limits:
    """The box with each limit half way to the next point outside, and without limits that hold everything."""
    ranges = {}
    for name, (low, high) in limits.ranges.items():
        column = np.unique(points[name].to_numpy(np.float64))
        below, above = column[column < low], column[column > high]
        ends = (
            -math.inf if not len(below) else float(low + below[-1]) / 2.0,
            math.inf if not len(above) else float(high + above[0]) / 2.0,
        )
        if ends != (-math.inf, math.inf):
            ranges[name] = ends
    words = {name: allowed for name, allowed in limits.words.items() if allowed != frozenset(points[name])}
    return Limits(ranges, words)
