"""A population is columns to the machine and a set of honest agents to everybody else."""

from __future__ import annotations

import copy
import doctest
import gc
import pickle
import tracemalloc
from typing import Any

import mesa
import numpy as np
import pytest
from towns import people_of

from market.people import population as module
from market.people.population import Column, Population, RowAgent, effective_number, effective_number_by, for_all

# What can be asked of a set.


def test_a_function_marked_for_all_is_called_once_with_the_set() -> None:
    """One call for many rows is what makes a population fast."""
    people, calls = people_of(6), []

    @for_all
    def note(chosen: Population, word: str) -> np.ndarray:
        calls.append((len(chosen), word))
        return chosen.rows * 10

    assert people.do(note, "a") is people
    assert people.select(people.get("age") > 18).map(note, word="b") == [40, 50]
    assert people.shuffle_do(note, "c") is people
    assert calls == [(6, "a"), (2, "b"), (6, "c")]
    assert people.select(for_all(lambda chosen: chosen.get("age") > 18), at_most=1).get("age").tolist() == [19]
    assert people.sort(for_all(lambda chosen: chosen.get("age") % 4)).get("age").tolist() == [15, 19, 18, 17, 16, 20]


def test_a_method_is_found_by_name_whether_for_one_or_for_all() -> None:
    """Readable and column methods are called in the same way."""
    people = people_of(4)
    assert people.map("birthday", gifts=1) == [15, 16, 17, 18]
    assert people.select(people.get("age") > 16).map("advance_all", 3) == [5, 5]
    assert people.do("advance_all", by=1).do("birthday").get("stage").tolist() == [4, 4, 7, 7]
    with pytest.raises(AttributeError, match="sing"):
        people.do("sing")


def test_a_selection_writes_to_its_own_rows_only() -> None:
    """A selection of a selection still writes to the same columns."""
    people = people_of(6)
    older = people.select(people.get("age") > 17)
    older.set("stage", [1, 2, 3])
    older.select(lambda who: who.stage == 2).set("stage", 9)
    assert people.get("stage").tolist() == [0, 0, 0, 1, 9, 3] and older.rows.tolist() == [3, 4, 5]


@pytest.mark.parametrize("mask", [np.ones(4, bool), np.ones(5, int), np.ones((5, 1), bool)])
def test_a_mask_of_another_shape_or_type_is_refused(mask: np.ndarray) -> None:
    """A mask made from another set, or row numbers taken for a mask, would select the wrong people."""
    with pytest.raises(ValueError, match=r"shape \(5,\)"):
        people_of(5).select(mask)


def test_the_whole_population_keeps_its_rows_and_order_whatever_is_asked_in_place() -> None:
    """Row numbers are what chance is keyed by; a copy may be changed in place."""
    people = people_of(5)
    calls: dict[str, dict[str, Any]] = {"shuffle": {}, "sort": {"key": "age"}, "select": {"at_most": 2}}
    for name, arguments in calls.items():
        with pytest.raises(TypeError, match="Use the set that is returned"):
            getattr(people, name)(inplace=True, **arguments)
    assert people.rows.tolist() == [0, 1, 2, 3, 4]
    twin = people.copy()
    assert twin.sort("age", inplace=True) is twin and twin.get("age").tolist() == [19, 18, 17, 16, 15]


def test_a_set_that_shrank_in_place_knows_who_left() -> None:
    """Membership is remembered between questions, but not across a change."""
    people = people_of(5)
    chosen = people.select(people.get("age") < 19)
    assert people[0] in chosen and people[4] not in chosen
    assert people[0] not in chosen.select(lambda who: who.age > 16)
    chosen.select(lambda who: who.age > 16, inplace=True)
    assert people[0] not in chosen and people[3] in chosen


def test_a_population_refuses_to_grow_or_shrink_and_says_what_to_do() -> None:
    """Its arrays have the length they were built with."""
    people = people_of(3)
    with pytest.raises(TypeError, match="larger n"):
        people.add(people[0])
    for change in (people.discard, people.remove):
        with pytest.raises(TypeError, match="select"):
            change(people[0])
    assert len(people) == 3


def test_a_set_never_mixes_rows_of_two_populations() -> None:
    """Row 3 of one market is not row 3 of another."""
    people, others = people_of(3), people_of(3)
    with pytest.raises(TypeError, match=r"model\.agents"):
        people | others
    assert len(people & others) == 0 and people - others == people


def test_count_by_counts_agents_or_weight() -> None:
    """A figure is weighted; a check counts heads."""
    people = people_of(4, stage=[2, 0, 2, 2], trust=[0.5, 0.25, 1.0, 1.0])
    assert people.count_by("stage") == {0: 1, 2: 3}
    assert people.count_by("stage", weight="trust") == {0: 0.25, 2: 2.5}
    assert people.select(people.get("stage") == 0).count_by("stage") == {0: 1}


