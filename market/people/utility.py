"""The utility of an offer to a consumer, before shocks: tastes times what the offer is.

V = taste x attributes + appeal of the car + liking of the channel + promise + company of acquaintances + loyalty.
Everything that depends only on the offer is laid out in an `OfferTable` once a round; what depends on the consumer is
one row of tastes; the two meet in one matrix product.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from market.catalogue import REFERENCE_RANGE_KM, Catalogue, battery_cost
from market.people.choice import Choice
from market.people.profiles import NORMAL_TASTES, Profiles, Tastes

Floats = NDArray[np.float32]
_LN_RANGE, _FAST, _SWAP, _INTELLIGENCE, _RENT, _SOCIAL = range(len(NORMAL_TASTES))


@dataclass(frozen=True)
class OfferTable:
    """What the offers are in one round.

    `attributes` is (tastes, offers): money in 10,000 CNY, then ln range, fast charging, intelligence, battery rented,
    search weeks saved, weeks to wait; then one row per swap operator and one per plan whose cap is known.
    `base` is (profiles, offers): utility that all consumers of a profile share.
    """

    attributes: Floats
    base: Floats
    operators: tuple[str, ...]
    capped_plans: tuple[str, ...]
    price_cny: NDArray[np.float64]
    """(offers,) what the buyer pays at the handover: car less discounts, plus the package"""
    car_of: NDArray[np.intp]
    """(offers,) position of the car"""
    brand_of: NDArray[np.int16]
    """(offers,) position of the brand"""

    def some(self, offers: NDArray[np.intp]) -> OfferTable:
        """The table of some offers."""
        return replace(
            self, attributes=self.attributes[:, offers], base=self.base[:, offers], price_cny=self.price_cny[offers],
            car_of=self.car_of[offers], brand_of=self.brand_of[offers],
        )  # fmt: skip


@dataclass(frozen=True)
class Fixed:
    """What never changes about the offers of a catalogue: arrays over offers unless said otherwise."""

    attributes: NDArray[np.float64]
    """(5, offers): ln range, fast charging, intelligence, battery rented, search weeks saved"""
    swap: NDArray[np.float64]
    """(operators, offers): swapped by that operator"""
    operators: tuple[str, ...]
    discount: NDArray[np.float64]
    package_price: NDArray[np.float64]
    battery: NDArray[np.float64]
    """present value of rent, residual value forgone or buy-out, in CNY"""
    expectation: NDArray[np.float64]
    bargain: NDArray[np.float64]
    reference_price: NDArray[np.float64]


def fixed_attributes(catalogue: Catalogue, choice: Choice) -> Fixed:
    """Lay out what the catalogue states until a car is designed anew."""
    car_of = catalogue.car_of
    cars = [catalogue.cars[o.car] for o in catalogue.offers]
    plans = [catalogue.plans[o.plan] for o in catalogue.offers]
    packages = [catalogue.packages[o.package] for o in catalogue.offers]
    operators = tuple(sorted({c.swap_operator for c in cars if c.swap and c.swap_operator}))
    attributes = [
        np.log(catalogue.range_km / REFERENCE_RANGE_KM)[car_of],
        catalogue.fast_charge[car_of],
        catalogue.intelligence[car_of],
        [float(p.rent_cny_per_month > 0.0) for p in plans],
        [p.search_weeks_saved for p in packages],
    ]
    swap = [[float(c.swap and c.swap_operator == operator) for c in cars] for operator in operators]
    return Fixed(
        attributes=np.array(attributes),
        swap=np.array(swap).reshape(len(operators), len(cars)),
        operators=operators,
        discount=np.array([p.discount_cny for p in plans]),
        package_price=np.array([p.price_cny for p in packages]),
        battery=np.array([battery_cost(p, choice.holding_months, choice.discount_per_month) for p in plans]),
        expectation=np.array([c.promise.expectation for c in cars]),
        bargain=np.array([c.promise.bargain for c in cars]),
        reference_price=np.array([c.promise.reference_price_cny or c.price_cny for c in cars]),
    )


def table(
    fixed: Fixed, catalogue: Catalogue, profiles: Profiles, appeal: NDArray[np.float64], wait_weeks: NDArray[np.float64]
) -> OfferTable:
    """Lay out the offers: `appeal` and `wait_weeks` are (cars,), at this moment."""
    plan_of = catalogue.plan_of
    capped = tuple(
        k for k, p in catalogue.plans.items() if p.cap_km_per_month and p.overage_cny_per_km and catalogue.disclosed[k]
    )
    list_price = (catalogue.price_cny - catalogue.promotion_cny)[catalogue.car_of]
    price = list_price - fixed.discount + fixed.package_price
    cost = (price + fixed.battery) / 1e4
    under_plan = [plan_of == catalogue.plan_index[plan] for plan in capped]
    rows = [cost, *fixed.attributes, wait_weeks[catalogue.car_of], *fixed.swap, *under_plan]
    promise = fixed.expectation + fixed.bargain * np.maximum(fixed.reference_price - list_price, 0.0) / 1e4
    base = (appeal[catalogue.car_of] + promise)[None, :] + profiles.liking(tuple(catalogue.channels))[
        :, catalogue.channel_of
    ]
    return OfferTable(
        np.array(rows, np.float32), base.astype(np.float32), fixed.operators, capped, price, catalogue.car_of,
        catalogue.brand_of_car[catalogue.car_of],
    )  # fmt: skip


def utilities(
    offers: OfferTable, tastes: Tastes, profile: NDArray[np.int8], coverage: Floats, company: Floats, loyalty: Floats,
    driven_brand: NDArray[np.int16], overage: Sequence[tuple[float, float]],
) -> Floats:  # fmt: skip
    """Utility of every offer to some consumers, before shocks: (rows, offers).

    `coverage` is (rows, operators): whether a swap station is near, 0-1; `company` (rows, cars): share of ties who have
    the car; `loyalty` (rows,): utility of staying with the brand driven; `overage`: (cap in km a month, present
    value in CNY of paying for one km a month above it) of each capped plan.
    """
    n = tastes.normal
    columns = [
        tastes.price, n[:, _LN_RANGE], n[:, _FAST], n[:, _INTELLIGENCE], n[:, _RENT], tastes.effort, tastes.wait,
        *(n[:, _SWAP] * coverage[:, o] for o in range(len(offers.operators))),
        *(
            tastes.price * np.maximum(tastes.km_per_month - np.float32(cap), 0) * np.float32(worth / 1e4)
            for cap, worth in overage
        ),
    ]  # fmt: skip
    # Term by term, because a product of matrices may round differently with the number of rows; offer by row, because
    # contiguous memory is quicker.
    v = np.zeros((len(offers.car_of), len(profile)), np.float32)
    term = np.empty_like(v)
    for column, attribute in zip(columns, offers.attributes, strict=True):
        v += np.multiply(attribute[:, None], column, out=term)
    v += offers.base.T.take(profile, axis=1, out=term, mode="clip")
    v += (n[:, _SOCIAL] * company.T).take(offers.car_of, axis=0, out=term, mode="clip")
    v += np.multiply(offers.brand_of[:, None] == driven_brand, loyalty, out=term)
    return v.T


def utility_of_one(
    tastes: Mapping[str, float], *, cost_cny: float, range_km: float, fast_charge: float, intelligence: float,
    rents_battery: bool, weeks_saved: float, wait_weeks: float, swap_coverage: float, cap_km: float | None,
    overage_worth_cny: float, appeal: float, promise: float, liking: float, company: float, loyalty: float,
) -> float:  # fmt: skip
    """The readable rule behind `utilities`: one consumer, one offer.

    `cost_cny` is the price at the handover plus the present value of rent and of the residual value forgone;
    `overage_worth_cny` the present value of one km a month above the cap, `cap_km` None where no cap is known.
    """
    beyond = 0.0 if cap_km is None else max(tastes["km_per_month"] - cap_km, 0.0)
    v = tastes["price"] * (cost_cny + beyond * overage_worth_cny) / 1e4
    v += tastes["ln_range"] * math.log(range_km / REFERENCE_RANGE_KM)
    v += tastes["fast_charge"] * fast_charge + tastes["intelligence"] * intelligence
    v += tastes["swap"] * swap_coverage + tastes["battery_rent"] * rents_battery
    v += tastes["effort"] * weeks_saved + tastes["wait"] * wait_weeks
    return v + appeal + promise + liking + tastes["social"] * company + loyalty
