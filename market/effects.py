"""What each kind of happening does to a market, from the moment it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from market import happenings as kinds
from market.calendar import DAYS
from market.people.orders import Anger

if TYPE_CHECKING:
    from market.market import Market


def apply(market: Market, happening: kinds.Happening) -> None:
    """Let a happening take effect now. A tax cliff acts earlier, when it becomes known: `announce_tax_cliff`."""
    catalogue, calendar = market.catalogue, market.case.calendar
    match happening:
        case kinds.PriceChange():
            catalogue.price_cny[catalogue.car_index[happening.car]] = happening.price_cny
        case kinds.Promotion():
            car = catalogue.car_index[happening.car]
            catalogue.promotion_cny[car] += happening.discount_cny
            market.agenda.promotions[happening.id] = (car, calendar.day_of(happening.until), happening.discount_cny)
        case kinds.Launch():
            car, day = catalogue.car_index[happening.car], calendar.day_of(happening.on)
            catalogue.launch_day[car] = day
            catalogue.opens_day[car] = min(catalogue.opens_day[car], day)
            market.demand.memory.begins[car] = min(market.demand.memory.begins[car], day)
            _burst(market, happening)
        case kinds.CapacityChange():
            market.supply.capacity[catalogue.car_index[happening.car]] = happening.capacity_per_week
        case kinds.RevealedTerm():
            catalogue.disclosed[happening.plan] = True
            under_plan = catalogue.plan_of == catalogue.plan_index[happening.plan]
            begins = calendar.day_of(happening.on) / DAYS
            market.book.angers.append((under_plan, Anger(happening.cancelling, begins, happening.half_life_weeks)))
        case kinds.MediaBurst():
            _burst(market, happening)


def announce_tax_cliffs(market: Market) -> None:
    """Bend market time around the tax cliffs of the case, each from the day it is announced."""
    for happening in market.agenda.happenings:
        if isinstance(happening, kinds.TaxCliff):
            announce_tax_cliff(market, happening)


def announce_tax_cliff(market: Market, happening: kinds.TaxCliff, today: int = 0) -> None:
    """Bend market time around a tax cliff; days before `today` or before it is announced stay as they are."""
    calendar = market.case.calendar
    known_on = max(today, calendar.day_of(happening.announced) if happening.announced else 0)
    day = calendar.day_of(happening.on)
    market.clock.pull_forward(day, happening.pull_forward_weeks, happening.pull_forward_share, known_on)


def _burst(market: Market, happening: kinds.Launch | kinds.MediaBurst) -> None:
    car = market.catalogue.car_index[happening.car]
    market.demand.memory.burst(car, happening.contacts, happening.mix, happening.excitement)
    market.attention += happening.contacts
