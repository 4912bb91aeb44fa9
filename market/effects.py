"""What each kind of happening does to a market, from the moment it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from market import happenings as kinds
from market.calendar import DAYS
from market.industry.programmes import Redesign, Refusal
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
            market.demand.memory.begin(car, day)
            _burst(market, happening)
        case kinds.CapacityChange():
            car, day = catalogue.car_index[happening.car], calendar.day_of(happening.on)
            market.supply.change_capacity(car, happening.capacity_per_week, day % DAYS / DAYS)
        case kinds.RevealedTerm():
            catalogue.disclosed[happening.plan] = True
            under_plan = catalogue.plan_of == catalogue.plan_index[happening.plan]
            begins = calendar.day_of(happening.on) / DAYS
            market.book.angers.append((under_plan, Anger(happening.cancelling, begins, happening.half_life_weeks)))
        case kinds.MediaBurst():
            _burst(market, happening)
        case kinds.Failure():
            market.opinion.begin(happening, calendar.day_of(happening.on))
            if happening.severity > 0.0:
                market.complaints.firestorms.remember(market.week, catalogue.car_index[happening.car], happening.kind)
        case kinds.Answer():
            _answer(market, happening)
        case kinds.RoleMove():
            _move_role(market, happening)
        case kinds.Exit():
            _leave(market, happening)


def _answer(market: Market, answer: kinds.Answer) -> None:
    """An answer is heard, its remedy paid while budgets last, and orders concerned set free."""
    story, day = market.opinion.find(answer.to), market.case.calendar.day_of(answer.on)
    if story is None:
        return
    car = list(market.catalogue.cars)[story.car]
    concerned = market.judgement.weight(market.opinion.concerned(story)).sum()
    if answer.refund:
        market.judgement.live_until(market.opinion.concerned(story), day)
    accounts = market.industry.accounts
    payers = accounts.liable(story.car, float(day), answer.by)
    paid = accounts.remedy(market.week, car, float(concerned), answer.remedy_cny, answer.by)
    if answer.refund:
        market.book.refunded[market.judgement.offers_of(story)] = market.week
    market.opinion.answer(answer, day, paid, payers)


def _move_role(market: Market, move: kinds.RoleMove) -> None:
    """A role moves: to the taker at a price, with friction until it is learned; of nothing, nothing."""
    day = market.case.calendar.day_of(move.on)
    if market.industry.transitions.move(market.catalogue.roles, move, day) == 0.0:
        return
    market.industry.accounts.role_moved(market.week, move)
    market.partnership.look()
    market.events.note(day, move.car, move.function, "decision", [move.giver, move.taker])


def _leave(market: Market, leaving: kinds.Exit) -> None:
    """An organisation leaves a car; the heir takes over, and pays for what is still owed when liability ends."""
    day = market.case.calendar.day_of(leaving.on)
    market.industry.transitions.leave(market.catalogue.roles, leaving.car, leaving.leaver, leaving.heir, day)
    market.industry.accounts.left(market.week, leaving.car, leaving.leaver, leaving.heir)
    market.partnership.look()
    market.catalogue.close_channels(leaving.car, leaving.leaver)
    market.events.note(day, leaving.car, "exit", "exit", [leaving.leaver])


def chronicle_bargain(market: Market, bargain: Redesign | Refusal, day: int) -> None:
    """Write down what organisations agreed on, or that they did not."""
    if isinstance(bargain, Refusal):
        partners = [key for key in (bargain.platform, bargain.maker) if key is not None]
        market.events.note(day, "", bargain.programme, "refusal", partners)
    else:
        car = list(market.catalogue.cars)[bargain.car]
        market.events.note(day, car, bargain.programme, "bargain", [bargain.platform, bargain.maker])


def announce_tax_cliffs(market: Market) -> None:
    """Bend market time around the tax cliffs of the case, each from the day it is announced."""
    for happening in market.agenda.happenings:
        if isinstance(happening, kinds.TaxCliff):
            announce_tax_cliff(market, happening)


def announce_tax_cliff(market: Market, happening: kinds.TaxCliff, today: int | None = None) -> None:
    """Bend market time around a tax cliff; days before `today` or before it is announced stay as they are."""
    calendar = market.case.calendar
    announced = None if happening.announced is None else calendar.day_of(happening.announced)
    known_on = max((at for at in (today, announced) if at is not None), default=None)
    day = calendar.day_of(happening.on)
    market.clock.pull_forward(day, happening.pull_forward_weeks, happening.pull_forward_share, known_on)


def _burst(market: Market, happening: kinds.Launch | kinds.MediaBurst) -> None:
    car = market.catalogue.car_index[happening.car]
    day = market.case.calendar.day_of(happening.on)
    market.demand.memory.burst(car, happening.contacts, happening.mix, happening.excitement, day)
    market.attention += happening.contacts
    market.industry.traffic.campaign(car, happening.contacts, happening.mix)
