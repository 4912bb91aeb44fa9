"""Nothing is lost on the way from an order to a car, and nobody jumps the queue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_cases import acts, small_case

from market import Case, Market
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, serve_in_order

Floats = NDArray[np.float64]

# First come, first served


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0.5, 5.0)), max_size=40),
    st.lists(st.floats(0.0, 30.0), min_size=4, max_size=4),
)
def test_nobody_is_served_before_those_ahead(waiting: list[tuple[int, float]], available: list[float]) -> None:
    """In each queue those served are the first; to the nearest one they fit, and the next one would not."""
    line = np.array([queue for queue, _ in waiting], np.intp)
    amount = np.array([need for _, need in waiting])
    served = serve_in_order(line, amount, available)
    for number, there in enumerate(available):
        here, need = served[line == number], amount[line == number]
        assert here.tolist() == sorted(here, reverse=True)
        taken = need[here].sum()
        assert not here.any() or taken - 0.5 * need[here][-1] <= there * (1.0 + 1e-9)
        if not here.all():
            assert taken + need[~here][0] > there * (1.0 - 1e-9)


def scarce(**changes: Any) -> Case:
    """A market whose makers cannot keep up: launches, queues, cancellations, a shared line and few test drives."""
    return small_case(
        population__consumers=3_000,
        cars__a__production={"capacity_per_week": 300.0, "inventory_weeks": 1.0},
        cars__b__production={"capacity_per_week": 400.0, "inventory_weeks": 0.0, "test_drives_per_week": 700.0},
        cars__c__production={"capacity_per_week": 900.0, "inventory_weeks": 2.0, "ramp_weeks": 6.0},
        cars__b__launch="2025-03-05",
        cars__b__reservations_from="2025-02-10",
        cars__b__base_car="a",
        orders__late_per_week=0.05,
        happenings=[
            {"id": "strike", "on": "2025-05-01", "kind": "capacity_change", "car": "c", "capacity_per_week": 0.0},
            {"id": "term", "on": "2025-05-08", "kind": "revealed_term", "plan": "buy", "cancelling": 0.3},
        ],
        **changes,
    )


CASES = {"ample": small_case(), "scarce": scarce(), "scarce and weighted": scarce(population__strata=[
    {"id": "many", "share": 0.7, "sampling_rate": 3.0, "budget_cny": [50_000, 80_000]},
    {"id": "few", "share": 0.3, "budget_cny": [80_000, 150_000]},
])}  # fmt: skip


def by_car(market: Market, rows: NDArray[np.intp]) -> Floats:
    """Households on order by car."""
    car = market.catalogue.car_of[market.consumers.column("offer")[rows]]
    return np.bincount(car, market.book.weight(rows), len(market.catalogue.cars))


@pytest.mark.parametrize("name", CASES)
def test_every_order_is_delivered_waiting_or_cancelled_in_every_week(name: str) -> None:
    """By car, to the unit, with the opening backlog; and the ledger's backlog is that of the consumers."""
    market = Market(CASES[name], rng=3)
    opening = by_car(market, market.book.ordered())
    assert opening.sum() > 0.0
    for week in range(CASES[name].calendar.weeks):
        market.step()
        ordered, cancelled, delivered = (
            market.ledger.by_car(f).sum(0) for f in ("orders", "cancellations", "deliveries")
        )
        waiting = by_car(market, market.book.ordered())
        assert opening + ordered == pytest.approx(cancelled + delivered + waiting, abs=1e-6)
        assert market.ledger.backlog[week] == pytest.approx(waiting.sum(), abs=1e-6)
    for flow in ("orders", "cancellations", "deliveries"):
        assert np.all(market.ledger.flows[flow] >= 0.0)
    assert delivered.sum() > 0.0
    assert name == "ample" or cancelled.sum() > 0.0


