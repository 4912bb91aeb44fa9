"""Accounts: which money each flow of cars, owners and stories moves, by contract or by custom; written into the books.

Amounts by offer are (offers,), by car (cars,); households are weighted. The market says what happened, this file says
who pays whom. Roles are read from the catalogue at the time: who takes a role over also takes its income and costs.
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
from market.industry.books import HOUSEHOLDS, OUTSIDE, Books, Payment
from market.industry.contracts import Agreements, Contract, Costs
from market.industry.deposits import Deposits
from market.industry.liability import Liability
from market.industry.volumes import WEEKS_A_YEAR, Volumes
from market.organisations import Organisation

Floats = NDArray[np.float64]


class Accounts:
    """Writes every payment of a run: `books` the payments, `assets` what rented batteries and stations are worth."""

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
        channels, plans = list(catalogue.channels.values()), list(catalogue.plans.values())
        packages = list(catalogue.packages.values())
        self._deposits = Deposits(np.array([one.deposit_cny for one in channels])[catalogue.channel_of])
        self.discount_cny = np.array([one.discount_cny for one in plans])[catalogue.plan_of]
        self.package_cny = np.array([one.price_cny for one in packages])[catalogue.package_of]
        column = catalogue.organisations.index
        provider = [-1 if one.provider is None else column(one.provider) for one in packages]
        self._of_car = (np.arange(m)[:, None] == catalogue.car_of).astype(float)
        self._is_named = np.array(provider, np.intp)[catalogue.package_of] >= 0
        self._provider = np.eye(o)[np.array(provider, np.intp)[catalogue.package_of]]
        self._added: list[tuple[int, int, str, float]] = []
        self._bargained: dict[int, tuple[str, str, float]] = {}
        self.volumes = Volumes(self.agreements)

    # ------------------------------------------------------------------------------------------------- who and what

    def holders(self, function: str) -> Floats:
        """Who holds a function of each car now: (cars, organisations); its maker if the case has no such function."""
        catalogue = self.catalogue
        if function in catalogue.functions:
            held: Floats = catalogue.roles[:, catalogue.functions.index(function)]
            return held
        maker = [catalogue.organisations.index(car.maker) for car in catalogue.cars.values()]
        return np.eye(len(catalogue.organisations))[maker]

    def sellers(self, week: int) -> Floats:
        """Who sells each offer: (offers, organisations)."""
        return self.agreements.sellers(week * DAYS, self.holders("sales"))

    def _by_car(self, cny: ArrayLike, party: Floats) -> tuple[Floats, Floats]:
        """Several amounts by offer, (kinds, offers), and the shares of organisations in them, by car.

        `party` (offers, organisations), or (kinds, ...) of these, holds the shares in each offer. Returns amounts
        (kinds, cars) and shares (kinds, cars, organisations).
        """
        total: Floats = (self._of_car * np.asarray(cny, float)[:, None]) @ party
        amount = total.sum(axis=2)
        whole = amount[:, :, None]
        return amount, np.divide(total, whole, out=np.zeros_like(total), where=whole != 0.0)

    # --------------------------------------------------------------------------------------------------- cars

    def hand_over(self, week: int, households: Floats, revenue_cny: Floats) -> None:
        """Cars are handed over: `households` (offers,) get one and pay `revenue_cny` (offers,), packages included.

        The seller hands the price on to the maker and receives a commission; rented batteries are bought by who holds
        the battery; the maker buys all batteries.
        """
        costs, day = self.costs, week * DAYS
        maker, battery, seller = self.holders("production"), self.holders("battery"), self.sellers(week)
        packages = self.package_cny * households
        price = revenue_cny - packages
        full_price = price + self.discount_cny * households
        rate = self.agreements.per_offer(day, [one.commission for one in self.agreements.contracts], costs.commission)
        provider = np.where(self._is_named[:, None], self._provider, seller)
        amount, shares = self._by_car(
            [price, rate * full_price, costs.selling * full_price, packages],
            np.array([seller, seller, seller, provider]),
        )
        sold_by, paid_to, paid_by, provided_by = shares
        packs, count = self._of_car @ (self.discount_cny * households), self._of_car @ households
        for car in packs.nonzero()[0].tolist():
            self.assets.buy(week, car, packs[car] * battery[car])
        cost = self.unit_cost_cny * count
        cost_of_battery = self.unit_cost_cny * costs.battery * count
        fee = self.agreements.per_car(day, [one.definition_fee_cny for one in self.agreements.contracts])
        due = [
            Payment(week, "car", HOUSEHOLDS, sold_by, amount[0]),
            Payment(week, "transfer", sold_by, maker, amount[0]),
            Payment(week, "commission", maker, paid_to, amount[1]),
            Payment(week, "selling", paid_by, OUTSIDE, amount[2]),
            Payment(week, "package", HOUSEHOLDS, provided_by, amount[3]),
            Payment(week, "package_cost", provided_by, OUTSIDE, amount[3] * (1.0 - costs.package_margin)),
            Payment(week, "capital", battery, maker, packs),
            Payment(week, "production", maker, OUTSIDE, cost - cost_of_battery),
            Payment(week, "battery", maker, battery, cost_of_battery),
            Payment(week, "cells", battery, OUTSIDE, cost_of_battery * (1.0 - costs.battery_margin)),
            Payment(week, "definition_fee", maker, self.holders("definition"), fee * count),
        ]
        for c, (platform, producer, cny) in sorted(self._bargained.items()):
            due.append(Payment(week, "definition_fee", producer, platform, cny * count[c], car=c))
        for c, taker, function, cny in self._added:
            due.append(Payment(week, "unit_cost", self._name(taker), OUTSIDE, cny * count[c], car=c, pays=function))
        self.books.pay_later(*due)
        self.volumes.count(day, households)

    def open_deposits(self, households: Floats) -> None:
        """Deposits of orders placed before the run, by offer: already with the sellers."""
        self._deposits.held = self._deposits.cny * households

    def deposits(self, week: int, paid: Floats, credited: Floats, refunded: Floats, forfeited: Floats) -> None:
        """Follow the deposits: households by offer who paid one, were credited at the handover, got it back or lost it.

        Where others sell from now on, what is held goes to them.
        """
        self.books.pay_later(
            *self._deposits.follow(week, self.sellers(week), self._by_car, paid, credited, refunded, forfeited)
        )

    # ------------------------------------------------------------------------------------------------- owners

    def rents(self, week: int, rent: Floats, overage: Floats, buy_out: Floats, bought_out_share: Floats) -> None:
        """Renters pay who holds the battery: CNY by car; `bought_out_share` (cars,) is the part of packs now sold."""
        battery = self.holders("battery")
        lines = (("rent", rent), ("overage", overage), ("buy_out", buy_out))
        self.books.pay_later(*(Payment(week, line, HOUSEHOLDS, battery, cny) for line, cny in lines))
        for car in bought_out_share.nonzero()[0].tolist():
            self.assets.part_with(car, float(bought_out_share[car]))

    def aftersales(self, week: int, category: str | Sequence[str], spent: Floats) -> None:
        """Owners spend: (cars, organisations + 1) CNY by provider, the last being independents.

        `category` is care, accessories, insurance or energy. For several of them `spent` has these as its first axis.
        Raises KeyError for another.
        """
        if isinstance(category, str):
            category, spent = [category], spent[None]
        inside = spent[:, :, :-1]
        amounts = inside.sum(axis=2)
        whole = amounts[:, :, None]
        shares = np.divide(inside, whole, out=np.zeros_like(inside), where=whole > 0.0)
        due: list[Payment] = []
        for line, share, amount, outside in zip(category, shares, amounts, spent[:, :, -1], strict=True):
            cost = amount * (1.0 - self.costs.margins.get(line, 0.0))
            due.append(Payment(week, line, HOUSEHOLDS, share, amount))
            due.append(Payment(week, line, HOUSEHOLDS, OUTSIDE, outside))
            due.append(Payment(week, f"{line}_cost", share, OUTSIDE, cost))
        self.books.pay_later(*due)

    # ------------------------------------------------------------------------------------------- traffic and capital

    def media(self, week: int, place: str | Sequence[str], cny: ArrayLike, payer: str | None = None) -> None:
        """Advertising in a place is paid by who holds marketing, or by one payer: CNY by car, or one sum for no car.

        A place that is an organisation earns it; any other is outside. For several places `cny` has these as its first
        axis. Raises ValueError for one sum without a payer.
        """
        places, sums = ([place], [cny]) if isinstance(place, str) else (place, np.asarray(cny, float))
        if payer is None and any(np.ndim(one) == 0 for one in sums):
            raise ValueError("payer: none was given for a sum that concerns no one car; name who pays")
        by = self.holders("marketing") if payer is None else payer
        earners = [one if one in self.catalogue.organisations else OUTSIDE for one in places]
        due = [Payment(week, "media", by, earner, one) for earner, one in zip(earners, sums, strict=True)]
        self.books.pay_later(*due)

    def stations(self, week: int, organisation: str, cny: float) -> None:
        """An organisation builds swap stations."""
        self.books.pay_later(Payment(week, "stations", organisation, OUTSIDE, cny))
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
        if move.unit_cost_cny > 0.0:
            self._added.append((car, taker, move.function, move.unit_cost_cny))

    def agree(self, car: int, platform: str, maker: str, cny: float) -> None:
        """From now on the maker pays a platform so much for each car handed over; below 0 the platform pays the maker.

        A new bargain about a car (its position in the catalogue) replaces the one before.
        """
        self._bargained[car] = (platform, maker, cny)

    def left(self, week: int, car: str, leaver: str, heir: str) -> None:
        """Who leaves a car pays the exit fees of its contracts to the heir, and stays liable as long as they say."""
        c, column = self.catalogue.car_index[car], self.catalogue.organisations.index
        contracts = self.agreements.leave(c, leaver)
        self.books.pay(week, "exit_fee", leaver, heir, sum(one.exit_fee_cny for one in contracts), car=c)
        weeks = max((one.liability_after_exit_weeks for one in contracts), default=0.0)
        self.liability.leave(c, leaver, heir, (week + weeks) * DAYS)
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
        day, produces, serves = week * DAYS, self.holders("production"), self.holders("service")
        repairs = owners * self.costs.warranty_cny / WEEKS_A_YEAR
        fee = self.agreements.per_car(day, [one.data_fee_cny for one in self.agreements.contracts])
        due = [
            Payment(week, "service_warranty", produces, serves, repairs),
            Payment(week, "warranty_cost", serves, OUTSIDE, repairs * (1.0 - self.costs.warranty_margin)),
            Payment(week, "data_fee", produces, self.holders("data"), owners * fee / WEEKS_A_YEAR),
        ]
        for seller, missing in self.volumes.close(day):
            sells = self.holders("sales")
            if seller is not None:
                sells = np.zeros_like(sells)
                sells[:, self.catalogue.organisations.index(seller)] = 1.0
            due.append(Payment(week, "shortfall", sells, produces, missing))
        self.books.pay_later(*due)
        self.books.revalue(week, "battery", self.assets.close(week))
        stakes = [
            (one.stake, covered)
            for one, covered, valid in zip(
                self.agreements.contracts, self.agreements.covers, self.agreements.in_force(day), strict=True
            )
            if valid and one.stake is not None
        ]
        if stakes:
            earned, column = self.books.profit_of_week(week)[:-1], self.catalogue.organisations.index
            for stake, covered in stakes:
                part = np.where(covered, stake.share * earned[:, column(stake.of)], 0.0)
                self.books.pay(week, "stake", stake.of, stake.holder, part)
        self.books.close_week(week)

    def _name(self, organisation: int) -> str:
        """The id of an organisation by its column."""
        return self.catalogue.organisations[organisation]
