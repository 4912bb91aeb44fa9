"""A market on its first day: who lives where, and a week 0 that is stationary, as after a long quiet run.

Needs are spread evenly over market time from `history_weeks` before the start to the end of the horizon, so those
whose need arose before the start are found wherever a quiet market would have brought them by now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Round
from market.case import Case
from market.chance import Chance
from market.people import choice, consumers, network, sampling
from market.people.awareness import MediaMemory
from market.people.consumers import Consumer
from market.people.demand import Demand
from market.people.network import Network
from market.people.orders import SEARCHING
from market.people.population import Population
from market.people.profiles import Profiles
from market.people.trends import Trends

if TYPE_CHECKING:
    from market.market import Market

SAMPLE = 2_048
"""Consumers whose expected choices say what households of their stratum drive, whatever the size of the population."""


def draw_places(case: Case, chance: Chance, profiles: Profiles) -> dict[str, NDArray[np.int8]]:
    """Stratum, profile and city tier of every consumer; tiers run along the ring of acquaintances."""
    section, ties, n = case.population, case.acquaintances, case.population.consumers
    tiers = list(section.by_tier().values())
    persistence = network.persistence_for(ties.homophily, tiers, ties.degree, ties.rewiring)
    return {
        "stratum": consumers.assign(chance, "stratum", n, sampling.sampling_shares(section.strata)),
        "profile": _profiles(case, chance, profiles),
        "tier": network.tiers_along_the_ring(chance, n, tiers, persistence),
    }


def households_behind(
    case: Case, place: dict[str, NDArray[np.int8]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Households that a consumer of each stratum stands for, (strata,), and those of each profile, (profiles,)."""
    drawn = np.bincount(place["stratum"], minlength=len(case.population.strata))
    household = sampling.weights_by_stratum(case.population, case.calendar.weeks, drawn)
    return household, np.bincount(place["profile"], household[place["stratum"]], len(case.profiles)).astype(float)


def _profiles(case: Case, chance: Chance, profiles: Profiles) -> NDArray[np.int8]:
    """The profile of every consumer; where the young enter, it depends on when the need arises."""
    trends, n = Trends(case.profiles, case.platforms), case.population.consumers
    if not trends.entry_per_year.any():
        return consumers.assign(chance, "profile", n, profiles.shares)
    profile = np.empty(n, np.int8)
    for rows in consumers.in_blocks(n):
        profile[rows] = trends.profile_at_need(chance, rows, first_need(case, chance, rows))
    return profile


