"""A car's family: what a new car takes from its base car, and what it brings to the others of the brand.

Measured on two runs with the same people and the same luck, one with the new car and one without: nothing is asserted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.cars import Car


class FamilyEffect(NamedTuple):
    """What one car did to its family, in cars over the whole run unless said otherwise."""

    sold: float
    """deliveries of the car itself"""
    base_lost: float
    """deliveries that the base car lost; below 0: it gained"""
    brand_gained: float
    """deliveries that other cars of the same brand gained: the halo; below 0: they lost"""
    maker_gained: float
    """deliveries that the maker gained in all, the car itself included"""
    cannibalised: float
    """share of the car's deliveries that the base car lost; NaN where it sold nothing"""
    stock_cleared: float
    """cars of the base car's line in stock at the end that the run without the car had more of"""


def family_effect(
    cars: Mapping[str, Car], key: str, with_car: ArrayLike, without_car: ArrayLike,
    stock: tuple[ArrayLike, ArrayLike] | None = None,
) -> FamilyEffect:  # fmt: skip
    """Compare the deliveries of two runs, (weeks, cars) each, cars in alphabetical order of their ids.

    `stock` is the cars in stock at the end, (cars,) with and without the car; without it stock_cleared is NaN.
    """
    keys = sorted(cars)
    car, more = cars[key], (np.asarray(with_car, float) - np.asarray(without_car, float)).sum(axis=0)
    itself = _chosen(keys, {key})
    base = _chosen(keys, {car.base_car} if car.base_car else set())
    brand = _chosen(keys, {k for k in keys if cars[k].brand == car.brand}) & ~itself & ~base
    maker = _chosen(keys, {k for k in keys if cars[k].maker == car.maker})
    sold = float(np.asarray(with_car, float).sum(axis=0)[itself].sum())
    base_lost = -float(more[base].sum())
    cleared = float("nan")
    if stock is not None:
        cleared = float((np.asarray(stock[1], float) - np.asarray(stock[0], float))[base].sum())
    return FamilyEffect(
        sold, base_lost, float(more[brand].sum()), float(more[maker].sum()),
        base_lost / sold if sold > 0.0 else float("nan"), cleared,
    )  # fmt: skip


def _chosen(keys: list[str], wanted: set[str]) -> NDArray[np.bool_]:
    return np.array([key in wanted for key in keys])
