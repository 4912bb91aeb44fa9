"""Outcomes by design point: the mean over its seeds, how much of it is luck, and what to do about runs that failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweep.parts import DONE
from market import CaseError, Fault

MOST_MISSING = 0.1
"""Part of the blocks of a design that may be left out because a run in them failed."""


@dataclass(frozen=True)
class Means:
    """One outcome at the design points that are complete."""

    mean: NDArray[np.float64]
    """mean over seeds, (kept points,)"""
    kept: NDArray[np.intp]
    """numbers of these points in the design, ascending"""
    missing: int
    """runs that failed, or had nothing to say of this outcome"""
    left_out: int
    """points left out on that account"""
    luck: float
    """part of the variance between points that luck accounts for; NaN with one seed, where nobody can know"""


def by_point(
    runs: pd.DataFrame, outcome: str, points: int, replicates: int, block: int = 1, most_missing: float = MOST_MISSING
) -> Means:  # fmt: skip
    """The mean of an outcome over the seeds of each point; a whole block is left out where a run of it is missing.

    `runs` has point, seed and the outcome. Points are complete only with every seed, as another set of seeds is other
    luck; `block` points belong together (they were drawn from the same base sample). What is left stands for the part
    of the factor space in which runs do not fail. Raises CaseError if more than `most_missing` of it is left out.
    """
    table = by_seed(runs, outcome, points, replicates)
    known = np.isfinite(table)
    whole: NDArray[np.bool_] = np.logical_and.reduce(known.reshape(-1, block * replicates), axis=1)
    if not whole.any() or (~whole).mean() > most_missing:
        failed = points * replicates - int(runs["status"].eq(DONE).sum()) if "status" in runs else int((~known).sum())
        raise CaseError([_holes(outcome, int((~known).sum()), failed, int((~whole).sum()), len(whole), block)])
    kept = np.flatnonzero(np.repeat(whole, block))
    held = table[kept]
    return Means(held.mean(1), kept, int((~known).sum()), points - len(kept), _luck(held))


def by_seed(runs: pd.DataFrame, outcome: str, points: int, replicates: int) -> NDArray[np.float64]:
    """An outcome by point and seed, seeds in rising order; NaN where it is missing: (points, replicates)."""
    table = np.full((points, replicates), np.nan)
    seeds = np.sort(runs["seed"].unique())
    place = np.searchsorted(seeds, runs["seed"].to_numpy())
    table[runs["point"].to_numpy(), np.minimum(place, replicates - 1)] = runs[outcome].to_numpy(np.float64)
    return table


def _holes(outcome: str, missing: int, failed: int, without: int, blocks: int, block: int) -> Fault:
    """`failed` of the missing runs did not succeed; the others had nothing to say of this outcome."""
    what = f"blocks of {block} points" if block > 1 else "points"
    again = "do the failed runs again (whosecar sweep --retry), or "
    return Fault(
        outcome,
        f"{missing:,} runs have no such number ({failed:,} of them failed), "
        f"which leaves holes in {without:,} of {blocks:,} {what}",
        f"allowed: at most {MOST_MISSING:.0%}",
        f"{again if failed else ''}ask for other outcomes (--outcome)",
    )


def _luck(table: NDArray[np.float64]) -> float:
    """Variance of the mean over seeds that is due to luck, as part of the variance of that mean between points.

    What a seed does to all points alike is no noise between them: common random numbers take it away. Of a two-way
    layout (points x seeds) the interaction is what is left.
    """
    points, replicates = table.shape
    if replicates < 2 or points < 2:
        return float("nan")
    rest = table - table.mean(1, keepdims=True) - table.mean(0, keepdims=True) + table.mean()
    noise = float((rest**2).sum()) / ((points - 1) * (replicates - 1)) / replicates
    between = float(table.mean(1).var(ddof=1))
    return min(noise / between, 1.0) if between > 0.0 else float("nan")
