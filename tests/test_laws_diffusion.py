"""Media memory, excitement and what is heard; that awareness spreads as Bass said is for the verification to say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from small_cases import small_case

from market.people import awareness
from market.people.awareness import Media, MediaMemory, heard_from, remembered
from market.people.network import Network


def memory(forgetting: float, begins: int = -1_000, **fields: Any) -> MediaMemory:
    """The memory of one car with .3 contacts a week."""
    case = small_case()
    cars = {"a": case.cars["a"].model_copy(update={"exposure": case.cars["a"].exposure.model_copy(
        update={"contacts_per_week": 0.3})})}  # fmt: skip
    return MediaMemory(Media(forgetting_per_week=forgetting, **fields), cars, (), np.array([begins], np.int64))


@pytest.mark.parametrize("forgetting", [0.0, 0.04, 1.0])
def test_contacts_arrive_and_are_forgotten_as_the_differential_equation_says(forgetting: float) -> None:
    """dc/dt = rate - forgetting c, from the day a car begins; old cars begin at rest."""
    for begins in (1, 10, 45):
        new = memory(forgetting, begins)
        for week in range(30):
            new.pass_week(week)
        weeks = (210 - begins) / 7.0
        expected = 0.3 * weeks if forgetting == 0.0 else 0.3 * -math.expm1(-forgetting * weeks) / forgetting
        assert new.contacts.item() == pytest.approx(expected, rel=1e-12)
    if forgetting > 0.0:
        old = memory(forgetting)
        old.pass_week(0)
        assert old.contacts.item() == pytest.approx(0.3 / forgetting, rel=1e-12)


def test_excitement_cools_alike_in_one_piece_and_in_days() -> None:
    """Half of it is gone after every half-life, however a week is cut."""
    whole, cut = memory(0.04, begins=3), memory(0.04, begins=3)
    for one in (whole, cut):
        one.burst(0, 2.0, {"elsewhere": 1.0}, 5.0)
    for _ in range(10):
        whole.cool(7)
        for _ in range(7):
            cut.cool(1)
    assert cut.excitement == pytest.approx(whole.excitement, rel=1e-12)
    assert whole.excitement.item() == pytest.approx(5.0 * 0.5**10, rel=1e-12)


@pytest.mark.parametrize("day", [0, 1, 6, 7, 11])
def test_a_burst_is_remembered_from_its_day_on(day: int) -> None:
    """Contacts of any day of a week are forgotten from that day on, also when they come after the week was begun."""
    quiet, told = memory(0.3, begins=1_000), memory(0.3, begins=1_000)
    for week in range(4):
        for one in (quiet, told):
            first = one is told and day == 7 * week
            if first:
                one.burst(0, 2.0, {"elsewhere": 1.0}, 0.0, day)
            one.pass_week(week)
            if one is told and 7 * week < day < 7 * week + 7:
                one.burst(0, 2.0, {"elsewhere": 1.0}, 0.0, day)
    left = told.contacts - quiet.contacts
    assert left.item() == pytest.approx(2.0 * math.exp(-0.3 * (28 - day) / 7.0), rel=1e-12)


@pytest.mark.parametrize("day", [3, 7, 9])
def test_media_that_begin_sooner_tell_as_if_that_had_been_known(day: int) -> None:
    """A launch that was not planned, in the middle of a week or at its beginning, and one planned for the same day."""
    planned, sooner = memory(0.3, begins=day), memory(0.3, begins=12)
    for week in range(4):
        if day == 7 * week:
            sooner.begin(0, day)
        for one in (planned, sooner):
            one.pass_week(week)
        if 7 * week < day < 7 * week + 7:
            sooner.begin(0, day)
    assert sooner.contacts.item() == pytest.approx(planned.contacts.item(), rel=1e-12)


def test_what_is_heard_is_the_mean_over_ties_of_weeks_remembered() -> None:
    """Against the readable rule for every consumer and car of a random town, with forgetting and without."""
    generator = np.random.default_rng(1)
    n, cars, week = 60, 3, 20
    network = Network.from_edges(n, generator.integers(0, n, 200), generator.integers(0, n, 200))
    has, since = generator.integers(-1, cars, n).astype(np.int16), generator.integers(-50, week + 1, n).astype(np.int16)
    rows = generator.permutation(n)[:40]
    for forgetting in (0.0, 0.1):
        weeks, share = heard_from(network, rows, has, since, week, cars, forgetting)
        for i, row in enumerate(rows.tolist()):
            for k in range(cars):
                expected = awareness.heard_of_one(network, row, k, has, since, week, forgetting)
                assert (weeks[i, k], share[i, k]) == pytest.approx(expected, rel=1e-6)
    assert remembered(3, 0.0) == 3
    assert remembered(10_000, 0.1) == pytest.approx(10.0)
