"""What takes some seconds to get and is not played: read by one thread at a time, shared by all who want the same.

A visitor has at most one thread, which ends when nothing is wanted any more; all of them take turns.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import solara

SECONDS_BETWEEN_NEWS = 0.4

GoesOn = Callable[[float], bool]
"""Hears which part is done; false: nobody waits any more."""

logger = logging.getLogger(__name__)

KEPT = 8
"""Results kept for all visitors, at up to some megabytes each."""

_turn = threading.Lock()
_kept: OrderedDict[Hashable, Any] = OrderedDict()


@dataclass(frozen=True)
class Read:
    """What there is: for which key, and what came of it, or that nothing did."""

    key: Hashable = None
    content: Any = None
    failed: bool = False
    part: float = 0.0
    """done, 0 to 1, where the work says so"""


class Reading:
    """What one visitor wants to read; `news` is what its page shows."""

    def __init__(self, work: Callable[[Any, GoesOn], Any], polite: tuple[type[Exception], ...]) -> None:
        """`work` makes the content for a key, None when it was ended.

        `polite` faults are the fault of what is read and go into no log.
        """
        self.news: solara.Reactive[Read] = solara.reactive(Read())
        self._work, self._polite = work, polite
        self._wanted: Hashable = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def want(self, key: Hashable) -> None:
        """Ask for the content of a key instead of the last one; None: for nothing."""
        with self._lock:
            self._wanted = key
            if key is None or self._thread is not None or self._there(key):
                return
            self._thread = threading.Thread(target=self._serve, name="reading", daemon=True)
            self._thread.start()

    def _there(self, key: Hashable) -> bool:
        news = self.news.peek()
        return news.key == key and (news.failed or news.content is not None)

    def close(self) -> None:
        """Want nothing any more."""
        self.want(None)

    def _serve(self) -> None:
        told: Hashable = None
        while True:
            with self._lock:
                key = self._wanted
                if key is None or key == told:
                    self._thread = None
                    return
            with _turn:
                found = self._read(key) if self._wanted == key else None
            told = key
            if found is not None and self._wanted == key:
                self.news.value = found

    def _goes_on(self, key: Hashable) -> GoesOn:
        last = time.monotonic()

        def goes_on(part: float) -> bool:
            nonlocal last
            wanted = bool(self._wanted == key)
            if wanted and time.monotonic() - last > SECONDS_BETWEEN_NEWS:
                last = time.monotonic()
                self.news.value = Read(key, part=part)
            return wanted

        return goes_on

    def _read(self, key: Hashable) -> Read:
        if key in _kept:
            _kept.move_to_end(key)
            return Read(key, _kept[key])
        try:
            content = self._work(key, self._goes_on(key))
        except self._polite:
            return Read(key, failed=True)
        except Exception as fault:
            # A result made by an older version, or by hand, may fail anywhere in its reader.
            logger.warning("%s could not be read: %s: %s", key, type(fault).__name__, str(fault)[:200])
            logger.debug("how it failed", exc_info=fault)
            return Read(key, failed=True)
        if content is None:
            return Read(key)
        _kept[key] = content
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return Read(key, content)
