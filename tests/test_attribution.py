"""Promises of attribution: parts of causes are those of theory, and sum to the whole exactly."""

from __future__ import annotations

import math
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.compare import attribution
from experiments.compare.attribution import (
    additive,
    alone,
    along,
    chain,
    every_off,
    last,
    orders_for,
    parts,
    shapley,
    worlds_for,
)
from experiments.compare.what_if import OTHER, WhatIf
from market import Case, CaseError
from market.casefile import toml

Floats = NDArray[np.float64]


def game(causes: int, seed: int, outcomes: int = 1) -> dict[int, Floats]:
    """A value for every world, drawn."""
    rng = np.random.default_rng(seed)
    return dict(enumerate(rng.normal(size=(1 << causes, outcomes))))


def by_definition(values: dict[int, Floats], causes: int) -> Floats:
    """Mean effect over all orders of switching off, order by order."""
    return np.mean([along(values, causes, [order]) for order in permutations(range(causes))], axis=0)


@pytest.mark.parametrize("causes", range(1, 6))
def test_shapley_values_are_the_mean_over_all_orders_and_sum_to_the_whole(causes: int) -> None:
    values = game(causes, causes, outcomes=3)
    found = shapley(values, causes)
    assert found == pytest.approx(by_definition(values, causes), abs=1e-14)
    assert found.sum(axis=0) == pytest.approx(values[0] - values[every_off(causes)], abs=1e-14)


def test_blame_of_a_noisy_or_is_that_of_the_table() -> None:
    """ORACLES.md: hazards .05, .12, .08 of which each alone would do; what is shared is divided evenly."""
    hazards = (0.05, 0.12, 0.08)
    worlds = {off: 1.0 - math.prod(1.0 - h for c, h in enumerate(hazards) if not off >> c & 1) for off in range(8)}
    found = shapley({off: np.array([value]) for off, value in worlds.items()}, 3).ravel()
    assert found == pytest.approx([0.045160, 0.112360, 0.073360], abs=1e-9)
    assert found.sum() == pytest.approx(0.23088, abs=1e-12)


def test_the_glove_game_is_that_of_the_textbook() -> None:
    """Two left gloves and one right one: a pair is worth 1; the right one gets 2/3 of it (Shapley 1953's game)."""
    worth = {off: np.array([float(not off & 4 and off & 3 != 3)]) for off in range(8)}
    assert shapley(worth, 3).ravel() == pytest.approx([1 / 6, 1 / 6, 2 / 3], abs=1e-15)


def test_causes_that_add_up_have_one_effect_however_it_is_asked_for_and_idle_ones_none() -> None:
    effects = np.array([-3.0, 0.0, 1.5, 0.25])
    values = {off: np.array([sum(e for c, e in enumerate(effects) if not off >> c & 1)]) for off in range(16)}
    for asked in (alone, last, shapley):
        assert asked(values, 4).ravel() == pytest.approx(effects, abs=1e-14)


def test_alone_and_last_differ_where_causes_interact() -> None:
    """Two causes of which each alone does all the harm: alone neither explains anything, last each explains all."""
    harm = {0: np.array([-8.0]), 1: np.array([-8.0]), 2: np.array([-8.0]), 3: np.array([0.0])}
    assert alone(harm, 2).ravel().tolist() == [0.0, 0.0]
    assert last(harm, 2).ravel().tolist() == [-8.0, -8.0]
    assert shapley(harm, 2).ravel().tolist() == [-4.0, -4.0]


def test_sampled_orders_have_no_bias_and_their_parts_sum_to_the_whole_in_every_seed() -> None:
    """Eight causes, 1,000 seeds of one random order and its reverse: the mean is the Shapley value within 4 errors."""
    causes, seeds = 8, 1_000
    values = game(causes, 3)
    drawn = np.array([along(values, causes, orders_for(causes, seed)).ravel() for seed in range(seeds)])
    assert drawn.sum(axis=1) == pytest.approx(float((values[0] - values[255])[0]), abs=1e-12)
    error = drawn.std(axis=0, ddof=1) / seeds**0.5
    assert (np.abs(drawn.mean(axis=0) - shapley(values, causes).ravel()) < 4.0 * error).all()
    assert error.max() < 0.06


def test_worlds_to_run_are_all_up_to_six_causes_and_few_above() -> None:
    assert worlds_for(0, 1) == []
    assert worlds_for(6, 1) == list(range(64))
    many = worlds_for(10, 1)
    assert {0, every_off(10)} <= set(many) and len(many) <= 2 * 9 + 2 * 10 + 2 < 100
    needed = {world for order in orders_for(10, 1) for world in chain(order)}
    assert needed <= set(many)
    assert parts(dict.fromkeys(many, np.zeros(2)), 10, 1).shape == (3, 10, 2)
    assert orders_for(10, 1) != orders_for(10, 2)


