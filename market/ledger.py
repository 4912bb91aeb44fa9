"""The ledger: weekly totals in preallocated arrays, and tidy tables made of them. It draws nothing and changes nothing.

Flows are recorded by offer and profile, in households (consumers times their weights). Beside each sum stands the
sum of squared weights, so that every figure knows how many consumers are behind it (Kish 1965).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from market.catalogue import Catalogue
    from market.chronicle import Events, Panel
    from market.industry.books import Books
    from market.standing import Standing

FLOWS = ("reservations", "orders", "cancellations", "deliveries")
DEPOSITS = ("paid", "credited", "refunded", "forfeited")
"""What becomes of a deposit, in CNY: paid by the buyer, credited at the handover, given back, or kept by the seller."""
SALES_COLUMNS = (
    "week", "date", "car", "brand", "maker", "definer", "channel", "package", "plan", "profile",
    "reservations", "orders", "cancellations", "deliveries", "revenue_cny", "consumers_behind",
)  # fmt: skip
TOTALS_COLUMNS = ("week", "date", "in_market", "orders", "deliveries", "backlog")
MARKET_COLUMNS = (
    *TOTALS_COLUMNS, "outside_share", "hhi", "customised_share", "makers_customising", "interface_share", "attention",
)  # fmt: skip


class Flows(NamedTuple):
    """What a week brought: households by offer, (offers,) each."""

    orders: NDArray[np.float64]
    cancellations: NDArray[np.float64]
    forfeits: NDArray[np.float64]
    """cancellations that lost a deposit"""
    deliveries: NDArray[np.float64]
    revenue_cny: NDArray[np.float64]


class Ledger:
    """What happened, week by week. Reading it never changes it."""

    def __init__(
        self, catalogue: Catalogue, profiles: tuple[str, ...], start: date, weeks: int, platforms: frozenset[str]
    ) -> None:
        """Make room for a run of `weeks`; `platforms` are the organisations whose definition counts as customising."""
        self.catalogue, self.profiles, self.start, self.weeks = catalogue, profiles, start, weeks
        self.weeks_written = 0
        shape = (weeks, len(catalogue.offers), len(profiles))
        self.flows = {name: np.zeros(shape) for name in FLOWS}
        self.revenue_cny = np.zeros(shape)
        self._weight = np.zeros(shape)
        self._squared = np.zeros(shape)
        self.deposit_cny = np.array([channel.deposit_cny for channel in catalogue.channels.values()])
        self.deposits = {name: np.zeros((weeks, len(self.deposit_cny))) for name in DEPOSITS}
        self.deposits_at_opening = np.zeros(len(self.deposit_cny))
        """(channels,) CNY held for orders placed before the start"""
        self.forfeits = np.zeros(shape[:2])
        """(weeks, offers) cancelled orders that lost their deposit"""
        self.in_market, self.backlog, self.outside, self.attention = (np.zeros(weeks) for _ in range(4))
        self.makers_customising = np.zeros(weeks, np.int64)
        self.definition = np.zeros((weeks, len(catalogue.cars), len(catalogue.organisations)))
        """who defines each car, week by week"""
        self.is_platform = np.array([o in platforms for o in catalogue.organisations])
        self._makers = [car.maker for car in catalogue.cars.values()]

    def engage(
        self, books: Books, standing: Standing, events: Events, panel: Panel, interface: tuple[str, ...]
    ) -> None:
        """From now on the tables of money, organisations, events and lives are those of the market.

        `interface` names the functions that decide how a car is bought.
        """
        self.interface = interface
        self.books, self.standing, self._events, self._panel = books, standing, events, panel

    def finance(self) -> pd.DataFrame:
        """Who paid and received what: week, date, car, organisation, line, cny; sums to zero over organisations."""
        return self.books.finance(self.start)

    def organisations(self) -> pd.DataFrame:
        """How organisations stand by week and profile; see `Standing.frame`."""
        return self.standing.frame(self.start)

    def events(self) -> pd.DataFrame:
        """What was said and done around cars, in order of time; see `Events.frame`."""
        return self._events.frame(self.start)

    def panel(self) -> pd.DataFrame:
        """What happened to the consumers who are followed; see `Panel.frame`."""
        return self._panel.frame()

    def record(
        self, flow: str, week: int, offer: NDArray[np.integer], profile: NDArray[np.integer],
        weight: NDArray[np.float64], price_cny: NDArray[np.floating] | None = None,
    ) -> None:  # fmt: skip
        """Add a flow: one entry per consumer, with the price paid where money changes hands."""
        if len(offer) == 0:
            return
        shape = self._weight.shape[1:]
        cell, size = offer.astype(np.intp) * shape[1] + profile, shape[0] * shape[1]
        households = np.bincount(cell, weight, size).reshape(shape)
        self.flows[flow][week] += households
        self._weight[week] += households
        self._squared[week] += np.bincount(cell, weight * weight, size).reshape(shape)
        if price_cny is not None:
            self.revenue_cny[week] += np.bincount(cell, weight * price_cny, size).reshape(shape)

    def record_deposits(
        self, flow: str, week: int, offer: NDArray[np.integer], weight: NDArray[np.float64],
        forfeits: NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        """Follow the deposits: paid with an order, credited at delivery, refunded or forfeited on cancelling."""
        if flow == "reservations":
            return
        channel = self.catalogue.channel_of[offer]
        if flow == "orders":
            self._move("paid", week, channel, weight)
        elif flow == "deliveries":
            self._move("credited", week, channel, weight)
        elif flow == "cancellations" and forfeits is not None:
            self.forfeits[week] += np.bincount(offer[forfeits], weight[forfeits], self.forfeits.shape[1])
            self._move("forfeited", week, channel[forfeits], weight[forfeits])
            self._move("refunded", week, channel[~forfeits], weight[~forfeits])

    def _move(self, what: str, week: int, channel: NDArray[np.integer], weight: NDArray[np.float64]) -> None:
        if len(channel):
            self.deposits[what][week] += np.bincount(channel, weight, len(self.deposit_cny)) * self.deposit_cny

    def close_week(
        self, week: int, in_market: float, backlog: float, attention: float, launched: NDArray[np.bool_]
    ) -> None:
        """Write the state of the market at the end of a week."""
        self.in_market[week], self.backlog[week], self.attention[week] = in_market, backlog, attention
        self.definition[week] = self.catalogue.definition
        customised = np.flatnonzero(self.customised(week) & launched)
        self.makers_customising[week] = len({self._makers[c] for c in customised.tolist()})
        self.weeks_written = week + 1

    def customised(self, week: int | slice) -> NDArray[np.bool_]:
        """Which cars a platform helped to define: (cars,), or (weeks, cars) for a slice of weeks."""
        by_platforms: NDArray[np.float64] = self.definition[week][..., self.is_platform].sum(axis=-1)
        return by_platforms > 0.0

    def week(self, week: int) -> Flows:
        """What a week brought, by offer; nothing before the first."""
        if week < 0:
            return Flows(*np.zeros((len(Flows._fields), self.forfeits.shape[1])))
        orders, cancellations, deliveries = (
            self.flows[name][week].sum(axis=1) for name in ("orders", "cancellations", "deliveries")
        )
        return Flows(orders, cancellations, self.forfeits[week].copy(), deliveries, self.revenue_cny[week].sum(axis=1))

    def delivered(self, week: int) -> NDArray[np.float64]:
        """Deliveries of a week by car: (cars,) households."""
        offers = self.flows["deliveries"][week].sum(axis=1)
        return np.bincount(self.catalogue.car_of, offers, len(self.catalogue.cars)).astype(float, copy=False)

    def dates(self) -> list[date]:
        """First day of each week written."""
        return [self.start + timedelta(weeks=w) for w in range(self.weeks_written)]

    def by_car(self, flow: str) -> NDArray[np.float64]:
        """A flow by week and car, in households: (weeks written, cars)."""
        of_car = self.catalogue.car_of[:, None] == np.arange(len(self.catalogue.cars))
        total: NDArray[np.float64] = self.flows[flow][: self.weeks_written].sum(axis=2) @ of_car.astype(float)
        return total

    def sales(self) -> pd.DataFrame:
        """Flows by week, offer and profile: the columns of SALES_COLUMNS, without rows in which nothing happened."""
        import pandas as pd

        weeks = self.weeks_written
        week, offer, profile = np.nonzero(self._weight[:weeks])
        at = (week, offer, profile)
        catalogue = self.catalogue
        listed = catalogue.offers
        cars = list(catalogue.cars.values())
        of_offer = {
            "car": [o.car for o in listed],
            "brand": [catalogue.cars[o.car].brand for o in listed],
            "maker": [cars[c].maker for c in catalogue.car_of],
            "channel": [o.channel for o in listed],
            "package": [o.package for o in listed],
            "plan": [o.plan for o in listed],
        }
        data: dict[str, object] = {"week": week.astype(np.int32), "date": self._dates(week)}
        data |= {name: pd.Categorical(np.array(values, object)[offer]) for name, values in of_offer.items()}
        definer = self.definition.argmax(axis=2)[week, catalogue.car_of[offer]]
        data["definer"] = pd.Categorical(np.array(catalogue.organisations, object)[definer])
        data["profile"] = pd.Categorical(np.array(self.profiles, object)[profile])
        data |= {name: self.flows[name][at] for name in FLOWS}
        data["revenue_cny"] = self.revenue_cny[at]
        data["consumers_behind"] = self._weight[at] ** 2 / self._squared[at]
        return pd.DataFrame(data, columns=list(SALES_COLUMNS))

    def totals(self) -> pd.DataFrame:
        """One row a week: the first columns of `market`, those that TOTALS_COLUMNS names, without asking the books."""
        import pandas as pd

        week = np.arange(self.weeks_written)
        data = {
            "week": week.astype(np.int32),
            "date": self._dates(week),
            "in_market": self.in_market[week],
            "orders": self.by_car("orders").sum(axis=1),
            "deliveries": self.by_car("deliveries").sum(axis=1),
            "backlog": self.backlog[week],
        }
        return pd.DataFrame(data, columns=list(TOTALS_COLUMNS))

    def market(self) -> pd.DataFrame:
        """One row a week for the whole market: the columns of MARKET_COLUMNS.

        `hhi` is the sum of squared brand shares of deliveries in percent, without aggregates. Shares of a week in
        which nothing was sold are NaN, and so is the interface's share of profit in a week without any.
        """
        weeks = self.weeks_written
        orders, delivered = self.by_car("orders"), self.by_car("deliveries")
        total = delivered.sum(axis=1)
        share = np.divide(delivered, total[:, None], out=np.full_like(delivered, np.nan), where=total[:, None] > 0)
        single = np.array([not car.aggregate for car in self.catalogue.cars.values()])
        of_brand = (self.catalogue.brand_of_car[:, None] == np.arange(len(self.catalogue.brands))) & single[:, None]
        brand_share = share @ of_brand.astype(float)
        started = self.outside[:weeks] + orders.sum(axis=1)
        data = {
            "outside_share": np.divide(self.outside[:weeks], started, out=np.full(weeks, np.nan), where=started > 0),
            "hhi": (brand_share**2).sum(axis=1) * 1e4,
            "customised_share": np.where(self.customised(slice(weeks)), share, 0.0 * share).sum(axis=1),
            "makers_customising": self.makers_customising[:weeks],
            "interface_share": self.books.interface_shares(self.interface)[:weeks],
            "attention": self.attention[:weeks],
        }
        return self.totals().assign(**data)[list(MARKET_COLUMNS)]

    def deposits_held(self) -> NDArray[np.float64]:
        """Deposits held for orders that wait, in CNY at the end of each week: (weeks written, channels)."""
        flow = self.deposits["paid"] - sum(self.deposits[name] for name in DEPOSITS[1:])
        return self.deposits_at_opening + np.cumsum(flow[: self.weeks_written], axis=0)

    def _dates(self, week: NDArray[np.integer]) -> NDArray[np.datetime64]:
        return (np.datetime64(self.start, "D") + 7 * week.astype(np.int64)).astype("datetime64[ms]")
