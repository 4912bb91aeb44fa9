"""All agents of a model at once: organisations, which are ordinary Mesa agents, followed by populations of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from itertools import chain, groupby
from random import Random
from typing import Any, Self

import mesa
import numpy as np
from mesa import Agent
from numpy.typing import ArrayLike

from market.people.columns import RowAgent
from market.people.gathering import AgentSet, By, Gathering, Positions, Values, plain
from market.people.population import Population


class Everyone(Gathering):
    """Sets of agents end to end: what `model.agents` returns. Each part answers for itself."""

    def __init__(self, parts: Iterable[AgentSet], random: Random) -> None:
        """Join the parts, populations or ordinary sets, in this order."""
        self.parts, self.random = list(parts), random

    def __len__(self) -> int:
        """How many agents there are in all parts."""
        return sum(len(part) for part in self.parts)

    def __iter__(self) -> Iterator[Agent]:
        """The agents, part after part."""
        return chain.from_iterable(self.parts)

    def __contains__(self, agent: object) -> bool:
        """Whether any part holds the agent."""
        return any(agent in part for part in self.parts)

    def get(self, attr_names: str | Iterable[str], handle_missing: str = "error", default_value: Any = None) -> Any:
        """Attributes of every agent as a list, as in Mesa."""
        names = attr_names if isinstance(attr_names, str) else list(attr_names)
        return [v for part in self.parts for v in plain(part.get(names, handle_missing, default_value))]

    def set(self, attr_name: str, value: Any) -> Self:
        """Give an attribute of every agent the same value."""
        for part in self.parts:
            part.set(attr_name, value)
        return self

    def do(self, method: By, *args: Any, **kwargs: Any) -> Self:
        """Call a method or function for every agent; one marked `@for_all` is called with each population whole."""
        for part in self.parts:
            part.do(method, *args, **kwargs)
        return self

    def map(self, method: By, *args: Any, **kwargs: Any) -> list[Any]:
        """What a method or function returns for every agent."""
        return [v for part in self.parts for v in part.map(method, *args, **kwargs)]

    def copy(self) -> Self:
        """Another set of the same agents, to be reordered or narrowed in place without touching the model's."""
        return self._of(copy(part) for part in self.parts)

    def _values(self, by: By) -> Values:
        return self.get(by) if isinstance(by, str) else self.map(by)

    def _of(self, parts: Iterable[AgentSet]) -> Self:
        twin = object.__new__(type(self))
        twin.parts, twin.random = list(parts), self.random
        return twin

    def _pick(self, positions: Positions) -> Self:
        """Cut the positions into stretches that lie in one part each, and let every stretch be a part."""
        sizes = [len(part) for part in self.parts]
        ends = np.cumsum(sizes, dtype=np.intp)
        owners = np.searchsorted(ends, positions, side="right")
        stretches = np.split(positions, np.flatnonzero(np.diff(owners)) + 1)
        ordinary = {k: list(part) for k, part in enumerate(self.parts) if not isinstance(part, Gathering)}
        parts: list[AgentSet] = []
        for stretch in stretches:
            if len(stretch):
                k = int(np.searchsorted(ends, stretch[0], side="right"))
                local = stretch - (ends[k] - sizes[k])
                agents = ordinary.get(k)
                parts.append(
                    self.parts[k]._pick(local) if agents is None else AgentSet([agents[i] for i in local], self.random)
                )
        return self._of(parts)

    def _become(self, other: Self) -> Self:
        self.parts = other.parts
        return self

    def _of_type(self, agent_type: type[Agent]) -> Self:
        return self._of(part.select(agent_type=agent_type) for part in self.parts)

    def _from_iterable(self, agents: Iterable[Agent]) -> Self:
        def home(agent: Agent) -> int:
            return id(agent.home) if isinstance(agent, RowAgent) else 0

        parts = []
        for _, stretch in groupby(dict.fromkeys(agents), key=home):
            members = list(stretch)
            first = members[0]
            parts.append(
                first.home._from_iterable(members) if isinstance(first, RowAgent) else AgentSet(members, self.random)
            )
        return self._of(parts)

    def __repr__(self) -> str:
        """The number of agents."""
        return f"<{type(self).__name__}: {len(self):,} agents>"


class Populated(mesa.Model):
    """A Mesa model some of whose agents are populations of columns.

    `agents`, `agents_by_type`, `agent_types` and Mesa's DataCollector see both kinds. Identifiers run through
    both and belong to the model, so that Mesa 3.3 and 3.5, a copied and an unpickled model number alike.
    """

    populations: list[Population]
    agent_id_counter: int

    def __init__(self, rng: int | None = None) -> None:
        """An empty model; `rng` seeds the generators that Mesa itself offers."""
        super().__init__(rng=rng)
        self.populations = []
        self.agent_id_counter = 1

    def populate(self, kind: type[RowAgent], n: int, **columns: ArrayLike) -> Population:
        """Add the one population of this kind, with the next n identifiers.

        Raises ValueError if the model has one already.
        """
        if any(kind is there.kind for there in self.populations):
            raise ValueError(f"The model has a population of {kind.__name__} already. Subclass it to add another kind.")
        population = Population(self, kind, n, self.agent_id_counter, **columns)
        self.agent_id_counter += n
        self.populations.append(population)
        return population

    @property
    def agents(self) -> Everyone:
        """Ordinary agents, then every population."""
        return Everyone([super().agents, *self.populations], self.random)

    @property
    def agents_by_type(self) -> dict[type[Agent], AgentSet]:
        """The agents of each type; those of a population are the population itself."""
        return {**super().agents_by_type, **{people.kind: people for people in self.populations}}

    @property
    def agent_types(self) -> list[type[Agent]]:
        """The types in the model."""
        return list(self.agents_by_type)

    def register_agent(self, agent: Agent) -> None:
        """Take in an ordinary agent, and number it on Mesa 3.3, whose own counter would outlive the model."""
        if hasattr(Agent, "_ids"):
            agent.unique_id = self.agent_id_counter
            self.agent_id_counter += 1
            forget(self)
        super().register_agent(agent)

    def remove_all_agents(self) -> None:
        """Let go of ordinary agents and populations."""
        super().remove_all_agents()
        self.populations.clear()


def forget(model: mesa.Model) -> None:
    """Drop the model from `Agent._ids`, where Mesa 3.3 keeps it alive for ever; later versions keep no such list."""
    counters = getattr(Agent, "_ids", None)
    if counters is not None:
        counters.pop(model, None)
