"""New models: what a model without history will sell in its first months, from its attributes and price alone.

At the month before a model is first listed the market of that month is fitted. How much the model will be liked beyond
what consumers' tastes say of its price, range and charging is its constant. The constants that would have given earlier
launches the share they got are explained by price, and the new model gets the constant that its price implies. What the
market then says is trusted as far as earlier predictions of it have proved right.

The constants of this file were chosen on the launches of 2019 to 2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.backtest import dynamics
from experiments.backtest.contestants import UNLISTED, contestant, on_sale, rest_of
from experiments.backtest.panel import Panel
from experiments.backtest.season import Season
from experiments.backtest.structure import AWAY, Shares, Stage, contract
from experiments.sales import Cars
from experiments.sales.sales import Model
from experiments.sales.tables import month_after
from market import Case, Market

Floats = NDArray[np.float64]

MONTHS = 6
"""That a launch is judged by."""
FEWEST_MONTHS = 3
"""Known months with which a young launch is judged all the same."""
FEWEST_PAST = 5
"""Launches that a prediction learns from."""
FEWEST_TESTED = 3
"""Earlier predictions from which their worth is judged."""
RIDGE = 5.0
"""Launches that speak for price not mattering."""
GROWTH = 0.5
"""Part of a market's growth that makes a launch larger; the rest makes more models."""
PRIOR, WORTH = 0.25, 5.0
"""Trust in the structure before it has been tested, and the squared log points of predictions that weigh as much."""
CONSUMERS = 5_000
GRID = np.linspace(-16.0, 16.0, 33)
"""Constants at which the share of a new model is worked out, less the mean constant of the cars on sale."""
MINIMAL = 1e-6


@dataclass(frozen=True)
class Launch:
    """A model when it was first listed: what could be known before, what came after, and its market."""

    model: Model
    month: str
    at: int
    """place of that month"""
    price: float
    """log, CNY"""
    market: float
    """log of the cars a month of the year before"""
    volume: float
    """cars a month in its first months; a month that does not list it counts half of the smallest listed"""
    share: float
    months: int
    """of them that are known"""
    ahead: float
    """cars a month of the whole market that its season promised"""
    curve: Floats
    """(grid,) expected share of all cars at each constant of `GRID`"""
    middle: float
    """what `GRID` is counted from: the mean constant of the cars on sale"""

    def constant(self) -> float:
        """The constant that gives the share it got."""
        return self.middle + float(np.interp(np.log(self.share), np.log(self.curve), GRID))

    def share_at(self, constant: float) -> float:
        """The share that a constant gives."""
        return float(np.exp(np.interp(constant - self.middle, GRID, np.log(self.curve))))


def newcomers(panel: Panel, cars: Cars) -> tuple[dict[int, list[Model]], tuple[Model, ...]]:
    """Models by the place of the month that first lists them, and those of which the cars file says nothing.

    Whoever the first month of all lists is no newcomer.
    """
    found: dict[int, list[Model]] = {}
    for model, first in zip(panel.models, panel.first, strict=True):
        if first > 0 and model in cars:
            found.setdefault(int(first), []).append(model)
    later = [model for model, first in zip(panel.models, panel.first, strict=True) if first > 0]
    return found, cars.missing(later)


def look(task: tuple[int, Sequence[Model]], panel: Panel, base: Case, cars: Cars, consumers: int) -> list[Launch]:
    """The launches of one month: fit the market of the month before and lay the newcomers into it, one at a time."""
    at, models = task
    known = panel.until(at - 1)
    listed, _ = on_sale(known, dynamics.learn(known, 1), cars)
    old = [*listed, *rest_of(base, listed, cars)]
    new = [contestant(f"n{place:02d}", cars[model], MINIMAL, 0.0, model) for place, model in enumerate(models)]
    market = Market(Stage(base, (*old, *new), known.months[-1], MONTHS, consumers).case(), rng=1)
    shares = Shares(market)
    market.close()
    constants = contract(shares, {car.key: car.share for car in old})
    index = shares.index
    settled = np.full(len(index), AWAY)
    settled[[index[key] for key in constants]] = list(constants.values())
    middle = float(np.mean(list(constants.values())))
    found = []
    for car, model in zip(new, models, strict=True):
        settled[index[car.key]] = middle
        curve = shares.of_newcomer(car.key, settled, middle + GRID)
        settled[index[car.key]] = AWAY
        found.append(_launch(model, at, panel, cars, np.maximum(curve, 1e-12), middle))
    return found


def _launch(model: Model, at: int, panel: Panel, cars: Cars, curve: Floats, middle: float) -> Launch:
    place, known = panel.models.index(model), panel.until(at - 1)
    smallest = UNLISTED * np.exp(panel.smallest[at : at + MONTHS])
    share = np.exp(panel.share[at : at + MONTHS, place])
    share = np.where(np.isnan(share), smallest, share)
    season, last = Season.of(known.months, known.total), known.months[-1]
    ahead = [known.total[-1] * np.exp(season.ratio(last, month_after(last, h))) for h in range(1, MONTHS + 1)]
    return Launch(
        model, panel.months[at], at, float(np.log(cars[model].price_cny)), float(np.log(known.total[-12:].mean())),
        float((share * panel.total[at : at + MONTHS]).mean()), float(share.mean()), len(share), float(np.mean(ahead)),
        curve, middle,
    )  # fmt: skip


