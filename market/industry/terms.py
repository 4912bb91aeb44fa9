"""Terms: who holds what around each car, and what is agreed, as it stands in some weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.industry.contracts import Agreements, Costs, Stake

Floats = NDArray[np.float64]
Added = tuple[tuple[int, int, str, float], ...]
"""What moved roles add to the cost of each car: the car, who pays (positions), the function, CNY."""
Bargained = Mapping[int, tuple[str, str, float]]
"""What makers pay platforms for each car handed over: by car, the platform, the maker and CNY."""


def holders(catalogue: Catalogue, function: str) -> Floats:
    """Who holds a function of each car now: (cars, organisations); its maker if the case has no such function."""
    if function in catalogue.functions:
        held: Floats = catalogue.roles[:, catalogue.functions.index(function)]
        return held
    maker = [catalogue.organisations.index(car.maker) for car in catalogue.cars.values()]
    return np.eye(len(catalogue.organisations))[maker]


@dataclass(frozen=True, eq=False)
class Terms:
    """All that the money of a week depends on besides what happened in it."""

    roles: Floats
    """(cars, functions, organisations)"""
    in_force: NDArray[np.bool_]
    """(contracts,)"""
    sells: NDArray[np.bool_]
    """(contracts, offers)"""
    covers: NDArray[np.bool_]
    """(contracts, cars)"""
    unit_cost_cny: Floats
    """(cars,) with the battery"""
    added: Added
    bargained: Bargained
    maker: Floats
    """(cars, organisations), like the other roles"""
    battery: Floats
    definition: Floats
    service: Floats
    data: Floats
    marketing: Floats
    sales: Floats
    seller: Floats
    """(offers, organisations)"""
    commission: Floats
    """(offers,) share of the full price"""
    definition_fee_cny: Floats
    """(cars,)"""
    data_fee_cny: Floats
    """(cars,) per owner and year"""
    stakes: tuple[tuple[Stake, NDArray[np.bool_]], ...]
    """in force, with the cars that each is about"""

    @classmethod
    def of(
        cls, catalogue: Catalogue, agreements: Agreements, costs: Costs, day: float, unit_cost_cny: Floats,
        added: Added, bargained: Bargained,
    ) -> Terms:  # fmt: skip
        """Look at everything as it is on a day."""
        contracts, in_force, sales = agreements.contracts, agreements.in_force(day), holders(catalogue, "sales")
        held = {name: holders(catalogue, name).copy() for name in ("battery", "definition", "service", "data")}
        return cls(
            catalogue.roles.copy(), in_force, agreements.sells.copy(), agreements.covers.copy(), unit_cost_cny.copy(),
            added, dict(bargained),
            maker=holders(catalogue, "production").copy(), **held, marketing=holders(catalogue, "marketing").copy(),
            sales=sales.copy(), seller=agreements.sellers(day, sales),
            commission=agreements.per_offer(day, [one.commission for one in contracts], costs.commission),
            definition_fee_cny=agreements.per_car(day, [one.definition_fee_cny for one in contracts]),
            data_fee_cny=agreements.per_car(day, [one.data_fee_cny for one in contracts]),
            stakes=tuple(
                (one.stake, covered.copy())
                for one, covered, valid in zip(contracts, agreements.covers, in_force, strict=True)
                if valid and one.stake is not None
            ),
        )  # fmt: skip

    def hold(
        self, catalogue: Catalogue, agreements: Agreements, day: float, unit_cost_cny: Floats, added: Added,
        bargained: Bargained,
    ) -> bool:  # fmt: skip
        """Whether nothing of it has changed by a day."""
        same = np.array_equal
        return (
            same(self.roles, catalogue.roles)
            and same(self.in_force, agreements.in_force(day))
            and same(self.sells, agreements.sells)
            and same(self.covers, agreements.covers)
            and same(self.unit_cost_cny, unit_cost_cny)
            and self.added == added
            and self.bargained == bargained
        )
