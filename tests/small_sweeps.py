"""Small sweeps: a design of nine runs, runs that take no time, and what two tables of a sweep have to agree in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import errands
import pandas as pd
import pytest
from small_cases import small_case

from experiments import trial, workers
from experiments.designs import Design
from experiments.sweep import Sweep
from experiments.trial import Trial
from market import Case

BASE = small_case(calendar__weeks=4, population__consumers=500)
PRICES = (79_000.0, 80_000.0, 81_000.0)
DESIGN = Design.of_list(BASE, [{"cars.a.price_cny": price} for price in PRICES], range(1, 4))
HERE = workers.here()


def table(found: Sweep) -> pd.DataFrame:
    """What must be equal whoever did the runs: all but the seconds they took."""
    return found.runs().drop(columns="seconds")


def same(first: Sweep, second: Sweep) -> bool:
    """Equal to the bit."""
    one, other = table(first), table(second)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    return all(
        one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes() for name in one.select_dtypes("number")
    )


def leftovers(folder: Path) -> list[str]:
    """Files in the folder of a sweep that do not belong there."""
    known = {"design.toml", "case.toml", "points.json", "manifest.json"}
    return [
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and file.name not in known and (file.name.startswith(".") or file.suffix != ".parquet")
    ]


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Runs are done at once; the list says which, by price and seed."""
    done: list[tuple[float, int]] = []

    def perform(case: Case, seed: int, **options: Any) -> Trial:
        done.append((case.cars["a"].price_cny, seed))
        return errands.quick_trial(case, seed, **options)

    monkeypatch.setattr(trial, "perform", perform)
    return done


def failing(monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException]) -> None:
    """Runs with the middle price and seed 2 raise something."""

    def perform(case: Case, seed: int, **options: Any) -> Trial:
        if seed == 2 and case.cars["a"].price_cny == 80_000.0:
            raise error()
        return errands.quick_trial(case, seed, **options)

    monkeypatch.setattr(trial, "perform", perform)
