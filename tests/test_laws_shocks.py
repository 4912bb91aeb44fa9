"""The luck behind choices is what it claims to be: Gumbel and stable draws, recoverable tastes, no surprises.

What needs an oracle is held against scipy and an external discrete-choice library; the rest needs none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from evidence import MANY, SEEDS, UNLIKELY, fisher_p, pooled_p, z_of
from numpy.typing import NDArray
from scipy import stats
from toy_market import DISSIMILARITY, NESTS, PEOPLE, chosen, count, drawn, names, utility, with_outside
from xlogit import MixedLogit, MultinomialLogit

from market.chance import Chance
from market.people import choice
from market.people.choice import OUTSIDE, best, probabilities

Floats = NDArray[np.float64]


# The shocks themselves


@pytest.mark.parametrize("dissimilarity", [1.0, 0.6, 0.2])
def test_every_shock_is_standard_gumbel_whatever_the_nests(dissimilarity: float) -> None:
    """Offers, clones and the outside good alike, against scipy on each of twenty seeds."""
    p_values = []
    for seed in SEEDS:
        shock = drawn(seed, [0, 0, 1], dissimilarity)
        p_values += [stats.kstest(column, "gumbel_r").pvalue for column in (shock[:, 0], shock[:, 2], shock[:, -1])]
    assert fisher_p(p_values) > UNLIKELY


@pytest.mark.parametrize("dissimilarity", [0.8, 0.4])
def test_shocks_of_one_car_correlate_by_one_minus_lambda_squared_and_of_two_not_at_all(dissimilarity: float) -> None:
    """Tiago de Oliveira's (1958) correlation of bivariate extremes; the outside good is alone."""
    within, across, outside = [], [], []
    for seed in SEEDS:
        matrix = np.atleast_2d(np.corrcoef(drawn(seed, [0, 0, 1], dissimilarity).T))
        within.append(matrix[0, 1])
        across.append(matrix[0, 2])
        outside.append(matrix[0, 3])
    assert z_of(within, 1.0 - dissimilarity**2) < MANY
    assert z_of(across, 0.0) < MANY
    assert z_of(outside, 0.0) < MANY


def stable_log(seed: int, lam: float) -> Floats:
    """ln S for many people, from the draws that chance gives."""
    rows = np.arange(PEOPLE)
    turn = Chance(seed).uniform("angle", rows)
    return choice.positive_stable_log(turn, Chance(seed).exponential("wait", rows), lam).astype(float)


@pytest.mark.parametrize("lam", [0.9, 0.6, 0.4])
def test_positive_stable_draws_have_their_laplace_transform(lam: float) -> None:
    """E[exp(-t S)] = exp(-t**lambda)."""
    for t in (0.1, 1.0, 5.0):
        means = [np.exp(-t * np.exp(np.minimum(stable_log(seed, lam), 700.0))).mean() for seed in SEEDS]
        assert z_of(means, np.exp(-(t**lam))) < MANY


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


# An external library


