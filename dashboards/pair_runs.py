"""One pair of markets: two cases, a seed, and what is kept of both.

It is work for another process: everything here can be pickled, and nothing knows of visitors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from dashboards import address, history
from dashboards.pair_numbers import Seen, read
from experiments.outcomes import involved
from market import Case, Market
from market.agenda import same_until

PAIRS = 8
"""Pairs by default: half an interval is then 2.4 standard errors, and 12 more would only narrow it by half."""

MOST_PAIRS = 20

TOLD_EVERY = 13
"""Weeks between two words about progress."""


class NotComparableError(ValueError):
    """Two cases whose weeks are not the same days: compare cases that begin on the same day."""


@dataclass(frozen=True)
class Asked:
    """Which two cases on which seeds; two equal ones are the same work."""

    key: str
    base: Case = field(compare=False, repr=False)
    other: Case = field(compare=False, repr=False)
    seed: int
    """of the first pair; the others follow"""
    most: int
    weeks: int
    together: int = field(compare=False)
    """weeks in which both are one and the same market, which is then run once"""

    @classmethod
    def of(cls, base: Case, other: Case, seed: int = 1, most: int = PAIRS, weeks: int | None = None) -> Asked:
        """Compare `other` with `base` on the seeds seed, seed + 1, ...; `weeks`: no further than is looked at.

        Raises NotComparableError if they do not begin on the same day.
        """
        if base.calendar.start != other.calendar.start:
            raise NotComparableError(f"one begins on {base.calendar.start}, the other on {other.calendar.start}")
        shorter = min(base.calendar.weeks, other.calendar.weeks)
        weeks = shorter if weeks is None else max(1, min(weeks, shorter))
        key = "/".join((base.fingerprint, other.fingerprint, base.focal_car or "", other.focal_car or ""))
        together = min(same_until([base, other]), weeks)
        return cls(key, base, other, seed, max(1, min(most, MOST_PAIRS)), weeks, together)

    @classmethod
    def of_markets(
        cls, base: address.Market, other: address.Market, most: int = PAIRS, weeks: int | None = None
    ) -> Asked:
        """The same of two markets of the page, from the luck of the second on.

        Raises NotComparableError if they do not begin on the same day.
        """
        return cls.of(history.case_of(base), history.case_of(other), other.seed, most, weeks)

    @property
    def focal(self) -> str | None:
        """The car that both worlds have and the first of them looks at; none: brands alone are compared."""
        listed = (self.base.focal_car, self.other.focal_car)
        return next((car for car in listed if car in self.base.cars and car in self.other.cars), None)

    @property
    def brands(self) -> list[str]:
        """Brands of the cars of either world, those of the first in its order first."""
        return list(dict.fromkeys(car.brand for case in (self.base, self.other) for car in case.cars.values()))

    @property
    def parties(self) -> list[str]:
        """Organisations that both worlds have and that have to do with the focal car of one of them."""
        found = {*involved(self.base), *involved(self.other)}
        return sorted(found & set(self.base.organisations) & set(self.other.organisations))


class Pair(NamedTuple):
    """Two markets on one seed, and what was kept of them."""

    base: Seen
    other: Seen


def one_pair(asked: Asked, seed: int) -> Iterator[float | Pair | None]:
    """Run both cases on one seed, a week a piece; yields which part is done now and then, and last the pair."""
    base, whole = Market(asked.base, rng=seed), 2 * asked.weeks - asked.together
    try:
        yield from _run(base, asked.together, 0, whole)
        other = base.fork().go_on_as(asked.other) if asked.together else Market(asked.other, rng=seed)
        try:
            yield from _run(base, asked.weeks, asked.together, whole)
            first = read(base, asked.focal, asked.brands, asked.parties)
            base.close()
            yield from _run(other, asked.weeks, asked.weeks, whole)
            yield Pair(first, read(other, asked.focal, asked.brands, asked.parties))
        finally:
            other.close()
    finally:
        base.close()


def _run(market: Market, until: int, done: int, whole: int) -> Iterator[float | None]:
    """Run a market up to a week, a week a piece; `done` of the `whole` weeks of the pair lie behind."""
    while market.week < until:
        yield done / whole if done % TOLD_EVERY == 0 else None
        market.step()
        done += 1
