"""Stylised facts: regularities of car markets, measured alike on real sales and on simulated deliveries.

All are functions of one table, months x models, of shares of the whole market, so that the season does not count. A
model that is not listed in a month is missing (NaN), which is not zero: real lists hold the best sellers only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.validate.evidence import Moments, by_month
from market import Case, Market

LISTED = 0.008
"""Share of the market from which a model is listed, about that of the last of twenty best sellers in 2025."""
SINCE = "2022-01"
"""First month of real sales that is used: before, fewer models were listed and most were sold to fleets."""
HIT_MONTHS = 8
"""Months in which a hit must be listed."""
TOP, YEAR = 5, 12
LOOK_WEEK = 26


def shares_of_sales(sales: pd.DataFrame) -> pd.DataFrame:
    """Shares from a sales file (month, brand, model, units), whose row `other` holds what is not listed by model."""
    total = sales.groupby("month")["units"].sum()
    listed = sales[sales["brand"] != "other"]
    name = listed["brand"] + " " + listed["model"]
    units = listed.assign(name=name).pivot_table(index="month", columns="name", values="units", aggfunc="sum")
    return units.div(total, axis=0).loc[SINCE:]


def shares_of_market(market: Market) -> pd.DataFrame:
    """Shares of the single cars of a market that has run in all that was delivered; small ones are not listed."""
    cars = market.catalogue.cars
    table = by_month(market.ledger.by_car("deliveries"), market.case.calendar.start, list(cars))
    share = table.div(table.sum(axis=1), axis=0)
    single = [key for key, car in cars.items() if not car.aggregate]
    return share[single].where(share[single] >= LISTED)


def hits(share: pd.DataFrame) -> list[NDArray[np.float64]]:
    """Histories of the models that came to the list within the table and stayed long, from their first month on."""
    found = []
    for name in share:
        history = share[name].to_numpy(float)
        listed = np.flatnonzero(np.isfinite(history))
        if len(listed) >= HIT_MONTHS and listed[0] >= 2:
            found.append(history[listed[0] :])
    return found


def ramp_and_decline(share: pd.DataFrame) -> Moments:
    """Medians over hits: months to 80 % of the peak, months to the peak, share four to six months after it.

    Hits whose peak is in the last month watched are left out, since they may still rise.

    >>> months = [f"2025-{m:02}" for m in range(1, 13)] + ["2026-01"]
    >>> history = [np.nan, np.nan, 0.01, 0.02, 0.04, 0.09, 0.1, 0.08, 0.07, 0.06, 0.06, 0.06, 0.06]
    >>> found = ramp_and_decline(pd.DataFrame({"a": history}, index=months))
    >>> {key: round(value, 9) for key, value in found.items()}
    {'ramp_months': 4.0, 'peak_months': 5.0, 'after_peak': 0.6, 'hits': 1.0}
    """
    lives = [life for life in hits(share) if np.nanargmax(life) < len(life) - 1]
    ramp = [float(np.flatnonzero(life >= 0.8 * np.nanmax(life))[0] + 1) for life in lives]
    peak = [float(np.nanargmax(life) + 1) for life in lives]
    later = [(life[np.nanargmax(life) + 4 : np.nanargmax(life) + 7], np.nanmax(life)) for life in lives]
    after = [float(np.nanmean(sold) / top) for sold, top in later if len(sold) == 3 and np.isfinite(sold).any()]
    return {
        "ramp_months": _median(ramp), "peak_months": _median(peak), "after_peak": _median(after),
        "hits": float(len(lives)),
    }  # fmt: skip


def volatility(share: pd.DataFrame) -> float:
    """Robust standard deviation (1.4826 x median absolute deviation) of monthly changes of the log share.

    >>> share = pd.DataFrame({"a": [0.1, 0.2, 0.2], "b": [0.1, 0.05, 0.05]})
    >>> round(volatility(share), 4)
    0.5138
    """
    change = np.diff(np.log(share.to_numpy(float)), axis=0).ravel()
    change = change[np.isfinite(change)]
    if len(change) == 0:
        return float("nan")
    return float(1.4826 * np.median(np.abs(change - np.median(change))))


def persistence(share: pd.DataFrame, months: int) -> float:
    """Part of the five best models of a month that are still among the five best some months later.

    >>> share = pd.DataFrame([[6, 5, 4, 3, 2, 1.0], [6, 5, 4, 3, 1.0, 2]], columns=list("abcdef"))
    >>> persistence(share, 1)
    0.8
    """
    best = [set(row.dropna().nlargest(TOP).index) for _, row in share.iterrows()]
    kept = [len(first & later) / TOP for first, later in zip(best, best[months:], strict=False)]
    return float(np.mean(kept)) if kept else float("nan")


def double_jeopardy(market: Market) -> float:
    """Rank correlation over brands between share of buyers and share of the brand's drivers who would choose it again.

    Small brands have fewer buyers, who are also less loyal (Ehrenberg, Goodhardt & Barwise 1990). Asked of the market
    as it stands: expected choices of the drivers of each brand, without drawing anything.
    """
    catalogue, demand = market.catalogue, market.demand
    driven = market.consumers.columns["car"]
    rows = np.flatnonzero(driven >= 0)
    single = [b for b, brand in enumerate(catalogue.brands) if not _is_rest(market, brand)]
    brand_of_offer = catalogue.brand_of_car[catalogue.car_of]
    share: list[float] = []
    again: list[float] = []
    for brand in single:
        drivers = rows[catalogue.brand_of_car[driven[rows]] == brand]
        if len(drivers) == 0:
            continue
        for group, found in ((rows, share), (drivers, again)):
            chosen = demand.expected_shares(group, market.book.weight(group))[:-1]
            found.append(float(chosen[brand_of_offer == brand].sum()))
    return float(pd.Series(share).corr(pd.Series(again), method="spearman"))


def _is_rest(market: Market, brand: str) -> bool:
    return all(car.aggregate for car in market.catalogue.cars.values() if car.brand == brand)


def of_shares(share: pd.DataFrame) -> Moments:
    """All facts that a table of shares tells."""
    found = ramp_and_decline(share) | {"volatility": volatility(share), "kept_a_month": persistence(share, 1)}
    return found | {"kept_a_year": persistence(share, YEAR)}


def facts(case: Case, seed: int, consumers: int | None = None) -> Moments:
    """The stylised facts of one run of a case."""
    market = Market(case if consumers is None else case.change({"population.consumers": consumers}), rng=seed)
    market.run(LOOK_WEEK)
    found = {"double_jeopardy": double_jeopardy(market)}
    found |= of_shares(shares_of_market(market.run()))
    market.close()
    return found


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else float("nan")
