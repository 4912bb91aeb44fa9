"""Small pieces of work for pools of workers: functions of a module, as processes of their own need them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments import trial
from experiments.pools import Pool, local
from experiments.trial import Trial

if TYPE_CHECKING:
    from market import Case

_told: list[str] = []


def square(number: int) -> int:
    """The square; 13 is unlucky."""
    if number == 13:
        raise ValueError("13 is unlucky")
    return number * number


def learn(word: str) -> None:
    """A setup: remember a word."""
    _told.append(word)


def recall(number: int) -> tuple[int, list[str], int, str | None]:
    """What this worker was told, its process, and the threads it may use."""
    return number, list(_told), os.getpid(), os.environ.get("OMP_NUM_THREADS")


def die_at(number: int) -> int:
    """Work for a moment; 5 kills the worker."""
    time.sleep(0.02)
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_below_six(number: int) -> int:
    """The numbers below 6 kill the worker."""
    if number < 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(task: tuple[int, str]) -> int:
    """The first worker to meet 3 dies; a file remembers."""
    number, folder = task
    time.sleep(0.02)
    if number == 3:
        try:
            Path(folder, "died").touch(exist_ok=False)
        except FileExistsError:
            return number
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_at_the_start() -> None:
    """A setup that no worker survives."""
    os._exit(1)


def sleep(seconds: float) -> int:
    """Sleep, then tell the process."""
    time.sleep(seconds)
    return os.getpid()


# ------------------------------------------------------------------------------------------------ trials of a sweep


def quick_trial(case: Case, seed: int, *, series: bool = False, **_: Any) -> Trial:
    """In place of a run: numbers made of the price and the seed, at once."""
    price = case.cars["a"].price_cny
    weeks = {"share": np.arange(3.0) + seed} if series else None
    return Trial({"orders": price + seed, "share": seed / price}, weeks)


def deadly_trial(case: Case, seed: int, **options: Any) -> Trial:
    """The same, but seed 2 kills its worker where the car costs 81,000."""
    if seed == 2 and case.cars["a"].price_cny == 81_000.0:
        os.kill(os.getpid(), signal.SIGKILL)
    return quick_trial(case, seed, **options)


def slow_trial(case: Case, seed: int, **options: Any) -> Trial:
    """The same, after a moment."""
    time.sleep(0.05)
    return quick_trial(case, seed, **options)


def instead(name: str, setup: Callable[[], None] | None) -> None:
    """A setup: one of these trials takes the place of every run of this worker."""
    trial.perform = globals()[name]
    if setup is not None:
        setup()


def pool_of(name: str, workers: int) -> Pool:
    """Processes in which one of these trials takes the place of every run."""
    pool = local(workers)
    return replace(pool, build=lambda setup: pool.build(partial(instead, name, setup)))
