"""Factors of a design: a value of a case by its full name, and what it may be: drawn from a distribution, or levels.

A sampler gives numbers between 0 and 1; a factor turns each into a value by the inverse of its distribution (its
`ppf`), or by cutting the unit interval evenly into its levels.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market import Case, CaseError, Fault
from market.casefile import kinds, tree
from market.casefile.faults import listed, show
from market.casefile.toml import literal

USUAL = ("uniform", "loguniform", "triang", "norm", "truncnorm", "beta", "randint")
"""Distributions that are named where a given one is unknown."""
TINY = 1e-12


@dataclass(frozen=True)
class Factor:
    """One value of a case that a design varies: `distribution` with `arguments`, or `levels`."""

    name: str
    distribution: str | None = None
    """a name of scipy.stats"""
    arguments: tuple[float, ...] = ()
    """shape parameters, then location and scale"""
    levels: tuple[Any, ...] = ()
    whole: bool = False
    """True for a field that takes whole numbers only: what is drawn is rounded"""

    @property
    def ordered(self) -> bool:
        """True if the values of this factor are numbers, so that more and less mean something."""
        return not self.levels or all(is_number(level) for level in self.levels)

    @cached_property
    def _law(self) -> Any:
        """The distribution with its arguments. Raises TypeError or ValueError where these do not fit."""
        from scipy import stats

        return getattr(stats, str(self.distribution))(*self.arguments)

    @cached_property
    def _steps(self) -> bool:
        """True for a discrete distribution, whose inverse at exactly 0 is one below its least value."""
        from scipy import stats

        return isinstance(getattr(stats, str(self.distribution)), stats.rv_discrete)

    def at(self, parts: NDArray[np.float64]) -> NDArray[Any]:
        """Values at parts in [0, 1], (n,): float64 or int64 where drawn, objects where levels are given.

        >>> Factor("a", levels=("x", "y")).at(np.array([0.0, 0.49, 0.5, 1.0])).tolist()
        ['x', 'x', 'y', 'y']
        >>> Factor("a", "uniform", (0.2, 0.6)).at(np.array([0.0, 0.5, 1.0])).round(3).tolist()
        [0.2, 0.5, 0.8]
        """
        if self.levels:
            held = np.empty(len(self.levels), object)
            held[:] = self.levels
            return held[np.minimum((parts * len(self.levels)).astype(np.int64), len(self.levels) - 1)]
        drawn = np.asarray(self._law.ppf(np.maximum(parts, TINY) if self._steps else parts), np.float64)
        if self.whole and np.isfinite(drawn).all() and np.abs(drawn).max(initial=0.0) < 2.0**62:
            return np.rint(drawn).astype(np.int64)
        return drawn

    def places(self, parts: NDArray[np.float64]) -> NDArray[Any]:
        """Where in the range of the factor the values at some parts lie, (n,): 0-1, or words for words.

        That is the part itself, but where values are levels or whole numbers.

        >>> Factor("a", levels=(10, 20, 40)).places(np.array([0.0, 0.4, 1.0])).tolist()
        [0.0, 0.5, 1.0]
        >>> Factor("a", "uniform", (0.0, 3.0), whole=True).places(np.array([0.0, 0.4, 1.0])).round(3).tolist()
        [0.0, 0.333, 1.0]
        """
        if not self.ordered:
            return np.array([json.dumps(tree.plain(level), default=str) for level in self.at(parts)], object)
        if self.levels:
            return np.minimum((parts * len(self.levels)).astype(np.int64), len(self.levels) - 1) / (
                len(self.levels) - 1
            )
        if self._steps:
            low, high = self._law.support()
            return np.asarray((self.at(parts) - low) / (high - low), np.float64)
        return np.asarray(self._law.cdf(self.at(parts)), np.float64) if self.whole else parts

    def tables(self) -> dict[str, Any]:
        """The factor as a design file states it."""
        if self.levels:
            return {"name": self.name, "levels": list(self.levels)}
        return {"name": self.name, "distribution": self.distribution, "arguments": list(self.arguments)}

    def faults(self, annotation: Any) -> Iterator[Fault]:
        """What is wrong with this factor by itself; `annotation` is what the case allows at its name."""
        if self.levels:
            yield from self._level_faults()
        elif not takes_numbers(annotation):
            yield Fault(self.name, f"given the distribution {self.distribution}", "not a number", "give levels instead")
        else:
            yield from self._law_faults()

    def _level_faults(self) -> Iterator[Fault]:
        if len(self.levels) < 2:
            yield Fault(self.name, "one level only", "allowed: at least 2", "put a fixed value into [set]")
        seen: set[str] = set()
        for level in self.levels:
            key = json.dumps(tree.canonical(tree.plain(level), []), sort_keys=True, default=str)
            if key in seen:
                yield Fault(self.name, f"level {show(level)} given twice", "levels must differ", "give it once")
            seen.add(key)

    def _law_faults(self) -> Iterator[Fault]:
        from scipy import stats

        law: Any = getattr(stats, str(self.distribution), None)
        known_law = isinstance(law, stats.rv_continuous | stats.rv_discrete)
        if not known_law:
            known = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous | stats.rv_discrete)]
            similar = difflib.get_close_matches(str(self.distribution), known, n=3, cutoff=0.6)
            remedy = f"did you mean {' or '.join(similar)}?" if similar else f"for example {listed(USUAL)}"
            yield Fault(
                self.name, f"no distribution {show(self.distribution)}", "allowed: a name of scipy.stats", remedy
            )
            return
        allowed = f"{self.distribution} takes {', '.join(names_of(law))}"
        given = f"given the arguments {literal(list(self.arguments))}"
        try:
            ends = np.asarray(self._law.support(), np.float64)
            middle = np.asarray(self._law.ppf([0.25, 0.75]), np.float64)
        except (TypeError, ValueError):
            yield Fault(self.name, given, allowed, "give as many as it takes")
            return
        scale = self.arguments[law.numargs + 1] if len(self.arguments) > law.numargs + 1 else 1.0
        if scale == 0.0 or (np.isfinite(ends).all() and ends[0] >= ends[1]):
            yield Fault(self.name, f"{given}: an empty range", allowed, "widen it, or put a fixed value into [set]")
        elif np.isnan(ends).any() or not np.isfinite(middle).all():
            yield Fault(self.name, f"{given}, which this distribution cannot have", allowed, "correct them")


def names_of(law: Any) -> list[str]:
    """What a distribution of scipy.stats takes, in order: its shapes, location and, unless discrete, scale."""
    shapes = [name.strip() for name in law.shapes.split(",")] if law.shapes else []
    return [*shapes, "loc", *(["scale"] if hasattr(law, "pdf") else [])]


def is_number(value: Any) -> bool:
    """True for a finite number that is no truth value."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def takes_numbers(annotation: Any) -> bool:
    """True if a field may hold a number."""
    return any(kind in (int, float) for kind, _ in kinds.alternatives(annotation))


def takes_whole(annotation: Any) -> bool:
    """True if a field may hold whole numbers only."""
    found = [kind for kind, _ in kinds.alternatives(annotation)]
    return int in found and float not in found


def annotation_of(case: Case, name: str) -> Any:
    """What a case allows at a full name, whether or not a value stands there now.

    Raises CaseError, with what may have been meant, if no case could have the name. An id that this case does not have
    is found out when the value is put in.
    """
    value: Any = case
    annotation: Any = type(case)
    if tree.split(name)[0] in case.presentation:
        raise CaseError([Fault(name, "changes no run", "allowed: what can change a result", "name another value")])
    for part in tree.split(name):
        found = kinds.inside(annotation, part, value)
        if found is None:
            case.get(name)
            raise CaseError([Fault(name, "no such name", remedy="correct it")])
        annotation, value = found[0], tree.item(value, part)
    return annotation


def overlapping(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of full names of which one is the other, or lies inside it."""
    parts = {name: tree.split(name) for name in names}
    for number, first in enumerate(names):
        for second in names[number + 1 :]:
            short, long = sorted((parts[first], parts[second]), key=len)
            if long[: len(short)] == short:
                yield first, second