@pytest.mark.parametrize("name", CASES)
def test_the_ledger_counts_households(name: str) -> None:
    """Deliveries of a week are the households behind the consumers who got a car, by their strata."""
    market = Market(CASES[name], rng=3)
    section, column = CASES[name].population, market.consumers.columns
    stratum = column["stratum"]
    span = (section.history_weeks + section.horizon_weeks) / section.horizon_weeks
    drawn = np.bincount(stratum, minlength=len(section.strata))
    shares = np.array([one.share for one in sorted(section.strata, key=lambda one: one.id)])
    household = section.market_size * span * shares / drawn
    for week in range(CASES[name].calendar.weeks):
        delivered = 0.0
        for act, _ in acts(market):
            if act == "hand_over":
                waited = column["stage"] == LOCKED
            elif act == "account":
                delivered += household[stratum[waited & (column["stage"] == IDLE)]].sum()
        assert market.ledger.flows["deliveries"][week].sum() == pytest.approx(delivered, rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_every_car_is_in_stock_or_delivered_in_every_week(name: str) -> None:
    """Stock + delivered = opening stock + built, by car, to the unit; none is handed over that is not nearly built.

    A consumer stands for many households, so the last of them may have to wait for some days.
    """
    market = Market(CASES[name], rng=3)
    opening = market.supply.stock.copy()
    for _ in range(CASES[name].calendar.weeks):
        market.step()
        delivered = market.ledger.by_car("deliveries").sum(axis=0)
        assert market.supply.stock + delivered == pytest.approx(opening + market.supply.built, abs=1e-6)
        assert np.all(market.supply.stock >= -0.5 * market.household.max() - 1e-6)


@pytest.mark.parametrize("name", CASES)
def test_no_line_builds_beyond_its_capacity(name: str) -> None:
    """In any week, all cars of a line together."""
    market = Market(CASES[name], rng=3)
    supply = market.supply
    for _ in range(CASES[name].calendar.weeks):
        before, capacity = supply.built.copy(), supply.capacity.copy()
        market.step()
        most = np.maximum(capacity, supply.capacity)
        of_line = np.bincount(supply.line, supply.built - before, len(most))
        assert np.all(of_line <= most * (1.0 + 1e-9))


@pytest.mark.parametrize("name", CASES)
def test_each_consumer_is_in_exactly_one_stage_after_every_act(name: str) -> None:
    """The waiting list holds all from the reservation to the locked order, each once, with an offer."""
    market = Market(CASES[name], rng=3)
    column = market.consumers.columns
    seen = set()
    for _ in range(CASES[name].calendar.weeks):
        for _ in acts(market):
            stage, waiting = column["stage"], market.book.waiting
            assert np.all((stage >= 0) & (stage < len(STAGES)))
            assert np.array_equal(np.sort(waiting), np.flatnonzero(stage >= RESERVED))
            assert np.array_equal(column["offer"] >= 0, stage >= RESERVED)
            on_order = np.flatnonzero(stage >= ORDERED)
            assert np.array_equal(column["car"][on_order], market.catalogue.car_of[column["offer"][on_order]])
            seen |= set(np.unique(stage).tolist())
    assert {SEARCHING, RESERVED, LOCKED} <= seen


@pytest.mark.parametrize("name", CASES)
def test_in_a_market_cars_are_handed_over_in_order_of_arrival(name: str) -> None:
    """Of those ready for a car, whoever is served chose before whoever is not; and nobody waits while a car is there."""
    market = Market(CASES[name], rng=3)
    column, car_of = market.consumers.columns, market.catalogue.car_of
    arrived = np.full(len(market.consumers), -1.0)
    compared = 0
    for _ in range(CASES[name].calendar.weeks):
        for act, this in acts(market):
            if act == "shop":
                before = column["stage"].copy()
            elif act == "move_on":
                new = (column["stage"] >= RESERVED) & (before <= SEARCHING)
                arrived[new] = column["since"][new]
            elif act == "build":
                rows = np.flatnonzero(column["stage"] == LOCKED)
                car = car_of[column["offer"][rows]]
                lead = market.supply.lead_weeks[car]
                ready = market.catalogue.launched(this.first_day)[car] & (column["since"][rows] + lead <= this.now)
                rows, car = rows[ready], car[ready]
            elif act == "account":
                for each in np.unique(car):
                    of_car = rows[car == each]
                    served, waits = (of_car[column["stage"][of_car] == stage] for stage in (IDLE, LOCKED))
                    if len(waits):
                        compared += len(served)
                        assert arrived[served].max(initial=-1.0) <= arrived[waits].min(), "somebody jumped the queue"
                        weight = market.book.weight(waits).max()
                        assert market.supply.stock[each] < weight * (1.0 + 1e-9)
    assert name == "ample" or compared > 20


def test_the_backlog_of_a_market_obeys_littles_law() -> None:
    """Orders waiting, summed over weeks, are weeks waited, summed over orders: consumer by consumer, to the unit."""
    market = Market(scarce(), rng=3)
    column, weight = market.consumers.columns, market.household[0]
    ordered_in = np.full(len(market.consumers), -1)
    ordered_in[market.book.ordered()] = 0
    waited = 0
    for week in range(market.case.calendar.weeks):
        market.step()
        waits = np.zeros(len(ordered_in), bool)
        waits[market.book.ordered()] = True
        left = (ordered_in >= 0) & ~waits
        waited += int((week - ordered_in[left]).sum())
        ordered_in[left] = -1
        ordered_in[waits & (ordered_in < 0)] = week
    waited += int((market.case.calendar.weeks - ordered_in[ordered_in >= 0]).sum())
    assert column["stage"].max() == LOCKED
    assert market.ledger.backlog.sum() == pytest.approx(waited * weight, abs=1e-6)
