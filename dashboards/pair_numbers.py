"""What pairs of markets on the same luck say of a difference: means and intervals, week by week and at the end.

A pair is two markets with one seed, so that what differs between them is due to the difference between their cases
alone. Numbers are taken out of each market once (`read`), and pairs add up in a `Tally` that does not grow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dashboards import address, series
from dashboards.series import Floats
from experiments import outcomes
from experiments.intervals import Running
from market import Market

FEWEST_PAIRS = 2
"""One pair has a difference but no interval."""

SHARE_UNIT = 1e-3
"""Shares travel as whole numbers of thousandths of a percent: acts on one car of hundreds move little of a market."""


class Seen(NamedTuple):
    """What is kept of one market."""

    shares: Floats
    """(means, weeks, rows) percent of deliveries: the focal car, then each brand"""
    orders: Floats
    """(weeks,) of the focal car since the start, households"""
    behind: Floats
    """(means, weeks) effective consumers behind the focal car's share"""
    behind_orders: Floats
    """(weeks,) effective consumers behind its orders since the start"""
    outcomes: dict[str, float]
    kept: Floats
    """(weeks,) of the focal car since the start: ordered and not cancelled, households"""


class Difference(NamedTuple):
    """A figure in both worlds and what differs, with its 95 % interval (none below two pairs)."""

    base: float
    other: float
    mean: float
    low: float
    high: float
    buyers: float
    """effective simulated consumers behind it in the world that has fewer, over all pairs"""

    @property
    def thin(self) -> bool:
        """Whether it rests on so few consumers that it is shown grey."""
        return self.buyers < series.FEWEST_CONSUMERS

    @property
    def clear(self) -> bool:
        """Whether its interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


def read(market: Market, focal: str | None, brands: Sequence[str], organisations: Sequence[str]) -> Seen:
    """Take out of a market that has run what pairs need; `brands` it does not have sell nothing."""
    sales, weeks = market.ledger.sales(), range(market.week)
    by_brand = series.sold(sales, "brand", weeks)
    own = sales[sales["car"].astype(str) == focal]
    flows = ("deliveries", "orders", "cancellations")
    bought, ordered, cancelled = (_one(series.sold(own, "car", weeks, flow)) for flow in flows)
    amounts = np.zeros((len(weeks), 1 + len(brands)))
    amounts[:, 0] = bought[0]
    for place, brand in enumerate(brands):
        if brand in by_brand.ids:
            amounts[:, 1 + place] = by_brand.households[:, by_brand.ids.index(brand)]
    total = by_brand.households.sum(axis=1, keepdims=True)
    shares, behind = [], []
    for mean in address.MEANS:
        part, whole = series.trailing(amounts, mean), series.trailing(total, mean)
        shares.append(np.divide(100.0 * part, whole, out=np.zeros_like(part), where=whole > 0.0))
        behind.append(series.effective(*(series.trailing(one[:, None], mean)[:, 0] for one in bought)))
    so_far, squares = np.cumsum(ordered[0]), np.cumsum(ordered[1])
    return Seen(
        np.array(shares), so_far, np.array(behind), series.effective(so_far, squares),
        outcomes.of_run(market, organisations), np.cumsum(ordered[0] - cancelled[0]),
    )  # fmt: skip


def _one(found: series.Sold) -> tuple[Floats, Floats]:
    """Amounts and squared weights of all groups together: (weeks,) each."""
    return found.households.sum(axis=1), found.squares.sum(axis=1)


class _Both:
    """One figure, or an array of them, in the two worlds of every pair so far."""

    def __init__(self) -> None:
        self.base, self.other, self.difference = Running(), Running(), Running()

    def add(self, base: Floats, other: Floats) -> None:
        """Add a pair; where one of its worlds has no value it counts for neither, so that the means fit together."""
        difference = other - base
        self.base.add(np.where(np.isnan(difference), np.nan, base))
        self.other.add(np.where(np.isnan(difference), np.nan, other))
        self.difference.add(difference)

    def rows(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Means of base and other, of their difference, and its limits."""
        low, high = self.difference.interval()
        return self.base.mean(), self.other.mean(), self.difference.mean(), low, high


