"""Promises of intervals: those of theory, and still right when the sample decides for itself when to stop."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from experiments import intervals
from experiments.intervals import FIRST_BATCH, Precision, Running, bootstrap, enough, next_size, size_for, student
from market import CaseError

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]

CONFIDENT = (0.93, 0.97)


def test_the_t_interval_is_that_of_scipy_column_by_column_and_leaves_gaps_out() -> None:
    values = np.random.default_rng(1).normal(2.0, 3.0, (12, 3))
    values[[0, 5], 1] = np.nan
    low, high = student(values)
    for column in range(3):
        known = values[:, column][~np.isnan(values[:, column])]
        expected = stats.ttest_1samp(known, 0.0).confidence_interval(0.95)
        assert (low[column], high[column]) == pytest.approx((expected.low, expected.high), rel=1e-12)


def test_equal_numbers_have_an_interval_without_width_and_one_number_has_none() -> None:
    assert [float(limit[0]) for limit in student([[0.1]] * 7)] == [0.1, 0.1]
    assert [float(limit[0]) for limit in bootstrap([[0.1]] * 7)] == [0.1, 0.1]
    assert np.isnan(student([[1.0]])).all() and np.isnan(bootstrap([[1.0]])).all()
    assert np.isnan(student([[np.nan], [np.nan]])).all() and np.isnan(intervals.mean([[np.nan]])).all()


def test_the_mean_of_equal_numbers_is_that_number() -> None:
    numbers = np.random.default_rng(1).random(500)
    for count in (3, 7, 11):
        assert (intervals.mean(np.tile(numbers, (count, 1))) == numbers).all()
        assert (np.ptp(student(np.tile(numbers, (count, 1))), axis=0) == 0.0).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_bootstrap_interval_is_that_of_scipy_for_skewed_numbers(seed: int) -> None:
    """Bias-corrected and accelerated; two sets of 20,000 resamples differ by some 2 % of the width."""
    values = np.random.default_rng(seed).exponential(size=30)
    expected = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", random_state=seed)
    found = bootstrap(values[:, None], resamples=20_000, seed=seed)
    low, high = expected.confidence_interval
    assert [found.low[0], found.high[0]] == pytest.approx([low, high], abs=0.03 * (high - low))
    assert high - values.mean() > values.mean() - low  # towards the long tail


def test_the_bootstrap_asks_its_own_luck_and_gives_the_same_limits_in_any_company() -> None:
    values = np.random.default_rng(3).normal(size=(9, 2))
    both, alone = bootstrap(values), bootstrap(values[:, :1])
    assert [both.low[0], both.high[0]] == pytest.approx([alone.low[0], alone.high[0]], rel=1e-12)
    values[3, 1] = np.nan
    assert bootstrap(values).low[0] == pytest.approx(both.low[0], rel=1e-12)


def test_series_one_after_the_other_give_the_means_and_intervals_of_all_together() -> None:
    values = np.random.default_rng(4).normal(5.0, 2.0, (11, 6))
    values[2, 1] = values[4, 1] = np.nan
    values[:, 2] = np.nan
    running = Running()
    for row in values:
        running.add(row)
    assert running.mean() == pytest.approx(intervals.mean(values), rel=1e-12, nan_ok=True)
    for found, expected in zip(running.interval(), student(values), strict=True):
        assert found == pytest.approx(expected, rel=1e-9, nan_ok=True)


# ------------------------------------------------------------------------------------------ how many are enough


@pytest.mark.parametrize("text", ["", "5", "0", "-1%", "0%", "101%", "x", "nan", "inf", "1e999", "5 percent", "%"])
def test_a_bad_precision_is_refused(text: str) -> None:
    if text == "5":
        assert Precision.parse(text) == Precision(5.0, relative=False)
        return
    with pytest.raises(CaseError, match="--precision: given"):
        Precision.parse(text)


def test_a_precision_is_read_and_said_back() -> None:
    assert str(Precision.parse(" 2.5 %")) == "2.5%"
    assert Precision.parse("0.002").half_width(77.0) == 0.002
    assert Precision.parse("10%").half_width(-50.0) == pytest.approx(5.0)


def test_pairs_that_do_not_differ_at_all_are_enough_at_once() -> None:
    assert next_size([], Precision(0.05), 500) == FIRST_BATCH
    assert next_size([0.0] * FIRST_BATCH, Precision(0.05), 500) == FIRST_BATCH
    assert enough([0.0, 0.0], Precision(0.05))


def test_a_difference_that_cannot_be_found_ends_at_the_most() -> None:
    rng = np.random.default_rng(5)
    sizes = [0]
    while (size := next_size(rng.normal(size=sizes[-1]), Precision(0.01), 3_000)) != sizes[-1]:
        sizes.append(size)
    assert sizes[-1] == 3_000
    assert all(b <= 4 * a for a, b in pairwise(sizes[1:]))
    assert next_size([np.nan] * 30, Precision(0.05), 500) > 30
    assert next_size([1.0, 2.0], Precision(0.05), 2) == 2


@pytest.mark.parametrize("seed", range(20))
def test_what_is_enough_is_as_precise_as_was_asked_for(seed: int) -> None:
    """Whatever the sample, half the interval that is reported is within the precision when it stops."""
    precision = Precision(0.1)
    drawn = stopped(lambda rng, n: rng.normal(1.0, 0.5, n), precision, np.random.default_rng(seed))
    low, high = student(drawn[:, None], sequential=True)
    assert (high[0] - low[0]) / 2.0 <= 0.1 * abs(drawn.mean()) * (1.0 + 1e-12)
    assert 60 <= len(drawn) <= 180  # 99 would do if the spread were known


def stopped(draw: Draw, precision: Precision, rng: np.random.Generator, most: int = 20_000) -> Floats:
    """A sample that ends when it is precise enough."""
    drawn = np.zeros(0)
    while (size := next_size(drawn, precision, most)) != len(drawn):
        drawn = np.concatenate([drawn, draw(rng, size - len(drawn))])
    return drawn


def covered(draw: Draw, true: float, precision: Precision, runs: int, seed: int) -> float:
    """How often the interval of a sample that ended by itself holds the true mean."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        low, high = student(stopped(draw, precision, rng)[:, None], sequential=True)
        hits += bool(low[0] <= true <= high[0])
    return hits / runs


