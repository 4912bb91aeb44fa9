"""Tables in, numbers out: shares of cars and the definition power of organisations, with their sampling errors.

A sum of weights w rests on n = sum(w)^2 / sum(w^2) effective consumers (Kish 1965). The sales table states n for all
that a row records - reservations, orders, cancellations, deliveries - so that the deliveries of a row are taken to
have its mean weight; their squared weights then add up over rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

FLOWS = ("reservations", "orders", "cancellations", "deliveries")

FEWEST_CONSUMERS = 30.0
"""Effective consumers below which a figure is marked."""

MEAN_WEEKS = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A number with its sampling error."""

    value: float
    error: float
    """standard error: between replicates where there are several, else from the number of consumers"""
    effective: float
    """effective consumers behind it"""

    @property
    def thin(self) -> bool:
        """True if fewer than 30 effective consumers are behind the number."""
        return self.effective < FEWEST_CONSUMERS


@dataclass(frozen=True)
class CarSummary:
    """One car over a whole run: means over replicates, in cars."""

    car: str
    share: Figure
    """of the deliveries of all listed cars"""
    flows: Mapping[str, float]


@dataclass(frozen=True)
class Grid:
    """Deliveries by replicate, week and group, and the sum of their squared weights: two arrays of that shape."""

    groups: tuple[str, ...]
    amount: Floats
    squares: Floats

    def trailing(self, weeks: int) -> Grid:
        """Sums over each week and those before it, `weeks` in all, fewer at the start."""
        return Grid(self.groups, _trailing(self.amount, weeks), _trailing(self.squares, weeks))

    def share(self) -> Floats:
        """Each group's part of the week's deliveries; NaN in weeks without any."""
        total = self.amount.sum(axis=2, keepdims=True)
        return np.divide(self.amount, total, out=np.full_like(self.amount, np.nan), where=total > 0)

    def effective(self) -> Floats:
        """Effective consumers behind each number."""
        return np.divide(self.amount**2, self.squares, out=np.zeros_like(self.amount), where=self.squares > 0)


def _trailing(values: Floats, weeks: int) -> Floats:
    total = np.cumsum(values, axis=1)
    total[:, weeks:] -= total[:, :-weeks].copy()
    return np.maximum(total, 0.0)


def squares_of(sales: pd.DataFrame, flow: str = "deliveries") -> Floats:
    """Sum of squared weights behind a flow, by row."""
    recorded = sales[list(FLOWS)].to_numpy(float).sum(axis=1)
    behind = sales["consumers_behind"].to_numpy(float)
    mean_weight = np.divide(recorded, behind, out=np.zeros_like(recorded), where=behind > 0)
    return np.asarray(sales[flow], float) * mean_weight


def replicates_of(sales: pd.DataFrame) -> NDArray[np.int64]:
    """Number of the replicate of each row; 0 where a table holds only one."""
    if "replicate" not in sales:
        return np.zeros(len(sales), np.int64)
    return np.asarray(sales["replicate"], np.int64)


def grid(sales: pd.DataFrame, weeks: int, by: str = "car", replicates: int = 1, groups: Iterable[str] = ()) -> Grid:
    """Deliveries by replicate, week and group; `groups` are listed even where they sold nothing."""
    value = sales[by].astype(str).to_numpy(object)
    names = tuple(sorted({*groups, *value}))
    column = {name: i for i, name in enumerate(names)}
    shape = (replicates, weeks, len(names))
    at = (replicates_of(sales), sales["week"].to_numpy(np.int64), np.array([column[v] for v in value], np.int64))
    cell = np.ravel_multi_index(at, shape)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(cell, values, int(np.prod(shape))), float).reshape(shape)

    return Grid(names, summed(sales["deliveries"].to_numpy(float)), summed(squares_of(sales)))


