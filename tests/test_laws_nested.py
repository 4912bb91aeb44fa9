"""The nested logit against pyblp (Conlon & Gortmaker 2020), a library of demand estimation that nobody here wrote."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyblp
import pytest
from evidence import MANY, SEEDS, z_of
from numpy.typing import NDArray
from toy_market import DISSIMILARITY, NESTS, PEOPLE, PRICE, PRICE_TASTE, X, chosen, count, utility

from market.people import choice

pyblp.options.verbose = False

V = utility()
FIRMS = [0, 0, 1, 1, 2]


def solved(shares: NDArray[np.float64]) -> Any:
    """What pyblp makes of some shares when it knows the nests and their correlation, rho = 1 - dissimilarity."""
    market = {
        "market_ids": np.zeros(len(shares), int), "firm_ids": FIRMS, "shares": shares, "prices": PRICE, "x": X,
        "nesting_ids": NESTS, "demand_instruments0": X**2, "demand_instruments1": np.arange(len(shares), dtype=float),
    }  # fmt: skip
    problem = pyblp.Problem(pyblp.Formulation("1 + prices + x"), market)
    return problem.solve(rho=1.0 - DISSIMILARITY, optimization=pyblp.Optimization("return"), method="1s")


def test_pyblp_finds_the_utilities_behind_our_simulated_choices() -> None:
    """Nested choices by structural shocks, 20 seeds: the utilities that pyblp inverts from shares are the true ones."""
    found = [solved(count(chosen(seed, V, NESTS, DISSIMILARITY), len(V))[:-1] / PEOPLE).delta.ravel() for seed in SEEDS]
    assert np.all(z_of(found, V) < MANY)


def test_our_closed_diversion_is_that_of_pyblp() -> None:
    """Shares, and who gains when an offer becomes dearer, to a millionth."""
    shares = choice.probabilities(V, NESTS, DISSIMILARITY)
    theirs = solved(shares)
    assert theirs.delta.ravel() == pytest.approx(V, abs=1e-6)
    ours = choice.diversion(choice.price_derivatives(V, PRICE_TASTE, NESTS, DISSIMILARITY))
    other = ~np.eye(len(V), dtype=bool)
    assert ours[:, :-1][other] == pytest.approx(np.asarray(theirs.compute_diversion_ratios())[other], abs=1e-6)
