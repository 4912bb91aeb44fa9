"""Best responses beside the equilibria of the verification: stakes, who may not move, and who sells nothing."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.verify.pricing import EQUILIBRIUM
from experiments.verify.pricing import plain_demand as plain
from experiments.verify.toy import COST, FIRMS, MERGED, PRICE_TASTE, utility
from market.industry import pricing
from market.people import choice

Floats = NDArray[np.float64]


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


def test_own_elasticities_and_diversion_follow_from_the_same_slopes() -> None:
    """The two ways to ask for slopes are one."""
    share, slope = plain(np.array(EQUILIBRIUM))
    assert slope == pytest.approx(choice.price_derivatives(utility(EQUILIBRIUM), PRICE_TASTE), abs=1e-15)
    assert choice.diversion(slope).sum(axis=1) == pytest.approx(np.zeros(5))
    assert share.sum() < 1.0
