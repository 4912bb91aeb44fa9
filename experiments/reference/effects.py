"""What each kind of happening does to the reference market, from the moment it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from market import effects
from market import happenings as kinds
from market.calendar import DAYS
from market.people.orders import Anger

if TYPE_CHECKING:
    from experiments.reference.market import ReferenceMarket


def apply(model: ReferenceMarket, event: kinds.Happening) -> None:
    """Let a happening take effect now; a tax cliff has bent the clock already.

    A role that moves and an organisation that leaves are the organisations' own affair.
    """
    catalogue, day_of = model.catalogue, model.case.calendar.day_of
    match event:
        case kinds.PriceChange():
            catalogue.price_cny[catalogue.car_index[event.car]] = event.price_cny
        case kinds.Promotion():
            car = catalogue.car_index[event.car]
            catalogue.promotion_cny[car] += event.discount_cny
            model.agenda.promotions[event.id] = (car, day_of(event.until), event.discount_cny)
        case kinds.Launch():
            car, day = catalogue.car_index[event.car], day_of(event.on)
            catalogue.launch_day[car], catalogue.opens_day[car] = day, min(catalogue.opens_day[car], day)
            listed, begins = model.cars[car], model.companies.opening.demand.memory.begins
            if day < begins[car]:
                listed.begin(day, model.case.media)
                begins[car] = day
            _burst(model, event)
        case kinds.CapacityChange():
            effects.apply(model.companies.opening, event)
        case kinds.RevealedTerm():
            catalogue.disclosed[event.plan] = True
            anger = Anger(event.cancelling, day_of(event.on) / DAYS, event.half_life_weeks)
            model.angers.setdefault(event.plan, []).append(anger)
        case kinds.MediaBurst():
            _burst(model, event)
        case kinds.Failure():
            model.public.begin(event, day_of(event.on))
            if event.severity > 0.0:
                car = catalogue.car_index[event.car]
                model.companies.complaints.firestorms.remember(model.week, car, event.kind)
        case kinds.Answer():
            model.public.answer(event, day_of(event.on))
        case kinds.RoleMove() | kinds.Exit():
            effects.apply(model.companies.opening, event)


def _burst(model: ReferenceMarket, event: kinds.Launch | kinds.MediaBurst) -> None:
    """Media contacts at once, part of them bought, and excitement that makes some decide now."""
    car = model.cars[model.catalogue.car_index[event.car]]
    for place, share in event.mix.items():
        car.tell(
            model.places.index(place), event.contacts * share, model.case.calendar.day_of(event.on), model.case.media
        )
    car.excitement += event.excitement
    model.attention += event.contacts
    model.companies.industry.traffic.campaign(car.position, event.contacts, event.mix)
