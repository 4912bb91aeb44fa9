"""The queue of all markets: everybody is served once, in fair turns, and nobody's fault is anybody else's."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from queues import MadeUp, queue_making, queue_of

from dashboards import address, compute, turns, workshop

ONE = address.Market("a", 1, 1)


class Waiting:
    """A visitor that remembers what it was told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parts: list[str] = []
        self.told = threading.Event()

    def progress(self, market: address.Market, part: float) -> None:
        """Progress is not remembered."""

    def partly(self, market: address.Market, text: str) -> None:
        """Remember what can be played."""
        self.parts.append(text)

    def done(self, market: address.Market, text: str) -> None:
        """Remember the text."""
        self.texts.append(text)
        self.told.set()

    def failed(self, market: address.Market) -> None:
        """Remember the failure."""
        self.texts.append("failed")
        self.told.set()


def test_the_same_market_is_simulated_once_for_everybody() -> None:
    """Thirty visitors of a class who watch the same market cost one simulation."""
    made: list[address.Market] = []

    def work(market: address.Market) -> str:
        made.append(market)
        return "text"

    queue = queue_of(work)
    visitors = [Waiting() for _ in range(30)]
    for visitor in visitors:
        queue.ask(visitor, ONE)
        assert visitor.told.wait(10)
    assert len(made) == 1
    queue.close()


def test_a_market_that_fails_ends_nobody_elses() -> None:
    """One visitor's impossible market is reported to that visitor alone; the queue goes on."""

    def work(market: address.Market) -> str:
        if market.seed == 13:
            raise ValueError("impossible")
        return f"market {market.seed}"

    queue = queue_of(work)
    unlucky, lucky = Waiting(), Waiting()
    queue.ask(unlucky, replace(ONE, seed=13))
    queue.ask(lucky, replace(ONE, seed=14))
    assert unlucky.told.wait(10)
    assert lucky.told.wait(10)
    assert (unlucky.texts, lucky.texts) == (["failed"], ["market 14"])
    queue.close()


def test_what_nobody_waits_for_is_dropped() -> None:
    """When the last visitor leaves, the simulation ends at the next week, and what comes next begins."""
    begun, left = threading.Event(), threading.Event()
    made: list[MadeUp] = []

    class Slow(MadeUp):
        def step(self) -> None:
            super().step()
            if self.asked.seed == 1:
                begun.set()
                left.wait(10)
                time.sleep(0.01)

    def make(asked: address.Market, _: object) -> MadeUp:
        made.append(Slow(asked))
        return made[-1]

    queue = queue_making(make)
    gone, next_one = Waiting(), Waiting()
    queue.ask(gone, ONE)
    assert begun.wait(10)
    queue.leave(gone)
    queue.ask(next_one, replace(ONE, seed=2))
    left.set()
    assert next_one.told.wait(10)
    assert made[0].stopped
    assert made[0].week < 104
    assert gone.texts == []
    queue.close()


def endless() -> Iterator[int]:
    """Work without an end."""
    number = 0
    while True:
        number += 1
        yield number


def broken() -> Iterator[None]:
    """Work that fails at its second piece."""
    yield None
    raise ValueError("impossible")


def test_work_that_nobody_waits_for_is_told_piece_by_piece_and_can_be_cancelled() -> None:
    """It goes on until it is cancelled; work that fails says so and stands in nobody's way."""
    queue = queue_of(lambda market: "text")
    enough, failed = threading.Event(), threading.Event()
    told: list[int] = []

    def hear(number: int) -> None:
        told.append(number)
        if number >= 5:
            enough.set()

    endless_one = queue.later(endless, hear)
    assert enough.wait(10)
    visitor = Waiting()
    queue.ask(visitor, ONE)
    assert visitor.told.wait(10)
    endless_one.cancel()
    queue.later(broken, told.append, lambda fault: failed.set() if fault else None)
    assert failed.wait(10)
    assert told == list(range(1, len(told) + 1))
    queue.close()


def large(text: str) -> Iterator[str]:
    """Work that comes and goes as a large message."""
    yield text


def test_large_messages_in_both_directions_at_once_stop_nobody() -> None:
    """Who asks for much while much is being said waits for nothing but the saying."""
    queue = queue_of(lambda market: "x" * 500_000)
    heard, visitors = threading.Semaphore(0), [Waiting() for _ in range(20)]
    for number, visitor in enumerate(visitors):
        queue.ask(visitor, replace(ONE, seed=number))
        queue.later(functools.partial(large, "y" * 500_000), lambda text: heard.release())
    assert all(visitor.told.wait(10) for visitor in visitors)
    assert all(heard.acquire(timeout=10) for _ in visitors)
    queue.close()


def test_after_the_last_visitor_a_fresh_process_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was simulated is forgotten some time after everybody has gone, not while one is still there."""
    monkeypatch.setattr(compute, "SECONDS_UNTIL_FRESH", 0.05)
    queue, visitor = queue_of(lambda market: "text"), Waiting()
    queue.enter()
    queue.enter()
    queue.ask(visitor, ONE)
    assert visitor.told.wait(10)
    first = queue._workshop
    queue.exit()
    time.sleep(0.1)
    assert queue._workshop is first
    assert queue._made
    queue.exit()
    until = time.monotonic() + 10
    while queue._workshop in (first, None) and time.monotonic() < until:
        time.sleep(0.01)
    assert queue._workshop is not first
    assert not queue._made
    queue.close()


def test_a_session_that_closes_forgets_its_market_and_ends_its_thread() -> None:
    """After the tab has closed nothing of it runs or waits."""
    from drawing import need

    need("solara")
    from dashboards.session import Session

    queue = queue_of(lambda market: "text")
    session = Session(queue)
    session.want(ONE)
    session.close()
    session._thread.join(10)
    assert not session._thread.is_alive()
    session.want(replace(ONE, seed=2))
    assert session._latest.market is None
    queue.close()


@pytest.mark.slow
def test_the_process_simulates_a_bundled_case_and_ends_with_the_queue() -> None:
    """From case to text in a process of its own: first what can be played from the play-head on, then all."""
    import json
    import multiprocessing

    queue, visitor = compute.Queue(workshop.begin), Waiting()
    queue.ask(visitor, address.Market("jd-gac-catl", 20_000, 5), head=20)
    assert visitor.told.wait(60)
    made = [json.loads(text)["made"] for text in (*visitor.parts, *visitor.texts)]
    assert made[0] == 20 + turns.WEEKS_AHEAD
    assert made[-1] == 104
    assert "panels" in json.loads(visitor.texts[0])
    queue.close()
    for child in multiprocessing.active_children():
        child.join(10)
    assert not [child for child in multiprocessing.active_children() if child.name == "markets"]


@pytest.mark.slow
def test_a_process_that_ends_is_begun_anew() -> None:
    """Whoever waits is told of the failure; the next visitor is served."""
    import multiprocessing

    queue = compute.Queue()
    unlucky, lucky, asked = Waiting(), Waiting(), address.Market("jd-gac-catl", 20_000, 6)
    queue.ask(unlucky, asked)
    for child in multiprocessing.active_children():
        child.kill()
    assert unlucky.told.wait(60)
    queue.ask(lucky, asked)
    assert lucky.told.wait(60)
    assert unlucky.texts == ["failed"]
    assert lucky.texts[0].startswith("{")
    queue.close()
