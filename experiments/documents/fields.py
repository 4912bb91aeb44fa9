"""The parameters of a case as a reader meets them: one line for `profiles.*.share`, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from market import Case
from market.casefile import kinds, tree

SIDES = {"ge": ">= {}", "gt": "> {}", "le": "<= {}", "lt": "< {}"}
"""How limits are written, by the attribute that holds them."""


@dataclass(frozen=True)
class Parameter:
    """A parameter, its full name with `*` for ids that the case chose."""

    section: str
    name: str
    unit: str
    allowed: str
    values: str
    """its value, or the range over the things that have it"""
    grade: str
    """grades of its values, best first"""
    meaning: str


def parameters(case: Case) -> list[Parameter]:
    """Every parameter that a case states or takes by default, in the order of its sections, but for names and texts."""
    groups: dict[str, list[str]] = {}
    for name in case.fields():
        if not name.endswith((".en", ".zh")):
            groups.setdefault(_pattern(case, name), []).append(name)
    return [_parameter(case, pattern, names) for pattern, names in groups.items()]


def _pattern(case: Case, name: str) -> str:
    """The full name with `*` for each part that is an id, not a field."""
    annotation: Any = type(case)
    value: Any = case
    parts = []
    for part in tree.split(name):
        parts.append(part if kinds.is_field(annotation, part) else "*")
        found = kinds.inside(annotation, part, value)
        if found is None:
            break
        value = tree.item(value, part)
        annotation = found[0]
    return ".".join(parts)


def _parameter(case: Case, pattern: str, names: Sequence[str]) -> Parameter:
    known = [case.provenance(name) for name in names]
    graded = sorted({each.grade for each in known})
    return Parameter(
        section=pattern.split(".")[0], name=pattern, unit=known[0].unit, allowed=_allowed(case, names[0]),
        values=_range([case.get(name) for name in names]), grade=", ".join(graded), meaning=known[0].meaning,
    )  # fmt: skip


def _allowed(case: Case, name: str) -> str:
    """The limits of a field, or its choices."""
    annotation: Any = type(case)
    value: Any = case
    for part in tree.split(name):
        found = kinds.inside(annotation, part, value)
        if found is None:
            return "-"
        annotation, value = found[0], tree.item(value, part)
    said = []
    for kind, metadata in kinds.alternatives(annotation):
        if choices := kinds.choices(kind):
            said.append(" / ".join(choices))
        limits = [limit for each in metadata for limit in (each, *getattr(each, "metadata", ()))]
        sides = [(side, limit) for limit in limits for side in SIDES if hasattr(limit, side)]
        said.append(", ".join(SIDES[side].format(_short(getattr(limit, side))) for side, limit in sides))
    return "; ".join(filter(None, dict.fromkeys(said))) or "-"


def _range(values: Sequence[Any]) -> str:
    """One value, the least and the greatest of several numbers, or the words that occur."""
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if numbers and len(numbers) == len(values):
        low, high = min(numbers), max(numbers)
        return _short(low) if low == high else f"{_short(low)} ... {_short(high)}"
    words = list(dict.fromkeys(_short(value) for value in values))
    return " / ".join(words) if len(words) <= 3 else f"{len(words)} different"


def _short(value: Any) -> str:
    """A value in few characters."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(_short, value)) or "none"
    return str(value)
