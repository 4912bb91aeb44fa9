"""Simple forecasts that a backtest must stand beside.

Each takes what was known at the origin: units by month and series. A series is a model or a brand. All return cars by
month after the origin: (horizon, series), NaN where a benchmark has nothing to say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from experiments.backtest.panel import Panel
from experiments.backtest.season import Season
from experiments.sales import Cars
from experiments.sales.tables import month_after

Floats = NDArray[np.float64]

LONG_ENOUGH, WINDOW = 10, 48
"""Months that exponential smoothing needs, and the most that it looks at."""
LEAST = 0.01
"""Part of its last value that a forecast in a line keeps."""
LEARNED_FROM = 36
"""Months before the origin that the attraction regression learns from."""
RIDGE = 1.0


def last_value(units: Floats, ratio: Floats) -> Floats:
    """The last month again."""
    return np.tile(units[-1], (len(ratio), 1))


def last_value_season(units: Floats, ratio: Floats) -> Floats:
    """The last month, moved with the season of the whole market; `ratio` (horizon,) in logs."""
    return units[-1] * np.exp(ratio)[:, None]


def seasonal_naive(units: Floats, ratio: Floats) -> Floats:
    """The same month a year before."""
    horizon = len(ratio)
    if len(units) < 12:
        return np.full((horizon, units.shape[1]), np.nan)
    return units[len(units) - 12 + np.arange(horizon) % 12]


def drift(units: Floats, ratio: Floats) -> Floats:
    """The line from the first to the last month listed, drawn on."""
    first = (~np.isnan(units)).argmax(axis=0)
    begun = units[first, np.arange(units.shape[1])]
    step = (units[-1] - begun) / np.maximum(len(units) - 1 - first, 1)
    line = units[-1] + np.arange(1, len(ratio) + 1)[:, None] * step
    return np.maximum(line, LEAST * units[-1])


def smoothing(units: Floats, ratio: Floats, past: Floats) -> Floats:
    """Exponential smoothing with a damped trend of log units without the market's season; `past` (months,) is that.

    Months that do not list a series are bridged. A series of few months is forecast as the last value x season.
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    found = last_value_season(units, ratio)
    for series in np.flatnonzero(~np.isnan(units[-1])):
        line = (np.log(units[:, series]) - past)[-WINDOW:]
        seen = np.flatnonzero(~np.isnan(line))
        if len(seen) < LONG_ENOUGH:
            continue
        line = np.interp(np.arange(seen[0], len(line)), seen, line[seen])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ExponentialSmoothing(line, trend="add", damped_trend=True, initialization_method="estimated")
            ahead = model.fit().forecast(len(ratio))
        found[:, series] = np.exp(ahead + past[-1] + ratio)
    return found


def attraction(panel: Panel, cars: Cars, ratio: Floats) -> Floats:
    """A share-attraction regression (Nakanishi & Cooper 1974) on the models of a panel: (horizon, models).

    Log shares less their mean over the models listed are explained by their own value before, the time since the first
    listing, and price; a horizon has its own regression. The models listed keep their joint share of the market.
    """
    price = np.array([np.log(cars[m].price_cny) if m in cars else np.nan for m in panel.models])
    price = np.nan_to_num(price - np.nanmean(price)) if not np.isnan(price).all() else np.zeros(len(price))
    last, found = len(panel.months) - 1, np.full((len(ratio), len(panel.models)), np.nan)

    def design(t: int, who: NDArray[np.bool_]) -> Floats:
        age = np.log1p(np.maximum(t - panel.first, 0))
        traits = np.stack([panel.share[t], age, price], axis=1)[who]
        return np.asarray(traits - traits.mean(axis=0))

    now = panel.listed[last]
    for h in range(1, len(ratio) + 1):
        x, y = [], []
        for t in range(max(0, last - h + 1 - LEARNED_FROM), last - h + 1):
            both = panel.listed[t] & panel.listed[t + h]
            if both.sum() > 1:
                x.append(design(t, both))
                y.append(panel.share[t + h][both] - panel.share[t + h][both].mean())
        if not x:
            continue
        rows, target = np.concatenate(x), np.concatenate(y)
        slope = np.linalg.solve(rows.T @ rows + RIDGE * np.eye(3), rows.T @ target)
        pull = np.exp(design(last, now) @ slope)
        joint = np.exp(panel.share[last][now]).sum() * panel.total[last] * np.exp(ratio[h - 1])
        found[h - 1, now] = joint * pull / pull.sum()
    return found


SIMPLE: dict[str, Callable[[Floats, Floats], Floats]] = {
    "last value": last_value,
    "last value x season": last_value_season,
    "seasonal naive": seasonal_naive,
    "drift": drift,
}
SMOOTHING, ATTRACTION = "exponential smoothing", "attraction regression"
NAMES = (*SIMPLE, SMOOTHING, ATTRACTION)


def season_of(panel: Panel, horizon: int) -> tuple[Floats, Floats]:
    """Log volume of the months ahead over the last one's (horizon,), and of the months of a panel, (months,)."""
    season, months = Season.of(panel.months, panel.total), panel.months
    ahead = [season.ratio(months[-1], month_after(months[-1], h)) for h in range(1, horizon + 1)]
    return np.array(ahead), np.array([season.ratio(months[0], month) for month in months])


def all_of(units: Floats, panel: Panel, horizon: int) -> dict[str, Floats]:
    """Every benchmark that looks at one series at a time, for some series of a panel's market."""
    ahead, past = season_of(panel, horizon)
    return {name: rule(units, ahead) for name, rule in SIMPLE.items()} | {SMOOTHING: smoothing(units, ahead, past)}
