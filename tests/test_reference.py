"""The reference market, plain Mesa objects that run the readable rules, goes through the same history as the market.

Both are built from one case and one seed and then compared: each flow by week, offer and profile, every table of the
ledger, the waiting list in its order, stocks, the state of every consumer, whom each trusts, and who knows what of
every story. The reference computes in double precision, the market in single, so a decision may fall the other way
where two utilities, or contacts and threshold, agree to seven digits. None did in a hundred runs of this size, so
nothing is allowed for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from types import ModuleType
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from two_histories import CORNERS, WHOLE_WEEKS, around_the_launch, differences, eventful, heated, together

from experiments.reference import ReferenceMarket
from experiments.reference import consumer as reference_consumer
from experiments.reference import news as reference_news
from experiments.reference.consumer import Consumer
from market import Case, Market
from market.ledger import DEPOSITS, FLOWS
from market.people import aftersales, awareness, choice, grievance, orders, ownership, trust
from market.people.orders import SEARCHING
from market.stories import blame, news

ALL_MEMBERS = news.MEMBERS


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buyers' groups of few members, in both markets: how many represent them is a matter of precision."""
    monkeypatch.setattr(news, "MEMBERS", 200)


MORE_LUCK = [("jd-gac-catl", 2), ("jd-gac-catl", 3), ("dealer-baseline", 2)]
SEED_ONE_AND_BY_NIGHT_TWO = pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])


@cache
def history(make: Callable[[], Case], seed: int) -> tuple[ReferenceMarket, Market]:
    """A case gone through by both, once for all tests that only read what became of it."""
    return together(make(), seed)


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *((name, 1) for name in Case.bundled() if name != "china-bev-2025"),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in MORE_LUCK),
    ],
)
def test_readable_rules_make_the_history_of_the_market(name: str, seed: int) -> None:
    """Around the launch of every bundled case with an event, flows and final states agree consumer by consumer."""
    case = around_the_launch(name)
    assert {"launch_event", "purchase_tax"} <= {happening.id for happening in case.happenings}
    twin, market = together(case, seed)
    assert differences(twin, market) == []
    placed = market.ledger.flows["orders"].sum() / market.household.mean()
    assert placed > 20, "too little happened for the comparison to mean anything"


@SEED_ONE_AND_BY_NIGHT_TWO
def test_every_kind_of_happening_does_the_same_in_both(seed: int) -> None:
    """Prices, promotions, launches, capacity, bursts, revealed terms, tax cliffs; short needs and scarce cars."""
    twin, market = history(eventful, seed)
    assert len({happening.kind for happening in market.case.happenings}) >= 7
    assert differences(twin, market) == []
    consumers = {flow: market.ledger.flows[flow].sum() / market.household.mean() for flow in FLOWS}
    assert consumers["reservations"] > 5
    assert consumers["cancellations"] > 20
    assert consumers["deliveries"] > 100
    column = market.consumers.columns
    assert (column["spell"] > 1).sum() > 20, "nobody came back to replace a car"
    assert market.ledger.deposits["forfeited"].sum() > 0
    assert market.ledger.deposits["refunded"].sum() > 0
    launched_late = np.array([offer.car == "q05" for offer in market.catalogue.offers])
    assert market.ledger.flows["orders"][:, launched_late].sum() > 0
    assert (market.supply.test_drive_credit > 0).any() or (column["stage"] > SEARCHING).any()


@SEED_ONE_AND_BY_NIGHT_TWO
def test_every_story_does_the_same_in_both(seed: int) -> None:
    """Failures, denials, blame on a partner, remedies, refunds, roles that move, an exit; much fails on the road."""
    twin, market = history(heated, seed)
    assert differences(twin, market) == []
    events = market.ledger.events()
    assert {"failure", "refusal", "shift", "apology", "remedy", "refund", "decision", "exit", "end"} <= set(
        events["act"]
    )
    assert market.opinion.lost.sum() > 0, "nobody chose another car because of lost trust"
    assert market.opinion.deferred.sum() > 0, "nobody waited because of a story"
    assert (market.consumers.columns["grievance"] > 0).sum() > 20
    accounts = market.owners.accounts
    assert accounts.had.sum() > accounts.kept.sum() > 0
    assert accounts.replaced.sum() > accounts.stayed.sum() > 0
    assert accounts.spent[:, -1].sum() > 0, "no battery was rented"


@pytest.mark.parametrize(
    "corner", [pytest.param(one, marks=pytest.mark.slow if i % 2 else ()) for i, one in enumerate(CORNERS)]
)
def test_limits_of_the_rules_are_the_same_in_both(corner: str) -> None:
    """Where a rule degenerates (no nests, no ties, no feeds, no trust, no season) it does so in both."""
    twin, market = together(around_the_launch("jd-gac-catl", {"population.consumers": 500, **CORNERS[corner]}), seed=4)
    assert differences(twin, market) == []


