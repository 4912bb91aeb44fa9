"""Design: what a configuration would sell and earn with an audience, and which one four policies pick.

Predicted demand is the closed nested logit of the market's own choice model on the tastes heard: a planned car is a
nest whose inclusive value moves with its configuration, and its buyers come from rivals in proportion to the rivals'
shares among people like them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from market.industry.audience import Audience, configuration
from market.industry.options import Designs, Slot

Floats = NDArray[np.float64]
Policy = Literal["maker-knows-best", "mean-taste", "segment", "individual"]
"""maker-knows-best: the car as planned; mean-taste: the best for one person with the mean of all stated tastes;
segment: one car for each group of like price sensitivity; individual: the line-up that is best for everybody asked."""


def select(scores: ArrayLike, noise: ArrayLike = 0.0) -> NDArray[np.intp]:
    """The design picked when scores are seen with noise: the position of the largest sum along the last axis.

    The pick's true score falls short of the best, and its seen score exceeds its true one: the winner's curse.

    >>> int(select([1.0, 3.0, 2.0])), int(select([1.0, 3.0, 2.0], noise=[0.0, -2.0, 0.0]))
    (1, 2)
    """
    return np.argmax(np.asarray(scores, float) + np.asarray(noise, float), axis=-1)


@dataclass(frozen=True)
class Stakes:
    """What a car sold, and a rival car lost, are worth to platform and maker, in CNY."""

    commission: float
    """share of the price that the platform keeps"""
    selling: float
    """share of the price that the maker pays to all who sell the car, the platform among them"""
    owner_worth_cny: float
    """what an owner is worth to the platform after the sale"""
    definition_share: float
    """of the definition, held by the platform when customisation is deepest"""
    definition_worth_cny: float
    """what the whole definition of a car sold is worth to its maker beside money"""
    platform_margin_cny: Floats
    """(cars,) of the market: what the platform earns on one"""
    maker_margin_cny: Floats
    """(cars,): what the maker earns on one"""
    weeks: float
    """planning horizon from the agreement on"""


@dataclass(frozen=True)
class Menu:
    """Line-ups to bargain over: which design each slot gets, and predicted profits in CNY over the horizon."""

    line_ups: tuple[tuple[int, ...], ...]
    """designs by slot; a line-up shorter than the list of slots leaves the last ones unused"""
    platform_cny: Floats
    maker_cny: Floats
    cars: Floats
    """households that would buy over the horizon"""


def worth(audience: Audience, slot: int, stands: Slot, designs: Designs) -> Floats:
    """Inclusive value of a planned car in every design to every person: (rows, designs)."""
    features = configuration(designs.range_km, designs.fast_charge, designs.intelligence)
    return (
        audience.bare[:, slot, None] + audience.price[:, None] * designs.price_cny / 1e4
        + audience.tastes @ features.T + stands.joy(designs.price_cny)
    )  # fmt: skip


def buying(value: Floats, market: Floats) -> Floats:
    """Probability that each person buys each of the cars offered together, nests of their own: (rows, cars).

    `value` is (rows, cars), `market` (rows,) the ln of everything else that competes.
    """
    total = np.logaddexp(np.logaddexp.reduce(value, axis=1), market)
    return np.exp(value - total[:, None])


def buying_of_one(value: Sequence[float], rivals: Sequence[float], outside: float) -> list[float]:
    """The readable rule behind `buying`: one person, the cars offered together and each rival."""
    everything = sum(math.exp(v) for v in (*value, *rivals, outside))
    return [math.exp(v) / everything for v in value]


def profit_of_one(
    attributes: Mapping[str, float], unit_cost_cny: float, commission: float, selling: float
) -> tuple[float, float]:
    """What platform and maker earn on one car of a design before anything else, in CNY.

    >>> profit_of_one({"price_cny": 80_000.0}, unit_cost_cny=68_000.0, commission=0.04, selling=0.05)
    (3200.0, 8000.0)
    """
    price = attributes["price_cny"]
    return price * commission, price - price * selling - unit_cost_cny


def diverted(audience: Audience) -> Floats:
    """Rivals' shares before the planned cars come: where the buyers of these would come from; (rows, cars)."""
    return np.exp(audience.rivals - audience.market()[:, None])


def predicted(
    audience: Audience, chance_of: Floats, price_cny: Floats, unit_cost_cny: Floats, depth: Floats, lead_weeks: Floats,
    setup_cny: Floats, stakes: Stakes,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Predicted profit of platform and maker and cars sold, of each column of `chance_of` (rows, columns).

    A column sells from its launch to the end of the horizon. Buyers won from other cars cost their margins.
    """
    weeks = np.maximum(stakes.weeks - lead_weeks, 0.0)
    sold = audience.weight @ chance_of * weeks
    lost = (audience.weight[:, None] * diverted(audience)).T @ chance_of * weeks
    platform = sold * (stakes.commission * price_cny + stakes.owner_worth_cny) - stakes.platform_margin_cny @ lost
    given_up = stakes.definition_worth_cny * stakes.definition_share * depth
    earned = (1.0 - stakes.selling) * price_cny - unit_cost_cny - given_up
    maker = sold * earned - stakes.maker_margin_cny @ lost - setup_cny
    return platform, maker, sold


def single_cars(audience: Audience, slot: Slot, designs: Designs, stakes: Stakes, position: int = 0) -> Menu:
    """Every design as a line-up of one car in one slot."""
    value = worth(audience, position, slot, designs)
    market = audience.market()[:, None]
    platform, maker, sold = predicted(
        audience, expit(value - market), designs.price_cny, designs.unit_cost_cny, designs.depth,
        designs.lead_weeks, designs.setup_cny, stakes,
    )  # fmt: skip
    return Menu(tuple((d,) for d in range(len(designs))), platform, maker, sold)


def line_up(
    audience: Audience, slots: Sequence[Slot], designs: Designs, chosen: Sequence[int], stakes: Stakes
) -> tuple[float, float, float]:
    """Predicted profit of platform and maker and cars sold of several variants that compete with each other."""
    pick = np.array(chosen, np.intp)
    value = np.column_stack(
        [worth(audience, k, slots[k], designs)[:, d] for k, d in enumerate(chosen)]
    )  # fmt: skip
    parts = predicted(
        audience, buying(value, audience.market()), designs.price_cny[pick], designs.unit_cost_cny[pick],
        designs.depth[pick], designs.lead_weeks[pick], designs.setup_cny[pick], stakes,
    )  # fmt: skip
    platform, maker, sold = (float(part.sum()) for part in parts)
    return platform, maker, sold
