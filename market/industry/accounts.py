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
from market.industry.books import HOUSEHOLDS, OUTSIDE, Books
from market.industry.contracts import Agreements, Contract, Costs
from market.industry.liability import Liability
from market.organisations import Organisation

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 52


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
        self.deposit_cny = np.array([one.deposit_cny for one in channels])[catalogue.channel_of]
        self.discount_cny = np.array([one.discount_cny for one in plans])[catalogue.plan_of]
        self.package_cny = np.array([one.price_cny for one in packages])[catalogue.package_of]
        column = catalogue.organisations.index
        provider = [-1 if one.provider is None else column(one.provider) for one in packages]
        self._of_car = (np.arange(m)[:, None] == catalogue.car_of).astype(float)
        self._is_named = np.array(provider, np.intp)[catalogue.package_of] >= 0
        self._provider = np.eye(o)[np.array(provider, np.intp)[catalogue.package_of]]
        self._deposits_held = np.zeros(len(catalogue.offers))
        self._deposits_with: Floats | None = None
        self._added: list[tuple[int, int, str, float]] = []
        self._bargained: dict[int, tuple[str, str, float]] = {}
        contracts_listed = len(self.agreements.contracts)
        self._weeks_of_year, self._volume = np.zeros(contracts_listed), np.zeros(contracts_listed)

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

    def _by_car(self, cny: Floats, party: Floats) -> tuple[Floats, Floats]:
        """Amounts by offer, and the shares of organisations in each, as amounts and shares by car."""
        total: Floats = (self._of_car * cny) @ party
        amount = total.sum(axis=1)
        share = np.divide(total, amount[:, None], out=np.zeros_like(total), where=amount[:, None] != 0.0)
        return amount, share

    # --------------------------------------------------------------------------------------------------- cars

    def hand_over(self, week: int, households: Floats, revenue_cny: Floats) -> None:
        """Cars are handed over: `households` (offers,) get one and pay `revenue_cny` (offers,), packages included.

        The seller hands the price on to the maker and receives a commission; rented batteries are bought by who holds
        the battery; the maker buys all batteries.
        """
        pay, costs, day = self.books.pay, self.costs, week * DAYS
        maker, battery, seller = self.holders("production"), self.holders("battery"), self.sellers(week)
        packages = self.package_cny * households
        price = revenue_cny - packages
        amount, sold_by = self._by_car(price, seller)
        pay(week, "car", HOUSEHOLDS, sold_by, amount)
        pay(week, "transfer", sold_by, maker, amount)
        full_price = price + self.discount_cny * households
        rate = self.agreements.per_offer(day, [one.commission for one in self.agreements.contracts], costs.commission)
        amount, paid_to = self._by_car(rate * full_price, seller)
        pay(week, "commission", maker, paid_to, amount)
        amount, paid_by = self._by_car(costs.selling * full_price, seller)
        pay(week, "selling", paid_by, OUTSIDE, amount)
        amount, provided_by = self._by_car(packages, np.where(self._is_named[:, None], self._provider, seller))
        pay(week, "package", HOUSEHOLDS, provided_by, amount)
        pay(week, "package_cost", provided_by, OUTSIDE, amount * (1.0 - costs.package_margin))

        cars = len(self.catalogue.cars)
        packs = np.bincount(self.catalogue.car_of, self.discount_cny * households, cars)
        pay(week, "capital", battery, maker, packs)
        for car in np.flatnonzero(packs):
            self.assets.buy(week, int(car), packs[car] * battery[car])
        count = np.bincount(self.catalogue.car_of, households, cars)
        cost_of_battery = self.unit_cost_cny * costs.battery * count
        pay(week, "production", maker, OUTSIDE, self.unit_cost_cny * count - cost_of_battery)
        pay(week, "battery", maker, battery, cost_of_battery)
        pay(week, "cells", battery, OUTSIDE, cost_of_battery * (1.0 - costs.battery_margin))
        fee = self.agreements.per_car(day, [one.definition_fee_cny for one in self.agreements.contracts])
        pay(week, "definition_fee", maker, self.holders("definition"), fee * count)
        for c, (platform, producer, cny) in sorted(self._bargained.items()):
            pay(week, "definition_fee", producer, platform, cny * count[c], car=c)
        for c, taker, function, cny in self._added:
            pay(week, "unit_cost", self._name(taker), OUTSIDE, cny * count[c], car=c, pays=function)
        under = self.agreements.sells & self.agreements.in_force(day)[:, None]
        self._volume += under @ np.asarray(households, float)

    def open_deposits(self, households: Floats) -> None:
        """Deposits of orders placed before the run, by offer: already with the sellers."""
        self._deposits_held = self.deposit_cny * households

    def deposits(self, week: int, paid: Floats, credited: Floats, refunded: Floats, forfeited: Floats) -> None:
        """Follow the deposits: households by offer who paid one, were credited at the handover, got it back or lost it.

        Where others sell from now on, what is held goes to them.
        """
        seller = self.sellers(week)
        pay, held = self.books.pay, self._deposits_held
        if self._deposits_with is not None and not np.array_equal(self._deposits_with, seller):
            amount, before = self._by_car(held, self._deposits_with)
            pay(week, "deposit", before, self._by_car(held, seller)[1], amount)
        self._deposits_with = seller
        amount, received_by = self._by_car(self.deposit_cny * paid, seller)
        pay(week, "deposit", HOUSEHOLDS, received_by, amount)
        amount, given_by = self._by_car(self.deposit_cny * (credited + refunded + forfeited), seller)
        pay(week, "deposit", given_by, HOUSEHOLDS, amount)
        amount, kept_by = self._by_car(self.deposit_cny * forfeited, seller)
        pay(week, "forfeit", HOUSEHOLDS, kept_by, amount)
        self._deposits_held = held + self.deposit_cny * (paid - credited - refunded - forfeited)

    # ------------------------------------------------------------------------------------------------- owners

    def rents(self, week: int, rent: Floats, overage: Floats, buy_out: Floats, bought_out_share: Floats) -> None:
        """Renters pay who holds the battery: CNY by car; `bought_out_share` (cars,) is the part of packs now sold."""
        battery = self.holders("battery")
        for line, cny in (("rent", rent), ("overage", overage), ("buy_out", buy_out)):
            self.books.pay(week, line, HOUSEHOLDS, battery, cny)
        for car in np.flatnonzero(bought_out_share):
            self.assets.part_with(int(car), float(bought_out_share[car]))

    def aftersales(self, week: int, category: str, spent: Floats) -> None:
        """Owners spend: (cars, organisations + 1) CNY by provider, the last being independents.

        `category` is care, accessories, insurance or energy. Raises KeyError for another.
        """
        inside = spent[:, :-1]
        amount = inside.sum(axis=1)
        share = np.divide(inside, amount[:, None], out=np.zeros_like(inside), where=amount[:, None] > 0.0)
        self.books.pay(week, category, HOUSEHOLDS, share, amount)
        self.books.pay(week, category, HOUSEHOLDS, OUTSIDE, spent[:, -1])
        kept = self.costs.margins.get(category, 0.0)
        self.books.pay(week, f"{category}_cost", share, OUTSIDE, amount * (1.0 - kept))

    # ------------------------------------------------------------------------------------------- traffic and capital

    def media(self, week: int, place: str, cny: ArrayLike, payer: str | None = None) -> None:
        """Advertising in a place is paid by who holds marketing, or by one payer: CNY by car, or one sum for no car.

        A place that is an organisation earns it; any other is outside. Raises ValueError for one sum without a payer.
        """
        if payer is None and np.ndim(cny) == 0:
            raise ValueError("payer: none was given for a sum that concerns no one car; name who pays")
        earner = place if place in self.catalogue.organisations else OUTSIDE
        self.books.pay(week, "media", self.holders("marketing") if payer is None else payer, earner, cny)

    def stations(self, week: int, organisation: str, cny: float) -> None:
        """An organisation builds swap stations."""
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
        pay, day = self.books.pay, week * DAYS
        repairs = owners * self.costs.warranty_cny / WEEKS_A_YEAR
        pay(week, "service_warranty", self.holders("production"), self.holders("service"), repairs)
        pay(week, "warranty_cost", self.holders("service"), OUTSIDE, repairs * (1.0 - self.costs.warranty_margin))
        fee = self.agreements.per_car(day, [one.data_fee_cny for one in self.agreements.contracts])
        pay(week, "data_fee", self.holders("production"), self.holders("data"), owners * fee / WEEKS_A_YEAR)
        self._settle_volumes(week)
        self.books.revalue(week, "battery", self.assets.close(week))
        earned = self.books.profit_of_week(week)[:-1]
        column = self.catalogue.organisations.index
        for one, covered, valid in zip(
            self.agreements.contracts, self.agreements.covers, self.agreements.in_force(day), strict=True
        ):  # fmt: skip
            if valid and one.stake is not None:
                part = np.where(covered, one.stake.share * earned[:, column(one.stake.of)], 0.0)
                pay(week, "stake", one.stake.of, one.stake.holder, part)
        self.books.close_week(week)

    def _settle_volumes(self, week: int) -> None:
        """Count a week of each contract whose cars are on sale; after a year the seller pays for what is missing."""
        agreements, day = self.agreements, week * DAYS
        on_sale = (agreements.covers & (self.catalogue.launch_day <= day)).any(axis=1)
        self._weeks_of_year += on_sale & agreements.in_force(day)
        for i in np.flatnonzero(self._weeks_of_year >= WEEKS_A_YEAR):
            one, covered = agreements.contracts[i], agreements.covers[i]
            missing = max(one.minimum_volume_per_year - float(self._volume[i]), 0.0)
            each = np.where(covered, missing * one.shortfall_cny / max(int(covered.sum()), 1), 0.0)
            self._weeks_of_year[i], self._volume[i] = 0.0, 0.0
            seller = self.holders("sales")
            if one.seller is not None:
                seller = np.zeros_like(seller)
                seller[:, self.catalogue.organisations.index(one.seller)] = 1.0
            self.books.pay(week, "shortfall", seller, self.holders("production"), each)

    def _name(self, organisation: int) -> str:
        """The id of an organisation by its column."""
        return self.catalogue.organisations[organisation]
