"""Best-response prices against worked markets, against pyblp (a library that nobody here wrote) and against themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyblp
import pytest
from numpy.typing import NDArray
from toy_market import DISSIMILARITY, NESTS, PRICE_TASTE, X, utility

from market.industry import price_review, pricing
from market.people import choice

pyblp.options.verbose = False

Floats = NDArray[np.float64]
FIRMS = np.array([0, 0, 1, 1, 2])
MERGED = np.array([0, 0, 0, 0, 2])
COST = np.array([5.9, 6.8, 7.6, 9.4, 8.0])
EQUILIBRIUM = [8.824534, 9.724534, 10.606754, 12.406754, 10.533168]


def plain(price: Floats) -> tuple[Floats, Floats]:
    """Demand of the toy market."""
    return pricing.logit_shares_and_jacobian(utility(price), PRICE_TASTE)


def nested(price: Floats) -> tuple[Floats, Floats]:
    """Demand of the toy market with two nests."""
    return pricing.logit_shares_and_jacobian(utility(price), PRICE_TASTE, NESTS, DISSIMILARITY)


@pytest.mark.parametrize(
    ("demand", "firms", "known"),
    [
        (plain, FIRMS, EQUILIBRIUM),
        (plain, MERGED, [9.680172, 10.580172, 11.380172, 13.180172, 10.589629]),
        (nested, FIRMS, [8.657199, 9.557199, 9.397596, 11.197596, 9.185137]),
    ],
)
def test_known_equilibria_are_found(demand: pricing.Demand, firms: NDArray[np.intp], known: list[float]) -> None:
    """Three worked markets: a plain logit, the same after a merger, a nested logit."""
    assert pricing.bertrand_nash(demand, COST, firms) == pytest.approx(known, abs=1e-6)


def test_shares_of_the_nested_equilibrium_are_known() -> None:
    """To a millionth."""
    shares, _ = nested(pricing.bertrand_nash(nested, COST, FIRMS))
    assert shares == pytest.approx([0.055587, 0.138442, 0.101270, 0.158823, 0.128612], abs=1e-6)


def test_a_mixed_logit_reaches_its_known_equilibrium() -> None:
    """Tastes spread (sd .8, .15, .5 of constant, price and x), by Gauss-Hermite quadrature."""
    node, mass = np.polynomial.hermite_e.hermegauss(11)
    mass = mass / mass.sum()
    constant, taste, x = np.array(np.meshgrid(node, node, node, indexing="ij")).reshape(3, -1)
    weights = np.einsum("i,j,k->ijk", mass, mass, mass).ravel()
    taste = PRICE_TASTE + 0.15 * taste
    fixed = (-1.0 + 0.8 * constant)[:, None] + (1.1 + 0.5 * x)[:, None] * X

    def demand(price: Floats) -> tuple[Floats, Floats]:
        return pricing.logit_shares_and_jacobian(fixed + taste[:, None] * price, taste, weights=weights)

    shares, _ = demand(pricing.bertrand_nash(demand, COST, FIRMS, start=COST + 2.0))
    assert shares == pytest.approx([0.074746, 0.120391, 0.089885, 0.133896, 0.109910], abs=2e-4)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_equilibria_are_those_of_pyblp(seed: int, rho: float) -> None:
    """Random markets, plain and nested, solved by a library that nobody here wrote."""
    states, n = np.random.default_rng(seed), 6
    x, cost, shock = states.uniform(3.0, 6.0, n), states.uniform(5.0, 9.0, n), states.normal(0.0, 0.3, n)
    firms, nests = states.integers(0, 3, n), np.arange(n) // 2
    market: dict[str, Any] = {"market_ids": np.zeros(n, int), "firm_ids": firms, "x": x, "w": cost}
    if rho:
        market["nesting_ids"] = nests
    simulation = pyblp.Simulation(
        (pyblp.Formulation("1 + prices + x"), None, pyblp.Formulation("0 + w")), market,
        beta=[-1.0, PRICE_TASTE, 1.1], gamma=[1.0], rho=rho or None, xi=shock, omega=np.zeros(n),
    )  # fmt: skip
    theirs = simulation.replace_endogenous(costs=cost, iteration=pyblp.Iteration("simple", {"atol": 1e-14}))

    def demand(price: Floats) -> tuple[Floats, Floats]:
        v = -1.0 + 1.1 * x + PRICE_TASTE * price + shock
        return pricing.logit_shares_and_jacobian(v, PRICE_TASTE, nests, 1.0 - rho)

    ours = pricing.bertrand_nash(demand, cost, firms)
    assert ours == pytest.approx(theirs.product_data.prices.ravel(), abs=1e-6)
    assert demand(ours)[0] == pytest.approx(theirs.product_data.shares.ravel(), abs=1e-7)


def test_nobody_gains_by_leaving_an_equilibrium() -> None:
    """Each firm's profit is highest at its own prices, those of the others given."""
    price = pricing.bertrand_nash(nested, COST, FIRMS)

    def profit(of: int, at: Floats) -> float:
        return float(((at - COST) * nested(at)[0])[of == FIRMS].sum())

    for offer, step in [(k, s) for k in range(len(price)) for s in (-0.05, 0.05)]:
        moved = price.copy()
        moved[offer] += step
        assert profit(FIRMS[offer], moved) < profit(FIRMS[offer], price)


