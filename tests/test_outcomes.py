"""Outcomes: what a sweep keeps of a run is what the tables of the run say."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd
import pytest
from small_cases import small_case

from experiments import findings, outcomes, trial
from market import Case, Market

WEEKS = 60
CASE = Case.load("jd-gac-catl").change({"population.consumers": 2_000, "calendar.weeks": WEEKS})


@pytest.fixture(scope="module")
def lived() -> tuple[Market, list[float]]:
    """A market that has run through a crisis, and how many waited for the focal car at the end of each week."""
    market, waiting = Market(CASE, rng=3), []
    for _ in range(WEEKS):
        market.step()
        waiting.append(float(market.book.line.backlog()[market.catalogue.car_index[str(CASE.focal_car)]]))
    return market, waiting


@pytest.fixture(scope="module")
def market(lived: tuple[Market, list[float]]) -> Market:
    return lived[0]


@pytest.fixture(scope="module")
def found(market: Market) -> dict[str, float]:
    return outcomes.of_run(market)


def test_names_are_known_before_a_run(market: Market, found: dict[str, float]) -> None:
    assert tuple(found) == outcomes.names(CASE) and tuple(outcomes.weekly(market)) == outcomes.weekly_names(CASE)
    assert outcomes.involved(CASE) == ("catl", "gac", "jd")
    beside = ["byd_auto", "nobody", "jd"]
    assert outcomes.involved(CASE, beside) == ("byd_auto", "catl", "gac", "jd")
    assert tuple(outcomes.of_run(market, beside)) == outcomes.names(CASE, beside)
    with pytest.raises(ValueError, match="has not run a week"):
        outcomes.of_run(Market(small_case(), rng=1))


def test_flows_and_shares_are_those_of_the_tables(market: Market, found: dict[str, float]) -> None:
    sales, weekly = market.ledger.sales(), market.ledger.market()
    here = sales[sales["car"] == CASE.focal_car]
    for flow in ("orders", "cancellations", "deliveries", "reservations"):
        assert found[flow] == pytest.approx(here[flow].sum(), rel=1e-12)
    assert found["orders"] > 0 and found["deliveries"] > 0
    assert found["share"] == pytest.approx(here["deliveries"].sum() / sales["deliveries"].sum())
    late = sales["week"] >= WEEKS - 13
    assert found["share_end"] == pytest.approx(here.loc[late, "deliveries"].sum() / sales.loc[late, "deliveries"].sum())
    assert found["order_share"] == pytest.approx(here["orders"].sum() / sales["orders"].sum())
    assert found["cancelled_share"] == pytest.approx(here["cancellations"].sum() / here["orders"].sum())
    assert found["attention"] == pytest.approx(weekly["attention"].mean())
    assert found["makers_customising"] == weekly["makers_customising"].iloc[-1]
    single = [key for key, car in CASE.cars.items() if not car.aggregate]
    share = sales[sales["car"].isin(single)].groupby(sales["brand"].astype(str))["deliveries"].sum()
    assert found["hhi"] == pytest.approx(1e4 * ((share / sales["deliveries"].sum()) ** 2).sum())
    customised = market.ledger.customised(slice(WEEKS))
    part = market.ledger.by_car("deliveries")[customised].sum() / sales["deliveries"].sum()
    assert found["customised_share"] == pytest.approx(part)


def test_money_blame_and_trust_are_those_of_the_findings(market: Market, found: dict[str, float]) -> None:
    finding = findings.read(market, market.ledger.sales(), market.ledger.panel())
    called = {
        "profit": "profit", "profit_here": "profit_here", "definition_power": "defines", "blamed": "blamed",
        "blame_to_control": "to_control", "blame_to_contribution": "to_contribution", "trust": "trust",
        "closed_loop": "closed_loop", "returning": "returning", "lifetime": "lifetime",
    }  # fmt: skip
    for name, theirs in called.items():
        values = dict(zip(finding.organisations, finding.by_organisation[theirs].value, strict=True))
        for key in outcomes.involved(CASE):
            assert found[f"{name}.{key}"] == pytest.approx(values[key], rel=1e-9, nan_ok=True)
    assert found["blamed.jd"] > 0.0 and found["profit_here.gac"] != 0.0
    for name, theirs in (("interface_share", "interface"), ("interface_here", "interface_here")):
        assert found[name] == pytest.approx(finding.of_market[theirs].value)
    for name in ("stories", "misattribution", "lost", "deferred"):
        assert found[name] == pytest.approx(finding.of_market[name].value)
    events = market.ledger.events()
    of_car = events[(events["car"] == CASE.focal_car) & events["informed"].notna()]
    assert found["stories"] >= 1.0 and found["informed"] >= of_car["informed"].max() > 0.0


def test_weeks_add_up_to_the_run_and_the_backlog_is_who_waits(
    lived: tuple[Market, list[float]], found: dict[str, float]
) -> None:
    market, seen = lived
    weeks = outcomes.weekly(market)
    assert {len(series) for series in weeks.values()} == {WEEKS}
    for flow in ("orders", "cancellations", "deliveries"):
        assert weeks[flow].sum() == pytest.approx(found[flow], rel=1e-12)
    assert weeks["backlog"] == pytest.approx(np.array(seen), rel=1e-9, abs=1e-6) and max(seen) > 0.0
    assert found["backlog_end"] == seen[-1]
    sold = weeks["market_deliveries"] > 0.0
    assert (weeks["share"] * weeks["market_deliveries"])[sold].sum() == pytest.approx(found["deliveries"])
    assert (np.diff(weeks["informed"]) >= 0.0).all() and weeks["informed"][-1] == found["informed"]
    for key in outcomes.involved(CASE):
        assert weeks[f"profit.{key}"].sum() == pytest.approx(found[f"profit.{key}"], rel=1e-9)
        assert weeks[f"trust.{key}"][-1] == found[f"trust.{key}"]


def test_a_case_without_a_focal_car_is_looked_at_as_a_whole() -> None:
    case = small_case(calendar__weeks=6, population__consumers=500)
    assert case.focal_car is None
    market = Market(case, rng=1).run()
    found, weeks = outcomes.of_run(market), outcomes.weekly(market)
    assert outcomes.involved(case) == ("ann", "bob", "cat") and tuple(found) == outcomes.names(case)
    assert found["share"] == pytest.approx(1.0) and found["order_share"] == pytest.approx(1.0)
    assert found["deliveries"] == pytest.approx(weeks["market_deliveries"].sum()) and found["deliveries"] > 0.0
    assert math.isnan(found["blamed.ann"]) and math.isnan(found["misattribution"]) and found["stories"] == 0.0
    assert sum(found[f"definition_power.{key}"] for key in outcomes.involved(case)) == pytest.approx(1.0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_outcome_has_a_label_and_a_unit(lang: str) -> None:
    said = [outcomes.about(name, CASE, lang) for name in outcomes.names(CASE)]
    said += [outcomes.about(name, CASE, lang, weekly=True) for name in outcomes.weekly_names(CASE)]
    assert all(one.label and one.unit and "{" not in one.label for one in said)
    labels = [outcomes.about(name, CASE, lang).label for name in outcomes.names(CASE)]
    assert len(set(labels)) == len(labels)
    assert {outcomes.about(name, CASE, lang).label for name in outcomes.weekly_names(CASE)}
    hidden = CASE.change({"display.names": "fictional"})
    assert CASE.label("organisations", "jd", lang) in outcomes.about("profit.jd", CASE, lang).label
    assert CASE.label("organisations", "jd", lang) not in outcomes.about("profit.jd", hidden, lang).label
    with pytest.raises(KeyError):
        outcomes.about("profits", CASE, lang)


def test_reading_changes_nothing_and_costs_little(market: Market) -> None:
    before = market.ledger.sales()
    seconds = []
    for _ in range(5):
        began = time.process_time()
        outcomes.of_run(market)
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.010
    pd.testing.assert_frame_equal(market.ledger.sales(), before)


def test_a_trial_is_a_run_read_at_its_end(found: dict[str, float]) -> None:
    made = trial.perform(CASE, 3, series=True, organisations=["byd_auto"])
    assert {name: made.outcomes[name] for name in found} == pytest.approx(found, nan_ok=True, rel=0.0, abs=0.0)
    assert made.weeks is not None and len(made.weeks["share"]) == WEEKS and "trust.byd_auto" in made.weeks
    assert trial.perform(CASE.change({"calendar.weeks": 2}), 3).weeks is None
