"""The luck behind choices beside what the verification says of it: scipy's stable draws, the ends of the range."""

from __future__ import annotations

import numpy as np
from evidence import SEEDS, UNLIKELY, fisher_p
from numpy.typing import NDArray
from scipy import stats

from experiments.verify.toy import PEOPLE
from market.chance import Chance
from market.people import choice
from market.people.choice import OUTSIDE, best

Floats = NDArray[np.float64]


def stable_log(seed: int, lam: float) -> Floats:
    """ln S for many people, from the draws that chance gives."""
    rows = np.arange(PEOPLE)
    turn = Chance(seed).uniform("angle", rows)
    return choice.positive_stable_log(turn, Chance(seed).exponential("wait", rows), lam).astype(float)


def test_positive_stable_draws_agree_with_scipy() -> None:
    """Levy's distribution at lambda = 1/2 exactly, and scipy's own stable draws at .6."""
    half = [stats.kstest(np.exp(stable_log(seed, 0.5)), stats.levy(scale=0.5).cdf).pvalue for seed in SEEDS]
    assert fisher_p(half) > UNLIKELY
    lam = 0.6
    law = stats.levy_stable(lam, 1.0, scale=np.cos(np.pi * lam / 2.0) ** (1.0 / lam))
    theirs = [np.log(law.rvs(20_000, random_state=seed)) for seed in SEEDS]
    assert fisher_p([stats.ks_2samp(stable_log(seed, lam), theirs[seed]).pvalue for seed in SEEDS]) > UNLIKELY


def test_the_ends_of_the_range_give_finite_shocks() -> None:
    """At the least and largest draws there are, for every dissimilarity."""
    ends = np.array([2.0**-24, 0.5, 1.0 - 2.0**-24], np.float32)
    turn, wait = (np.ravel(grid) for grid in np.meshgrid(ends, -np.log(ends)))
    for lam in (0.05, 0.4, 0.6, 0.95):
        assert np.all(np.isfinite(choice.positive_stable_log(turn, wait, lam)))


def test_the_margin_is_the_gap_to_the_best_other_car() -> None:
    """Another offer of the same car is no rival; where nothing else is on offer the margin is infinite."""
    car_of = np.array([0, 0, 1])
    table = np.array([[3.0, 2.5, 1.0, 0.5], [0.0, 1.0, 4.0, 4.5], [2.0, -np.inf, -np.inf, -np.inf]], np.float32)
    picked, margin = best(table, car_of)
    assert picked.tolist() == [0, OUTSIDE, 0]
    assert margin.tolist() == [2.0, 0.5, np.inf]
