"""A Mesa model of organisations and columns behaves as one of plain agents, and is freed when nobody holds it."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from typing import Any

import mesa
import pandas as pd
import pytest
from mesa.agent import AgentSet
from towns import AGES, Buyer, Firm, PlainBuyer, PlainTown, Town

from market.people.everyone import forget
from market.people.population import Population


def test_model_agents_are_the_ordinary_ones_followed_by_every_population() -> None:
    """An organisation that leaves is gone from `model.agents`, but not from a copy taken before."""
    town = Town()
    assert isinstance(town.agents, AgentSet) and len(town.agents) == 3 + len(AGES)
    assert town.agents.get("unique_id") == list(range(1, 4 + len(AGES)))
    assert town.agents_by_type[Buyer] is town.buyers and len(town.agents_by_type[Firm]) == 3
    assert town.agent_types == [Firm, Buyer]
    firm, before = next(iter(town.agents_by_type[Firm])), town.agents.copy()
    assert firm in town.agents and town.buyers[0] in town.agents
    firm.remove()
    assert len(town.agents) == 2 + len(AGES) and firm not in town.agents and firm in before


def test_identifiers_never_collide_whatever_is_born_first() -> None:
    """The counter belongs to the model, also on Mesa 3.3 and also in copies."""
    town = Town(firms=1)
    late, copied, thawed = Firm(town, 9), copy.deepcopy(town), pickle.loads(pickle.dumps(town))
    assert late.unique_id == 2 + len(AGES)
    for model in (copied, thawed):
        assert Firm(model, 9).unique_id == 3 + len(AGES)
        assert len(set(model.agents.get("unique_id"))) == len(model.agents)


def test_a_model_has_one_population_of_a_kind() -> None:
    """Otherwise `agents_by_type` could not say which."""
    with pytest.raises(ValueError, match="Buyer already"):
        Town().populate(Buyer, 3)


def test_a_model_of_rows_walks_through_time_as_a_model_of_objects() -> None:
    """Five steps in which everybody acts in random order."""
    town, plain = Town(), PlainTown()
    for _ in range(5):
        town.step()
        plain.step()
    assert town.agents.get(["unique_id", "stage"]) == plain.agents.get(["unique_id", "stage"])
    assert town.random.getstate() == plain.random.getstate()


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copied_model_continues_like_the_original_and_apart_from_it(again: Any) -> None:
    """The future of a copy is that of the original."""
    town = Town()
    town.step()
    other = again(town)
    assert (
        other.buyers is other.populations[0] and other.buyers[0].model is other and other.buyers[0] not in town.agents
    )
    other.step()
    assert town.week == 1 and town.agents.get("stage") != other.agents.get("stage")
    town.step()
    assert town.agents.get("stage") == other.agents.get("stage")


def test_removing_all_agents_leaves_nobody() -> None:
    """Mesa's call reaches populations too."""
    town = Town()
    town.remove_all_agents()
    assert len(town.agents) == 0 and Buyer not in town.agents_by_type


def visits(model: Any) -> int:
    """All stages together."""
    return int(model.agents.agg("stage", sum))


def collected(model: Any, buyer: type) -> dict[str, pd.DataFrame]:
    """What Mesa's DataCollector records in three steps."""
    collector = mesa.DataCollector(
        model_reporters={"agents": lambda m: len(m.agents), "visits": visits, "week": "week"},
        agent_reporters={"stage": "stage", "older": lambda a: a.age > 40},
        agenttype_reporters={buyer: {"score": "score"}, Firm: {"age": lambda a: a.age}},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    frames = {"model": collector.get_model_vars_dataframe(), "agents": collector.get_agent_vars_dataframe()}
    for name, kind in (("buyers", buyer), ("firms", Firm)):
        frames[name] = collector.get_agenttype_vars_dataframe(kind)
    return frames


def test_mesas_data_collector_records_rows_as_it_records_objects() -> None:
    """Model, agent and agent-type reporters, by name and by function, give equal frames."""
    rows, objects = collected(Town(), Buyer), collected(PlainTown(), PlainBuyer)
    assert len(rows["agents"]) == 3 * (3 + len(AGES)) and len(rows["buyers"]) == 3 * len(AGES)
    for name in objects:
        pd.testing.assert_frame_equal(rows[name], objects[name])


def test_a_model_nobody_holds_is_freed() -> None:
    """With its columns, after Mesa has stepped it and collected from it, without any call to close it."""
    town = Town()
    collected(town, Buyer)
    held = weakref.ref(town.buyers.column("age"))
    model = weakref.ref(town)
    del town
    gc.collect()
    assert model() is None and held() is None


def test_a_forgotten_mesa_model_is_freed() -> None:
    """On Mesa 3.3 a model that ever numbered an agent is kept alive by a class attribute until it is forgotten."""
    model = PlainTown()
    reference = weakref.ref(model)
    forget(model)
    forget(model)
    del model
    gc.collect()
    assert reference() is None


def test_a_population_in_a_plain_mesa_model_needs_nothing_else() -> None:
    """`Populated` is a convenience."""
    people = Population(mesa.Model(rng=1), Buyer, 3, age=[1, 2, 3])
    assert people.do("visit").agg("stage", sum) == 3