@pytest.mark.parametrize("make", [eventful, heated, partial(around_the_launch, "dealer-baseline")])
def test_ledgers_of_both_read_alike_column_by_column(make: Callable[[], Case]) -> None:
    """Sales, the market, money, events and deposits are those of the market to 1e-5, trust and blame to 1e-3."""
    twin, market = history(make, 1)
    for table in ("sales", "market", "organisations", "finance", "events"):
        ours, theirs = getattr(twin.ledger, table)(), getattr(market.ledger, table)()
        assert len(theirs) >= (0 if table == "events" else WHOLE_WEEKS)
        near = {"organisations": (1e-3, 1e-6), "finance": (1e-5, 1.0)}.get(table, (1e-5, 1e-6))
        pd.testing.assert_frame_equal(ours, theirs, rtol=near[0], atol=near[1])
    for name in DEPOSITS:
        np.testing.assert_allclose(twin.ledger.deposits[name], market.ledger.deposits[name], rtol=1e-9)
    np.testing.assert_allclose(twin.ledger.deposits_held(), market.ledger.deposits_held(), rtol=1e-9, atol=1e-3)


CHANGED: list[tuple[Any, str, Callable[..., Any], str]] = [
    (orders, "likes_the_drive_of_one", lambda *_: True, "orders"),
    (orders, "cumulated_hazard_of_one", lambda *_: 0.0, "patience"),
    (ownership, "replacement_of_one", lambda *_: 100.0, "due"),
    (awareness, "knows", lambda *_: True, "orders"),
    (choice, "outside_shock_of_one", lambda *_: 0.0, "orders"),
    (trust, "recovered_of_one", lambda deviation, *_: deviation, "trust"),
    (trust, "cancelling_of_one", lambda *_: 0.0, "cancellations"),
    (trust, "felt_of_one", lambda *_: 0.0, "lost"),
    (blame, "attribution_of_one", lambda _, cause, *__: cause, "trust"),
    (grievance, "cumulated_of_one", lambda *_: 0.0, "patience"),
    (aftersales, "choose_provider_of_one", lambda *_: [1, 1, 1, 1], "spent"),
    (aftersales, "after_visit_of_one", lambda *at: at[1:3], "satisfaction"),
    (reference_consumer, "defers_of_one", lambda *_: False, "deferred"),
    (reference_news, "told_in_pool_of_one", lambda *_: 0, "trust"),
    (reference_news, "reached_of_one", lambda *_: False, "trust"),
    (reference_news, "contacts_of_one", lambda *_: [], "trust"),
]
"""A module, a rule of it, what takes its place, and where the two histories part."""


@pytest.mark.parametrize(
    ("module", "rule", "changed", "seen"),
    [pytest.param(*one, marks=pytest.mark.slow if i % 4 else ()) for i, one in enumerate(CHANGED)],
)
def test_the_comparison_notices_a_changed_rule(
    module: ModuleType, rule: str, changed: Callable[..., Any], seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Agreement is no accident: with one rule replaced the two histories part."""
    monkeypatch.setattr(module, rule, changed)
    few = {
        "calendar.weeks": 12,
        "population.consumers": 500 if seen == "lost" else 150,
    }  # a car is rarely lost to trust
    assert seen in differences(*together(heated().change(few), seed=6))


def test_week_after_week_the_two_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only the end agrees: after each single step both stand at the same point, here with whole groups."""
    monkeypatch.setattr(news, "MEMBERS", ALL_MEMBERS)
    case = around_the_launch("jd-gac-catl", {"population.consumers": 300})
    twin, market = ReferenceMarket(case, rng=7), Market(case, rng=7)
    assert differences(twin, market) == []
    for week in range(WHOLE_WEEKS):
        twin.step()
        market.step()
        assert (week + 1, []) == (twin.week, differences(twin, market))


def test_consumers_of_the_reference_are_plain_mesa_agents() -> None:
    """A fair baseline: one ordinary agent per consumer, held by Mesa, with nothing of numpy in its attributes."""
    twin = ReferenceMarket(around_the_launch("jd-gac-catl", {"population.consumers": 300}), rng=8).run(8)
    assert len(twin.agents_by_type[Consumer]) == len(twin.people) == 300
    for consumer in twin.people:
        assert isinstance(consumer, mesa.Agent)
        values = [*vars(consumer).values(), *consumer.tried, *consumer.thresholds.values(), *consumer.media_use]
        assert not any(isinstance(value, np.generic | np.ndarray) for value in values)


def test_the_reference_stops_with_its_calendar() -> None:
    """`run` goes to the end of the calendar, or as many weeks as asked for, and no further."""
    twin = ReferenceMarket(around_the_launch("jd-gac-catl", {"population.consumers": 100}), rng=9)
    assert twin.run(3).week == 3
    assert twin.run(1_000).week == twin.ledger.weeks_written == WHOLE_WEEKS
