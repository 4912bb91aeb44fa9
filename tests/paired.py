"""Pairs of markets run here and now, for the tests of what the page makes of them."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.pair_numbers import Tally
from dashboards.pair_runs import Asked, Pair, one_pair


def ran(asked: Asked, seeds: Iterable[int]) -> Tally:
    """All pairs of these seeds, in this thread."""
    tally = Tally(asked.focal, asked.brands)
    for seed in seeds:
        *_, last = one_pair(asked, seed)
        assert isinstance(last, Pair)
        tally.add(*last)
    return tally