class Tally:
    """All pairs so far. Nothing is read before the first one is there."""

    def __init__(self, focal: str | None, brands: Sequence[str]) -> None:
        """Of which car and brands."""
        self.focal, self.brands, self.pairs = focal, tuple(brands), 0
        self._shares, self._orders, self._kept, self._outcomes = _Both(), _Both(), _Both(), _Both()
        self._names: tuple[str, ...] = ()
        self._behind: Floats = np.zeros(0)
        self._behind_orders: Floats = np.zeros(0)

    def add(self, base: Seen, other: Seen) -> None:
        """Add a pair: two markets with the same seed, of equal length."""
        self._shares.add(base.shares, other.shares)
        self._orders.add(base.orders, other.orders)
        self._kept.add(base.kept, other.kept)
        self._names = tuple(name for name in base.outcomes if name in other.outcomes)
        self._outcomes.add(*(np.array([seen.outcomes[name] for name in self._names]) for seen in (base, other)))
        fewer = np.minimum(base.behind, other.behind)
        fewer_orders = np.minimum(base.behind_orders, other.behind_orders)
        self._behind = fewer + (self._behind if self.pairs else 0.0)
        self._behind_orders = fewer_orders + (self._behind_orders if self.pairs else 0.0)
        self.pairs += 1

    @property
    def weeks(self) -> int:
        """Weeks of each market."""
        return len(self._behind_orders)

    def share(self, week: int, mean: int) -> Difference:
        """The focal car's share of deliveries in percent in a week (1: the first), over `mean` weeks."""
        at = address.MEANS.index(mean), week - 1, 0
        return _difference((row[at] for row in self._shares.rows()), self._behind[at[:2]])

    def orders(self, week: int) -> Difference:
        """The focal car's orders from the start to a week (1: the first), households."""
        return _difference((row[week - 1] for row in self._orders.rows()), self._behind_orders[week - 1])

    def kept(self, week: int) -> Difference:
        """The focal car's orders that are not cancelled, from the start to a week (1: the first), households."""
        return _difference((row[week - 1] for row in self._kept.rows()), self._behind_orders[week - 1])

    def outcomes(self) -> dict[str, Difference]:
        """Every outcome of the whole run (`experiments.outcomes`) by name, whoever is behind it."""
        rows = self._outcomes.rows()
        return {name: _difference((row[i] for row in rows), math.inf) for i, name in enumerate(self._names)}

    def of_focal(self) -> dict[str, Any]:
        """The focal car for the browser: shares for each mean, and orders since the start."""
        if self.focal is None or not self.pairs:
            return {}
        shares = self._shares.rows()
        return {
            "share": {
                mean: _row([row[m, :, 0] for row in shares], SHARE_UNIT) | {"behind": _whole(self._behind[m])}
                for m, mean in enumerate(address.MEANS)
            },
            "orders": _row(self._orders.rows(), 1.0) | {"behind": _whole(self._behind_orders)},
        }

    def of_brands(self, mean: int) -> Mapping[str, dict[str, list[int | None]]]:
        """Every brand's share for the browser, for one mean."""
        if not self.pairs:
            return {}
        shares, m = self._shares.rows(), address.MEANS.index(mean)
        return {
            brand: _row([row[m, :, 1 + place] for row in shares], SHARE_UNIT) for place, brand in enumerate(self.brands)
        }


def _difference(row: Iterable[float], buyers: float) -> Difference:
    base, other, mean, low, high = map(float, row)
    return Difference(base, other, mean, low, high, float(buyers))


def _row(rows: Sequence[Floats], unit: float) -> dict[str, list[int | None]]:
    named = zip(("base", "other", "mean", "low", "high"), rows, strict=True)
    return {name: _whole(row / unit) for name, row in named}


def _whole(row: Floats) -> list[int | None]:
    return [None if math.isnan(value) else round(value) for value in row.tolist()]
