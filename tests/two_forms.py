"""What the tests of rules in two forms share: when two numbers agree, and whom to ask.

Whole numbers, orders and decisions must be equal. Numbers may differ by what float32 leaves out: `CLOSE` after a few
operations, `SUMMED` where many terms add up or an exponential magnifies the rounding of its argument.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from market import Case, Market

CLOSE, SUMMED = 1e-6, 1e-5
SEEDS = [1, 2, 3]


def agree(many: ArrayLike, one: ArrayLike, within: float = CLOSE) -> None:
    """Both say the same numbers, to a relative and (near nothing) absolute tolerance."""
    np.testing.assert_allclose(np.asarray(many, float), np.asarray(one, float), rtol=within, atol=within)


def small_market() -> Market:
    """A small market in its week 0, with enough people and cars of all kinds to ask."""
    return Market(Case.load("jd-gac-catl").change({"population.consumers": 1_000}), rng=5)


def rows_and_spells(states: np.random.Generator, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Some consumers, far apart and in no order, each in one of the first needs."""
    return states.integers(0, 10_000_000, n), states.integers(0, 40, n).astype(np.int16)