# Copies.


def test_a_fork_shares_static_columns_and_owns_the_others() -> None:
    """Two futures of one population share memory and never each other's state."""
    people = people_of(4)
    people.set("stage", 2)
    other = mesa.Model(rng=2)
    twin = people.fork(other)
    twin.set("stage", 5)
    assert people.get("stage").tolist() == [2] * 4 and twin[0].model is other and twin.random is other.random
    assert twin.column("age") is people.column("age") and twin.column("trust") is not people.column("trust")
    assert twin[1] != people[1] and twin[1] in twin and twin.rows.tolist() == people.rows.tolist()
    with pytest.raises(TypeError, match="whole population"):
        people.select(at_most=2).fork(other)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copied_population_is_equal_independent_and_still_protected(again: Any) -> None:
    """Sets, selections, views and dictionaries copied together still belong together."""
    people = people_of(4)
    people.set("stage", [1, 2, 3, 4])
    whole, some, who, held = again((people, people.select(people.get("stage") > 2), people[3], {people[2]: 1}))
    assert whole.get(["age", "stage"]) == people.get(["age", "stage"]) and some.get("stage").tolist() == [3, 4]
    assert some.root is whole and who in whole and who in some and held[whole[2]] == 1 and who not in people
    some.set("stage", 0)
    assert whole.get("stage").tolist() == [1, 2, 0, 0] and people.get("stage").tolist() == [1, 2, 3, 4]
    assert whole.model is not people.model and who.model is whole.model
    with pytest.raises(ValueError, match="read-only"):
        whole.column("age")[0] = 1


def test_a_deep_copy_shares_what_nobody_can_write_to() -> None:
    """A copy costs only what may change."""
    people = people_of(4)
    twin = copy.deepcopy(people)
    assert twin.column("age") is people.column("age") and twin.column("stage") is not people.column("stage")


def test_a_copied_view_is_the_same_consumer() -> None:
    """A shallow copy of a view is another view."""
    people = people_of(4)
    assert copy.copy(people[2]) == people[2]


# Size.


def test_no_object_is_kept_per_consumer_and_memory_is_what_the_columns_hold() -> None:
    """Ten columns of a million rows: as many Python objects as for ten rows, and only the bytes declared."""
    dtypes = [np.int8] * 5 + [np.int16] * 3 + [np.float32] * 2
    kind: Any = type("Wide", (RowAgent,), {f"c{i}": Column(dtype, i) for i, dtype in enumerate(dtypes)})
    n, declared = 1_000_000, sum(np.dtype(dtype).itemsize for dtype in dtypes)
    model = mesa.Model(rng=1)
    small = Population(model, kind, 10)
    gc.collect()
    before = len(gc.get_objects())
    tracemalloc.start()
    large = Population(model, kind, n)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(gc.get_objects()) - before <= 10
    assert len(large) == n and len(small) == 10 and held <= n * declared + 100_000


# Weights.


def test_the_worked_examples_in_the_docstrings_hold() -> None:
    """The examples are the specification a reader sees first."""
    assert doctest.testmod(module).failed == 0


def test_effective_number_is_n_for_equal_weights_and_blind_to_their_scale() -> None:
    """Households or thousands of households: the evidence is the same."""
    weights = np.random.default_rng(1).lognormal(size=1000)
    assert effective_number(np.full(1000, 37.5)) == pytest.approx(1000)
    assert effective_number(weights) == pytest.approx(effective_number(weights * 1e6))
    assert 1 <= effective_number(weights) < 1000
    assert effective_number([]) == effective_number([0.0, 0.0]) == 0.0


def test_effective_number_predicts_the_error_of_a_weighted_mean() -> None:
    """The variance of a weighted mean of unit-variance draws is 1 / effective number (|z| < 4 over 20,000 means)."""
    draw = np.random.default_rng(2)
    weights = draw.lognormal(size=60)
    means = (draw.standard_normal((20_000, 60)) * weights).sum(1) / weights.sum()
    ratio = means.var() * effective_number(weights)
    assert abs(ratio - 1) < 4 * np.sqrt(2 / 20_000)


def test_effective_numbers_by_group_equal_those_of_each_group() -> None:
    """The vectorised form is the plain one, group by group."""
    draw = np.random.default_rng(3)
    groups, weights = draw.integers(0, 7, 500), draw.random(500).astype(np.float32)
    groups[groups == 4] = 0
    expected = [effective_number(weights[groups == g]) for g in range(8)]
    assert effective_number_by(groups, weights, 8) == pytest.approx(expected)
    assert effective_number_by([], [], 3).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        effective_number_by([0, 2], [1, 1], 2)
