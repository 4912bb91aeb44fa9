"""Whoever knows Mesa knows a population: every call gives what it gives on plain Mesa agents."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.agent import AgentSet
from towns import Firm, PlainBuyer, PlainTown, Town, seen

from market.people.everyone import Everyone


def pair(kind: str) -> tuple[AgentSet, AgentSet, Any]:
    """The same agents as rows and as objects (with the models, which must outlive them)."""
    town, plain = Town(), PlainTown()
    if kind == "everyone":
        return town.agents, copy.copy(plain.agents), (town, plain)
    if kind == "mixed":
        return town.agents.shuffle(), plain.agents.shuffle(), (town, plain)
    rows, objects = town.buyers, copy.copy(plain.agents_by_type[PlainBuyer])
    if kind == "selection":
        rows, objects = rows.select(lambda a: a.age > 30), objects.select(lambda a: a.age > 30)
    return rows, objects, (town, plain)


KINDS = ("population", "selection", "everyone", "mixed")


def ids(agents: AgentSet) -> set[Any]:
    """The agents with an even identifier, as an ordinary set."""
    return {a for a in agents if a.unique_id % 2 == 0}


def twin(agents: AgentSet) -> AgentSet:
    """A copy that may be changed in place."""
    return copy.copy(agents)


def changed(agents: AgentSet, *answers: Any) -> Any:
    """The answers, and the state that the call left behind."""
    return [*answers, agents.get(["age", "stage"])]


STRANGERS = PlainTown()

CALLS: dict[str, list[Callable[[Any], Any]]] = {
    "__len__": [len],
    "__iter__": [list],
    "__contains__": [lambda s: [a in s for a in [*s, *STRANGERS.agents, 3, None]]],
    "__getitem__": [
        lambda s: [s[0], s[-1], s[3]],
        lambda s: [s[:3], s[-2:], s[::2], s[::-1], s[5:2], s[100:]],
    ],
    "__reversed__": [lambda s: list(reversed(s))],
    "__eq__": [lambda s: [s == twin(s), s == s.select(at_most=2), s == set(s), s != twin(s)]],
    "__le__": [lambda s: [s <= twin(s), s <= s.select(at_most=2)]],
    "__lt__": [lambda s: [s < twin(s), s.select(at_most=2) < s]],
    "__ge__": [lambda s: [s >= twin(s), s >= s.select(at_most=2)]],
    "__gt__": [lambda s: [s > twin(s), s > s.select(at_most=2)]],
    "__and__": [lambda s: sorted(seen(s & ids(s))), lambda s: s & s.select(lambda a: a.age > 40)],
    "__or__": [lambda s: s.select(lambda a: a.age < 40) | s.select(lambda a: a.age > 30)],
    "__sub__": [lambda s: s - ids(s), lambda s: s - s.select(lambda a: a.age > 40)],
    "__xor__": [lambda s: s.select(lambda a: a.age < 46) ^ s.select(lambda a: a.age > 30)],
    "__rand__": [lambda s: sorted(seen(ids(s) & s))],
    "__ror__": [lambda s: sorted(seen(ids(s) | s))],
    "__rsub__": [lambda s: sorted(seen(set(s) - s.select(at_most=3)))],
    "__rxor__": [lambda s: sorted(seen(ids(s) ^ s))],
    "__copy__": [copy.copy],
    "isdisjoint": [lambda s: [s.isdisjoint([]), s.isdisjoint(ids(s))]],
    "count": [lambda s: [s.count(s.to_list()[0] if hasattr(s, "to_list") else s[0]), s.count(1)]],
    "index": [lambda s: s.index(list(s)[4]), lambda s: s.index(list(s)[4], 2)],
    "to_list": [lambda s: s.to_list() if hasattr(s, "to_list") else list(s)],
    "copy": [lambda s: s.copy() if hasattr(s, "copy") else copy.copy(s)],
    "get": [
        lambda s: s.get("age"),
        lambda s: s.get("score"),
        lambda s: s.get("unique_id"),
        lambda s: s.get(["age", "stage"]),
        lambda s: s.get([]),
        lambda s: s.get("hat", handle_missing="default", default_value=-1),
        lambda s: s.get("score", handle_missing="default"),
        lambda s: s.get(["age", "hat"], "default", None),
        lambda s: s.get("hat"),
        lambda s: s.get(["age", "hat"]),
        lambda s: s.get("age", handle_missing="maybe"),
    ],
    "set": [lambda s: changed(s, seen(s.set("stage", 4)))],
    "agg": [
        lambda s: [s.agg("age", max), s.agg("age", sum), s.agg("score", np.mean)],
        lambda s: [(s.get("age")[0] * 9), sum(s.get("age")), s.agg("age", np.std)],
        lambda s: s.agg("score", [min, max, len]),
        lambda s: s.agg("hat", max),
    ],
    "select": [
        lambda s: s.select(),
        lambda s: s.select(lambda a: a.age > 40),
        lambda s: s.select(lambda a: a.age > 1000),
        lambda s: [s.select(lambda a: a.age > 30, at_most=k) for k in (0, 1, 2, 1000, 0.0, 0.25, 0.99, 1.0, 2.5, -1)],
        lambda s: [s.select(at_most=k) for k in (0, 3, 0.5)],
        lambda s: s.select(agent_type=Firm),
        lambda s: s.select(lambda a: a.age > 31, 2, False, Firm),
        lambda s: s.select(agent_type=mesa.Agent, at_most=3),
        lambda s: twin(s).select(lambda a: a.age > 40, inplace=True),
        lambda s: twin(s).select(lambda a: a.age > 40, at_most=2, inplace=True),
    ],
    "shuffle": [
        lambda s: s.shuffle(),
        lambda s: [s.shuffle(), s.shuffle(), s],
        lambda s: twin(s).shuffle(inplace=True),
    ],
    "sort": [
        lambda s: [s.sort("age"), s.sort("age", ascending=True), s],
        lambda s: [s.sort("score"), s.sort("score", ascending=True)],
        lambda s: s.sort(lambda a: (a.score, -a.age)),
        lambda s: s.sort(lambda a: -a.age, ascending=True),
        lambda s: s.shuffle().sort("age"),
        lambda s: twin(s).sort("unique_id", inplace=True),
        lambda s: s.sort("hat"),
    ],
    "do": [
        lambda s: changed(s, s.do("visit", 2)),
        lambda s: changed(s, s.do(lambda a, k: a.visit(k), k=3)),
        lambda s: s.do("step"),
        lambda s: s.do("sing"),
    ],
    "shuffle_do": [
        lambda s: changed(s, s.shuffle_do("visit", times=2)),
        lambda s: [(order := []), s.shuffle_do(lambda a: order.append(a.unique_id)), order],
    ],
    "map": [
        lambda s: changed(s, s.map("visit", 2)),
        lambda s: s.map(lambda a, k: a.age * k, k=2),
        lambda s: s.map("sing"),
    ],
    "groupby": [
        lambda s: s.groupby("age"),
        lambda s: s.groupby(lambda a: a.age > 40),
        lambda s: s.groupby(lambda a: a.age % 3, result_type="list"),
        lambda s: s.groupby("age", result_type="list").count(),
        lambda s: s.groupby("age").count(),
        lambda s: s.groupby("age").agg("score", np.mean),
        lambda s: s.groupby("age", result_type="list").agg("score", max),
        lambda s: s.groupby("score").map(lambda group: [a.age for a in group]),
        lambda s: s.groupby("score").map("get", "age"),
        lambda s: changed(s, s.groupby("score").do("do", "visit", 2)),
        lambda s: [len(s.groupby("age")), [key for key, _ in s.groupby("age")]],
        lambda s: s.groupby("hat"),
    ],
}

REFUSED = {"add", "discard", "remove", "pop", "clear", "__iand__", "__ior__", "__isub__", "__ixor__"}
NOT_CALLS = {"__class_getitem__", "__init__", "__init_subclass__", "__new__", "__subclasshook__", "__setattr__"}
PICKLING = {"__getstate__", "__setstate__", "__reduce__", "__reduce_ex__"}
OBJECTS = {"__class__", "__delattr__", "__dir__", "__doc__", "__format__", "__getattribute__", "__ne__"}
OBJECTS |= {"__repr__", "__sizeof__", "__str__", "__hash__"}


FAULTS = {fault.__name__: fault for fault in (AttributeError, IndexError, KeyError, TypeError, ValueError)}


def outcome(call: Callable[[Any], Any], agents: AgentSet) -> Any:
    """What a call gives: its result, or the kind of error."""
    try:
        return seen(call(agents))
    except tuple(FAULTS.values()) as fault:
        return type(fault).__name__


def test_every_public_method_of_this_mesas_agentset_is_compared_or_refused() -> None:
    """A method that a newer Mesa adds fails here until somebody has looked at it."""
    public = {name for name in dir(AgentSet) if callable(getattr(AgentSet, name)) and not name.startswith("_")}
    special = {name for name in dir(AgentSet) if callable(getattr(AgentSet, name)) and name.startswith("__")}
    assert public | special <= set(CALLS) | REFUSED | NOT_CALLS | PICKLING | OBJECTS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "index"), [(name, i) for name, calls in CALLS.items() for i in range(len(calls))])
@pytest.mark.filterwarnings("ignore:No Agents specified:UserWarning", "ignore::PendingDeprecationWarning")
def test_a_call_gives_on_rows_what_it_gives_on_plain_mesa_agents(name: str, index: int, kind: str) -> None:
    """Same results, same order, same kind of error, and the random generator left in the same state."""
    rows, objects, towns = pair(kind)
    expected = outcome(CALLS[name][index], objects)
    assert outcome(CALLS[name][index], rows) == expected
    assert towns[0].random.getstate() == towns[1].random.getstate()


@pytest.mark.filterwarnings("ignore:No Agents specified:UserWarning", "ignore::PendingDeprecationWarning")
def test_the_comparison_compares_results_and_not_two_failures() -> None:
    """On plain agents only calls that ask for the absent ("hat", "sing") or the unknown ("maybe") end in an error."""
    _, objects, towns = pair("everyone")
    results = {name: [outcome(call, objects) for call in calls] for name, calls in CALLS.items()}
    failing = {name: k for name, r in results.items() if (k := sum(one in FAULTS for one in r if isinstance(one, str)))}
    assert len(objects) == len(towns[0].agents)
    assert failing == {"get": 3, "agg": 1, "sort": 1, "do": 1, "map": 1, "groupby": 1}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_call_that_would_change_who_exists_is_refused_with_a_remedy(name: str, kind: str) -> None:
    """And nothing has changed."""
    rows, _, towns = pair(kind)
    before, someone = seen(rows), next(iter(towns[0].buyers))
    half = rows.select(at_most=0.5)
    calls: dict[str, tuple[Any, ...]] = {"pop": (), "clear": (), "__ior__": ([someone],), "__iand__": (half,)}
    with pytest.raises(TypeError, match="its size is fixed"):
        getattr(rows, name)(*calls.get(name, (half if name.startswith("__") else someone,)))
    assert seen(rows) == before


@pytest.mark.filterwarnings("ignore:No Agents specified:UserWarning", "ignore:Random number gen:UserWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_any_chain_of_selections_sorts_and_shuffles_ends_with_the_same_agents_in_the_same_order(kind: str) -> None:
    """Forty random chains of six calls each."""
    steps: list[Callable[[Any], Any]] = [
        lambda s: s.shuffle(),
        lambda s: s.sort("age"),
        lambda s: s.sort("score", ascending=True),
        lambda s: s.sort(lambda a: a.unique_id % 5),
        lambda s: s.select(lambda a: a.age != 31),
        lambda s: s.select(at_most=0.8),
        lambda s: s.select(lambda a: a.stage < 3, at_most=9),
        lambda s: s.shuffle_do("visit"),
        lambda s: s - s.select(lambda a: a.score > 0.7),
        lambda s: s.select(lambda a: a.age < 50) | s,
        lambda s: copy.copy(s).shuffle(inplace=True),
    ]
    for chain in range(40):
        rows, objects, towns = pair(kind)
        for step in random.Random(chain).choices(steps, k=6):
            rows, objects = step(rows), step(objects)
            objects.random = towns[1].random  # Mesa's `-` and `|` forget it in 3.3.0 and for an empty set
        assert changed(rows, seen(rows)) == changed(objects, seen(objects))
        assert towns[0].agents.get("stage") == list(towns[1].agents.get("stage"))


def test_an_ordinary_set_joined_with_rows_holds_both() -> None:
    """Mesa's sets hold agents weakly; a view of a row would vanish from one at once."""
    town = Town()
    firms = AgentSet(list(town.agents_by_type[Firm]), random=town.random)
    joined = town.agents.select(at_most=0) | firms | town.buyers
    assert isinstance(joined, Everyone) and seen(joined) == seen(town.agents)
    with pytest.raises(TypeError, match=r"model\.agents"):
        firms | town.buyers
