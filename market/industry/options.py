"""The option space: which configurations a maker can build from a planned car, at which cost and how soon.

Designs are enumerated on a grid around the car as planned. Modularity lets them reach further from it, shortens the way
there and makes it cheaper to change the maker.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.catalogue import Catalogue
from market.fields import Section, Share, value

Floats = NDArray[np.float64]


class Levels(Section):
    """How far one attribute may depart from the car as planned, and in how many steps."""

    below: float = value(0.0, unit="of the attribute", meaning="furthest below the planned car", ge=0.0, le=5.0)
    above: float = value(0.0, unit="of the attribute", meaning="furthest above the planned car", ge=0.0, le=5.0)
    steps: int = value(1, unit="levels", meaning="levels from end to end; 1: no option", ge=1, le=40)

    def offsets(self) -> Floats:
        """The levels, relative to the car as planned, which is always among them.

        >>> Levels(below=0.2, above=0.4, steps=4).offsets().round(3).tolist()
        [-0.2, 0.0, 0.2, 0.4]
        """
        if self.steps == 1:
            return np.zeros(1)
        return np.unique(np.append(np.linspace(-self.below, self.above, self.steps), 0.0).round(9))

    @property
    def furthest(self) -> float:
        """The longest way from the planned car; 0 where this is no option."""
        return max(self.below, self.above) if self.steps > 1 else 0.0


class Options(Section):
    """What may be chosen, and what it costs to build."""

    range_share: Levels = value(
        lambda: Levels(below=0.2, above=0.3, steps=6), unit="share of the range", meaning="range of the battery"
    )
    fast_charge: Levels = value(
        lambda: Levels(below=0.2, above=0.3, steps=3), unit="0-1", meaning="fast charging, added to the planned car's"
    )
    intelligence: Levels = value(
        lambda: Levels(below=0.2, above=0.4, steps=4), unit="0-1", meaning="driver assistance and software, added"
    )
    quality: Levels = value(lambda: Levels(above=0.2, steps=2), unit="utility", meaning="what owners experience, added")
    price_share: Levels = value(
        lambda: Levels(below=0.15, above=0.15, steps=7), unit="share of the price", meaning="list price"
    )
    range_cny_per_km: float = value(
        50.0, unit="CNY per km", meaning="cost of one km of range", ge=0.0, le=10_000.0,
        grade="D", source="about .1 kWh per km at 450-500 CNY per kWh of pack",
    )  # fmt: skip
    fast_charge_cny: float = value(4_000.0, unit="CNY", meaning="cost of fast charging from 0 to 1", ge=0.0, le=1e6)
    intelligence_cny: float = value(9_000.0, unit="CNY", meaning="cost of intelligence from 0 to 1", ge=0.0, le=1e6)
    quality_cny: float = value(6_000.0, unit="CNY per utility", meaning="cost of better experience", ge=0.0, le=1e6)
    quality_worth_cny: float = value(
        8_000.0, unit="CNY per utility", meaning="what a better experience of an owner is later worth to the makers",
        ge=0.0, le=1e6,
    )  # fmt: skip
    lead_weeks: float = value(
        26.0, unit="weeks", meaning="from the agreement to the launch of the car as planned", ge=1.0, le=520.0
    )
    depth_weeks: float = value(
        26.0, unit="weeks", meaning="lead time that the deepest customisation adds; 0: none", ge=0.0, le=520.0
    )
    setup_cny: float = value(
        50e6, unit="CNY", meaning="one-off cost of a car, the deepest customisation; in proportion to depth", ge=0.0,
        le=1e11,
    )  # fmt: skip


class Technology(Section):
    """What modular platforms change."""

    modularity: Share = value(0.3, unit="0-1", meaning="how modular cars are; 0: not at all")
    reach: Share = value(
        0.6, unit="share", meaning="part of every option that can be built without modularity; all of it at 1"
    )
    lead_saved: Share = value(
        0.5, unit="share", meaning="part of the weeks for customisation that full modularity saves; 0: none"
    )

    def reachable(self) -> float:
        """The deepest departure that can be built, as a share of every option.

        >>> Technology(modularity=0.5, reach=0.6).reachable()
        0.8
        """
        return self.reach + (1.0 - self.reach) * self.modularity


@dataclass(frozen=True)
class Slot:
    """A planned car, or one to be customised: its place in the catalogue and what it is now."""

    car: int
    range_km: float
    fast_charge: float
    intelligence: float
    quality: float
    price_cny: float
    reference_price_cny: float
    bargain: float
    """utility per 10,000 CNY below the reference price"""
    wait_weeks: float | None = None
    """from order to handover once it is on sale; None: it is, and the market tells"""

    def joy(self, price_cny: ArrayLike) -> Floats:
        """Utility of a price below the one that the public had been led to expect."""
        return self.bargain * np.maximum(self.reference_price_cny - np.asarray(price_cny, float), 0.0) / 1e4


def slot_of(catalogue: Catalogue, car: int, day: int) -> Slot:
    """A car of the catalogue as it is on a day of the run."""
    stated = list(catalogue.cars.values())[car]
    on_sale = bool(catalogue.launch_day[car] <= day)
    return Slot(
        car=car, range_km=float(catalogue.range_km[car]), fast_charge=float(catalogue.fast_charge[car]),
        intelligence=float(catalogue.intelligence[car]), quality=float(catalogue.quality[car]),
        price_cny=float(catalogue.price_cny[car]),
        reference_price_cny=stated.promise.reference_price_cny or stated.price_cny, bargain=stated.promise.bargain,
        wait_weeks=None if on_sale else stated.production.lead_weeks,
    )  # fmt: skip


@dataclass(frozen=True)
class Designs:
    """Configurations of a slot with their costs: one entry per design; the first index of the grid varies slowest."""

    range_km: Floats
    fast_charge: Floats
    intelligence: Floats
    quality: Floats
    price_cny: Floats
    unit_cost_cny: Floats
    """cost of building one, less what its quality is later worth"""
    depth: Floats
    """0 as planned, 1 at the end of every option"""
    lead_weeks: Floats
    setup_cny: Floats
    luck: NDArray[np.int64]
    """place in the whole grid: what the luck of a design is keyed by"""

    def __len__(self) -> int:
        """How many."""
        return len(self.price_cny)

    def attributes(self, design: int) -> dict[str, float]:
        """One design by attribute, as the catalogue names them."""
        names = ("range_km", "fast_charge", "intelligence", "quality", "price_cny")
        return {name: float(getattr(self, name)[design]) for name in names}

    def as_planned(self) -> int:
        """The position of the car as planned."""
        return int(np.flatnonzero((self.depth == 0.0) & (self._step[:, -1] == 0.0))[0])

    _step: Floats
    """(designs, attributes) offsets from the planned car, the price last"""


def enumerate_designs(slot: Slot, options: Options, technology: Technology, unit_cost_share: float) -> Designs:
    """All designs that can be built from a slot.

    The planned car costs `unit_cost_share` of its price. Each design departs from it by steps; none by more than
    `technology.reachable()` of an option, the price apart. Places in the grid do not move with modularity.
    """
    levels = (options.range_share, options.fast_charge, options.intelligence, options.quality, options.price_share)
    step = np.array(list(product(*(level.offsets() for level in levels))))
    place = np.arange(len(step))
    furthest = np.array([level.furthest for level in levels[:-1]])
    far = np.divide(np.abs(step[:, :-1]), furthest, out=np.zeros((len(step), 4)), where=furthest > 0)
    possible = (far <= technology.reachable() + 1e-9).all(axis=1)
    step, place, far = step[possible], place[possible], far[possible]
    depth = far.sum(axis=1) / max(int((furthest > 0).sum()), 1)
    range_km = slot.range_km * (1.0 + step[:, 0])
    fast = np.clip(slot.fast_charge + step[:, 1], 0.0, 1.0)
    clever = np.clip(slot.intelligence + step[:, 2], 0.0, 1.0)
    cost = unit_cost_share * slot.price_cny + options.range_cny_per_km * (range_km - slot.range_km)
    cost += options.fast_charge_cny * (fast - slot.fast_charge)
    cost += options.intelligence_cny * (clever - slot.intelligence)
    cost += (options.quality_cny - options.quality_worth_cny) * step[:, 3]
    saved = technology.lead_saved * technology.modularity
    return Designs(
        range_km=range_km, fast_charge=fast, intelligence=clever, quality=slot.quality + step[:, 3],
        price_cny=slot.price_cny * (1.0 + step[:, 4]), unit_cost_cny=cost, depth=depth,
        lead_weeks=options.lead_weeks + options.depth_weeks * depth * (1.0 - saved),
        setup_cny=options.setup_cny * depth, luck=place, _step=step,
    )  # fmt: skip
