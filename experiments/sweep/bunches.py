"""Bunches: points that differ only in what is dated, so that the runs of a seed have their first weeks in common."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from experiments.past import Past
from experiments.trial import MANY

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiments.designs import Design
    from market import Case

LARGEST = 32
"""Points of a bunch, so that a worker can keep all their cases."""
DATED = ("happenings", "decisions")


def bunches(design: Design) -> dict[int, tuple[int, ...]]:
    """The points that each point goes together with, itself among them; without those that go alone."""
    from market.casefile import tree

    if not any(tree.split(name)[0] in DATED for name in design.names):
        return {}
    alike: dict[str, list[list[int]]] = {}
    for point in range(design.number_of_points):
        undated = {n: value for n, value in design.changes(point).items() if tree.split(n)[0] not in DATED}
        some = alike.setdefault(json.dumps(tree.plain(undated), sort_keys=True, default=str), [[]])
        if len(some[-1]) == LARGEST:
            some.append([])
        some[-1].append(point)
    together = [tuple(bunch) for some in alike.values() for bunch in some if len(bunch) > 1]
    return {point: bunch for bunch in together for point in bunch}


def past_of(bunch: tuple[int, ...], case_at: Callable[[int], Case]) -> Past | None:
    """The weeks that a bunch has in common; None if there are none, or their markets are too large to keep."""
    from market.agenda import same_until

    cases = _possible(bunch, case_at)
    if len(cases) < 2 or cases[0].population.consumers >= MANY:
        return None
    return Past(week) if (week := same_until(cases)) else None


def part_run(bunch: tuple[int, ...], case_at: Callable[[int], Case]) -> float:
    """Part of the weeks of a bunch that is run: all of its first run, of each other those after the common ones."""
    past, cases = past_of(bunch, case_at), _possible(bunch, case_at)
    if past is None:
        return 1.0
    return 1.0 - past.week / cases[0].calendar.weeks * (len(cases) - 1) / len(cases)


def _possible(bunch: tuple[int, ...], case_at: Callable[[int], Case]) -> list[Case]:
    """The cases of a bunch, without points of which there can be none: their runs will say so."""
    from market import CaseError

    cases = []
    for point in bunch:
        with suppress(CaseError):
            cases.append(case_at(point))
    return cases
