"""Several markets at once, for a page that shows figures of them side by side."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import solara

from dashboards import address
from dashboards.compute import Queue

SECONDS_BETWEEN_NEWS = 0.25


@dataclass(frozen=True)
class News:
    """What there is of the markets that were asked for."""

    asked: tuple[address.Market, ...] = ()
    texts: Mapping[address.Market, Mapping[str, Any]] = field(default_factory=dict)
    """whole markets, as the browser plays them"""
    failed: bool = False
    part: float = 0.0
    """of all of them together, 0 to 1"""

    @property
    def whole(self) -> bool:
        """Whether all of them are there."""
        return bool(self.asked) and all(market in self.texts for market in self.asked)


class Ahead:
    """Lets markets be simulated that a visitor may ask for next; they come after everything that is waited for."""

    def __init__(self, queue: Queue) -> None:
        """Nothing yet."""
        self._queue = queue
        self._places: list[_Unseen] = []

    def want(self, markets: Sequence[address.Market]) -> None:
        """These instead of the last ones; none: nothing any more."""
        before, self._places = self._places, [_Unseen() for _ in markets]
        for place in before:
            self._queue.leave(place)
        for place, market in zip(self._places, markets, strict=True):
            self._queue.ask(place, market, beside=True)

    def close(self) -> None:
        """Nothing any more."""
        self.want(())


class _Unseen:
    """A place in the queue from which nobody looks; the queue keeps what is made."""

    def progress(self, market: address.Market, part: float) -> None:
        """Nobody looks."""

    def partly(self, market: address.Market, text: str) -> None:
        """Nobody looks."""

    def done(self, market: address.Market, text: str) -> None:
        """Nobody looks."""

    def failed(self, market: address.Market) -> None:
        """Nobody looks; the log says why."""


class _Place:
    """One place in the queue: it waits for one market."""

    def __init__(self, several: Several) -> None:
        self._several = several

    def progress(self, market: address.Market, part: float) -> None:
        """Note how far it is."""
        self._several.note(market, part)

    def partly(self, market: address.Market, text: str) -> None:
        """Only whole markets are shown."""

    def done(self, market: address.Market, text: str) -> None:
        """Take it."""
        self._several.take(market, text)

    def failed(self, market: address.Market) -> None:
        """There will be none; the log says why."""
        self._several.fail(market)


class Several:
    """A visitor that waits for several markets; `news` is what its page shows. Made in a page, for that page."""

    def __init__(self, queue: Queue) -> None:
        """Wait for nothing yet."""
        self.news: solara.Reactive[News] = solara.reactive(News())
        self._queue = queue
        queue.enter()
        self._places: dict[address.Market, _Place] = {}
        self._parts: dict[address.Market, float] = {}
        self._latest = self._told = News()
        self._changed = threading.Condition(threading.RLock())
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="several", daemon=True)
        self._thread.start()

    def want(self, markets: Sequence[address.Market]) -> None:
        """Ask for these markets instead of the last ones; what is there of them stays."""
        asked = tuple(dict.fromkeys(markets))
        with self._changed:
            if self._closed.is_set() or asked == self._latest.asked:
                return
            kept = {market: text for market, text in self._latest.texts.items() if market in asked}
            self._latest = News(asked, kept)
            self._parts = dict.fromkeys(kept, 1.0)
            before, self._places = self._places, {market: _Place(self) for market in asked if market not in kept}
            wanted = dict(self._places)
            self._changed.notify()
        for place in before.values():
            self._queue.leave(place)
        for market, place in wanted.items():
            self._queue.ask(place, market)

    def close(self) -> None:
        """Leave the queue and let the thread end."""
        if self._closed.is_set():
            return
        self._closed.set()
        with self._changed:
            places, self._places = self._places, {}
            self._latest = self._told = News()
            self._changed.notify()
        for place in places.values():
            self._queue.leave(place)
        self._queue.exit()

    def note(self, market: address.Market, part: float) -> None:
        """A market has come so far."""
        with self._changed:
            if market in self._latest.asked:
                self._parts[market] = part
                done = sum(self._parts.get(one, 0.0) for one in self._latest.asked) / len(self._latest.asked)
                if done - self._latest.part >= 0.05:
                    self._latest = replace(self._latest, part=done)
                    self._changed.notify()

    def take(self, market: address.Market, text: str) -> None:
        """A market is whole."""
        content = json.loads(text)
        with self._changed:
            if market in self._latest.asked:
                self._latest = replace(self._latest, texts={**self._latest.texts, market: content})
                self._changed.notify()

    def fail(self, market: address.Market) -> None:
        """A market could not be simulated."""
        with self._changed:
            if market in self._latest.asked:
                self._latest = replace(self._latest, failed=True)
                self._changed.notify()

    def _tell(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._closed.is_set() or self._latest is not self._told)
                self._told = self._latest
            if self._closed.is_set():
                return
            self.news.value = self._told
            self._closed.wait(SECONDS_BETWEEN_NEWS)
