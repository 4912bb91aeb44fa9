"""Books: what every party pays and receives, by week, car and line. What one pays, another receives.

Parties are the organisations, the households (as buyers and owners) and the outside (suppliers, staff, places that are
nobody's in the case). A payment is written on both sides at once, so the sum over parties is zero whatever happens:
what organisations keep is what households paid less what went outside.

Each line also says which function pays and which earns, so that profit can be asked by organisation and by function,
even where one organisation does everything and pays itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import roles

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Party = str | NDArray[np.float64]
"""A party by name, or shares of organisations: (organisations,), or (cars, organisations), rows summing to 1."""

HOUSEHOLDS, OUTSIDE, NO_CAR = "households", "outside", "no car"
"""The two parties that are no organisations, and what stands in tables for payments that concern no one car."""
FINANCE_COLUMNS = ("week", "date", "car", "organisation", "line", "cny")
_NOTHING_CNY = 1e-6
"""Amounts below this are what rounding leaves."""
_ROUNDING = 1e-6
"""By how much shares may miss 1: as in the rows of a case."""


class Line(NamedTuple):
    """One kind of payment: which function pays, which earns, where these are organisations."""

    pays: str
    earns: str
    means: str


LINES = {
    "car": Line("", "sales", "buyers pay for cars at the handover"),
    "package": Line("", "service", "buyers pay for film, accessories, care packages"),
    "package_cost": Line("service", "", "what packages cost their provider"),
    "deposit": Line("", "", "deposits of orders, held by the seller: a debt, no profit"),
    "forfeit": Line("", "sales", "deposits that cancelled orders lose"),
    "transfer": Line("sales", "production", "the seller hands the price of cars on to the maker"),
    "commission": Line("production", "sales", "the maker pays the seller"),
    "definition_fee": Line("production", "definition", "the maker pays who defines the car, for each car"),
    "battery": Line("production", "battery", "the maker buys battery packs"),
    "production": Line("production", "", "parts, labour, transport and tax of a car, without the battery"),
    "cells": Line("battery", "", "what battery packs cost to make"),
    "unit_cost": Line("production", "", "added cost of each car after a role has moved"),
    "setup": Line("definition", "", "taking a role over, once"),
    "coordination": Line("production", "", "partners coordinate, so that less goes wrong between them"),
    "selling": Line("sales", "", "stores, staff and logistics of selling"),
    "capital": Line("battery", "production", "packs bought to be rented out: an asset of the buyer"),
    "stations": Line("battery", "", "swap stations built: an asset of the builder"),
    "rent": Line("", "battery", "owners rent batteries"),
    "overage": Line("", "battery", "owners pay for kilometres above the cap"),
    "buy_out": Line("", "battery", "owners buy the battery they rented"),
    "media": Line("marketing", "marketing", "advertising; platforms earn it, elsewhere is outside"),
    "care": Line("", "service", "owners pay for care and repair"),
    "accessories": Line("", "service", "owners pay for accessories"),
    "insurance": Line("", "finance", "owners pay for insurance and credit"),
    "energy": Line("", "battery", "owners pay for charging and swapping"),
    "care_cost": Line("service", "", "what care costs its provider"),
    "accessories_cost": Line("service", "", "what accessories cost their provider"),
    "insurance_cost": Line("finance", "", "claims and cost of credit"),
    "energy_cost": Line("battery", "", "what energy costs its provider"),
    "service_warranty": Line("production", "service", "the maker pays for repairs under warranty"),
    "warranty_cost": Line("service", "", "what repairs under warranty cost"),
    "data_fee": Line("production", "data", "the maker pays who keeps the owners' data"),
    "remedy": Line("service", "", "compensation to households"),
    "shortfall": Line("sales", "production", "the seller pays for cars below the agreed volume"),
    "exit_fee": Line("production", "production", "who leaves pays who takes over"),
    "stake": Line("production", "production", "profit shared with who holds a stake"),
}  # fmt: skip
"""All lines. What moves profit between owners of one function earns nothing as a function: it stands on both sides."""
DEBTS = ("deposit",)
ASSETS = ("capital", "stations")
INTERFACE = ("definition", "marketing", "sales", "finance", "data")
"""Functions that decide how a car is bought, rather than make it (the default of `responsibility.interface`)."""


class Books:
    """Every payment of a run, in CNY: `flow` is (weeks, lines, cars + 1, parties), what each party gained on balance.

    The last car stands for payments that concern no one car. About 8 bytes per entry: some 10 MB for 20 cars, 16
    parties and 104 weeks, whatever the number of consumers.
    """

    def __init__(self, organisations: Sequence[str], cars: Sequence[str], functions: Sequence[str], weeks: int) -> None:
        """Open empty books. Raises ValueError if an organisation has the name of one of the other parties."""
        if taken := {HOUSEHOLDS, OUTSIDE} & set(organisations):
            raise ValueError(f"organisations: {', '.join(sorted(taken))} stands for another party; choose another id")
        self.organisations, self.cars, self.weeks = tuple(organisations), tuple(cars), weeks
        self.parties = (*organisations, HOUSEHOLDS, OUTSIDE)
        self.functions = (*functions, *sorted({f for line in LINES.values() for f in line[:2] if f} - set(functions)))
        self._party = {key: i for i, key in enumerate(self.parties)}
        self._organised = slice(0, len(self.organisations))
        self._line = {key: i for i, key in enumerate(LINES)}
        self._earning = np.array([line not in DEBTS for line in LINES])
        self._function = {key: i for i, key in enumerate(self.functions)}
        m, organised = len(cars) + 1, len(organisations)
        self.flow = np.zeros((weeks, len(LINES), m, len(self.parties)))
        self.by_function = np.zeros((weeks, m, len(self.functions)))
        """(weeks, cars + 1, functions) CNY that each function earned"""
        self.asset_gain = np.zeros((weeks, m, organised))
        """(weeks, cars + 1, organisations) what assets gained in value, in CNY: bought less worn out"""
        self.weeks_written = 0

    def pay(
        self, week: int, line: str, payer: Party, payee: Party, cny: ArrayLike, car: int | None = None,
        pays: str | None = None, earns: str | None = None,
    ) -> None:  # fmt: skip
        """Write a payment on both sides.

        `cny` is (cars,), one amount for each car, or a single amount for one car (`car`) or for none; below 0 it goes
        the other way. `pays` and `earns` replace the functions of the line where they differ. Raises KeyError for a
        line or party that is not in the books, ValueError for an amount that is not finite or shares that do not sum
        to 1.
        """
        amount = self._amounts(cny, car)
        size = float(amount @ amount)
        if not math.isfinite(size):
            raise ValueError(f"{line}: {cny!r} was paid in week {week}; amounts must be finite")
        kind, table = LINES[line], self.flow[week, self._line[line]]
        if size == 0.0:
            return
        gives, takes = self._side(line, payer, amount), self._side(line, payee, amount)
        for party, portions, function, write in (
            (payer, gives, kind.pays if pays is None else pays, np.subtract),
            (payee, takes, kind.earns if earns is None else earns, np.add),
        ):
            column = self._party[party] if isinstance(party, str) else self._organised
            cells = table[: len(portions), column]
            write(cells, portions, cells)
            if function and not (isinstance(party, str) and party in (HOUSEHOLDS, OUTSIDE)):
                earned = self.by_function[week, :, self._function[function]]
                write(earned, amount, earned)

    def revalue(self, week: int, function: str, gain: Floats) -> None:
        """Assets gained or lost value: `gain` (cars + 1, organisations) CNY; a function of theirs earns it."""
        self.asset_gain[week] += gain
        self.by_function[week, :, self._function[function]] += gain.sum(axis=1)

    def close_week(self, week: int) -> None:
        """From now on tables show this week."""
        self.weeks_written = week + 1

    def profit(self) -> Floats:
        """Profit by week, car and organisation in CNY: (weeks, cars + 1, organisations).

        Payments received less made, without deposits (a debt), with what assets gained or lost in value: to buy a pack
        costs nothing, to wear it out does.
        """
        return np.array([self.profit_of_week(week) for week in range(self.weeks)])

    def profit_of_week(self, week: int) -> Floats:
        """Profit of one week so far, as `profit` counts it: (cars + 1, organisations)."""
        cash = self.flow[week, self._earning].sum(axis=0)
        return cash[:, : len(self.organisations)] + self.asset_gain[week]

    def interface_share(
        self, first: int = 0, last: int | None = None, cars: Sequence[int] | None = None,
        interface: Sequence[str] = INTERFACE,
    ) -> float:  # fmt: skip
        """Share of profit that the interface earns, from week `first` until before `last`; NaN without profit.

        Above 1: production, battery and service lose money; below 0: the interface does.
        """
        earned = self.by_function[first:last] if cars is None else self.by_function[first:last][:, list(cars)]
        return roles.interface_share(earned.sum(axis=(0, 1)), np.isin(self.functions, interface))

    def interface_shares(self, interface: Sequence[str] = INTERFACE) -> Floats:
        """The same for each week: (weeks,)."""
        return np.array([self.interface_share(week, week + 1, None, interface) for week in range(self.weeks)])

    def received(self, line: str) -> Floats:
        """What each party gained through a line: (weeks, cars + 1, parties) CNY."""
        gained: Floats = self.flow[:, self._line[line]]
        return gained

    def finance(self, start: date) -> pd.DataFrame:
        """The books of the weeks written: the columns of FINANCE_COLUMNS, without rows in which nothing was paid.

        Positive: received; negative: paid. Over the parties of a week, car and line the amounts sum to zero.
        """
        import pandas as pd

        flow = self.flow[: self.weeks_written]
        at = np.nonzero(np.abs(flow) > _NOTHING_CNY)
        week, line, car, party = at
        day = (np.datetime64(start, "D") + 7 * week.astype(np.int64)).astype("datetime64[ms]")

        def named(codes: NDArray[np.intp], names: Sequence[str]) -> pd.Categorical[str]:
            return pd.Categorical.from_codes(pd.Series(codes), categories=pd.Index(list(names)))

        data = {
            "week": week.astype(np.int32),
            "date": day,
            "car": named(car, (*self.cars, NO_CAR)),
            "organisation": named(party, self.parties),
            "line": named(line, tuple(LINES)),
            "cny": flow[at],
        }
        return pd.DataFrame(data, columns=list(FINANCE_COLUMNS))

    def _amounts(self, cny: ArrayLike, car: int | None) -> Floats:
        """An amount for each car and, last, for none."""
        given, amount = np.asarray(cny, float), np.zeros(len(self.cars) + 1)
        if given.ndim == 0:
            amount[len(self.cars) if car is None else car] = given
        elif given.shape == (len(self.cars),) and car is None:
            amount[:-1] = given
        else:
            raise ValueError(
                f"cny: given {given.shape} amounts; one for each of {len(self.cars)} cars, or a single one"
            )
        return amount

    def _side(self, line: str, party: Party, amount: Floats) -> Floats:
        """One side of a payment: what the party, or each organisation (columns), has to do with each amount.

        Rows that miss 1 by rounding are scaled, so that nothing is lost. Raises ValueError where they miss it by more.
        """
        if isinstance(party, str):
            if party not in self._party:
                raise KeyError(party)
            return amount
        total, due = np.add.reduce(party, axis=-1), amount[:-1] if party.ndim == 2 else amount
        nothing, wrong = due == 0.0, np.abs(total - 1.0) > _ROUNDING
        if np.count_nonzero(wrong > nothing) or (party.ndim == 2 and amount[-1] != 0.0):
            raise ValueError(f"{line}: shares of a party sum to {total}; they must sum to 1 for each car that pays")
        portions: Floats = (due / (total + nothing))[:, None] * party
        return portions
