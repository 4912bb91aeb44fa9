"""What is stored, what is computed, and what one consumer is."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest
from numpy.typing import NDArray
from towns import Consumer, Saver, people_of

from market.people.population import Derived, Population, RowAgent

# What a column is.


def test_a_column_not_given_holds_its_default_and_has_its_dtype() -> None:
    """So a case names only what differs, and a million rows stay as narrow as declared."""
    people = people_of(4)
    assert people.column("stage").tolist() == [0, 0, 0, 0]
    assert people.column("trust").tolist() == [0.5, 0.5, 0.5, 0.5]
    assert [people.column(name).dtype.name for name in ("age", "stage", "trust")] == ["int8", "int8", "float32"]


def test_a_subclass_inherits_columns_and_may_replace_them() -> None:
    """A kind of consumer is extended as any Python class is."""
    people = Population(mesa.Model(rng=1), Saver, 3, savings=[1.0, 2.0, 3.0])
    assert list(people.columns) == ["age", "stage", "trust", "savings"]
    assert people.get("stage").tolist() == [7, 7, 7] and people.column("stage").dtype == np.int16


def test_a_column_says_what_it_means_and_in_which_unit() -> None:
    """The data dictionary is the class itself."""
    declared = Consumer.declared()
    assert list(declared) == ["age", "stage", "trust"]
    assert (declared["age"].unit, declared["age"].meaning, declared["age"].static) == (
        "years",
        "age at the start",
        True,
    )


def test_a_column_may_hold_several_values_per_consumer() -> None:
    """Trust in each of several organisations is one column of shape (consumers, organisations)."""
    people = people_of(3, trust=np.arange(6).reshape(3, 2) / 10)
    people[1].trust[0] = 0.9
    assert people.get("trust") == pytest.approx(np.array([[0.0, 0.1], [0.9, 0.3], [0.4, 0.5]]))
    people.select(np.array([True, False, True])).set("trust", np.zeros((2, 2)))
    assert people.column("trust") == pytest.approx(np.array([[0.0, 0.0], [0.9, 0.3], [0.0, 0.0]]))


def test_what_the_population_was_built_from_may_change_afterwards() -> None:
    """Given arrays are copied, so no outsider holds a hand on the state."""
    stages = np.zeros(3, np.int8)
    people = people_of(3, stage=stages)
    stages[:] = 5
    assert people.get("stage").tolist() == [0, 0, 0]


def test_column_is_the_stored_array_and_get_a_new_one() -> None:
    """Hot code writes through `column`; what `get` returned can be scribbled on."""
    people = people_of(3)
    people.column("stage")[1] = 4
    people.get("stage")[:] = 9
    assert people.get("stage").tolist() == [0, 4, 0] and people[1].stage == 4
    assert people.select(people.get("stage") == 4).column("stage") is people.column("stage")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"hat": 1}, ["hat", "age", "stage"]),
        ({"stage": [1, 2]}, ["stage", "(2,)", "5"]),
        ({"stage": 300}, ["stage", "300", "int8"]),
        ({"stage": 1.5}, ["stage", "1.5", "int8"]),
        ({"age": np.full(5, 200)}, ["age", "int8"]),
        ({"age": np.nan}, ["age", "nan"]),
    ],
)
def test_a_population_refuses_values_that_do_not_fit_and_names_the_column(columns: Any, words: list[str]) -> None:
    """An overflow or a rounded code would be a wrong market that looks right."""
    with pytest.raises((TypeError, ValueError)) as refusal:
        Population(mesa.Model(rng=1), Consumer, 5, **columns)
    assert all(word in str(refusal.value) for word in words)


def test_a_population_may_be_empty_but_not_negative() -> None:
    """Every call works on nobody."""
    nobody = people_of(0)
    assert len(nobody) == 0 and list(nobody) == [] and nobody.get("stage").tolist() == []
    assert nobody.shuffle().sort("age").select(lambda who: True).groupby("age").count() == {}
    with pytest.raises(ValueError, match="at least 0"):
        people_of(-1, age=20)


def test_a_static_column_cannot_be_written_to_by_any_road() -> None:
    """Forks share static columns, so a write in one market would change another."""
    people = people_of(3)
    with pytest.raises(ValueError, match="read-only"):
        people.column("age")[0] = 1
    with pytest.raises(AttributeError, match="static"):
        people[0].age = 1
    with pytest.raises(AttributeError, match="static"):
        people.set("age", 1)


def test_writing_never_truncates() -> None:
    """A refused write leaves the column as it was."""
    people = people_of(3)
    for value in (1.5, 1000, np.array([1, 2, 3.25])):
        with pytest.raises((ValueError, OverflowError), match="stage"):
            people.set("stage", value)
    with pytest.raises(ValueError, match="stage"):
        people[0].stage = 0.5
    assert people.get("stage").tolist() == [0, 0, 0]


# What one consumer is.


def test_a_row_is_a_mesa_agent_that_reads_and_writes_its_columns() -> None:
    """Whoever holds an agent need not know that it is a row."""
    people = people_of(5)
    who = people[2]
    who.stage = 3
    assert isinstance(who, mesa.Agent) and who.model is people.model and who.pos is None
    assert (who.stage, who.age, who.double, who.grown) == (3, 17, 34, False)
    assert people.column("stage").tolist() == [0, 0, 3, 0, 0]
    assert who.random is people.model.random and who.rng is people.model.rng


def test_attributes_of_a_row_are_plain_python_numbers() -> None:
    """Readable rules compute in Python numbers, and Mesa copies nothing else for free."""
    who = people_of(3)[1]
    assert [type(v) for v in (who.age, who.trust, who.double, who.unique_id)] == [int, float, int, int]


def test_identifiers_count_from_the_first_one_given() -> None:
    """The identifier tells the row: first_id + row."""
    people = Population(mesa.Model(rng=1), Consumer, 4, first_id=11)
    assert [who.unique_id for who in people] == people.get("unique_id").tolist() == [11, 12, 13, 14]
    assert repr(people[3]) == "<Consumer 14>"


def test_two_views_of_a_row_are_the_same_consumer_and_rows_of_two_populations_are_not() -> None:
    """Views come and go; the consumer stays one key of a set or dictionary."""
    people, others = people_of(4), people_of(4)
    assert people[1] == people[1] and people[1] is not people[1] and people[1] != people[2] and people[1] != others[1]
    assert len({people[1], people[1], people[2], others[1]}) == 3
    assert {people[1]: "seen"}[people[1]] == "seen"
    assert people[1] in people and others[1] not in people and "people" not in people


def test_a_row_refuses_to_keep_what_would_be_lost_with_the_view() -> None:
    """An undeclared attribute would vanish with the view, silently."""
    people = people_of(3)
    for name in ("mood", "row", "home", "model", "unique_id", "double", "pos"):
        with pytest.raises(AttributeError):
            setattr(people[0], name, 1)
    with pytest.raises(AttributeError, match=r"Declare mood = Column"):
        people.set("mood", 1)


def test_a_row_can_be_neither_made_nor_removed_alone_and_says_what_to_do() -> None:
    """Mesa's ways of making one agent end in a message that names the right one."""
    people = people_of(3)
    for attempt in (lambda: Consumer(people.model), lambda: Consumer.create_agents(people.model, 2)):
        with pytest.raises(TypeError, match=r"Population\(model, Consumer, n\)"):
            attempt()
    with pytest.raises(TypeError, match="Record in a column"):
        people[0].remove()
    assert len(people) == 3


