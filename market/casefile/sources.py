"""Where values come from: a grade and a source by full name, with wildcards, the most specific preferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from market.casefile.tree import Path, item, split
from market.fields import Grade, Section

SET, RESCALED = "set by the user", "rescaled because others of its row were set"
"""What stands as the source of values that a user has changed."""


class Source(Section):
    """How well a value is known, and from where."""

    grade: Grade = Field(description="A to D, fitted or user")
    source: str = Field(
        min_length=1, max_length=2_000, description="publication and date, or the reason for a judgement"
    )


@dataclass(frozen=True)
class Provenance:
    """What is known about one value."""

    grade: str
    source: str
    unit: str
    meaning: str


class Sources:
    """The sources of a document, to be asked for many values."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table: dict[str, Any] = dict(table)
        self._exact = {split(name): entry for name, entry in self.table.items() if "*" not in name}
        self._wild: dict[str, list[tuple[Path, Any]]] = {}
        """patterns by their first part"""
        for name, entry in self.table.items():
            if "*" in name:
                self._wild.setdefault(split(name)[0], []).append((split(name), entry))

    def find(self, path: Path) -> tuple[str, str] | None:
        """Grade and source of a value: of itself, of what it is in, or of a pattern that fits either."""
        found = [(known, self._exact[known]) for n in range(len(path), 0, -1) if (known := path[:n]) in self._exact]
        wild = [*self._wild.get(path[0], ()), *self._wild.get("*", ())]
        found += [(pattern, entry) for pattern, entry in wild if fits(pattern, path)]
        if not found:
            return None
        _, entry = max(found, key=lambda known: _rank(known[0], known[1], path))
        return str(item(entry, "grade")), str(item(entry, "source"))

    def replace(self, path: Path, entry: Any, *, gone: bool = False) -> None:
        """State a new source for a place, forgetting those of what was inside it before; none if it is gone."""
        self.table = {name: known for name, known in self.table.items() if split(name)[: len(path)] != path}
        if not gone:
            self.table[".".join(path)] = entry


def fits(pattern: Path, path: Path) -> bool:
    """True if a pattern names the place or something it is in."""
    return len(pattern) <= len(path) and all(part in ("*", named) for part, named in zip(pattern, path, strict=False))


def _rank(pattern: Path, entry: Any, path: Path) -> tuple[bool, bool, int, int, list[bool]]:
    literal = [part != "*" for part in pattern]
    return pattern == path, item(entry, "grade") == "user", sum(literal), len(pattern), literal
