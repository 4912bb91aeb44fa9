"""Swings: how far an outcome moves when one factor goes to an end of its range and all others stay.

Every point has the same seeds, so that a change is the mean of differences between runs of the same luck.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments import intervals
from experiments.designs import Design
from experiments.explain.means import by_seed
from experiments.explain.sensitivity import COLUMNS
from market import CaseError, Fault

METHOD = "one-at-a-time"
ENDS = ("at_low", "at_high")
"""Measures of a factor, in the order of its points: change of the outcome at each end, from that of the base case."""


def swings(design: Design, runs: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Changes from the base case: factor, method, measure, value, low, high (Student's 95 % interval over seeds).

    Measures: `base`, of no factor: the outcome of the base case; `at_low` and `at_high`: its change at either end;
    `swing`: the size of the larger change. `runs` has point, seed and the outcome; a seed counts for an end if both
    runs are there. Empty where nothing moves. Raises CaseError if no run of the base case has the outcome.
    """
    table = by_seed(runs, outcome, design.number_of_points, design.replicates)
    base = table[0]
    if not np.isfinite(base).any():
        raise CaseError([Fault(outcome, "no run of the base case has it", remedy="do the failed runs again (--retry)")])
    change = (table[1:] - base).T  # (seeds, ends)
    if not np.nan_to_num(change).any():
        return pd.DataFrame(columns=list(COLUMNS))
    around = intervals.student(base[:, None])
    rows = [("", METHOD, "base", float(np.nanmean(base)), float(around.low[0]), float(around.high[0]))]
    mean, (low, high) = intervals.mean(change), intervals.student(change)
    for place, name in enumerate(design.names):
        ends = [(float(mean[e]), float(low[e]), float(high[e])) for e in (2 * place, 2 * place + 1)]
        rows += [(name, METHOD, measure, *end) for measure, end in zip(ENDS, ends, strict=True)]
        value, least, most = max(ends, key=lambda end: -1.0 if np.isnan(end[0]) else abs(end[0]))
        half = (most - least) / 2.0
        rows.append((name, METHOD, "swing", abs(value), max(abs(value) - half, 0.0), abs(value) + half))
    return pd.DataFrame(rows, columns=list(COLUMNS))
