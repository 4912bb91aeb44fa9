"""Outcomes: the numbers that a sweep keeps of a run, read from the arrays of a market; no table is made.

Their names are words joined by dots. Those of the focal car and of the whole market are one word (`share_end`), those
of an organisation end in its id (`profit.jd`). A case without a focal car is looked at as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.outcome_names import (
    BY_ORGANISATION,
    WEEKLY_BY_ORGANISATION,
    Described,
    about,
    involved,
    names,
    weekly_names,
)
from market.calendar import DAYS
from market.industry.books import DEBTS, LINES

if TYPE_CHECKING:
    from market import Market

__all__ = ["Described", "about", "involved", "names", "of_run", "weekly", "weekly_names"]

Floats = NDArray[np.float64]
LAST_WEEKS = 13
"""Weeks that `share_end` looks at."""
FLOWS = ("orders", "cancellations", "deliveries", "reservations")


def of_run(market: Market, organisations: Sequence[str] | None = None) -> dict[str, float]:
    """Every outcome of a market that has run, by name; NaN where there is nothing to say.

    `organisations` are looked at beside those involved in the focal car. Nothing is changed or drawn. Raises
    ValueError for a market that has not begun.
    """
    if market.week == 0:
        raise ValueError("market: it has not run a week; there is nothing to read")
    found = _of_car(market) | _of_market(market)
    by_organisation = _by_organisation(market)
    position = {key: o for o, key in enumerate(market.catalogue.organisations)}
    for key in involved(market.case, organisations or ()):
        found |= {f"{name}.{key}": float(by_organisation[name][position[key]]) for name in BY_ORGANISATION}
    return found


def weekly(market: Market, organisations: Sequence[str] | None = None) -> dict[str, Floats]:
    """The outcomes that have one number a week, by name: (weeks,) each.

    `informed` is the largest number of households that knew of one story about the car, as far as it was noted (when
    something was said or done). Raises ValueError for a market that has not begun.
    """
    if market.week == 0:
        raise ValueError("market: it has not run a week; there is nothing to read")
    weeks = market.week
    flow = {name: _here(market, market.ledger.by_car(name)) for name in ("orders", "cancellations", "deliveries")}
    delivered, ordered = (market.ledger.by_car(name).sum(axis=1) for name in ("deliveries", "orders"))
    change = np.cumsum(flow["orders"] - flow["cancellations"] - flow["deliveries"])
    found = flow | {
        "backlog": np.maximum(_backlog(market) - change[-1] + change, 0.0),
        "share": _part(flow["deliveries"], delivered),
        "order_share": _part(flow["orders"], ordered),
        "market_deliveries": delivered,
        "informed": _informed(market),
    }
    profit = _profit(market).sum(axis=1)
    position = {key: o for o, key in enumerate(market.catalogue.organisations)}
    tables = {"trust": market.standing.by_profile["trust"][:weeks, -1], "profit": profit[:weeks]}
    for key in involved(market.case, organisations or ()):
        found |= {f"{name}.{key}": tables[name][:, position[key]].copy() for name in WEEKLY_BY_ORGANISATION}
    return found


# ------------------------------------------------------------------------------------------------- the focal car


def _cars(market: Market) -> list[int]:
    """Positions of the cars that are looked at: the focal one, or all."""
    focal = market.case.focal_car
    return list(range(len(market.catalogue.cars))) if focal is None else [market.catalogue.car_index[focal]]


def _here(market: Market, by_car: Floats) -> Floats:
    """A table whose last axis is cars, summed over those that are looked at."""
    total: Floats = by_car[..., _cars(market)].sum(axis=-1)
    return total


def _backlog(market: Market) -> float:
    return float(_here(market, market.book.line.backlog()))


def _of_car(market: Market) -> dict[str, float]:
    weeks, ledger, opinion, account = market.week, market.ledger, market.opinion, market.opinion.account
    by_car = {name: ledger.by_car(name) for name in FLOWS}
    here = {name: float(_here(market, table).sum()) for name, table in by_car.items()}
    late = by_car["deliveries"][-LAST_WEEKS:]
    return here | {
        "share": _share(here["deliveries"], by_car["deliveries"]),
        "share_end": _share(float(_here(market, late).sum()), late),
        "order_share": _share(here["orders"], by_car["orders"]),
        "cancelled_share": here["cancellations"] / here["orders"] if here["orders"] > 0.0 else np.nan,
        "backlog_end": _backlog(market),
        "lost": float(_here(market, opinion.lost[:weeks]).sum()),
        "deferred": float(_here(market, opinion.deferred[:weeks]).sum()),
        "informed": float(_informed(market)[-1]),
        "misattribution": account.misattribution_of_all(weeks - 1, weeks),
    }


def _informed(market: Market) -> Floats:
    """The largest number of households that knew of one story about the cars, by week so far: (weeks,)."""
    keys, most = list(market.catalogue.cars), np.zeros(market.week)
    cars = {keys[c] for c in _cars(market)}
    for event in market.events.written:
        if event.car in cars and event.informed > 0.0:
            week = min(max(event.day // DAYS, 0), market.week - 1)
            most[week] = max(most[week], event.informed)
    for story in market.opinion.stories.live:
        if keys[story.car] in cars:
            most[-1] = max(most[-1], float(story.informed.sum()))
    return np.maximum.accumulate(most)


def _share(part: float, by_car: Floats) -> float:
    total = float(by_car.sum())
    return part / total if total > 0.0 else float("nan")


def _part(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0.0)


# --------------------------------------------------------------------------------------------- market and parties


def _of_market(market: Market) -> dict[str, float]:
    weeks, ledger, catalogue, books = market.week, market.ledger, market.catalogue, market.industry.accounts.books
    delivered = ledger.by_car("deliveries")
    total = float(delivered.sum())
    single = np.array([not car.aggregate for car in catalogue.cars.values()])
    of_brand = np.bincount(catalogue.brand_of_car, delivered.sum(axis=0) * single, len(catalogue.brands))
    customised = float(delivered[ledger.customised(slice(weeks))].sum())
    outside = float(ledger.outside[:weeks].sum())
    started = outside + float(ledger.by_car("orders").sum())
    return {
        "stories": float(sum(event.act == "failure" for event in market.events.written)),
        "hhi": 1e4 * float(np.square(of_brand / total).sum()) if total > 0.0 else np.nan,
        "customised_share": customised / total if total > 0.0 else np.nan,
        "makers_customising": float(ledger.makers_customising[weeks - 1]),
        "interface_share": books.interface_share(interface=ledger.interface),
        "interface_here": books.interface_share(cars=_cars(market), interface=ledger.interface),
        "outside_share": outside / started if started > 0.0 else np.nan,
        "attention": float(ledger.attention[:weeks].mean()),
    }


def _by_organisation(market: Market) -> dict[str, Floats]:
    """What is kept of organisations: (organisations,) each, by name."""
    weeks, last, account = market.week, market.week - 1, market.opinion.account
    accounts, sides = market.owners.accounts, market.owners.sides.involved
    profit = _profit(market).sum(axis=0)
    delivered = market.ledger.by_car("deliveries")
    blame = np.nansum(market.standing.by_profile["blame"][:weeks, -1], axis=0)
    nothing = np.full(len(blame), np.nan)
    here = account.of_cars(_cars(market), weeks)
    return {
        "profit": profit.sum(axis=0),
        "profit_here": profit[_cars(market)].sum(axis=0),
        "definition_power": np.einsum("wc,wco->o", delivered, market.ledger.definition[:weeks]) / delivered.sum()
        if delivered.any()
        else nothing,
        "blamed": blame / blame.sum() if blame.sum() > 0.0 else nothing,
        "blamed_here": here.blame / here.blame.sum() if here.blame.any() else nothing,
        "control_here": here.control / here.control.sum() if here.blame.any() else nothing,
        "contribution_here": here.cause / here.cause.sum() if here.cause.any() else nothing,
        "blame_to_control": account.ratio_to_control(last, weeks).value,
        "blame_to_contribution": account.ratio_to_contribution(last, weeks).value,
        "trust": market.standing.by_profile["trust"][last, -1],
        "closed_loop": accounts.closed_loop(last, sides, weeks)[0][-1],
        "returning": accounts.retention(last, weeks)[-1],
        "lifetime": accounts.lifetime_value(last, sides, market.case.aftersales.discount_per_year, weeks)[-1],
    }


def _profit(market: Market) -> Floats:
    """Profit by week, car and organisation in CNY: (weeks, cars + 1, organisations), as `Books.profit` counts it."""
    books = market.industry.accounts.books
    flow = books.flow[: market.week]
    weeks, lines, cars, parties = flow.shape
    earning = np.array([line not in DEBTS for line in LINES], float)
    cash = (earning @ flow.reshape(weeks, lines, cars * parties)).reshape(weeks, cars, parties)
    return cash[:, :, : len(books.organisations)] + books.asset_gain[: market.week]
