"""The sides that care for a car: which organisations stand on the platform's and on the maker's, and what they can do.

They follow from the roles. The platform's side is one platform: the one with most to say about the car after the sale,
or, where no platform has any role, the one whose own workshops can do most. The maker's side are all others who hold
the function that the spending belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.organisations import TASKS
from market.people.aftersales import CATEGORIES, MAKER, NOBODY, PLATFORM, SIDES, Aftersales, standing

Amounts = NDArray[np.float64]

FUNCTION_OF = {"care": "service", "accessories": "service", "finance": "finance", "energy": "battery"}
"""The function whose holders provide each category."""
AFTER_THE_SALE = ("service", "sales", "finance", "marketing", "data")
"""Functions that bring a platform back to the owner."""


def role_of(catalogue: Catalogue, function: str) -> Amounts:
    """Who holds a function: (cars, organisations); nobody in particular (zeros) where a case has no such function."""
    if function not in catalogue.functions:
        return np.zeros((len(catalogue.cars), len(catalogue.organisations)))
    return catalogue.roles[:, catalogue.functions.index(function)]


def platform_of_cars(catalogue: Catalogue, is_platform: NDArray[np.bool_], ability: Amounts) -> NDArray[np.intp]:
    """The platform on whose side each car can be cared for, a position among the organisations: (cars,), -1: none.

    `ability` (organisations,) is what each can do for any car; among equals the first by name.
    """
    weight = sum((role_of(catalogue, function) for function in AFTER_THE_SALE), np.zeros((1, 1)))
    score = np.where(is_platform, weight + 1e-6 * ability, -1.0)
    best = score.argmax(axis=1)
    return np.where(score.max(axis=1, initial=-1.0) > 0.0, best, -1)


@dataclass(frozen=True)
class SidesOfCars:
    """Who stands on each side of each car, and what they can do in each tier."""

    platform: NDArray[np.intp]
    """(cars,) organisation, -1: none"""
    share: Amounts
    """(categories, cars, sides, organisations): how a side divides its work and money; zeros for independents"""
    near: NDArray[np.float32]
    """(cars, tiers, categories, sides): capability 0-1, NaN where a side is absent"""
    standing: NDArray[np.float32]
    """(sides, categories, cars x tiers): utility before trust, package and habit"""
    packaged: NDArray[np.int8]
    """(offers,) side that provides the package of an offer, as the column `provider` keeps it"""
    involved: NDArray[np.bool_]
    """(cars, organisations): holds a part of any role of the car"""

    @classmethod
    def of(
        cls, catalogue: Catalogue, is_platform: NDArray[np.bool_], capability: Amounts, section: Aftersales
    ) -> SidesOfCars:
        """Look at the roles and capabilities as they are; `capability` is (organisations, tasks, tiers)."""
        cars, organisations = len(catalogue.cars), len(catalogue.organisations)
        platform = platform_of_cars(catalogue, is_platform, capability[:, TASKS.index("care")].mean(axis=1))
        maker = np.array([catalogue.organisations.index(car.maker) for car in catalogue.cars.values()], np.intp)
        share = np.zeros((len(CATEGORIES), cars, len(SIDES), organisations))
        present = np.flatnonzero(platform >= 0)
        for c, category in enumerate(CATEGORIES):
            share[c, present, PLATFORM - 1, platform[present]] = 1.0
            others = np.where(is_platform, 0.0, role_of(catalogue, FUNCTION_OF[category]))
            total = others.sum(axis=1, keepdims=True)
            alone = np.eye(organisations)[maker]
            share[c, :, MAKER - 1] = np.divide(others, total, out=alone, where=total > 1e-9)
        involved = catalogue.roles.max(axis=1) > 0.0
        near = _near(catalogue, platform, share, capability, section)
        stands = standing(section, near)
        outside = ~involved[np.arange(cars), platform]
        stands[outside, :, :, PLATFORM - 1] += np.float32(section.outsider)
        stands = np.ascontiguousarray(stands.transpose(3, 2, 0, 1)).reshape(len(SIDES), len(CATEGORIES), -1)
        return cls(platform, share, near, stands, _packaged(catalogue, is_platform), involved)


def _near(
    catalogue: Catalogue, platform: NDArray[np.intp], share: Amounts, capability: Amounts, section: Aftersales
) -> NDArray[np.float32]:
    """What each side can do: for finance the part of the role it holds, for energy the swaps that a car can use."""
    near = np.zeros((len(catalogue.cars), capability.shape[2], len(CATEGORIES), len(SIDES)))
    for category, task in (("care", "care"), ("accessories", "film_accessories"), ("energy", "swap")):
        c = CATEGORIES.index(category)
        near[:, :, c] = np.einsum("mso,ot->mts", share[c], capability[:, TASKS.index(task)])
        if category != "energy":
            near[:, :, c, -1] = section.independent_capability
    swaps = np.array([car.swap for car in catalogue.cars.values()])
    near[~swaps, :, CATEGORIES.index("energy")] = 0.0
    finance = CATEGORIES.index("finance")
    held = np.einsum("mso,mo->ms", (share[finance] > 0.0).astype(float), role_of(catalogue, "finance"))
    near[:, :, finance] = held[:, None]
    near[platform < 0, :, :, PLATFORM - 1] = np.nan
    return near.astype(np.float32)


def _packaged(catalogue: Catalogue, is_platform: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The side that provides the package of each offer: nobody for one that costs nothing and names no provider."""
    sells = role_of(catalogue, "sales").argmax(axis=1)
    sides = []
    for offer, car in zip(catalogue.offers, catalogue.car_of, strict=True):
        package = catalogue.packages[offer.package]
        if package.provider is None and package.price_cny <= 0.0:
            sides.append(NOBODY)
            continue
        provider = sells[car] if package.provider is None else catalogue.organisations.index(package.provider)
        sides.append(PLATFORM if is_platform[provider] else MAKER)
    return np.array(sides, np.int8)
