"""Design: what a configuration would sell and earn with an audience, and which one four policies pick.

Predicted demand is the closed nested logit of the market's own choice model on the tastes heard: the inclusive value of
a planned car moves with its configuration, and its buyers come from rivals in proportion to the rivals' shares among
people like them - and more than that from cars built on the same base, variants of the car itself among them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.industry.audience import Audience, configuration, inclusive_values
from market.industry.options import Designs, Slot
from market.people.choice import probabilities

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


def worth(
    audience: Audience, slot: int, stands: Slot, designs: Designs, chosen: NDArray[np.intp] | None = None
) -> Floats:
    """Inclusive value of a planned car to every person in every design, or in those `chosen`: (rows, designs)."""
    some: slice | NDArray[np.intp] = slice(None) if chosen is None else chosen
    price = designs.price_cny[some]
    features = configuration(designs.range_km[some], designs.fast_charge[some], designs.intelligence[some])
    return (
        audience.bare[:, slot, None] + audience.price[:, None] * price / 1e4
        + audience.tastes @ features.T + stands.joy(price)
    )  # fmt: skip


class Placed(NamedTuple):
    """A planned car whose design is settled while another is tried."""

    slot: int
    design: int
    value: Floats
    """(rows,): its inclusive value to every person"""


class Contest(NamedTuple):
    """What people choose once planned cars have come, in each trial of one of them (columns).

    Each other car is chosen with probability kin x kin_share + away x away_share: those placed first, then the rivals.
    """

    buys: Floats
    """(rows, columns): probability of the car on trial"""
    kin: Floats
    """(rows, columns): probability of another car built on its base"""
    away: Floats
    """(rows, columns): probability of a car built on another base, or of the outside good"""
    kin_share: Floats
    """(rows, cars): share of each other car among those on the same base"""
    away_share: Floats
    """(rows, cars): share of each other car among all else"""


def contest(audience: Audience, slot: int, value: Floats, placed: Sequence[Placed]) -> Contest:
    """The closed nested logit when a car on trial, at position `slot`, meets those `placed` and all rivals.

    `value` (rows, columns) is what it is worth. Cars built on one base share a nest, and take from each other first.
    """
    from scipy.special import expit, log_expit  # not needed to read a case

    lam, own = audience.dissimilarity, audience.nest[slot]
    others = np.column_stack([*(car.value for car in placed), audience.rivals])
    nests = np.concatenate([audience.nest[[car.slot for car in placed]], audience.rival_nest])
    kin = np.where(nests == own, others, -np.inf)
    away = np.where(nests == own, -np.inf, others)
    kin_value = lam * np.logaddexp.reduce(kin / lam, axis=1)
    by_nest = inclusive_values(away, np.isfinite(away), nests, int(nests.max()) + 1, lam)
    away_value = np.logaddexp(np.logaddexp.reduce(by_nest, axis=1), audience.outside)
    if np.isfinite(kin_value).any():
        lead = (value - kin_value[:, None]) / lam
        in_nest, nest_value = expit(lead), value - lam * log_expit(lead)
        kin_share = probabilities(kin, nests, lam, outside=None)
    else:
        in_nest, nest_value, kin_share = np.ones_like(value), value, np.zeros_like(kin)
    nest = expit(nest_value - away_value[:, None])
    return Contest(
        in_nest * nest, (1.0 - in_nest) * nest, 1.0 - nest,
        kin_share, _shares(away, by_nest[:, nests], away_value, lam),
    )  # fmt: skip


def _shares(value: Floats, nest_value: Floats, all_value: Floats, lam: float) -> Floats:
    """Share of each car among all else: (rows, cars), 0 where it is not considered.

    `value` (rows, cars), `nest_value` the inclusive value of the nest of each, `all_value` (rows,) that of all nests
    and the outside good. Source: McFadden (1978), eq. 17.
    """
    inside = np.where(np.isfinite(nest_value), nest_value, 0.0)
    shares: Floats = np.exp((value - inside) / lam) * np.exp(nest_value - all_value[:, None])
    return shares


def _before(audience: Audience) -> Floats:
    """Share of each rival before any planned car has come: (rows, cars)."""
    lam, nests = audience.dissimilarity, audience.rival_nest
    by_nest = inclusive_values(audience.rivals, np.isfinite(audience.rivals), nests, int(nests.max()) + 1, lam)
    everything = np.logaddexp(np.logaddexp.reduce(by_nest, axis=1), audience.outside)
    return _shares(audience.rivals, by_nest[:, nests], everything, lam)


def buying_of_one(
    value: Sequence[float], nest: Sequence[int], rivals: Sequence[float], rival_nest: Sequence[int], outside: float,
    lam: float,
) -> list[float]:  # fmt: skip
    """The readable rule behind `contest`: one person, the chance to buy each planned car and then each rival."""
    values, nests = [*value, *rivals], [*nest, *rival_nest]
    crowd = {n: sum(math.exp(v / lam) for v, own in zip(values, nests, strict=True) if own == n) for n in set(nests)}
    everything = math.exp(outside) + sum(total**lam for total in crowd.values() if total > 0.0)
    return [
        math.exp(v / lam) * crowd[n] ** (lam - 1.0) / everything if v > -math.inf else 0.0
        for v, n in zip(values, nests, strict=True)
    ]


def profit_of_one(
    attributes: Mapping[str, float], unit_cost_cny: float, commission: float, selling: float
) -> tuple[float, float]:
    """What platform and maker earn on one car of a design before anything else, in CNY.

    >>> profit_of_one({"price_cny": 80_000.0}, unit_cost_cny=68_000.0, commission=0.04, selling=0.05)
    (3200.0, 8000.0)
    """
    price = attributes["price_cny"]
    return price * commission, price - price * selling - unit_cost_cny


def predicted(
    audience: Audience, slot: int, tried: NDArray[np.intp], value: Floats, placed: Sequence[Placed], designs: Designs,
    stakes: Stakes,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Predicted profit of platform and maker and cars sold: three (1 + placed, columns), the car on trial first.

    `tried` (columns,) are its designs, `value` (rows, columns) what they are worth. A car sells from its launch to the
    end of the horizon. Buyers won from rivals cost their margins: planned cars answer for them in proportion to what
    they sell.
    """
    met, weight, number = contest(audience, slot, value, placed), audience.weight, len(placed)
    kin, away = (weight[:, None] * share for share in (met.kin_share, met.away_share))
    chosen = np.vstack([tried, *(np.full_like(tried, car.design) for car in placed)])
    weeks = np.maximum(stakes.weeks - designs.lead_weeks[chosen], 0.0)
    a_week = np.vstack([weight @ met.buys, kin[:, :number].T @ met.kin + away[:, :number].T @ met.away])
    everybody = a_week.sum(axis=0)
    answered = np.divide(a_week, everybody, out=np.zeros_like(a_week), where=everybody > 0.0) * weeks
    before = weight @ _before(audience)

    def lost(margin_cny: Floats) -> Floats:
        kept = (kin[:, number:] @ margin_cny) @ met.kin + (away[:, number:] @ margin_cny) @ met.away
        return answered * (before @ margin_cny - kept)

    sold, price = a_week * weeks, designs.price_cny[chosen]
    platform = sold * (stakes.commission * price + stakes.owner_worth_cny) - lost(stakes.platform_margin_cny)
    given_up = stakes.definition_worth_cny * stakes.definition_share * designs.depth[chosen]
    earned = (1.0 - stakes.selling) * price - designs.unit_cost_cny[chosen] - given_up
    maker = sold * earned - lost(stakes.maker_margin_cny) - designs.setup_cny[chosen]
    return platform, maker, sold


