"""Choice obeys the laws of discrete choice: closed forms, quadrature, scipy and an external library agree with it.

Simulated choices go through the pieces that the market runs: the shocks of `choice.shocks` and `choice.best`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from evidence import MANY, SEEDS, UNLIKELY, pooled_p, z_of
from numpy.typing import ArrayLike, NDArray
from small_cases import small_case
from toy_market import (
    CONSTANT,
    DISSIMILARITY,
    NESTS,
    PEOPLE,
    PRICE,
    PRICE_TASTE,
    SHARES,
    TASTE,
    X,
    chosen,
    count,
    drawn,
    names,
    utility,
    with_outside,
)

from market import Market
from market.chance import Chance
from market.people import awareness, choice
from market.people.choice import best, probabilities
from market.people.orders import SEARCHING

Floats = NDArray[np.float64]


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

    def at(price: Floats) -> Floats:
        return np.asarray(CONSTANT + TASTE * X + tastes[:, None] * price)

    slope = choice.price_derivatives(at(PRICE), tastes, NESTS, dissimilarity, weights=weights)
    step = 1e-5
    for k in range(5):
        up, down = (PRICE + sign * step * np.eye(5)[k] for sign in (1, -1))
        difference = np.subtract(*(probabilities(at(price), NESTS, dissimilarity) for price in (up, down)))
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
