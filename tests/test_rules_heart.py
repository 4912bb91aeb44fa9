"""Stories, answers and owners: what holds for one consumer of the reference market holds for all, on random states."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from owning import owners
from two_forms import SEEDS, agree
from two_histories import around_the_launch, feelings_that_differ, stories_that_differ

from experiments.reference import ReferenceMarket
from experiments.reference import effects as reference_effects
from experiments.reference.hearsay import (
    Circle,
    hazards_in_groups,
    heat_after,
    is_told,
    learned_of_one,
    reaction,
    retold_of_one,
    visiting_day_of_one,
)
from experiments.reference.rules import forfeit_of_one, heard
from experiments.verify.crowds import crowd
from market import Market, effects
from market.chance import Chance
from market.happenings import Answer, Failure, Happening
from market.people import awareness
from market.people.fleet import YEAR
from market.people.network import Network
from market.people.orders import STAGES
from market.stories.feeds import attention_step
from market.stories.news import audience_share
from market.stories.story import Listeners
from market.stories.talk import KNOWN, TALKING, pool_hazards, talk


def random_listeners(states: np.random.Generator, n: int = 400) -> Listeners:
    """People of whom some know something of a story, and some of these talk."""
    known = states.integers(0, KNOWN + 1, n).astype(np.uint8) * (states.uniform(size=n) < 0.6)
    talks = (known > 0) & (states.uniform(size=n) < 0.5)
    return Listeners("tale", known | np.uint8(TALKING) * talks, np.flatnonzero(talks))


def as_circle(people: Listeners) -> Circle:
    """The same people, as plain numbers."""
    return Circle(people.word, people.heard.tolist(), set(people.talkers.tolist()))


@pytest.mark.parametrize("retelling", [0.0, 0.4, 1.0])
def test_one_learns_what_all_learn(retelling: float) -> None:
    """News of the failure makes everybody talk, news of an act some; nothing new changes nothing."""
    states, luck = np.random.default_rng(1), Chance(1)
    people = random_listeners(states)
    circle, before = as_circle(people), people.heard.tolist()
    rows = np.sort(states.choice(400, 250, replace=False))
    told = states.integers(1, KNOWN + 1, len(rows)).astype(np.uint8)
    first, answered, news = people.learn(luck, 3, rows, told, retelling)
    learned = circle.learn(luck, 3, dict(zip(rows.tolist(), told.tolist(), strict=True)), retelling)
    assert circle.heard == people.heard.tolist()
    assert sorted(circle.talkers) == people.talkers.tolist()
    assert [row for row, new in learned if new & 1] == first.tolist()
    assert [(row, new & ~1) for row, new in learned if new & ~1] == list(
        zip(answered.tolist(), news.tolist(), strict=True)
    )
    one = [
        learned_of_one(luck, "tale", 3, r, before[r], t, retelling)
        for r, t in zip(rows.tolist(), told.tolist(), strict=True)
    ]
    assert one == people.heard[rows].tolist()


def test_one_falls_silent_and_follows_when_all_do() -> None:
    """Talkers stop, and talkers hear at once what is said, each by his own luck."""
    luck, people = Chance(2), random_listeners(np.random.default_rng(2))
    circle = as_circle(people)
    assert circle.lack(7, range(400)) == people.ignorant(7).tolist()
    follows = people.following(luck, 2, 0.4)
    assert [row for row in people.talkers.tolist() if is_told(luck, "follows", "tale", 2, row, 0.4)] == follows.tolist()
    assert 10 < len(follows) < len(people.talkers) - 10
    people.fall_silent(luck, 5, 3.0)
    circle.fall_silent(luck, 5, 3.0)
    assert circle.heard == people.heard.tolist()
    assert sorted(circle.talkers) == people.talkers.tolist()


def test_groups_tell_as_much_whoever_counts() -> None:
    """Contacts times the share of members who talk and know, for the failure and each further act."""
    people = random_listeners(np.random.default_rng(3))
    agree(pool_hazards(people.heard, 0.6), hazards_in_groups(people.heard.tolist(), 0.6, 400), within=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_place_heats_and_cools_as_all_do(seed: int) -> None:
    """Reactions are in proportion to the time that those who heard today spend at a place."""
    people, states = crowd(seed, 500), np.random.default_rng(seed)
    rows = np.sort(states.choice(500, 60, replace=False))
    heat, half_life, engagement = states.uniform(0.5, 3.0, (3, 3))
    many = attention_step(heat, 1.0, half_life) + engagement * 0.5 * audience_share(people, rows)
    weight = people.weight[people.stratum[rows]]
    part = weight @ people.use[people.profile[rows]]
    whole = people.households @ people.use
    one = [
        heat_after(heat[place], half_life[place], reaction(engagement[place], 0.5, part[place], whole[place]))
        for place in range(3)
    ]
    agree(many, one, within=1e-12)


def test_one_takes_a_story_in_when_all_do() -> None:
    """A tie along which a talker speaks reaches those who listen, each by half an ear."""
    luck = Chance(4)
    ties = Network.directed(300, np.repeat(0, 299), np.arange(1, 300))
    told = talk(luck, "tale", 1, ties, [0], np.zeros(300, np.uint8), 0.8, 0.5)
    lucks = [luck.one("talk", number, "tale", 1) for number in range(299)]
    heard_it = [int(ties.neighbours(0)[i]) for i, drawn in enumerate(lucks) if retold_of_one(0.5, 0.8, drawn)]
    assert sorted(heard_it) == told.tolist()
    assert 60 < len(told) < 180


def test_one_is_visited_on_the_day_of_all() -> None:
    """The day of the year is a consumer's own, whoever asks for it."""
    who = owners(n=1_000)
    column = who.population.columns
    column["car"][:], column["stage"][:] = 0, 0
    who.handed_over[:] = -YEAR
    rows, day, _ = who.due(0, YEAR)
    assert sorted(rows.tolist()) == list(range(1_000))
    assert [visiting_day_of_one(who.chance, row) for row in rows.tolist()] == day.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_loud_acquaintances_count_for_more_in_both_forms(seed: int) -> None:
    """Weeks of contact are multiplied by how loudly an acquaintance talks; company is not."""
    states = np.random.default_rng(seed)
    ties = Network.directed(200, *states.integers(0, 200, (2, 1_500)))
    car, since = states.integers(-1, 4, 200).astype(np.int16), states.integers(-40, 10, 200).astype(np.int16)
    volume = states.uniform(0.3, 3.0, 200).astype(np.float32)
    rows = np.arange(200)
    weeks, share = awareness.heard_from(ties, rows, car, since, 9, 4, 0.04, loudness=lambda who: volume[who])
    for row in range(200):
        others = ties.neighbours(row).tolist()
        spoken = [(int(car[other]), int(since[other])) for other in others]
        own = heard(spoken, 9, 0.04, [float(volume[other]) for other in others])
        for one in range(4):
            agree((weeks[row, one], share[row, one]), own.get(one, (0.0, 0.0)))


