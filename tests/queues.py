"""Queues for tests: the real one, with whoever simulates in a thread of this process and markets made up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing import Pipe

from dashboards import address, compute, workshop
from dashboards.making import Made
from dashboards.snapshots import Snapshots
from dashboards.turns import Makes


class MadeUp:
    """A market of some weeks whose text is its week."""

    def __init__(self, asked: address.Market, weeks: int = 104) -> None:
        self.asked, self.week, self.weeks = asked, 0, weeks
        self.stopped = False

    def step(self) -> None:
        """A week passes."""
        self.week += 1

    def text(self) -> str:
        """So far."""
        return f"{self.asked.seed}: {self.week}"

    def end(self) -> Made:
        """All of it."""
        return Made(self.text())

    def stop(self, waited_for: bool) -> None:
        """On the way."""
        self.stopped = True


class AtOnce(MadeUp):
    """A market that is there when it is asked for."""

    def __init__(self, asked: address.Market, work: Callable[[address.Market], str]) -> None:
        super().__init__(asked, weeks=1)
        self.work = work

    def end(self) -> Made:
        """What the test says that it is."""
        return Made(self.work(self.asked))


def queue_making(make: Callable[[address.Market, Snapshots], Makes]) -> compute.Queue:
    """A queue whose markets are made so."""

    def begin() -> workshop.Workshop:
        ours, theirs = Pipe()
        thread = threading.Thread(target=workshop.serve, args=(theirs, make), daemon=True)
        thread.start()
        return workshop.Workshop(ours, thread.join)

    return compute.Queue(begin)


def queue_of(work: Callable[[address.Market], str]) -> compute.Queue:
    """A queue in which a market is made at once, as this text."""
    return queue_making(lambda asked, _: AtOnce(asked, work))