def by_car(sales: pd.DataFrame, cars: Sequence[str], replicates: int = 1) -> list[CarSummary]:
    """Every car of the list, the largest share first."""
    whole = grid(sales.assign(week=0), 1, "car", replicates, cars)
    flows = {
        flow: sales.groupby(sales["car"].astype(str))[flow].sum().reindex(whole.groups).fillna(0.0).to_numpy()
        / replicates
        for flow in FLOWS
    }
    rows = []
    for i, car in enumerate(whole.groups):
        indicator = np.arange(len(whole.groups)) == i
        rows.append(
            CarSummary(car, weighted_mean(whole, indicator.astype(float)), {f: float(flows[f][i]) for f in FLOWS})
        )
    return sorted(rows, key=lambda row: (-row.flows["deliveries"], row.car))


def definition_power(
    sales: pd.DataFrame, definition: Floats, cars: Sequence[str], organisations: Sequence[str]
) -> dict[str, Figure]:
    """Who defines the cars people drive: the sales-weighted mean share of each organisation in the definition of cars.

    `definition` (weeks, cars, organisations) says who held which part of it when; `sales` is of one run. In order of
    power.
    """
    weeks = len(definition)
    by_week = grid(sales, weeks, "car", 1, cars)
    at = [by_week.groups.index(car) for car in cars]
    cells = tuple(f"{week} {car}" for week in range(weeks) for car in cars)
    amount, squares = (table[:, :, at].reshape(1, 1, -1) for table in (by_week.amount, by_week.squares))
    whole = Grid(cells, amount, squares)
    power = {key: weighted_mean(whole, definition[:, :, o].ravel()) for o, key in enumerate(organisations)}
    return dict(sorted(power.items(), key=lambda item: (-np.nan_to_num(item[1].value), item[0])))


def share_of(sales: pd.DataFrame, some: Iterable[str], cars: Sequence[str], replicates: int = 1) -> Figure:
    """The part of some cars, taken together, in the deliveries of all listed cars."""
    whole = grid(sales.assign(week=0), 1, "car", replicates, cars)
    return weighted_mean(whole, np.isin(whole.groups, list(some)).astype(float))


def weighted_mean(whole: Grid, value: Floats) -> Figure:
    """Mean over deliveries of a value by group, its standard error, and the consumers behind what is not zero.

    The error is that of a ratio of weighted sums: the root of sum w^2 (x - mean)^2 / (sum w)^2, or the standard error
    of the mean over replicates. It says nothing about whether the assumptions are right.
    """
    amount, squares = whole.amount[:, 0], whole.squares[:, 0]
    total = amount.sum(axis=1)
    sold = total > 0
    behind = _kish(Grid(whole.groups, whole.amount * (value != 0), whole.squares * (value != 0)))
    if not sold.any():
        return Figure(float("nan"), float("nan"), behind)
    means = (amount @ value)[sold] / total[sold]
    if len(means) > 1:
        return Figure(float(means.mean()), float(means.std(ddof=1) / len(means) ** 0.5), behind)
    variance = (squares[sold] @ (value - means[0]) ** 2)[0] / total[sold][0] ** 2
    return Figure(float(means[0]), float(variance**0.5), behind)


def _kish(part: Grid) -> float:
    total, squares = float(part.amount.sum()), float(part.squares.sum())
    return total**2 / squares if squares > 0 else 0.0


def rest_of_market(case: Any) -> frozenset[str]:
    """Cars that stand for many: the groups of a case that fill up the market."""
    return frozenset(key for key, car in case.cars.items() if car.aggregate)


def defined_with_a_partner(case: Any) -> frozenset[str]:
    """Cars whose definition is not the maker's alone: the ones that the project asks about."""
    return frozenset(key for key, car in case.cars.items() if set(car.holders("definition")) != {car.maker})


def focal_cars(case: Any) -> frozenset[str]:
    """Cars that a figure should always show: the one a case puts first and those defined with a partner.

    Where there are none, those launched in the run.
    """
    start, days = case.calendar.start, case.calendar.days
    new = (key for key, car in case.cars.items() if car.launch is not None and 0 < (car.launch - start).days < days)
    first = frozenset([case.focal_car] if case.focal_car is not None else [])
    return first | defined_with_a_partner(case) or frozenset(new)
