"""From whom those who are followed heard of a story: a tie that there is, a group, a feed - one for each who heard."""

from __future__ import annotations

import pandas as pd
import pytest

from market import Case, Market

WAYS = ("told_by", "told_in_group", "told_by_feed", "told_directly")
WEEKS = 52
"""The story of the bundled case begins in week 46."""


def told(**news: float) -> tuple[Market, pd.DataFrame]:
    """A market with these rates of news, and what its panel says."""
    changes: dict[str, object] = {f"news.{name}": rate for name, rate in news.items()}
    case = Case.load("jd-gac-catl").change({"population.consumers": 4_000, "calendar.weeks": WEEKS, **changes})
    market = Market(case, rng=3).run()
    return market, market.ledger.panel()


@pytest.fixture(scope="module")
def talked() -> tuple[Market, pd.DataFrame]:
    """Much talk, and groups and feeds as they are."""
    return told(talk_per_tie_per_day=0.5)


def test_whoever_heard_had_it_in_one_way(talked: tuple[Market, pd.DataFrame]) -> None:
    """Once for each story that somebody hears of."""
    _, panel = talked
    ways = panel[panel["event"].isin(WAYS)]
    keys = ["week", "consumer", "car"]
    heard = panel[panel["event"] == "heard"].groupby(keys, observed=True).size()
    pd.testing.assert_series_equal(heard, ways.groupby(keys, observed=True).size())
    assert set(ways["event"]) >= {"told_by", "told_directly"} and len(heard) > 300


def test_who_told_it_is_an_acquaintance_who_had_heard_of_it_before(talked: tuple[Market, pd.DataFrame]) -> None:
    market, panel = talked
    known = panel[panel["event"] == "heard"].groupby(["consumer", "car"], observed=True)["week"].min()
    rows = panel[panel["event"] == "told_by"]
    assert len(rows) > 200
    asked = 0
    for row in rows.itertuples(index=False):
        talker = int(row.value)
        assert row.consumer in market.demand.acquaintances.neighbours(talker)
        if (talker, row.car) in known.index:  # only who is followed is on record
            asked += 1
            assert known[talker, row.car] <= row.week
    assert asked > 10


@pytest.mark.parametrize(
    ("off", "way"),
    [({"talk_per_tie_per_day": 0.0}, "told_by"), ({"pool_per_day": 0.0}, "told_in_group"), ({}, "")],
)
def test_no_way_is_told_of_that_is_switched_off(off: dict[str, float], way: str) -> None:
    _, panel = told(**off)
    found = set(panel["event"]) & set(WAYS)
    assert way not in found and "told_directly" in found
    assert off or "told_in_group" in found