def single_cars(audience: Audience, slot: Slot, designs: Designs, stakes: Stakes, position: int = 0) -> Menu:
    """Every design as a line-up of one car in one slot."""
    value, every = worth(audience, position, slot, designs), np.arange(len(designs))
    platform, maker, sold = predicted(audience, position, every, value, (), designs, stakes)
    return Menu(tuple((d,) for d in range(len(designs))), platform[0], maker[0], sold[0])


def single_car(audience: Audience, slot: Slot, designs: Designs, chosen: int, stakes: Stakes) -> Menu:
    """One design alone as a line-up of one car in the first slot."""
    tried = np.array([chosen], np.intp)
    value = worth(audience, 0, slot, designs, tried)
    platform, maker, sold = predicted(audience, 0, tried, value, (), designs, stakes)
    return Menu(((chosen,),), platform[0], maker[0], sold[0])


def line_up(
    audience: Audience, slots: Sequence[Slot], designs: Designs, chosen: Sequence[int], stakes: Stakes
) -> tuple[float, float, float]:
    """Predicted profit of platform and maker and cars sold of several variants that compete with each other."""
    first, *rest = (worth(audience, k, slots[k], designs, np.array([d])) for k, d in enumerate(chosen))
    placed = [Placed(k, chosen[k], value[:, 0]) for k, value in enumerate(rest, start=1)]
    parts = predicted(audience, 0, np.array(chosen[:1], np.intp), first, placed, designs, stakes)
    platform, maker, sold = (float(part.sum()) for part in parts)
    return platform, maker, sold
