"""Faults between the sections of a case: ids that must exist, dates in order, sizes that fit.

A check is a function from a case to its faults; to add one, write it beside its kind and list it in `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from market.checks.aftersales import aftersales
from market.checks.cars import cars
from market.checks.contracts import contracts
from market.checks.failures import failures
from market.checks.happenings import happenings
from market.checks.modes import modes
from market.checks.news import news
from market.checks.people import people
from market.checks.prices import prices
from market.checks.programmes import programmes
from market.checks.references import references
from market.checks.traffic import traffic

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault

CHECKS: tuple[Callable[[Case], Iterator[Fault]], ...] = (
    references,
    people,
    cars,
    happenings,
    modes,
    failures,
    contracts,
    programmes,
    prices,
    traffic,
    aftersales,
    news,
)
