"""The public functions that the rows go through, with their signatures as they are: feed them other parameters."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

from experiments.verify.row import Row

MOST_PARAMETERS = 9
"""Parameters that a signature shows."""


class Public(NamedTuple):
    """A public function or class."""

    name: str
    """dotted, as it is imported"""
    module: str
    """where it is imported from"""
    signature: str
    """names and defaults of the first parameters; types are in the code"""
    says: str
    """the first sentence of its docstring"""
    rows: tuple[str, ...]
    """keys of the rows that go through it"""

    @property
    def short(self) -> str:
        """Its name in its module."""
        return self.name.removeprefix(f"{self.module}.")


def found(name: str) -> Any:
    """What a dotted name leads to: something in a module, or in a class in a module.

    Raises LookupError if it leads nowhere.
    """
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            place: Any = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            place = getattr(place, part, None)
        if place is not None:
            return place
    raise LookupError(f"there is no {name}; a row names it as public")


def functions(rows: Sequence[Row]) -> list[Public]:
    """Everything that some rows go through, by name."""
    names = sorted({name for row in rows for name in row.through})
    return [_public(name, tuple(row.key for row in rows if name in row.through)) for name in names]


def _public(name: str, keys: tuple[str, ...]) -> Public:
    thing = found(name)
    text = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    head, dot, _ = text.partition(". ")
    module = name.rpartition(".")[0]
    if module.rpartition(".")[2].istitle():  # a method: it is imported with its class
        module = module.rpartition(".")[0]
    return Public(name, module, _signature(thing), head + dot.rstrip() if dot else text, keys)


def _signature(thing: Any) -> str:
    """Parameters with their defaults: `(nests=None, lam=1.0, ...)`."""
    parameters = [one for one in inspect.signature(thing).parameters.values() if one.name not in ("self", "cls")]
    said = [_said(one) for one in parameters[:MOST_PARAMETERS]]
    return f"({', '.join(said + ['...'] * (len(parameters) > MOST_PARAMETERS))})"


def _said(one: inspect.Parameter) -> str:
    """A parameter; a default that has no plain value is left open."""
    if one.default is inspect.Parameter.empty:
        return one.name
    return f"{one.name}={'...' if callable(one.default) else repr(one.default)}"
