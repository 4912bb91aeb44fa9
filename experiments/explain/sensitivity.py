"""Sensitivity: how much of what an outcome does is due to which factor. Pure functions from tables to tables.

All return one row for each factor and measure: factor, method, measure, value, low, high (95 % interval).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import intervals
from experiments.designs import samplers

Numbers = NDArray[np.float64]
Measures = Callable[[pd.DataFrame, Numbers], pd.DataFrame]
"""A table of measures from points (one row a design point, one column a factor) and the outcome of each, (points,)."""

COLUMNS = ("factor", "method", "measure", "value", "low", "high")
LEVEL = 0.95
RESAMPLES = 200
SEED = 1
"""Of the resamples behind the intervals: the same table gives the same intervals."""
RANKS_BETTER = 0.05
"""Ranks are used instead of values where they explain so much more of the variance."""
POINTS_A_COLUMN = 4
"""A regression on fewer points for each of its columns says nothing."""
IN_UNITS = ("mu_star", "swing")
"""Leading measures in units of the outcome, which are judged beside the largest."""
FEWEST = 8
"""Base samples that the smallest part of a sample has."""


def sobol(points: pd.DataFrame, values: Numbers) -> pd.DataFrame:
    """Sobol indices of the design of `samplers.sample`: `first` (alone) and `total` (with all interactions).

    Estimators of Saltelli et al. (2010) and Jansen (1999) as SALib has them; intervals from resampled base samples.
    Raises ValueError if the points are not whole blocks of k + 2 rows.

    >>> cube = pd.DataFrame(samplers.sample("sobol", 512, 2, 1), columns=["a", "b"])
    >>> table = sobol(cube, 2.0 * cube["a"].to_numpy() + cube["b"].to_numpy()).set_index(["factor", "measure"])
    >>> table.loc[[("a", "first"), ("b", "total")], "value"].round(2).tolist()
    [0.8, 0.2]
    """
    values = np.asarray(values, np.float64)
    names = _blocks(points, values, points.shape[1] + 2)
    if _still(values):
        return _table((name, "sobol", measure, np.nan, np.nan) for name in names for measure in ("first", "total"))
    from SALib.analyze import sobol as analyze

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # a resample in which nothing moves
        found = analyze.analyze(
            samplers.problem(len(names)), values, calc_second_order=False, num_resamples=RESAMPLES, seed=SEED
        )
    return _table(
        (name, "sobol", measure, found[key][place], found[f"{key}_conf"][place])
        for place, name in enumerate(names)
        for measure, key in (("first", "S1"), ("total", "ST"))
    )


def morris(points: pd.DataFrame, values: Numbers) -> pd.DataFrame:
    """Elementary effects (Morris 1991; Campolongo et al. 2007), in units of the outcome over the range of a factor.

    `mu_star`: mean size; `mu`: mean; `sigma`: spread, which tells of interaction or curvature; t intervals over the
    trajectories. `points` say where in its range each factor lies, 0-1, as `Factor.places` does: a step between levels
    may be longer than one of the sampler. Between words every step is a whole one. Raises ValueError if the points are
    not whole trajectories of k + 1 rows, one factor moving at each step.
    """
    values = np.asarray(values, np.float64)
    size = points.shape[1] + 1
    names = _blocks(points, values, size)
    effects = np.full((len(values) // size, len(names)), np.nan)
    rises = np.diff(values.reshape(-1, size), axis=1)
    for place, name in enumerate(names):
        column = points[name].to_numpy()
        if column.dtype == object:
            steps = (column.reshape(-1, size)[:, 1:] != column.reshape(-1, size)[:, :-1]).astype(np.float64)
        else:
            steps = np.diff(column.astype(np.float64).reshape(-1, size), axis=1)
        moves = steps != 0.0
        if (moves.sum(axis=1) > 1).any():
            raise ValueError(f"{name} moves more than once in a trajectory")
        some = moves.any(axis=1)
        effects[some, place] = rises[moves] / steps[moves]
    measured = {"mu_star": np.abs(effects), "mu": effects}
    limits = {measure: intervals.student(each) for measure, each in measured.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a factor that never moved, or moved once
        sigma = np.nanstd(effects, axis=0, ddof=1)
    rows = []
    for place, name in enumerate(names):
        for measure, each in measured.items():
            low, high = (float(limit[place]) for limit in limits[measure])
            rows.append((name, "morris", measure, float(intervals.mean(each)[place]), low, high))
        rows.append((name, "morris", "sigma", float(sigma[place]), np.nan, np.nan))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def regression(points: pd.DataFrame, values: Numbers) -> pd.DataFrame:
    """What a linear regression on all factors says, for designs that allow no indices.

    `coefficient`: standard deviations of the outcome for one of the factor (of ranks where these explain clearly more:
    `rank_coefficient`), none for a factor of more than two words. `unique`: part of the variance that only this factor
    explains. `explained`, of no factor: part that all explain together. Intervals from resampled points. Empty where
    the outcome does not move or there are too few points.
    """
    values = np.asarray(values, np.float64)
    usable = [str(name) for name in points if len(points[name].unique()) > 1]
    groups = {name: _coded(points[name]) for name in usable}
    if _still(values) or len(values) < POINTS_A_COLUMN * sum(group.shape[1] for group in groups.values()) or not usable:
        return pd.DataFrame(columns=list(COLUMNS))
    ranked = {name: np.apply_along_axis(_ranks, 0, group) for name, group in groups.items()}
    plain, by_rank = _shares(groups, values)[-1], _shares(ranked, _ranks(values))[-1]
    use_ranks = by_rank > plain + RANKS_BETTER
    groups, target = (ranked, _ranks(values)) if use_ranks else (groups, values)
    point = _shares(groups, target)
    rng = np.random.default_rng(SEED)
    draws = [rng.integers(0, len(values), len(values)) for _ in range(RESAMPLES)]
    drawn = [_shares({n: g[rows] for n, g in groups.items()}, target[rows]) for rows in draws]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a factor of several words has no coefficient
        low, high = np.nanquantile(np.array(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    measure = "rank_coefficient" if use_ranks else "coefficient"
    keys = [(name, kind) for name in groups for kind in (measure, "unique")] + [("", "explained")]
    rows = [
        (name, "regression", kind, *map(float, found))
        for (name, kind), found in zip(keys, zip(point, low, high, strict=True), strict=True)
        if np.isfinite(found[0])
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def convergence(measures: Measures, points: pd.DataFrame, values: Numbers, block: int) -> pd.DataFrame:
    """Measures on nested parts of a sample: an eighth, a quarter, half and all of it; with a column `size`.

    `block` rows belong together (1 where each point stands alone); `size` counts blocks.
    """
    blocks = len(values) // block
    found = []
    for size in dict.fromkeys(blocks // part for part in (8, 4, 2, 1)):
        if size >= min(FEWEST, blocks):
            table = measures(points.iloc[: size * block], values[: size * block])
            found.append(table.assign(size=size))
    return pd.concat(found, ignore_index=True)


def _table(rows: Iterator[tuple[str, str, str, Any, Any]]) -> pd.DataFrame:
    """Rows of name, method, measure, value and half the width of its interval."""
    held = [(name, method, what, float(value), float(wide)) for name, method, what, value, wide in rows]
    return pd.DataFrame([(*row[:4], row[3] - row[4], row[3] + row[4]) for row in held], columns=list(COLUMNS))


def _blocks(points: pd.DataFrame, values: Numbers, size: int) -> list[str]:
    if len(points) != len(values) or len(values) % size or not len(values):
        raise ValueError(f"{len(values)} values of {len(points)} points are not whole blocks of {size}")
    return [str(name) for name in points]


def _still(values: Numbers) -> bool:
    """True if an outcome does not move beyond rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max(initial=0.0))