def predict(launches: Sequence[Launch], since: str) -> pd.DataFrame:
    """Each launch from a month on, predicted from those whose first months were over by then: one row each.

    Columns: month, series, months, actual, predicted, low_90, high_90 (cars a month), average (the mean of the past
    launches), share and predicted_share, trusted (the part of the structure's say), learned_from (launches). Launches
    with too little before or after them have no row.
    """
    rows, said = [], dict[Model, float]()
    for launch in sorted(launches, key=lambda one: (one.at, one.model)):
        past = [other for other in launches if other.at + MONTHS <= launch.at]
        if len(past) < FEWEST_PAST:
            continue
        said[launch.model] = structural(launch, past)
        if launch.month < since or launch.months < FEWEST_MONTHS:
            continue
        cars, sd, trusted = weighed(launch, past, said)
        low, high = (float(np.exp(cars + z * sd)) for z in (-1.6449, 1.6449))
        rows.append({
            "month": launch.month, "series": " ".join(launch.model), "months": launch.months, "actual": launch.volume,
            "predicted": float(np.exp(cars)), "low_90": low, "high_90": high,
            "average": float(np.mean([other.volume for other in past])), "share": launch.share,
            "predicted_share": float(np.exp(cars)) / launch.ahead, "trusted": trusted, "learned_from": len(past),
        })  # fmt: skip
    return pd.DataFrame(rows)


def structural(launch: Launch, past: Sequence[Launch]) -> float:
    """What the fitted market says of a launch, in log cars a month.

    Its constant is what price implies in a ridge regression over past launches. Were price not to matter, half of a
    market's growth would go to larger volumes of a launch and half to more models.
    """
    x = np.array([other.price for other in past])
    y = np.array([other.constant() + GROWTH * other.market for other in past])
    wide = max(float(x.std()), 1e-9)
    z = (x - x.mean()) / wide
    slope = float(z @ (y - y.mean()) / (z @ z + RIDGE))
    constant = y.mean() + slope * (launch.price - x.mean()) / wide - GROWTH * launch.market
    return float(np.log(launch.share_at(constant) * launch.ahead))


def weighed(launch: Launch, past: Sequence[Launch], said: Mapping[Model, float]) -> tuple[float, float, float]:
    """The structure's say, trusted as far as it has proved right: log cars a month, their sd, and the trust.

    The trust is the slope of past launches' volumes on what had been said of each beforehand, drawn towards `PRIOR`.
    """

    def less(value: float, one: Launch) -> float:
        return value - GROWTH * one.market

    tested = [other for other in past if other.model in said]
    own = less(said[launch.model], launch)
    if len(tested) < FEWEST_TESTED:
        y = np.array([less(np.log(other.volume), other) for other in past])
        level, trusted, sd = y.mean() + PRIOR * (own - y.mean()), PRIOR, float(y.std(ddof=1))
    else:
        y = np.array([less(np.log(other.volume), other) for other in tested])
        x = np.array([less(said[other.model], other) for other in tested])
        apart = x - x.mean()
        trusted = float((apart @ (y - y.mean()) + PRIOR * WORTH) / (apart @ apart + WORTH))
        level = y.mean() + trusted * (own - x.mean())
        sd = float(np.std(y - y.mean() - trusted * apart, ddof=1)) * (1.0 + 1.0 / len(y)) ** 0.5
    return float(level + GROWTH * launch.market), sd, trusted


def summary(found: pd.DataFrame) -> dict[str, float]:
    """Scores of the predictions: rank correlations with 90 % intervals, median absolute log errors, coverage."""
    names = ("rank_correlation", "share_rank_correlation")
    if len(found) < FEWEST_PAST:
        return {"launches": float(len(found))}
    scores: dict[str, float] = {"launches": float(len(found))}
    for name, actual, predicted in ((names[0], "actual", "predicted"), (names[1], "share", "predicted_share")):
        of_both = rank_correlation(found[actual], found[predicted])
        scores |= dict(zip((name, f"{name}_low", f"{name}_high"), of_both, strict=True))
    average = rank_correlation(found["actual"], found["average"])
    inside = found["actual"].between(found["low_90"], found["high_90"])
    return scores | {
        "average_rank_correlation": average[0],
        "median_abs_log_error": _median_error(found, "predicted"),
        "average_median_abs_log_error": _median_error(found, "average"),
        "covers_90": float(inside.mean()),
    }


def _median_error(found: pd.DataFrame, name: str) -> float:
    """Median absolute log error of a column."""
    return float(np.median(np.abs(np.log(found[name].to_numpy(float) / found["actual"].to_numpy(float)))))


def rank_correlation(first: pd.Series[float], second: pd.Series[float]) -> tuple[float, float, float]:
    """Spearman's rank correlation with a 90 % interval (Fisher's z with the error of Bonett & Wright 2000, eq. 3)."""
    r = float(first.rank().corr(second.rank()))
    width = 1.6449 * ((1.0 + r**2 / 2.0) / max(len(first) - 3, 1)) ** 0.5
    z = np.arctanh(np.clip(r, -0.9999, 0.9999))
    return r, float(np.tanh(z - width)), float(np.tanh(z + width))
