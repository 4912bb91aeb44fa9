"""A trial: one run of a case with one seed, and what is kept of it. Every laboratory work is made of these."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments import outcomes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from experiments.past import Past
    from market import Case


MANY = 200_000
"""Consumers from which the memory of two markets at once matters."""


class TimedOut(TimeoutError):  # noqa: N818 - it says what happened, as TimeoutError does
    """A run took longer than it may: give it more time (`time_limit_s`), or fewer consumers or weeks."""


class Trial(NamedTuple):
    """What is kept of a run."""

    outcomes: dict[str, float]
    """by name; see `experiments.outcomes`"""
    weeks: dict[str, NDArray[np.float64]] | None
    """the weekly outcomes by name, (weeks,) each, where they were asked for"""


def perform(
    case: Case, seed: int, *, series: bool = False, seconds: float | None = None,
    organisations: Sequence[str] | None = None, past: Past | None = None,
) -> Trial:  # fmt: skip
    """Build a market, run it to its end and read it; `series` keeps the weeks too.

    `organisations` are whose outcomes are kept beside those involved in the focal car, so that different worlds have
    the same columns. `past` is what the run has in common with others and need not run again. Raises TimedOut when it
    takes longer than `seconds`: at the latest at the end of a week, at once in the main thread of a process whose
    system has alarms.
    """
    from experiments.past import Past

    if case.population.consumers >= MANY:
        gc.collect()  # markets hold themselves in circles: let go of the last one before building the next
    until = None if seconds is None else time.monotonic() + seconds
    past = past or Past(week=0)
    with _alarm(seconds):
        market = past.market(case, seed)
        market.panel.rest()  # of a trial only totals are kept
        try:
            while market.week < case.calendar.weeks:
                past.pass_by(market, seed)
                market.step()
                if until is not None and time.monotonic() > until:
                    raise TimedOut(_late(seconds))
            return Trial(
                outcomes.of_run(market, organisations), outcomes.weekly(market, organisations) if series else None
            )
        finally:
            market.close()


def _late(seconds: float | None) -> str:
    return f"the run took longer than {seconds:g} s; give it more time (time_limit_s), or fewer consumers or weeks"


@contextmanager
def _alarm(seconds: float | None) -> Iterator[None]:
    """Raise TimedOut in what is done within, once the time is over, where this thread can be told so."""
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not usable:
        yield
        return

    def ring(*_: Any) -> None:
        raise TimedOut(_late(seconds))

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
