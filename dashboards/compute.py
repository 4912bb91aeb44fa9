"""One queue in which all markets are simulated, and what came of them, shared by all visitors.

A market is a pure function of its case, consumers, seed, assumptions and acts, so visitors who ask for the same one get
the same text, made once; none can change it. One process works at a time (`workshop`): of two cores, one simulates and
the other answers everybody. Whose turn it is: `turns`.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Protocol

from dashboards import address, history, lives, workshop
from dashboards.turns import News, Told, Wish
from dashboards.workshop import Workshop

logger = logging.getLogger(__name__)

KEPT = 64
"""Texts of simulated markets kept, at some tens of kilobytes each."""

SECONDS_UNTIL_FRESH = 30.0
"""So long after the last visitor has gone the process makes room for a fresh one: all its memory is given back."""

SECONDS_TO_END = 10.0


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


LaterWork = Callable[[], Iterator[Any]]
"""Begins work that nobody waits for at once; each piece of it takes a tenth of a second or less."""


class Later:
    """Work of low priority, piece by piece while no visitor waits; see `Queue.later`."""

    def __init__(self, told: Callable[[Any], None], ended: Callable[[bool], None], cancel: Callable[[], None]) -> None:
        """`told` and `ended` are called from the queue's thread and must return at once."""
        self.told, self.ended, self.cancel = told, ended, cancel


class Reader(threading.Thread):
    """A thread that works for all visitors: Solara keeps the visitor in whose name a thread was made in this field."""

    current_context: object


