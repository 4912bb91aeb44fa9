"""A Mesa AgentSet that keeps no agents: what a population of columns and the set of everybody have in common.

Mesa's AgentSet keeps one object per agent and every one of its methods reads that store. A `Gathering` answers
the same calls, in the same order and with the same random numbers, from a length, an iterator and positions.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Self, TypeGuard, TypeVar

import numpy as np
from mesa import Agent
from numpy.typing import NDArray

try:  # Mesa 3.5 moved these two out of mesa.agent
    from mesa.agentset import AgentSet, GroupBy
except ImportError:
    from mesa.agent import AgentSet, GroupBy

__all__ = ["AgentSet", "By", "Gathering", "Groups", "Positions", "Values", "for_all", "is_for_all", "plain", "wide"]

Function = TypeVar("Function", bound=Callable[..., Any])
Positions = NDArray[np.intp]
Values = NDArray[Any] | list[Any]
By = str | Callable[..., Any]


def for_all(function: Function) -> Function:
    """Mark a function as written for whole columns: it is called once with a population, not once per agent."""
    vars(function)["for_all"] = True
    return function


def is_for_all(function: object) -> TypeGuard[Callable[..., Any]]:
    """Whether `@for_all` marks the function."""
    return getattr(function, "for_all", False) is True


def plain(values: Values) -> list[Any]:
    """Values as Mesa hands them out: a list, of Python numbers where there was an array."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def wide(values: Values) -> Values:
    """A new array of 64-bit numbers, as a view of one consumer gives them: sums of small integers do not overflow."""
    if not isinstance(values, np.ndarray):
        return values
    narrow = values.dtype.kind in "iuf" and values.dtype != np.uint64
    return values.astype(np.result_type(values.dtype, np.int64) if narrow else values.dtype)


class Groups(GroupBy):
    """What `groupby` returns: Mesa's GroupBy, but it aggregates by column where a group has columns."""

    def agg(self, attr_name: str, func: Callable[..., Any]) -> dict[Any, Any]:
        """One value per group: `func` of the attribute's values in it."""
        return {
            key: func(group.get(attr_name) if isinstance(group, Gathering) else [getattr(a, attr_name) for a in group])
            for key, group in self.groups.items()
        }


