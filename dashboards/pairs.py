"""Paired seeds in the background: what a difference between two markets is worth, with an interval that narrows.

One market and its ghost differ by what was done, in one sort of luck. `Bench` runs the same two cases on seed after
seed, a week at a time, in the queue of all markets whenever no visitor waits there; all visitors who look at the same
two cases share what comes of it. `Pairing` is one visitor's view of that.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import solara

from dashboards import compute
from dashboards.pair_numbers import FEWEST_PAIRS, Difference, Tally
from dashboards.pair_runs import MOST_PAIRS, PAIRS, Asked, NotComparableError, Pair, one_pair

__all__ = [
    "BENCH", "FEWEST_PAIRS", "MOST_PAIRS", "PAIRS", "Asked", "Bench", "Difference", "News", "NotComparableError",
    "Pairing", "Tally",
]  # fmt: skip

KEPT = 24
"""Comparisons kept for all visitors, at some hundreds of kilobytes each."""

SECONDS_BETWEEN_NEWS = 0.4


class Later(Protocol):
    """Work under way in the queue."""

    def cancel(self) -> None:
        """Stop before the next piece; nothing more is told."""


class Queue(Protocol):
    """Who does work piece by piece when nothing urgent is waiting: the queue of all markets."""

    def later(
        self, work: Callable[[], Iterator[Any]], told: Callable[[Any], None], ended: Callable[[bool], None]
    ) -> Later:
        """Begin an iterator's work, in another process perhaps; `ended` hears whether it failed."""


class Waiting(Protocol):
    """Who waits for pairs. The bench calls these from the queue's thread; they must return at once."""

    def told(self, asked: Asked, part: float, text: str, tally: Tally) -> None:
        """A part, 0 to 1, is done; the text is new after each pair."""

    def failed(self, asked: Asked) -> None:
        """A market could not be simulated; the log says why."""


@dataclass
class _Sheet:
    """One comparison so far."""

    tally: Tally
    text: str = ""
    failed: bool = False


class Bench:
    """All comparisons of all visitors. One pair is under way at a time; who has fewest pairs comes next."""

    def __init__(self, queue: Queue) -> None:
        """Nothing is run before somebody asks."""
        self._queue = queue
        self._lock = threading.RLock()
        self._waiting: dict[Waiting, Asked] = {}
        self._sheets: OrderedDict[Asked, _Sheet] = OrderedDict()
        self._under_way: tuple[Asked, Later] | None = None
        self._turn = 0

    def ask(self, visitor: Waiting, asked: Asked) -> None:
        """Let a visitor wait for pairs instead of whatever it waited for before; what is there comes at once."""
        with self._lock:
            sheet = self._sheets.setdefault(asked, _Sheet(Tally(asked.focal, asked.brands)))
            self._sheets.move_to_end(asked)
            self._waiting[visitor] = asked
            wanted = set(self._waiting.values())
            for old in [one for one in self._sheets if one not in wanted][: max(0, len(self._sheets) - KEPT)]:
                del self._sheets[old]
            self._go_on()
        if sheet.failed:
            visitor.failed(asked)
        elif sheet.tally.pairs:
            visitor.told(asked, sheet.tally.pairs / asked.most, sheet.text, sheet.tally)

    def leave(self, visitor: Waiting) -> None:
        """The visitor waits no more; pairs that are done stay for whoever asks next."""
        with self._lock:
            self._waiting.pop(visitor, None)
            self._go_on()

    def _go_on(self) -> None:
        """Begin the pair that is needed most; end one that nobody waits for."""
        with self._lock:
            if self._under_way is not None:
                if self._under_way[0] in self._waiting.values():
                    return
                self._under_way[1].cancel()
                self._under_way = None
            sheets = {one: self._sheets[one] for one in dict.fromkeys(self._waiting.values())}
            left = [one for one, sheet in sheets.items() if sheet.tally.pairs < one.most and not sheet.failed]
            if not left:
                return
            asked = min(left, key=lambda one: sheets[one].tally.pairs)
            number = sheets[asked].tally.pairs
            self._turn += 1
            heard, ended = partial(self._heard, asked, number), partial(self._ended, asked, self._turn)
            self._under_way = asked, self._queue.later(partial(one_pair, asked, asked.seed + number), heard, ended)

    def _heard(self, asked: Asked, number: int, what: float | Pair) -> None:
        """Take in what is told of a pair; what comes late of work that was cancelled is not counted twice."""
        with self._lock:
            sheet = self._sheets.get(asked)
            if sheet is None or sheet.tally.pairs != number:
                return
            part = 0.0 if isinstance(what, Pair) else what
            if isinstance(what, Pair):
                tally = deepcopy(sheet.tally)  # whoever reads the last one may go on
                tally.add(*what)
                sheet.tally, sheet.text = tally, text_of(asked, tally)
        self._tell(asked, sheet, part)

    def _ended(self, asked: Asked, turn: int, failed: bool) -> None:
        with self._lock:
            if self._turn == turn:
                self._under_way = None
            sheet = self._sheets.get(asked)
            if failed and sheet is not None:
                sheet.failed = True
            self._go_on()
        for visitor in self._who(asked) if failed else ():
            visitor.failed(asked)

    def _tell(self, asked: Asked, sheet: _Sheet, part: float) -> None:
        for visitor in self._who(asked):
            visitor.told(asked, (sheet.tally.pairs + part) / asked.most, sheet.text, sheet.tally)

    def _who(self, asked: Asked) -> list[Waiting]:
        with self._lock:
            return [visitor for visitor, wanted in self._waiting.items() if wanted == asked]