class Queue:
    """What all visitors wait for; a visitor waits for one market only, the last one asked for."""

    def __init__(self, begin: Callable[[], Workshop] = workshop.begin, kept: int = KEPT) -> None:
        """`begin` starts whoever simulates; nothing runs before the first visitor asks."""
        self._begin, self._kept = begin, kept
        self._numbers = count(1)
        self._waiting: dict[Visitor, tuple[int, address.Market]] = {}
        self._later: dict[int, Later] = {}
        self._made: OrderedDict[address.Market, str] = OrderedDict()
        self._lock = threading.RLock()
        self._workshop: Workshop | None = None
        self._thread: threading.Thread | None = None
        self._guests, self._used, self._closed = 0, False, False
        self._freshening: threading.Timer | None = None

    def start(self) -> None:
        """Begin the process now rather than when the first visitor asks."""
        with self._lock:
            if self._workshop is None and not self._closed:
                self._workshop = self._begin()
                self._thread = Reader(target=self._hear, args=(self._workshop,), name="markets", daemon=True)
                # Solara gives a new thread the visitor in whose name it was made; this one works for all.
                self._thread.current_context = None
                self._thread.start()

    def enter(self) -> None:
        """A visitor has come who may ask for something."""
        with self._lock:
            self._guests += 1
            if self._freshening is not None:
                self._freshening.cancel()
                self._freshening = None
        self.start()

    def exit(self) -> None:
        """A visitor has gone; after the last one, memory is given back."""
        with self._lock:
            self._guests -= 1
            if self._guests == 0 and self._used and not self._closed:
                self._freshening = threading.Timer(SECONDS_UNTIL_FRESH, self._freshen)
                self._freshening.daemon = True
                self._freshening.start()

    def ask(self, visitor: Visitor, market: address.Market, head: int = 0, beside: bool = False) -> None:
        """Let a visitor wait for a market instead of whatever it waited for before; one already made comes at once.

        `head` is the week of the play-head, from which on it wants to see something; `beside`: it is only drawn beside
        another one.
        """
        with self._lock:
            text = self._made.get(market)
            if text is None and not self._closed:
                number = self._waiting[visitor][0] if visitor in self._waiting else next(self._numbers)
                self._waiting[visitor] = number, market
                self._send("want", number, Wish(market, head, beside))
            else:
                self.leave(visitor)
                if text is not None:
                    self._made.move_to_end(market)
        if text is not None:
            visitor.done(market, text)

    def leave(self, visitor: Visitor) -> None:
        """The visitor waits no more."""
        with self._lock:
            number, _ = self._waiting.pop(visitor, (0, None))
            if number:
                self._send("want", number, None)

    def later(
        self, work: LaterWork, told: Callable[[Any], None], ended: Callable[[bool], None] = lambda failed: None
    ) -> Later:
        """Do work that nobody waits for at once, one piece whenever no visitor waits for a market.

        `work` is called to get an iterator; whatever that yields but None is `told`, then `ended` hears whether it
        failed. It is done elsewhere: `work` and what it yields can be pickled (`functools.partial` of a function of
        some module, not a lambda). The answer can `cancel`: then nothing more is told.
        """
        with self._lock:
            number = next(self._numbers)
            made = Later(told, ended, lambda: self._cancel(number))
            if not self._closed:
                self._send("later", number, work)
                self._later[number] = made
        return made

    def close(self) -> None:
        """Stop after the week that is being simulated; nobody is served any more."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._later.clear()
            if self._freshening is not None:
                self._freshening.cancel()
            thread = self._hang_up()
        if thread is not None and thread is not threading.current_thread():
            thread.join(SECONDS_TO_END)

    def _hang_up(self) -> threading.Thread | None:
        """End the process, and the thread that hears it."""
        ended, self._workshop = self._workshop, None
        if ended is not None:
            with contextlib.suppress(OSError):
                ended.connection.send((workshop.END,))
        return self._thread

    def _freshen(self) -> None:
        """Forget what nobody looks at any more, and begin a process without a past."""
        with self._lock:
            self._freshening = None
            if self._guests or self._waiting or self._later or self._closed:
                return
            self._made.clear()
            history.forget()
            lives.PANELS.clear()
            self._hang_up()
            self._used = False
            self.start()

    def _send(self, *message: Any) -> None:
        self.start()
        self._used = True
        assert self._workshop is not None
        try:
            self._workshop.connection.send(message)
        except OSError:
            logger.warning("the process of the markets has ended; what is asked for next begins another")

    def _cancel(self, number: int) -> None:
        with self._lock:
            if self._later.pop(number, None) is not None:
                self._send("cancel", number)

    def _hear(self, heard: Workshop) -> None:
        """Hand on what the process says, until it ends."""
        while True:
            try:
                message = heard.connection.recv()
            except (EOFError, OSError):
                break
            if isinstance(message, News):
                self._tell(message)
            elif isinstance(message, Told):
                self._tell_later(message)
        heard.connection.close()
        heard.join(SECONDS_TO_END)
        with self._lock:
            if self._workshop is not heard:
                return
            self._workshop = None
            waiting, self._waiting = self._waiting, {}
            later, self._later = self._later, {}
        if waiting or later:
            logger.error("the process of the markets ended while %d waited", len(waiting) + len(later))
        for visitor, (_, market) in waiting.items():
            visitor.failed(market)
        for one in later.values():
            one.ended(True)

    def _tell(self, news: News) -> None:
        market, made = news.market, news.made
        if made is not None and made.panel:
            history.keep(market, made.sales)
            lives.keep(market, made.panel)
        with self._lock:
            if made is not None:
                self._made[market] = made.text
                while len(self._made) > self._kept:
                    self._made.popitem(last=False)
            waiting = [visitor for visitor, (_, wanted) in self._waiting.items() if wanted == market]
            if made is not None or news.failed:
                for visitor in waiting:
                    self.leave(visitor)
        for visitor in waiting:
            if made is not None:
                visitor.done(market, made.text)
            elif news.failed:
                visitor.failed(market)
            else:
                if news.text:
                    visitor.partly(market, news.text)
                visitor.progress(market, news.part)

    def _tell_later(self, told: Told) -> None:
        with self._lock:
            later = self._later.pop(told.number, None) if told.ended else self._later.get(told.number)
        if later is None:
            return
        if told.ended:
            later.ended(told.failed)
        else:
            later.told(told.what)


QUEUE = Queue()
"""All visitors' markets are simulated here; nothing runs before somebody asks."""
