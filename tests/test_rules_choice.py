"""Offers, utility, shocks and the best of them: what holds for one holds for all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from two_forms import SEEDS, SUMMED, agree, rows_and_spells, small_market

from experiments.reference.cars import ListedCar, deals, look_at_queues, open_deals
from experiments.reference.rules import wander_of_one
from market import Case, Market
from market.cars import Drift
from market.chance import Chance, word
from market.people import choice, demand
from market.people.aftersales import PLATFORM
from market.people.loyalty import platform_pull_of_one
from market.people.sampling import budget_of_one, in_order
from market.people.utility import utility_of_one


@pytest.fixture(scope="module")
def built() -> Market:
    """A small market in its week 0."""
    return small_market()


def random_offers(market: Market, states: np.random.Generator) -> list[ListedCar]:
    """Prices, discounts, appeal, queues and dates drawn at random, in the columns and as plain objects."""
    catalogue, supply = market.catalogue, market.supply
    n = len(catalogue.cars)
    cars = [ListedCar(market, position, key) for position, key in enumerate(catalogue.cars)]
    catalogue.price_cny[:] = states.uniform(4e4, 3e5, n)
    catalogue.promotion_cny[:] = states.choice([0.0, 5_000.0, 20_000.0], n)
    catalogue.opens_day[:], catalogue.launch_day[:] = states.integers(-50, 60, (2, n))
    catalogue.closes_day[:] = states.integers(0, 200, n)
    catalogue.disclosed = {plan: bool(states.integers(2)) for plan in catalogue.plans}
    supply.stock[:] = states.choice([0.0, 1_000.0, 30_000.0], n)
    supply.capacity[:] = states.choice([0.0, 500.0, 9_000.0], n)
    for i, car in enumerate(cars):
        car.price_cny, car.discount_cny = float(catalogue.price_cny[i]), float(catalogue.promotion_cny[i])
        car.opens_day, car.closes_day = int(catalogue.opens_day[i]), int(catalogue.closes_day[i])
        car.launch_day = int(catalogue.launch_day[i])
        car.stock, car.capacity = float(supply.stock[i]), float(supply.capacity[i])
        car.appeal = [float(states.normal())]
    return cars


@pytest.mark.parametrize("seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.slow) for seed in SEEDS[1:])])
@pytest.mark.parametrize("name", Case.bundled())
def test_utility_of_one_offer_to_one_consumer_is_that_of_the_table(name: str, seed: int) -> None:
    """Tastes times attributes, appeal, promise, channel, company, loyalties and the cap of a disclosed plan.

    The table adds up to a hundred utils of either sign in float32, so it keeps some five decimals.
    """
    states = np.random.default_rng(seed)
    market = Market(Case.load(name).change({"population.consumers": 300}), rng=seed)
    cars, catalogue, demand, case = random_offers(market, states), market.catalogue, market.demand, market.case
    backlog = states.choice([0.0, 900.0, 50_000.0], len(cars))
    look_at_queues(cars, backlog.tolist())
    for car in cars:
        car.announce(day=30)
    until_launch = np.where(catalogue.launch_day > 30, catalogue.launch_day - 28, 0) / 7
    wait = market.supply.promised_weeks(backlog, -until_launch)
    np.testing.assert_allclose(wait, [car.promised_weeks for car in cars], rtol=1e-12)
    demand.lay_out(np.array([car.appeal[0] for car in cars]), wait, day=30)
    column = market.consumers.columns
    column["satisfaction"][:] = states.normal(size=300)
    rows, company = np.arange(300), states.uniform(size=(300, len(cars))).astype(np.float32)
    many = demand.utilities(rows, company)
    listed = deals(case, catalogue, cars, {plan for plan, is_known in catalogue.disclosed.items() if is_known}, week=0)
    np.testing.assert_allclose(demand.offers.price_cny, [deal.price_cny for deal in listed], rtol=1e-12)
    closed = set(np.flatnonzero(catalogue.closed).tolist())
    on_offer = {deal.offer for some in open_deals(listed, 30, closed).values() for deal in some}
    assert on_offer == set(np.flatnonzero(demand.open).tolist())
    tiers, loyal, cared_by = sorted(case.population.tiers), 0, {}
    for row in range(300):
        served = column["provider"][row] == PLATFORM and column["car"][row] >= 0
        platform = demand.platform_of[column["car"][row]] if served else -1
        cared_by[row] = catalogue.organisations[platform] if platform >= 0 else None
    for row in range(300):
        profile, stratum, tier, driven = (int(column[key][row]) for key in ("profile", "stratum", "tier", "car"))
        budget = budget_of_one(market.chance, row, in_order(case.population.strata)[stratum].budget_cny)
        tastes = market.profiles.tastes_of_one(market.chance, row, profile, budget)
        for deal in listed:
            car, operator = deal.section, deal.section.swap_operator
            near = case.organisations[operator].swap_coverage.get(tiers[tier], 0.0) if car.swap and operator else 0.0
            stays = driven >= 0 and cars[driven].brand == car.brand
            loyal += stays
            one = utility_of_one(
                tastes,
                cost_cny=deal.cost_cny,
                range_km=car.range_km,
                fast_charge=car.fast_charge,
                intelligence=car.intelligence,
                rents_battery=deal.rents_battery,
                weeks_saved=deal.weeks_saved,
                wait_weeks=deal.car.promised_weeks,
                swap_coverage=near,
                cap_km=deal.cap_km,
                overage_worth_cny=deal.overage_worth_cny,
                appeal=deal.appeal,
                promise=deal.promise,
                liking=deal.liking[profile],
                company=float(company[row, deal.car.position]),
                loyalty=case.choice.loyalty * max(float(column["satisfaction"][row]), 0.0) if stays else 0.0,
            )
            one += platform_pull_of_one(case.aftersales, cared_by[row], deal.sold_by, grievance=0.0)
            assert many[row, deal.offer] == pytest.approx(one, rel=1e-5, abs=1e-4)
    assert loyal > 0


@pytest.mark.parametrize("dissimilarity", [0.2, 0.6, 0.95, 1.0])
def test_shocks_of_one_are_those_of_all(dissimilarity: float) -> None:
    """One positive stable number per car and one Gumbel per offer and need; the outside good is a nest of its own.

    The angle of the stable number is rounded to float32 (2.4e-7 near pi): its logarithm of a sine that nearly
    vanishes is less exact, in proportion.
    """
    states, chance = np.random.default_rng(10), Chance(10)
    rows, spells = rows_and_spells(states, 250)
    offers, cars = [word(f"offer {i}") for i in range(7)], [word(f"car {i}") for i in range(3)]
    car_of = np.array([0, 0, 0, 1, 1, 2, 2])
    keys = choice.shock_keys(np.array(offers, np.uint64), np.array(cars, np.uint64), dissimilarity)
    many = choice.shocks(chance, rows, spells, keys, car_of, dissimilarity)
    for i, (row, spell) in enumerate(zip(rows.tolist(), spells.tolist(), strict=True)):
        assert many[i, -1] == pytest.approx(choice.outside_shock_of_one(chance, row, spell), rel=1e-6, abs=1e-6)
        for j, offer in enumerate(offers):
            car = cars[car_of[j]]
            one = choice.shock_of_one(chance, row, spell, offer, car, dissimilarity)
            sine = math.sin(math.pi * chance.one("shock", row, columns=(spell, car)))
            assert many[i, j] == pytest.approx(one, rel=1e-5, abs=1e-5 + 4e-7 / sine)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_of_one_is_the_best_of_all(seed: int) -> None:
    """The chosen offer, and its margin over the best of any other car or the outside good."""
    states = np.random.default_rng(seed)
    car_of = np.array([0, 0, 1, 2, 2, 2])
    utility = states.normal(size=(400, 7)).astype(np.float32)
    utility[:, :-1][states.uniform(size=(400, 6)) < 0.4] = -np.inf
    utility[0, :-1] = -np.inf
    chosen, margin = choice.best(utility, car_of)
    assert set(chosen.tolist()) == {choice.OUTSIDE, *range(6)}
    for row, values in enumerate(utility.tolist()):
        available = {offer: value for offer, value in enumerate(values[:-1]) if value > -math.inf}
        offer, lead = choice.best_of_one(available, values[-1], car_of.tolist())
        assert chosen[row] == offer
        assert margin[row] == pytest.approx(lead, rel=1e-6)


@pytest.mark.parametrize("offers", [1, 40, 254, 255, 256, 300])
def test_the_best_is_the_first_of_equals_however_many_offers_there_are(offers: int) -> None:
    """Positions are kept in one byte where they fit; utilities of a few whole numbers make many ties."""
    states = np.random.default_rng(offers)
    car_of = states.integers(0, offers, offers)
    utility = states.integers(0, 4, (500, offers + 1)).astype(np.float32)
    utility[:20, :-1], utility[20:40, -1] = -np.inf, 9.0
    chosen, margin = choice.best(utility, car_of)
    first = utility.argmax(axis=1)
    np.testing.assert_array_equal(chosen, np.where(first == offers, choice.OUTSIDE, first))
    car = np.append(car_of, choice.OUTSIDE)
    for row in range(500):
        rivals = utility[row, car != car[chosen[row]]]
        assert margin[row] == utility[row, chosen[row]] - rivals.max(initial=-np.inf)


def test_a_choice_does_not_depend_on_who_else_chooses_nor_on_the_order(
    built: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are sorted and taken part by part; each gets the same answer, in its own place."""
    rows = np.random.default_rng(5).permutation(len(built.consumers))[:700]
    together = built.demand.choose(rows)
    assert len(np.unique(together.offer)) > 5
    monkeypatch.setattr(demand, "ROWS_AT_ONCE", 64)
    backwards = built.demand.choose(rows[::-1])
    for said in ("offer", "margin", "trusting"):
        np.testing.assert_array_equal(getattr(together, said), getattr(backwards, said)[::-1])
    alone = built.demand.choose(rows[11:12])
    assert (alone.offer[0], alone.margin[0]) == (together.offer[11], together.margin[11])
    assert len(built.demand.choose(rows[:0]).offer) == 0


