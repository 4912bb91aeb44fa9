"""Accounts: which money each flow of cars, owners and stories moves, by contract or by custom; written into the books.

Amounts by offer are (offers,), by car (cars,); households are weighted. The market says what happened; who pays whom
for what happens every week stands in `settlement`, for all else here. Roles are those of the time: who takes a role
over also takes its income and costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.calendar import DAYS
from market.catalogue import Catalogue
from market.happenings import Move
from market.industry.assets import Assets
from market.industry.books import HOUSEHOLDS, OUTSIDE, Books
from market.industry.contracts import Agreements, Contract, Costs
from market.industry.liability import Liability
from market.industry.settlement import MEDIA, Facts, Settlement
from market.industry.terms import Terms, holders
from market.industry.volumes import Volumes
from market.organisations import Organisation

Floats = NDArray[np.float64]


class Accounts:
    """Keeps every payment of a run: `books` the payments, `assets` what rented batteries and stations are worth."""

    def __init__(
        self, catalogue: Catalogue, organisations: Mapping[str, Organisation], contracts: Mapping[str, Contract],
        costs: Costs, start: date, weeks: int,
    ) -> None:  # fmt: skip
        """Open the books of a run of `weeks` from its first day."""
        self.catalogue, self.costs = catalogue, costs
        self.agreements = Agreements(contracts, catalogue, start)
        self.books = Books(catalogue.organisations, tuple(catalogue.cars), catalogue.functions, weeks)
        m, o = len(catalogue.cars), len(catalogue.organisations)
        life, residual = np.full(m + 1, costs.pack_life_weeks), np.full(m + 1, costs.pack_residual)
        life[m], residual[m] = costs.station_life_weeks, 0.0
        self.assets = Assets(weeks, life, residual, o)
        self.unit_cost_cny = costs.unit_cost * np.array([car.price_cny for car in catalogue.cars.values()], float)
        """(cars,) with the battery; a new design writes its own"""
        self.liability = Liability(organisations)
        self.settlement = Settlement(catalogue, costs, self.books)
        self.books.kept_by(self.settlement.write)
        self._added: list[tuple[int, int, str, float]] = []
        self._bargained: dict[int, tuple[str, str, float]] = {}
        self._terms: Terms | None = None
        self._week = -1
        """in which terms were last looked at; -1: they may have changed since"""
        self.volumes = Volumes(self.agreements)

    # ------------------------------------------------------------------------------------------------- who and what

    def holders(self, function: str) -> Floats:
        """Who holds a function of each car now: (cars, organisations); its maker if the case has no such function."""
        return holders(self.catalogue, function)

    def open_to_others(self, day: float) -> NDArray[np.bool_]:
        """Which offers no exclusive contract forbids on a day: (offers,)."""
        return self.agreements.open_to_others(day, self.holders("sales"))

    def terms(self, week: int) -> Terms:
        """The terms of a week: looked at again in another week, and after whatever is decided here."""
        if self._terms is None or week != self._week:
            now = (week * DAYS, self.unit_cost_cny, tuple(self._added), self._bargained)
            if self._terms is None or not self._terms.hold(self.catalogue, self.agreements, *now):
                self._terms = Terms.of(self.catalogue, self.agreements, self.costs, *now)
            self._week = week
        return self._terms

    def _facts(self, week: int) -> Facts:
        return self.settlement.under(self.terms(week))

    # ------------------------------------------------------------------------------------------------ what happens

    def hand_over(self, week: int, households: Floats, revenue_cny: Floats) -> None:
        """Cars are handed over: `households` (offers,) get one and pay `revenue_cny` (offers,), packages included."""
        self._facts(week).tell("sold", week, np.array([households, revenue_cny]))
        offered = self.settlement.offered
        packs = offered.of_car @ (offered.discount_cny * households)
        for car in packs.nonzero()[0].tolist():
            self.assets.buy(week, car, packs[car] * self.terms(week).battery[car])
        self.volumes.count(week * DAYS, households)

    def open_deposits(self, households: Floats) -> None:
        """Deposits of orders placed before the run, by offer: already with the sellers."""
        self.settlement.deposits_held = self.settlement.offered.deposit_cny * households

    def deposits(self, week: int, paid: Floats, credited: Floats, refunded: Floats, forfeited: Floats) -> None:
        """Follow the deposits: households by offer who paid one, were credited at the handover, got it back or lost it.

        Where others sell from now on, what is held goes to them.
        """
        self._facts(week).tell("deposits", week, np.array([paid, credited, refunded, forfeited]))

    def coordinate(self, week: int, cny: Floats) -> None:
        """Makers pay for coordination between partners: CNY by car."""
        self._facts(week).tell("coordination", week, cny)

    def rents(self, week: int, rent: Floats, overage: Floats, buy_out: Floats, bought_out_share: Floats) -> None:
        """Renters pay who holds the battery: CNY by car; `bought_out_share` (cars,) is the part of packs now sold."""
        self._facts(week).tell("rents", week, np.array([rent, overage, buy_out]))
        for car in bought_out_share.nonzero()[0].tolist():
            self.assets.part_with(car, float(bought_out_share[car]))

    def aftersales(self, week: int, category: str, spent: Floats) -> None:
        """Owners spend: (cars, organisations + 1) CNY by provider, the last being independents.

        `category` is care, accessories, insurance or energy. Raises KeyError for another.
        """
        self.settlement.aftersales(np.array([week]), [category], spent[None, None])

    def media(self, week: int, place: str | Sequence[str], cny: ArrayLike, payer: str | None = None) -> None:
        """Advertising in a place is paid by who holds marketing, or by one payer: CNY by car, or one sum for no car.

        A place that is an organisation earns it; any other is outside. For several places `cny` has these as its first
        axis. Raises ValueError for one sum without a payer.
        """
        places, sums = ([place], [cny]) if isinstance(place, str) else (place, np.asarray(cny, float))
        if payer is None and any(np.ndim(one) == 0 for one in sums):
            raise ValueError("payer: none was given for a sum that concerns no one car; name who pays")
        facts = self._facts(week)
        for one, paid in zip(places, sums, strict=True):
            if payer is None:
                facts.tell(f"{MEDIA}{one}", week, np.asarray(paid, float))
            else:
                self.books.pay(week, "media", payer, self.settlement.earner(one), paid)

    def stations(self, week: int, organisation: str, cny: float) -> None:
        """An organisation builds swap stations."""
        if cny == 0.0:
            return
        self.books.pay(week, "stations", organisation, OUTSIDE, cny)
        row = np.zeros(len(self.catalogue.organisations))
        row[self.catalogue.organisations.index(organisation)] = cny
        self.assets.buy(week, len(self.catalogue.cars), row)

    # -------------------------------------------------------------------------------------------------- remedies

    def remedy(self, week: int, car: str, households: float, cny: float, by: Sequence[str]) -> float:
        """Compensate households with `cny` each. Returns the part of it that budgets covered, 0 to 1.

        Who pays: the remedy split of the first contract of the car that has one, else those who answer in equal parts.
        Who has left the car pays as long as it is liable, then its heir does. Nobody steps in for an empty budget.
        """
        due = households * cny
        if due <= 0.0:
            return 1.0
        c = self.catalogue.car_index[car]
        paid = self.liability.draw(due * self.liable(c, week * DAYS, by))
        total = float(paid.sum())
        if total > 0.0:
            self.books.pay(week, "remedy", paid / total, HOUSEHOLDS, total, car=c)
        return total / due

    def liable(self, car: int, day: float, by: Sequence[str]) -> Floats:
        """Who pays for remedies of a car on a day: (organisations,), summing to 1."""
        splits = [one.remedy_split for one in self.agreements.of_car(car, day) if one.remedy_split]
        return self.liability.shares(car, day, splits[0] if splits else {}, by)

    # -------------------------------------------------------------------------------------------------- decisions

    def role_moved(self, week: int, move: Move) -> None:
        """Who takes a role over pays for setting up now, and the added cost of each car from now on."""
        car, taker = self.catalogue.car_index[move.car], self.catalogue.organisations.index(move.taker)
        self.books.pay(week, "setup", move.taker, OUTSIDE, move.setup_cny, car=car, pays=move.function)
        self._week = -1
        if move.unit_cost_cny > 0.0:
            self._added.append((car, taker, move.function, move.unit_cost_cny))

    def agree(self, car: int, platform: str, maker: str, cny: float) -> None:
        """From now on the maker pays a platform so much for each car handed over; below 0 the platform pays the maker.

        A new bargain about a car (its position in the catalogue) replaces the one before.
        """
        self._bargained[car], self._week = (platform, maker, cny), -1

    def left(self, week: int, car: str, leaver: str, heir: str) -> None:
        """Who leaves a car pays the exit fees of its contracts to the heir, and stays liable as long as they say."""
        c, column = self.catalogue.car_index[car], self.catalogue.organisations.index
        contracts = self.agreements.leave(c, leaver)
        self.books.pay(week, "exit_fee", leaver, heir, sum(one.exit_fee_cny for one in contracts), car=c)
        weeks = max((one.liability_after_exit_weeks for one in contracts), default=0.0)
        self.liability.leave(c, leaver, heir, (week + weeks) * DAYS)
        self._week = -1
        self._added = [
            (at, column(heir) if at == c and who == column(leaver) else who, function, cny)
            for at, who, function, cny in self._added
        ]
        if c in self._bargained:
            platform, maker, cny = self._bargained[c]
            self._bargained[c] = (heir if platform == leaver else platform, heir if maker == leaver else maker, cny)

    # ------------------------------------------------------------------------------------------ the end of a week

    def close(self, week: int, owners: Floats) -> None:
        """End a week in which `owners` (cars,) households drove each car.

        Repairs under warranty, data fees, volumes missed at the end of a year of a contract, the wear of assets, and
        last, stakes in what was earned.
        """
        self._facts(week).tell("owners", week, owners)
        for seller, missing in self.volumes.close(week * DAYS):
            sells = self.terms(week).sales
            if seller is not None:
                sells = np.zeros_like(sells)
                sells[:, self.catalogue.organisations.index(seller)] = 1.0
            self.books.pay(week, "shortfall", sells, self.terms(week).maker, missing)
        self.books.revalue(week, "battery", self.assets.close(week))
        self.books.close_week(week)