def first_need(case: Case, chance: Chance, rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """When the first need of some consumers arises, in market time: evenly over the whole span."""
    section = case.population
    span = section.history_weeks + max(section.horizon_weeks, case.calendar.weeks)
    return np.float32(span) * chance.uniform("need", rows) - np.float32(section.history_weeks)


def demand_of(market: Market) -> Demand:
    """Everything a choice depends on: the consumers, their ties, what media have told and who can swap where."""
    case, chance, catalogue = market.case, market.chance, market.catalogue
    section, cars = case.population, catalogue.cars
    operators = sorted({c.swap_operator for c in cars.values() if c.swap and c.swap_operator})
    coverage = [[case.organisations[o].swap_coverage.get(t, 0.0) for o in operators] for t in section.by_tier()]
    said = [car.exposure.begins for car in cars.values()]
    begins = [case.calendar.day_of(on) if on else opens for on, opens in zip(said, catalogue.opens_day, strict=True)]
    return Demand(
        chance, market.consumers, market.profiles, catalogue, case.choice, case.media,
        MediaMemory(case.media, cars, case.platforms, np.array(begins, np.int64)),
        *network.build(chance, case.acquaintances, section.consumers),
        np.array([stratum.budget_cny for stratum in sampling.in_order(section.strata)], np.float32),
        np.array(coverage, np.float32).reshape(len(section.tiers), len(operators)), market.trust, case.aftersales,
        case.orders.grievance_half_life_weeks, np.full(len(cars), -1, np.intp),
    )  # fmt: skip


def open_market(market: Market) -> None:
    """Fill needs, fleet, search pool and waiting list of a market that has just been built."""
    section, column = market.case.population, market.consumers.columns
    for rows in consumers.in_blocks(section.consumers):
        column["due"][rows] = first_need(market.case, market.chance, rows)
    early = np.flatnonzero(column["due"] < 0)
    shares = fleet_shares(market)
    _fill_fleet(market, shares)
    market.search.begin(early)
    decided = early[column["due"][early] <= 0]
    waits = [c.reservation_weeks + c.lock_weeks for c in market.case.channels.values()]
    again = 2.0 * market.case.orders.second_search_weeks
    longest_path = float(market.supply.lead_weeks.max() + max(waits) + again)
    recent = column["due"][decided] > -longest_path
    _settle_long_ago(market, decided[~recent], shares)
    _place_recent(market, decided[recent])


def _fill_fleet(market: Market, shares: NDArray[np.float64]) -> None:
    """What households drive: a share of them one of the listed cars, of an age drawn evenly."""
    section, column, chance = market.case.population, market.consumers.columns, market.chance
    age = market.case.ownership.replacement_weeks
    for rows in consumers.in_blocks(section.consumers):
        owns = rows[chance.bernoulli("owner", rows, section.owners_share)]
        _drive(market, owns, shares, -np.minimum(age * chance.uniform("age of car", owns), 32_000.0))
    column["driven"][:] = -1


def _drive(market: Market, rows: NDArray[np.intp], shares: NDArray[np.float64], since: NDArray[np.floating]) -> None:
    """Give some households a listed car in proportion to the shares of their stratum, or none."""
    column = market.consumers.columns
    luck = market.chance.uniform("first car", rows)
    stratum = column["stratum"][rows]
    car = np.full(len(rows), -1, np.int16)
    for s, edges in enumerate(np.cumsum(shares, axis=1)):
        here = stratum == s
        car[here] = np.searchsorted(edges, luck[here], side="right")
    car[car == shares.shape[1]] = -1
    column["car"][rows] = car
    column["car_week"][rows] = np.floor(since).astype(np.int16) - 1


def fleet_shares(market: Market) -> NDArray[np.float64]:
    """Expected shares of the cars on sale in week 0 by stratum: (strata, cars); the rest is the outside good.

    They are those of a sample of fixed size who know nobody, so that one consumer more changes nobody's first car.
    """
    section, catalogue = market.case.population, market.catalogue
    place: dict[str, Any] = {
        "stratum": consumers.assign(market.chance, "stratum", SAMPLE, sampling.sampling_shares(section.strata)),
        "profile": consumers.assign(market.chance, "profile", SAMPLE, market.profiles.shares),
        "tier": consumers.assign(
            market.chance, "tier of the sample", SAMPLE, np.array(list(section.by_tier().values()))
        ),
    }
    sample = Population(market, Consumer, SAMPLE, **place)
    nobody = Network.directed(SAMPLE, [], [])
    demand = replace(market.demand, population=sample, acquaintances=nobody, followees=nobody)
    demand.lay_out(market.appeal[0], market.promised_weeks, 0)
    shares = np.zeros((len(section.strata), len(catalogue.cars)))
    for s in range(len(shares)):
        some = np.flatnonzero(place["stratum"] == s)
        if len(some):
            offers = demand.expected_shares(some, np.ones(len(some)))[:-1]
            shares[s] = np.bincount(catalogue.car_of, offers, len(catalogue.cars))
    return shares


def _settle_long_ago(market: Market, rows: NDArray[np.intp], shares: NDArray[np.float64]) -> None:
    """Those whose car was delivered before the start."""
    column = market.consumers.columns
    bought = column["due"][rows].astype(float)
    _drive(market, rows, shares, bought)
    market.book.settle(rows, bought)


def _place_recent(market: Market, rows: NDArray[np.intp]) -> None:
    """Those who decided a few weeks ago choose as anybody does; many of them still wait, some already look again."""
    column, book, launched = market.consumers.columns, market.book, market.catalogue.launched(0)
    history = market.case.population.history_weeks
    before = Round(week=-1, first_day=-history * DAYS, days=history * DAYS, market_time=0.0)
    unlimited = np.full(len(launched), np.inf)
    record, book.record = book.record, lambda *_: None
    while len(rows):
        at = column["due"][rows]
        order = np.lexsort((rows, at))
        rows, at = rows[order], at[order]
        decisions = market.demand.choose(rows)
        column["due"][rows] = consumers.NEVER
        outside = decisions.offer == choice.OUTSIDE
        column["car"][rows[outside]] = -1
        book.settle(rows[outside], at[outside].astype(float))
        stay = ~outside
        book.enter(
            rows[stay], decisions.offer[stay], decisions.margin[stay], at[stay],
            market.promised_weeks.astype(np.float32), market.demand.offers.price_cny, launched,
        )  # fmt: skip
        for _ in range(2):  # from the reservation to the deposit, from the deposit to the lock
            book.move_on(before, unlimited, launched)
        book.reconsider(before, book.handovers(before, unlimited, unlimited, market.supply.lead_weeks, launched))
        rows = rows[(column["stage"][rows] == SEARCHING) & (column["due"][rows] <= 0)]
    handover = book.handovers(before, unlimited, unlimited, market.supply.lead_weeks, launched)
    book.hand_over(handover, len(launched))
    waiting = book.waiting
    book.waiting = waiting[np.lexsort((waiting, column["since"][waiting]))]
    book.record = record
    waiting = book.ordered()
    channel = market.catalogue.channel_of[column["offer"][waiting]]
    households = np.bincount(channel, book.weight(waiting), len(market.catalogue.channels))
    market.ledger.deposits_at_opening[:] = households * market.ledger.deposit_cny
    offers = np.bincount(column["offer"][waiting], book.weight(waiting), len(market.catalogue.offers))
    market.industry.accounts.open_deposits(offers)
    market.owners.open()
