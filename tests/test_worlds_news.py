"""Two worlds that differ in something: stories spread in both as if it made no difference, where it must make none."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from evidence import MANY, SEEDS, z_between

from experiments.verify.crowds import PLACES, begin, crowd, spread, stories
from market.people.network import Network
from market.stories.news import News, Stories
from market.stories.story import Heard

N = 3_000
LOUD: dict[str, Any] = {"talk_per_tie_per_day": 0.05, "pool_per_day": 0.2, "feed": {"contacts_per_day": 0.3}}


def days_of(told: Stories, people: Any, days: int = 8, start: int = 40) -> list[Heard]:
    rows = np.arange(told.n)
    return [h for day in range(start, start + days) for h in told.spread(people, day, [rows] * len(told.live))]


def first_told(reports: list[Heard], word: str) -> list[list[int]]:
    return [heard.first.tolist() for heard in reports if heard.story.word == word]


def test_another_story_changes_nothing_but_through_the_feeds() -> None:
    """With feeds off a story goes its way whatever else is told; with feeds on, they compete."""
    for feed, same in (({"contacts_per_day": 0.0}, True), ({"contacts_per_day": 0.5}, False)):
        told, with_other, people = stories(N, **LOUD | {"feed": feed}), stories(N, **LOUD | {"feed": feed}), crowd(8, N)
        begin(with_other, people, "other", attention=9.0)
        for one in (told, with_other):
            begin(one, people, attention=2.0)
        alone, beside = (first_told(days_of(one, people), "story") for one in (told, with_other))
        assert (alone == beside) == same


def test_dates_and_the_order_of_rows_change_nothing() -> None:
    """A story that begins on another day of the run has the same days; lists of the same people are the same."""
    people, reports = crowd(9, N), []
    for start, order in ((40, 1), (61, -1)):
        told = stories(N, **LOUD)
        told.begin(
            people, "story", 1, "quality_defect", start, np.array([1.0]), np.arange(N)[::order], attention=1.0,
            witnesses=0.05,
        )  # fmt: skip
        rows = np.arange(N)[::order]
        reports.append([told.spread(people, day, [rows])[0].first.tolist() for day in range(start, start + 6)])
    assert reports[0] == reports[1]


def test_one_consumer_more_changes_nobody_elses_luck() -> None:
    """Without ties or reactions between people, all others hear on the same days."""
    reports = []
    for n in (N, N + 1):
        people, told = crowd(10, n, ties=Network.from_edges(n, [], [])), stories(n, feed={"engagement": 0.0})
        begin(told, people, attention=2.0, witnesses=0.1)
        reports.append([[row for row in first if row < N] for first in first_told(days_of(told, people), "story")])
    assert reports[0] == reports[1]
    assert sum(map(len, reports[0])) > 100


def test_a_copy_goes_its_own_way_and_starts_the_same() -> None:
    """Two copies agree to the byte; what happens to one is nothing to the other."""
    people, told = crowd(11, N), stories(N, **LOUD)
    begin(told, people, attention=1.0, witnesses=0.05)
    days_of(told, people, 2)
    twin, other = copy.deepcopy(told), copy.deepcopy(told)
    other.act(people, other.live[0], "answer", 42, np.arange(N), directly=1.0, attention=50.0)
    days_of(other, people, 3, start=42)
    assert first_told(days_of(told, people, 3, start=42), "story") == first_told(
        days_of(twin, people, 3, start=42), "story"
    )
    assert told.live[0].acts == []


def test_the_informed_share_does_not_depend_on_how_many_consumers_there_are() -> None:
    """2,000 and 20,000 consumers with everything on: equal means on the last of twenty days."""
    shares: dict[int, list[list[float]]] = {2_000: [], 20_000: []}
    for n, found in shares.items():
        for seed in SEEDS:
            people, told = crowd(seed, n), Stories(News(ends_below=0.0), PLACES, n)
            begin(
                told, people, attention=0.5, mix={"douyin": 0.7, "jd": 0.3}, concerned=np.flatnonzero(people.car == 1)
            )
            list(spread(told, people, 20, pool=np.flatnonzero(people.car == 1)))
            story = told.live[0]
            found.append((story.informed / people.households).tolist())
    assert np.all(z_between(shares[2_000], shares[20_000]) < MANY)
    assert 0.2 < np.mean(shares[20_000]) < 0.9


@pytest.mark.parametrize("delay", [1, 6])
def test_a_small_pool_hears_as_much_as_a_large_one(delay: int) -> None:
    """Thirty consumers stand for the buyers of a rare car as three thousand would: of the failure and of an answer."""
    shares: dict[int, list[list[float]]] = {30: [], 3_000: []}
    for size, found in shares.items():
        for seed in range(60 if size == 30 else 20):
            people, told, pool = (
                crowd(seed, N),
                Stories(News(feed={"contacts_per_day": 0.0}), PLACES, N),
                np.arange(size),
            )
            begin(told, people, concerned=pool)
            story = told.live[0]
            for day in range(40, 60):
                if day == 40 + delay:
                    told.act(people, story, "answer", day, pool, directly=0.2)
                told.spread(people, day, [pool])
            found.append([story.aware(pool).mean(), story.has_heard("answer", pool).mean()])
    assert np.all(z_between(shares[30], shares[3_000]) < MANY)
    assert 0.7 < np.mean(shares[3_000]) < 0.99
