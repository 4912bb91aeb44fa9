"""Awareness spreads as Bass said: the pieces alone, and the whole market with everything else switched off."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from evidence import MANY, SEEDS, UNLIKELY, pooled_p, standard_error, z_of
from numpy.typing import ArrayLike, NDArray
from small_cases import NO_TIES, NOBODY_CANCELS, car, small_case

from market import Case, Market
from market.chance import Chance, words
from market.people import awareness
from market.people.awareness import NOBODY, Media, MediaMemory, heard_from, remembered, thresholds
from market.people.consumers import NEVER
from market.people.network import Network

Floats = NDArray[np.float64]
P, Q = 0.03, 0.38
PUBLISHED = {1: 0.029554, 2: 0.068753, 5: 0.261068, 10: 0.729837, 20: 0.993691}
CONTINUOUS = {1: 0.035758, 2: 0.085056, 5: 0.331199, 10: 0.812803, 20: 0.996259}
KEY = words(["car"])


def recursion(p: float, q: float, steps: int, crowd: float = 1.0) -> Floats:
    """Adopting share after each step of F += (1 - F)(1 - exp(-(p + q F)))."""
    share, path = 0.0, []
    for _ in range(steps):
        share += (1.0 - share) * -math.expm1(-(p + q * crowd * share))
        path.append(share)
    return np.array(path)


def closed_form(p: float, q: float, t: ArrayLike) -> Floats:
    """Bass (1969), equation 6."""
    decay = np.exp(-(p + q) * np.asarray(t, float))
    return np.asarray((1.0 - decay) / (1.0 + q / p * decay))


def test_the_recursion_is_the_published_one() -> None:
    """Both published tables to six places, and halving the step halves the error to the closed form."""
    path = recursion(P, Q, 20)
    assert [path[t - 1] for t in PUBLISHED] == pytest.approx(list(PUBLISHED.values()), abs=1e-6)
    assert closed_form(P, Q, list(CONTINUOUS)) == pytest.approx(list(CONTINUOUS.values()), abs=1e-6)
    coarse, fine = (recursion(P / cuts, Q / cuts, 10 * cuts)[-1] - closed_form(P, Q, 10) for cuts in (8, 16))
    assert fine / coarse == pytest.approx(0.5, abs=0.02)


# The pieces: media memory, what is heard, thresholds


def complete(n: int) -> Network:
    """Everybody knows everybody else."""
    ends = np.tile(np.arange(n), (n, 1))[~np.eye(n, dtype=bool)]
    return Network(np.arange(0, n * (n - 1) + 1, n - 1), ends.astype(np.int32))


def spread(seed: int, n: int, p: float, q: float, steps: int) -> Floats:
    """Adopting share when who knows a car has it at once, through the pieces that the market runs."""
    network = complete(n)
    limits = thresholds(Chance(seed), np.arange(n), KEY)[:, 0]
    cars, since = np.full(n, NOBODY, np.int16), np.zeros(n, np.int16)
    path = []
    for week in range(steps):
        without = np.flatnonzero(cars == NOBODY)
        talked, _ = heard_from(network, without, cars, since, week, 1, 0.0)
        new = without[p * (week + 1) + q * talked[:, 0] >= limits[without]]
        cars[new], since[new] = 0, week
        path.append(np.mean(cars == 0))
    return np.array(path)


def test_thresholds_crossed_by_what_is_heard_are_the_bass_recursion() -> None:
    """A complete graph of 501, twenty seeds: within .001 + 4 standard errors in every week."""
    paths = [spread(seed, 501, P, Q, 20) for seed in SEEDS]
    assert np.all(z_of(paths, recursion(P, Q, 20), known_to=0.001) < MANY)


def test_knowing_is_a_hazard_crossed_once() -> None:
    """The share that knows after c contacts is 1 - exp(-c), for two cars independently, and nobody unlearns."""
    rows = np.arange(50_000)
    counts, both = [], []
    for seed in SEEDS:
        limits = thresholds(Chance(seed), rows, words(["a", "b"]))
        little, more = limits <= 0.2, limits <= 0.9
        assert not np.any(little & ~more)
        counts.append([little[:, 0].sum(), (more & ~little)[:, 0].sum(), (~more)[:, 0].sum()])
        both.append(np.bincount(2 * more[:, 0] + more[:, 1], minlength=4))
    known, never = -math.expm1(-0.9), math.exp(-0.9)
    assert pooled_p(counts, [-math.expm1(-0.2), math.exp(-0.2) - never, never]) > UNLIKELY
    assert pooled_p(both, [never**2, never * known, known * never, known**2]) > UNLIKELY


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


# The whole market


def bass_case(p: float, q: float, weeks: int, **changes: Any) -> Case:
    """One car that everybody who has heard of it takes at once; 501 consumers who all know each other."""
    only = car("ann", 80_000.0, exposure={"contacts_per_week": p})
    only["production"] |= {"capacity_per_week": 1e7, "inventory_weeks": 100.0, "lead_weeks": 0.0}
    return small_case(
        cars={"a": only},
        calendar__weeks=weeks,
        population__consumers=501,
        population__owners_share=0.0,
        acquaintances__degree=512,
        acquaintances__rewiring=0.0,
        acquaintances__followees=0.0,
        media__forgetting_per_week=0.0,
        media__word_of_mouth_per_week=q,
        media__following_per_week=0.0,
        media__excitement_half_life_weeks=1e12,
        happenings=[
            {"id": "hype", "on": "2025-01-06", "kind": "media_burst", "car": "a", "contacts": 0.0, "excitement": 1e9}
        ],
        profiles__plain__impulsiveness=1e9,
        choice__outside_utility=-1e6,
        orders__test_drive_sd=0.0,
        ownership__replacement_weeks=1e7,
        ownership__replacement_shape=20.0,
        **{name.replace(".", "__"): value for name, value in NOBODY_CANCELS.items()},
        **changes,
    )


def everybody_searches_for_ever(market: Market) -> Market:
    """Bring the consumers to where Bass begins: all of them looking, nobody with a car."""
    column, rows = market.consumers.columns, np.arange(len(market.consumers))
    column["car"][:] = NOBODY
    column["spell"][:] = 0
    market.book.waiting = market.book.waiting[:0]
    market.search.begin(rows)
    column["due"][:] = NEVER
    return market


def adopted(market: Market) -> Floats:
    """Cumulated orders as a share of all consumers, by week."""
    orders = market.ledger.by_car("orders")[:, 0] / market.household[0]
    return np.asarray(np.cumsum(orders) / len(market.consumers))


@cache
def market_paths(cuts: int) -> Floats:
    """Forty markets of 501 over twenty weeks of time, each step 1 / cuts of a week long: (markets, steps)."""
    case = bass_case(P / cuts, Q / cuts, 20 * cuts)
    return np.array([adopted(everybody_searches_for_ever(Market(case, rng=seed)).run()) for seed in range(40)])


@pytest.mark.parametrize("cuts", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_market_with_all_else_switched_off_is_the_bass_recursion(cuts: int) -> None:
    """At the full and at half the step: .001 + 4 standard errors in every week.

    Media, word of mouth, thresholds, impulse, choice and the path to an order are all the market's own.
    """
    assert np.all(z_of(market_paths(cuts), recursion(P / cuts, Q / cuts, 20 * cuts), known_to=0.001) < MANY)


def test_halving_the_step_halves_the_error_to_the_closed_form() -> None:
    """Around the middle, where the error is large against chance; the recursion itself is at .54 of the error there."""
    at = np.array([4, 5, 6, 8])
    closed = closed_form(P, Q, at)
    error = {cuts: (closed - market_paths(cuts)[:, at * cuts - 1]).mean(axis=1) for cuts in (1, 2)}
    exact = {cuts: (closed - recursion(P / cuts, Q / cuts, 8 * cuts)[at * cuts - 1]).mean() for cuts in (1, 2)}
    ratio = error[2].mean() / error[1].mean()
    spread = ratio * math.hypot(*(float(standard_error(one)) / one.mean() for one in error.values()))
    assert exact[2] / exact[1] == pytest.approx(0.5, abs=0.05)
    assert abs(ratio - exact[2] / exact[1]) < MANY * spread


def test_without_word_of_mouth_the_market_adopts_at_the_rate_of_the_media() -> None:
    """F = 1 - exp(-p t) exactly in expectation, whoever knows whom; with no ties at all likewise."""
    expected = -np.expm1(-0.1 * np.arange(1, 13))
    silent = bass_case(0.1, 0.0, 12)
    for case in (silent, silent.change(NO_TIES)):
        paths = [adopted(everybody_searches_for_ever(Market(case, rng=seed)).run()) for seed in SEEDS]
        assert np.all(z_of(paths, expected) < MANY)


def test_in_a_sparse_crowd_word_of_mouth_is_slower_than_the_recursion() -> None:
    """With ten acquaintances instead of everybody the same rates give fewer adopters: the test above could fail."""
    sparse = bass_case(P, Q, 10).change({"acquaintances.degree": 10})
    paths = [adopted(everybody_searches_for_ever(Market(sparse, rng=seed)).run()) for seed in SEEDS]
    assert np.mean(paths, axis=0)[-1] < recursion(P, Q, 10)[-1] - 0.01
