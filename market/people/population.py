"""Consumers kept as columns, met as ordinary Mesa agents.

A `Population` is a Mesa AgentSet with one array per attribute instead of one object per consumer: a million
plain agents take seconds and hundreds of bytes each to create, a million rows a few milliseconds. Whoever asks
for one consumer is handed a `RowAgent`, a light view of a row.

    class Consumer(RowAgent):
        age = Column(np.int8, 40, unit="years", meaning="age at the start", static=True)
        stage = Column(np.int8, 0, meaning="where on the path to a car")
        patience = Derived(lambda people, rows: people.model.chance.uniform("patience", rows), unit="share")

    people = Population(model, Consumer, 1_000_000, age=ages)
    people.column("stage")[rows] = 3      # hot code: the array of all rows, not a copy
    people.select(people.get("age") > 40).agg("stage", np.mean)
    people[7].stage                       # one consumer
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, Self

import numpy as np
from mesa import Agent, Model
from numpy.typing import ArrayLike, NDArray

from market.people.columns import Column, Derived, RowAgent
from market.people.gathering import By, Gathering, Positions, Values, for_all, is_for_all, plain, wide

__all__ = ["Column", "Derived", "Population", "RowAgent", "effective_number", "effective_number_by", "for_all"]


class Population(Gathering):
    """All consumers of a model, or a selection of them; a selection reads and writes the same columns."""

    model: Any
    kind: type[RowAgent]
    first_id: int
    root: Population
    """The whole population; a selection is made from it."""
    columns: dict[str, NDArray[Any]]
    _size: int
    _rows: Positions | None  # None: all, in order
    _members: NDArray[np.bool_] | None  # who belongs, built when first asked

    def __init__(self, model: Model, kind: type[RowAgent], n: int, first_id: int = 1, **columns: ArrayLike) -> None:
        """Build n rows; a column not given holds its default.

        Values are scalars, or arrays whose first length is n, and are copied. Raises TypeError for a column that
        `kind` does not declare and ValueError for values that do not fit.
        """
        declared = kind.declared()
        if unknown := sorted(set(columns) - set(declared)):
            raise TypeError(f"{kind.__name__} declares no column {unknown}; it declares {sorted(declared)}.")
        if n < 0:
            raise ValueError(f"A population of {n} {kind.__name__} was asked for; n must be at least 0.")
        self.model, self.kind, self.first_id, self.root = model, kind, first_id, self
        self.columns = {name: c.build(n, columns.get(name, c.default)) for name, c in declared.items()}
        self._size, self._rows, self._members = n, None, None

    @property
    def random(self) -> Random:
        """The model's generator; only Mesa's `shuffle` and `shuffle_do` use it."""
        return self.model.random

    @property
    def rows(self) -> Positions:
        """The row numbers of the agents in the set, int64, in order."""
        return np.arange(self._size) if self._rows is None else self._rows

    def column(self, name: str) -> NDArray[Any]:
        """The stored array of all rows, shared and not copied, whatever rows this set selects."""
        if name not in self.columns:
            raise AttributeError(f"{self.kind.__name__} stores no {name!r}; it stores {sorted(self.columns)}.")
        return self.columns[name]

    def fork(self, model: Model) -> Self:
        """The same consumers in another model: static columns are shared, all others copied."""
        if self is not self.root:
            raise TypeError(f"{self!r} is a selection. Fork the whole population, then select from the fork.")
        static = self._static()
        twin = self._of(None)
        twin.model, twin.root = model, twin
        twin.columns = {name: c if name in static else c.copy() for name, c in self.columns.items()}
        return twin

    def count_by(self, name: str, weight: str | None = None) -> dict[Any, float]:
        """How many agents (or how much weight) have each value of an attribute, in order of value."""
        values, which = np.unique(self._values(name), return_inverse=True)
        counts = np.bincount(which, None if weight is None else self.get(weight), len(values))
        return dict(zip(values.tolist(), counts.tolist(), strict=True))

    def __len__(self) -> int:
        """How many consumers the set has."""
        return self._size if self._rows is None else len(self._rows)

    def __iter__(self) -> Iterator[RowAgent]:
        """Views of the rows, each made when its turn comes."""
        view, root = self.kind.view, self.root
        return (view(root, row) for row in (range(self._size) if self._rows is None else self._rows.tolist()))

    def __contains__(self, agent: object) -> bool:
        """Whether a consumer is one of the set."""
        if not isinstance(agent, RowAgent) or agent.home is not self.root:
            return False
        if self._members is None and self._rows is not None:
            self._members = np.zeros(self._size, np.bool_)
            self._members[self._rows] = True
        return self._members is None or bool(self._members[agent.row])

    def copy(self) -> Self:
        """Another set of the same agents, to be reordered or narrowed in place without touching this one."""
        return self._of(self._rows)

    def get(self, attr_names: str | Iterable[str], handle_missing: str = "error", default_value: Any = None) -> Any:
        """One attribute as a new array, several as a list per agent.

        Numbers are widened to 64 bits, so that arithmetic on them is as safe as on plain agents; `column` gives
        them as stored. An attribute that is neither a column nor derived comes as a list.
        """
        if handle_missing not in ("error", "default"):
            raise ValueError(f"handle_missing is {handle_missing!r}; it must be 'error' or 'default'.")
        if not isinstance(attr_names, str):
            values = [plain(self.get(name, handle_missing, default_value)) for name in attr_names]
            return [list(row) for row in zip(*values, strict=True)] if values else [[] for _ in self]
        if handle_missing == "default" and not isinstance(getattr(self.kind, attr_names, None), Column | Derived):
            return [getattr(agent, attr_names, default_value) for agent in self]
        return wide(self._values(attr_names))

    def set(self, attr_name: str, value: Any) -> Self:
        """Write an attribute: one value for all, or an array with one entry per agent of the set."""
        if isinstance(column := getattr(self.kind, attr_name, None), Column):
            column.write(self.columns, slice(None) if self._rows is None else self._rows, value)
        else:
            for agent in self:
                setattr(agent, attr_name, value)
        return self

    def do(self, method: By, *args: Any, **kwargs: Any) -> Self:
        """Call a method or function for every agent, or once with this set if it is marked `@for_all`."""
        function = self._function(method)
        for target in (self,) if is_for_all(function) else self:
            function(target, *args, **kwargs)
        return self

    def map(self, method: By, *args: Any, **kwargs: Any) -> list[Any]:
        """What a method or function returns for every agent; one marked `@for_all` returns them all at once."""
        function = self._function(method)
        if is_for_all(function):
            return plain(function(self, *args, **kwargs))
        return [function(agent, *args, **kwargs) for agent in self]

    def _static(self) -> list[str]:
        return [name for name, column in self.kind.declared().items() if column.static]

    def _function(self, method: By) -> Callable[..., Any]:
        if not isinstance(method, str):
            return method
        if is_for_all(function := getattr(self.kind, method, None)):
            return function
        return lambda agent, *args, **kwargs: getattr(agent, method)(*args, **kwargs)

    def _values(self, by: By) -> Values:
        if not isinstance(by, str):
            return by(self) if is_for_all(by) else [by(agent) for agent in self]
        if by in self.columns:
            return self.columns[by] if self._rows is None else self.columns[by][self._rows]
        if isinstance(derived := getattr(self.kind, by, None), Derived):
            return derived.values(self.root, self.rows)
        return [getattr(agent, by) for agent in self]

    def _of(self, rows: Positions | None) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__, _rows=rows, _members=None)
        return twin

    def _pick(self, positions: Positions) -> Self:
        return self._of(positions if self._rows is None else self._rows[positions])

    def _become(self, other: Self) -> Self:
        if self is self.root:
            raise TypeError(f"{self!r} is the model's own and keeps all rows in order. Use the set that is returned.")
        self._rows, self._members = other._rows, None
        return self

    def _of_type(self, agent_type: type[Agent]) -> Self:
        return self if issubclass(self.kind, agent_type) else self._of(np.empty(0, np.intp))

    def _from_iterable(self, agents: Iterable[Agent]) -> Self:
        members = list(dict.fromkeys(agents))
        if strangers := [a for a in members if not isinstance(a, RowAgent) or a.home is not self.root]:
            raise TypeError(f"{self!r} cannot hold {strangers[0]!r}. Start from model.agents, which holds all agents.")
        return self._of(np.array([a.row for a in members], np.intp))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The attributes, back again; pickle forgets that static columns are read-only."""
        super().__setstate__(state)
        for name in self._static():
            self.columns[name].flags.writeable = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """An independent copy; the static columns, which nobody can write to, are shared."""
        memo.update({id(self.columns[name]): self.columns[name] for name in self._static()})
        twin = memo[id(self)] = object.__new__(type(self))
        twin.__setstate__(deepcopy(self.__getstate__(), memo))
        return twin

    def __repr__(self) -> str:
        """The kind and the number of consumers."""
        return f"<{type(self).__name__} of {len(self):,} {self.kind.__name__}>"


