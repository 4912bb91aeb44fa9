"""Choice obeys the laws of discrete choice: closed forms, quadrature, scipy and an external library agree with it.

Simulated choices go through the pieces that the market runs: the shocks of `choice.shocks` and `choice.best`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from evidence import MANY, SEEDS, UNLIKELY, fisher_p, pooled_p, z_of
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from small_cases import small_case
from xlogit import MixedLogit, MultinomialLogit

from market import Market
from market import chance as luck
from market.chance import Chance
from market.people import awareness, choice
from market.people.choice import OUTSIDE, best, probabilities, shock_keys, shocks
from market.people.orders import SEARCHING

Floats = NDArray[np.float64]

# The toy market of five offers by three firms.
PRICE = np.array([6.98, 8.5, 9.9, 12.5, 10.18])
X = np.array([3.3, 4.0, 4.2, 5.1, 4.2])
CONSTANT, TASTE, PRICE_TASTE = -1.0, 1.1, -0.45
SHARES = np.array([0.174772, 0.190467, 0.126404, 0.105581, 0.111439])
NESTS = np.array([0, 0, 1, 1, 1])
DISSIMILARITY = 0.4
PEOPLE = 50_000


def utility(price: ArrayLike = PRICE) -> Floats:
    """Utility of the five offers before shocks."""
    return np.asarray(CONSTANT + TASTE * X + PRICE_TASTE * np.asarray(price, float))


def names(prefix: str, number: int) -> NDArray[np.uint64]:
    """Keys of things called a0, a1, ..."""
    return luck.words([f"{prefix}{i}" for i in range(number)])


def drawn(
    seed: int, nests: ArrayLike, dissimilarity: float, offers: NDArray[np.uint64] | None = None, people: int = PEOPLE,
    spell: int = 0, cars: NDArray[np.uint64] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Shocks of many people over offers and the outside good (last); `nests` gives the car of each offer."""
    car_of = np.asarray(nests, np.intp)
    keys = shock_keys(
        names("offer", len(car_of)) if offers is None else offers,
        names("car", int(car_of.max()) + 1) if cars is None else cars,
        dissimilarity,
    )
    return shocks(Chance(seed), np.arange(people), np.full(people, spell, np.int16), keys, car_of, dissimilarity)


def chosen(
    seed: int, v: ArrayLike, nests: ArrayLike | None = None, dissimilarity: float = 1.0, outside: float = 0.0,
    **more: Any,
) -> NDArray[np.intp]:  # fmt: skip
    """What each of many people chooses: the position of an offer or OUTSIDE."""
    v = np.asarray(v, np.float32)
    car_of = np.arange(v.shape[-1]) if nests is None else np.asarray(nests)
    total = drawn(seed, car_of, dissimilarity, **more)
    total[:, :-1] += v
    total[:, -1] += np.float32(outside)
    return best(total, car_of)[0]


def count(choices: NDArray[np.intp], offers: int) -> NDArray[np.int64]:
    """How many chose each offer and, last, the outside good."""
    return np.bincount(np.where(choices == OUTSIDE, offers, choices), minlength=offers + 1)


def with_outside(shares: ArrayLike) -> Floats:
    """Shares of the offers and, last, of the outside good."""
    inside = np.asarray(shares, float)
    return np.append(inside, 1.0 - inside.sum())


# Closed forms


def test_shares_of_the_toy_market() -> None:
    """Published to six places; and to 1e-12 the formula exp(V) / (1 + sum exp(V))."""
    v = utility()
    assert probabilities(v) == pytest.approx(np.exp(v) / (1.0 + np.exp(v).sum()), abs=1e-12)
    assert with_outside(probabilities(v)) == pytest.approx(with_outside(SHARES), abs=1e-6)
    assert 1.0 - probabilities(v).sum() == pytest.approx(0.291337, abs=1e-6)


def test_own_elasticities_and_diversion_of_the_toy_market() -> None:
    """Published to six places."""
    slope = choice.price_derivatives(utility(), PRICE_TASTE)
    own = np.diag(choice.elasticities(probabilities(utility()), slope, PRICE))
    assert own == pytest.approx([-2.592042, -3.096463, -3.891872, -5.031106, -4.070496], abs=1e-6)
    from_first = choice.diversion(slope)[0]
    assert from_first == pytest.approx([-1.0, 0.230806, 0.153174, 0.127942, 0.135041, 0.353038], abs=1e-6)


def test_nested_shares_of_the_toy_market() -> None:
    """At the published equilibrium prices of nests (0, 0, 1, 1, 1) with lambda = .4."""
    price = np.array([8.657199, 9.557199, 9.397596, 11.197596, 9.185137])
    shares = probabilities(utility(price), NESTS, DISSIMILARITY)
    assert shares == pytest.approx([0.055587, 0.138442, 0.101270, 0.158823, 0.128612], abs=1e-6)


