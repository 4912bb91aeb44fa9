"""What owners spend and with whom they stay: weekly sums by organisation and profile, and the figures made of them.

Nothing here draws or decides. Every figure is weighted in households, knows the effective number of consumers behind
it (Kish 1965), and has one row per profile and a last one for everybody.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from itertools import groupby
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from market.copies import copied_until
from market.people.aftersales import CATEGORIES, NOBODY
from market.people.loyalty import lifetime_value

Amounts = NDArray[np.float64]
Whole = NDArray[np.integer]

LINES = (*CATEGORIES, "battery")
"""What owners pay for after the sale; battery: rent, charges above the cap, and buying it out."""
YEAR_WEEKS = 52
AT_MOST = 520
"""What was told so many times is divided before more is told."""


def tally(shape: Sequence[int], cells: Sequence[NDArray[np.integer]], weight: NDArray[np.floating]) -> Amounts:
    """Sums of weights by cell: an array of the given shape; `cells` holds one index array for each of its axes.

    >>> tally((2, 2), [np.array([0, 1, 1]), np.array([1, 0, 0])], np.array([1.0, 2.0, 3.0])).tolist()
    [[0.0, 1.0], [5.0, 0.0]]
    """
    first, *others = cells
    at = first.astype(np.intp) if others else first
    for size, cell in zip(shape[1:], others, strict=True):
        at = at * size + cell
    return np.bincount(at.ravel(), weight.ravel(), math.prod(shape)).reshape(shape).astype(float, copy=False)


def _with_all(by_profile: Amounts) -> Amounts:
    return np.concatenate([by_profile, by_profile.sum(axis=0, keepdims=True)])


def _ratio(part: Amounts, whole: Amounts) -> Amounts:
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole > 0.0)


class _Told(NamedTuple):
    """What was told of a week by sides that are still to be divided among organisations."""

    week: int
    amounts: Amounts
    share: Amounts
    """how each side divides"""


def _together(told: list[_Told]) -> Iterator[tuple[NDArray[np.intp], Amounts, Amounts]]:
    """Weeks (weeks,), amounts (weeks, ...) and shares of what can be divided together, in order: the shares are one."""
    for _, stretch in groupby(told, key=_Stretch()):
        weeks, amounts, shares = zip(*stretch, strict=True)
        yield np.array(weeks, np.intp), np.array(amounts), shares[0]


class _Stretch:
    """A key that stays the same as long as shares do."""

    def __init__(self) -> None:
        """No shares yet."""
        self._number, self._share = 0, np.zeros(0)

    def __call__(self, told: _Told) -> int:
        """The number of the stretch of equal shares that this is in."""
        if told.share is not self._share and not np.array_equal(told.share, self._share):
            self._number += 1
        self._share = told.share
        return self._number


class OwnerAccounts:
    """Sums of a run of `weeks`; a last organisation beyond the others stands for independents.

    Sides are divided among their organisations when somebody asks: for all weeks at once in which they are the same.
    """

    def __init__(self, weeks: int, cars: int, profiles: int, organisations: int, brands: int) -> None:
        """Make room for a whole run."""
        self._spent = np.zeros((weeks, len(LINES), cars, profiles, organisations + 1))
        self._divided = 0
        """weeks in which spending has been divided so far"""
        self._had, self._kept = np.zeros((2, weeks, profiles, organisations))
        self._by_category: list[_Told] = []
        self._for_battery: list[_Told] = []
        self._care: list[_Told] = []
        self.years = np.zeros((weeks, cars, profiles))
        """household-years of owning that were accounted for"""
        self.weight, self.squared = np.zeros((weeks, cars, profiles)), np.zeros((weeks, cars, profiles))
        """households visited, and the sum of their squared weights"""
        self.replaced, self.stayed = np.zeros((weeks, profiles, brands)), np.zeros((weeks, profiles, brands))
        """households that replaced a car of a brand, and those of them that took the same brand again"""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """An independent copy; weeks that lie ahead take no memory in it either."""
        memo[id(self._spent)] = copied_until(self._spent, self._divided)
        twin = memo[id(self)] = object.__new__(type(self))
        twin.__dict__.update(deepcopy(self.__dict__, memo))
        return twin

    @property
    def spent(self) -> Amounts:
        """CNY by who received it: (weeks, lines, cars, profiles, organisations + independents)."""
        self._divide_spending()
        return self._spent

    @property
    def had(self) -> Amounts:
        """Households that each cared for at the visit before: (weeks, profiles, organisations)."""
        self._divide_care()
        return self._had

    @property
    def kept(self) -> Amounts:
        """Those of them that came back: (weeks, profiles, organisations)."""
        self._divide_care()
        return self._kept

    def spend(self, week: int, line: str, by_side: Amounts, share: Amounts) -> None:
        """Record what was spent: `by_side` (cars, profiles, sides) CNY, `share` (cars, sides, organisations).

        What a side's organisations do not divide among themselves went to independents.
        """
        to = np.einsum("mps,mso->mpo", by_side, share)
        self._divided = max(self._divided, week + 1)
        account = self._spent[week, LINES.index(line)]
        account[..., :-1] += to
        account[..., -1] += by_side.sum(axis=2) - to.sum(axis=2)

    def spend_on_battery(self, week: int, cny: Amounts, share: Amounts) -> None:
        """Record what was paid for batteries: `cny` (cars, profiles); `share` (cars, organisations) holds each battery.

        What is not held by any organisation went to independents.
        """
        self._for_battery.append(_Told(week, cny, share.copy()))
        if len(self._for_battery) > AT_MOST:
            self._divide_spending()

    def spend_all(self, week: int, by_side: Amounts, share: Amounts) -> None:
        """Record what was spent on all CATEGORIES, which are the first axis of both arrays.

        `by_side` (categories, cars, profiles, sides) in CNY, `share` (categories, cars, sides, organisations); what a
        side's organisations do not divide among themselves went to independents.
        """
        self._by_category.append(_Told(week, by_side, share))
        if len(self._by_category) > AT_MOST:
            self._divide_spending()

    def _divide_spending(self) -> None:
        by_category, self._by_category = self._by_category, []
        for weeks, by_side, share in _together(by_category):
            self._divided = max(self._divided, int(weeks.max()) + 1)
            to = np.matmul(by_side, share)
            np.add.at(self._spent[:, : len(CATEGORIES), ..., :-1], weeks, to)
            np.add.at(self._spent[:, : len(CATEGORIES), ..., -1], weeks, by_side.sum(axis=4) - to.sum(axis=4))
        for_battery, self._for_battery = self._for_battery, []
        for weeks, cny, share in _together(for_battery):
            self._divided = max(self._divided, int(weeks.max()) + 1)
            to = cny[..., None] * share[:, None, :]
            np.add.at(self._spent[:, -1, ..., :-1], weeks, to)
            np.add.at(self._spent[:, -1, ..., -1], weeks, cny - to.sum(axis=3))

    def visit(self, week: int, car: Whole, profile: Whole, weight: Amounts, years: NDArray[np.floating]) -> None:
        """Record who was visited, and for how many years of owning: one entry per consumer."""
        _, cars, profiles = self.weight.shape
        cell, size = car * np.intp(profiles) + profile, cars * profiles
        for sums, amount in ((self.weight, weight), (self.squared, weight * weight), (self.years, weight * years)):
            sums[week] += np.bincount(cell, amount, size).reshape(cars, profiles)

    def care(self, week: int, flow: Amounts, share: Amounts) -> None:
        """Record who cared for cars before and now: `flow` is (cars, profiles, providers before, providers now).

        `share` (cars, sides, organisations) divides a side among its organisations.
        """
        self._care.append(_Told(week, flow, share))
        if len(self._care) > AT_MOST:
            self._divide_care()

    def _divide_care(self) -> None:
        told, self._care = self._care, []
        for weeks, flow, share in _together(told):
            by_side = flow[:, :, :, NOBODY + 1 :]
            same = np.diagonal(by_side[..., NOBODY + 1 :], axis1=3, axis2=4)
            np.add.at(self._had, weeks, np.einsum("wmps,mso->wpo", by_side.sum(axis=4), share))
            np.add.at(self._kept, weeks, np.einsum("wmps,mso->wpo", same, share))

    def replace(self, week: int, brand: Whole, profile: Whole, weight: Amounts, stays: NDArray[np.bool_]) -> None:
        """Record who replaced a car of a brand (`brand` before, one entry per consumer) and who stayed with it."""
        shape, cells = self.replaced.shape[1:], (profile, brand)
        self.replaced[week] += tally(shape, cells, weight)
        self.stayed[week] += tally(shape, cells, weight * stays)

    # ------------------------------------------------------------------------------------------------- figures

    def received(self, week: int) -> Amounts:
        """CNY that each organisation received from owners in a week: (lines, cars, organisations + independents)."""
        return self.spent[week].sum(axis=2)

    def aftermarket(self, week: int) -> Amounts:
        """CNY that each organisation received from owners in a week: (profiles + all, organisations)."""
        return _with_all(self.spent[week].sum(axis=(0, 1))[:, :-1])

    def closed_loop(self, week: int, involved: NDArray[np.bool_], window: int = 13) -> tuple[Amounts, Amounts]:
        """Closed-loop share and its effective number of consumers: (profiles + all, organisations) each.

        Of all that the owners of cars in which an organisation is `involved` (cars, organisations) spent in the last
        `window` weeks, the part that it received itself; NaN where they spent nothing.
        """
        some, involved = slice(max(week + 1 - window, 0), week + 1), involved.astype(float)
        spent = self.spent[some].sum(axis=(0, 1))
        own = np.einsum("mpo,mo->po", spent[..., :-1], involved)
        everything = np.einsum("mp,mo->po", spent.sum(axis=2), involved)
        weight, squared = (
            _with_all(np.einsum("mp,mo->po", sums[some].sum(axis=0), involved)) for sums in (self.weight, self.squared)
        )
        behind = np.divide(weight**2, squared, out=np.zeros_like(weight), where=squared > 0.0)
        return _ratio(_with_all(own), _with_all(everything)), behind

    def retention(self, week: int, window: int = YEAR_WEEKS) -> Amounts:
        """Part of those cared for at the visit before who came back: (profiles + all, organisations), NaN: nobody."""
        some = slice(max(week + 1 - window, 0), week + 1)
        return _ratio(_with_all(self.kept[some].sum(axis=0)), _with_all(self.had[some].sum(axis=0)))

    def brand_retention(self, week: int, window: int = YEAR_WEEKS) -> Amounts:
        """Part of those replacing a car who took the same brand again: (profiles + all, brands), NaN: nobody did."""
        some = slice(max(week + 1 - window, 0), week + 1)
        return _ratio(_with_all(self.stayed[some].sum(axis=0)), _with_all(self.replaced[some].sum(axis=0)))

    def lifetime_value(
        self, week: int, involved: NDArray[np.bool_], discount_per_year: float, window: int = YEAR_WEEKS
    ) -> Amounts:
        """Revenue in CNY that an owner is worth to an organisation: (profiles + all, organisations), NaN: unknown.

        What an owner of its cars spends with it in a year, for as long as those it cares for come back.
        """
        some = slice(max(week + 1 - window, 0), week + 1)
        spent = np.einsum("mpo,mo->po", self.spent[some].sum(axis=(0, 1))[..., :-1], involved)
        years = np.einsum("mp,mo->po", self.years[some].sum(axis=0), involved)
        yearly = _ratio(_with_all(spent), _with_all(years))
        return lifetime_value(yearly, self.retention(week, window), discount_per_year)
