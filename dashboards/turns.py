"""Whose turn it is: what visitors wait for, in which order it is simulated, and how far it must come to be shown.

What nobody can see yet comes before what is seen in part, that before markets drawn beside others, and all of it before
work that nobody waits for. Among equals who came first is served first, but whoever has taken a second already lets
the others go first.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from dashboards import address
from dashboards.making import Made, Making
from dashboards.snapshots import Snapshots

logger = logging.getLogger(__name__)

FIRST_WEEKS = 13
"""A market is shown from so many weeks on."""

WEEKS_AHEAD = 4
"""It is shown when it is so many weeks ahead of the play-head."""

WEEKS_BETWEEN_TEXTS = 26
"""Then it is sent again each time so many more weeks are done."""

FAIR_SECONDS = 1.0

SECONDS_BETWEEN_NEWS = 0.2


@dataclass(frozen=True)
class Wish:
    """A market that a visitor waits for, the week of the play-head, and whether it is only drawn beside another."""

    market: address.Market
    head: int = 0
    beside: bool = False


@dataclass(frozen=True)
class News:
    """What there is to tell of a market: the part that is done, and where it is given, a text or an end."""

    market: address.Market
    part: float = 0.0
    text: str = ""
    made: Made | None = None
    failed: bool = False


@dataclass(frozen=True)
class Told:
    """What work that nobody waits for at once has to say; `ended`: it is over."""

    number: int
    what: Any = None
    ended: bool = False
    failed: bool = False


class Makes(Protocol):
    """A market in the making."""

    @property
    def week(self) -> int:
        """Weeks that are done."""

    @property
    def weeks(self) -> int:
        """Weeks in all."""

    def step(self) -> None:
        """Run one week."""

    def text(self) -> str:
        """What can be played so far."""

    def end(self) -> Made:
        """What came of it."""

    def stop(self, waited_for: bool) -> None:
        """Stop on the way."""


@dataclass
class Job:
    """One market that somebody waits for."""

    order: int
    seconds: float = 0.0
    """of the queue's time that it has taken"""
    seen: int = 0
    """weeks that visitors have been sent"""
    wishes: dict[int, Wish] = field(default_factory=dict)
    """by visitor"""

    @property
    def beside(self) -> bool:
        """Whether it is only drawn beside others."""
        return all(wish.beside for wish in self.wishes.values())

    def enough(self) -> int:
        """Weeks until the next visitor sees something, counted without a horizon."""
        needed = [max(FIRST_WEEKS, wish.head + WEEKS_AHEAD) for wish in self.wishes.values() if not wish.beside]
        return min((weeks for weeks in needed if weeks > self.seen), default=self.seen + WEEKS_BETWEEN_TEXTS)

    def rank(self) -> tuple[int, bool, int]:
        """Its place among all: the lowest has the next turn."""
        needed = [max(FIRST_WEEKS, wish.head + WEEKS_AHEAD) for wish in self.wishes.values() if not wish.beside]
        unseen = any(weeks > self.seen for weeks in needed)
        return 2 if self.beside else 0 if unseen else 1, self.seconds > FAIR_SECONDS, self.order


class Turns:
    """All that is waited for; `piece` does the next piece of it, a week of some market."""

    def __init__(
        self,
        tell: Callable[[News | Told], None],
        make: Callable[[address.Market, Snapshots], Makes] = Making,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`tell` hears what there is to tell; `make` begins a market."""
        self._tell, self._make, self._clock = tell, make, clock
        self._snapshots = Snapshots()
        self._jobs: dict[address.Market, Job] = {}
        self._later: dict[int, Callable[[], Iterator[Any]]] = {}
        self._begun: dict[int, Iterator[Any]] = {}
        self._now: tuple[address.Market, Makes] | None = None
        self._orders = 0
        self._last_news = 0.0

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self._jobs and not self._later

    def want(self, visitor: int, wish: Wish | None) -> None:
        """A visitor waits for a market instead of whatever it waited for before; none: for nothing."""
        for market, job in list(self._jobs.items()):
            if job.wishes.pop(visitor, None) is not None and not job.wishes:
                self._drop(market)
        if wish is None:
            return
        if wish.market not in self._jobs:
            self._orders += 1
            self._jobs[wish.market] = Job(self._orders)
        job = self._jobs[wish.market]
        job.seen = 0  # who comes to it later has not seen what others have
        job.wishes[visitor] = wish

    def later(self, number: int, work: Callable[[], Iterator[Any]]) -> None:
        """Do work that nobody waits for at once."""
        self._later[number] = work

    def cancel(self, number: int) -> None:
        """Stop such work; nothing more is told of it."""
        self._later.pop(number, None)
        begun = self._begun.pop(number, None)
        if isinstance(begun, Iterator) and hasattr(begun, "close"):
            begun.close()

    def piece(self) -> None:
        """Do the next piece of what is most urgent."""
        if not self._jobs:
            self._piece_of_later()
            return
        asked = min(self._jobs, key=lambda market: self._jobs[market].rank())
        began = self._clock()
        try:
            self._piece_of_market(asked)
        except Exception:
            # Whatever a case holds, one visitor's market must not end everybody's queue.
            logger.exception("market %s could not be simulated", asked)
            self._now = None
            del self._jobs[asked]
            self._tell(News(asked, failed=True))
        if asked in self._jobs:
            self._jobs[asked].seconds += self._clock() - began

    def _piece_of_market(self, asked: address.Market) -> None:
        job = self._jobs[asked]
        if self._now is None or self._now[0] != asked:
            self._stop()
            self._now = asked, self._make(asked, self._snapshots)
        making = self._now[1]
        if making.week < making.weeks:
            making.step()
        part = making.week / making.weeks
        if making.week >= making.weeks:
            made = making.end()
            self._now = None
            del self._jobs[asked]
            self._tell(News(asked, 1.0, made=made))
        elif making.week >= job.enough() and not job.beside:
            job.seen = making.week
            self._tell(News(asked, part, making.text()))
        elif self._clock() - self._last_news > SECONDS_BETWEEN_NEWS:
            self._last_news = self._clock()
            self._tell(News(asked, part))

    def _piece_of_later(self) -> None:
        number = next(iter(self._later), None)
        if number is None:
            return
        self._stop()
        try:
            if number not in self._begun:
                self._begun[number] = iter(self._later[number]())
            what = next(self._begun[number])
        except StopIteration:
            self._over(number, failed=False)
        except Exception:
            logger.exception("%s failed", self._later[number])
            self._over(number, failed=True)
        else:
            if what is not None:
                self._tell(Told(number, what))

    def _over(self, number: int, failed: bool) -> None:
        self._later.pop(number, None)
        self._begun.pop(number, None)
        self._tell(Told(number, ended=True, failed=failed))

    def _drop(self, asked: address.Market) -> None:
        """Nobody waits for a market any more."""
        del self._jobs[asked]
        if self._now is not None and self._now[0] == asked:
            self._stop()
        self._snapshots.release(asked)

    def _stop(self) -> None:
        """Let another one have its turn."""
        if self._now is not None:
            asked, making = self._now
            self._now = None
            making.stop(waited_for=asked in self._jobs)
