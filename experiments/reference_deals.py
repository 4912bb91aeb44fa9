"""What can be had in a round of the reference market: one plain record per offer, and the cars behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from market.calendar import DAYS
from market.case import Case
from market.cars import Car, Catalogue, Channel, annuity


@dataclass(frozen=True, slots=True)
class Deal:
    """One offer in one round, as a consumer meets it."""

    offer: int
    """position in the catalogue"""
    car: int
    section: Car
    channel: Channel
    key: int
    """the word of the offer, for chance"""
    car_key: int
    price_cny: float
    """paid at the handover: car less discounts, plus the package"""
    cost_cny: float
    """the price and the present value of rent and of the residual value forgone"""
    weeks_saved: float
    wait_weeks: float
    rents_battery: bool
    cap_km: float | None
    """distance that the rent covers, where that is known"""
    overage_worth_cny: float
    """present value of one km a month above the cap"""
    appeal: float
    promise: float
    liking: tuple[float, ...]
    """of the channel, by profile"""


def deals(case: Case, catalogue: Catalogue, appeal: Sequence[float], wait_weeks: Sequence[float]) -> list[Deal]:
    """Every offer at this moment; `appeal` and `wait_weeks` by car."""
    section = case.choice
    worth = annuity(section.discount_per_month, section.holding_months)
    resale = (1.0 + section.discount_per_month) ** -section.holding_months
    profiles = [profile for _, profile in sorted(case.profiles.items())]
    price, promotion = catalogue.price_cny.tolist(), catalogue.promotion_cny.tolist()
    keys, car_keys = catalogue.offer_keys.tolist(), catalogue.car_keys.tolist()
    listed = []
    for position, offer in enumerate(catalogue.offers):
        index = catalogue.car_index[offer.car]
        car, channel, package, plan = (
            case.cars[offer.car], case.channels[offer.channel], case.packages[offer.package], case.plans[offer.plan]
        )  # fmt: skip
        list_price = price[index] - promotion[index]
        pays = list_price - plan.discount_cny + package.price_cny
        reference = car.promise.reference_price_cny or car.price_cny
        capped = plan.cap_km_per_month and plan.overage_cny_per_km and catalogue.disclosed[offer.plan]
        listed.append(
            Deal(
                offer=position, car=index, section=car, channel=channel, key=keys[position], car_key=car_keys[index],
                price_cny=pays,
                cost_cny=pays + plan.rent_cny_per_month * worth + plan.discount_cny * plan.residual_share * resale,
                weeks_saved=package.search_weeks_saved,
                wait_weeks=wait_weeks[index],
                rents_battery=plan.rent_cny_per_month > 0.0,
                cap_km=plan.cap_km_per_month if capped else None,
                overage_worth_cny=plan.overage_cny_per_km * worth,
                appeal=appeal[index],
                promise=car.promise.expectation + car.promise.bargain * max(reference - list_price, 0.0) / 1e4,
                liking=tuple(profile.channels.get(offer.channel, 0.0) for profile in profiles),
            )
        )  # fmt: skip
    return listed


def open_deals(listed: Sequence[Deal], catalogue: Catalogue, day: int) -> dict[int, list[Deal]]:
    """The deals that can be reserved or ordered on a day, by car."""
    by_car: dict[int, list[Deal]] = {}
    for deal in listed:
        if catalogue.opens_day[deal.car] <= day < catalogue.closes_day[deal.car]:
            by_car.setdefault(deal.car, []).append(deal)
    return by_car


def weeks_on_sale(catalogue: Catalogue, day: int) -> list[float]:
    """Weeks since the launch of each car, below 0 before it."""
    return [(day - launch) / DAYS for launch in catalogue.launch_day.tolist()]