def effective_number(weights: ArrayLike) -> float:
    """How many equally weighted consumers say as much as these do: (sum w)^2 / sum w^2 (Kish 1965); 0 for none.

    Three consumers of whom one stands for two households and two for one each:

    >>> effective_number([2, 1, 1])  # 4 squared / (4 + 1 + 1)
    2.6666666666666665
    >>> effective_number([5, 5, 5, 5]), effective_number([])
    (4.0, 0.0)
    """
    w = np.asarray(weights, float)
    return float(w.sum() ** 2 / np.square(w).sum()) if w.any() else 0.0


def effective_number_by(groups: ArrayLike, weights: ArrayLike, count: int) -> NDArray[np.float64]:
    """The effective number within each of the groups 0..count-1, float64, shape (count,); 0 for an empty group.

    >>> effective_number_by([0, 0, 2, 0], [2, 1, 7, 1], 3)
    array([2.66666667, 0.        , 1.        ])
    """
    which, w = np.asarray(groups, np.intp), np.asarray(weights, float)
    if which.size and not 0 <= which.min() <= which.max() < count:
        raise ValueError(f"groups run from {which.min()} to {which.max()}; they must lie between 0 and {count - 1}.")
    total, squares = np.bincount(which, w, count), np.bincount(which, np.square(w), count)
    return np.divide(np.square(total), squares, out=np.zeros(count), where=squares > 0)
