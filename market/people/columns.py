"""Attributes of a consumer: a `Column` is stored, a `Derived` is computed, a `RowAgent` is the agent that has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, Self, overload

import numpy as np
from mesa import Agent
from numpy.typing import ArrayLike, DTypeLike, NDArray

from market.people.gathering import Positions

if TYPE_CHECKING:
    from market.people.population import Population


class Column:
    """An attribute of a consumer that is stored in its population's array of that name.

    A static column never changes after it is built; forks of a population share it.
    """

    name = ""

    def __init__(
        self, dtype: DTypeLike, default: Any = 0, unit: str = "", meaning: str = "", static: bool = False
    ) -> None:
        """Declare what is stored, in which unit and what it means."""
        self.dtype, self.default, self.unit, self.meaning, self.static = np.dtype(dtype), default, unit, meaning, static

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name from the class."""
        self.name = name

    @overload
    def __get__(self, who: None, owner: type) -> Self: ...
    @overload
    def __get__(self, who: RowAgent, owner: type) -> Any: ...
    def __get__(self, who: RowAgent | None, owner: type) -> Any:
        """The consumer's value as a Python number, or a view of its row where the column has several per consumer."""
        if who is None:
            return self
        stored = who.home.columns[self.name]
        return stored.item(who.row) if stored.ndim == 1 else stored[who.row]

    def __set__(self, who: RowAgent, value: Any) -> None:
        """Write the consumer's value into the column."""
        self.write(who.home.columns, who.row, value)

    def write(self, columns: dict[str, NDArray[Any]], where: Any, value: ArrayLike) -> None:
        """Write values at some rows; raises AttributeError if the column is static."""
        if self.static:
            raise AttributeError(f"{self.name} is static: forks share it. Declare it without static=True to change it.")
        columns[self.name][where] = self.fit(value)

    def fit(self, value: ArrayLike) -> NDArray[Any]:
        """A new array of the column's dtype; raises ValueError rather than truncate a whole number or a text."""
        given = np.asarray(value)
        with np.errstate(invalid="ignore"):
            fitted = given.astype(self.dtype)
        if self.dtype.kind in "biuSU" and given.dtype != self.dtype and not np.array_equal(fitted, given):
            raise ValueError(f"{self.name}: {given} does not fit into {self.dtype}. Round it or widen the column.")
        return fitted

    def build(self, n: int, value: ArrayLike) -> NDArray[Any]:
        """The column of a new population: `value` is a scalar for all, or one entry per consumer."""
        fitted = self.fit(value)
        if fitted.ndim and len(fitted) != n:
            raise ValueError(f"{self.name}: the array given has shape {fitted.shape}; its first length must be {n}.")
        if fitted.ndim == 0:  # zeros cost no memory until they are written to
            fitted = np.full(n, fitted) if fitted else np.zeros(n, self.dtype)
        fitted.flags.writeable = not self.static
        return fitted


class Derived:
    """An attribute of a consumer that is computed on demand and never stored.

    `function(population, rows) -> array` answers for many rows, int64, at once. A taste that is a pure function
    of chance needs no memory.
    """

    name = ""

    def __init__(
        self, function: Callable[[Population, Positions], NDArray[Any]], unit: str = "", meaning: str = ""
    ) -> None:
        """Declare how it is computed, in which unit and what it means."""
        self.function, self.unit, self.meaning = function, unit, meaning

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the attribute's name from the class."""
        self.name = name

    def values(self, home: Population, rows: Positions) -> NDArray[Any]:
        """One value per row; raises ValueError if the function returns another number of them."""
        computed = np.asarray(self.function(home, rows))
        if computed.shape[:1] != rows.shape:
            raise ValueError(
                f"{self.name}: {len(rows)} rows gave an array of shape {computed.shape}; return one entry per row."
            )
        return computed

    @overload
    def __get__(self, who: None, owner: type) -> Self: ...
    @overload
    def __get__(self, who: RowAgent, owner: type) -> Any: ...
    def __get__(self, who: RowAgent | None, owner: type) -> Any:
        """The consumer's value as a Python number."""
        if who is None:
            return self
        computed = self.values(who.home, np.array([who.row]))
        return computed.item() if computed.ndim == 1 else computed[0]

    def __set__(self, who: RowAgent, value: Any) -> NoReturn:
        """Refused: there is nothing to write to."""
        raise AttributeError(f"{self.name} is derived, not stored. Change what it is computed from.")


class RowAgent(Agent):
    """One consumer: a row of a population, seen as a Mesa agent. Two views of a row are equal."""

    home: Population
    """The whole population that the row belongs to."""
    row: int
    """The row number, from 0."""
    pos = None
    unique_id = Derived(lambda home, rows: home.first_id + rows, meaning="Mesa's identifier within the model")

    def __init__(self, *_: object, **__: object) -> None:
        """Refused: a view is made by its population."""
        name = type(self).__name__
        raise TypeError(f"A {name} is a row of a population. Build Population(model, {name}, n), take population[i].")

    @classmethod
    def view(cls, home: Population, row: int) -> Self:
        """The consumer in a row."""
        who = object.__new__(cls)
        who.__dict__["home"], who.__dict__["row"] = home, row
        return who

    @classmethod
    def declared(cls) -> dict[str, Column]:
        """The columns that the class and its bases declare, by name."""
        names = (name for base in reversed(cls.__mro__) for name in vars(base))
        return {name: c for name in dict.fromkeys(names) if isinstance(c := getattr(cls, name, None), Column)}

    @property
    def model(self) -> Any:
        """The model that the population belongs to."""
        return self.home.model

    def remove(self) -> NoReturn:
        """Refused: rows are not removed."""
        raise TypeError(f"{self!r} is a row and cannot be removed. Record in a column who has left, and select on it.")

    def __setattr__(self, name: str, value: Any) -> None:
        """Write to a column or property; anything else would be lost with the view, so it is refused."""
        if not hasattr(getattr(type(self), name, None), "__set__"):
            kind, declared = type(self).__name__, sorted(self.declared())
            raise AttributeError(f"{kind} stores {declared}, not {name!r}. Declare {name} = Column(...) in {kind}.")
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same row of the same population."""
        return isinstance(other, RowAgent) and self.home is other.home and self.row == other.row

    def __hash__(self) -> int:
        """Equal views hash alike, in every process."""
        return hash(self.row)

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickled or copied view is its population and its row."""
        return type(self).view, (self.home, self.row)

    def __repr__(self) -> str:
        """The class and the identifier."""
        return f"<{type(self).__name__} {self.unique_id}>"
