"""Media, talk, knowing and excitement: what holds for one holds for all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from two_forms import SUMMED, agree, small_market

from experiments.reference.rules import carried_away_after, contacts_after, excitement_after, heard, patience_left
from market import Market
from market.people import awareness
from market.people.awareness import Media, MediaMemory
from market.people.network import Network
from market.people.orders import SEARCHING
from market.people.search import CALM


@pytest.fixture(scope="module")
def built() -> Market:
    """A small market in its week 0."""
    return small_market()


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
    """Steady contacts from the day they begin, forgetting, and cooling over rounds of any length."""
    states, cars = np.random.default_rng(8), built.catalogue.cars
    begins = states.integers(-50, 60, len(cars))
    section = Media(forgetting_per_week=forgetting, excitement_half_life_weeks=1.7)
    memory = MediaMemory(section, cars, ("douyin", "jd"), begins)
    memory.excitement[:] = states.uniform(0, 3, len(cars))
    contacts, excitement = memory.contacts.copy(), memory.excitement.tolist()
    for week, days in enumerate(states.integers(1, 8, 15).tolist()):
        memory.pass_week(week)
        memory.cool(days)
        for place in range(3):
            for car in range(len(cars)):
                contacts[place, car] = contacts_after(
                    contacts[place, car],
                    memory.rate[place, car],
                    begins=int(begins[car]),
                    first_day=7 * week,
                    days=7,
                    forgetting=forgetting,
                )
        np.testing.assert_allclose(memory.excited, excitement, rtol=1e-12)
        excitement = [excitement_after(v, days=days, half_life_weeks=1.7) for v in excitement]
        np.testing.assert_allclose(memory.contacts, contacts, rtol=1e-12)
        np.testing.assert_allclose(memory.excitement, excitement, rtol=1e-12)


def test_excitement_carries_one_away_when_it_carries_all_away(built: Market) -> None:
    """Patience falls by the excitement of the cars known times the profile's impulsiveness; at 0 people decide.

    They do, at that time, if they like one of these cars best and would not have decided this week anyway.
    """
    market = Market(built.case, rng=9)
    market.step()
    column, memory = market.consumers.columns, market.demand.memory
    memory.excited[:] = np.linspace(0.0, 6.0, len(memory.excited))
    launched = market.catalogue.launched(7)
    before, searching = column["patience"].copy(), np.flatnonzero(column["stage"] == SEARCHING)
    known = market.demand.knowledge(searching).known
    this = market.clock.rounds(1, set())[0]
    is_due = column["due"] <= this.market_time
    market.need_and_search(this)
    habits, left, after = list(market.profiles.sections.values()), {}, {}
    cools = market.case.media.excitement_half_life_weeks
    for i, row in enumerate(searching.tolist()):
        exciting = known[i] & launched & (memory.excited > CALM)
        pull = float(memory.excited[exciting].sum()) * habits[column["profile"][row]].impulsiveness
        left[row] = patience_left(float(before[row]), pull, begins=0.0, ends=1.0, half_life_weeks=cools)
        if left[row] <= 0.0:
            after[row] = carried_away_after(float(before[row]), pull, begins=0.0, half_life_weeks=cools)
        agree(column["patience"][row], left[row], within=SUMMED)
    deciding = market._deciding
    carried = deciding.carried & np.isin(deciding.rows, searching)
    times = dict(zip(deciding.rows[carried].tolist(), deciding.at[carried].tolist(), strict=True))
    early = {row: 1.0 + weeks for row, weeks in after.items() if not is_due[row]}
    assert times == pytest.approx(early, rel=1e-5)
    assert len(set(times.values())) > 10
    liked = np.append(market.catalogue.car_of, -1)[market.demand.choose(deciding.rows).offer]
    some = set(np.flatnonzero(launched & (memory.excited > CALM)).tolist())
    moved = {row for row, car in zip(deciding.rows.tolist(), liked.tolist(), strict=True) if car in some}
    market.shop(this)
    decided = column["stage"][searching] != SEARCHING
    assert decided.tolist() == [bool(is_due[row]) or (left[row] <= 0.0 and row in moved) for row in searching.tolist()]
    assert 20 < decided.sum() < len(searching)
