"""The market as a whole: volume, season, a stationary start, deposits to the yuan, and what each happening does."""

from __future__ import annotations

import gc
import weakref
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from market import Case, Market
from market.calendar import Season
from market.happenings import Answer, Failure, MediaBurst, PriceChange
from market.people.population import effective_number

QUIET = {"happenings": [], "drift.permanent_sd_per_month": 0.0, "drift.transitory_sd_per_month": 0.0}
MONTHS = list(Season.model_fields)
EVEN = {f"calendar.season.{month}": 1.0 for month in MONTHS}
DELIVERIES_BY_MONTH = [0.69, 0.68, 0.95, 0.89, 0.95, 1.00, 0.94, 1.07, 1.18, 1.18, 1.23, 1.23]
"""Battery-electric deliveries by month, mean 1, residual sd .07 (Open EV Charts, 2023-25)."""


def run(changes: dict[str, Any], name: str = "dealer-baseline", rng: int = 1) -> Market:
    """A market run to its end."""
    return Market(Case.load(name).change(changes), rng=rng).run()


@pytest.fixture(scope="module")
def quiet_market() -> Market:
    """Two years in which nothing happens but the season."""
    return run(QUIET | {"population.consumers": 60_000})


def test_orders_of_the_default_season_give_the_months_of_real_deliveries(quiet_market: Market) -> None:
    """The season of orders, delivered after the lag, reproduces the month table of deliveries.

    Tolerance: the residual sd of the real table (.07) and four standard errors of a month's deliveries. The second
    year is compared: the first begins after a quiet run without a December.
    """
    weeks = quiet_market.ledger.market()
    days = pd.Series(
        np.repeat(weeks.deliveries / 7, 7).to_numpy(), pd.date_range(weeks.date[0], periods=7 * len(weeks))
    )
    second_year = days["2026-01-01":"2026-12-31"]
    monthly = second_year.groupby(second_year.index.month).mean()
    share = np.array(monthly / monthly.mean())
    behind = effective_number(quiet_market.book.weight(np.arange(60_000))) * 4.35 / 143
    error = np.sqrt(1 / behind)
    assert np.abs(share / np.array(DELIVERIES_BY_MONTH) * np.mean(DELIVERIES_BY_MONTH) - 1).max() < 0.07 + 4 * error


def test_as_many_households_decide_as_the_case_says(quiet_market: Market) -> None:
    """Orders kept, waiting or delivered, and cars outside the case, add up to market_size within the horizon.

    A few households need a second car within two years (Weibull shape 3 with scale 312 weeks: below 2 %).
    """
    ledger = quiet_market.ledger
    bought = ledger.flows["orders"].sum() - ledger.flows["cancellations"].sum() + ledger.outside.sum()
    expected = quiet_market.case.population.market_size * quiet_market.clock.at(104 * 7) / 104
    behind = effective_number(quiet_market.book.weight(np.arange(60_000))) * 104 / 143
    assert -4 / np.sqrt(behind) < bought / expected - 1 < 0.02 + 4 / np.sqrt(behind)


@pytest.mark.slow
def test_week_0_is_an_ordinary_week() -> None:
    """Without season or happenings, the first weeks are like those of a year later.

    Searchers, backlog, orders and deliveries: pooled over 20 seeds, |z| < 4 on the difference of means.
    """
    early, late = [], []
    for seed in range(1, 21):
        weeks = run(QUIET | EVEN | {"population.consumers": 4_000, "calendar.weeks": 60}, rng=seed).ledger.market()
        columns = ["in_market", "backlog", "orders", "deliveries"]
        early.append(weeks[columns].iloc[:4].mean())
        late.append(weeks[columns].iloc[48:].mean())
    difference = pd.DataFrame(early) - pd.DataFrame(late)
    z = difference.mean() / (difference.std() / np.sqrt(len(difference)))
    assert (z.abs() < 4).all(), z


@pytest.mark.parametrize("name", Case.bundled())
def test_deposits_are_accounted_for_to_the_yuan(name: str) -> None:
    """What is held equals the deposits of those who wait with an order, after every week."""
    market = Market(Case.load(name).change({"population.consumers": 3_000, "calendar.weeks": 60}), rng=2)
    for _ in range(60):
        market.step()
        waiting = market.book.ordered()
        channel = market.catalogue.channel_of[market.consumers.columns["offer"][waiting]]
        deposit = market.ledger.deposit_cny
        held = np.bincount(channel, market.book.weight(waiting), len(deposit)) * deposit
        assert market.ledger.deposits_held()[-1] == pytest.approx(held, abs=1.0)
    assert market.ledger.deposits["forfeited"].sum() > 0


@pytest.fixture(scope="module")
def launch_case() -> Case:
    """The weeks around the launch."""
    return Case.load("jd-gac-catl").change({"population.consumers": 20_000, "calendar.weeks": 60})


@pytest.fixture(scope="module")
def as_it_was(launch_case: Case) -> Market:
    """What the case says."""
    return Market(launch_case, rng=3).run()


def focal(market: Market, flow: str, first: int = 0) -> float:
    """A flow of the UT Super from a week on, in households."""
    return float(market.ledger.by_car(flow)[first:, market.catalogue.car_index["ut_super"]].sum())


