"""Tables of a comparison, made of the outcomes of single runs; pure functions, the same for one worker or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import intervals
from experiments.compare import attribution
from experiments.intervals import Running
from market.calendar import DAYS

if TYPE_CHECKING:
    from experiments.compare.what_if import Cause
    from market import Case
    from market.calendar import Calendar

Floats = NDArray[np.float64]
SHOWN_AS = ("alone", "last", "shapley")


@dataclass(frozen=True)
class Values:
    """Outcomes of single runs, by seed and world, and which of them are looked at."""

    names: tuple[str, ...]
    seeds: tuple[int, ...]
    found: Mapping[tuple[int, int], Mapping[str, float]]
    other: int
    """the what-if world"""

    def of(self, world: int, seeds: Sequence[int] | None = None) -> Floats:
        """Outcomes of a world: (seeds, outcomes); NaN for what it does not have, as of an organisation that is gone."""
        some = self.seeds if seeds is None else seeds
        rows = [[self.found[seed, world].get(name, np.nan) for name in self.names] for seed in some]
        return np.array(rows, float).reshape(len(rows), len(self.names))


def pairs_table(values: Values) -> pd.DataFrame:
    """Every outcome of every pair, seed by seed."""
    base, other = values.of(0), values.of(values.other)
    return pd.DataFrame(
        {
            "seed": np.repeat(np.array(values.seeds, np.int64), len(values.names)),
            "outcome": np.tile(np.array(values.names, object), len(values.seeds)),
            "base": base.ravel(),
            "what_if": other.ravel(),
            "difference": (other - base).ravel(),
        }
    )


def effects_table(values: Values, *, sequential: bool = False) -> pd.DataFrame:
    """Mean difference of each outcome with its intervals.

    Means of base and what-if are over the pairs in which both have a number.
    """
    base, other = values.of(0), values.of(values.other)
    difference = other - base
    gone = np.isnan(difference)
    before = intervals.mean(np.where(gone, np.nan, base))
    effect = intervals.mean(difference)
    t, resampled = intervals.student(difference, sequential=sequential), intervals.bootstrap(difference)
    return pd.DataFrame(
        {
            "outcome": np.array(values.names, object),
            "base": before,
            "what_if": intervals.mean(np.where(gone, np.nan, other)),
            "difference": effect,
            "t_low": t.low,
            "t_high": t.high,
            "bootstrap_low": resampled.low,
            "bootstrap_high": resampled.high,
            "relative": np.divide(effect, np.abs(before), out=np.full_like(effect, np.nan), where=before != 0.0),
            "pairs": (~gone).sum(axis=0).astype(np.int64),
        }
    )


def weeks_table(
    running: Mapping[str, tuple[Running, Running, Running]], calendar: Calendar, *, sequential: bool = False
) -> pd.DataFrame:
    """Weekly outcomes of both worlds and their difference with its t interval, series by series."""
    dates = pd.to_datetime([calendar.date_of(week * DAYS) for week in range(calendar.weeks)])
    columns = ("week", "date", "series", "base", "what_if", "difference", "low", "high")
    tables = []
    for name, (base, other, difference) in running.items():
        limits = difference.interval(sequential=sequential)
        each = (np.arange(len(dates)), dates, name, base.mean(), other.mean(), difference.mean(), *limits)
        tables.append(pd.DataFrame(dict(zip(columns, each, strict=True))))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))


def causes_table(values: Values, causes: Sequence[Cause], seeds: Sequence[int], case: Case) -> pd.DataFrame:
    """What each cause adds to each outcome where it is at work: alone, last, and as a Shapley value, with t intervals.

    `whole` is base less what-if, which the Shapley values of the causes add up to exactly; `part` is a cause's part of
    it. `seeds` are those in which every world was run; without any, or without causes, there are no rows.
    """
    limits = [f"{kind}{end}" for kind in SHOWN_AS for end in ("", "_low", "_high")]
    columns = ["outcome", "cause", "title_en", "title_zh", *limits, "whole", "part", "seeds"]
    if not causes or not seeds:
        return pd.DataFrame(columns=columns)
    k = len(causes)
    by_seed = np.array([_parts_of(values, seed, k) for seed in seeds])  # (seeds, kinds, causes, outcomes)
    by_seed = np.where(np.isnan(by_seed).any(axis=(1, 2), keepdims=True), np.nan, by_seed)
    flat = by_seed.reshape(len(seeds), -1)
    shape = by_seed.shape[1:]
    middle = intervals.mean(flat).reshape(shape)
    low, high = (limit.reshape(shape) for limit in intervals.student(flat))
    middle[2] = attribution.additive(middle[2])
    whole = middle[2].sum(axis=0)
    part = np.divide(middle[2], whole, out=np.full(shape[1:], np.nan), where=whole != 0.0)
    rows = []
    for n, name in enumerate(values.names):
        for c, cause in enumerate(causes):
            numbers = [table[kind, c, n] for kind in range(3) for table in (middle, low, high)]
            known = int((~np.isnan(by_seed[:, 0, c, n])).sum())
            titles = case.told(cause.title, "en"), case.told(cause.title, "zh")
            rows.append([name, cause.name, *titles, *numbers, whole[n], part[c, n], known])
    return pd.DataFrame(rows, columns=columns)


def _parts_of(values: Values, seed: int, causes: int) -> Floats:
    worlds = attribution.worlds_for(causes, seed)
    return attribution.parts({world: values.of(world, [seed])[0] for world in worlds}, causes, seed)


def worlds_table(values: Values, causes: Sequence[Cause], seeds: Sequence[int]) -> pd.DataFrame:
    """Every outcome of every world that was run for an attribution; `world` names the causes that are off."""
    tables = []
    for seed in seeds if causes else ():
        for world in attribution.worlds_for(len(causes), seed):
            off = "+".join(cause.name for c, cause in enumerate(causes) if world >> c & 1)
            outcomes = np.array(values.names, object)
            numbers = values.of(world, [seed])[0]
            tables.append(pd.DataFrame({"seed": seed, "world": off or "base", "outcome": outcomes, "value": numbers}))
    columns = ["seed", "world", "outcome", "value"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
