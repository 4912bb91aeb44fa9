"""After-sales of a case: nobody spends less than nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import fault
from market.people.aftersales import CATEGORIES

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def aftersales(case: Case) -> Iterator[Fault]:
    """Faults of what owners spend."""
    for category, terms in zip(CATEGORIES, case.aftersales.spendings(), strict=True):
        median = terms.cny_per_year.median
        if median < 0.0:
            yield fault(
                f"aftersales.{category}.cny_per_year.median",
                median,
                "must be at least 0 CNY a year",
                "give 0 if owners spend nothing on it",
            )
