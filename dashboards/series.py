"""Tables in, compact series out: what the browser needs to play a market that has already been simulated.

Pure functions of the ledger's tables. A market of two years becomes one JSON text of some tens of kilobytes, sent
once; names and colours travel apart, so that a change of language or of names sends no series again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards import address, colours, texts
from dashboards.texts import Language

FEWEST_CONSUMERS = 30.0
"""Effective consumers below which a figure is shown grey."""

FLOWS = ("reservations", "orders", "cancellations", "deliveries")
"""What a row of the sales table records of its consumers."""

LABELS = {"brand": "brands", "car": "cars", "maker": "organisations", "definer": "organisations", "channel": "channels"}
"""The section of the case that names what a column of the sales table holds."""

Floats = NDArray[np.float64]


def by_week(sales: pd.DataFrame, by: str, weeks: Sequence[int]) -> tuple[list[str], Floats, Floats]:
    """Deliveries and their squared weights by week and group: (weeks, groups) each.

    With weights w, n = sum(w)^2 / sum(w^2) consumers are effectively behind a figure (Kish 1965), and sum(w^2) adds up
    over rows. The table gives n for all that was recorded in a row - reservations, orders, cancellations, deliveries -
    so its deliveries are taken to have the row's mean weight.
    """
    amount, behind = sales["deliveries"].to_numpy(float), sales["consumers_behind"].to_numpy(float)
    recorded = sales[list(FLOWS)].to_numpy(float).sum(axis=1)
    squares = amount * np.divide(recorded, behind, out=np.zeros_like(amount), where=behind > 0)
    table = pd.DataFrame({"by": sales[by].astype(str), "week": sales["week"], "amount": amount, "squares": squares})
    sums = table.groupby(["week", "by"], observed=True)[["amount", "squares"]].sum()
    ids = sorted(table["by"].unique())
    grid = [sums[column].unstack("by").reindex(index=list(weeks), columns=ids).fillna(0.0) for column in ("amount", "squares")]
    return ids, grid[0].to_numpy(float), grid[1].to_numpy(float)


def trailing(values: Floats, mean: int) -> Floats:
    """Sums over each week and the weeks before it, `mean` weeks in all, fewer at the start: (weeks, groups)."""
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


def platform_defined(sales: pd.DataFrame, by: str) -> list[str]:
    """Groups with cars that somebody else than their maker mainly defines: what the title asks about."""
    return sorted(sales.loc[sales["definer"] != sales["maker"], by].astype(str).unique())


def group(sales: pd.DataFrame, by: str, weeks: Sequence[int]) -> dict[str, Any]:
    """Shares by group for each mean: hundredths of a percent, and the spans of weeks that rest on too few consumers.

    Groups come in the order in which they are stacked: those that a platform defines first, where a flat base lets
    their change be read, then by size.
    """
    ids, amount, squares = by_week(sales, by, weeks)
    focal = platform_defined(sales, by) if by in ("car", "brand") else []
    size = amount.sum(axis=0)
    order = sorted(range(len(ids)), key=lambda i: (ids[i] not in focal, -size[i], ids[i]))
    out: dict[str, Any] = {"ids": [ids[i] for i in order], "focal": focal, "share": {}, "thin": {}}
    for mean in address.MEANS:
        summed, summed_squares = trailing(amount, mean)[:, order], trailing(squares, mean)[:, order]
        thin = effective(summed, summed_squares) < FEWEST_CONSUMERS
        out["share"][mean] = np.rint(100.0 * percent(summed)).astype(int).T.tolist()
        out["thin"][mean] = [spans(column) for column in (thin & (summed > 0)).T]
    return out


def buyers(sales: pd.DataFrame, weeks: Sequence[int]) -> dict[int, list[int]]:
    """Effective consumers behind all deliveries of each week, for each mean."""
    _, amount, squares = by_week(sales.assign(all="all"), "all", weeks)
    return {m: np.rint(effective(trailing(amount, m), trailing(squares, m)))[:, 0].astype(int).tolist() for m in address.MEANS}


def happenings(case: Any, dates: Sequence[date]) -> list[dict[str, Any]]:
    """What happens within the weeks shown, in order of date, with the number of the week (from 1) that first shows it."""
    dated = sorted((h for h in case.happenings if dates[0] <= h.on < dates[-1] + timedelta(weeks=1)), key=lambda h: (h.on, h.id))
    return [{"id": h.id, "week": sum(day <= h.on for day in dates), "date": h.on.isoformat()} for h in dated]


def played(case: Any, market: address.Market, sales: pd.DataFrame, weekly: pd.DataFrame) -> str:
    """A whole simulated market as one JSON text for the browser."""
    weekly = weekly.sort_values("week")
    weeks = [int(week) for week in weekly["week"]]
    dates = [pd.Timestamp(day).date() for day in weekly["date"]]
    content = {
        "key": f"{market.case}/{market.consumers}/{market.seed}",
        "dates": [day.isoformat() for day in dates],
        "consumers": market.consumers,
        "households": float(case.population.market_size),
        "seed": market.seed,
        "totals": {name: np.rint(weekly[name].to_numpy(float)).astype(int).tolist() for name in ("orders", "deliveries", "backlog")},
        "buyers": buyers(sales, weeks),
        "groups": {by: group(sales, by, weeks) for by in address.GROUPS},
        "happenings": happenings(case, dates),
    }
    return json.dumps(content, separators=(",", ":"))


def identities(case: Any) -> dict[str, dict[str, colours.Ink]]:
    """The colour of every brand, car, organisation and channel of a case."""
    cars: Mapping[str, Any] = case.cars
    rest = frozenset(key for key in (*cars, *(car.brand for car in cars.values())) if key.startswith(("rest", "other")))
    ranked = sorted(cars, key=lambda key: (cars[key].maker in rest, list(cars).index(key)))
    brands = colours.inks((cars[key].brand for key in ranked), rest | {cars[key].brand for key in cars if key in rest})
    makers: dict[str, colours.Ink] = {}
    for key in ranked:
        makers.setdefault(cars[key].maker, brands.get(cars[key].maker, brands[cars[key].brand]))
    others = colours.inks([*brands, *(key for key in case.organisations if key not in makers)])
    return {
        "brand": brands,
        "car": colours.shades({key: cars[key].brand for key in ranked}, brands),
        "maker": makers,
        "definer": {**{k: v for k, v in others.items() if k not in brands}, **makers},
        "channel": colours.inks(case.channels),
    }


def happening_label(case: Any, happening: Any, language: Language) -> str:
    """What a happening is called: its own title where it has one and real names may be shown, else its kind and car."""
    title = getattr(happening, "title", None)
    if title is not None and case.display.names == "real":
        return str(getattr(title, language))
    kind = f"kind_{happening.kind}"
    what = texts.say(kind if kind in texts.TEXTS else "kind_other", language)
    car = getattr(happening, "car", None)
    return f"{what}: {case.label('cars', car, language)}" if car else what


def legend(case: Any, language: Language) -> str:
    """Names and colours of everything in a case in one language as JSON; `case` decides between real and fictional."""
    inks = identities(case)
    names = {by: {key: case.label(LABELS[by], key, language) for key in inks[by]} for by in inks}
    content = {
        "names": names,
        "inks": {by: {key: [ink.light, ink.dark, int(ink.dashed)] for key, ink in inks[by].items()} for by in inks},
        "happenings": {h.id: happening_label(case, h, language) for h in case.happenings},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
