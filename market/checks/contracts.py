"""Contracts of a case: whom they name, what they cover, whether two speak of one sale; and when decisions begin."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from market.checks.common import fault, known
from market.industry.contracts import Contract

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def contracts(case: Case) -> Iterator[Fault]:
    """Faults of contracts, costs and the dates of planned decisions."""
    for key, one in case.contracts.items():
        at = f"contracts.{key}"
        yield from known(f"{at}.cars", one.cars or [], case.cars, "car")
        yield from known(f"{at}.channels", one.channels or [], case.channels, "channel")
        yield from known(f"{at}.seller", [one.seller], case.organisations, "organisation")
        yield from known(f"{at}.remedy_split", one.remedy_split, case.organisations, "organisation")
        if one.stake is not None:
            parties = {"holder": one.stake.holder, "of": one.stake.of}
            for name, party in parties.items():
                yield from known(f"{at}.stake.{name}", [party], case.organisations, "organisation")
            if one.stake.holder == one.stake.of:
                yield fault(f"{at}.stake.of", one.stake.of, "must be another organisation than the holder", "name two")
        if one.start is not None and one.exclusive_until is not None and one.exclusive_until <= one.start:
            yield fault(
                f"{at}.exclusive_until", one.exclusive_until, f"must be after start ({one.start})", "give a later date"
            )
        if one.shortfall_cny > 0.0 and one.minimum_volume_per_year == 0.0:
            yield fault(
                f"{at}.minimum_volume_per_year",
                one.minimum_volume_per_year,
                "must be above 0 where a shortfall is to be paid",
                "give the volume, or set shortfall_cny = 0",
            )
    for (first, one), (second, other) in combinations(sorted(case.contracts.items()), 2):
        if _sales(case, one) & _sales(case, other):
            yield fault(
                f"contracts.{second}",
                f"sales that contracts.{first} covers too",
                "one contract a sale",
                "list the channels of each",
            )
    for category in case.costs.margins:
        yield from known(
            f"costs.margins.{category}", [category], ("care", "accessories", "insurance", "energy"), "category"
        )
    for move in case.decisions:
        if move.start < case.calendar.start:
            yield fault(
                f"decisions.{move.id}.start",
                move.start,
                f"must not be before the run starts ({case.calendar.start})",
                "give a later date",
            )


def _sales(case: Case, contract: Contract) -> set[tuple[str, str]]:
    """Pairs of car and channel whose sales a contract covers."""
    return {
        (key, channel)
        for key, car in case.cars.items()
        for channel in car.channels
        if (contract.cars is None or key in contract.cars)
        and (contract.channels is None or channel in contract.channels)
    }