def long_form(v_of: list[Floats], choices: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
    """Attributes, chosen flags, alternatives and people in the long layout of xlogit."""
    people, alternatives = v_of[0].shape
    attributes = np.stack([v.ravel() for v in v_of], axis=1)
    flags = (np.arange(alternatives) == choices[:, None]).ravel().astype(np.int64)
    return attributes, flags, np.tile(np.arange(alternatives), people), np.repeat(np.arange(people), alternatives)


def situations(seed: int, people: int, alternatives: int = 4) -> tuple[Floats, Floats]:
    """Prices and qualities that differ between people, so that tastes can be told apart."""
    generator = np.random.default_rng(seed)
    return generator.uniform(1.0, 4.0, (people, alternatives)), generator.normal(0.0, 1.0, (people, alternatives))


def test_xlogit_recovers_the_tastes_behind_simulated_choices() -> None:
    """Plain logit: 20,000 choices; estimates within 3 of their standard errors, shares within 4."""
    people, truth = 20_000, np.array([-0.8, 1.2])
    price, quality = situations(1, people)
    v = truth[0] * price + truth[1] * quality
    choices = chosen(11, v, outside=-np.inf, people=people)
    attributes, flags, alternatives, ids = long_form([price, quality], choices)
    model = MultinomialLogit()
    model.fit(attributes, flags, varnames=["price", "quality"], alts=alternatives, ids=ids, verbose=0)
    assert np.all(np.abs(model.coeff_ - truth) < 3.0 * model.stderr)
    _, shares = model.predict(attributes, ["price", "quality"], alternatives, ids, return_proba=True, verbose=0)
    closed = probabilities(v, outside=None)
    assert np.asarray(shares) == pytest.approx(closed, abs=0.03)
    observed = count(choices, 4)[:4] / people
    spread = np.sqrt((closed * (1.0 - closed)).sum(axis=0)) / people
    assert np.all(np.abs(np.asarray(shares).mean(axis=0) - observed) < MANY * spread)


def test_xlogit_recovers_the_spread_of_tastes_behind_simulated_choices() -> None:
    """Mixed logit: 1,500 people choose 8 times each; means and standard deviations within 3 standard errors."""
    people, times = 1_500, 8
    mean, sd = np.array([-0.8, 1.2]), np.array([0.4, 0.7])
    tastes = mean + sd * Chance(5).normal("taste", np.arange(people)[:, None], np.arange(2)).astype(float)
    tables = []
    for spell in range(times):
        price, quality = situations(100 + spell, people)
        v = tastes[:, :1] * price + tastes[:, 1:] * quality
        tables.append(long_form([price, quality], chosen(5, v, outside=-np.inf, people=people, spell=spell)))
    attributes, flags, alternatives, person = (np.concatenate(part) for part in zip(*tables, strict=True))
    occasion = np.repeat(np.arange(people * times), 4)
    order = np.lexsort((alternatives, occasion, person))
    model = MixedLogit()
    model.fit(
        attributes[order], flags[order], varnames=["price", "quality"], alts=alternatives[order], ids=occasion[order],
        panels=person[order], randvars={"price": "n", "quality": "n"}, n_draws=200, verbose=0,
    )  # fmt: skip
    estimates = np.append(model.coeff_[:2], np.abs(model.coeff_[2:]))
    assert np.all(np.abs(estimates - np.concatenate([mean, sd])) < 3.0 * model.stderr)


# What needs no oracle


def test_a_constant_added_to_all_utilities_changes_nothing() -> None:
    """To the outside good too: in the closed form, and for all but rounding's few of 50,000 simulated people."""
    v = utility()
    for nests, lam in ((None, 1.0), (NESTS, 0.4)):
        assert probabilities(v + 7.0, nests, lam, outside=7.0) == pytest.approx(probabilities(v, nests, lam), abs=1e-12)
        moved = chosen(1, v + 7.0, nests, lam, outside=7.0) != chosen(1, v, nests, lam)
        assert moved.mean() < 1e-4


def test_two_clones_share_what_one_had_if_each_is_less_liked_by_lambda_ln_2() -> None:
    """By ln 2 where each is a car of its own, by lambda ln 2 within a nest; all others keep their shares."""
    v = utility()
    for nests, lam in ((np.arange(5), 1.0), (NESTS, DISSIMILARITY)):
        cloned = np.append(v, v[0])
        cloned[[0, 5]] -= lam * np.log(2.0)
        nest_of = np.append(nests, nests[0] if lam < 1.0 else 5)
        shares = probabilities(cloned, nest_of, lam)
        assert np.append(shares[0] + shares[5], shares[1:5]) == pytest.approx(probabilities(v, nests, lam), abs=1e-12)
        counts = [count(chosen(seed, cloned, nest_of, lam), 6) for seed in SEEDS]
        merged = [np.append(c[0] + c[5], np.append(c[1:5], c[6])) for c in counts]
        assert pooled_p(merged, with_outside(probabilities(v, nests, lam))) > UNLIKELY


def test_two_equal_clones_draw_more_than_one_but_not_twice_as_much() -> None:
    """Unshifted clones must not just split: they bring 2**lambda of the attraction."""
    v = np.zeros(1)
    one = probabilities(v)[0]
    for lam in (0.4, 1.0):
        two = probabilities(np.zeros(2), [0, 0], lam).sum()
        assert two == pytest.approx(2**lam / (1.0 + 2**lam), abs=1e-12)
        assert one < two < 2.0 * one
        assert z_of([np.mean(chosen(s, np.zeros(2), [0, 0], lam) != OUTSIDE) for s in SEEDS], two) < MANY


def test_an_offer_without_hope_is_as_if_it_did_not_exist() -> None:
    """V = -inf in the closed form; and nobody chooses otherwise than when the offer is not listed at all."""
    v = utility()
    hopeless = v.copy()
    hopeless[2] = -np.inf
    kept = [0, 1, 3, 4]
    keys = names("offer", 5)
    for nests, lam in ((np.arange(5), 1.0), (NESTS, 0.4)):
        absent_share = probabilities(v[kept], nests[kept], lam)
        assert probabilities(hopeless, nests, lam)[kept] == pytest.approx(absent_share, abs=1e-12)
        cars, car_of = np.unique(nests[kept], return_inverse=True)
        listed = chosen(1, hopeless, nests, lam)
        absent = chosen(1, v[kept], car_of, lam, offers=keys[kept], cars=names("car", int(nests.max()) + 1)[cars])
        assert np.array_equal(listed, np.where(absent == OUTSIDE, OUTSIDE, np.array(kept)[absent]))


def test_listing_offers_in_another_order_is_the_same_choice_of_the_same_people() -> None:
    """Luck follows the id of an offer, not its place in a list."""
    v, order = utility(), np.array([3, 1, 4, 0, 2])
    for nests, lam in ((np.arange(5), 1.0), (NESTS, 0.4)):
        cars, car_of = np.unique(nests[order], return_inverse=True)
        straight = chosen(1, v, nests, lam)
        again = chosen(
            1, v[order], car_of, lam, offers=names("offer", 5)[order], cars=names("car", int(nests.max()) + 1)[cars]
        )
        assert np.array_equal(straight, np.where(again == OUTSIDE, OUTSIDE, order[again]))


def test_the_margin_is_the_gap_to_the_best_other_car() -> None:
    """Another offer of the same car is no rival; where nothing else is on offer the margin is infinite."""
    car_of = np.array([0, 0, 1])
    table = np.array([[3.0, 2.5, 1.0, 0.5], [0.0, 1.0, 4.0, 4.5], [2.0, -np.inf, -np.inf, -np.inf]], np.float32)
    picked, margin = best(table, car_of)
    assert picked.tolist() == [0, OUTSIDE, 0]
    assert margin.tolist() == [2.0, 0.5, np.inf]
