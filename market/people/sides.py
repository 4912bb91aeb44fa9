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
from market.people.aftersales import CARE, CATEGORIES, MAKER, NOBODY, PLATFORM, SIDES, Aftersales, standing

Amounts = NDArray[np.float64]

FUNCTION_OF = {"care": "service", "accessories": "service", "finance": "finance", "energy": "battery"}
"""The function whose holders provide each category."""
_BY_TASK = [CATEGORIES.index(category) for category in ("care", "accessories", "energy")]
_TASKS = [TASKS.index(task) for task in ("care", "film_accessories", "swap")]
"""Categories that take a capability, energy last, and the task that each is."""
_ANYWHERE, _FINANCE = _BY_TASK[:-1], CATEGORIES.index("finance")
AFTER_THE_SALE = ("service", "sales", "finance", "marketing", "data")
"""Functions that bring a platform back to the owner."""


def role_of(catalogue: Catalogue, function: str) -> Amounts:
    """Who holds a function: (cars, organisations); nobody in particular (zeros) where a case has no such function."""
    if function not in catalogue.functions:
        return np.zeros((len(catalogue.cars), len(catalogue.organisations)))
    return catalogue.roles[:, catalogue.functions.index(function)]


def platform_of_cars(weight: Amounts, is_platform: NDArray[np.bool_], ability: Amounts) -> NDArray[np.intp]:
    """The platform on whose side each car can be cared for, a position among the organisations: (cars,), -1: none.

    `weight` (cars, organisations) is what each has to say after the sale, `ability` (organisations,) what each can do
    for any car; among equals the first by name.
    """
    score = np.where(is_platform, weight + 1e-6 * ability, -1.0)
    best = score.argmax(axis=1)
    return np.where(score.max(axis=1, initial=-1.0) > 0.0, best, -1)


@dataclass(frozen=True)
class Held:
    """What follows from the roles alone: it stands as long as they do."""

    roles: Amounts
    """(cars, functions, organisations) as they were"""
    weight: Amounts
    """(cars, organisations) what each holds of the functions that bring a platform back to the owner"""
    of_maker: Amounts
    """(categories, cars, organisations) how the maker's side divides its work"""
    packaged: NDArray[np.int8]
    """(offers,) as in `SidesOfCars`"""
    involved: NDArray[np.bool_]
    """(cars, organisations) as in `SidesOfCars`"""
    swaps: NDArray[np.bool_]
    """(cars,) whether the battery can be swapped"""

    @classmethod
    def of(cls, catalogue: Catalogue, is_platform: NDArray[np.bool_]) -> Held:
        """Look at the roles as they are."""
        organisations = catalogue.organisations
        weight = sum((role_of(catalogue, function) for function in AFTER_THE_SALE), np.zeros((1, 1)))
        maker = np.array([organisations.index(car.maker) for car in catalogue.cars.values()], np.intp)
        of_maker = np.empty((len(CATEGORIES), len(maker), len(organisations)))
        for c, category in enumerate(CATEGORIES):
            others = np.where(is_platform, 0.0, role_of(catalogue, FUNCTION_OF[category]))
            total = others.sum(axis=1, keepdims=True)
            alone = np.eye(len(organisations))[maker]
            of_maker[c] = np.divide(others, total, out=alone, where=total > 1e-9)
        involved = catalogue.roles.max(axis=1) > 0.0
        swaps = np.array([car.swap for car in catalogue.cars.values()])
        return cls(catalogue.roles.copy(), weight, of_maker, _packaged(catalogue, is_platform), involved, swaps)


@dataclass(frozen=True)
class SidesOfCars:
    """Who stands on each side of each car, and what they can do in each tier."""

    platform: NDArray[np.intp]
    """(cars,) organisation, -1: none"""
    share: Amounts
    """(categories, cars, sides, organisations): how a side divides its work and money; zeros for independents"""
    cares: Amounts
    """(cars, sides, organisations): its part for care"""
    near: NDArray[np.float32]
    """(cars, tiers, categories, sides): capability 0-1, NaN where a side is absent"""
    standing: NDArray[np.float32]
    """(sides, categories, cars x tiers): utility before trust, package and habit"""
    packaged: NDArray[np.int8]
    """(offers,) side that provides the package of an offer, as the column `provider` keeps it"""
    involved: NDArray[np.bool_]
    """(cars, organisations): holds a part of any role of the car"""
    held: Held

    @classmethod
    def of(
        cls, catalogue: Catalogue, is_platform: NDArray[np.bool_], capability: Amounts, section: Aftersales,
        before: SidesOfCars | None = None,
    ) -> SidesOfCars:  # fmt: skip
        """Look at the roles and capabilities as they are; `capability` is (organisations, tasks, tiers).

        What was seen `before` is not looked up again as long as no role has moved.
        """
        cars, organisations = len(catalogue.cars), len(catalogue.organisations)
        same_roles = before is not None and np.array_equal(before.held.roles, catalogue.roles)
        held = before.held if before is not None and same_roles else Held.of(catalogue, is_platform)
        platform = platform_of_cars(held.weight, is_platform, capability[:, TASKS.index("care")].mean(axis=1))
        if before is not None and same_roles and np.array_equal(before.platform, platform):
            share = before.share
        else:
            share = np.zeros((len(CATEGORIES), cars, len(SIDES), organisations))
            present = np.flatnonzero(platform >= 0)
            share[:, present, PLATFORM - 1, platform[present]] = 1.0
            share[:, :, MAKER - 1] = held.of_maker
        near = _near(catalogue, platform, share, capability, section, held.swaps)
        stands = standing(section, near)
        outside = ~held.involved[np.arange(cars), platform]
        stands[outside, :, :, PLATFORM - 1] += np.float32(section.outsider)
        stands = np.ascontiguousarray(stands.transpose(3, 2, 0, 1)).reshape(len(SIDES), len(CATEGORIES), -1)
        cares = before.cares if before is not None and share is before.share else share[CARE]
        return cls(platform, share, cares, near, stands, held.packaged, held.involved, held)


def _near(
    catalogue: Catalogue, platform: NDArray[np.intp], share: Amounts, capability: Amounts, section: Aftersales,
    swaps: NDArray[np.bool_],
) -> NDArray[np.float32]:  # fmt: skip
    """What each side can do: for finance the part of the role it holds, for energy the swaps that a car can use."""
    cars, tiers = len(catalogue.cars), capability.shape[2]
    near = np.zeros((cars, tiers, len(CATEGORIES), len(SIDES)))
    able = capability[:, _TASKS].swapaxes(0, 1)
    by_side = share[_BY_TASK].reshape(len(_BY_TASK), cars * len(SIDES), -1) @ able
    near[:, :, _BY_TASK] = by_side.reshape(len(_BY_TASK), cars, len(SIDES), tiers).transpose(1, 3, 0, 2)
    near[:, :, _ANYWHERE, -1] = section.independent_capability
    near[~swaps, :, _BY_TASK[-1]] = 0.0
    near[:, :, _FINANCE] = ((share[_FINANCE] > 0.0) @ role_of(catalogue, "finance")[:, :, None])[:, None, :, 0]
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
