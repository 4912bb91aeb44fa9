"""Contracts and costs, as a case states them: what organisations owe each other, and what things cost.

A contract speaks of roles: who sells, who produces, who defines. So it binds whoever has the role at the time, and
moves with it; only the few parties that it names stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.fields import Id, Section, Share, Shares, value

Floats = NDArray[np.float64]


class Stake(Section):
    """A share in the profit, and the loss, that one organisation makes on the cars of a contract."""

    holder: Id = value(..., unit="id", meaning="organisation that holds the stake", grade="B", source="press")
    of: Id = value(..., unit="id", meaning="organisation whose profit is shared", grade="B", source="press")
    share: Share = value(..., unit="share", meaning="part of the profit on these cars; 0: none")


class Contract(Section):
    """What partners have agreed on for some cars."""

    cars: list[Id] | None = value(None, unit="ids", meaning="cars it is about; none: every car")
    channels: list[Id] | None = value(None, unit="ids", meaning="channels whose sales it is about; none: all")
    seller: Id | None = value(
        None, unit="id", meaning="organisation that sells under it; none: whoever holds the role of sales"
    )
    start: date | None = value(None, unit="date", meaning="first day in force; none: from the start of the run")
    commission: Share = value(0.06, unit="share of the price", meaning="kept by the seller; 0: none")
    definition_fee_cny: float = value(
        0.0, unit="CNY a car", meaning="paid by the maker to who defines the car; 0: none", ge=0.0, le=1e6
    )
    minimum_volume_per_year: float = value(
        0.0, unit="cars a year", meaning="volume that the seller guarantees; 0: none", ge=0.0, le=1e8
    )
    shortfall_cny: float = value(
        0.0, unit="CNY a car", meaning="paid by the seller to the maker for each car below that volume", ge=0.0, le=1e6
    )
    exclusive_until: date | None = value(
        None, unit="date", meaning="first day on which other platforms may sell these cars; none: always",
    )  # fmt: skip
    data_fee_cny: float = value(
        0.0, unit="CNY per owner and year", meaning="paid by the maker to who keeps the owners' data; 0: none",
        ge=0.0, le=1e5,
    )  # fmt: skip
    exit_fee_cny: float = value(
        0.0, unit="CNY", meaning="paid by who leaves to who takes over; 0: none", ge=0.0, le=1e12
    )
    liability_after_exit_weeks: float = value(
        0.0, unit="weeks", meaning="how long who left pays its part of remedies; 0: not at all", ge=0.0, le=1_040.0,
    )  # fmt: skip
    remedy_split: Shares = value(
        dict, unit="share", meaning="who pays for remedies; empty: those who answer, in equal parts"
    )
    stake: Stake | None = value(None, unit="", meaning="a share in profit; none: no stake")


class Costs(Section):
    """What cars, batteries, selling and service cost, where nothing else is agreed."""

    unit_cost: Share = value(
        0.85, unit="share of the list price", meaning="parts, labour, transport, tax and battery of a car"
    )
    battery: Share = value(0.32, unit="share of the unit cost", meaning="what the maker pays for the battery")
    battery_margin: Share = value(0.15, unit="share", meaning="part of that price which its maker keeps")
    commission: Share = value(
        0.06, unit="share of the price", meaning="what selling earns where no contract covers a sale", grade="D",
        source="judgement: thin margins, 52.6 % of dealers lost money in the first half of 2025",
    )  # fmt: skip
    selling: Share = value(0.05, unit="share of the price", meaning="stores, staff and logistics of who sells")
    package_margin: Share = value(0.35, unit="share", meaning="part of the price of a package that its provider keeps")
    warranty_cny: float = value(
        600.0, unit="CNY per owner and year", meaning="repairs under warranty; 0: none", ge=0.0, le=1e5
    )
    warranty_margin: Share = value(0.1, unit="share", meaning="part of it that who repairs keeps")
    margins: dict[Id, Share] = value(
        lambda: {"care": 0.40, "accessories": 0.30, "insurance": 0.15, "energy": 0.10},
        unit="share",
        meaning="part of what owners pay that the provider keeps, by category",
    )
    pack_life_weeks: float = value(520.0, unit="weeks", meaning="life of a rented battery pack", gt=0.0, le=5_200.0)
    pack_residual: Share = value(0.2, unit="share of its price", meaning="worth of a pack at the end of its life")
    station_life_weeks: float = value(416.0, unit="weeks", meaning="life of a swap station", gt=0.0, le=5_200.0)


class Agreements:
    """The contracts of a case laid out over its cars and offers; which of them are in force changes with time."""

    def __init__(self, contracts: Mapping[str, Contract], catalogue: Catalogue, start: date) -> None:
        """`start` is the first day of the run. Contracts are read in alphabetical order."""
        self.catalogue = catalogue
        self.keys = tuple(sorted(contracts))
        self.contracts = [contracts[key] for key in self.keys]
        self.covers = np.array([covers(one, catalogue) for one in self.contracts], bool).reshape(
            -1, len(catalogue.cars)
        )
        """(contracts, cars)"""
        self.sells = np.array([sells(one, catalogue) for one in self.contracts], bool).reshape(
            -1, len(catalogue.offers)
        )
        """(contracts, offers)"""
        self.starts = np.array([-np.inf if one.start is None else (one.start - start).days for one in self.contracts])
        self.free = np.array(
            [-np.inf if one.exclusive_until is None else (one.exclusive_until - start).days for one in self.contracts]
        )
        at = [channel.platform for channel in catalogue.channels.values()]
        place = [-1 if platform is None else catalogue.organisations.index(platform) for platform in at]
        self._place = np.array(place, np.intp)[catalogue.channel_of]
        """(offers,) the platform in whose channel each is sold, -1: none"""

    def in_force(self, day: float) -> NDArray[np.bool_]:
        """Which contracts are in force on a day of the run: (contracts,)."""
        return self.starts <= day

    def leave(self, car: int, leaver: str) -> list[Contract]:
        """A contract that names the leaver as its seller no longer covers a car. Returns all that covered the car."""
        concerned = [i for i in range(len(self.contracts)) if self.covers[i, car]]
        for i in concerned:
            if self.contracts[i].seller == leaver:
                self.covers[i, car] = False
                self.sells[i, self.catalogue.car_of == car] = False
        return [self.contracts[i] for i in concerned]

    def per_offer(self, day: float, amounts: Sequence[float], otherwise: float) -> Floats:
        """An amount of the contract under which each offer is sold, or `otherwise`: (offers,)."""
        result = np.full(len(self.catalogue.offers), otherwise)
        for sold, amount, valid in zip(self.sells, amounts, self.in_force(day), strict=True):
            if valid:
                result[sold] = amount
        return result

    def per_car(self, day: float, amounts: Sequence[float]) -> Floats:
        """The sum over contracts of an amount for each car that they cover: (cars,)."""
        return np.where(self.in_force(day), np.asarray(amounts, float), 0.0) @ self.covers.astype(float)

    def sellers(self, day: float, sales: Floats) -> Floats:
        """Who sells each offer: (offers, organisations). `sales` (cars, organisations) holds where nobody is named."""
        result: Floats = sales[self.catalogue.car_of]
        for sold, one, valid in zip(self.sells, self.contracts, self.in_force(day), strict=True):
            if valid and one.seller is not None:
                result[sold] = 0.0
                result[sold, self.catalogue.organisations.index(one.seller)] = 1.0
        return result

    def open_to_others(self, day: float, sales: Floats) -> NDArray[np.bool_]:
        """Which offers no exclusive contract forbids on a day: (offers,).

        While a contract is exclusive, its cars are not sold in the channels of any platform but its seller's.
        """
        catalogue, place = self.catalogue, self._place
        allowed = np.ones(len(place), bool)
        for i in (self.in_force(day) & (day < self.free)).nonzero()[0].tolist():
            one, covered = self.contracts[i], self.covers[i]
            if one.seller is not None:
                foreign = (place >= 0) & (place != catalogue.organisations.index(one.seller))
            else:
                foreign = (place >= 0) & (sales[catalogue.car_of, place] == 0.0)
            allowed &= ~(covered[catalogue.car_of] & foreign)
        return allowed

    def of_car(self, car: int, day: float) -> list[Contract]:
        """The contracts in force that cover a car, in alphabetical order of their ids."""
        return [self.contracts[i] for i in np.flatnonzero(self.covers[:, car] & self.in_force(day))]


def covers(contract: Contract, catalogue: Catalogue) -> list[bool]:
    """Whether a contract is about each car."""
    return [contract.cars is None or key in contract.cars for key in catalogue.cars]


def sells(contract: Contract, catalogue: Catalogue) -> list[bool]:
    """Whether each offer is sold under a contract."""
    return [
        (contract.cars is None or offer.car in contract.cars)
        and (contract.channels is None or offer.channel in contract.channels)
        for offer in catalogue.offers
    ]