def test_shares_under_independent_consideration() -> None:
    """Published to six places, and the outside good gets the rest."""
    shares = choice.independent_consideration([1.0, 0.5, 0.0, -0.5], [0.9, 0.6, 0.5, 0.3])
    assert shares == pytest.approx([0.471060, 0.179114, 0.095318, 0.035615], abs=1e-6)
    assert 1.0 - shares.sum() == pytest.approx(0.218893, abs=1e-6)


@pytest.mark.parametrize("dissimilarity", [1.0, 0.7, 0.4])
def test_price_derivatives_are_those_of_the_shares(dissimilarity: float) -> None:
    """Against differences of the shares themselves, plain and nested, with tastes that vary over consumers."""
    tastes = np.array([-0.3, -0.45, -0.8])
    weights = np.array([0.2, 0.5, 0.3])
    at = lambda price: CONSTANT + TASTE * X + tastes[:, None] * price  # noqa: E731
    slope = choice.price_derivatives(at(PRICE), tastes, NESTS, dissimilarity, weights=weights)
    step = 1e-5
    for k in range(5):
        up, down = (PRICE + sign * step * np.eye(5)[k] for sign in (1, -1))
        difference = probabilities(at(up), NESTS, dissimilarity) - probabilities(at(down), NESTS, dissimilarity)
        assert slope[:, k] == pytest.approx(weights @ difference / (2 * step), abs=1e-9)


# Simulated choices against closed forms


SPREAD = {"constant": 0.8, "price": 0.15, "x": 0.5}


def mixed(draws: Floats, price: ArrayLike = PRICE) -> Floats:
    """Utility of the offers to people whose constant, price taste and taste for x are normal: (people, offers)."""
    constant = CONSTANT + SPREAD["constant"] * draws[:, 0]
    return np.asarray(
        constant[:, None]
        + (PRICE_TASTE + SPREAD["price"] * draws[:, 1])[:, None] * np.asarray(price, float)
        + (TASTE + SPREAD["x"] * draws[:, 2])[:, None] * X
    )


