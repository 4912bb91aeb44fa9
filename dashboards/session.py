"""One visitor's market: what it asked for, how far that is, and the text that its browser plays.

Each session has one thread of its own that sleeps until there is something to tell, so that the queue never waits for
a slow browser, and that ends when the tab closes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import solara

from dashboards import address, history, series
from dashboards.compute import Queue

SECONDS_BETWEEN_NEWS = 0.25
"""A page redraws at most four times a second on the way; a session that is told more often than it can draw freezes."""

SMALLEST_PROGRESS = 0.05


@dataclass(frozen=True)
class News:
    """What there is to show: the market asked for, the part of it that is done, its text as far as it is.

    `ghost` is what is drawn of the same market without the acts, where there are acts.
    """

    market: address.Market | None = None
    part: float = 0.0
    text: str = ""
    whole: bool = False
    ghost: str = ""
    failed: bool = False


class Beside:
    """The visitor's second place in the queue: it waits for the market without the acts."""

    def __init__(self, tell: Callable[[address.Market, str], None]) -> None:
        """`tell` hears of the market when it is whole."""
        self._tell = tell

    def progress(self, market: address.Market, part: float) -> None:
        """Nothing is shown of it on the way."""

    def partly(self, market: address.Market, text: str) -> None:
        """Nothing is shown of it on the way."""

    def done(self, market: address.Market, text: str) -> None:
        """Hand it over."""
        self._tell(market, series.ghost(text))

    def failed(self, market: address.Market) -> None:
        """There will be no ghost; the log says why."""


class Session:
    """A visitor of the queue; `news` is what its page shows."""

    def __init__(self, queue: Queue) -> None:
        """Wait for nothing yet. Made inside a page, the session's thread speaks for that page alone."""
        self.news: solara.Reactive[News] = solara.reactive(News())
        self._queue = queue
        queue.enter()
        self._beside = Beside(self._haunt)
        self._latest = self._told = News()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="visitor", daemon=True)
        self._thread.start()

    def want(self, market: address.Market, head: int = 0) -> None:
        """Ask for a market, to be shown from the week of the play-head on; what was asked for before is forgotten."""
        with self._changed:
            if self._latest.market == market or self._closed.is_set():
                return
            self._latest = News(market)
            self._changed.notify()
        self._queue.leave(self._beside)
        self._queue.ask(self, market, head)
        without = history.ghost_of(market)
        if without is not None:
            self._queue.ask(self._beside, without, beside=True)

    def close(self) -> None:
        """Leave the queue, forget the market and let the thread end."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._queue.leave(self)
        self._queue.leave(self._beside)
        with self._changed:
            self._latest = self._told = News()
            self._changed.notify()
        self._queue.exit()

    def progress(self, market: address.Market, part: float) -> None:
        """Note how far the market is, in steps that can be seen."""
        if part - self._latest.part >= SMALLEST_PROGRESS:
            self._note(market, lambda news: replace(news, part=part))

    def partly(self, market: address.Market, text: str) -> None:
        """Note what can be played so far."""
        self._note(market, lambda news: replace(news, text=text))

    def done(self, market: address.Market, text: str) -> None:
        """Note that the market is whole."""
        self._note(market, lambda news: replace(news, part=1.0, text=text, whole=True))

    def failed(self, market: address.Market) -> None:
        """Note that there will be no such market."""
        self._note(market, lambda news: replace(news, failed=True))

    def _haunt(self, without: address.Market, ghost: str) -> None:
        with self._changed:
            market = self._latest.market
            if market is not None and history.ghost_of(market) == without:
                self._latest = replace(self._latest, ghost=ghost)
                self._changed.notify()

    def _note(self, market: address.Market, change: Callable[[News], News]) -> None:
        with self._changed:
            if self._latest.market == market:
                self._latest = change(self._latest)
                self._changed.notify()

    def _tell(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._closed.is_set() or self._latest is not self._told)
                self._told = self._latest
            if self._closed.is_set():
                return
            self.news.value = self._told
            with self._changed:
                self._changed.wait_for(self._cannot_wait, timeout=SECONDS_BETWEEN_NEWS)

    def _cannot_wait(self) -> bool:
        """Whether there is something that the page should show at once, rather than at its next turn."""
        latest, told = self._latest, self._told
        ended = latest is not told and (latest.whole or latest.failed)
        first = bool(latest.text) and not told.text
        return self._closed.is_set() or ended or first or latest.market != told.market
