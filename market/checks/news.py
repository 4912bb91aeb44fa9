"""News of a case: feeds belong to places that there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import ELSEWHERE, known

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def news(case: Case) -> Iterator[Fault]:
    """Faults of feeds."""
    yield from known("news.feeds", case.news.feeds, {*case.platforms, ELSEWHERE}, "platform (or elsewhere)")