# What a derived attribute is.


def test_a_derived_attribute_answers_wherever_a_stored_one_does() -> None:
    """A reader cannot tell a computed taste from a stored one."""
    people = people_of(6)
    assert people.get("double").tolist() == [30, 32, 34, 36, 38, 40]
    assert people.select(people.get("double") > 36).get("double").tolist() == [38, 40]
    assert people.select(lambda who: who.double > 36).agg("double", sum) == 78
    assert people.sort("double")[0].age == 20 and people.groupby("double").count()[30] == 1
    assert people.get(["age", "double"])[0] == [15, 30]
    assert "double" not in people.columns


def test_a_derived_attribute_is_asked_only_for_the_rows_needed() -> None:
    """Work is proportional to who is looked at."""
    asked: list[list[int]] = []

    def look(_: Population, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        asked.append(rows.tolist())
        return rows

    class Curious(RowAgent):
        seen = Derived(look)

    people = Population(mesa.Model(rng=1), Curious, 100)
    people.select(np.arange(100) % 40 == 3).get("seen")
    assert people[7].seen == 7 and asked == [[3, 43, 83], [7]]


def test_a_derived_attribute_of_the_wrong_length_is_refused() -> None:
    """A scalar or a whole column returned by mistake would be broadcast into nonsense."""

    class Wrong(RowAgent):
        odd = Derived(lambda people, rows: np.zeros(2))

    with pytest.raises(ValueError, match="one entry per row"):
        Population(mesa.Model(rng=1), Wrong, 3).get("odd")
