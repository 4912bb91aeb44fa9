"""Bargaining: platform and maker agree on a design and a transfer, or do not.

Asymmetric Nash bargaining (Nash 1950; Harsanyi & Selten 1972): of all designs and transfers, the pair that maximises
(platform's gain) ** weight x (maker's gain) ** (1 - weight), gains counted from what each would have without the deal.
Idle lines, traffic and other partners count only there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value
from market.industry.design import select

Floats = NDArray[np.float64]


class Terms(Section):
    """What platform and maker bargain about, and with which strength."""

    platform_weight: Share = value(
        0.5, unit="weight", meaning="bargaining weight of the platform; 1: it takes the whole surplus"
    )
    commission: Share = value(0.05, unit="share of the price", meaning="kept of each sale by who sells")
    owner_worth_cny: float = value(
        3_000.0, unit="CNY", meaning="what an owner is worth after the sale to who holds the data", ge=0.0, le=1e6
    )
    definition_share: Share = value(
        0.6, unit="share", meaning="definition held by the platform when customisation is deepest; 0: none ever"
    )
    definition_worth_cny: float = value(
        1_000.0, unit="CNY a car", meaning="worth to a maker of holding all of the definition, beside money; 0: none",
        ge=0.0, le=1e6,
    )  # fmt: skip
    transfer_limit_cny: float = value(
        10_000.0, unit="CNY a car", meaning="largest transfer between the two per car sold, either way; 0: none",
        ge=0.0, le=1e6,
    )  # fmt: skip
    traffic_threat: Share = value(
        0.2, unit="share", meaning="part of its orders through the platform that a maker loses by refusing; 0: none"
    )
    switching_cny: float = value(
        30e6,
        unit="CNY",
        meaning="cost of the next car with another maker, without modularity; 0: none",
        ge=0.0,
        le=1e11,
    )


class Settlement(NamedTuple):
    """What two parties agree on: a position in the menu, the money the maker pays the platform, and what each gets."""

    design: int
    transfer_cny: float
    platform_cny: float
    maker_cny: float


def nash_bargain(
    platform: ArrayLike, maker: ArrayLike, disagreement: tuple[float, float] = (0.0, 0.0), weight: float = 0.5,
    limit: ArrayLike = np.inf,
) -> Settlement | None:  # fmt: skip
    """The Nash solution over designs and transfers; None where no design leaves both at least where they were.

    `platform` and `maker` are profits of each design in CNY before the transfer, `disagreement` what each has without
    a deal, `limit` the largest transfer either way (scalar or by design). Where the limit does not bind, the
    solution is the design of the largest joint profit, its surplus shared by weight.

    >>> nash_bargain([60.0, 30.0], [40.0, 50.0], disagreement=(20.0, 30.0))
    Settlement(design=0, transfer_cny=-15.0, platform_cny=45.0, maker_cny=55.0)
    >>> nash_bargain([60.0, 30.0], [40.0, 50.0], disagreement=(20.0, 30.0), limit=0.0).design
    0
    >>> nash_bargain([1.0], [1.0], disagreement=(2.0, 1.0)) is None
    True
    """
    gain_of_platform = np.asarray(platform, float) - disagreement[0]
    gain_of_maker = np.asarray(maker, float) - disagreement[1]
    surplus = gain_of_platform + gain_of_maker
    # Within the limit, and leaving neither below its disagreement: transfers from -gain of platform to gain of maker.
    lowest = np.maximum(-gain_of_platform, -np.asarray(limit, float))
    highest = np.minimum(gain_of_maker, np.asarray(limit, float))
    possible = (lowest <= highest) & (surplus >= 0.0)
    if not possible.any():
        return None
    transfer = np.clip(weight * surplus - gain_of_platform, lowest, np.maximum(highest, lowest))
    best = int(
        select(np.where(possible, _log_product(gain_of_platform + transfer, gain_of_maker - transfer, weight), -np.inf))
    )
    paid = float(transfer[best])
    return Settlement(
        best, paid, disagreement[0] + float(gain_of_platform[best]) + paid,
        disagreement[1] + float(gain_of_maker[best]) - paid,
    )  # fmt: skip


def _log_product(platform: Floats, maker: Floats, weight: float) -> Floats:
    """ln of the Nash product, with 0 ** 0 = 1; products of 0 are kept apart from the impossible."""
    tiny = np.finfo(float).tiny
    parts = [
        w * np.log(np.maximum(gain, tiny)) if w > 0.0 else np.zeros_like(gain)
        for w, gain in ((weight, platform), (1.0 - weight, maker))
    ]
    total: Floats = parts[0] + parts[1]
    return total


def stands_still(
    cars_wanted: float, idle_cars: float, margin_cny: float, traffic_orders: float, threat: float
) -> float:
    """What a maker has without the deal, in CNY: the cars that the deal would push off its line, less lost traffic.

    A line with enough idle capacity gives nothing up; a maker whose orders come through the platform has more to lose.

    >>> stands_still(cars_wanted=100.0, idle_cars=60.0, margin_cny=10.0, traffic_orders=50.0, threat=0.2)
    300.0
    """
    return margin_cny * (max(cars_wanted - idle_cars, 0.0) - threat * traffic_orders)


class Pair(NamedTuple):
    """A platform and a maker, by position."""

    platform: int
    maker: int


def partners(joint: ArrayLike, platform_alone: ArrayLike, maker_alone: ArrayLike) -> Pair | None:
    """Who bargains with whom over one car: the pair with the largest surplus; None where none is above 0.

    `joint` is (platforms, makers), the best joint profit of each pair in CNY; `platform_alone` and `maker_alone`
    what each pair's members have without any deal, of the same shape.
    """
    surplus = np.asarray(joint, float) - np.asarray(platform_alone, float) - np.asarray(maker_alone, float)
    if surplus.size == 0 or surplus.max() <= 0.0:
        return None
    best = int(select(surplus.ravel()))
    return Pair(*divmod(best, surplus.shape[1]))


def outside_options(
    pair: Pair, payoff: Mapping[Pair, tuple[float, float]], alone: tuple[float, float]
) -> tuple[float, float]:
    """Disagreement profits of a pair: the best that each could have alone or with another partner.

    `payoff` is what platform and maker of each pair would get if nobody else were there; other pairs that share
    one member are that member's alternatives.
    """
    platform = max(
        (p[0] for other, p in payoff.items() if other.platform == pair.platform and other != pair), default=-np.inf
    )
    maker = max((p[1] for other, p in payoff.items() if other.maker == pair.maker and other != pair), default=-np.inf)
    return max(alone[0], platform), max(alone[1], maker)
