"""Dates, the season of orders, and market time.

The market ticks weekly on real dates. Needs and searches run on *market time*: its unit is one week of
average demand, so it runs fast in a busy season and slowly in a quiet one. A need that is spread evenly over
market time therefore arrives in proportion to the season, whatever the length of the search before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, value

DAYS = 7
BEYOND = 104 * DAYS
"""Days laid out after the end of a run: what is pulled forward out of them must not depend on where a run ends."""


def _month(meaning: str, default: float) -> float:
    return value(
        default, unit="ratio to the mean month", meaning=f"orders in {meaning}", ge=0.0, le=10.0, grade="B",
        source="orders that, delivered 22 days later, give the deliveries of 2023-25 by month (Open EV Charts)",
    )  # fmt: skip


class Season(Section):
    """Orders in each month as a ratio to the mean month; all equal switches the season off."""

    january: float = _month("January", 0.60)
    february: float = _month("February", 0.98)
    march: float = _month("March", 0.88)
    april: float = _month("April", 0.92)
    may: float = _month("May", 1.03)
    june: float = _month("June", 0.90)
    july: float = _month("July", 1.03)
    august: float = _month("August", 1.18)
    september: float = _month("September", 1.19)
    october: float = _month("October", 1.16)
    november: float = _month("November", 1.44)
    december: float = _month("December", 0.73)

    def factors(self) -> NDArray[np.float64]:
        """The twelve ratios, January first."""
        return np.array([getattr(self, month) for month in type(self).model_fields], float)


class Calendar(Section):
    """When a run starts, how long it lasts, and how busy each month is."""

    start: date = value(..., unit="date", meaning="first day of week 0", grade="D", source="choice of the case")
    weeks: int = value(104, unit="weeks", meaning="length of a run", ge=1, le=5_200, source="choice of the case")
    season: Season = value(Season, unit="", meaning="season of orders")

    @property
    def days(self) -> int:
        """Length of a run in days."""
        return self.weeks * DAYS

    def day_of(self, on: date) -> int:
        """Days from the start of the run to a date; negative before it."""
        return (on - self.start).days

    def date_of(self, day: float) -> date:
        """The date of a day of the run."""
        return self.start + timedelta(days=int(day))


@dataclass(frozen=True)
class Round:
    """A stretch of one week during which nothing outside changes: a whole week, or a part of one.

    A week is cut at the days on which something happens. Hazards are cumulated over rounds, so a cut leaves
    no trace unless something differs after it.
    """

    week: int
    first_day: int
    days: int
    market_time: float
    """market time at the end of the round, in weeks of average demand"""

    @property
    def weeks(self) -> float:
        """Length in weeks: 1 for a whole week."""
        return self.days / DAYS

    @property
    def begins_week(self) -> bool:
        """True for the first round of its week."""
        return self.first_day == self.week * DAYS

    @property
    def ends_week(self) -> bool:
        """True for the last round of its week."""
        return self.first_day + self.days == (self.week + 1) * DAYS

    @property
    def last_day(self) -> int:
        """The last day of the round."""
        return self.first_day + self.days - 1

    @property
    def whole_week(self) -> Round:
        """The week that this round ends: what happens once a week looks back on all of it."""
        return self if self.days == DAYS else Round(self.week, self.week * DAYS, DAYS, self.market_time)

    @property
    def begin(self) -> float:
        """Calendar time at the start of the round, in weeks: the `now` of the round before."""
        return self.first_day / DAYS

    @property
    def week_begins(self) -> float:
        """Calendar time at the start of its week, or of a round that is longer than a week."""
        return min(self.begin, float(self.week))

    @property
    def now(self) -> float:
        """Calendar time at the end of the round, in weeks since the start of the run."""
        return (self.first_day + self.days) / DAYS


class Clock:
    """Market time at every day boundary of a run; policy that pulls purchases forward bends it.

    >>> clock = Clock(Calendar(start=date(2025, 1, 6), weeks=2, season=Season(january=1.0)))
    >>> clock.at(14)
    2.0
    """

    def __init__(self, calendar: Calendar) -> None:
        """Lay out the season over the days of the run."""
        days = np.datetime64(calendar.start, "D") + np.arange(calendar.days + BEYOND)
        months = days.astype("datetime64[M]").astype(int) % 12
        self.speed = calendar.season.factors()[months]
        self._weeks = np.arange(len(days) + 1) / DAYS
        """calendar time at every day boundary"""
        self._elapsed = self._cumulate()

    def _cumulate(self) -> NDArray[np.float64]:
        return np.concatenate([[0.0], np.cumsum(self.speed) / DAYS])

    def at(self, day: int) -> float:
        """Market time at the start of a day, in weeks of average demand; before the start it runs as time does."""
        return float(self._elapsed[day]) if day >= 0 else day / DAYS

    def weeks_at(self, market_time: ArrayLike) -> NDArray[np.float64]:
        """Calendar time, in weeks, at which market time reaches a value; before the start both run alike."""
        time = np.asarray(market_time, float)
        return np.interp(time, self._elapsed, self._weeks) + np.minimum(time, 0.0)

    def market_time(self, weeks: ArrayLike) -> NDArray[np.float64]:
        """Market time at a calendar time in weeks since the start; before the start both run alike."""
        time = np.asarray(weeks, float)
        return np.interp(time, self._weeks, self._elapsed) + np.minimum(time, 0.0)

    def pull_forward(self, day: int, weeks: float, share: float, known_on: int | None = None) -> None:
        """Move `share` of the demand of the `weeks` after a cliff into as many weeks before it.

        Demand is shifted, not made: what the days before gain, the days after lose. Days before `known_on` do not
        change: nobody knew. Of days before the run nothing is simulated: what moved there is gone from the run.
        """
        span = round(weeks * DAYS)
        opens = day - span if known_on is None else max(day - span, known_on)
        if opens >= day:
            return
        first, cliff, end = (max(at, 0) for at in (opens, day, day + span))
        before, after = slice(first, cliff), slice(cliff, end)
        inside = (cliff - first) / (day - opens)  # the part of the days before that the run has
        moved, room = share * self.speed[after].sum(), self.speed[before].sum()
        if room > 0.0:
            self.speed[before] *= 1.0 + inside * moved / room
        self.speed[after] *= 1.0 - share
        self._elapsed = self._cumulate()

    def rounds(self, week: int, cuts: Iterable[int]) -> list[Round]:
        """The rounds of a week: whole, or cut at the given days of the run."""
        first, last = week * DAYS, (week + 1) * DAYS
        edges = [first, *sorted({cut for cut in cuts if first < cut < last}), last]
        return [Round(week, a, b - a, self.at(b)) for a, b in pairwise(edges)]