def normal(spread: float) -> Draw:
    """Differences of mean 1."""
    return lambda rng, n: rng.normal(1.0, spread, n)


def skewed(spread: float, sign: float = 1.0) -> Draw:
    """Differences of mean 1 and skewness 1 (gamma of shape 4)."""
    return lambda rng, n: 1.0 + sign * spread * (rng.gamma(4.0, size=n) - 4.0) / 2.0


def heavy(spread: float) -> Draw:
    """Differences of mean 1 with heavy tails (t with 5 degrees of freedom)."""
    return lambda rng, n: 1.0 + spread * rng.standard_t(5.0, n) / (5.0 / 3.0) ** 0.5


QUICK = {"normal": normal(0.4), "skewed": skewed(0.4, -1.0)}
WORLDS = {
    f"{name.__name__} {spread}": name(spread) for name in (normal, skewed, heavy) for spread in (0.2, 0.3, 0.5, 1.0)
} | {f"skewed down {spread}": skewed(spread, -1.0) for spread in (0.2, 0.3, 0.5, 1.0)}


@pytest.mark.parametrize("name", QUICK)
def test_intervals_of_samples_that_stop_themselves_hold_the_truth_in_95_of_100(name: str) -> None:
    """1,500 samples; sampling error of the part .6 %."""
    part = covered(QUICK[name], 1.0, Precision(0.1), 1_500, seed=1)
    assert CONFIDENT[0] <= part <= CONFIDENT[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_and_so_they_do_for_many_spreads_and_shapes(name: str) -> None:
    """4,000 samples each; sampling error of the part .35 %."""
    part = covered(WORLDS[name], 1.0, Precision(0.1), 4_000, seed=2)
    assert CONFIDENT[0] <= part <= CONFIDENT[1]


@pytest.mark.slow
def test_an_amount_is_reached_with_the_same_confidence() -> None:
    for seed, amount in enumerate((0.1, 0.05)):
        part = covered(normal(0.4), 1.0, Precision(amount, relative=False), 4_000, seed)
        assert CONFIDENT[0] <= part <= CONFIDENT[1]


def test_the_size_for_a_known_spread_is_the_smallest_that_is_precise_enough() -> None:
    for spread, effect in ((1.0, 1.0), (0.05, 1.0), (3.0, -0.7)):
        size = int(size_for(spread, effect, Precision(0.1)))
        half = [float(intervals.quantile(n)) * spread / n**0.5 for n in (size, size - 1) if n > 1]
        assert half[0] <= 0.1 * abs(effect)
        assert len(half) == 1 or half[1] > 0.1 * abs(effect)
    assert size_for(1.0, 0.0, Precision(0.1)) == np.inf
    assert size_for(0.0, 0.0, Precision(0.1)) == 2.0
