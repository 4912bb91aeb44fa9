"""A case as plain tables, lists and values: addressed by full names, merged, and its rows of shares found.

A full name is the path to a value with dots between: `cars.ut_super.price_cny`. Items of a list are addressed by
their `id`, as the items of a table are by their key, so that a name never depends on a position.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from enum import Enum
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from market.casefile.faults import Fault, listed, show

Path = tuple[str, ...]
MISSING: Final = object()
_DEEPEST = 24
_SINGLE = frozenset({str, float, int, bool, type(None), date})
"""Kinds of single values, told apart first: most of a case is made of them."""
_TOLERANCE: Final = 1e-6


def split(name: str) -> Path:
    """A full name as its parts. What follows `sources.` is one part, as it is itself a full name."""
    head, _, rest = name.partition(".")
    return ("sources", rest) if head == "sources" and rest else tuple(name.split("."))


@cache
def attributes(model: type[BaseModel]) -> Mapping[str, str]:
    """The attributes of a section by the names of its fields in files (`from` is a word of Python)."""
    return {info.alias or name: name for name, info in model.model_fields.items()}


def plain(value: Any) -> Any:
    """A section as tables, lists and values, without the fields that are unset."""
    if type(value) in _SINGLE:
        return value
    if isinstance(value, BaseModel):
        entries = ((name, getattr(value, at)) for name, at in attributes(type(value)).items())
        return {name: plain(entry) for name, entry in entries if entry is not None}
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    return value.value if isinstance(value, Enum) else value


def canonical(value: Any, faults: list[Fault], path: str = "", depth: int = 0) -> Any:
    """The same content as JSON can hold it, so that equal contents are equal.

    Whole numbers lose their decimal point (a float field gets it back), dates become text, numpy scalars become
    numbers. What no file could hold is added to `faults`.
    """
    if type(value) not in _SINGLE:
        if isinstance(value, BaseModel | Enum):
            value = plain(value)
        if type(value).__module__.partition(".")[0] == "numpy":
            value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if depth > _DEEPEST:
        faults.append(Fault(path, f"nested more than {_DEEPEST} deep", remedy="write it flatter"))
        return None
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            faults.append(Fault(path, "text with half a character (a lone surrogate)", remedy="write it again"))
            return "?"
        return str(value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            faults.append(
                Fault(path or "case", f"given {show(value)}", "allowed: at most 2^63 - 1", "give a smaller number")
            )
            return 0
        return int(value)
    if isinstance(value, float):
        return int(value) if abs(value) < 2**53 and value == math.floor(value) else float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                faults.append(Fault(path or "case", f"given the key {show(key)}", "allowed: text", "put it in quotes"))
        entries = [(key, entry) for key, entry in value.items() if isinstance(key, str)]
        return {key: canonical(entry, faults, f"{path}.{key}" if path else key, depth + 1) for key, entry in entries}
    if isinstance(value, list | tuple | set | frozenset):
        entries = list(value)
        faults.extend(_duplicates(entries, path))
        return [canonical(entry, faults, path + item_name(entries, at), depth + 1) for at, entry in enumerate(entries)]
    faults.append(
        Fault(
            path or "case",
            f"given a Python {type(value).__name__}",
            "allowed: what TOML can hold",
            "give a number, text, a date, true or false, a list or a table",
        )
    )
    return None


def _duplicates(entries: list[Any], path: str) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for at, entry in enumerate(entries, start=1):
        name = identity(entry)
        if name is not None and seen.setdefault(name, at) != at:
            yield Fault(
                path, f"items {seen[name]} and {at} have the same id {show(name)}", "ids must differ", "rename one"
            )


def identity(entry: Any) -> str | None:
    """The id of an item of a list, or None."""
    name = item(entry, "id") if isinstance(entry, Mapping | BaseModel) else None
    return name if isinstance(name, str) else None


def item(data: Any, key: str | int) -> Any:
    """What a key or id names in a table, section or list; MISSING if nothing."""
    if isinstance(data, BaseModel):
        at = attributes(type(data)).get(str(key))
        return MISSING if at is None else getattr(data, at)
    if isinstance(data, Mapping):
        return data.get(key, MISSING)
    if isinstance(data, list | tuple):
        if isinstance(key, int):
            return data[key] if key < len(data) else MISSING
        return next((entry for entry in data if identity(entry) == key), MISSING)
    return MISSING


def item_name(data: Any, position: int) -> str:
    """How the item at a position is named after its list: `.id`, or `[position from 1]` where the id cannot serve."""
    entries = data if isinstance(data, list | tuple) else []
    name = identity(entries[position]) if position < len(entries) else None
    unique = name is not None and sum(identity(entry) == name for entry in entries) == 1
    return f".{name}" if unique else f"[{position + 1}]"


def children(data: Any) -> list[tuple[str, Any]]:
    """What is inside a table, or a list of items with ids, by name."""
    if isinstance(data, Mapping):
        return list(data.items())
    if isinstance(data, list):
        return [(name, entry) for entry in data if (name := identity(entry)) is not None]
    return []


def matches(data: Any, pattern: Path, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place whose name fits a pattern in which `*` stands for any one part."""
    if not pattern:
        yield path, data
    elif pattern[0] == "*":
        for key, entry in children(data):
            yield from matches(entry, pattern[1:], (*path, key))
    elif (entry := item(data, pattern[0])) is not MISSING:
        yield from matches(entry, pattern[1:], (*path, pattern[0]))


