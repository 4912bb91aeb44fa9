"""How many pairs of runs an answer takes: on the same luck, and on independent luck.

On the same luck the variance of a difference is that of what differs; on independent luck it is the sum of both
variances, so that common random numbers save the more the alike the worlds are (Law 2015, 11.2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments import intervals
from experiments.compare.comparison import compare
from experiments.intervals import Precision

if TYPE_CHECKING:
    import pandas as pd

    from experiments.workers import Pool

CASE, OUTCOME = "jd-gac-catl", "orders"
PRICE_CUT, PRECISION = 0.03, Precision(0.1)


class Needed(NamedTuple):
    """Pairs that an answer takes."""

    outcome: str
    effect: float
    common: float
    """pairs with one seed for both worlds"""
    independent: float
    """pairs with two seeds"""
    simulated: int
    """pairs from which this is estimated"""

    @property
    def times(self) -> float:
        """How many times fewer pairs the same luck takes."""
        return self.independent / self.common


def pairs_needed(pairs: pd.DataFrame, outcome: str = OUTCOME, precision: Precision = PRECISION) -> Needed:
    """Pairs until half the 95 % interval is within a precision, estimated from the `pairs` table of a comparison.

    Raises ValueError below two pairs with numbers.
    """
    some = pairs[pairs["outcome"] == outcome].dropna()
    if len(some) < 2:
        raise ValueError(f"pairs: {len(some)} with {outcome}; at least 2 are needed to estimate a spread")
    base, other, difference = (some[name].to_numpy(float) for name in ("base", "what_if", "difference"))
    effect = float(intervals.mean(difference[:, None])[0])
    apart = float(np.sqrt(base.var(ddof=1) + other.var(ddof=1)))
    return Needed(
        outcome, effect, intervals.size_for(float(difference.std(ddof=1)), effect, precision),
        intervals.size_for(apart, effect, precision), len(some),
    )  # fmt: skip


def of_price_cut(
    consumers: int = 10_000, weeks: int = 104, pairs: int = 30, *, outcome: str = OUTCOME, pool: Pool | None = None,
    on_pair: Callable[[], None] = lambda: None,
) -> Needed:  # fmt: skip
    """Pairs needed to know what 3 % off the price of the focal car do, within 10 % of the effect."""
    from market import Case

    base = Case.load(CASE).change({"population.consumers": consumers, "calendar.weeks": weeks})
    name = f"cars.{base.focal_car}.price_cny"
    cut = {name: (1.0 - PRICE_CUT) * float(base.get(name))}
    return pairs_needed(compare(base, cut, pairs, outcome=outcome, pool=pool, on_pair=on_pair).pairs, outcome)
