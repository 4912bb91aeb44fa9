"""Grievance and doubt: what holds for one holds for all."""

from __future__ import annotations

import numpy as np
import pytest
from evidence import MANY
from hypothesis import given
from hypothesis import strategies as st
from two_forms import SEEDS, SUMMED, agree, rows_and_spells

from market.cars import Plan
from market.chance import Chance, words
from market.people import grievance
from market.stories import grievance as hearing
from market.stories.grievance import Deferral

NAME = {"en": "rent", "zh": "租"}


def states(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Grievances, when they were felt, and stretches of time that lie before, across and after."""
    draw = np.random.default_rng(seed)
    since = draw.uniform(0, 20, n).astype(np.float32)
    begins = draw.uniform(0, 30, n).astype(np.float32)
    return draw.exponential(1.0, n).astype(np.float32), since, begins, begins + draw.uniform(0, 5, n).astype(np.float32)


# Fading and cancelling


@pytest.mark.parametrize("seed", SEEDS)
def test_one_forgets_like_all(seed: int) -> None:
    """What is left now, and what is felt after something new, never below nothing."""
    level, since, _, now = states(seed)
    change = np.random.default_rng(seed).normal(0, 1, len(level)).astype(np.float32)
    four = list(zip(level.tolist(), since.tolist(), change.tolist(), now.tolist(), strict=True))
    agree(grievance.faded(level, since, now, 6.0), [grievance.faded_of_one(g, s, t, 6.0) for g, s, _, t in four])
    many = grievance.felt(level, since, change, now, 6.0)
    agree(many, [grievance.felt_of_one(*one, 6.0) for one in four])
    assert many.min() == 0.0 < many.max()
    assert many.dtype == np.float32


@pytest.mark.parametrize("seed", SEEDS)
def test_one_cancels_out_of_grievance_like_all(seed: int) -> None:
    """The hazard cumulated between any two times."""
    level, since, begins, ends = states(seed)
    many = grievance.cumulated(level, since, begins, ends, 0.3, 4.0)
    four = zip(level.tolist(), since.tolist(), begins.tolist(), ends.tolist(), strict=True)
    one = [grievance.cumulated_of_one(g, felt, begin, end, 0.3, 4.0) for g, felt, begin, end in four]
    agree(many, one, within=SUMMED)
    assert (many >= 0).all()
    assert 0 < np.count_nonzero(many) < len(many)


@given(st.floats(0, 5), st.floats(0, 20), st.floats(0, 20), st.floats(0.05, 50), st.floats(0, 1))
def test_a_stretch_cut_in_two_is_the_sum_of_its_parts(
    level: float, begins: float, length: float, half_life: float, at: float
) -> None:
    """A week cut into days leaves no trace; the hazard is the integral of what is left."""
    cut, ends = begins + at * length, begins + length
    whole = grievance.cumulated(level, 5.0, begins, ends, 0.5, half_life)
    parts = [grievance.cumulated(level, 5.0, *stretch, 0.5, half_life) for stretch in ((begins, cut), (cut, ends))]
    assert sum(part.item() for part in parts) == pytest.approx(whole.item(), rel=1e-9, abs=1e-12)


def test_the_hazard_is_the_integral_of_what_is_left() -> None:
    """Against a fine sum, and against all there ever is: level x half-life / ln 2."""
    middle = np.linspace(2.0, 9.0, 70_001)
    times = (middle[1:] + middle[:-1]) / 2
    left = np.where(times >= 3.0, 1.5 * 0.5 ** ((times - 3.0) / 2.5), 0.0)
    assert grievance.cumulated(1.5, 3.0, 2.0, 9.0, 0.4, 2.5).item() == pytest.approx(0.4 * left.sum() * 1e-4, rel=1e-4)
    assert grievance.cumulated(1.5, 3.0, 0.0, 1e4, 0.4, 2.5).item() == pytest.approx(0.4 * 1.5 * 2.5 / np.log(2))
    assert grievance.cumulated(1.5, 3.0, 0.0, 1e4, 0.0, 2.5).item() == 0.0


def test_a_remedy_worth_the_grievance_ends_it() -> None:
    """Felt again and again with nothing new, it only fades; relieved in full, nothing is left to fade."""
    half = grievance.felt(1.0, 0.0, 0.0, 6.0, 6.0)
    agree(grievance.felt(half, 6.0, 0.0, 12.0, 6.0), grievance.felt(1.0, 0.0, 0.0, 12.0, 6.0))
    assert grievance.felt(1.0, 0.0, -0.5, 6.0, 6.0).tolist() == 0.0


# Hearing


@pytest.mark.parametrize("seed", SEEDS)
def test_one_is_concerned_like_all(seed: int) -> None:
    """Who has ordered or owns an offer of the story; nobody else."""
    draw = np.random.default_rng(seed)
    of_story = draw.random(12) < 0.3
    ordered, owned = draw.integers(-1, 12, (2, 500)).astype(np.int16)
    many = hearing.concerned(ordered, owned, of_story)
    pairs = zip(ordered.tolist(), owned.tolist(), strict=True)
    one = [hearing.concerned_of_one(*pair, of_story.tolist()) for pair in pairs]
    assert many.tolist() == one
    assert 0 < many.sum() < 500


@pytest.mark.parametrize("seed", SEEDS)
def test_one_is_as_aggrieved_as_all(seed: int) -> None:
    """Own kilometres beyond the cap in money, times the price taste, on top of the surprise."""
    draw = np.random.default_rng(seed)
    plan = Plan(name=NAME, cap_km_per_month=3_000.0, overage_cny_per_km=0.2)
    km, taste = draw.lognormal(7.5, 0.7, 300), -draw.exponential(0.5, 300)
    loss = hearing.money_beyond_cap(km, plan, 60.0, 0.004)
    agree(loss, [hearing.money_beyond_cap_of_one(k, plan, 60.0, 0.004) for k in km.tolist()])
    many = hearing.grievance_of_hearing(1.3, 0.8, taste, loss)
    pairs = zip(taste.tolist(), loss.tolist(), strict=True)
    agree(many, [hearing.grievance_of_hearing_of_one(1.3, 0.8, *pair) for pair in pairs])
    np.testing.assert_allclose(many[km < 3_000], 1.3 * 0.8, rtol=1e-6)
    assert (many[km > 3_000] > 1.3 * 0.8).all()


def test_nothing_is_felt_about_nothing() -> None:
    """Severity 0 and no cap: no grievance, no loss."""
    assert not hearing.grievance_of_hearing(0.0, 1.0, [-1.0, -2.0], [1e4, 0.0]).any()
    free = Plan(name=NAME)
    assert not hearing.money_beyond_cap([1e4], free, 60.0, 0.004).any()
    assert hearing.money_beyond_cap_of_one(1e4, free, 60.0, 0.004) == 0.0


# Deferral


@pytest.mark.parametrize("seed", SEEDS)
def test_one_waits_when_all_do(seed: int) -> None:
    """Each knows some stories of different severity, one of them answered."""
    draw, chance, section = np.random.default_rng(seed), Chance(seed), Deferral(share=0.4)
    rows, spell = rows_and_spells(draw)
    stories, severity = words(["first", "second", "third"]), [1.0, 0.5, 0.0]
    heard = draw.random((len(rows), 3)) < 0.4
    many = hearing.defers(chance, rows, spell, heard, stories, severity, section)
    one = [
        hearing.defers_of_one(
            chance, int(row), int(spell[i]), stories[heard[i]].tolist(), np.array(severity)[heard[i]].tolist(), section
        )
        for i, row in enumerate(rows)
    ]
    assert many.tolist() == one
    assert 0 < many.sum() < len(rows)
    assert not many[~heard[:, :2].any(axis=1)].any()


def test_those_who_wait_are_as_many_as_stated() -> None:
    """Each story by itself, on independent luck; share 0: nobody; deciding again in the same need changes nothing."""
    rows, spell = np.arange(20_000), np.zeros(20_000, np.int16)
    both, stories = np.ones((len(rows), 2), bool), words(["one", "other"])
    waits = hearing.defers(Chance(3), rows, spell, both, stories, [1.0, 2.0], Deferral(share=0.3))
    expected = 1 - (1 - 0.3) * (1 - 0.6)
    assert abs(waits.mean() - expected) < MANY * np.sqrt(expected * (1 - expected) / len(rows))
    again = hearing.defers(Chance(3), rows[:50], spell[:50], both[:50], stories, [1.0, 2.0], Deferral(share=0.3))
    assert (again == waits[:50]).all()
    assert not hearing.defers(Chance(3), rows, spell, both, stories, [1.0, 2.0], Deferral(share=0.0)).any()
    assert not hearing.defers(Chance(3), rows, spell, ~both, stories, [1.0, 2.0], Deferral(share=1.0)).any()


def test_another_story_changes_nobody_elses_luck() -> None:
    """Whoever waits for one story waits for it whatever else is known, and in whatever order stories are listed."""
    rows, spell = np.arange(2_000), np.zeros(2_000, np.int16)
    one = np.ones((len(rows), 1), bool)
    alone = hearing.defers(Chance(3), rows, spell, one, words(["one"]), [1.0], Deferral())
    among = np.column_stack([np.zeros(len(rows), bool), one[:, 0]])
    beside = hearing.defers(Chance(3), rows, spell, among, words(["other", "one"]), [1.0, 1.0], Deferral())
    assert (alone == beside).all()
