"""Lines and stocks: what holds for one line holds for all."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from two_forms import small_market

from experiments.reference.rules import build_on_line, need_of_one, promised_weeks_of_one, ramped_weeks_of_one
from market import Market
from market.industry.supply import Supply, build, ramped_weeks

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def built() -> Market:
    """A small market in its week 0."""
    return small_market()


@pytest.mark.parametrize("seed", range(60))
def test_a_line_builds_alone_what_it_builds_among_others(seed: int) -> None:
    """Up to need and capacity, in proportion where the line is short; from the launch as far as it has ramped up."""
    states, cars = np.random.default_rng(seed), 6
    line = np.array([0, 1, 1, 3, 3, 3])
    need, own = states.exponential(100.0, (2, cars)) * states.integers(0, 2, (2, cars))
    limit = states.exponential(100.0, cars)
    many = build(need, own, line, limit)
    for which in (0, 1, 3):
        members = np.flatnonzero(line == which)
        one = build_on_line(need[members].tolist(), own[members].tolist(), float(limit[which]))
        np.testing.assert_allclose(many[members], one, rtol=1e-12)
    age, length = states.normal(0, 8, cars), states.choice([0.0, 4.0, 8.0], cars)
    one = list(map(ramped_weeks_of_one, age.tolist(), length.tolist()))
    np.testing.assert_allclose(ramped_weeks(age, length), one, rtol=1e-12, atol=1e-12)


def test_makers_build_towards_backlog_and_stock(built: Market) -> None:
    """A round of production is what each car needs, within its ramped-up capacity and that of its line."""
    states = np.random.default_rng(13)
    for _ in range(30):
        supply = Supply(built.catalogue.cars)
        n = len(supply.line)
        supply.stock[:], backlog = states.exponential(20_000.0, (2, n))
        supply.ramp_weeks[:] = states.choice([0.0, 8.0], n)
        age, weeks, before = states.normal(4, 8, n), float(states.integers(1, 8)) / 7, supply.stock.tolist()
        built_now = supply.produce(backlog, age, weeks)
        expected = np.zeros(n)

        def ramped(car: int, age: Floats = age, supply: Supply = supply, weeks: float = weeks) -> float:
            before, after = (
                ramped_weeks_of_one(a, float(supply.ramp_weeks[car])) for a in (age[car], age[car] + weeks)
            )
            return after - before

        for which in set(supply.line.tolist()):
            members = np.flatnonzero(supply.line == which).tolist()
            target = [supply.inventory_weeks[c] * supply.capacity[c] if age[c] + weeks > 0.0 else 0.0 for c in members]
            expected[members] = build_on_line(
                [need_of_one(backlog[c], before[c], goal) for c, goal in zip(members, target, strict=True)],
                [supply.capacity[c] * ramped(c) for c in members],
                supply.capacity[which] * weeks,
            )
        np.testing.assert_allclose(built_now, expected, rtol=1e-12)
        np.testing.assert_allclose(supply.stock, before + expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_makers_promise_one_what_they_promise_all(seed: int, built: Market) -> None:
    """Handover, time until the launch, and the queue of the whole line less optimism; a year where nothing is built."""
    states, supply = np.random.default_rng(seed), Supply(built.catalogue.cars)
    n = len(supply.line)
    supply.stock[:], backlog = states.exponential(20_000.0, (2, n))
    supply.capacity[:] = states.choice([0.0, 500.0, 9_000.0], n)
    age = states.normal(4, 8, n)
    waits = np.maximum(backlog - supply.stock, 0.0)
    one = [
        promised_weeks_of_one(
            float(waits[supply.line == supply.line[car]].sum()), float(supply.capacity[car]),
            float(supply.capacity[supply.line[car]]), lead_weeks=float(supply.lead_weeks[car]),
            optimism=float(supply.optimism[car]), weeks_on_sale=float(age[car]),
        )
        for car in range(n)
    ]  # fmt: skip
    np.testing.assert_allclose(supply.promised_weeks(backlog, age), one, rtol=1e-12)