class Gathering(AgentSet):
    """An AgentSet that is defined by positions 0..len-1 rather than by stored agents."""

    # What a kind of gathering must know.

    @abstractmethod
    def __len__(self) -> int:
        """How many agents there are."""

    @abstractmethod
    def __iter__(self) -> Iterator[Agent]:
        """The agents in order."""

    @abstractmethod
    def __contains__(self, agent: object) -> bool:
        """Whether the agent belongs to the set."""

    @abstractmethod
    def _pick(self, positions: Positions) -> Self:
        """A new set of the agents at these positions, in this order."""

    @abstractmethod
    def _become(self, other: Self) -> Self:
        """Hold what `other` holds, for the `inplace` calls."""

    @abstractmethod
    def _of_type(self, agent_type: type[Agent]) -> Self:
        """The agents of a type."""

    @abstractmethod
    def _from_iterable(self, agents: Iterable[Agent]) -> Self:
        """A set of the agents given; the operators `&`, `|`, `-`, `^` rest on it."""

    @abstractmethod
    def _values(self, by: By) -> Values:
        """One value per agent: an attribute by name, or what a function says of each."""

    @abstractmethod
    def get(self, attr_names: Any, handle_missing: str = "error", default_value: Any = None) -> Any:
        """Attributes of every agent, as in Mesa."""

    @abstractmethod
    def set(self, attr_name: str, value: Any) -> Self:
        """Give an attribute of every agent a value, as in Mesa."""

    @abstractmethod
    def do(self, method: By, *args: Any, **kwargs: Any) -> Self:
        """Call a method or function for every agent, as in Mesa."""

    @abstractmethod
    def map(self, method: By, *args: Any, **kwargs: Any) -> list[Any]:
        """What a method or function returns for every agent, as in Mesa."""

    # What follows from it.

    def __getitem__(self, item: int | slice) -> Any:
        """The agent at a position, or the list of those in a slice."""
        positions = range(len(self))[item]
        picked = list(self._pick(np.atleast_1d(np.asarray(positions, np.intp))))
        return picked if isinstance(item, slice) else picked[0]

    def to_list(self) -> list[Agent]:
        """The agents as a list."""
        return list(self)

    def copy(self) -> Self:
        """Another set of the same agents, to be reordered or narrowed in place without touching this one."""
        return self._pick(np.arange(len(self)))

    def __copy__(self) -> Self:
        """The same as `copy()`."""
        return self.copy()

    def select(
        self,
        filter_func: Callable[..., Any] | NDArray[np.bool_] | None = None,
        at_most: float = math.inf,
        inplace: bool = False,
        agent_type: type[Agent] | None = None,
    ) -> Self:
        """The agents that pass a filter, up to a number (whole) or a fraction (float up to 1) of the set.

        The filter is a function of one agent, a function marked `@for_all` that returns one truth value per
        agent, or a boolean array, shape (len(self),). Raises ValueError for any other array.
        """
        limit = int(len(self) * at_most) if isinstance(at_most, float) and at_most <= 1.0 else at_most
        limit = len(self) if limit >= len(self) else max(0, math.ceil(limit))
        chosen = self
        if isinstance(filter_func, np.ndarray):
            if filter_func.dtype != np.bool_ or filter_func.shape != (len(self),):
                raise ValueError(
                    f"select: the mask has dtype {filter_func.dtype} and shape {filter_func.shape}; it must be "
                    f"boolean with shape ({len(self)},). Compare a column of this same set, as in "
                    "select(people.get('age') > 40)."
                )
            chosen, filter_func = chosen._pick(np.flatnonzero(filter_func)), None
        if agent_type is not None:
            chosen = chosen._of_type(agent_type)
        if filter_func is None:
            positions = np.arange(min(limit, len(chosen)))
        elif is_for_all(filter_func):
            positions = np.flatnonzero(chosen._values(filter_func))[:limit]
        else:
            passing = (position for position, agent in enumerate(chosen) if filter_func(agent))
            positions = np.fromiter(islice(passing, limit), np.intp)
        chosen = chosen._pick(positions)
        return self._become(chosen) if inplace else chosen

    def shuffle(self, inplace: bool = False) -> Self:
        """The agents in random order: the order in which the same random generator puts a Mesa AgentSet."""
        order = list(range(len(self)))
        self.random.shuffle(order)
        return self._reordered(order, inplace)

    def sort(self, key: By, ascending: bool = False, inplace: bool = False) -> Self:
        """The agents by an attribute or a function of each, descending unless told; ties keep their order."""
        values = self._values(key)
        order: Sequence[int] | Positions
        if not isinstance(values, np.ndarray):
            order = sorted(range(len(values)), key=values.__getitem__, reverse=not ascending)
        elif ascending:
            order = np.argsort(values, kind="stable")
        else:  # read backwards twice, so that ties keep their order as in sorted(reverse=True)
            order = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
        return self._reordered(order, inplace)

    def _reordered(self, order: Sequence[int] | Positions, inplace: bool) -> Self:
        picked = self._pick(np.asarray(order, np.intp))
        return self._become(picked) if inplace else picked

    def shuffle_do(self, method: By, *args: Any, **kwargs: Any) -> Self:
        """Call a method or function for every agent in random order; the set itself keeps its order."""
        self.shuffle().do(method, *args, **kwargs)
        return self

    def agg(self, attribute: str, func: Callable[..., Any] | Iterable[Callable[..., Any]]) -> Any:
        """One or several summaries of an attribute."""
        values = self.get(attribute)
        return func(values) if callable(func) else [one(values) for one in func]

    def groupby(self, by: By, result_type: str = "agentset") -> Groups:
        """The agents by the value of an attribute or function: sets (or lists), in order of first appearance."""
        values, places = self._values(by), dict[Any, Any]()
        if isinstance(values, np.ndarray) and values.ndim == 1:
            keys, first, counts = np.unique(values, return_index=True, return_counts=True)
            members = np.split(np.argsort(values, kind="stable"), np.cumsum(counts)[:-1])
            places = {keys[k].item(): members[k] for k in np.argsort(first)}
        else:
            for position, value in enumerate(plain(values)):
                places.setdefault(value, []).append(position)
        sets = {key: self._pick(np.asarray(positions, np.intp)) for key, positions in places.items()}
        return Groups(sets if result_type == "agentset" else {key: list(group) for key, group in sets.items()})

    def __ror__(self, other: Iterable[Agent]) -> Self:
        """An ordinary set on the left: without this it would keep weak references to views, which vanish."""
        return self._from_iterable(chain(other, self))

    def _update(self, agents: Iterable[Agent]) -> Self:
        return self._become(self._from_iterable(agents))

    # What cannot be done to it, and what to do instead.

    def add(self, agent: Agent) -> None:
        """Refused: consumers are not added one at a time."""
        raise TypeError(f"{self!r} cannot gain {agent!r}: its size is fixed when built. Build it with a larger n.")

    def discard(self, agent: Agent) -> None:
        """Refused: consumers are not dropped one at a time."""
        raise TypeError(
            f"{self!r} cannot lose {agent!r}: its size is fixed when built. Use select(...), which returns a smaller "
            "set; record in a column who has left."
        )

    def remove(self, agent: Agent) -> None:
        """Refused: consumers are not dropped one at a time."""
        self.discard(agent)

    def __getstate__(self) -> dict[str, Any]:
        """The attributes, for pickle and deepcopy."""
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The attributes, back again."""
        self.__dict__.update(state)
