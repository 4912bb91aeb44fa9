"""Small comparisons: a case, causes in it, and runs that take no time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_cases import small_case

from experiments import outcome_names
from experiments.compare import comparison as comparing
from experiments.compare.what_if import Cause
from experiments.compare.work import Task
from experiments.trial import Trial
from market.fields import Text

CASE = small_case().change({"population.consumers": 500, "calendar.weeks": 8})
CUT = {"cars.a.price_cny": 70_000.0}
TABLES = ("pairs", "effects", "weeks", "causes", "worlds")

MadeUp = Callable[..., list[Task]]


def cause(name: str, **changes: Any) -> Cause:
    """A cause that some changes switch off."""
    return Cause(name, Text(en=name, zh=name), {key.replace("__", "."): value for key, value in changes.items()})


THREE = (
    cause("dear", cars__a__price_cny=60_000.0), cause("far", cars__b__range_km=900.0),
    cause("unknown", cars__c__appeal=7.0),
)  # fmt: skip


def installer(monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    """Runs that take no time: called with what a task comes to, it lists the tasks that are run from then on."""

    def install(value: Callable[[Task], float], wait: float = 0.0) -> list[Task]:
        done: list[Task] = []
        lock = threading.Lock()

        def run(task: Task) -> Trial:
            time.sleep(wait * random.Random(f"{task.seed} {task.world}").random())
            with lock:
                done.append(task)
            found = value(task)
            names = outcome_names.names(task.case, task.organisations)
            weeks = np.arange(task.case.calendar.weeks, dtype=np.float64)
            series = {"orders": np.multiply(weeks, found)} if task.series else None
            return Trial({name: found * (n + 1) for n, name in enumerate(names)}, series)

        monkeypatch.setattr(comparing, "run", run)
        return done

    return install