def test_one_considers_what_all_consider(built: Market) -> None:
    """Offers that are open, of cars that are known and not given up during this need."""
    states, column, catalogue = np.random.default_rng(11), built.consumers.columns, built.catalogue
    rows, cars = np.arange(400), len(catalogue.cars)
    tried = states.uniform(size=(400, cars)) < 0.2
    column["tried"][:400] = (tried << np.arange(cars)).sum(axis=1)
    known = states.uniform(size=(400, cars)) < 0.5
    many = built.demand.considered(rows, known)
    column["tried"][:400] = 0
    for offer, car in enumerate(catalogue.car_of.tolist()):
        np.testing.assert_array_equal(many[:, offer], known[:, car] & ~tried[:, car] & built.demand.open[offer])


def test_one_car_wanders_like_all(built: Market) -> None:
    """Constant, trend, random walk (from the launch on) and noise by car and date."""
    case = built.case.change({"cars.su7.trend_per_month": 0.05, "drift.transitory_sd_per_month": 0.2})
    market, drift = Market(case, rng=15), Drift(transitory_sd_per_month=0.2)
    week = case.calendar.start.toordinal() // 7
    for position, (key, car) in enumerate(sorted(case.cars.items())):
        path = wander_of_one(
            market.chance,
            drift,
            car_key=word(key),
            first_week=week,
            weeks=case.calendar.weeks,
            appeal=car.appeal,
            trend_per_month=car.trend_per_month,
            launch_week=0 if car.launch is None else max(case.calendar.day_of(car.launch) // 7, 0),
        )
        agree(market.appeal[:, position], path, within=SUMMED)
