"""Nothing is lost on the way from an order to a car, nobody jumps the queue, and queues are as long as theory says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from evidence import MANY, SEEDS, z_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_cases import acts, small_case

from market import Case, Market
from market.industry.supply import Supply, backlog_step, build, ramped_weeks
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, STAGES, serve_in_order

Floats = NDArray[np.float64]

# Queues that theory knows


def test_the_slotted_backlog_has_its_known_mean_and_emptiness() -> None:
    """X <- max(X + Poisson(9) - 10, 0): mean 3.10124, empty with .446500, twenty seeds of 500 lines each."""
    means, empty = [], []
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        waiting = np.zeros(500)
        total = nothing = 0.0
        for slot in range(2_400):
            waiting = backlog_step(waiting, generator.poisson(9.0, 500), 10.0)
            if slot >= 400:
                total += waiting.mean()
                nothing += np.mean(waiting == 0.0)
        means.append(total / 2_000)
        empty.append(nothing / 2_000)
    assert np.mean(means) == pytest.approx(3.10124, rel=0.01)
    assert z_of(means, 3.10124) < MANY
    assert z_of(empty, 0.446500) < MANY


def line_of_one(capacity: float, inventory_weeks: float = 0.0) -> Supply:
    """The supply of one car, with nothing in stock."""
    cars = dict(small_case().cars)
    production = cars["a"].production.model_copy(
        update={"capacity_per_week": capacity, "inventory_weeks": inventory_weeks, "lead_weeks": 0.0}
    )
    return Supply({"a": cars["a"].model_copy(update={"production": production})})


def queue(seed: int, opening: int, arrivals: float, capacity: float, weeks: int) -> tuple[Floats, Floats]:
    """A line that serves single orders first come, first served: orders waiting by week, and weeks waited by order."""
    supply, generator = line_of_one(capacity), np.random.default_rng(seed)
    came = np.zeros(opening)
    length, waited = [], []
    on_sale = np.array([1e3])
    for week in range(weeks):
        came = np.concatenate([came, np.full(generator.poisson(arrivals), float(week))])
        supply.produce(np.array([float(len(came))]), on_sale, 1.0)
        served = serve_in_order(np.zeros(len(came), np.intp), np.ones(len(came)), supply.stock)
        assert np.all(np.diff(served.astype(int)) <= 0), "somebody was served before those ahead"
        supply.stock -= served.sum()
        waited.append(week - came[served])
        came = came[~served]
        length.append(len(came))
    assert sum(length) == np.concatenate(waited).sum() + (weeks - came).sum(), "Little's law, to the unit"
    return np.array(length, float), np.concatenate(waited)


def test_little_holds_in_the_slotted_backlog() -> None:
    """Mean backlog = arrival rate x mean wait, .34458 steps, when cars are built and handed over as in the market."""
    runs = [queue(seed, 0, 9.0, 10.0, 1_500) for seed in SEEDS]
    assert z_of([waited.mean() for _, waited in runs], 0.34458) < MANY
    assert z_of([length.mean() for length, _ in runs], 3.10124) < MANY


def test_a_launch_spike_clears_when_theory_says() -> None:
    """5,000 waiting, 80 more a week, 100 built a week: clear after 250 weeks, sd 7.1."""
    clears = []
    for seed in range(60):
        waiting, generator, week = np.array(5_000.0), np.random.default_rng(seed), 0
        while waiting > 0.0:
            waiting, week = backlog_step(waiting, generator.poisson(80.0), 100.0), week + 1
        clears.append(week)
    assert z_of(clears, 250.0, known_to=0.5) < MANY
    assert 4.0 < np.std(clears, ddof=1) < 10.5


def test_a_launch_spike_clears_through_the_line_and_the_queue_too() -> None:
    """Orders are built and handed over one by one: the first to come waits 0 weeks, the 5,000th 49."""
    length, waited = queue(1, 5_000, 80.0, 100.0, 300)
    assert abs(int(np.argmax(length == 0.0)) - 250) < 4 * 7.1
    assert waited[:5_000].tolist() == np.repeat(np.arange(50.0), 100).tolist()


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


def test_a_line_builds_no_more_than_its_cars_need_nor_than_it_can() -> None:
    """Shared lines divide what they have in proportion to what their cars could use; ramps rise in a line."""
    built = build([10.0, 30.0, 5.0], [20.0, 25.0, 9.0], [0, 0, 2], [20.0, 99.0, 9.0])
    assert built == pytest.approx([10.0 * 20 / 35, 25.0 * 20 / 35, 5.0])
    assert ramped_weeks([-1.0, 0.0, 2.0, 4.0, 9.0], 4.0).tolist() == [0.0, 0.0, 0.5, 2.0, 7.0]
    assert ramped_weeks([-0.1, 0.0, 3.0], 0.0).tolist() == [0.0, 0.0, 3.0]


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


def test_a_market_short_of_cars_delivers_what_its_lines_can_build() -> None:
    """With more orders than capacity, deliveries are capacity, whatever people wish; the surplus waits."""
    case = small_case(
        cars__c__production={"capacity_per_week": 200.0, "inventory_weeks": 0.0, "lead_weeks": 1.0},
        choice__outside_utility=-1.0,
    )
    market = Market(case, rng=1).run()
    c = market.catalogue.car_index["c"]
    delivered, weight = market.ledger.by_car("deliveries")[:, c], market.household[0]
    assert market.ledger.by_car("orders")[:, c].sum() > 30 * 200.0
    assert np.all(np.abs(np.cumsum(delivered) - 200.0 * np.arange(1, 31)) <= weight)
