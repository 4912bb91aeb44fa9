"""The account of blame: who was blamed in which week, against what each controlled and contributed.

Blame is counted in households: everybody who hears of a failure divides one among organisations. Beside each sum stand
the squares from which its sampling error follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.stories.blame import misattribution

Amounts = NDArray[np.float64]
WINDOW = 13
"""Weeks behind a ratio of blame."""


class Amount(NamedTuple):
    """Blame of one week by organisation, (O,) each, in households."""

    blame: Amounts
    """received, over all stories"""
    control: Amounts
    """what each would have received had blame followed control"""
    cause: Amounts
    """the same for contribution, over stories whose contributions are known"""
    blame_where_known: Amounts
    """received over those stories: what `cause` is to be compared with"""


class Ratio(NamedTuple):
    """Blame received over blame as it ought to be, by organisation: (O,) each, NaN where there is nothing to divide by.

    The error is that of a ratio of two sums over weighted consumers (Cochran 1977, section 6.4; Kish 1965).
    It takes who hears of a story as drawn one by one, so it leaves out that friends hear of it together.
    """

    value: Amounts
    error: Amounts


class _Given(NamedTuple):
    """What a story adds up to: blame in households, then sums over squared households. (O,) each but the last."""

    blame: Amounts
    own: Amounts
    both: Amounts
    households: float


class Yardstick:
    """Blame against one yardstick, summed over stories of a week and car, with the squares behind the error."""

    def __init__(self, weeks: int, cars: int, organisations: int) -> None:
        """Nothing blamed yet."""
        self.blame, self.due = np.zeros((2, weeks, cars, organisations))
        """(weeks, cars, O): received, and due by the yardstick"""
        self.squares = np.zeros((3, weeks, organisations))
        """households squared, times blame squared, blame x due, and due squared"""

    def add(self, week: int, car: int, given: _Given, yardstick: ArrayLike) -> None:
        """A story: the blame that was given, and what it is measured by, (O,) in proportion to what was due."""
        due = np.asarray(yardstick, float)
        share = due / due.sum()
        self.blame[week, car] += given.blame
        self.due[week, car] += given.blame.sum() * share
        self.squares[:, week] += given.own, given.both * share, given.households * share * share

    def ratio(self, weeks: slice) -> Ratio:
        """Received over due in some weeks, with its error."""
        received, due = (table[weeks].sum(axis=(0, 1)) for table in (self.blame, self.due))
        nothing = np.full_like(due, np.nan)
        if not due.any():
            return Ratio(nothing, nothing)
        value = np.divide(received, due, out=nothing.copy(), where=due > 0.0)
        own, both, yard = self.squares[:, weeks].sum(axis=1)
        variance = np.maximum(own - 2.0 * value * both + value * value * yard, 0.0)
        return Ratio(value, np.divide(np.sqrt(variance), due, out=nothing, where=due > 0.0))

    def effective(self, weeks: slice) -> Amounts:
        """Effective consumers behind the ratio (Kish 1965): (O,), 0 where nothing was due."""
        due, yard = self.due[weeks].sum(axis=(0, 1)), self.squares[2, weeks].sum(axis=0)
        return np.divide(due * due, yard, out=np.zeros_like(due), where=yard > 0.0)


class BlameAccount:
    """All blame of a run. Reading it never changes it; `copy.deepcopy` makes an independent copy."""

    def __init__(self, weeks: int, cars: int, organisations: int, profiles: int) -> None:
        """Make room for a run of `weeks`."""
        self._control = Yardstick(weeks, cars, organisations)
        self._cause = Yardstick(weeks, cars, organisations)
        self.by_profile = np.zeros((weeks, profiles, organisations))
        """(weeks, profiles, O): blame given by the households of each profile"""
        self._wrong, self._judged = np.zeros((2, weeks, profiles))

    def record(
        self, week: int, car: int, profile: NDArray[np.integer], households: ArrayLike, blame: ArrayLike,
        cause: ArrayLike, control: ArrayLike, known: bool = True,
    ) -> None:  # fmt: skip
        """Some consumers have attributed a failure of a car.

        `profile` and `households` (consumers,), `blame` (consumers, O) from `attribution`; `cause` and `control` (O,)
        are the car's at the time. Where contributions are not `known`, blame counts against control only. Recording a
        story in parts is recording it at once.
        """
        behind, given = np.asarray(households, float), np.asarray(blame, float)
        if len(behind) == 0:
            return
        profiles = self._wrong.shape[1]
        squared = behind * behind
        sums = _Given(behind @ given, squared @ np.square(given), squared @ given, float(squared.sum()))
        self._control.add(week, car, sums, control)
        of_profile = (np.asarray(profile)[None, :] == np.arange(profiles)[:, None]) * behind
        self.by_profile[week] += of_profile @ given
        if known:
            self._cause.add(week, car, sums, cause)
            self._wrong[week] += of_profile @ misattribution(given, cause)
            self._judged[week] += of_profile.sum(axis=1)

    def revise(
        self, week: int, car: int, profile: NDArray[np.integer], households: ArrayLike, before: ArrayLike,
        after: ArrayLike, cause: ArrayLike, known: bool = True,
    ) -> None:  # fmt: skip
        """Consumers think again: their blame `before` and `after` they heard an answer, (consumers, O) each.

        Blame moves between organisations; how much there is in all, and what was due, stay as they are. The squares
        behind the error stay too, so an error is that of the first attribution.
        """
        behind = np.asarray(households, float)
        first, second = np.asarray(before, float), np.asarray(after, float)
        if len(behind) == 0:
            return
        of_profile = (np.asarray(profile)[None, :] == np.arange(self._wrong.shape[1])[:, None]) * behind
        moved = second - first
        self._control.blame[week, car] += behind @ moved
        self.by_profile[week] += of_profile @ moved
        if known:
            self._cause.blame[week, car] += behind @ moved
            self._wrong[week] += of_profile @ (misattribution(second, cause) - misattribution(first, cause))

    def amounts(self, week: int) -> Amount:
        """What was blamed in a week, over all cars. Sums over weeks give the ratios."""
        tables = (self._control.blame, self._control.due, self._cause.due, self._cause.blame)
        return Amount(*(table[week].sum(axis=0) for table in tables))

    def of_cars(self, cars: Sequence[int], weeks: int) -> Amount:
        """What was blamed for stories about some cars in the first `weeks` of the run."""
        tables = (self._control.blame, self._control.due, self._cause.due, self._cause.blame)
        return Amount(*(table[:weeks, list(cars)].sum(axis=(0, 1)) for table in tables))

    def ratio_to_control(self, week: int, window: int = WINDOW) -> Ratio:
        """Blame-to-control ratio over the `window` weeks that end with this one. Above 1: blamed beyond control."""
        return self._control.ratio(_last(week, window))

    def ratio_to_contribution(self, week: int, window: int = WINDOW) -> Ratio:
        """Blame-to-contribution ratio over the same weeks, from stories whose contributions are known."""
        return self._cause.ratio(_last(week, window))

    def behind(self, week: int, window: int = WINDOW) -> tuple[Amounts, Amounts]:
        """Effective consumers behind the two ratios, to control and to contribution: (O,) each."""
        return self._control.effective(_last(week, window)), self._cause.effective(_last(week, window))

    def misattribution(self, week: int, window: int = WINDOW) -> Amounts:
        """Mean misattribution of a household by profile, over known stories: (profiles,); NaN where none was heard."""
        weeks = _last(week, window)
        wrong, judged = self._wrong[weeks].sum(axis=0), self._judged[weeks].sum(axis=0)
        return np.divide(wrong, judged, out=np.full(len(wrong), np.nan), where=judged > 0.0)

    def misattribution_of_all(self, week: int, window: int = WINDOW) -> float:
        """The same over all profiles together; NaN where no known story was heard."""
        weeks = _last(week, window)
        judged = float(self._judged[weeks].sum())
        return float(self._wrong[weeks].sum()) / judged if judged > 0.0 else float("nan")


def _last(week: int, window: int) -> slice:
    return slice(max(week - window + 1, 0), week + 1)
