"""Samplers: points of the unit cube, one column per factor, for each kind of design."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["grid", "list", "one-at-a-time", "latin-hypercube", "sobol", "morris"]
SAMPLED: tuple[Kind, ...] = ("latin-hypercube", "sobol", "morris")
MORRIS_LEVELS = 4
"""Values of each factor in a Morris design: 0, 1/3, 2/3 and 1 of its range (Morris 1991 recommends an even number)."""

LOW, HIGH = 0.05, 0.95
"""Ends between which a factor moves where it moves alone: nine tenths of what it may be lie inside."""

Cube = NDArray[np.float64]
"""Points between 0 and 1, (points, factors)."""


def problem(factors: int) -> dict[str, Any]:
    """A unit cube as SALib describes it."""
    return {"num_vars": factors, "names": [f"x{n}" for n in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def points_of(kind: Kind, runs: int, factors: int) -> int:
    """How many points a sampled design has; nothing is allocated."""
    return {"latin-hypercube": runs, "sobol": runs * (factors + 2), "morris": runs * (factors + 1)}[kind]


def sample(kind: Kind, runs: int, factors: int, seed: int) -> Cube:
    """The points of a sampled design; the same for the same seed.

    `sobol` is the radial design of Saltelli et al. (2010): N (k + 2) rows, in blocks of A, A with one column of B each,
    and B, from a scrambled Sobol sequence. `morris` is N trajectories of k + 1 points.
    """
    if kind == "latin-hypercube":
        from scipy.stats import qmc

        return qmc.LatinHypercube(factors, seed=seed).random(runs)
    if kind == "sobol":
        from SALib.sample import sobol

        return np.asarray(sobol.sample(problem(factors), runs, calc_second_order=False, seed=seed), np.float64)
    from SALib.sample import morris

    return np.asarray(morris.sample(problem(factors), runs, num_levels=MORRIS_LEVELS, seed=seed), np.float64)


def grid(sizes: Sequence[int]) -> Cube:
    """The middle of each cell of a grid with so many levels by factor; the last factor changes fastest.

    >>> grid([1, 2]).tolist()
    [[0.5, 0.25], [0.5, 0.75]]
    """
    places = np.stack(np.unravel_index(np.arange(math.prod(sizes)), tuple(sizes)), axis=1)
    return np.asarray((places + 0.5) / np.array(sizes), np.float64)


def one_at_a_time(factors: int) -> Cube:
    """The base case, then each factor by itself at its low and at its high end; NaN: as in the base case.

    >>> one_at_a_time(2).tolist()
    [[nan, nan], [0.05, nan], [0.95, nan], [nan, 0.05], [nan, 0.95]]
    """
    cube = np.full((1 + 2 * factors, factors), np.nan)
    for factor in range(factors):
        cube[1 + 2 * factor : 3 + 2 * factor, factor] = LOW, HIGH
    return cube
