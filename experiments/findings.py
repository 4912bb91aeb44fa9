"""What a run says about organisations: who defines cars, who is blamed, who keeps the owner, who earns.

A finding is read from a market at its end, over all its weeks; several are put together into figures with their
errors. Nothing here changes a market or draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments import summary
from experiments.summary import Figure

if TYPE_CHECKING:
    import pandas as pd

    from market import Market

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """Numbers of one run by organisation, (O,) each: NaN where there is nothing to say."""

    value: Floats
    error: Floats
    """standard error; NaN where only a spread of runs would show it"""
    effective: Floats
    """effective consumers behind it"""


@dataclass(frozen=True)
class Finding:
    """What one run says."""

    organisations: tuple[str, ...]
    by_organisation: Mapping[str, Estimate]
    """by name: defines, blamed, to_control, to_contribution (ratios), trust, returning, closed_loop (shares),
    lifetime, profit, profit_here (CNY)"""
    of_market: Mapping[str, Figure]
    """by name: stories (number that became public), misattribution, interface, interface_here, after_hearing (shares),
    lost, deferred (households)"""


def read(market: Market, sales: pd.DataFrame, panel: pd.DataFrame) -> Finding:
    """The finding of a market that has run, with two tables of its ledger; `..._here`, lost and deferred: focal car.

    Raises ValueError for a market that has not begun.
    """
    if market.week == 0:
        raise ValueError("market: it has not run a week; there is nothing to read")
    last, focal = market.week - 1, market.case.focal_car
    catalogue, households = market.catalogue, float(market.people_by_profile.sum())
    each = households / len(market.consumers)
    sold = summary.grid(sales.assign(week=0), 1, "car", 1, catalogue.cars)
    at = [sold.groups.index(car) for car in catalogue.cars]
    delivered, squares = sold.amount[0, 0, at], sold.squares[0, 0, at]
    behind = np.array([_kish(delivered[some], squares[some]) for some in market.owners.sides.involved.T])
    books = market.industry.accounts.books
    profit = books.profit().sum(axis=0)
    tables = {
        "defines": _definition(market, sales),
        **_blame(market),
        "trust": _certain(market.standing.by_profile["trust"][last, -1], len(market.consumers)),
        **_owners(market),
        "profit": _certain(profit.sum(axis=0), behind),
    }
    failures = float(sum(event.act == "failure" for event in market.events.written))
    whole = {
        "stories": Figure(failures, np.nan, np.inf),
        "misattribution": _misattribution(market, each),
        "interface": Figure(books.interface_share(interface=market.ledger.interface), np.nan, np.inf),
        "after_hearing": after_hearing(panel, focal),
    }
    if focal is not None:
        here = catalogue.car_index[focal]
        tables["profit_here"] = _certain(profit[here], _kish(delivered[[here]], squares[[here]]))
        share = books.interface_share(cars=[here], interface=market.ledger.interface)
        whole["interface_here"] = Figure(share, np.nan, _kish(delivered[[here]], squares[[here]]))
        for name in ("lost", "deferred"):
            amount = float(getattr(market.opinion, name)[: market.week, here].sum())
            whole[name] = Figure(amount, np.nan, amount / each if amount > 0.0 else np.inf)
    return Finding(catalogue.organisations, tables, whole)


def _definition(market: Market, sales: pd.DataFrame) -> Estimate:
    catalogue = market.catalogue
    power = summary.definition_power(
        sales, market.ledger.definition[: market.week], list(catalogue.cars), catalogue.organisations
    )
    found = [power[key] for key in catalogue.organisations]
    return Estimate(*(np.array([getattr(figure, part) for figure in found]) for part in Estimate._fields))


def _blame(market: Market) -> dict[str, Estimate]:
    """Blame over all stories of a run, as a share and against what each controlled and contributed."""
    account, last = market.opinion.account, market.week - 1
    to_control = account.ratio_to_control(last, market.week)
    to_contribution = account.ratio_to_contribution(last, market.week)
    behind = account.behind(last, market.week)
    blame = sum((account.amounts(week).blame for week in range(market.week)), np.zeros(len(behind[0])))
    share = blame / blame.sum() if blame.sum() > 0.0 else np.full_like(blame, np.nan)
    return {
        "blamed": _certain(share, behind[0]),
        "to_control": Estimate(to_control.value, to_control.error, behind[0]),
        "to_contribution": Estimate(to_contribution.value, to_contribution.error, behind[1]),
    }


def _misattribution(market: Market, each: float) -> Figure:
    account, last = market.opinion.account, market.week - 1
    judged = sum(account.amounts(week).cause.sum() for week in range(market.week))
    return Figure(account.misattribution_of_all(last, market.week), np.nan, float(judged) / each)


def _owners(market: Market) -> dict[str, Estimate]:
    """Who keeps the owner: who comes back, whose part of all spending it is, what an owner is worth."""
    accounts, last, weeks = market.owners.accounts, market.week - 1, market.week
    involved = market.owners.sides.involved
    returning = accounts.retention(last, weeks)[-1]
    visited, squared = accounts.weight[:weeks].sum(), accounts.squared[:weeks].sum()
    had = accounts.had[:weeks].sum(axis=(0, 1)) * (visited / squared if squared > 0.0 else 0.0)
    spread = np.sqrt(returning * (1.0 - returning))
    error = np.divide(spread, np.sqrt(had), out=np.full_like(had, np.nan), where=had > 0.0)
    closed, behind = accounts.closed_loop(last, involved, weeks)
    worth = accounts.lifetime_value(last, involved, market.case.aftersales.discount_per_year, weeks)
    return {
        "returning": Estimate(returning, error, had),
        "closed_loop": _certain(closed[-1], behind[-1]),
        "lifetime": _certain(worth[-1], had),
    }


def _certain(value: Floats, effective: ArrayLike) -> Estimate:
    """Numbers whose error only a spread of runs would show."""
    return Estimate(value, np.full_like(value, np.nan), np.broadcast_to(np.asarray(effective, float), value.shape))


def _kish(amount: Floats, squares: Floats) -> float:
    return float(amount.sum() ** 2 / squares.sum()) if squares.sum() > 0.0 else 0.0


def after_hearing(panel: pd.DataFrame, car: str | None) -> Figure:
    """Of the cancelled orders of a car that the panel saw, the part whose buyers had heard of a story about it.

    `None`: of any car, each with its own stories. Who had heard before need not have cancelled because of it.
    """
    lives = panel[["consumer", "event", "car"]].astype({"event": str, "car": str})
    if car is not None:
        lives = lives[lives["car"] == car]
    heard = lives["event"].eq("heard").groupby([lives["consumer"], lives["car"]]).cummax()
    cancels = lives["event"] == "cancellations"
    number = int(cancels.sum())
    if number == 0:
        return Figure(np.nan, np.nan, 0.0)
    share = float(heard[cancels].mean())
    return Figure(share, (share * (1.0 - share) / number) ** 0.5, float(number))


# ------------------------------------------------------------------------------------------- several runs together


def by_organisation(findings: Sequence[Finding], name: str) -> dict[str, Figure]:
    """A figure of each organisation over all runs, empty where no run has it; see `together`."""
    found = [finding.by_organisation[name] for finding in findings if name in finding.by_organisation]
    if not found:
        return {}
    runs = [list(map(Figure, *(part.tolist() for part in estimate))) for estimate in found]
    return {key: together([run[o] for run in runs]) for o, key in enumerate(findings[0].organisations)}


def of_market(findings: Sequence[Finding], name: str) -> Figure | None:
    """A figure of the whole market over all runs, or None where no run has it; see `together`."""
    found = [finding.of_market[name] for finding in findings if name in finding.of_market]
    return together(found) if found else None


def together(figures: Sequence[Figure]) -> Figure:
    """One figure of several runs: the mean of those that have a number, with the standard error of that mean.

    >>> together([Figure(0.2, 0.1, 50.0), Figure(0.4, 0.1, 50.0)])
    Figure(value=0.30000000000000004, error=0.1, effective=100.0)
    """
    if len(figures) == 1:
        return figures[0]
    values = np.array([figure.value for figure in figures if not np.isnan(figure.value)])
    effective = float(sum(figure.effective for figure in figures))
    if len(values) == 0:
        return Figure(float("nan"), float("nan"), effective)
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")
    return Figure(float(values.mean()), error, effective)
