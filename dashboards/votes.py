"""Votes of a class: taps of everybody who joined and hands that the presenter counted, added up as they come.

A room is one class. It lives in the memory of the server and is found by its code; a page that nobody joined has a room
of its own without one. Who votes is known by the browser alone: nothing is asked, and nothing is kept.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LETTERS = "ACDEFHJKMNPRTUVWXY3479"
"""Signs of a code: none that is taken for another when it is read from a wall."""

CODE = re.compile(rf"[{LETTERS}]{{4}}", re.ASCII)

MOST_ROOMS = 500
MOST_VOTERS = 1_000
MOST_BALLOTS = 100
MOST_HANDS = 500
"""Hands that can be counted for one answer."""

SECONDS_BETWEEN_VOTES = 0.3
"""A page redraws at most about three times a second, however fast a class taps."""


@dataclass(frozen=True)
class Tally:
    """What a page shows of one question."""

    counts: tuple[int, ...]
    """votes by answer, hands and taps together"""
    hands: tuple[int, ...]
    mine: int = -1
    """the answer that this visitor tapped; -1: none"""


@dataclass
class _Ballot:
    taps: dict[str, int] = field(default_factory=dict)
    hands: Counter[int] = field(default_factory=Counter)


class _Room:
    def __init__(self, presenter: str) -> None:
        self.presenter, self.place = presenter, ""
        self.ballots: OrderedDict[str, _Ballot] = OrderedDict()
        self.listeners: dict[object, Callable[[], None]] = {}

    def ballot(self, question: str) -> _Ballot:
        found = self.ballots.setdefault(question, _Ballot())
        while len(self.ballots) > MOST_BALLOTS:
            self.ballots.popitem(last=False)
        return found


def code_of(text: Any) -> str:
    """The code that was typed, as it is written on the wall; empty where it cannot be one.

    >>> code_of(" k3dx "), code_of("12"), code_of(None)
    ('K3DX', '', '')
    """
    given = text.strip().upper() if isinstance(text, str) and len(text) <= 20 else ""
    return given if CODE.fullmatch(given) else ""


class Hall:
    """All rooms of a server; the one that was used longest ago goes when there are too many."""

    def __init__(self) -> None:
        """No room yet."""
        self._lock = threading.RLock()
        self._rooms: OrderedDict[str, _Room] = OrderedDict()

    def open(self, presenter: str) -> str:
        """A new room for a class, and its code."""
        with self._lock:
            code = next(code for code in iter(_any_code, "") if code not in self._rooms)
            self._keep(code, _Room(presenter))
            return code

    def knows(self, code: str) -> bool:
        """Whether there is a class of this code."""
        with self._lock:
            return code in self._rooms

    def presents(self, code: str, who: str) -> bool:
        """Whether a visitor may count hands and begin anew: who opened the class, and anybody who is alone."""
        with self._lock:
            room = self._rooms.get(code)
            return not code or (room is not None and room.presenter == who)

    def place(self, code: str) -> str:
        """Where the presenter of a class is, as the page calls it; empty: not said yet, or there is no such class."""
        with self._lock:
            room = self._rooms.get(code)
            return room.place if room is not None else ""

    def stand(self, code: str, who: str, place: str) -> None:
        """The presenter of a class is at a place of the page; of anybody else nothing is noted."""
        with self._lock:
            room = self._rooms.get(code)
            if room is None or room.presenter != who or room.place == place:
                return
            room.place = place
        _tell(room)

    def tap(self, code: str, who: str, question: str, answer: Any, answers: int) -> None:
        """A visitor's own vote; tapping the same answer again takes it back. What is not allowed changes nothing."""
        if not _is_whole(answer, answers - 1):
            return
        with self._lock:
            room = self._room(code, who)
            taps = room.ballot(question).taps if room else {}
            if taps.get(who) == answer:
                del taps[who]
            elif who in taps or len(taps) < MOST_VOTERS:
                taps[who] = answer
        _tell(room)

    def count(self, code: str, who: str, question: str, answer: Any, more: Any, answers: int) -> None:
        """One hand more (1) or less (-1) for an answer, counted by the presenter. What is not allowed changes nothing.

        Steps, not totals: a presenter who counts faster than the page is redrawn loses none.
        """
        if not (_is_whole(answer, answers - 1) and _is_whole(more, 1, -1) and self.presents(code, who)):
            return
        with self._lock:
            room = self._room(code, who)
            if room:
                hands = room.ballot(question).hands
                hands[answer] = min(max(hands[answer] + more, 0), MOST_HANDS)
        _tell(room)

    def clear(self, code: str, who: str, question: str) -> None:
        """Begin a question anew, if the presenter asks."""
        if not self.presents(code, who):
            return
        with self._lock:
            room = self._room(code, who)
            if room:
                room.ballots.pop(question, None)
        _tell(room)

    def tally(self, code: str, who: str, question: str, answers: int) -> Tally:
        """The votes so far, as one visitor sees them."""
        with self._lock:
            room = self._rooms.get(_name(code, who))
            ballot = room.ballots.get(question) if room else None
            if ballot is None:
                return Tally((0,) * answers, (0,) * answers)
            tapped = Counter(ballot.taps.values())
            hands = tuple(ballot.hands[answer] for answer in range(answers))
            counts = tuple(tapped[answer] + hands[answer] for answer in range(answers))
            return Tally(counts, hands, ballot.taps.get(who, -1))

    def listen(self, code: str, listener: object, told: Callable[[], None]) -> None:
        """Tell a page of every vote in a class; `told` must return at once."""
        with self._lock:
            room = self._rooms.get(code)
            if room is not None and len(room.listeners) < MOST_VOTERS:
                room.listeners[listener] = told

    def leave(self, code: str, listener: object) -> None:
        """Tell it no more."""
        with self._lock:
            room = self._rooms.get(code)
            if room is not None:
                room.listeners.pop(listener, None)

    def _room(self, code: str, who: str) -> _Room | None:
        name = _name(code, who)
        room = self._rooms.get(name)
        if room is None and not code:
            room = _Room(who)
        if room is not None:
            self._keep(name, room)
        return room

    def _keep(self, name: str, room: _Room) -> None:
        self._rooms[name] = room
        self._rooms.move_to_end(name)
        while len(self._rooms) > MOST_ROOMS:
            self._rooms.popitem(last=False)


