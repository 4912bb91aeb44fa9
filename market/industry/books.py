"""Books: what every party pays and receives, by week, car and line. What one pays, another receives.

Parties are the organisations, the households (as buyers and owners) and the outside (suppliers, staff, places that are
nobody's in the case). A payment is written on both sides at once, so the sum over parties is zero whatever happens:
what organisations keep is what households paid less what went outside.

Each line also says which function pays and which earns, so that profit can be asked by organisation and by function,
even where one organisation does everything and pays itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import roles
from market.copies import copied_until
from market.industry.lines import ASSETS, DEBTS, INTERFACE, LINES, Line

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ASSETS", "DEBTS", "FINANCE_COLUMNS", "HOUSEHOLDS", "INTERFACE", "LINES", "NO_CAR", "OUTSIDE", "Books", "Line",
]  # fmt: skip

Floats = NDArray[np.float64]
Weeks = NDArray[np.integer]
Party = str | NDArray[np.float64]
"""A party by name, or shares of organisations: (organisations,), or (cars, organisations), rows summing to 1."""

HOUSEHOLDS, OUTSIDE, NO_CAR = "households", "outside", "no car"
"""The two parties that are no organisations, and what stands in tables for payments that concern no one car."""
FINANCE_COLUMNS = ("week", "date", "car", "organisation", "line", "cny")
_NOTHING_CNY = 1e-6
"""Amounts below this are what rounding leaves."""
_ROUNDING = 1e-6
"""By how much shares may miss 1: as in the rows of a case."""


class _Side(NamedTuple):
    """Where one side of a payment is written: columns of the flow, who earns, and how much each pays or receives."""

    columns: int | slice
    function: int | None
    cny: Floats
    """(weeks, cars), or (weeks, cars, organisations)"""


class Books:
    """Every payment of a run, in CNY.

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
        self._flow = np.zeros((weeks, len(LINES), m, len(self.parties)))
        self._by_function = np.zeros((weeks, m, len(self.functions)))
        self._catch_up: Callable[[], None] | None = None
        self.asset_gain = np.zeros((weeks, m, organised))
        """(weeks, cars + 1, organisations) what assets gained in value, in CNY: bought less worn out"""
        self.weeks_written = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """An independent copy; weeks that lie ahead take no memory in it either."""
        written = self.weeks_written + 1
        for book in (self._flow, self._by_function, self.asset_gain):
            memo[id(book)] = copied_until(book, written)
        twin = memo[id(self)] = object.__new__(type(self))
        twin.__dict__.update(deepcopy(self.__dict__, memo))
        return twin

    def kept_by(self, catch_up: Callable[[], None]) -> None:
        """From now on `catch_up` writes all that it knows of and has not written before anybody reads."""
        self._catch_up = catch_up

    def finish(self) -> None:
        """Let all be written that is known now; nobody is asked for more."""
        if self._catch_up is not None:
            self._catch_up()
        self._catch_up = None

    @property
    def flow(self) -> Floats:
        """(weeks, lines, cars + 1, parties) CNY that each party gained on balance."""
        if self._catch_up is not None:
            self._catch_up()
        return self._flow

    @property
    def by_function(self) -> Floats:
        """(weeks, cars + 1, functions) CNY that each function earned."""
        if self._catch_up is not None:
            self._catch_up()
        return self._by_function

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
        given = cny if isinstance(cny, np.ndarray) else np.asarray(cny, float)
        if car is None and given.shape == (len(self.cars),):
            amount = given[None]
        elif given.ndim == 0:
            amount = np.zeros((1, len(self.cars) + (car is None)))
            amount[0, -1 if car is None else car] = given
        else:
            raise ValueError(
                f"cny: given {given.shape} amounts; one for each of {len(self.cars)} cars, or a single one"
            )
        self.pay_weeks(np.array([week]), line, payer, payee, amount, pays, earns)

    def pay_weeks(
        self, weeks: Weeks, line: str, payer: Party, payee: Party, cny: Floats, pays: str | None = None,
        earns: str | None = None,
    ) -> None:  # fmt: skip
        """The same for several weeks at once: `weeks` (weeks,), each once and in order; `cny` is (weeks, cars).

        A party may also be what each of several organisations pays or receives: (weeks, cars, organisations).
        """
        if not math.isfinite(np.vdot(cny, cny)):
            raise ValueError(f"{line}: {cny!r} was paid in week {weeks}; amounts must be finite")
        kind, at, cars = LINES[line], self._line[line], cny.shape[1]
        first, last = int(weeks[0]), int(weeks[-1])
        when = slice(first, last + 1) if last - first + 1 == len(weeks) else weeks  # of weeks in a row no copy is made
        sides = (
            (self._side(line, payer, kind.pays if pays is None else pays, cny), np.subtract),
            (self._side(line, payee, kind.earns if earns is None else earns, cny), np.add),
        )
        for (columns, function, part), book in sides:
            entry = (when, at, slice(cars), columns)
            self._flow[entry] = book(self._flow[entry], part)
            if function is not None:
                earned = (when, slice(cars), function)
                self._by_function[earned] = book(self._by_function[earned], cny)

    def _side(self, line: str, party: Party, function: str, cny: Floats) -> _Side:
        """Where one side of a payment is written, and how much.

        Raises KeyError for a party that is not in the books. Rows of shares that miss 1 by rounding are scaled, so that
        nothing is lost; raises ValueError where they miss it by more.
        """
        if isinstance(party, str):
            earns = function and party not in (HOUSEHOLDS, OUTSIDE)
            return _Side(self._party[party], self._function[function] if earns else None, cny)
        part = party
        if party.ndim < 3:
            if party.ndim == 2 and len(party) < cny.shape[1]:  # nobody shares what concerns no one car
                party = np.concatenate([party, np.zeros_like(party[:1])])
            total = np.atleast_2d(party).sum(axis=1)
            nothing = cny == 0.0
            if ((np.abs(total - 1.0) > _ROUNDING) > nothing).any():
                raise ValueError(f"{line}: shares of a party sum to {total}; they must sum to 1 for each car that pays")
            part = np.divide(cny, total, out=np.zeros_like(cny), where=~nothing)[:, :, None] * party
        return _Side(self._organised, self._function[function] if function else None, part)

    def revalue(self, week: int, function: str, gain: Floats) -> None:
        """Assets gained or lost value: `gain` (cars + 1, organisations) CNY; a function of theirs earns it."""
        self.asset_gain[week] += gain
        self._by_function[week, :, self._function[function]] += gain.sum(axis=1)

    def close_week(self, week: int) -> None:
        """From now on tables show this week."""
        self.weeks_written = week + 1

    def profit(self) -> Floats:
        """Profit by week, car and organisation in CNY: (weeks, cars + 1, organisations).

        Payments received less made, without deposits (a debt), with what assets gained or lost in value: to buy a pack
        costs nothing, to wear it out does.
        """
        return self.profit_of(np.arange(self.weeks))

    def profit_of(self, weeks: Weeks) -> Floats:
        """Profit of some weeks so far, as `profit` counts it: (weeks, cars + 1, organisations)."""
        cash: Floats = self.flow[weeks][:, self._earning].sum(axis=1)[:, :, self._organised]
        return cash + self.asset_gain[weeks]

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
        at_interface, earned = np.isin(self.functions, interface), self.by_function.sum(axis=1)
        return np.array([roles.interface_share(week, at_interface) for week in earned])

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
