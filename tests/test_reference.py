"""The reference market, plain Mesa objects that run the readable rules, goes through the same history as the market.

Both are built from one case and one seed and then compared: each flow by week, offer and profile, every table of the
ledger, the waiting list in its order, stocks, and the state of every consumer. The reference computes in double
precision, the market in single, so a decision may fall the other way where two utilities, or contacts and threshold,
agree to seven digits. None did in a hundred runs of this size, so nothing is allowed for it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest

from experiments import reference_consumer
from experiments.reference import ReferenceMarket
from experiments.reference_consumer import Consumer
from market import Case, Market
from market.calendar import Season
from market.ledger import DEPOSITS, FLOWS
from market.people.orders import IDLE, SEARCHING

STATE = ("stage", "spell", "offer", "car", "car_week", "driven", "driven_week")
WHOLE_WEEKS = 20

START = date(2025, 10, 6)
AROUND_THE_LAUNCH = {"calendar.start": START, "calendar.weeks": WHOLE_WEEKS, "population.consumers": 1_500}
"""The launch (9 November), the revealed term (25 November) and the tax cliff (1 January) lie inside."""

EVENTFUL = {
    "population.consumers": 900,
    "population.market_size": 4e6,
    "population.horizon_weeks": 20,
    "population.history_weeks": 20,
    "ownership.replacement_weeks": 6.0,
    "orders.calm_per_week": 0.05,
    "cars.seagull.quality": 1.5,
    "cars.xingyuan.quality": 1.0,
    "cars.ut_super.reservations_from": date(2025, 10, 21),
    "cars.dolphin.withdrawn": date(2025, 12, 4),
    "cars.q05.launch": None,
    "cars.q05.on_sale": False,
    "cars.mg4.production.test_drives_per_week": 900.0,
    "channels.direct.refundable_until": "deposit",
    "channels.dealer.refundable_until": "delivery",
    "profiles.douyin_like.impulsiveness": 0.6,
}
"""Short needs, quick replacement, scarce drives, reservations before the launch, a car withdrawn and one to come."""

HAPPENINGS = [
    {"id": "cheaper", "kind": "price_change", "car": "seagull", "on": "2025-10-16", "price_cny": 61_000.0},
    {
        "id": "sale", "kind": "promotion", "car": "xingyuan", "on": "2025-10-29", "until": "2025-11-20",
        "discount_cny": 9_000.0,
    },
    {
        "id": "weekend", "kind": "promotion", "car": "dolphin", "on": "2025-10-23", "until": "2025-10-25",
        "discount_cny": 12_000.0,
    },
    {"id": "fire", "kind": "capacity_change", "car": "rest_middle", "on": "2025-11-03", "capacity_per_week": 3_000.0},
    {
        "id": "surprise", "kind": "launch", "car": "q05", "on": "2025-11-12", "contacts": 2.0, "excitement": 3.0,
        "mix": {"douyin": 1.0},
    },
    {"id": "talk", "kind": "media_burst", "car": "su7", "on": "2025-10-20", "contacts": 1.0, "excitement": 1.0},
]  # fmt: skip

CORNERS: dict[str, dict[str, Any]] = {
    "no nests": {"choice.dissimilarity": 1.0},
    "tight nests": {"choice.dissimilarity": 0.15, "choice.outside_utility": 5.0},
    "nothing is forgotten": {"media.forgetting_per_week": 0.0},
    "nobody talks": {"acquaintances.degree": 0, "acquaintances.followees": 0.0},
    "nobody follows": {"media.following_per_week": 0.0, "media.word_of_mouth_per_week": 1.0},
    "no season": dict.fromkeys([f"calendar.season.{month}" for month in Season.model_fields], 1.0),
    "equal weights": {"population.weights": "design", "drift.permanent_sd_per_month": 0.0},
    "rent can be bought out": {"plans.baas.buy_out_cny": 38_000.0, "plans.baas.undisclosed": []},
}  # fmt: skip


def around_the_launch(name: str, changes: dict[str, Any] | None = None) -> Case:
    """A bundled case from October 2025 on, without what happened before."""
    case = Case.load(name)
    gone = {f"happenings.{happening.id}": None for happening in case.happenings if happening.on < START}
    return case.change({**gone, **AROUND_THE_LAUNCH, **(changes or {})})


def eventful() -> Case:
    """The default case with one happening of every kind, and everything that a path can meet."""
    return around_the_launch("jd-gac-catl", EVENTFUL | {f"happenings.{item['id']}": item for item in HAPPENINGS})


def together(case: Case, seed: int) -> tuple[ReferenceMarket, Market]:
    """Both markets at the end of the calendar."""
    return ReferenceMarket(case, rng=seed).run(), Market(case, rng=seed).run()


def differences(twin: ReferenceMarket, market: Market) -> list[str]:
    """What is not the same in the two: empty when all agrees.

    Households to 1e-9, which is less than a thousandth of a consumer; states as they are; times, prices and patience
    to 1e-4, the margin of a choice to 2e-3 (a nest's luck is a logarithm of a sine, which float32 may nearly lose).
    """
    found = []
    for flow in FLOWS:
        if not np.allclose(twin.ledger.flows[flow], market.ledger.flows[flow], rtol=1e-9, atol=0.0):
            found.append(flow)
    column, stage = market.consumers.columns, market.consumers.columns["stage"]
    for name in STATE:
        if [getattr(consumer, name) for consumer in twin.people] != column[name].tolist():
            found.append(name)
    asked = {"due": stage <= SEARCHING, "patience": stage != IDLE, "satisfaction": stage == stage}
    asked |= dict.fromkeys(("since", "exposed", "promised", "price", "margin"), stage > SEARCHING)
    for name, who in asked.items():
        own = np.array([getattr(consumer, name) for consumer in twin.people])[who]
        if not np.allclose(own, column[name][who], rtol=1e-6, atol=2e-3 if name == "margin" else 1e-4):
            found.append(name)
    tried = [sum(1 << car for car in consumer.tried) for consumer in twin.people]
    if tried != column["tried"].tolist():
        found.append("tried")
    if [consumer.row for consumer in twin.waiting] != market.book.waiting.tolist():
        found.append("waiting")
    for name, quantity in (("stock", market.supply.stock), ("drives_left", market.supply.test_drive_credit)):
        if not np.allclose([getattr(car, name) for car in twin.cars], quantity, rtol=1e-9, atol=1e-6):
            found.append(name)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", Case.bundled())
def test_readable_rules_make_the_history_of_the_market(name: str, seed: int) -> None:
    """Around the launch of every bundled case, flows and final states agree consumer by consumer."""
    case = around_the_launch(name)
    assert {"launch_event", "purchase_tax"} <= {happening.id for happening in case.happenings}
    twin, market = together(case, seed)
    assert differences(twin, market) == []
    orders = market.ledger.flows["orders"].sum() / market.household.mean()
    assert orders > 20, "too little happened for the comparison to mean anything"


@pytest.mark.parametrize("seed", [1, 2])
def test_every_kind_of_happening_does_the_same_in_both(seed: int) -> None:
    """Prices, promotions, launches, capacity, bursts, revealed terms, tax cliffs; short needs and scarce cars."""
    case = eventful()
    assert len({happening.kind for happening in case.happenings}) == 7
    twin, market = together(case, seed)
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


@pytest.mark.parametrize("corner", CORNERS)
def test_limits_of_the_rules_are_the_same_in_both(corner: str) -> None:
    """Where a rule degenerates (no nests, no forgetting, no ties, no season) it does so in both."""
    twin, market = together(around_the_launch("jd-gac-catl", {"population.consumers": 600, **CORNERS[corner]}), seed=4)
    assert differences(twin, market) == []


@pytest.mark.parametrize("make", [eventful, lambda: around_the_launch("dealer-baseline")])
def test_ledgers_of_both_read_alike_column_by_column(make: Any) -> None:
    """Sales, the market table and deposits are those of the market to 1e-6."""
    twin, market = together(make(), seed=5)
    for table in ("sales", "market"):
        ours, theirs = getattr(twin.ledger, table)(), getattr(market.ledger, table)()
        assert len(theirs) >= WHOLE_WEEKS
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6, atol=1e-9)
    for name in DEPOSITS:
        np.testing.assert_allclose(twin.ledger.deposits[name], market.ledger.deposits[name], rtol=1e-9)
    np.testing.assert_allclose(twin.ledger.deposits_held(), market.ledger.deposits_held(), rtol=1e-9, atol=1e-3)


@pytest.mark.parametrize(
    ("module", "rule", "changed", "seen"),
    [
        ("orders", "likes_the_drive_of_one", lambda *_: True, "orders"),
        ("orders", "cumulated_hazard_of_one", lambda *_: 0.0, "patience"),
        ("ownership", "replacement_of_one", lambda *_: 100.0, "due"),
        ("awareness", "knows", lambda *_: True, "orders"),
        ("choice", "outside_shock_of_one", lambda *_: 0.0, "orders"),
    ],
)
def test_the_comparison_notices_a_changed_rule(
    module: str, rule: str, changed: Any, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Agreement is no accident: with one rule replaced the two histories part."""
    monkeypatch.setattr(getattr(reference_consumer, module), rule, changed)
    assert seen in differences(*together(around_the_launch("jd-gac-catl", {"population.consumers": 600}), seed=6))


def test_week_after_week_the_two_stay_together() -> None:
    """Not only the end agrees: after each single step both stand at the same point, and read their ledgers alike."""
    case = around_the_launch("jd-gac-catl", {"population.consumers": 500})
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
