"""Rows of shares that must sum to 1: found by patterns, checked, and rescaled when they are set in part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from market.casefile.faults import Fault, listed
from market.casefile.tree import Path, children, matches, split, store

_TOLERANCE: Final = 1e-6


@dataclass(frozen=True)
class Row:
    """Shares that must sum to 1 together: their common name and each member's place and value."""

    name: str
    container: Path
    members: dict[Path, Any]
    complete: bool

    def total(self) -> float | None:
        """The sum, or None where a member is not a share and so has a fault of its own."""
        numbers = [v for v in self.members.values() if isinstance(v, int | float) and not isinstance(v, bool)]
        sound = len(numbers) == len(self.members) and all(0 <= number <= 1 for number in numbers)
        return math.fsum(numbers) if sound else None

    def by_name(self) -> dict[str, float]:
        """Its shares by the full name of each member."""
        return {".".join(place): float(value) for place, value in self.members.items()}

    def fault(self) -> Fault | None:
        """What is wrong with the sum, if anything can be said of it."""
        total = self.total()
        if total is None or not self.complete or abs(total - 1) <= _TOLERANCE:
            return None
        return Fault(self.name, f"shares sum to {total:.9g}" if self.members else "no shares", "they must sum to 1")


def rows(data: Any, patterns: Iterable[str]) -> Iterator[Row]:
    """Every row of shares: the last `*` of a pattern ranges over its members."""
    for pattern in dict.fromkeys(patterns):
        parts = split(pattern)
        last = len(parts) - 1 - parts[::-1].index("*")
        for container, inner in matches(data, parts[:last]):
            if isinstance(inner, Mapping | list):
                inside = children(inner)
                members = {
                    (*container, key, *rest): value
                    for key, entry in inside
                    for rest, value in matches(entry, parts[last + 1 :])
                }
                suffix = ("*", *parts[last + 1 :]) if parts[last + 1 :] else ()
                yield Row(".".join((*container, *suffix)), container, members, len(members) == len(inside))


def rescale(content: Any, patterns: Iterable[str], given: Mapping[Path, Any]) -> Iterator[Path | Fault]:
    """Scale what was not given of each row that was given in part; yields the places that changed, or faults."""
    for row in list(rows(content, patterns)):
        fixed = {place for place in row.members if any(place[: len(path)] == path for path in given)}
        taken = any(value is None and path[:-1] == row.container for path, value in given.items())
        free = {place: value for place, value in row.members.items() if place not in fixed}
        if row.total() is None or row.fault() is None or not (fixed or taken):
            continue
        if not free:
            if any(place in given for place in fixed) and (fault := row.fault()) is not None:
                missing = "set the others of the row too, by their full names"
                yield replace(fault, remedy=missing if sum(row.members.values()) < 1.0 else "set smaller shares")
            continue
        sum_set, sum_free = sum(row.members[place] for place in fixed), sum(free.values())
        if sum_set > 1 + 1e-9:
            yield Fault(row.name, f"the shares set sum to {sum_set:.9g}", "allowed: at most 1", "set smaller shares")
        elif sum_free == 0:
            names = listed(place[len(row.container)] for place in free)
            yield Fault(
                row.name,
                f"the shares set sum to {sum_set:.9g} and the others are 0",
                "they must sum to 1",
                f"set {names} too",
            )
        else:
            for place, value in free.items():
                store(content, place, max(1 - sum_set, 0.0) * value / sum_free)
                yield place