def test_a_refund_frees_one_as_it_frees_all() -> None:
    """Whoever may have his money back forfeits nothing in any stage; who orders later knew the terms."""
    market = Market(around_the_launch("jd-gac-catl", {"population.consumers": 50}), rng=1)
    for channel in market.catalogue.channels.values():
        refunded = [forfeit_of_one(channel, stage, refunded=True) for stage in range(len(STAGES))]
        assert refunded == [0.0] * len(STAGES)
    rows, offer = np.arange(4), np.zeros(4, np.intp)
    market.consumers.columns["car_week"][rows] = [6, 7, 8, 9]
    assert not market.book.patience.is_refunded(rows, offer).any()
    market.book.refunded[0] = 7
    assert market.book.patience.is_refunded(rows, offer).tolist() == [True, True, False, False]


@pytest.mark.parametrize("plan", [None, "baas"])
@pytest.mark.parametrize("car", ["seagull", "ut_super"])
def test_one_blames_and_forgives_as_all_do(car: str, plan: str | None) -> None:
    """All at once: a failure that everybody concerned has met, an excuse, a remedy paid in part, an apology."""
    case = around_the_launch("jd-gac-catl", {"population.consumers": 600, "news.witnesses": 1.0})
    case = case.change({"plans.baas.cars": ["seagull", "ut_super"], "organisations.jd.remedy_budget_cny": 1e6})
    twin, market = ReferenceMarket(case, rng=3).run(1), Market(case, rng=3).run(1)
    on = case.calendar.start + timedelta(days=7)
    told: list[Happening] = [
        Failure(id="it", on=on, kind="claim_dispute", car=car, plan=plan, severity=1.5, attention=2.0),
        Answer(id="not_us", on=on, to="it", by=["jd"], admission=-0.5, shift_to="gac", directly=0.7),
        Answer(id="take", on=on, to="it", by=["gac", "jd"], remedy_cny=4_000.0, directly=0.9),
        Answer(id="sorry", on=on, to="it", by=["gac"], admission=0.6, directly=0.5, information=True),
    ]
    twin.day = twin.night = 7
    market.opinion.week = 1
    for one in told:
        reference_effects.apply(twin, one)
        effects.apply(market, one)
        assert feelings_that_differ(twin, market) + stories_that_differ(twin, market) == []
    if car == "seagull" and plan is None:
        assert (market.trust.deviation(np.arange(600), 7) != 0.0).any(axis=1).sum() > 10
        assert (market.consumers.columns["grievance"] > 0.0).sum() > 5
    ours, theirs = twin.companies.account.amounts(1), market.opinion.account.amounts(1)
    for name in ours._fields:
        agree(getattr(ours, name), getattr(theirs, name), within=1e-5)