def hermite() -> tuple[Floats, Floats]:
    """Gauss-Hermite quadrature of three normal tastes, 25 points each: nodes (points, 3) and their weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(25)
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), -1).reshape(-1, 3)
    weight = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
    return grid, weight / weight.sum()


@dataclass(frozen=True)
class Law:
    """A population to which the toy market is sold: who varies how, and the closed form of what they buy."""

    dissimilarity: float
    tastes_vary: bool

    def people(self, seed: int) -> Callable[[ArrayLike], NDArray[np.intp]]:
        """Many people, each with one set of tastes and shocks, who choose at any prices they are asked about."""
        shock = drawn(seed, NESTS, self.dissimilarity)
        draws = Chance(seed).normal("taste", np.arange(PEOPLE)[:, None], np.arange(3)).astype(float)

        def choose(price: ArrayLike) -> NDArray[np.intp]:
            total = shock.copy()
            total[:, :-1] += (mixed(draws, price) if self.tastes_vary else utility(price)).astype(np.float32)
            return best(total, NESTS)[0]

        return choose

    def closed(self, price: ArrayLike = PRICE) -> tuple[Floats, Floats]:
        """Shares of the offers and their derivatives in prices, by quadrature where tastes vary."""
        grid, weight = hermite() if self.tastes_vary else (np.zeros((1, 3)), np.ones(1))
        v = mixed(grid, price) if self.tastes_vary else utility(price)[None, :]
        taste = PRICE_TASTE + SPREAD["price"] * grid[:, 1] * self.tastes_vary
        slope = choice.price_derivatives(v, taste, NESTS, self.dissimilarity, weights=weight)
        return weight @ probabilities(v, NESTS, self.dissimilarity), slope


LAWS = {
    "plain": Law(1.0, tastes_vary=False),
    "nested": Law(DISSIMILARITY, tastes_vary=False),
    "mixed": Law(1.0, tastes_vary=True),
    "mixed and nested": Law(DISSIMILARITY, tastes_vary=True),
}


@pytest.mark.parametrize("law", LAWS)
def test_simulated_shares_are_the_closed_shares(law: str) -> None:
    """A million choices over twenty seeds; people with tastes of their own against quadrature."""
    counts = [count(LAWS[law].people(seed)(PRICE), 5) for seed in SEEDS]
    assert pooled_p(counts, with_outside(LAWS[law].closed()[0])) > UNLIKELY


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("raised", [0, 3])
def test_simulated_diversion_is_the_closed_diversion(law: str, raised: int) -> None:
    """When an offer is dearer by 1 the others gain as the closed form says, and nobody moves between two of them."""
    dearer = PRICE + np.eye(5)[raised]
    closed = with_outside(LAWS[law].closed(dearer)[0]) - with_outside(LAWS[law].closed()[0])
    gained = []
    for seed in SEEDS:
        choose = LAWS[law].people(seed)
        before, after = choose(PRICE), choose(dearer)
        moved = before != after
        assert np.all((before == raised) | (after == raised) | ~moved), "somebody moved between two untouched offers"
        gained.append((count(after[moved], 5) - count(before[moved], 5)) / PEOPLE)
    others = np.delete(np.arange(6), raised)
    assert np.all(z_of(gained, closed) < MANY)
    diversion = [one[others] / -one[raised] for one in gained]
    assert np.all(z_of(diversion, closed[others] / -closed[raised]) < MANY)
    if law == "plain":  # where those who leave divide alike, however far the price moves
        exact = choice.diversion(LAWS[law].closed()[1])[raised]
        assert closed[others] / -closed[raised] == pytest.approx(exact[others], abs=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_simulated_elasticities_are_the_closed_elasticities(law: str) -> None:
    """Own and cross: the same people choose at prices 1 % below and above, for every offer in turn."""
    step = 0.01
    prices = [(PRICE * (1.0 - step * one), PRICE * (1.0 + step * one)) for one in np.eye(5)]
    arcs = []
    for seed in SEEDS:
        choose = LAWS[law].people(seed)
        shares = [[count(choose(price), 5)[:5] / PEOPLE for price in pair] for pair in prices]
        arcs.append([(high - low) / (2 * step) for low, high in shares])
    closed = [(LAWS[law].closed(high)[0] - LAWS[law].closed(low)[0]) / (2 * step) for low, high in prices]
    assert np.all(z_of(arcs, closed) < MANY)
    share, slope = LAWS[law].closed()
    assert np.transpose(closed) / share[:, None] == pytest.approx(choice.elasticities(share, slope, PRICE), abs=0.02)


def test_simulated_shares_when_each_offer_is_known_by_chance() -> None:
    """Independent consideration through the thresholds of awareness: known with probability 1 - exp(-contacts)."""
    v, known = np.array([1.0, 0.5, 0.0, -0.5]), np.array([0.9, 0.6, 0.5, 0.3])
    contacts = -np.log1p(-known)
    counts = []
    for seed in SEEDS:
        limits = awareness.thresholds(Chance(seed), np.arange(PEOPLE), names("car", 4))
        considered = np.where(contacts >= limits, v, -np.inf)
        counts.append(count(chosen(seed, considered), 4))
    assert pooled_p(counts, with_outside(choice.independent_consideration(v, known))) > UNLIKELY


def test_two_purchases_of_one_household_follow_double_jeopardy() -> None:
    """Persistent intercepts ln Gamma(S m, 1) make purchases Dirichlet-multinomial: repeat rate (1 + S m) / (1 + S).

    The shocks of the second need must be new ones, or everybody would buy the same again.
    """
    strength, size = 1.5, np.array([0.5, 0.3, 0.15, 0.05])
    bought, again = [], []
    for seed in SEEDS:
        liking = np.log(np.maximum(np.random.default_rng(seed).gamma(strength * size, size=(PEOPLE, 4)), 1e-30))
        first, second = (chosen(seed, liking, outside=-np.inf, spell=spell) for spell in (0, 1))
        bought.append(np.bincount(first, minlength=4) / PEOPLE)
        again.append(np.bincount(first[first == second], minlength=4) / np.bincount(first, minlength=4))
    assert np.all(z_of(bought, size) < MANY)
    repeat = (1.0 + strength * size) / (1.0 + strength)
    assert np.all(z_of(again, repeat) < MANY)
    assert all(larger > smaller for larger, smaller in pairwise(np.mean(again, axis=0))), "the small are punished twice"


def test_the_decisions_of_a_market_are_draws_from_its_closed_form() -> None:
    """All who have not yet decided in their present need are asked in week 5: numbers by offer v probabilities."""
    off = []
    for seed in SEEDS:
        market = Market(small_case(choice__outside_utility=1.0, population__consumers=6_000), rng=seed).run(5)
        column = market.consumers.columns
        rows = np.flatnonzero((column["stage"] <= SEARCHING) & (column["tried"] == 0))
        expected = market.demand.expected_shares(rows, np.ones(len(rows)))
        off.append(count(market.demand.choose(rows).offer, len(expected) - 1) / len(rows) - expected)
    assert np.all(np.mean(off, axis=0) != 0.0)
    assert np.all(z_of(off, 0.0) < MANY)


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
        matrix = np.corrcoef(drawn(seed, [0, 0, 1], dissimilarity).T)
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
        panels=person[order], randvars={"price": "n", "quality": "n"}, n_draws=300, verbose=0,
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
