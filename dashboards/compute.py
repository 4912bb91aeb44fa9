"""One queue in which all markets are simulated, and what came of them, shared by all visitors.

A market is a pure function of its case, consumers, seed, assumptions and acts, so visitors who ask for the same one get
the same text, made once; none can change it. One thread works at a time: two cores are then left for one simulation
and for answering everybody else. What nobody waits for any more is dropped between two weeks.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from dashboards import acts, address, history, lives, panels, series
from market import Market

logger = logging.getLogger(__name__)

KEPT = 32
"""Simulated markets kept, at some tens of kilobytes each."""

PLAYABLE = (13, 39)
"""Weeks after which a market is sent as far as it is."""

WEEKS_AFTER = 4
"""It is sent too so many weeks after the last act, so that a visitor sees at once what comes of it."""


class Visitor(Protocol):
    """Who waits for a market. The queue calls these from its own thread; they must return at once."""

    def progress(self, market: address.Market, part: float) -> None:
        """A part, 0 to 1, is done."""

    def partly(self, market: address.Market, text: str) -> None:
        """The market can be played as far as it is."""

    def done(self, market: address.Market, text: str) -> None:
        """The market is simulated."""

    def failed(self, market: address.Market) -> None:
        """It could not be simulated; the log says why."""


class GoesOn(Protocol):
    """How a simulation tells that it goes on, and hears whether it should."""

    def __call__(self, part: float, text: str = "") -> bool:
        """A part, 0 to 1, is done; the text is what can be played so far, where it is given."""


Work = Callable[[address.Market, GoesOn], str | None]


def simulate(asked: address.Market, goes_on: GoesOn) -> str | None:
    """Run a market to its horizon; `goes_on` hears of each week and may end it, and then there is nothing.

    After some weeks it also hears what can be played so far, so that nobody waits for the end.
    """
    case = history.case_of(asked)
    playable = {*PLAYABLE, *(act.week + WEEKS_AFTER for act in acts.parse(asked.acts).acts[-1:])}
    market = Market(case, rng=asked.seed)
    try:
        weeks = case.calendar.weeks
        while market.week < weeks:
            text = ""
            if market.week in playable:
                text = series.played(case, asked, market.ledger.sales(), market.ledger.market())
            if not goes_on(market.week / weeks, text):
                return None
            market.step()
        sales = market.ledger.sales()
        history.keep(asked, sales)
        lives.keep(asked, market.ledger.panel())
        more = {"panels": panels.compact(case, panels.tables(market))}
        return series.played(case, asked, sales, market.ledger.market(), more)
    finally:
        market.close()


class Worker(threading.Thread):
    """A thread that works for all visitors: Solara keeps the visitor in whose name a thread was made in this field."""

    current_context: object


class Queue:
    """First come, first served, one at a time; a visitor waits for one market only, the last one asked for."""

    def __init__(self, work: Work = simulate, kept: int = KEPT) -> None:
        """`work` makes the text of a market; nothing runs before the first visitor asks."""
        self._work, self._kept = work, kept
        self._waiting: OrderedDict[Visitor, address.Market] = OrderedDict()
        self._made: OrderedDict[address.Market, str] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def ask(self, visitor: Visitor, market: address.Market) -> None:
        """Let a visitor wait for a market instead of whatever it waited for before; one already made comes at once."""
        with self._changed:
            self._waiting.pop(visitor, None)
            text = self._made.get(market)
            if text is None and not self._closed:
                self._waiting[visitor] = market
                self._start()
                self._changed.notify()
            elif text is not None:
                self._made.move_to_end(market)
        if text is not None:
            visitor.done(market, text)

    def leave(self, visitor: Visitor) -> None:
        """The visitor waits no more."""
        with self._changed:
            self._waiting.pop(visitor, None)

    def close(self) -> None:
        """Stop after the week that is being simulated; nobody is served any more."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(timeout=10.0)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Worker(target=self._serve, name="markets", daemon=True)
            # Solara gives a new thread the visitor in whose name it was made; this one works for all.
            self._thread.current_context = None
            self._thread.start()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting)
                if self._closed:
                    return
                market = next(iter(self._waiting.values()))
            self._make(market)

    def _make(self, market: address.Market) -> None:
        def goes_on(part: float, text: str = "") -> bool:
            waiting = self._who_waits_for(market)
            for visitor in waiting:
                if text:
                    visitor.partly(market, text)
                visitor.progress(market, part)
            return bool(waiting)

        try:
            text = self._work(market, goes_on)
        except Exception:
            # Whatever a case holds, one visitor's market must not end everybody's queue.
            logger.exception("market %s could not be simulated", market)
            for visitor in self._who_waits_for(market, served=True):
                visitor.failed(market)
            return
        if text is None:
            return
        with self._changed:
            self._made[market] = text
            while len(self._made) > self._kept:
                self._made.popitem(last=False)
        for visitor in self._who_waits_for(market, served=True):
            visitor.done(market, text)

    def _who_waits_for(self, market: address.Market, served: bool = False) -> list[Visitor]:
        with self._changed:
            found = [visitor for visitor, wanted in self._waiting.items() if wanted == market]
            if served:
                for visitor in found:
                    del self._waiting[visitor]
            return found
