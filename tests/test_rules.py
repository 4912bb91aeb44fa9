"""Every rule stands twice: as plain Python for one and as columns for many. On random states both say the same.

Whole numbers, orders and decisions must be equal. Numbers may differ by what float32 leaves out: `CLOSE` after a few
operations, `SUMMED` where many terms add up or an exponential magnifies the rounding of its argument.
"""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

import market as package
from experiments.reference_cars import ListedCar, announce, deals, open_deals
from experiments.reference_rules import (
    build_on_line,
    calendar_weeks,
    contacts_after,
    excitement_after,
    first_come_first_served,
    forfeit_of_one,
    heard,
    need_of_one,
    patience_left,
    ramp_of_one,
    wander_of_one,
)
from market import Case, Market
from market.calendar import Calendar, Clock
from market.cars import Drift
from market.chance import Chance, word
from market.fields import LogNormal, Normal, Text
from market.industry.supply import Supply, build, ramp
from market.market import CALM
from market.people import awareness, choice, orders, ownership
from market.people.awareness import Media, MediaMemory
from market.people.network import Network
from market.people.orders import LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, TESTING, Orders, Terms
from market.people.ownership import Ownership
from market.people.profiles import NORMAL_TASTES, Profile, Profiles, normal_quantile
from market.people.sampling import budget_of_one, budgets
from market.people.utility import utility_of_one

CLOSE, SUMMED = 1e-6, 1e-5
SEEDS = [1, 2, 3]
WORDS = Text(en="name", zh="名")


def agree(many: ArrayLike, one: ArrayLike, within: float = CLOSE) -> None:
    """Both say the same numbers, to a relative and (near nothing) absolute tolerance."""
    np.testing.assert_allclose(np.asarray(many, float), np.asarray(one, float), rtol=within, atol=within)


@pytest.fixture(scope="module")
def built() -> Market:
    """A small market in its week 0, with enough people and cars of all kinds to ask."""
    return Market(Case.load("jd-gac-catl").change({"population.consumers": 1_000}), rng=5)


