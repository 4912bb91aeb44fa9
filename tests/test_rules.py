"""Every rule stands twice: as plain Python for one and as columns for many. On random states both say the same.

Here: luck, people and their tastes, owning, and the clock. Other subjects have files of their own, `test_rules_*.py`.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri
from two_forms import SEEDS, SUMMED, agree, rows_and_spells

import market as package
from experiments.reference import hearsay as reference_hearsay
from experiments.reference import rules as reference_rules
from experiments.reference.rules import calendar_weeks, market_weeks
from market.calendar import Calendar, Clock
from market.chance import Chance
from market.fields import LogNormal, Normal, Text
from market.normal import quantile
from market.people import ownership
from market.people.ownership import Ownership
from market.people.profiles import NORMAL_TASTES, Profile, Profiles, normal_quantile
from market.people.sampling import budget_of_one, budgets

WORDS = Text(en="name", zh="名")


@pytest.mark.parametrize("seed", [0, 1, 2**40, 123_456_789])
@pytest.mark.parametrize("scalars", [(), ("ut_super",), (7,), ("a", 0, "b")])
def test_luck_of_one_is_the_luck_of_the_column_to_the_last_bit(seed: int, scalars: tuple[str | int, ...]) -> None:
    """A draw is a function of names: asked in plain Python or for a column, it is the same number."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    rows = states.integers(0, 2**40, 200)
    first, second = states.integers(0, 2**63, 200).astype(np.uint64), states.integers(0, 2**15, 200)
    for columns in ((), (first,), (first, second)):
        many = chance.uniform("a word", rows, *scalars, *columns)
        for i, row in enumerate(rows.tolist()):
            one = chance.one("a word", row, *scalars, columns=tuple(int(column[i]) for column in columns))
            assert one == float(many[i])


def test_normal_exponential_and_gumbel_of_one_are_those_of_the_column() -> None:
    """The transforms of a uniform are the textbook ones, also in its tails."""
    chance, rows = Chance(4), np.arange(2_000)
    uniform = [chance.one("x", row) for row in rows.tolist()]
    agree(chance.normal("x", rows), [normal_quantile(u) for u in uniform])
    agree(chance.exponential("x", rows), [-math.log(u) for u in uniform])
    agree(chance.gumbel("x", rows), [-math.log(-math.log(u)) for u in uniform])


def test_the_quick_normal_is_the_normal_in_every_cell() -> None:
    """Each of the 2**23 numbers that a uniform can be: to 4e-7 of its value, in order, and as far on both sides."""
    cells = ((np.arange(2**23) + 0.5) * 2.0**-23).astype(np.float32)
    quick = quantile(cells)
    np.testing.assert_allclose(quick, ndtri(cells.astype(float)), rtol=4e-7, atol=0.0)
    assert np.all(np.diff(quick) >= 0.0)
    np.testing.assert_array_equal(quick, -quick[::-1])
    for some in (cells[:1], cells[::-1][:70_001], cells[: 2**20].reshape(8, -1)):
        np.testing.assert_array_equal(quantile(some), quick[(some * 2.0**23).astype(int)])


