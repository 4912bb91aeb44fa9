"""A market in which a platform, a maker and an energy company share one car, and what may befall it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from evidence import standard_error
from numpy.typing import NDArray
from pydantic import TypeAdapter
from scipy import stats
from small_cases import START, car, named, small_case

from market import Case, Market
from market.happenings import Happening

KNOWN_IN_WEEK = 16
"""The failure becomes known on the Tuesday of this week."""

WORKS: dict[str, Any] = {
    "production": {"capacity_per_week": 4_000.0, "inventory_weeks": 0.0, "lead_weeks": 4.0},
    "mode": "supply-chain-customisation", "partners": {"platform": "ann", "energy": "cat"}, "channels": ["web"],
}  # fmt: skip
FAULT: dict[str, Any] = {
    "id": "fault", "kind": "quality_defect", "car": "a", "severity": 3.0, "attention": 3.0,
    "contribution": {"ann": 0.4, "bob": 0.4, "cat": 0.2},
}  # fmt: skip
HAPPENING: TypeAdapter[Any] = TypeAdapter(Happening)


def alliance(**changes: Any) -> Case:
    """Ann (a platform) sells and half defines car `a` that Bob builds and Cat powers; Dan and Eve make rivals."""
    kinds = {"ann": "platform", "bob": "oem", "cat": "energy", "dan": "oem", "eve": "oem"}
    organisations = {key: {**named(key), "fictional": named(key)["name"], "kind": kind} for key, kind in kinds.items()}
    cars = {
        "a": car("bob", 85_000.0, **WORKS),
        "b": car("dan", 85_000.0),
        "c": car("eve", 85_000.0),
    }
    shop, web = named("shop"), {**named("web"), "platform": "ann", "deposit_first": True, "deposit_cny": 2_000.0}
    whole: dict[str, Any] = {"organisations": organisations, "cars": cars, "channels": {"shop": shop, "web": web}}
    base = {
        "profiles.plain.minutes_a_day.ann": 20.0, "profiles.plain.knowledge.mean": 0.4, "firestorm.threshold": 0.0,
        "calendar.weeks": 60, "population.horizon_weeks": 60, "population.market_size": 2e5,
        "organisations.ann.capability": {"care": {"city": 0.7}, "warranty_repair": {"city": 0.3}},
    }  # fmt: skip
    tables = small_case(heart=True).model_dump(mode="json") | whole | {"sources": {}}
    return Case.parse(tables).change(base | {"population.consumers": 3_000} | changes)


def happening(day: int, **fields: Any) -> Any:
    """A happening so many days after the failure became known."""
    on = START + timedelta(days=7 * KNOWN_IN_WEEK + 1 + day)
    return HAPPENING.validate_python(fields | {"on": on})


def fault(**fields: Any) -> Any:
    """The failure of car `a`, for which Ann and Bob are to blame alike and Cat for the rest."""
    return happening(0, **FAULT | fields)


def answer(day: int, **fields: Any) -> Any:
    """What Ann, or whoever else, says so many days later."""
    return happening(day, **{"id": "answer", "kind": "answer", "to": "fault", "by": ["ann"]} | fields)


Measure = Callable[[Market], dict[str, float]]
Found = dict[str, dict[str, NDArray[np.float64]]]
"""What was measured, by name and world: one number for each seed."""


@cache
def eve_of(seed: int) -> Market:
    """The market in the evening before the week of the failure; never run on, only forked."""
    return Market(alliance(), rng=seed).run(KNOWN_IN_WEEK)


def paired(worlds: Mapping[str, Sequence[Any]], measure: Measure, weeks: int, seeds: Iterable[int]) -> Found:
    """What is measured some weeks later in worlds that share their past and their luck but not what happens then."""
    found: dict[str, dict[str, list[float]]] = {}
    for seed in seeds:
        for world, happenings in worlds.items():
            market = eve_of(seed).fork()
            for one in happenings:
                market.schedule(one)
            _note(found, world, measure(market.run(weeks)))
    return _as_arrays(found)


def paired_cases(
    worlds: Mapping[str, Case], measure: Measure, seeds: Iterable[int], happenings: Sequence[Any] = ()
) -> Found:
    """What is measured at the end in cases that share their luck and what happens."""
    found: dict[str, dict[str, list[float]]] = {}
    for seed in seeds:
        for world, case in worlds.items():
            market = Market(case, rng=seed)
            for one in happenings:
                market.schedule(one)
            _note(found, world, measure(market.run()))
    return _as_arrays(found)


def _note(found: dict[str, dict[str, list[float]]], world: str, measured: dict[str, float]) -> None:
    for name, value in measured.items():
        found.setdefault(name, {}).setdefault(world, []).append(value)


def _as_arrays(found: dict[str, dict[str, list[float]]]) -> Found:
    return {name: {world: np.array(values) for world, values in worlds.items()} for name, worlds in found.items()}


class Gap(NamedTuple):
    """A mean paired difference and its 95 % interval."""

    mean: float
    low: float
    high: float


def gap(found: Found, name: str, first: str, second: str) -> Gap:
    """First world less second: Student's interval over seeds; no width where every seed says the same."""
    differences = found[name][first] - found[name][second]
    mean, error = float(differences.mean()), float(standard_error(differences))
    half = error * float(stats.t.ppf(0.975, len(differences) - 1))
    return Gap(mean, mean - half, mean + half)
