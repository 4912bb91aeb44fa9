"""Prices of a case: policies that can do what they are for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import fault

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def prices(case: Case) -> Iterator[Fault]:
    """Faults of price policies: an aggregate of many brands has no maker who could answer with a price."""
    for key, car in case.cars.items():
        if car.aggregate and car.pricing.policy == "best_response":
            yield fault(
                f"cars.{key}.pricing.policy",
                car.pricing.policy,
                "cannot be that of an aggregate: it stands for many makers",
                "choose fixed or inventory",
            )