def random_profiles(states: np.random.Generator) -> Profiles:
    """Three profiles with parameters drawn at random."""

    def log_normal(median: float) -> LogNormal:
        return LogNormal(median=median * states.uniform(0.3, 3.0), sigma=states.uniform(0.0, 1.2))

    sections = {
        key: Profile(
            name=WORDS,
            share=share,
            search_weeks=log_normal(6.0),
            price_per_10k_cny=log_normal(-0.5),
            km_per_month=log_normal(1_000.0),
            minutes_a_day={"shop": states.uniform(0, 60), "video": states.uniform(0, 200)},
            effort=states.uniform(0, 0.2),
            wait=-states.uniform(0, 0.2),
            **{name: Normal(mean=states.normal(), sd=states.uniform(0, 2)) for name in NORMAL_TASTES},
        )
        for key, share in (("planner", 0.5), ("browser", 0.3), ("hermit", 0.2))
    }
    return Profiles(sections, ("shop", "video"), reference_budget_cny=80_000.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_search_lasts_as_long_for_one_as_for_all(seed: int) -> None:
    """Length of a search: log-normal by profile, keyed by consumer and need, never longer than the longest."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    profiles, (rows, spells) = random_profiles(states), rows_and_spells(states)
    profile = states.integers(0, 3, len(rows)).astype(np.int8)
    many = profiles.search_weeks(chance, rows, profile, spells, 9.0)
    one = [
        profiles.search_weeks_of_one(chance, *who, 9.0)
        for who in zip(rows.tolist(), profile.tolist(), spells.tolist(), strict=True)
    ]
    agree(many, one, within=SUMMED)
    assert 0 < np.sum(many == 9.0) < len(rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_tastes_and_budgets_of_one_are_those_of_all(seed: int) -> None:
    """Every taste by name; a larger budget makes the same price weigh less."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    profiles, (rows, _) = random_profiles(states), rows_and_spells(states)
    profile = states.integers(0, 3, len(rows)).astype(np.int8)
    stratum = states.integers(0, 2, len(rows)).astype(np.int8)
    limits = [(30_000.0, 60_000.0), (90_000.0, 400_000.0)]
    budget = budgets(chance, rows, stratum, np.array(limits, np.float32))
    tastes = profiles.tastes(chance, rows, profile, budget)
    for i, row in enumerate(rows.tolist()):
        own_budget = budget_of_one(chance, row, limits[stratum[i]])
        own = profiles.tastes_of_one(chance, row, int(profile[i]), own_budget)
        assert budget[i] == pytest.approx(own_budget, rel=1e-6)
        agree(tastes.normal[i], [own[name] for name in NORMAL_TASTES], within=SUMMED)
        for name in ("price", "effort", "wait", "km_per_month"):
            agree(getattr(tastes, name)[i], own[name], within=SUMMED)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_is_satisfied_and_replaces_like_all(seed: int) -> None:
    """Experience less expectation, and a Weibull time to the next need."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    rows, spells = rows_and_spells(states)
    section = Ownership(
        replacement_weeks=states.uniform(20, 400),
        replacement_shape=states.choice([0.8, 1.0, 3.0]),
        expectation_weight=states.uniform(0, 2),
    )
    quality, expectation, late = states.normal(size=(3, len(rows))).astype(np.float32)
    satisfied = ownership.satisfaction(chance, section, rows, spells, quality, expectation, 5 * late)
    again = ownership.replacement(chance, section, rows, spells)
    for i, (row, spell) in enumerate(zip(rows.tolist(), spells.tolist(), strict=True)):
        shock = normal_quantile(chance.one("experience", row, columns=(spell,)))
        own = ownership.satisfaction_of_one(
            section, shock, float(quality[i]), float(expectation[i]), float(5 * late[i])
        )
        agree(satisfied[i], own)
        agree(again[i], ownership.replacement_of_one(chance, section, row, spell), within=SUMMED)


def test_one_reads_the_clock_like_all() -> None:
    """Market time of a bent calendar, turned back into weeks and again, at day boundaries and between them."""
    clock = Clock(Calendar(start=date(2025, 10, 6), weeks=20))
    clock.pull_forward(day=87, weeks=8.0, share=0.2, known_on=10)
    states = np.random.default_rng(14)
    times = np.concatenate([states.uniform(-3.0, clock.at(140), 500), [clock.at(day) for day in range(141)]])
    one = [calendar_weeks(clock, 140, time) for time in times.tolist()]
    np.testing.assert_allclose(clock.weeks_at(times), one, rtol=1e-12, atol=1e-12)
    back = [market_weeks(clock, weeks) for weeks in one]
    np.testing.assert_allclose(clock.market_time(one), back, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(back, times, rtol=1e-12, atol=1e-12)


def test_no_readable_rule_is_left_without_its_test() -> None:
    """Whatever is called `..._of_one`, and every rule of the reference market, is named in a test."""
    here = Path(__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(here.glob("test_*.py")))
    found = set()
    for module in pkgutil.walk_packages(package.__path__, "market."):
        for _, member in inspect.getmembers(importlib.import_module(module.name)):
            inside = inspect.getmembers(member) if inspect.isclass(member) else []
            names = [name for name, value in [(getattr(member, "__name__", ""), member), *inside] if callable(value)]
            found |= {name for name in names if name.endswith("_of_one")}
    assert len(found) >= 11
    for rules in (reference_rules, reference_hearsay):
        functions = inspect.getmembers(rules, inspect.isfunction)
        found |= {name for name, rule in functions if rule.__module__ == rules.__name__}
    assert sorted(name for name in found if f"{name}(" not in text and f"map({name}," not in text) == []