def test_a_price_cut_sells_more_and_a_rise_less(launch_case: Case, as_it_was: Market) -> None:
    """Same people, same luck, another price from week 46 on."""
    orders = {}
    for price in (79_900, 99_900):
        market = Market(launch_case, rng=3)
        market.schedule(PriceChange(id="price", on=date(2025, 11, 24), car="ut_super", price_cny=price))
        orders[price] = focal(market.run(), "orders", 46)
    assert orders[79_900] > focal(as_it_was, "orders", 46) > orders[99_900]


def test_a_promotion_ends_when_it_says(launch_case: Case) -> None:
    """The discount holds from `on` until the day before `until`."""
    happening = {
        "id": "sale",
        "kind": "promotion",
        "on": "2025-03-05",
        "until": "2025-03-19",
        "car": "seagull",
        "discount_cny": 5_000,
    }
    market = Market(launch_case.change({"happenings": [happening]}), rng=1)
    car = market.catalogue.car_index["seagull"]
    discounts = [(market.step(), float(market.catalogue.promotion_cny[car]))[1] for _ in range(12)]
    assert discounts[:8] == [0.0] * 8
    assert discounts[8:10] == [5_000.0] * 2
    assert discounts[10:] == [0.0] * 2


def test_a_term_reported_as_not_displayed_makes_those_who_rented_the_battery_cancel(
    launch_case: Case, as_it_was: Market
) -> None:
    """Without the reports fewer cancel under the plan; every week before them is the same to the bit."""
    reports = {f"happenings.{h.id}": None for h in launch_case.happenings if isinstance(h, Failure | Answer)}
    untold = Market(launch_case.change(reports), rng=3).run()
    plan = as_it_was.catalogue.plan_index["baas"]
    rented = as_it_was.catalogue.plan_of == plan
    told_week, untold_week = (m.ledger.flows["cancellations"][46:49].sum(axis=(0, 2)) for m in (as_it_was, untold))
    assert told_week[rented].sum() > untold_week[rented].sum()
    for flow in ("orders", "cancellations", "deliveries"):
        assert np.array_equal(as_it_was.ledger.flows[flow][:46], untold.ledger.flows[flow][:46])


def test_a_launch_happening_brings_a_planned_car_to_market(launch_case: Case) -> None:
    """A car that is not on sale sells nothing before its launch and something after."""
    launch = {"id": "go", "kind": "launch", "on": "2025-06-02", "car": "q05", "contacts": 1.0}
    changes = {"cars.q05.on_sale": False, "cars.q05.launch": None, "happenings": [launch]}
    market = Market(launch_case.change(changes), rng=1).run()
    orders = market.ledger.by_car("orders")[:, market.catalogue.car_index["q05"]]
    assert orders[:21].sum() == 0.0
    assert orders[21:].sum() > 0.0


def test_less_capacity_means_longer_queues(launch_case: Case, as_it_was: Market) -> None:
    """A line cut to a fifth two weeks after the launch delivers less and keeps more waiting."""
    cut = {"id": "cut", "kind": "capacity_change", "on": "2025-11-24", "car": "ut_super", "capacity_per_week": 300}
    case = launch_case.change({"happenings": [*(h.model_dump(mode="json") for h in launch_case.happenings), cut]})
    market = Market(case, rng=3).run()
    assert focal(market, "deliveries") < focal(as_it_was, "deliveries")


def test_a_tax_cliff_moves_demand_but_makes_none(launch_case: Case) -> None:
    """Market time at the end of the horizon is the same; before the cliff it runs ahead."""
    with_cliff = Market(launch_case.change({"calendar.weeks": 104}), rng=1).clock
    without = Market(launch_case.change({"calendar.weeks": 104, "happenings.purchase_tax": None}), rng=1).clock
    cliff = launch_case.calendar.day_of(date(2026, 1, 1))
    assert with_cliff.at(cliff) > without.at(cliff) + 0.5
    assert with_cliff.at(728) == pytest.approx(without.at(728))


def test_a_media_burst_makes_the_car_known(launch_case: Case, as_it_was: Market) -> None:
    """More contacts at the launch, more orders."""
    market = Market(launch_case, rng=3)
    market.schedule(MediaBurst(id="more", on=date(2025, 11, 10), car="ut_super", contacts=2.0))
    assert focal(market.run(), "orders") > focal(as_it_was, "orders")


def test_what_has_passed_cannot_be_scheduled(as_it_was: Market) -> None:
    """The message names the day, and from when it would be possible."""
    with pytest.raises(ValueError, match=r"happenings\.late\.on: 2025-02-01 has passed; give 2026-03-02 or later"):
        as_it_was.schedule(PriceChange(id="late", on=date(2025, 2, 1), car="ut", price_cny=1.0))


def test_a_closed_market_is_freed_and_its_ledger_still_read() -> None:
    """Nothing keeps a closed market alive, on any Mesa."""
    market = Market(
        Case.load("dealer-baseline").change({"population.consumers": 1_000, "calendar.weeks": 2}), rng=1
    ).run()
    ledger, alive = market.ledger, weakref.ref(market)
    market.close()
    assert len(ledger.sales()) > 0
    del market
    gc.collect()
    assert alive() is None


def test_a_run_ends_with_its_calendar() -> None:
    """One week more is an error that says what to do."""
    market = run({"population.consumers": 500, "calendar.weeks": 1})
    with pytest.raises(RuntimeError, match=r"calendar\.weeks"):
        market.step()