def store(data: Any, path: Path, value: Any) -> None:
    """Put a value in its place; the tables above it must exist. None takes the place away."""
    for key in path[:-1]:
        data = item(data, key)
    if isinstance(data, list):
        at = next((n for n, entry in enumerate(data) if identity(entry) == path[-1]), len(data))
        data[at : at + 1] = [] if value is None else [{"id": path[-1], **value}]
    elif value is None:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value


def leaves(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is not itself a table or a list of items with ids."""
    inside = children(data)
    if not inside:
        yield path, data
    for key, entry in inside:
        yield from leaves(entry, (*path, key))


def merge(base: Any, given: Any) -> Any:
    """`given` on top of `base`: tables merge by key, lists of items with ids by id, anything else replaces."""
    if isinstance(base, Mapping) and isinstance(given, Mapping):
        return {**base, **{key: merge(base[key], entry) if key in base else entry for key, entry in given.items()}}
    if (
        isinstance(base, list)
        and isinstance(given, list)
        and given
        and children(base)
        and all(isinstance(entry, Mapping) for entry in given)
    ):
        merged, waiting = list(base), dict(children(base))
        for entry in given:
            name = identity(entry)
            if name in waiting:  # only once, so that a duplicate stays visible
                at = next(n for n, known in enumerate(merged) if identity(known) == name)
                merged[at] = merge(waiting.pop(name), entry)
            else:
                merged.append(entry)
        return merged
    return given


def at(data: Any, path: Path) -> Any:
    """What a full name names; MISSING if nothing."""
    for part in path:
        data = item(data, part)
    return data


def unordered(data: Any) -> Any:
    """The same content with lists of items with ids as tables, so that their order does not count."""
    if isinstance(data, Mapping):
        return {name: unordered(entry) for name, entry in data.items()}
    if isinstance(data, list):
        inside = children(data)
        named = data and len(dict(inside)) == len(data)
        return {"items": dict(unordered(dict(inside)))} if named else [unordered(entry) for entry in data]
    return data


def guess(wanted: Path, known: Iterable[Path]) -> str:
    """Which of the known names (of single values) may have been meant by a name that names nothing."""
    names = dict.fromkeys(path[:depth] for path in known for depth in range(1, len(path) + 1))
    depth = next(n for n in range(len(wanted) - 1, -1, -1) if n == 0 or wanted[:n] in names)
    beside = {path[depth]: path for path in names if len(path) == depth + 1 and path[:depth] == wanted[:depth]}
    similar = [beside[word] for word in difflib.get_close_matches(wanted[depth], beside, n=2, cutoff=0.6)]
    rest = wanted[depth + 1 :]
    meant = [(*path, *rest) if (*path, *rest) in names else path for path in similar]
    meant = meant or [path for path in names if path[-1] == wanted[-1]]
    if meant:
        return f"did you mean {' or '.join('.'.join(path) for path in meant[:3])}?"
    return f"known here: {listed('.'.join(path) for path in beside.values())}"
