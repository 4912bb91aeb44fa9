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
from market.industry.lines import ASSETS, DEBTS, INTERFACE, LINES, Line

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ASSETS", "DEBTS", "FINANCE_COLUMNS", "HOUSEHOLDS", "INTERFACE", "LINES", "NO_CAR", "OUTSIDE", "Books", "Line",
    "Payment",
]  # fmt: skip

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


class Payment(NamedTuple):
    """A payment to be written, as `Books.pay` takes it."""

    week: int
    line: str
    payer: Party
    payee: Party
    cny: ArrayLike
    car: int | None = None
    pays: str | None = None
    earns: str | None = None


class _Side(NamedTuple):
    """Where one side of a payment is written: columns of the flow and of the functions, and how several share it."""

    column: int | slice
    function: int | None
    shares: Floats | None


class _Due(NamedTuple):
    """A payment that is to be written: in which line, and how much, (cars + 1,)."""

    week: int
    line: int
    amount: Floats
    payer: _Side
    payee: _Side


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
        self._due: list[_Due] = []
        """payments that have been told, and not been written yet"""
        self.asset_gain = np.zeros((weeks, m, organised))
        """(weeks, cars + 1, organisations) what assets gained in value, in CNY: bought less worn out"""
        self.weeks_written = 0

    @property
    def flow(self) -> Floats:
        """(weeks, lines, cars + 1, parties) CNY that each party gained on balance."""
        self._write()
        return self._flow

    @property
    def by_function(self) -> Floats:
        """(weeks, cars + 1, functions) CNY that each function earned."""
        self._write()
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
        self._write()
        self.pay_later(Payment(week, line, payer, payee, cny, car, pays, earns))
        self._write()

    def pay_later(self, *payments: Payment) -> None:
        """Several payments, to be written together when the books are next read, or the week is closed.

        Raises what `pay` raises; for shares that do not sum to 1 only then, and nothing told since is written.
        """
        amounts = np.zeros((len(payments), len(self.cars) + 1))
        for amount, payment in zip(amounts, payments, strict=True):
            self._fill(amount, payment.cny, payment.car)
        sizes = np.einsum("ij,ij->i", amounts, amounts).tolist()
        for amount, size, (week, name, payer, payee, cny, _, pays, earns) in zip(amounts, sizes, payments, strict=True):
            if self._due and week != self._due[0].week:
                self._write()
            if not math.isfinite(size):
                raise ValueError(f"{name}: {cny!r} was paid in week {week}; amounts must be finite")
            kind, line = LINES[name], self._line[name]
            gives = self._side(payer, kind.pays if pays is None else pays)
            takes = self._side(payee, kind.earns if earns is None else earns)
            if size > 0.0:
                self._due.append(_Due(week, line, amount, gives, takes))

    def _side(self, party: Party, function: str) -> _Side:
        """Where one side of a payment is written. Raises KeyError for a party that is not in the books."""
        if isinstance(party, str):
            earns = function and party not in (HOUSEHOLDS, OUTSIDE)
            return _Side(self._party[party], self._function[function] if earns else None, None)
        return _Side(self._organised, self._function[function] if function else None, party.copy())

    def _write(self) -> None:
        """Write what has been told, all of one week: who shares an amount one by one, all else at once."""
        if not self._due:
            return
        due, self._due = self._due, []
        table, amounts = self._flow[due[0].week], np.array([one.amount for one in due])
        portions = iter(self._portions(due, amounts))
        effect = np.zeros((len(self.functions), len(due)))
        whole: list[tuple[int, int, Floats]] = []
        for i, (_, line, amount, payer, payee) in enumerate(due):
            for (column, function, _), sign in ((payer, -1.0), (payee, 1.0)):
                if function is not None:
                    effect[function, i] += sign
                if isinstance(column, int):
                    whole.append((line, column, amount if sign > 0.0 else -amount))
                elif sign > 0.0:
                    table[line] += next(portions)
                else:
                    table[line] -= next(portions)
        if whole:
            lines, columns, sums = zip(*whole, strict=True)
            np.add.at(table.swapaxes(1, 2), (lines, columns), sums)
        self._by_function[due[0].week] += (effect @ amounts).T

    def revalue(self, week: int, function: str, gain: Floats) -> None:
        """Assets gained or lost value: `gain` (cars + 1, organisations) CNY; a function of theirs earns it."""
        self.asset_gain[week] += gain
        self.by_function[week, :, self._function[function]] += gain.sum(axis=1)

    def close_week(self, week: int) -> None:
        """From now on tables show this week."""
        self._write()
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

    def _fill(self, amount: Floats, cny: ArrayLike, car: int | None) -> None:
        """Write down what is paid for each car and, last, for none; `amount` is 0 so far."""
        given = cny if isinstance(cny, np.ndarray) else np.asarray(cny, float)
        if car is None and given.shape == (len(self.cars),):
            amount[:-1] = given
        elif given.ndim == 0:
            amount[len(self.cars) if car is None else car] = given
        else:
            raise ValueError(
                f"cny: given {given.shape} amounts; one for each of {len(self.cars)} cars, or a single one"
            )

    def _portions(self, due: Sequence[_Due], amounts: Floats) -> Floats:
        """What parties have to do with each amount, for each side that several share: (sides, cars + 1, parties).

        `amounts` (due, cars + 1). Rows of shares that miss 1 by rounding are scaled, so that nothing is lost. Raises
        ValueError where they miss it by more.
        """
        shared = [(i, side.shares) for i, one in enumerate(due) for side in one[3:] if side.shares is not None]
        shares = np.zeros((len(shared), len(self.cars) + 1, len(self.parties)))
        divided = shares[:, :, self._organised]
        for rows, (_, party) in zip(divided, shared, strict=True):
            rows[: len(party) if party.ndim == 2 else None] = party
        total = divided.sum(axis=2)
        owed = amounts[[i for i, _ in shared]]
        nothing = owed == 0.0
        wrong = (np.abs(total - 1.0) > _ROUNDING) > nothing
        if wrong.any():
            first = wrong.any(axis=1).argmax()
            line = list(LINES)[due[shared[first][0]].line]
            raise ValueError(
                f"{line}: shares of a party sum to {total[first]}; they must sum to 1 for each car that pays"
            )
        portions: Floats = (owed / (total + nothing))[:, :, None] * shares
        return portions