def _ranks(column: Numbers) -> Numbers:
    from scipy.stats import rankdata

    return np.asarray(rankdata(column), np.float64)


def _coded(column: pd.Series[Any]) -> Numbers:
    """A factor as columns of numbers, (points, columns): itself, or one for each word but the first."""
    if column.dtype.kind in "ifb":
        return column.to_numpy(np.float64)[:, None]
    said = column.astype(object).where(column.notna(), "").astype(str)  # an empty cell: as in the base case
    words = sorted(said.unique())
    return np.stack([(said == word).to_numpy(np.float64) for word in words[1:]], axis=1)


def _shares(groups: dict[str, Numbers], values: Numbers) -> list[float]:
    """Standardised coefficient and unique part of the variance of each factor, and the part that all explain.

    With correlations R of the columns and r with the outcome, coefficients are b = R^-1 r; what a group of columns
    explains beyond all others is b_g' ((R^-1)_gg)^-1 b_g.
    """
    columns = np.column_stack([*groups.values(), values])
    spread = columns.std(axis=0)
    still = spread <= 1e-12 * np.abs(columns).max(axis=0)
    columns = (columns - columns.mean(axis=0)) / np.where(still, 1.0, spread) * ~still
    correlations = columns.T @ columns / len(values)
    inverse = np.linalg.pinv(correlations[:-1, :-1], hermitian=True)
    weights = inverse @ correlations[:-1, -1]
    found: list[float] = []
    place = 0
    for group in groups.values():
        held = slice(place, place + group.shape[1])
        alone = float(weights[held] @ np.linalg.pinv(inverse[held, held], hermitian=True) @ weights[held])
        found += [float(weights[place]) if group.shape[1] == 1 else float("nan"), max(alone, 0.0)]
        place += group.shape[1]
    return [*found, float(weights @ correlations[:-1, -1])]


def measures_of(kind: samplers.Kind) -> tuple[Measures, Callable[[int], int]]:
    """The measures that a kind of design allows, and how many rows belong together for so many factors."""
    if kind == "sobol":
        return sobol, lambda factors: factors + 2
    if kind == "morris":
        return morris, lambda factors: factors + 1
    return regression, lambda _: 1


def leading(measures: pd.Series[str]) -> str:
    """The measure by which factors are ordered, of those that a table has."""
    held = set(measures)
    return next(name for name in ("total", "mu_star", "swing", "unique") if name in held)
