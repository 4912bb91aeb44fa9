"""Where markets are simulated: a process of its own, so that the page answers at once whatever is simulated.

It hears through one pipe what is waited for, and says through it what came of that. When whoever asked has gone, the
pipe ends and the process with it.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from dashboards import address, memory
from dashboards.making import Making
from dashboards.snapshots import Snapshots
from dashboards.turns import Makes, Turns

END = "end"
"""What is said to end it."""

NICENESS = 5
"""By how much the page goes before it, where cores are few."""


def serve(connection: Connection, make: Callable[[address.Market, Snapshots], Makes] = Making) -> None:
    """Hear and work until nobody is there any more; asleep while nothing is waited for.

    A thread of its own hears, whatever is being simulated or said: if both ends only spoke, neither would hear.
    """
    turns = Turns(connection.send, make)
    verbs: dict[str, Callable[..., None]] = {"want": turns.want, "later": turns.later, "cancel": turns.cancel}
    heard: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
    threading.Thread(target=_hear, args=(connection, heard), name="hearing", daemon=True).start()
    with connection, contextlib.suppress(OSError):
        while True:
            while turns.idle or not heard.empty():
                verb, *given = heard.get()
                if verb == END:
                    return
                verbs[verb](*given)
            turns.piece()


def _hear(connection: Connection, heard: SimpleQueue[tuple[Any, ...]]) -> None:
    """Take in what is asked for until nobody is there any more, which is an end too."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            message = connection.recv()
            heard.put(message)
            if message[0] == END:
                return
    heard.put((END,))


@dataclass(frozen=True)
class Workshop:
    """Whoever simulates: the end of the pipe at which to ask, and how to wait until nothing is left of it."""

    connection: Connection
    join: Callable[[float], None]


def begin() -> Workshop:
    """Begin such a process."""
    os.environ.setdefault(*memory.SMALL_PAGES)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(theirs,), name="markets", daemon=True)
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # its own start would let interrupts through again
    with _deaf_to_interrupts():
        process.start()
    theirs.close()
    return Workshop(ours, process.join)


def _work(connection: Connection) -> None:
    """What the process does. Ctrl-C reaches every process of a terminal; this one ends with the one that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    gc.freeze()  # what has been imported is never looked through again
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    serve(connection)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Any:
    """A process begun here is deaf to Ctrl-C from its first moment on, until it says otherwise."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
