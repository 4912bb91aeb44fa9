"""Who competes at an origin: the models on sale, what is known of them, and the rest of the market by price class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.backtest.dynamics import Dynamics
from experiments.backtest.panel import Panel
from experiments.sales import Cars
from experiments.sales.attributes import Attributes
from experiments.sales.sales import Model
from market import Case

Floats = NDArray[np.float64]

MOST = 40
"""Models that compete at once, the largest first; the others are in the rest of the market."""
STILL_ON_SALE = 6
"""Months after its last listing that a model still competes."""
UNLISTED = 0.5
"""A model that is not listed sold between nothing and the smallest that is: taken as half of it."""
LEAST_LEFT = 0.05
"""Part of a price class that the rest of the market keeps, however much is listed."""
QUICK_MINUTES = 20.0
"""Charging from 30 to 80 per cent that counts as 1."""
SLOW = 0.2
"""Charging of a car without fast charging."""
MIDDLING = 0.4
"""Driver assistance and cabin software of a car of which nothing is said."""


@dataclass(frozen=True)
class Contestant:
    """A car of the simulated market."""

    key: str
    brand: str
    price_cny: float
    range_km: float
    fast_charge: float
    intelligence: float
    share: float
    """of all cars, that its constant is fitted to"""
    growth: float = 0.0
    """log points a month"""
    model: Model | None = None
    """none: the rest of a price class"""


def attributes_of(models: Sequence[Model], cars: Cars) -> tuple[dict[Model, Attributes], tuple[Model, ...]]:
    """What is known of some models, and those without a row in the cars file.

    These get the middle of their brand's cars, or of all: it moves nothing but whom they compete with.
    """
    known = {model: cars[model] for model in models if model in cars}
    unknown = cars.missing(models)
    stand_ins = {}
    for model in unknown:
        of_brand = [row for row in known.values() if row.brand == model.brand] or list(known.values()) or [*_all(cars)]
        by_price = sorted(of_brand, key=lambda row: (row.price_cny, row.model))
        stand_ins[model] = by_price[len(by_price) // 2]
    return known | stand_ins, unknown


def _all(cars: Cars) -> Sequence[Attributes]:
    return [cars[model] for model in cars]


def quickness(minutes: float) -> float:
    """How fast a car charges, from 0 to 1, by its minutes from 30 to 80 per cent; NaN: it does not charge fast.

    >>> quickness(40.0), quickness(10.0)
    (0.5, 1.0)
    """
    return SLOW if math.isnan(minutes) else min(1.0, QUICK_MINUTES / minutes)


def contestant(key: str, said: Attributes, share: float, growth: float, model: Model) -> Contestant:
    """A car as the cars file describes it."""
    intelligence = MIDDLING if math.isnan(said.intelligence) else said.intelligence
    charging = quickness(said.fast_charge_minutes)
    return Contestant(
        key, model.brand, said.price_cny, said.range_km, charging, intelligence, share, growth, model
    )  # fmt: skip


def on_sale(panel: Panel, dynamics: Dynamics, cars: Cars) -> tuple[list[Contestant], tuple[Model, ...]]:
    """The models that compete after the last month of a panel, and those of them of which only sales are known."""
    last = len(panel.months) - 1
    recent = panel.listed[-STILL_ON_SALE:].any(axis=0)
    share = np.where(panel.listed[last], np.exp(dynamics.level), UNLISTED * np.exp(panel.smallest[last]))
    chosen = sorted(np.flatnonzero(recent), key=lambda k: (not panel.listed[last, k], -share[k]))[:MOST]
    models = [panel.models[k] for k in chosen]
    known, unknown = attributes_of(models, cars)
    growth = np.where(panel.listed[last], dynamics.growth, 0.0)
    made = [
        contestant(f"m{place:02d}", known[model], float(share[k]), float(growth[k]), model)
        for place, (k, model) in enumerate(zip(chosen, models, strict=True))
    ]
    return made, unknown


def rest_of(base: Case, listed: Sequence[Contestant], cars: Cars) -> list[Contestant]:
    """One car for all that is not listed in each price class of a case: it has what the listed leave of the class.

    Classes are the strata of the case; their shares are the case's, and what is listed beyond them is taken from all.
    """
    left = max(1.0 - sum(car.share for car in listed), LEAST_LEFT)
    by_class: Mapping[str, tuple[float, float]] = {s.id: s.budget_cny for s in base.population.strata}
    lowest = min(low for low, _ in by_class.values())
    parts, made = {}, []
    for stratum in base.population.strata:
        low, high = stratum.budget_cny
        inside = [c.share for c in listed if (low if low > lowest else 0.0) <= c.price_cny < high]
        parts[stratum.id] = max(stratum.share - sum(inside), LEAST_LEFT * stratum.share)
    for place, (name, (low, high)) in enumerate(sorted(by_class.items())):
        price = (low + high) / 2.0
        near = sorted(_all(cars), key=lambda row: abs(math.log(row.price_cny / price)))[:9]
        reach, charging = (float(np.median(figures)) for figures in zip(*map(_traits, near), strict=True))
        share = left * parts[name] / sum(parts.values())
        made.append(Contestant(f"rest{place}", f"rest {name}", price, reach, charging, MIDDLING, share))
    return made


def _traits(row: Attributes) -> tuple[float, float]:
    return row.range_km, quickness(row.fast_charge_minutes)
