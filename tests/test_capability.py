"""Capability is learned by doing and carries over; swap networks grow with subscribers and capital."""

from __future__ import annotations

import numpy as np
import pytest
from owning import ABILITY, TIERS, organisations

from market.industry.capability import Capability, CapabilityLearning, learned
from market.industry.swap_network import SwapNetwork, SwapNetworkSection, coverage, density
from market.organisations import TASKS

GIVEN, SHARES = np.array([[0.30, 0.15, 0.04], [0.0, 0.0, 0.0]]), np.array([0.30, 0.35, 0.35])
NOBODY = np.zeros((2, 3))


def test_it_begins_with_what_the_case_states() -> None:
    now = Capability(organisations(), TIERS, CapabilityLearning()).now
    assert now[0, TASKS.index("care")].tolist() == list(ABILITY["ant"]["care"].values())


def test_who_does_nothing_learns_nothing_and_rate_nought_teaches_nobody() -> None:
    can = Capability(organisations(), TIERS, CapabilityLearning())
    jobs = np.zeros(can.start.shape)
    jobs[0, TASKS.index("care"), 1] = 50_000.0
    can.learn(jobs)
    changed = can.now != can.start
    assert changed.sum() == 1 and changed[0, TASKS.index("care"), 1]
    still = Capability(organisations(), TIERS, CapabilityLearning(rate=0.0))
    still.learn(jobs)
    np.testing.assert_array_equal(still.now, still.start)


def test_what_is_missing_falls_by_the_same_part_with_each_doubling() -> None:
    section = CapabilityLearning(rate=0.3, jobs=1.0)
    left = 1.0 - learned(0.4, np.array([1e6, 2e6, 4e6, 8e6]), section)
    np.testing.assert_allclose(left[1:] / left[:-1], 2.0**-0.3, rtol=1e-5)
    assert (np.diff(learned(0.4, np.linspace(0, 1e7, 50), section)) > 0).all()
    assert learned(1.0, 1e9, section) == 1.0


def test_the_order_of_jobs_does_not_matter_and_the_next_car_profits() -> None:
    """Doing it for one car is doing it for all: capability knows no car."""
    at_once, by_and_by = (Capability(organisations(), TIERS, CapabilityLearning()) for _ in range(2))
    first_car, second_car = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    done = np.array([[30_000.0, 0.0], [0.0, 0.0]])
    before = at_once.of("care", np.array([second_car]))
    for _ in range(10):
        by_and_by.learn(by_and_by.jobs_of("care", done / 10, np.array([first_car, second_car])))
    at_once.learn(at_once.jobs_of("care", done, np.array([first_car, second_car])))
    np.testing.assert_allclose(at_once.now, by_and_by.now, rtol=1e-12)
    assert (at_once.of("care", np.array([second_car]))[0, 0] > before[0, 0]).all()


def test_jobs_go_to_those_who_hold_the_role() -> None:
    can = Capability(organisations(), TIERS, CapabilityLearning())
    jobs = can.jobs_of("delivery", np.array([[10.0, 20.0]]), np.array([[0.2, 0.8, 0.0]]))
    assert jobs[:, TASKS.index("delivery")].tolist() == [[2.0, 4.0], [8.0, 16.0], [0.0, 0.0]]
    assert jobs.sum() == 30.0
    with pytest.raises(ValueError, match="task: paint was given; it must be one of film_accessories, care"):
        can.jobs_of("paint", np.ones((1, 2)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="jobs: -1.0 were given; they must be at least 0"):
        can.learn(-np.ones(can.start.shape))


def test_a_network_begins_with_its_stated_coverage_and_off_keeps_it() -> None:
    for section in (SwapNetworkSection(), SwapNetworkSection(per_week=0.0)):
        network = SwapNetwork(GIVEN, SHARES, section)
        np.testing.assert_array_equal(network.coverage(), GIVEN.astype(np.float32))
        capital = [network.grow(np.full((2, 3), 1e5)) for _ in range(10)]
        assert np.any(capital) == (section.per_week > 0.0)
        assert (network.coverage()[0] > GIVEN[0].astype(np.float32)).all() == (section.per_week > 0.0)


def test_coverage_is_that_of_stations_at_random() -> None:
    """1 - exp(-stations / half): a network twice as large, spread as it was, leaves the square of those without."""
    near = density(GIVEN[0], SHARES, 1_020.0)
    within_reach = -np.log(1.0 - GIVEN[0])
    as_it_was = within_reach / near
    assert as_it_was.sum() == pytest.approx(1_020.0)
    np.testing.assert_allclose(1.0 - coverage(GIVEN[0], near, as_it_was), (1.0 - GIVEN[0]) ** 2, rtol=1e-12)


def test_stations_follow_subscribers_within_pace_and_capital() -> None:
    section = SwapNetworkSection(per_week=20.0, ahead=0.0, subscribers_per_station=100.0, budget_cny_per_week=2.5e7)
    subscribers = np.array([[4_000.0, 1_000.0, 0.0], [0.0, 0.0, 0.0]])
    network = SwapNetwork(GIVEN, SHARES, section)
    spent = network.grow(subscribers)
    np.testing.assert_allclose(spent, [2.5e7, 0.0])  # ten stations: what the budget buys
    for _ in range(30):
        spent = spent + network.grow(subscribers)
    np.testing.assert_allclose(network.opened, [[40.0, 10.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(spent, (network.stations() - section.stations) * section.station_cny)
    assert not network.grow(subscribers).any()  # everybody is served


def test_without_subscribers_an_operator_goes_on_at_part_of_its_pace() -> None:
    network = SwapNetwork(GIVEN, SHARES, SwapNetworkSection(per_week=10.0, ahead=0.2))
    for _ in range(50):
        network.grow(NOBODY)
    np.testing.assert_allclose(network.opened, 50 * 2.0 / 3)
    assert not network.coverage()[1].any()  # no coverage to judge its stations by


def test_weeks_cut_into_days_open_as_many_stations() -> None:
    whole, cut = (SwapNetwork(GIVEN, SHARES, SwapNetworkSection(ahead=1.0)) for _ in range(2))
    for _ in range(7):
        cut.grow(NOBODY, 1 / 7)
    whole.grow(NOBODY)
    np.testing.assert_allclose(whole.opened, cut.opened, rtol=1e-12)
