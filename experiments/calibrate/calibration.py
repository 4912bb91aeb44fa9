"""A case fitted to real sales: constants by contraction, dynamic parameters by simulation, and how sure both are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate import simulations
from experiments.calibrate.build import MOST_MODELS, Built, market_of
from experiments.calibrate.inference import LEVEL, learn
from experiments.calibrate.levels import Levels
from experiments.calibrate.moments import meaning, moments, observed
from experiments.calibrate.outcome import case_of
from experiments.calibrate.recovery import coverage, recover
from experiments.calibrate.settling import settle
from experiments.calibrate.simulations import Setting, Simulated
from experiments.sales import Cars, Sales
from experiments.sales.tables import month_after, months_between
from market import Case, CaseError, Fault

Floats = NDArray[np.float64]
CONSUMERS, SIMULATIONS, MONTHS = 50_000, 400, 24
"""By default: consumers of the fitted case, simulations of the table, months before the last one that are used."""
FEWEST_MONTHS = 8
PREDICTIONS = 20
"""Markets with parameters drawn from the posterior, to set beside the data."""
AHEAD_WEEKS = 52
"""Weeks beyond the last month that the fitted case runs on."""


@dataclass(frozen=True)
class Calibration:
    """What was fitted, to what, and how well."""

    case: Case
    built: Built
    parameters: pd.DataFrame
    """one row a parameter: prior, median, interval, learned; see `Posterior.table`"""
    constants: pd.DataFrame
    """one row a car: target and fitted share, constant, interval"""
    moments: pd.DataFrame
    """one row a moment: in the data, and in markets drawn from the posterior"""
    shares: pd.DataFrame
    """one row a month and car: share in the data (missing: not listed), and in markets drawn from the posterior"""
    recovery: pd.DataFrame
    coverage: pd.DataFrame
    simulations: pd.DataFrame
    consumers: int
    count: int


def window(sales: Sales, until: str, months: int) -> str:
    """The first of some months that end with `until`. Raises CaseError where there are too few to say anything."""
    seen = sales.until(until).months
    first = max(month_after(until, 1 - months), seen[0])
    if (length := months_between(first, until) + 1) < FEWEST_MONTHS:
        given = f"given {until}, {length} months after the sales begin"
        allowed = f"at least {FEWEST_MONTHS} months are needed"
        raise CaseError([Fault("--until", given, allowed, "choose a later month, or give longer sales")])
    return first


def calibrate(
    base: Case, sales: Sales, cars: Cars, until: str, *, months: int = MONTHS, consumers: int = CONSUMERS,
    count: int = SIMULATIONS, workers: int = 1, seed: int = 1, most: int = MOST_MODELS,
    sizes: tuple[int, int] = (simulations.CONSUMERS, simulations.SAMPLE),
    on_done: Callable[[], None] = lambda: None, made: pd.DataFrame | None = None,
) -> Calibration:  # fmt: skip
    """Fit the market of `base` to the sales of the `months` that end with `until`, and say how sure that is.

    `count` simulations of `sizes` (consumers, and of them those whose choices are worked out) make the table from
    which everything is learned; `made` is such a table, if there is one. Raises CaseError if nothing can be fitted.
    """
    first = window(sales, until, months)
    built = market_of(base, sales, cars, first, until, most)
    of = simulations.setting(base, built, sales, *sizes)
    table = simulations.table(of, count, workers, seed, on_done) if made is None else made
    data = moments(observed(built, sales, of.at.keys), of.at, sales.total.reindex(list(of.at.months)))
    learner = learn(table, of.parameters, data)
    posterior = learner.posterior(data)
    predicted = [
        simulations.simulate(of, values, seed + count + n)
        for n, values in enumerate(posterior.draws(PREDICTIONS, seed))
    ]
    found = posterior.table()
    best = dict(zip(found["parameter"], found["median"], strict=True))
    levels, sold = settle(of, best, consumers)
    recovered = recover(table, of.parameters)
    constants = _constants(of, levels, sold, predicted)
    case = case_of(of, best, levels, found, constants, cars, consumers, AHEAD_WEEKS)
    return Calibration(
        case, built, found, constants, _moments(data, predicted, learner.names), _shares(of, sales, predicted),
        recovered, coverage(recovered, of.parameters), table, consumers, len(table),
    )  # fmt: skip


def _constants(of: Setting, levels: Levels, sold: Mapping[str, float], predicted: list[Simulated]) -> pd.DataFrame:
    """Constants in the months they were fitted to; their intervals are those of what the parameters leave open."""
    spread = np.array([one.levels.at_target for one in predicted])
    rows = []
    for place, key in enumerate(sorted(of.bare.cars)):
        target = of.found.get(key)
        model = of.built.model_of.get(key)
        low, high = np.quantile(spread[:, place], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        rows.append(
            {
                "car": key, "brand": model.brand if model else "", "model": model.model if model else "",
                "new": bool(target and target.new), "months_listed": target.listed if target else 0,
                "target": target.share if target else np.nan, "fitted": sold.get(key, np.nan),
                "constant": levels.at_target[place],
                "low": low, "high": high,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _moments(data: Mapping[str, float], predicted: list[Simulated], used: tuple[str, ...]) -> pd.DataFrame:
    rows = []
    for name, value in data.items():
        seen = np.array([one.moments.get(name, np.nan) for one in predicted])
        low, middle, high = np.nanquantile(seen, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        rows.append(
            {
                "moment": name, "meaning": meaning(name), "data": value, "low": low, "median": middle, "high": high,
                "inside": bool(low <= value <= high), "used": name in used,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _shares(of: Setting, sales: Sales, predicted: list[Simulated]) -> pd.DataFrame:
    real = observed(of.built, sales, of.at.keys).to_numpy(float)
    paths = np.array(
        [one.path.shares().reindex(index=list(of.at.months), columns=list(of.at.keys)).to_numpy() for one in predicted]
    )
    low, middle, high = np.quantile(paths, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=0)
    rows = [
        {
            "month": month, "car": key, "share": real[m, k],
            "low": low[m, k], "median": middle[m, k], "high": high[m, k],
        }
        for m, month in enumerate(of.at.months) for k, key in enumerate(of.at.keys)
    ]  # fmt: skip
    return pd.DataFrame(rows)
