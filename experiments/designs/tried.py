"""Design points tried as cases before anything is run: those at which a value is lowest, highest or new."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from experiments.designs.design import Design, shown
from market import CaseError, Fault
from market.casefile.faults import listed

FIRST_POINTS = 3
"""So many points are tried from the start, beside those at which a factor is lowest or highest."""
MOST_NAMED = 4
MOST_TRIED = 200
"""Points tried at most; each costs some 40 ms."""


def point_faults(design: Design) -> Iterator[Fault]:
    """Values that the design draws and the case refuses: of every factor the lowest, the highest and each level."""
    alone = design.kind == "one-at-a-time"
    tried = dict.fromkeys(range(design.number_of_points if alone else min(FIRST_POINTS, design.number_of_points)))
    for place, factor in enumerate(() if alone else design.factors):
        parts = design.cube[:, place]
        values = factor.at(parts)
        if not factor.levels:
            wrong = ~np.isfinite(np.asarray(values, np.float64))
            if wrong.any():
                given = f"{factor.distribution} has no end, and a {design.kind} design draws it"
                yield Fault(factor.name, given, "allowed: finite values", "take a distribution with ends")
                return
            tried |= dict.fromkeys((int(values.argmin()), int(values.argmax())))
        else:
            steps = (parts * len(factor.levels)).astype(int)
            tried |= dict.fromkeys(int((steps == step).argmax()) for step in range(len(factor.levels)))
    if design.kind == "list":
        tried |= dict.fromkeys(_ends(design))
    told: set[Fault] = set()
    for point in list(tried)[:MOST_TRIED]:
        try:
            design.case_at(point)
        except CaseError as error:
            for fault in error.faults:
                if fault not in told:
                    told.add(fault)
                    yield Fault(fault.path, f"{fault.given} at {_told(design, point)}", fault.allowed, fault.remedy)


def _told(design: Design, point: int) -> str:
    """A point as a fault names it: its number and some of its values."""
    values = [f"{name} = {shown(value)}" for name, value in design.changes(point).items()]
    return f"point {point} ({listed(values, MOST_NAMED)})"


def _ends(design: Design) -> Iterator[int]:
    """Points of a list at which a column is lowest or highest, and the first of each word."""
    table = design.points()
    for name in table:
        column = table[name]
        if column.dtype.kind in "if":
            yield from () if column.isna().all() else (int(column.argmin()), int(column.argmax()))
        else:
            yield from (int(place) for place in column.astype(str).drop_duplicates().index)
