"""Whose outcomes every run of a sweep keeps, so that sums over organisations compare."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.designs import Design

WHO = ("mode", "partners", "roles", "maker")
"""Fields of a car that say who does what."""


def parties(design: Design) -> tuple[str, ...]:
    """Organisations that any point of a design involves in the focal car, in alphabetical order.

    A point may hand the car to somebody who has no part in it elsewhere; what that organisation earns in all the market
    then counts at every point, or it would seem to be earned by handing the car over.
    """
    from experiments.outcomes import involved
    from market import CaseError

    found = set(involved(design.base))
    names = [name for name in design.names if name.startswith("cars.") and name.split(".")[2] in WHO]
    if names:
        found |= {name.rpartition(".")[2] for name in names} & set(design.base.organisations)
        words = design.points()[names].select_dtypes(exclude="number")
        for point in words.drop_duplicates().index if len(words.columns) else ():
            with suppress(CaseError):  # such a run fails, and says so itself
                found |= set(involved(design.case_at(int(point))))
    return tuple(sorted(found))