@pytest.mark.parametrize("seed", range(20))
def test_amounts_made_additive_add_up_without_rounding_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = rng.normal(size=5) * 10.0 ** rng.integers(-9, 9, size=5)
    found = additive(given)
    sums = {math.fsum(found), *(float(found[list(order)].sum()) for order in permutations(range(5)))}
    assert len(sums) == 1
    assert np.abs(found - given).max() <= 1e-12 * np.abs(given).max()


def test_amounts_that_are_unknown_or_nothing_stay_so() -> None:
    assert np.isnan(additive([np.nan, 1.0])[0])
    assert additive([0.0, 0.0]).tolist() == [0.0, 0.0]
    assert additive([5e-324, -5e-324]).tolist() == [5e-324, -5e-324]


# ------------------------------------------------------------------------------------------------ what-if files


def test_the_causes_that_come_along_fit_their_case_and_switch_something_off_each() -> None:
    asked = WhatIf.load("jd-causes")
    base = Case.load(str(asked.case))
    assert [cause.name for cause in asked.parts] == ["delay", "undisclosed_cap", "picture", "late_answer", "face"]
    for cause in asked.parts:
        changed = base.change(cause.changes)
        assert changed.fingerprint != base.fingerprint
        for name in cause.changes:
            assert base.get(name) != changed.get(name), name
    assert asked.world(base).plans["baas"].undisclosed == []
    assert {"en", "zh"} == {lang for cause in asked.parts for lang in ("en", "zh") if getattr(cause.title, lang)}


def test_a_what_if_is_written_so_that_it_loads_back_equal() -> None:
    text = """
    case = "full-stack"
    title = { en = "a", zh = "甲" }
    remove = ["happenings.one"]
    [set]
    "cars.a.price_cny" = 1
    "cars.a.launch" = 2025-01-01
    "cars.a.face" = { x = 0.5, y = 0.5 }
    [[causes]]
    name = "b"
    remove = ["happenings.two"]
    """
    asked = WhatIf.parse(toml.loads(text, "text"))
    assert asked.changes["happenings.one"] is None
    assert asked.causes[0].title.en == "b"
    assert [cause.name for cause in asked.parts] == ["b", OTHER]
    assert WhatIf.parse(toml.loads(asked.to_toml(), "text")) == asked
    assert not WhatIf({"a.b": 1}).parts


CAUSE = '[[causes]]\nname = "a"\n[causes.set]\n"x.y" = 1\n'
BAD = {
    "[set]": "set: nothing is changed",
    "sett = 1": "sett: no such name; did you mean set?",
    "set = 1": "set: given 1; allowed: a table of full names",
    "[set]\ncars.a.price_cny = 1": 'set.cars: a table; allowed: full names in quotes; write "cars.a.price_cny" = ...',
    "remove = 3": "remove: given 3; allowed: a list of full names",
    'remove = ["a.b"]\n[set]\n"a.b" = 1': "remove: a.b is also in set",
    "causes = 1": "causes: given 1; allowed: tables [[causes]]",
    "[[causes]]\n": "causes[1].name: given nothing",
    '[[causes]]\nname = "a"': "causes.a.set: switches nothing off",
    '[[causes]]\nname = "a b"\n': "causes[1].name: given",
    f'[[causes]]\nname = "{OTHER}"\n': "causes[1].name: given",
    CAUSE + CAUSE: "causes.a: two causes have this name",
    CAUSE + CAUSE.replace('"a"', '"b"'): "causes.b.x.y: causes.a changes x.y; one cause for a value",
    CAUSE + '[[causes]]\nname = "b"\n[causes.set]\n"x" = {}\n': "causes.b.x: causes.a changes x.y",
    CAUSE + '[set]\n"x.y.z" = 1\n': "set.x.y.z: causes.a changes x.y",
    CAUSE.replace("[causes.set]", "title = 3\n[causes.set]"): "causes.a.title: given 3; allowed: a table with en, zh",
    'case = 3\n[set]\n"a.b" = 1': "case: given 3",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_what_if_names_its_field(text: str) -> None:
    with pytest.raises(CaseError) as error:
        WhatIf.parse(toml.loads(text, "text"))
    assert BAD[text] in str(error.value)


def test_too_many_causes_and_files_that_are_not_there_are_faults(tmp_path: Path) -> None:
    many = "".join(
        CAUSE.replace('"a"', f'"a{n}"').replace("x.y", f"x.y{n}") for n in range(attribution.MOST_CAUSES + 1)
    )
    with pytest.raises(CaseError, match="at most 24"):
        WhatIf.parse(toml.loads(many, "text"))
    with pytest.raises(CaseError, match="no such file; in the library: jd-causes"):
        WhatIf.load("jd-cause")
    (tmp_path / "w.toml").write_text("[set]\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"w\.toml: set: nothing is changed"):
        WhatIf.load(tmp_path / "w.toml")