def test_a_stake_softens_competition() -> None:
    """Weights between 0 and 1 lie between two firms and one."""
    half = np.where(pricing.interests(MERGED) > pricing.interests(FIRMS), 0.5, pricing.interests(FIRMS))
    apart, stake, merged = (pricing.bertrand_nash(plain, COST, firm) for firm in (FIRMS, half, MERGED))
    assert np.all(apart < stake)
    assert np.all(stake < merged)


def test_no_equilibrium_is_said_so() -> None:
    """Demand that no price can lower has none."""

    def careless(price: Floats) -> tuple[Floats, Floats]:
        return np.array([0.5]), np.array([[-1e-3 / (1.0 + price[0] ** 2)]])

    with pytest.raises(ArithmeticError, match="no equilibrium was found from"):
        pricing.bertrand_nash(careless, [1.0], [0])


# ---------------------------------------------------------------------------------- best response, one step


def test_a_best_response_stays_where_everybody_is_at_rest() -> None:
    """At an equilibrium nobody moves, whoever may; away from it only who may does."""
    at_rest = pricing.bertrand_nash(plain, COST, FIRMS)
    for moving in ([True] * 5, [False, True, False, False, True]):
        assert pricing.best_response(at_rest, COST, *plain(at_rest), FIRMS, moving) == pytest.approx(at_rest, abs=1e-6)
    away = at_rest + 1.0
    answer = pricing.best_response(away, COST, *plain(away), FIRMS, [True, False, False, False, False])
    assert np.all(answer[1:] == away[1:])
    assert answer[0] < away[0]


def test_offers_that_nobody_buys_keep_their_price() -> None:
    """And are no obstacle to the others."""
    share, slope = plain(np.array(EQUILIBRIUM))
    share[2], slope[2], slope[:, 2] = 0.0, 0.0, 0.0
    answer = pricing.best_response(EQUILIBRIUM, COST, share, slope, FIRMS, [True] * 5)
    assert answer[2] == EQUILIBRIUM[2]
    assert np.all(np.isfinite(answer))


@pytest.mark.parametrize("seed", range(20))
def test_firms_with_one_offer_answer_by_the_readable_rule(seed: int) -> None:
    """Cost plus share over slope, offer by offer."""
    states = np.random.default_rng(seed)
    price = states.uniform(5.0, 12.0, 5)
    share, slope = plain(price)
    share[states.integers(5)] *= states.integers(2)
    many = pricing.best_response(price, COST, share, slope, np.arange(5), [True] * 5)
    one = [pricing.best_response_of_one(*row) for row in zip(price, COST, share, np.diag(slope), strict=True)]
    np.testing.assert_allclose(many, one, rtol=1e-12)


def test_small_steps_lead_to_the_known_equilibrium() -> None:
    """Firms that answer each other, three per cent at a time, settle where nobody wants to move."""
    price = COST + 1.0
    for _ in range(200):
        answer = pricing.best_response(price, COST, *plain(price), FIRMS, [True] * 5)
        price = price_review.bounded(answer, price, 0.03, 0.0, 1e9, COST)
    assert price == pytest.approx(EQUILIBRIUM, abs=1e-5)


def test_own_elasticities_and_diversion_follow_from_the_same_slopes() -> None:
    """The two ways to ask for slopes are one."""
    share, slope = plain(np.array(EQUILIBRIUM))
    assert slope == pytest.approx(choice.price_derivatives(utility(EQUILIBRIUM), PRICE_TASTE), abs=1e-15)
    assert choice.diversion(slope).sum(axis=1) == pytest.approx(np.zeros(5))
    assert share.sum() < 1.0
