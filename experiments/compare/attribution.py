"""Attribution: how much of an effect comes from which cause, by switching causes off.

A world is known by the set of causes that are off in it, written as a whole number whose bit c stands for cause c: 0 is
the base case with every cause at work, 2^k - 1 the world without any. All worlds are run on the same luck. A cause's
effect is what it adds where it is at work, so that causes that cost share have effects below zero.

Effects depend on what else is at work. Three answers are given: *alone*, when only this cause is switched off; *last*,
when it is switched off after all others; and the *Shapley value*, the mean over all orders of switching off (Shapley
1953), whose parts sum to the whole effect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Values = Mapping[int, Floats]
"""What came out in each world of one seed: (outcomes,) each."""

MOST_EXACT = 6
"""Causes up to which every world is run (64); above, orders of switching off are sampled."""
MOST_CAUSES = 24
ORDERS = 2
"""Sampled orders for each seed: one and its reverse."""
GRID_BITS = 40


def every_off(causes: int) -> int:
    """The world without any cause.

    >>> every_off(3)
    7
    """
    return (1 << causes) - 1


def alone(values: Values, causes: int) -> Floats:
    """Effect of each cause when only it is switched off: (causes, outcomes)."""
    return np.array([values[0] - values[1 << cause] for cause in range(causes)])


def last(values: Values, causes: int) -> Floats:
    """Effect of each cause when it is switched off after all others: (causes, outcomes)."""
    none = every_off(causes)
    return np.array([values[none ^ (1 << cause)] - values[none] for cause in range(causes)])


def shapley(values: Values, causes: int) -> Floats:
    """Shapley value of each cause from all 2^causes worlds: (causes, outcomes).

    The effect of a cause where s others are off counts with weight s! (k - 1 - s)! / k!.

    >>> game = {0: np.array([12.0]), 1: np.array([6.0]), 2: np.array([4.0]), 3: np.array([0.0])}
    >>> shapley(game, 2).ravel().tolist()
    [5.0, 7.0]
    """
    found = np.zeros((causes, len(values[0])))
    weight = [math.factorial(s) * math.factorial(causes - 1 - s) / math.factorial(causes) for s in range(causes)]
    for off in range(1 << causes):
        for cause in range(causes):
            if not off >> cause & 1:
                found[cause] += weight[off.bit_count()] * (values[off] - values[off | 1 << cause])
    return found


def along(values: Values, causes: int, orders: Sequence[Sequence[int]]) -> Floats:
    """Mean effect of each cause over some orders of switching off: (causes, outcomes), without bias (Castro 2009).

    With all orders these are the Shapley values; with any, the parts of the causes sum to the whole effect.
    """
    found = np.zeros((causes, len(values[0])))
    for order in orders:
        for cause, (before, after) in zip(order, pairwise(chain(order)), strict=True):
            found[cause] += (values[before] - values[after]) / len(orders)
    return found


def chain(order: Sequence[int]) -> list[int]:
    """The worlds passed when causes are switched off in an order.

    >>> chain([1, 0])
    [0, 2, 3]
    """
    worlds = [0]
    for cause in order:
        worlds.append(worlds[-1] | 1 << cause)
    return worlds


def orders_for(causes: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Orders of switching off that are sampled for a seed: random ones, each with its reverse."""
    rng = np.random.default_rng([seed, causes])
    drawn = [tuple(rng.permutation(causes).tolist()) for _ in range(ORDERS // 2)]
    return tuple(order for one in drawn for order in (one, one[::-1]))


def exact(causes: int) -> bool:
    """Whether every world is run."""
    return causes <= MOST_EXACT


def worlds_for(causes: int, seed: int) -> list[int]:
    """The worlds to run for a seed, in ascending order; with no causes none."""
    if causes == 0:
        return []
    if exact(causes):
        return list(range(1 << causes))
    none = every_off(causes)
    wanted = {world for order in orders_for(causes, seed) for world in chain(order)}
    wanted |= {1 << cause for cause in range(causes)} | {none ^ (1 << cause) for cause in range(causes)}
    return sorted(wanted)


def parts(values: Values, causes: int, seed: int) -> Floats:
    """Alone, last and Shapley of each cause in one seed: (3, causes, outcomes)."""
    share = shapley(values, causes) if exact(causes) else along(values, causes, orders_for(causes, seed))
    return np.array([alone(values, causes), last(values, causes), share])


def additive(amounts: ArrayLike) -> Floats:
    """Amounts moved by less than 1e-12 of the largest, so that they add up without rounding, in any order.

    Binary fractions of one size do: all are rounded to multiples of 2^-40 of the largest. Along the first axis.

    >>> parts = additive([0.1, 0.2, -0.4])
    >>> bool(parts[0] + parts[1] + parts[2] == parts[2] + parts[1] + parts[0] == parts.sum())
    True
    """
    given = np.asarray(amounts, float)
    largest = np.max(np.abs(given), axis=0, initial=0.0)
    known = np.isfinite(largest) & (largest > 0.0)
    exponent = np.frexp(np.where(known, largest, 1.0))[1] - GRID_BITS
    return np.where(known, np.ldexp(np.rint(np.ldexp(given, -exponent)), exponent), given)
