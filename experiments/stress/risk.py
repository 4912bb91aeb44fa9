"""Risk: what a crisis takes, how bad the worst futures are, and how long it lasts. Pure functions on tables.

A future is one draw of the uncertain values under one seed. Each is lived twice, with the crisis and without it, on the
same luck; what is lost is the difference. Means, quantiles and expected shortfalls run over these futures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments import intervals

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
TAIL = 0.05
"""Part of the futures that counts as the worst."""
FEWEST_IN_TAIL = 5
"""Draws, and seeds, that the worst part holds before anything is said of how sure it is."""
WITHIN, FOR_WEEKS = 0.05, 4
"""A share is back when, over this many weeks, it is at most this part below what it would have been."""
NO_FLOWS = ("share", "order_share", "market_deliveries", "backlog", "informed")
"""Weekly outcomes that are not summed over the weeks."""


class Estimate(NamedTuple):
    """A number with the limits of its 95 % interval."""

    value: float
    low: float
    high: float


def expected_shortfall(losses: ArrayLike, tail: float = TAIL) -> Floats:
    """Mean of the worst part of the losses, along the last axis: conditional value at risk.

    With n losses the worst `tail` n count, the last of them in part (Acerbi and Tasche 2002, eq. 4.12); where that is
    less than one, the worst alone counts. NaN where there are no losses. Raises ValueError for a tail outside (0, 1].

    >>> float(expected_shortfall([1.0, 2.0, 3.0, 4.0], tail=0.5))
    3.5
    >>> float(expected_shortfall([1.0, 2.0, 3.0, 4.0], tail=0.375))
    3.6666666666666665
    """
    if not 0.0 < tail <= 1.0:
        raise ValueError(f"tail: given {tail}; allowed: above 0 and at most 1; choose one within these limits")
    worst_first = -np.sort(-np.asarray(losses, float), axis=-1)
    n = worst_first.shape[-1]
    if n == 0:
        return np.full(worst_first.shape[:-1], np.nan)
    counted = max(tail * n, 1.0)
    weights = np.clip(counted - np.arange(n), 0.0, 1.0)
    result: Floats = worst_first @ weights / counted
    return result


def value_at_risk(losses: ArrayLike, tail: float = TAIL) -> Floats:
    """The loss that a part `tail` of the futures exceeds, along the last axis: a quantile, interpolated in a line.

    >>> float(value_at_risk([0.0, 1.0, 2.0, 3.0, 4.0], tail=0.25))
    3.0
    """
    values = np.asarray(losses, float)
    if values.shape[-1] == 0:
        return np.full(values.shape[:-1], np.nan)
    result: Floats = np.quantile(values, 1.0 - tail, axis=-1)
    return result


def estimates(losses: Floats, tail: float = TAIL) -> dict[str, float]:
    """Mean, value at risk and expected shortfall of losses, (draws, seeds), with the limits of their 95 % intervals.

    By name: `mean, mean_low, mean_high, worst, ..., shortfall, shortfall_low, shortfall_high`. Intervals allow for what
    futures of a draw, and of a seed, have in common (`intervals.crossed`): that of the value at risk from the part of
    the futures above it (Woodruff 1952), that of the shortfall from the losses beyond it. These two have no
    limits (NaN) where the worst part does not hold `FEWEST_IN_TAIL` draws, or seeds, where there are several: a dozen
    draws do not tell how bad the worst in twenty is.
    """
    flat = losses.ravel()
    worst, shortfall, middle = float(value_at_risk(flat, tail)), float(expected_shortfall(flat, tail)), flat.mean()
    half, far = intervals.crossed(losses), all(tail * n >= FEWEST_IN_TAIL for n in losses.shape if n > 1)
    found = {"mean": middle, "mean_low": middle - half, "mean_high": middle + half}
    found |= {name: np.nan for kind in ("worst", "shortfall") for name in (kind, f"{kind}_low", f"{kind}_high")}
    found |= {"worst": worst, "shortfall": shortfall}
    if far and len(flat) > 1:
        above = intervals.crossed(losses > worst)
        low, high = (np.clip(1.0 - tail + sign * above, 0.0, 1.0) for sign in (-1.0, 1.0))
        found["worst_low"], found["worst_high"] = np.quantile(flat, [low, high])
        half = intervals.crossed(np.maximum(losses - worst, 0.0) / tail)
        found["shortfall_low"], found["shortfall_high"] = shortfall - half, shortfall + half
    return {name: float(number) for name, number in found.items()}


def grid(futures: pd.DataFrame, value: str) -> Floats:
    """The column `value` as a table of draws by seeds, in rising order of both; NaN where there is no such future."""
    draws, row = np.unique(futures["draw"], return_inverse=True)
    seeds, column = np.unique(futures["seed"], return_inverse=True)
    table = np.full((len(draws), len(seeds)), np.nan)
    table[row, column] = futures[value].to_numpy(float)
    return table


def at_risk(losses: pd.DataFrame, by: Sequence[str], *, value: str = "loss", tail: float = TAIL) -> pd.DataFrame:
    """One row for each group of `by`: what is lost over its futures, with 95 % intervals.

    `losses` has the columns of `by`, `draw`, `seed` and `value`. The result has those of `by`, `futures` (how many
    there are), `tail_futures` (how many the worst part holds), and those of `estimates`. Futures that have no number
    are left out; where that leaves no complete table of draws and seeds, whole draws are left out.
    """
    import pandas as pd

    rows = []
    for key, group in losses.groupby(list(by), sort=False, observed=True):
        table = grid(group, value)
        table = table[:, ~np.isnan(table).all(axis=0)]
        table = table[~np.isnan(table).any(axis=1)]
        shape = (table.shape[0], table.shape[1])
        head = dict(zip(by, key, strict=True)) | {"futures": shape[0] * shape[1]}
        if min(shape) == 0:
            rows.append(head)
            continue
        rows.append(head | {"tail_futures": tail * head["futures"]} | estimates(table, tail))
    return pd.DataFrame(rows)


def means(values: pd.DataFrame, by: Sequence[str], *, value: str = "value") -> pd.DataFrame:
    """One row for each group of `by`: the mean over the futures that have a number, with its 95 % interval.

    `values` has the columns of `by`, `draw`, `seed` and `value`; the result those of `by`, `futures`, `mean`,
    `mean_low`, `mean_high` (NaN of a single future).
    """
    import pandas as pd

    rows = []
    for key, group in values.groupby(list(by), sort=False, observed=True):
        table = grid(group, value)
        there = ~np.isnan(table)
        head = dict(zip(by, key, strict=True)) | {"futures": int(there.sum())}
        if there.any():
            mean, half = float(table[there].mean()), intervals.crossed(table)
            head |= {"mean": mean, "mean_low": mean - half, "mean_high": mean + half}
        rows.append(head)
    columns = [*by, "futures", "mean", "mean_low", "mean_high"]
    return pd.DataFrame(rows).reindex(columns=columns)


def lost_within(
    world: Mapping[str, Floats], without: Mapping[str, Floats], begins: int, horizon: int
) -> dict[str, float]:
    """What one future lost over `horizon` weeks from the week `begins` on, by measure; below 0: won.

    Both hold weekly arrays, (weeks,), by the names of `experiments.outcomes.weekly`. Flows and profit are summed;
    shares are those of the whole time, in deliveries (`share`) and, as the mean of its weeks, in orders; trust is that
    of the last week. `share_without` is no loss but what the share would have been.
    """
    span = slice(begins, begins + horizon)
    lost = {}
    for name, series in without.items():
        if name in world and name not in NO_FLOWS:
            of_world, of_other = world[name][span], series[span]
            at_end = name.startswith("trust.")
            lost[name] = float(of_other[-1] - of_world[-1] if at_end else of_other.sum() - of_world.sum())
    lost["share_without"] = _share(without, span)
    lost["share"] = lost["share_without"] - _share(world, span)
    lost["order_share"] = float(np.nan_to_num(without["order_share"][span]).mean()) - float(
        np.nan_to_num(world["order_share"][span]).mean()
    )
    return lost


def _share(weekly: Mapping[str, Floats], span: slice) -> float:
    """Share of deliveries over some weeks; NaN if nothing was delivered."""
    everything = weekly["market_deliveries"][span].sum()
    return float(weekly["deliveries"][span].sum() / everything) if everything > 0.0 else float("nan")


def recovery_weeks(
    world: ArrayLike, without: ArrayLike, begins: int, within: float = WITHIN, weeks: int = FOR_WEEKS
) -> float:
    """Weeks from `begins` until a share is back: over `weeks` weeks at most `within` below what it would have been.

    0 if it never fell below; infinite if it is not back before the run ends (censored). Both are shares by week,
    (weeks,); a week without sales counts as 0, and where nothing would have been sold nothing can be back.

    >>> recovery_weeks([1, 1, .5, .5, .5, 1, 1, 1, 1, 1], [1] * 10, begins=2, weeks=2)
    3.0
    >>> recovery_weeks([1, 1, .5, .5, .5, .5], [1] * 6, begins=2, weeks=2)
    inf
    """
    here, there = (np.nan_to_num(np.asarray(series, float))[begins:] for series in (world, without))
    if len(here) < weeks:
        return float("inf")
    together = np.ones(weeks)
    now, usual = np.convolve(here, together, "valid"), np.convolve(there, together, "valid")
    below = now < (1.0 - within) * usual - 1e-12
    fallen = np.flatnonzero(below)
    if len(fallen) == 0:
        return 0.0
    again = np.flatnonzero((~below & (usual > 0.0))[fallen[0] :])
    return float(fallen[0] + again[0]) if len(again) else float("inf")


def recoveries(weeks: ArrayLike, followed: int) -> dict[str, float]:
    """What recovery times of several futures say together: `median`, a part `never_fell`, a part `not_back`.

    The median is over those that fell: infinite where less than half of them came back, NaN where none fell;
    `followed` is the number of weeks after the crisis that were simulated, at which the others are censored.
    """
    times = np.asarray(weeks, float)
    if len(times) == 0:
        return {"median": np.nan, "never_fell": np.nan, "not_back": np.nan, "followed": float(followed), "futures": 0.0}
    fell = np.sort(times[times > 0.0])
    middle = fell[[(len(fell) - 1) // 2, len(fell) // 2]] if len(fell) else np.array([np.nan])
    median = float("inf") if np.isinf(middle).any() else float(middle.mean())
    parts = {"never_fell": float((times == 0.0).mean()), "not_back": float(np.isinf(times).mean())}
    return {"median": median, **parts, "followed": float(followed), "futures": float(len(times))}