def rows_and_spells(states: np.random.Generator, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Some consumers, far apart and in no order, each in one of the first needs."""
    return states.integers(0, 10_000_000, n), states.integers(0, 40, n).astype(np.int16)


# ------------------------------------------------------------------------------------------------------------ luck


@pytest.mark.parametrize("seed", [0, 1, 2**40, 123_456_789])
@pytest.mark.parametrize("scalars", [(), ("ut_super",), (7,), ("a", 0, "b")])
def test_luck_of_one_is_the_luck_of_the_column_to_the_last_bit(seed: int, scalars: tuple[str | int, ...]) -> None:
    """A draw is a function of names: asked in plain Python or for a column, it is the same number."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    rows = states.integers(0, 2**40, 200)
    first, second = states.integers(0, 2**63, 200).astype(np.uint64), states.integers(0, 2**15, 200)
    for columns in ((), (first,), (first, second)):
        many = chance.uniform("a word", rows, *scalars, *columns)
        for i, row in enumerate(rows.tolist()):
            one = chance.one("a word", row, *scalars, columns=tuple(int(column[i]) for column in columns))
            assert one == float(many[i])


def test_normal_exponential_and_gumbel_of_one_are_those_of_the_column() -> None:
    """The transforms of a uniform are the textbook ones, also in its tails."""
    chance, rows = Chance(4), np.arange(2_000)
    uniform = [chance.one("x", row) for row in rows.tolist()]
    agree(chance.normal("x", rows), [normal_quantile(u) for u in uniform])
    agree(chance.exponential("x", rows), [-math.log(u) for u in uniform])
    agree(chance.gumbel("x", rows), [-math.log(-math.log(u)) for u in uniform])


# -------------------------------------------------------------------------------------------- people and their tastes


def random_profiles(states: np.random.Generator) -> Profiles:
    """Three profiles with parameters drawn at random."""

    def log_normal(median: float) -> LogNormal:
        return LogNormal(median=median * states.uniform(0.3, 3.0), sigma=states.uniform(0.0, 1.2))

    sections = {
        key: Profile(
            name=WORDS,
            share=share,
            search_weeks=log_normal(6.0),
            price_per_10k_cny=log_normal(-0.5),
            km_per_month=log_normal(1_000.0),
            minutes_a_day={"shop": states.uniform(0, 60), "video": states.uniform(0, 200)},
            effort=states.uniform(0, 0.2),
            wait=-states.uniform(0, 0.2),
            **{name: Normal(mean=states.normal(), sd=states.uniform(0, 2)) for name in NORMAL_TASTES},
        )
        for key, share in (("planner", 0.5), ("browser", 0.3), ("hermit", 0.2))
    }
    return Profiles(sections, ("shop", "video"), reference_budget_cny=80_000.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_search_lasts_as_long_for_one_as_for_all(seed: int) -> None:
    """Length of a search: log-normal by profile, keyed by consumer and need, never longer than the longest."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    profiles, (rows, spells) = random_profiles(states), rows_and_spells(states)
    profile = states.integers(0, 3, len(rows)).astype(np.int8)
    many = profiles.search_weeks(chance, rows, profile, spells, 9.0)
    one = [
        profiles.search_weeks_of_one(chance, *who, 9.0)
        for who in zip(rows.tolist(), profile.tolist(), spells.tolist(), strict=True)
    ]
    agree(many, one, within=SUMMED)
    assert 0 < np.sum(many == 9.0) < len(rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_tastes_and_budgets_of_one_are_those_of_all(seed: int) -> None:
    """Every taste by name; a larger budget makes the same price weigh less."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    profiles, (rows, _) = random_profiles(states), rows_and_spells(states)
    profile = states.integers(0, 3, len(rows)).astype(np.int8)
    stratum = states.integers(0, 2, len(rows)).astype(np.int8)
    limits = [(30_000.0, 60_000.0), (90_000.0, 400_000.0)]
    budget = budgets(chance, rows, stratum, np.array(limits, np.float32))
    tastes = profiles.tastes(chance, rows, profile, budget)
    for i, row in enumerate(rows.tolist()):
        own_budget = budget_of_one(chance, row, limits[stratum[i]])
        own = profiles.tastes_of_one(chance, row, int(profile[i]), own_budget)
        assert budget[i] == pytest.approx(own_budget, rel=1e-6)
        agree(tastes.normal[i], [own[name] for name in NORMAL_TASTES], within=SUMMED)
        for name in ("price", "effort", "wait", "km_per_month"):
            agree(getattr(tastes, name)[i], own[name], within=SUMMED)


# ---------------------------------------------------------------------------------------------------------- awareness


def random_ties(states: np.random.Generator, n: int) -> Network:
    """Ties of which some are double, some to oneself, and some consumers have none."""
    heads, tails = states.integers(0, n - 5, (2, 4 * n))
    return Network.directed(n, heads, tails)


@pytest.mark.parametrize("forgetting", [0.0, 0.04, 2.0])
@pytest.mark.parametrize("only", [None, [0, 3]])
def test_one_hears_what_all_hear(forgetting: float, only: list[int] | None) -> None:
    """Weeks of contact and share of ties by car; cars of this week count from the next; nobody without ties hears."""
    states, n, cars, week = np.random.default_rng(6), 300, 5, 12
    network = random_ties(states, n)
    car = states.integers(-1, cars, n).astype(np.int16)
    since = states.integers(-2_000, week + 1, n).astype(np.int16)
    rows = states.permutation(n)
    which = np.arange(cars) if only is None else np.array(only)
    weeks, share = awareness.heard_from(
        network, rows, car, since, week, cars, forgetting, None if only is None else which
    )
    alone = awareness.heard_from(network, rows, car, since, week, cars, forgetting, company=False)
    np.testing.assert_array_equal(alone[0][:, which], weeks)
    assert not alone[1].any()
    for i, row in enumerate(rows.tolist()):
        ties = [(int(car[other]), int(since[other])) for other in network.neighbours(row)]
        at_once = heard(ties, week, forgetting)
        for j, model in enumerate(which.tolist()):
            one = awareness.heard_of_one(network, row, model, car, since, week, forgetting)
            agree((weeks[i, j], share[i, j]), one)
            told = at_once.get(model)
            assert one == (0.0, 0.0) if told is None else one == pytest.approx(tuple(told), rel=1e-12)


def test_one_knows_the_cars_that_all_know(built: Market) -> None:
    """Media by one's own time on each platform and talk of both circles, against a threshold of one's own."""
    states, demand, column = np.random.default_rng(7), built.demand, built.consumers.columns
    n, cars, media = len(built.consumers), len(built.catalogue.cars), demand.media
    rows, week = np.arange(n), demand.week
    for _ in range(3):
        demand.memory.contacts[:] = states.exponential(0.5, demand.memory.contacts.shape)
        known, company = demand.knowledge(rows)
        assert 0.1 < known.mean() < 0.9
        contacts = demand.memory.contacts.T.tolist()
        for row in states.integers(0, n, 100).tolist():
            use = demand.profiles.media_use[column["profile"][row]].tolist()
            for car in range(cars):
                place = (row, car, column["car"], column["car_week"], week, media.forgetting_per_week)
                talked, share = awareness.heard_of_one(demand.acquaintances, *place)
                followed, _ = awareness.heard_of_one(demand.followees, *place)
                spoken = media.word_of_mouth_per_week * talked + media.following_per_week * followed
                threshold = -math.log(built.chance.one("awareness", row, columns=(int(built.catalogue.car_keys[car]),)))
                assert known[row, car] == awareness.knows(use, contacts[car], spoken, threshold)
                assert company[row, car] == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize("forgetting", [0.0, 0.04, 3.0])
def test_contacts_of_one_place_are_remembered_like_those_of_all(forgetting: float, built: Market) -> None:
    """Steady contacts from the day they begin, forgetting and cooling, over rounds of any length."""
    states, cars = np.random.default_rng(8), built.catalogue.cars
    begins = states.integers(-50, 60, len(cars))
    section = Media(forgetting_per_week=forgetting, excitement_half_life_weeks=1.7)
    memory = MediaMemory(section, cars, ("douyin", "jd"), begins)
    memory.excitement[:] = states.uniform(0, 3, len(cars))
    contacts, excitement, day = memory.contacts.copy(), memory.excitement.tolist(), 0
    for days in states.integers(1, 8, 15).tolist():
        memory.pass_time(day, days)
        for place in range(3):
            for car in range(len(cars)):
                contacts[place, car] = contacts_after(
                    contacts[place, car],
                    memory.rate[place, car],
                    begins=int(begins[car]),
                    first_day=day,
                    days=days,
                    forgetting=forgetting,
                )
        excitement = [excitement_after(value, days=days, half_life_weeks=1.7) for value in excitement]
        np.testing.assert_allclose(memory.contacts, contacts, rtol=1e-12)
        np.testing.assert_allclose(memory.excitement, excitement, rtol=1e-12)
        day += days


def test_excitement_carries_one_away_when_it_carries_all_away(built: Market) -> None:
    """Patience falls by the excitement of the cars known times the profile's impulsiveness; at 0 people decide."""
    market = Market(built.case, rng=9)
    market.step()
    column, memory = market.consumers.columns, market.demand.memory
    memory.excitement[:] = np.linspace(0.0, 3.0, len(memory.excitement))
    launched = market.catalogue.launched(7)
    before, searching = column["patience"].copy(), np.flatnonzero(column["stage"] == SEARCHING)
    known = market.demand.knowledge(searching).known
    this = market.clock.rounds(1, set())[0]
    is_due = column["due"] <= this.market_time
    market.need_and_search(this)
    habits, left = list(market.profiles.sections.values()), {}
    for i, row in enumerate(searching.tolist()):
        exciting = known[i] & launched & (memory.excitement > CALM)
        ratio = habits[column["profile"][row]].impulsiveness
        left[row] = patience_left(float(before[row]), float(memory.excitement[exciting].sum()), ratio, this.weeks)
        agree(column["patience"][row], left[row], within=SUMMED)
    market.shop(this)
    decided = column["stage"][searching] != SEARCHING
    assert decided.tolist() == [left[row] <= 0.0 or bool(is_due[row]) for row in searching.tolist()]
    assert 20 < decided.sum() < len(searching)


# ------------------------------------------------------------------------------------------------------------- choice


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


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", Case.bundled())
def test_utility_of_one_offer_to_one_consumer_is_that_of_the_table(name: str, seed: int) -> None:
    """Tastes times attributes, appeal, promise, channel, company, loyalty and the cap of a disclosed plan.

    The table adds up to a hundred utils of either sign in float32, so it keeps some five decimals.
    """
    states = np.random.default_rng(seed)
    market = Market(Case.load(name).change({"population.consumers": 300}), rng=seed)
    cars, catalogue, demand, case = random_offers(market, states), market.catalogue, market.demand, market.case
    backlog = states.choice([0.0, 900.0, 50_000.0], len(cars))
    announce(cars, backlog.tolist(), day=30)
    wait = market.supply.promised_weeks(backlog, (30 - catalogue.launch_day) / 7)
    np.testing.assert_allclose(wait, [car.promised_weeks for car in cars], rtol=1e-12)
    demand.lay_out(np.array([car.appeal[0] for car in cars]), wait, day=30)
    column = market.consumers.columns
    column["satisfaction"][:] = states.normal(size=300)
    rows, company = np.arange(300), states.uniform(size=(300, len(cars))).astype(np.float32)
    many = demand.utilities(rows, company)
    listed = deals(case, catalogue, cars, {plan for plan, is_known in catalogue.disclosed.items() if is_known}, week=0)
    np.testing.assert_allclose(demand.offers.price_cny, [deal.price_cny for deal in listed], rtol=1e-12)
    on_offer = {deal.offer for some in open_deals(listed, day=30).values() for deal in some}
    assert on_offer == set(np.flatnonzero(demand.open).tolist())
    tiers, loyal = list(case.population.tiers), 0
    for row in range(300):
        profile, stratum, tier, driven = (int(column[key][row]) for key in ("profile", "stratum", "tier", "car"))
        budget = budget_of_one(market.chance, row, case.population.strata[stratum].budget_cny)
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


# ----------------------------------------------------------------------------------------------------------- the path


@pytest.mark.parametrize("seed", SEEDS)
def test_one_moves_along_the_path_like_all(seed: int) -> None:
    """Reservation to deposit or test drive, deposit to locked order, also at the very moment it becomes due."""
    states, n = np.random.default_rng(seed), 500
    terms = Terms(
        np.array([True, False, True]),
        np.array([0.0, 0.5, 2.0], np.float32),
        np.array([1.0, 2.0, 0.25], np.float32),
        np.zeros((6, 3), np.float32),
    )
    stage = states.choice([RESERVED, TESTING, ORDERED, LOCKED], n).astype(np.int8)
    channel, launched = states.integers(0, 3, n), states.integers(0, 2, n).astype(bool)
    waited = (states.integers(0, 12, n) / 4).astype(np.float32)
    many = orders.advance(stage, launched=launched, channel=channel, waited_weeks=waited, terms=terms)
    one = [
        orders.after_choice(
            int(stage[i]),
            launched=bool(launched[i]),
            deposit_first=bool(terms.deposit_first[channel[i]]),
            waited_weeks=float(waited[i]),
            reservation_weeks=float(terms.reservation_weeks[channel[i]]),
            lock_weeks=float(terms.lock_weeks[channel[i]]),
        )
        for i in range(n)
    ]
    assert many.tolist() == one
    assert set(one) == {RESERVED, TESTING, ORDERED, LOCKED}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_cancels_with_the_hazard_of_all(seed: int) -> None:
    """Calm, late and revealed causes, times the profile's ratio, damped by what would be forfeited."""
    states, n = np.random.default_rng(seed), 400
    section = Orders(forfeit_effect=0.3, late_per_week=0.05)
    stage = states.choice([RESERVED, TESTING, ORDERED, LOCKED], n).astype(np.int8)
    late = states.normal(0, 6, n).astype(np.float32)
    revealed, forfeit, ratio = states.exponential(0.5, (3, n)).astype(np.float32)
    many = orders.cancel_hazard(stage, late, revealed, forfeit, ratio, section)
    one = [
        orders.cancel_hazard_of_one(
            int(stage[i]), float(late[i]), float(revealed[i]), float(forfeit[i]), float(ratio[i]), section
        )
        for i in range(n)
    ]
    agree(many, one)
    assert not many[stage == TESTING].any()


def test_one_forfeits_what_all_forfeit(built: Market) -> None:
    """A deposit is lost from the stage on that the channel states: the deposit, the lock, or never."""
    until = dict(zip(built.catalogue.channels, ("deposit", "lock", "delivery", "lock"), strict=True))
    changes = {f"channels.{key}.refundable_until": stage for key, stage in until.items()}
    market = Market(built.case.change({"population.consumers": 50, **changes}), rng=1)
    for stage in range(len(STAGES)):
        own = [forfeit_of_one(channel, stage) for channel in market.catalogue.channels.values()]
        agree(market.book.terms.forfeit[stage], own)
        assert [loss > 0.0 for loss in own] == [stage >= ORDERED, stage == LOCKED, False, stage == LOCKED]


def test_one_likes_the_drive_when_all_do() -> None:
    """The margin over the best alternative survives the surprise, also when they are equal."""
    states, section = np.random.default_rng(12), Orders(test_drive_sd=1.5)
    margin = np.append(states.exponential(1.0, 500), [1.5, 0.0]).astype(np.float32)
    surprise = np.append(states.normal(size=500), [-1.0, 0.0]).astype(np.float32)
    many = orders.likes_the_drive(margin, surprise, section)
    one = [
        orders.likes_the_drive_of_one(*pair, section) for pair in zip(margin.tolist(), surprise.tolist(), strict=True)
    ]
    assert many.tolist() == one
    assert 0 < sum(one) < 502


# ------------------------------------------------------------------------------------------------- lines and promises


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_first_come_is_first_served_one_by_one_and_at_once(seed: int, whole: bool) -> None:
    """Nobody is served before those ahead in the same line; whole amounts make exact fits, which are served."""
    states = np.random.default_rng(seed)
    waiting, lines = int(states.integers(0, 60)), 4
    line = states.integers(0, lines, waiting)
    amount = states.integers(1, 5, waiting).astype(float) if whole else states.uniform(0.1, 14_000.0, waiting)
    available = np.array([0.0, states.integers(0, 30), 1e9, states.uniform(0, amount.sum() / 4 + 1)])
    available[3] = round(available[3]) if whole else available[3]
    one = first_come_first_served(zip(line.tolist(), amount.tolist(), strict=True), available.tolist())
    assert orders.serve_in_order(line, amount, available).tolist() == one


@pytest.mark.parametrize("seed", range(60))
def test_a_line_builds_alone_what_it_builds_among_others(seed: int) -> None:
    """Up to need and capacity, in proportion where the line is short; from the launch as far as it has ramped up."""
    states, cars = np.random.default_rng(seed), 6
    line = np.array([0, 1, 1, 3, 3, 3])
    need, own = states.exponential(100.0, (2, cars)) * states.integers(0, 2, (2, cars))
    limit = states.exponential(100.0, cars)
    many = build(need, own, line, limit)
    for which in (0, 1, 3):
        members = np.flatnonzero(line == which)
        one = build_on_line(need[members].tolist(), own[members].tolist(), float(limit[which]))
        np.testing.assert_allclose(many[members], one, rtol=1e-12)
    age, length = states.normal(0, 8, cars), states.choice([0.0, 4.0, 8.0], cars)
    np.testing.assert_allclose(ramp(age, length), list(map(ramp_of_one, age.tolist(), length.tolist())), rtol=1e-12)


def test_makers_build_towards_backlog_and_stock(built: Market) -> None:
    """A round of production is what each car needs, within its ramped-up capacity and that of its line."""
    states = np.random.default_rng(13)
    for _ in range(30):
        supply = Supply(built.catalogue.cars)
        n = len(supply.line)
        supply.stock[:], backlog = states.exponential(20_000.0, (2, n))
        supply.ramp_weeks[:] = states.choice([0.0, 8.0], n)
        age, weeks, before = states.normal(4, 8, n), float(states.integers(1, 8)) / 7, supply.stock.tolist()
        built_now = supply.produce(backlog, age, weeks)
        expected = np.zeros(n)
        for which in set(supply.line.tolist()):
            members = np.flatnonzero(supply.line == which).tolist()
            target = [supply.inventory_weeks[c] * supply.capacity[c] if age[c] >= 0 else 0.0 for c in members]
            expected[members] = build_on_line(
                [need_of_one(backlog[c], before[c], goal) for c, goal in zip(members, target, strict=True)],
                [supply.capacity[c] * ramp_of_one(age[c], supply.ramp_weeks[c]) * weeks for c in members],
                supply.capacity[which] * weeks,
            )
        np.testing.assert_allclose(built_now, expected, rtol=1e-12)
        np.testing.assert_allclose(supply.stock, before + expected, rtol=1e-12)


# ------------------------------------------------------------------------------------------------ owning, and the time


@pytest.mark.parametrize("seed", SEEDS)
def test_one_is_satisfied_and_replaces_like_all(seed: int) -> None:
    """Experience less expectation, and a Weibull time to the next need."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    rows, spells = rows_and_spells(states)
    section = Ownership(
        replacement_weeks=states.uniform(20, 400),
        replacement_shape=states.choice([0.8, 1.0, 3.0]),
        expectation_weight=states.uniform(0, 2),
    )
    quality, expectation, late = states.normal(size=(3, len(rows))).astype(np.float32)
    satisfied = ownership.satisfaction(chance, section, rows, spells, quality, expectation, 5 * late)
    again = ownership.replacement(chance, section, rows, spells)
    for i, (row, spell) in enumerate(zip(rows.tolist(), spells.tolist(), strict=True)):
        shock = normal_quantile(chance.one("experience", row, columns=(spell,)))
        own = ownership.satisfaction_of_one(
            section, shock, float(quality[i]), float(expectation[i]), float(5 * late[i])
        )
        agree(satisfied[i], own)
        agree(again[i], ownership.replacement_of_one(chance, section, row, spell), within=SUMMED)


def test_one_reads_the_clock_like_all() -> None:
    """Market time of a bent calendar, turned back into weeks, at day boundaries and between them."""
    clock = Clock(Calendar(start=date(2025, 10, 6), weeks=20))
    clock.pull_forward(day=87, weeks=8.0, share=0.2, known_on=10)
    states = np.random.default_rng(14)
    times = np.concatenate([states.uniform(-3.0, clock.at(140), 500), [clock.at(day) for day in range(141)], [1e9]])
    one = [calendar_weeks(clock, 140, time) for time in times.tolist()]
    np.testing.assert_allclose(clock.weeks_at(times), one, rtol=1e-12, atol=1e-12)


def test_one_car_wanders_like_all(built: Market) -> None:
    """Constant, trend, random walk and noise by car and date."""
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
        )
        agree(market.appeal[:, position], path, within=SUMMED)


def test_no_readable_rule_is_left_without_its_test() -> None:
    """Whatever is called `..._of_one` is named in this file."""
    text = Path(__file__).read_text(encoding="utf-8")
    found = set()
    for module in pkgutil.walk_packages(package.__path__, "market."):
        for _, member in inspect.getmembers(importlib.import_module(module.name)):
            inside = inspect.getmembers(member) if inspect.isclass(member) else []
            names = [name for name, value in [(getattr(member, "__name__", ""), member), *inside] if callable(value)]
            found |= {name for name in names if name.endswith("_of_one")}
    assert len(found) >= 11
    assert sorted(name for name in found if f"{name}(" not in text) == []