def text_of(asked: Asked, tally: Tally) -> str:
    """What the browser needs of the focal car, as JSON."""
    return json.dumps(
        {"pairs": tally.pairs, "of": asked.most, "weeks": tally.weeks, "car": asked.focal, **tally.of_focal()},
        separators=(",", ":"),
    )


@dataclass(frozen=True)
class News:
    """What there is to show of the pairs that a visitor asked for."""

    asked: Asked | None = None
    part: float = 0.0
    text: str = ""
    """as `text_of` makes it; empty before the first pair"""
    tally: Tally | None = None
    """the numbers themselves"""
    pairs: int = 0
    failed: bool = False


class Pairing:
    """What one visitor wants compared; `news` is what its page shows. Made inside a page, it speaks for that page."""

    def __init__(self, bench: Bench) -> None:
        """Want nothing yet; no thread runs before something is wanted."""
        self.news: solara.Reactive[News] = solara.reactive(News())
        self._bench = bench
        self._changed = threading.Condition()
        self._latest = self._told = News()
        self._thread: threading.Thread | None = None

    def want(self, asked: Asked | None) -> None:
        """Ask for pairs instead of the last ones; None: for nothing, which ends the work unless others want it."""
        with self._changed:
            if self._latest.asked == asked:
                return
            self._latest = News(asked)
            self._changed.notify()
            if asked is not None and self._thread is None:
                self._thread = threading.Thread(target=self._tell, name="pairs", daemon=True)
                self._thread.start()
        if asked is None:
            self._bench.leave(self)
        else:
            self._bench.ask(self, asked)

    def rest(self) -> None:
        """Keep what there is and let nothing more be done for it."""
        self._bench.leave(self)

    def go_on(self) -> None:
        """Let more be done of what is wanted, after a rest."""
        asked = self._latest.asked
        if asked is not None:
            self._bench.ask(self, asked)

    def close(self) -> None:
        """Want nothing any more."""
        self.want(None)

    def told(self, asked: Asked, part: float, text: str, tally: Tally) -> None:
        """Note how far it is."""
        self._note(asked, lambda: News(asked, part, text, tally, tally.pairs))

    def failed(self, asked: Asked) -> None:
        """Note that there will be no such pairs."""
        self._note(asked, lambda: News(asked, failed=True))

    def _note(self, asked: Asked, news: Callable[[], News]) -> None:
        with self._changed:
            if self._latest.asked == asked:
                self._latest = news()
                self._changed.notify()

    def _tell(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._latest is not self._told)
                self._told = news = self._latest
                if news.asked is None:
                    self._thread = None
                    return
            self.news.value = news
            with self._changed:
                self._changed.wait_for(lambda: self._latest.asked is None, timeout=SECONDS_BETWEEN_NEWS)


BENCH = Bench(compute.QUEUE)
"""All visitors' comparisons are made here; nothing runs before somebody asks."""
