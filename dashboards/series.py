"""Tables in, compact series out: what the browser needs to play a market that has already been simulated.

Pure functions of the ledger's tables and the case. A market of two years becomes one JSON text of some tens of
kilobytes, sent once; names and colours travel apart, so that a change of language or of names sends no series again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards import address, history, names
from market import Case
from market.agenda import without_consequence

FEWEST_CONSUMERS = 30.0
"""Effective consumers below which a figure is shown grey."""

FIRST_WEEKS = 13
"""A market can be played after so many weeks, while the rest is still being simulated."""

FLOWS = ("reservations", "orders", "cancellations", "deliveries")
"""What a row of the sales table records of its consumers."""

TOTALS = ("orders", "deliveries", "backlog")

Floats = NDArray[np.float64]


class Sold(NamedTuple):
    """Deliveries by week and group with what their sampling error takes: two arrays (weeks, groups)."""

    ids: list[str]
    households: Floats
    squares: Floats
    """Sum of squared weights, households squared."""


def sold(sales: pd.DataFrame, by: str, weeks: Sequence[int], flow: str = "deliveries") -> Sold:
    """Deliveries, or another flow, by week and by one column of the sales table.

    With weights w, n = sum(w)^2 / sum(w^2) consumers are effectively behind a figure (Kish 1965), and sum(w^2) adds up
    over rows. The table gives n for all that was recorded in a row - reservations, orders, cancellations, deliveries -
    so each flow is taken to have the row's mean weight. `weeks` ascend and hold every week of the table.
    """
    amount, behind = sales[flow].to_numpy(float), sales["consumers_behind"].to_numpy(float)
    recorded = sales[list(FLOWS)].to_numpy(float).sum(axis=1)
    squares = amount * np.divide(recorded, behind, out=np.zeros_like(amount), where=behind > 0)
    group_of, found = _places(sales[by])
    at = (np.searchsorted(np.asarray(weeks), sales["week"].to_numpy()), group_of)
    grid = np.zeros((2, len(weeks), len(found)))
    np.add.at(grid[0], at, amount)
    np.add.at(grid[1], at, squares)
    return Sold(found, grid[0], grid[1])


def _places(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """Where in the order of their names the entries of a column are, and the names that it holds."""
    if isinstance(column.dtype, pd.CategoricalDtype):  # names are few, entries many
        codes, categories = column.cat.codes.to_numpy(), [str(name) for name in column.cat.categories]
        there = sorted({categories[code] for code in np.unique(codes)})
        return np.array([there.index(name) if name in there else -1 for name in categories])[codes], there
    codes, found = pd.factorize(column.astype(str), sort=True)
    return codes, [str(name) for name in found]


def by_role(cars: Sold, case: Case, function: str) -> Sold:
    """Deliveries divided among the organisations that hold a role in each car, by their parts of it.

    For the definition this is definition power: who defines the cars that people drive.
    """
    holders = [case.cars[key].holders(function) for key in cars.ids]
    ids = sorted({organisation for row in holders for organisation in row})
    parts = np.array([[row.get(organisation, 0.0) for organisation in ids] for row in holders])
    return Sold(ids, cars.households @ parts, cars.squares @ parts**2)


def trailing(values: Floats, mean: int) -> Floats:
    """Sums over each week and the weeks before it, `mean` weeks in all, fewer at the start: (weeks, groups).

    >>> trailing(np.array([[1.0], [2.0], [4.0]]), 2).ravel()
    array([1., 3., 6.])
    """
    total = np.cumsum(values, axis=0)
    total[mean:] -= total[:-mean].copy()
    return total


def effective(amount: Floats, squares: Floats) -> Floats:
    """Effective number of consumers behind weighted amounts (Kish 1965): the square of the sum per sum of squares."""
    return np.divide(amount**2, squares, out=np.zeros_like(amount), where=squares > 0)


def percent(amount: Floats) -> Floats:
    """Each group's part of its week's total in percent; a week without any has none: (weeks, groups)."""
    total = amount.sum(axis=1, keepdims=True)
    return np.divide(100.0 * amount, total, out=np.zeros_like(amount), where=total > 0)


def spans(flags: NDArray[np.bool_]) -> list[list[int]]:
    """First and last place of each run of true values.

    >>> spans(np.array([True, True, False, True]))
    [[0, 1], [3, 3]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return [[int(first), int(last) - 1] for first, last in edges.reshape(-1, 2)]


def group(deliveries: Sold, focal: Sequence[str]) -> dict[str, Any]:
    """Shares by group for each mean: hundredths of a percent, and the spans of weeks that rest on too few consumers.

    Groups come in the order in which they are stacked: what a platform helps to define first, where a flat base lets
    its change be read, then by size in the first weeks, so that no later part of a run changes it, what stands for
    many last.
    """
    ids, amount, squares = deliveries
    size = amount[:FIRST_WEEKS].sum(axis=0)
    order = sorted(
        range(len(ids)), key=lambda i: (names.stands_for_many(ids[i]), ids[i] not in focal, -size[i], ids[i])
    )
    listed = [ids[i] for i in order]
    out: dict[str, Any] = {
        "ids": listed,
        "many": [key for key in listed if names.stands_for_many(key)],
        "share": {},
        "thin": {},
    }
    for mean in address.MEANS:
        summed, summed_squares = trailing(amount, mean)[:, order], trailing(squares, mean)[:, order]
        thin = (summed > 0) & (effective(summed, summed_squares) < FEWEST_CONSUMERS)
        out["share"][mean] = np.rint(100.0 * percent(summed)).astype(int).T.tolist()
        out["thin"][mean] = [spans(column) for column in thin.T]
    return out


def groups(case: Case, sales: pd.DataFrame, weeks: Sequence[int]) -> dict[str, Any]:
    """Shares by everything that a visitor can group by."""
    focal = names.platform_cars(case)
    first = {
        "car": focal,
        "brand": [case.cars[key].brand for key in focal],
        "definer": case.platforms,
        "mode": [names.mode_of(case, key) for key in focal],
    }
    tables = {by: sold(sales, by, weeks) for by in ("brand", "car", "maker", "channel")}
    tables["definer"] = by_role(tables["car"], case, "definition")
    modes = {key: names.mode_of(case, key) for key in case.cars}
    tables["mode"] = sold(sales.assign(mode=sales["car"].astype(str).map(modes)), "mode", weeks)
    return {by: group(table, first.get(by, ())) for by, table in tables.items()}


def buyers(sales: pd.DataFrame, weeks: Sequence[int]) -> dict[int, list[int]]:
    """Effective consumers behind all deliveries of each week, for each mean."""
    _, amount, squares = sold(sales.assign(all="all"), "all", weeks)
    return {
        m: np.rint(effective(trailing(amount, m), trailing(squares, m)))[:, 0].astype(int).tolist()
        for m in address.MEANS
    }


def happenings(case: Case, dates: Sequence[date]) -> list[dict[str, Any]]:
    """What happens within the weeks shown, in order of date, with the week (from 1) that first shows it.

    What was switched off (a failure without severity, and the answers to it) does not happen.
    """
    off, ends = without_consequence(case.happenings), dates[-1] + timedelta(weeks=1)
    some = (h for h in case.happenings if dates[0] <= h.on < ends and h.id not in off)
    dated = sorted(some, key=lambda h: (h.on, h.id))
    return [{"id": h.id, "week": sum(day <= h.on for day in dates), "date": h.on.isoformat()} for h in dated]


def focal(case: Case, sales: pd.DataFrame, weeks: Sequence[int]) -> dict[str, Any]:
    """The focal car: what it is called in each grouping, and its orders, with what their sampling error takes.

    `cancelled` are its cancellations, `kept_by_all` orders less cancellations of all cars, week by week.
    """
    key = case.focal_car
    if key is None:
        return {}
    car = case.cars[key]
    ids = {"brand": car.brand, "car": key, "maker": car.maker}
    definers = car.holders("definition")
    platforms = [o for o in case.platforms if definers.get(o, 0.0) > 0.0]
    ids["definer"] = max(platforms or list(definers), key=lambda o: definers[o]) if definers else car.maker
    ids["channel"] = car.channels[0]
    ids["mode"] = names.mode_of(case, key)
    own = sales[sales["car"].astype(str) == key]
    orders = sold(own, "car", weeks, "orders")
    cancelled = sold(own, "car", weeks, "cancellations").households
    kept = sold(sales, "car", weeks, "orders").households - sold(sales, "car", weeks, "cancellations").households
    return {
        "ids": ids,
        "orders": _whole(orders.households),
        "squares": _whole(orders.squares),
        "cancelled": _whole(cancelled),
        "kept_by_all": _whole(kept),
    }


def _whole(values: Floats) -> list[int]:
    """Sums over the groups of each week as whole numbers."""
    return [int(value) for value in np.rint(values.sum(axis=1))]


def key_of(market: address.Market) -> str:
    """What tells one market from another in the browser."""
    return "/".join(map(str, (market.case, market.consumers, market.seed, market.set, market.acts)))


def played(
    case: Case,
    market: address.Market,
    sales: pd.DataFrame,
    weekly: pd.DataFrame,
    more: Mapping[str, Any] | None = None,
) -> str:
    """A simulated market as one JSON text for the browser, whole or as far as it is; `more` is sent along."""
    weekly = weekly.sort_values("week")
    weeks = [int(week) for week in weekly["week"]]
    ahead = range(case.calendar.weeks)
    dates = [case.calendar.start + timedelta(weeks=week) for week in ahead]
    without = history.ghost_of(market)
    content = {
        "case": market.case,
        "key": key_of(market),
        "ghost": key_of(without) if without else "",
        "made": len(weeks),
        "dates": [day.isoformat() for day in dates],
        "consumers": market.consumers,
        "households": float(case.population.market_size),
        "seed": market.seed,
        "totals": {name: np.rint(weekly[name].to_numpy(float)).astype(int).tolist() for name in TOTALS},
        "buyers": buyers(sales, weeks),
        "groups": groups(case, sales, weeks),
        "focal": focal(case, sales, weeks),
        "happenings": happenings(case, dates),
        **(more or {}),
    }
    return json.dumps(content, separators=(",", ":"))


def ghost(text: str) -> str:
    """What is drawn of a market beside another one: its focal car alone, out of the text of the whole."""
    content = json.loads(text)
    ids = content["focal"].get("ids", {})
    rows = {}
    for by, key in ids.items():
        grouped = content["groups"][by]
        if key in grouped["ids"]:
            at = grouped["ids"].index(key)
            rows[by] = {part: {mean: row[at] for mean, row in grouped[part].items()} for part in ("share", "thin")}
    kept = {"key": content["key"], "focal": content["focal"], "rows": rows}
    return json.dumps(kept, separators=(",", ":"))
