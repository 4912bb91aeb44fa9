"""What the checks of a case share: how a fault is worded, and ids that must exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from market.casefile import Fault
from market.casefile.faults import show

ELSEWHERE = "elsewhere"


def fault(path: str, given: object, allowed: str, remedy: str) -> Fault:
    """A fault: what was given is shown as it would be written in a file."""
    return Fault(path, show(given), allowed, remedy)


def known(path: str, keys: Iterable[str | None], table: Iterable[str], what: str) -> Iterator[Fault]:
    """A fault for each id that the table does not have."""
    allowed = sorted(table)
    for key in keys:
        if key is not None and key not in allowed:
            yield fault(
                path, key, f"no such {what}; known: {', '.join(allowed)}", "name one of these or add it to the case"
            )