class Listening:
    """One page that hears of its class; its thread sleeps until somebody votes and ends when the page leaves."""

    def __init__(self, hall: Hall, heard: Callable[[int], None]) -> None:
        """`heard` is called in the page's own thread with a number that grows. Made inside a page, for that page."""
        self._hall, self._heard = hall, heard
        self._changed = threading.Condition()
        self._code, self._votes, self._told = "", 0, 0
        self._thread: threading.Thread | None = None

    def join(self, code: str) -> None:
        """Hear of this class instead of the last one; empty: of none."""
        with self._changed:
            before, self._code = self._code, code
            if code == before:
                return
            self._changed.notify()
            if code and self._thread is None:
                self._thread = threading.Thread(target=self._wait, name="votes", daemon=True)
                self._thread.start()
        self._hall.leave(before, self)
        self._hall.listen(code, self, self._voted)

    def close(self) -> None:
        """Hear of none any more."""
        self.join("")

    def _voted(self) -> None:
        with self._changed:
            self._votes += 1
            self._changed.notify()

    def _wait(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._code or self._votes != self._told)
                if not self._code:
                    self._thread = None
                    return
                self._told = told = self._votes
            self._heard(told)
            with self._changed:
                self._changed.wait_for(lambda: not self._code, timeout=SECONDS_BETWEEN_VOTES)


def _tell(room: _Room | None) -> None:
    """Tell every page in the class. Not under the lock of the hall: a page that listens has a lock of its own."""
    for told in list(room.listeners.values()) if room else []:
        told()


def _any_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(4))


def _name(code: str, who: str) -> str:
    return code or f"alone {who}"


def _is_whole(value: Any, most: int, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


HALL = Hall()
"""All classes of this server; nothing is kept when it stops."""
