"""Negotiation: every platform and maker who could bring a car to market, and whom it is agreed with.

Each pair asks an audience, draws up a menu of line-ups and predicts profits; the pair with the largest surplus
bargains, each side with its next best partner in mind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.chance import Chance
from market.industry import audience as listening
from market.industry import bargaining, design, line_ups
from market.industry.audience import Audience
from market.industry.bargaining import Pair, Settlement
from market.industry.design import Menu, Stakes
from market.industry.options import Designs, Slot, Technology, enumerate_designs, slot_of
from market.industry.programmes import Approach
from market.people.demand import Demand

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Facts:
    """What the market tells its organisations at the start of a week: arrays over cars unless said otherwise."""

    week: int
    day: int
    """first day of the week"""
    demand: Demand
    household: Floats
    """(strata,) households that one consumer stands for"""
    choosers_per_week: float
    """households that choose a car in a week"""
    orders: Floats
    """(offers,) households, in the week gone by"""
    deliveries: Floats
    """households, in the week gone by"""
    built: Floats
    """cars, in the week gone by"""
    capacity: Floats
    """cars a week"""


@dataclass(frozen=True)
class Situation:
    """What parties know beside an audience: a mean week of the last quarter, and what is common to all negotiations."""

    facts: Facts
    orders: Floats
    """(offers,) households a week"""
    built: Floats
    """(cars,) a week"""
    data: Mapping[str, float]
    """owners known since the start of the run, by platform"""
    platforms: Sequence[str]
    """all platforms of the case, in alphabetical order"""
    technology: Technology
    unit_cost_share: float
    known_maker: str | None = None
    """partner of the programme before; another one costs a switch"""


@dataclass(frozen=True)
class Offer:
    """What one pair could do together."""

    slots: tuple[Slot, ...]
    designs: Designs
    menu: Menu
    alone_cny: tuple[float, float]
    """what platform and maker have without any deal"""


@dataclass(frozen=True)
class Deal:
    """What one pair agreed on, or (without a settlement) could not."""

    platform: str
    maker: str
    offer: Offer
    settlement: Settlement | None

    @property
    def position(self) -> int:
        """The line-up of the menu that was agreed, or would have earned most jointly."""
        if self.settlement is not None:
            return self.settlement.design
        return int(design.select(self.offer.menu.platform_cny + self.offer.menu.maker_cny))


def negotiate(
    chance: Chance, word: str, approach: Approach, platforms: Sequence[str], cars: Sequence[int], situation: Situation
) -> Deal | None:
    """The deal over some cars: between the platform and the maker with the largest surplus.

    `cars` are positions in the catalogue; the makers of these cars are the candidates. `word` names the luck of this
    negotiation; it goes with the car, so that calling organisations otherwise changes nothing. None: no pair could gain
    anything, so nobody sat down.
    """
    catalogue = situation.facts.demand.catalogue
    maker_of = [car.maker for car in catalogue.cars.values()]
    makers, bidders = sorted({maker_of[c] for c in cars}), sorted(set(platforms))
    offers: dict[Pair, Offer] = {}
    payoff: dict[Pair, tuple[float, float]] = {}
    shape = (len(bidders), len(makers))
    joint, alone = np.full(shape, -np.inf), np.zeros((2, *shape))
    for p, platform in enumerate(bidders):
        for m, maker in enumerate(makers):
            own = sorted(c for c in cars if maker_of[c] == maker)
            luck = f"{word} {list(catalogue.cars)[own[0]]}"
            offer = draw_up(chance, luck, approach, platform, maker, own, situation)
            pair = Pair(p, m)
            offers[pair] = offer
            joint[pair] = (offer.menu.platform_cny + offer.menu.maker_cny).max()
            alone[:, p, m] = offer.alone_cny
            if (settled := _bargain(approach, offer, offer.alone_cny)) is not None:
                payoff[pair] = settled.platform_cny, settled.maker_cny
    chosen = bargaining.partners(joint, *alone)
    if chosen is None:
        return None
    offer = offers[chosen]
    settlement = _bargain(approach, offer, bargaining.outside_options(chosen, payoff, offer.alone_cny))
    return Deal(bidders[chosen.platform], makers[chosen.maker], offer, settlement)


def _bargain(approach: Approach, offer: Offer, disagreement: tuple[float, float]) -> Settlement | None:
    menu, terms = offer.menu, approach.terms
    limit = terms.transfer_limit_cny * menu.cars
    return bargaining.nash_bargain(menu.platform_cny, menu.maker_cny, disagreement, terms.platform_weight, limit)


def draw_up(
    chance: Chance, word: str, approach: Approach, platform: str, maker: str, cars: Sequence[int], situation: Situation
) -> Offer:
    """What a platform would propose to a maker for its cars, and what both have without it."""
    facts, hearing = situation.facts, approach.hearing
    catalogue = facts.demand.catalogue
    slots = tuple(slot_of(catalogue, car, facts.day) for car in cars)
    owners = hearing.owners_at_start + situation.data.get(platform, 0.0)
    left = listening.shrinking(owners, hearing.owners_known)
    people = _ask(chance, word, approach, platform, slots, situation, left)
    designs = enumerate_designs(slots[0], approach.options, situation.technology, situation.unit_cost_share)
    stakes = stakes_of(approach, catalogue, platform, maker, slots[0], situation.unit_cost_share)
    luck = chance.normal("designs", designs.luck, word).astype(float) * hearing.score_noise * left
    menu = line_ups.menu(approach.policy, people, slots, designs, stakes, luck)
    if situation.known_maker not in (None, maker):
        cost = approach.terms.switching_cny * (1.0 - situation.technology.modularity)
        menu = replace(menu, platform_cny=menu.platform_cny - cost)
    alone = np.array([0.0, _alone(approach, platform, maker, slots, menu, stakes, situation)])
    if slots[0].wait_weeks is None:
        now = _standing(people, slots[0], designs, stakes)
        lead = np.array([max(designs.lead_weeks[d] for d in cars) for cars in menu.line_ups])
        until = np.minimum(lead / stakes.weeks, 1.0)
        menu = replace(
            menu, platform_cny=menu.platform_cny + now[0] * until, maker_cny=menu.maker_cny + now[1] * until
        )  # fmt: skip
        alone += now
    return Offer(slots, designs, menu, (float(alone[0]), float(alone[1])))


def _ask(
    chance: Chance, word: str, approach: Approach, platform: str, slots: Sequence[Slot], situation: Situation,
    left: float,
) -> Audience:  # fmt: skip
    """The audience of a platform, heard with what its data leave of the noise."""
    facts, hearing = situation.facts, approach.hearing
    use = listening.loudness(facts.demand, situation.platforms.index(platform), hearing.bias)
    rows = listening.audience_sample(chance, word, use, hearing.sample)
    noise = chance.normal("answers", rows[:, None], word, np.arange(len(listening.HEARD)))
    household = facts.household[facts.demand.population.columns["stratum"][rows]]
    return listening.hear(
        facts.demand, rows, household, facts.choosers_per_week, slots,
        listening.stated_price_share(hearing.stated_price, left), noise * hearing.person_noise * left,
    )  # fmt: skip


def stakes_of(
    approach: Approach, catalogue: Catalogue, platform: str, maker: str, slot: Slot, unit_cost_share: float
) -> Stakes:
    """What cars sold and lost mean to a pair: the maker earns on its own cars, the platform where it sells.

    The platform earns commission on what it sells, and later on owners whose data it holds; the maker pays commission
    on all that others sell.
    """
    price, terms = catalogue.price_cny - catalogue.promotion_cny, approach.terms
    owned = np.array([car.maker == maker for car in catalogue.cars.values()])
    sells, knows = (_held(catalogue, function, platform) for function in ("sales", "data"))
    commission, paid = terms.commission * sells, terms.commission * (1.0 - _held(catalogue, "sales", maker))
    if "sales" not in catalogue.functions:
        paid = np.zeros(len(price))
    return Stakes(
        commission=float(commission[slot.car]), selling=float(paid[slot.car]),
        owner_worth_cny=terms.owner_worth_cny * float(knows[slot.car]),
        definition_share=terms.definition_share, definition_worth_cny=terms.definition_worth_cny,
        platform_margin_cny=commission * price,
        maker_margin_cny=np.where(owned, (1.0 - unit_cost_share - paid) * price, 0.0),
        weeks=approach.planning_weeks,
    )  # fmt: skip


def _held(catalogue: Catalogue, function: str, organisation: str) -> Floats:
    """Share of a function of each car that an organisation holds, (cars,): 0 where the case has no such function."""
    if function not in catalogue.functions:
        return np.zeros(len(catalogue.cars))
    held: Floats = catalogue.roles[:, catalogue.functions.index(function), catalogue.organisations.index(organisation)]
    return held


def _alone(
    approach: Approach, platform: str, maker: str, slots: Sequence[Slot], menu: Menu, stakes: Stakes,
    situation: Situation,
) -> float:  # fmt: skip
    """What the maker has without the deal, beside what it sells anyway; see `bargaining.stands_still`."""
    catalogue, facts = situation.facts.demand.catalogue, situation.facts
    cars = list(catalogue.cars)
    line = np.array([catalogue.car_index[car.base_car or key] for key, car in catalogue.cars.items()])
    lines = np.unique(line[[slot.car for slot in slots]])
    on_them = np.isin(line, lines) & catalogue.launched(facts.day)
    idle = float(np.maximum(facts.capacity[lines] - np.bincount(line, situation.built, len(cars))[lines], 0.0).sum())
    margin = float(stakes.maker_margin_cny[on_them].mean()) if on_them.any() else 0.0
    ours = np.array([car.maker == maker for car in catalogue.cars.values()])[catalogue.car_of]
    through = np.array([channel.platform == platform for channel in catalogue.channels.values()])[catalogue.channel_of]
    orders = float(situation.orders[ours & through].sum()) * stakes.weeks
    if slots[0].wait_weeks is None:
        idle = np.inf  # cars that are on sale already are built anyway
    wanted = float(menu.cars[design.select(menu.platform_cny + menu.maker_cny)])
    return bargaining.stands_still(wanted, idle * stakes.weeks, margin, orders, approach.terms.traffic_threat)


def _standing(people: Audience, slot: Slot, designs: Designs, stakes: Stakes) -> Floats:
    """What platform and maker would earn over the horizon on a car that stays as it is: (2,)."""
    now = replace(designs, lead_weeks=np.zeros(len(designs)))
    menu = design.single_car(people, slot, now, designs.as_planned(), stakes)
    return np.array([menu.platform_cny[0], menu.maker_cny[0]])
