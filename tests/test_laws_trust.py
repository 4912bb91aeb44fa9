"""Trust keeps its laws beside those of the verification: recovery, means, and limits in which nothing moves."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from numpy.typing import NDArray

from market.chance import Chance
from market.people import trust as rules
from market.people.trust import Trust, TrustSection

PLAIN = TrustSection(floor=0.0, loss_weight=1.0, gain_weight=1.0, half_life_days=0.0)
"""Equal weights, no floor, no recovery: what a Bayesian does."""

FOUR = np.array([0.6, 0.5, 0.7, 0.0])


def someone(section: TrustSection, baseline: float) -> Trust:
    """One consumer, one organisation."""
    return Trust(section, [baseline], 1, [1.0])


def see(trust: Trust, evidence: float, day: int, weight: float = 1.0) -> None:
    """The one consumer makes an observation."""
    trust.move(np.array([0]), evidence, weight, day, np.array([0]), np.array([1.0]))


def now(trust: Trust, day: float) -> float:
    """Trust of the one consumer."""
    return float(trust.baseline[0] + trust.deviation(np.array([0]), day)[0, 0])


# Learning


def test_an_observation_of_weight_three_is_three_observations() -> None:
    """Fractions of observations add up too."""
    once, thrice = someone(PLAIN, 0.6), someone(PLAIN, 0.6)
    see(once, 0.0, 0, weight=3.0)
    for _ in range(6):
        see(thrice, 0.0, 0, weight=0.5)
    assert now(once, 0) == pytest.approx(0.6 * 10 / 13, abs=1e-6)
    assert now(thrice, 0) == pytest.approx(now(once, 0), abs=1e-6)


# Recovering


def test_half_of_a_loss_is_left_after_a_half_life() -> None:
    """And a quarter after two, however often somebody looks."""
    trust = someone(TrustSection(half_life_days=30.0), 0.6)
    see(trust, 0.0, 10)
    lost = 0.6 - now(trust, 10)
    for day in range(10, 200):
        assert 0.6 - now(trust, day) == pytest.approx(lost * 0.5 ** ((day - 10) / 30), rel=1e-5)


def random_story(seed: int, n: int, days: int) -> list[tuple[int, NDArray[np.intp], NDArray[np.float64]]]:
    """Who is hit on which day with which weights: some consumers often, most never, one organisation never."""
    chance, story = Chance(seed), []
    for day in range(days):
        rows = np.flatnonzero(chance.bernoulli("hit", np.arange(n), 0.1, day))
        weight = chance.uniform("weight", rows[:, None], day, np.arange(4)).astype(float)
        weight[:, 2] = 0.0
        story.append((day, rows, weight))
    return story


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recovering_lazily_is_recovering_day_by_day(seed: int) -> None:
    """Against plain float64 columns in which everybody recovers every day; the means too."""
    section, n, days = TrustSection(half_life_days=40.0), 60, 50
    profile, households = np.arange(n) % 3, np.linspace(1.0, 5.0, n)
    behind = np.bincount(profile, households)
    trust = Trust(section, FOUR, n, behind)
    eager, so_far = np.tile(FOUR, (n, 1)), np.zeros((n, 4))
    for day, rows, weight in random_story(seed, n, days):
        evidence = 0.0 if day % 3 else 1.0
        trust.move(rows, evidence, weight, day, profile[rows], households[rows])
        moved, so_far[rows] = rules.updated(eager[rows], so_far[rows], evidence, weight, section)
        eager[rows] = moved
        mean = np.array([np.average(eager[profile == p], axis=0, weights=households[profile == p]) for p in range(3)])
        np.testing.assert_allclose(trust.mean(day), mean, atol=3e-5)
        eager = FOUR + (eager - FOUR) * 0.5 ** (1 / 40.0)
    np.testing.assert_allclose(FOUR + trust.deviation(np.arange(n), days), eager, atol=3e-5)
    assert np.abs(eager - FOUR).max() > 0.1


# Limits


def test_trust_never_leaves_zero_to_one() -> None:
    """Even when all is lost, again and again, or gained, from any baseline."""
    for baseline in (0.0, 0.001, 0.6, 1.0):
        for evidence in (0.0, 1.0):
            trust = someone(TrustSection(loss_weight=50.0, gain_weight=50.0), baseline)
            for day in range(30):
                see(trust, evidence, day, weight=5.0)
                assert min(baseline, 1e-7) <= now(trust, day) <= max(baseline, 1.0 - 1e-7)


def test_nothing_moves_where_nothing_weighs() -> None:
    """An observation of weight 0, a market without trust and weights that are off leave trust at rest, exactly."""
    rows, profile, one = np.arange(5), np.zeros(5, np.int8), np.ones(5)
    idle = Trust(TrustSection(), FOUR, 5, [5.0])
    idle.move(rows, 0.0, np.zeros((5, 4)), 3, profile, one)
    absent = Trust(TrustSection(), FOUR, 5, [5.0], on=False)
    absent.move(rows, 0.0, 1.0, 3, profile, one)
    for trust in (idle, absent):
        assert trust.at_rest
        assert not trust.deviation(rows, 10).any()
        assert not trust.utility(rows, np.eye(4), 10).any()
        assert not trust.cancelling(rows, np.eye(4)[[0] * 5], np.zeros(5, np.float32), np.ones(5, np.float32)).any()
        assert trust.mean(10).tolist() == [FOUR.tolist()]
    careless = Trust(TrustSection(loss_weight=0.0), FOUR, 5, [5.0])
    careless.move(rows, 0.0, 1.0, 3, profile, one)
    assert not careless.deviation(rows, 3).any()


def test_whoever_is_not_concerned_keeps_every_digit() -> None:
    """An observation about one organisation by one consumer changes no other number."""
    section, n = TrustSection(), 8
    trust = Trust(section, FOUR, n, [8.0])
    trust.move(np.arange(n), 0.0, 1.0, 0, np.zeros(n, int), np.ones(n))
    before = trust.deviation(np.arange(n), 0)
    trust.move(np.array([3]), 0.0, np.array([[0.0, 1.0, 0.0, 0.0]]), 0, np.array([0]), np.ones(1))
    same = trust.deviation(np.arange(n), 0) == before
    assert np.argwhere(~same).tolist() == [[3, 1]]


def test_relabelling_organisations_and_adding_consumers_changes_nothing() -> None:
    """Trust is permuted with its columns; one consumer more leaves everybody else alone."""
    shuffled = np.array([2, 0, 3, 1])
    plain, turned, larger = (
        Trust(TrustSection(), b, n, [60.0]) for b, n in ((FOUR, 60), (FOUR[shuffled], 60), (FOUR, 61))
    )
    for day, rows, weight in random_story(4, 60, 20):
        profile, one = np.zeros(len(rows), int), np.ones(len(rows))
        plain.move(rows, 0.0, weight, day, profile, one)
        turned.move(rows, 0.0, weight[:, shuffled], day, profile, one)
        larger.move(rows, 0.0, weight, day, profile, one)
    at_last = plain.deviation(np.arange(60), 30)
    np.testing.assert_array_equal(turned.deviation(np.arange(60), 30), at_last[:, shuffled])
    np.testing.assert_array_equal(larger.deviation(np.arange(60), 30), at_last)


def test_a_copy_goes_its_own_way() -> None:
    """A fork of the market is hit; the original is not, and the other way round."""
    trust = someone(TrustSection(), 0.6)
    see(trust, 0.0, 0)
    fork = copy.deepcopy(trust)
    was, mean = now(trust, 1), trust.mean(1).tolist()
    see(fork, 0.0, 1)
    assert (now(trust, 1), trust.mean(1).tolist()) == (was, mean)
    assert now(fork, 1) < was
    see(trust, 0.0, 1)
    assert now(fork, 1) == now(trust, 1)


@pytest.mark.parametrize("half_life", [0.0, 20.0, 1e9])
def test_the_hazard_of_cancelling_is_what_lost_trust_adds_up_to(half_life: float) -> None:
    """In closed form and in small steps; cut anywhere it is the same; nothing before the hit."""
    section = TrustSection(half_life_days=half_life, cancelling_per_week=0.4)
    trust, row, face = someone(section, 0.6), np.array([0]), np.ones((1, 1))
    see(trust, 0.0, 14)

    def hazard(begin: float, end: float) -> float:
        return float(trust.cancelling(row, face, np.array([begin], np.float32), np.array([end], np.float32))[0])

    steps = np.linspace(2.0, 9.0, 4_001)
    felt = 0.4 * np.array([float(trust.lost(row, face, 7 * week)[0]) for week in (steps[1:] + steps[:-1]) / 2])
    assert hazard(2.0, 9.0) == pytest.approx(float(felt.sum()) * 7.0 / 4_000, rel=1e-4)
    assert hazard(2.0, 4.5) + hazard(4.5, 9.0) == pytest.approx(hazard(2.0, 9.0), rel=1e-5)
    assert hazard(0.0, 9.0) == hazard(2.0, 9.0)
    assert hazard(0.0, 2.0) == 0.0
