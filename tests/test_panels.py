"""The tiles and panels: what they show is what the market's books, roles and stories say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards import panel_blame, panel_customising, panel_money, panel_windows, panels, series
from market import Case, Market
from market.happenings import Failure
from market.industry.lines import DEBTS, LINES

WEEKS = 60
"""The story of the bundled case breaks out in week 46."""


@pytest.fixture(scope="module")
def run() -> Iterator[Market]:
    """The bundled case with few consumers, past its story."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 4_000, "calendar.weeks": WEEKS})
    market = Market(case, rng=1)
    market.run()
    yield market
    market.close()


@pytest.fixture(scope="module")
def found(run: Market) -> dict[str, pd.DataFrame]:
    """The tables that panels are made of."""
    return panels.tables(run)


@pytest.fixture(scope="module")
def shown(run: Market, found: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """What the browser is sent."""
    sent: dict[str, Any] = json.loads(json.dumps(panels.compact(run.case, found)))
    return sent


def test_panels_travel_as_less_than_fifty_kilobytes_and_name_nobody(shown: dict[str, Any]) -> None:
    """Sent once with the market; names travel apart, real or fictional."""
    text = json.dumps(shown, separators=(",", ":"))
    assert len(text) < 50_000
    assert "Aion" not in text
    assert set(shown) == {"tiles", "flow", "blame", "money", "customising"}


def test_definition_power_of_a_quarter_is_that_of_its_cars(run: Market, shown: dict[str, Any]) -> None:
    """Thirteen weeks of deliveries, each car counted by the part in defining it."""
    tiles = shown["tiles"]
    sold = run.ledger.by_car("deliveries")[-13:].sum(axis=0)
    part = [run.case.cars[key].holders("definition").get("jd", 0.0) for key in run.catalogue.cars]
    assert tiles["of"] == "jd"
    assert tiles["definition"][-1] == pytest.approx(1e4 * sold @ part / sold.sum(), abs=0.51)


def test_the_interface_s_share_is_that_of_thirteen_weeks_of_profit(run: Market, shown: dict[str, Any]) -> None:
    """Not the mean of weekly shares: weeks with little profit count little."""
    ledger = run.ledger
    share = ledger.books.interface_share(WEEKS - 13, WEEKS, interface=ledger.interface)
    assert shown["tiles"]["interface"][-1] == pytest.approx(1e4 * share, abs=0.51)


def test_profit_adds_up_to_that_of_the_books(run: Market, found: dict[str, pd.DataFrame]) -> None:
    """Groups leave no line out, and packs and stations count as they wear out."""
    lines = [line for group in panel_money.GROUPS.values() for line in group]
    assert sorted(lines) == sorted(LINES)
    focal, everything = panel_money.profits(run.case, found, WEEKS)
    profit = run.ledger.books.profit()[:WEEKS]
    names = list(run.ledger.books.organisations)
    order = [names.index(key) for key in run.case.organisations]
    car = list(run.catalogue.cars).index("ut_super")
    assert np.allclose(everything.sum(axis=2), profit.sum(axis=1)[:, order], atol=1.0)
    assert np.allclose(focal.sum(axis=2), profit[:, car][:, order], atol=1.0)
    assert set(DEBTS) <= set(lines)


def test_cumulated_profit_is_right_at_every_week(run: Market, shown: dict[str, Any]) -> None:
    """It travels as changes of rounded sums, so that rounding never adds up."""
    money = shown["money"]
    profit = run.ledger.books.profit()[:WEEKS].sum(axis=1).cumsum(axis=0) / panel_money.UNIT_CNY
    names = list(run.ledger.books.organisations)
    for key, steps in zip(money["organisations"], money["total"], strict=True):
        assert np.abs(np.cumsum(steps or [0] * WEEKS) - profit[:, names.index(key)]).max() <= 0.51
    assert money["parties"] == ["jd", "gac", "catl"]
    assert [len(rows) for rows in money["focal"]] == [len(money["groups"])] * 3


def test_the_flow_carries_every_delivery_once(
    run: Market, found: dict[str, pd.DataFrame], shown: dict[str, Any]
) -> None:
    """Paths sum to the deliveries of each week, by brand and in all, and their error to that of the whole."""
    flow = shown["flow"]
    cars = np.array(flow["cars"], float)
    total = run.ledger.by_car("deliveries").sum(axis=1)
    assert np.abs(cars.sum(axis=0) - total).max() <= len(cars)
    brand = [flow["brands"][path[2]] == "geely" for path in flow["paths"]]
    sales = found["sales"]
    geely = sales[(sales["brand"] == "geely") & (sales["week"] == WEEKS - 1)]["deliveries"].sum()
    assert cars[brand, -1].sum() == pytest.approx(geely, abs=len(cars))
    behind = cars.sum() ** 2 / (cars.sum(axis=1) @ flow["each"])
    whole = series.sold(sales.assign(all="all"), "all", range(WEEKS))
    assert behind == pytest.approx(whole.households.sum() ** 2 / whole.squares.sum(), rel=0.01)
    assert flow["focal"] == ["aion"]
    assert flow["own"] == ["jd_store"]
    assert flow["brands"][0] == "aion"
    assert flow["brands"][-1] == "rest"


def test_blame_is_divided_among_those_with_a_hand_in_the_car(run: Market, shown: dict[str, Any]) -> None:
    """Shares sum to all of it, control is that of the roles, the ratio and its error are the account's."""
    blame = shown["blame"]
    assert blame["parties"] == ["jd", "gac", "catl"]
    account, organisations = run.opinion.account, list(run.ledger.books.organisations)
    ratio, behind = account.ratio_to_control(WEEKS - 1), account.behind(WEEKS - 1)[0]
    for i, key in enumerate(blame["parties"]):
        place = organisations.index(key)
        assert blame["ratio"][i][-1] == pytest.approx(100 * ratio.value[place], abs=0.51)
        assert blame["error"][i][-1] == pytest.approx(100 * ratio.error[place], abs=0.51)
        assert blame["behind"][i][-1] == pytest.approx(behind[place], abs=0.51)
    for measure in panel_blame.MEASURES:
        assert sum(row[-1] for row in blame["shares"][measure]) == pytest.approx(1000, abs=2)
    assert blame["shares"]["blame"][0][30] is None, "nothing stands where no story was heard"
    assert blame["wrong"][-1] == pytest.approx(1000 * account.misattribution_of_all(WEEKS - 1), abs=0.51)


def test_stories_grow_until_they_end(run: Market, found: dict[str, pd.DataFrame], shown: dict[str, Any]) -> None:
    """Every act of a story belongs to one story; what is known of its spread never shrinks."""
    stories = shown["blame"]["stories"]
    told = found["events"]["informed"].notna().sum()
    assert sum(len(story["acts"]) for story in stories) == told
    assert {"ut_super"} <= {story["car"] for story in stories if story["focal"]}
    for story in stories:
        assert story["acts"][0][1] == "failure"
        assert all(act[1] != "end" for act in story["acts"][:-1])
        reached = [act[3] for act in story["acts"]]
        assert reached == sorted(reached)
        assert all(1 <= act[0] <= WEEKS for act in story["acts"])


def test_a_second_story_of_a_kind_begins_after_the_first_has_ended() -> None:
    """The same car fails in the same way twice: two stories, not one."""
    rows = [(3, "failure", 10.0), (9, "end", 40.0), (30, "failure", 5.0), (31, "apology", 9.0)]
    table = pd.DataFrame(
        [(day, "ut_super", "delivery_delay", act, "gac+jd", informed) for day, act, informed in rows],
        columns=["day", "car", "kind", "act", "organisation", "informed"],
    )
    first, second = panel_blame.stories(Case.load("jd-gac-catl"), table)
    assert [act[1] for act in first["acts"]] == ["failure", "end"]
    assert second["acts"] == [[5, "failure", ["gac", "jd"], 5], [5, "apology", ["gac", "jd"], 9]]
    assert first["id"] is None and second["id"] is None


def test_a_failure_that_the_case_dates_is_told_by_its_own_title() -> None:
    """Not by the kind that it is of for the model: a safety event is no finding of a defect."""
    case = Case.load("full-stack")
    event = next(h for h in case.happenings if isinstance(h, Failure) and h.title is not None)
    row = (case.calendar.day_of(event.on), event.car, event.kind, "failure", "", 10.0)
    table = pd.DataFrame([row], columns=["day", "car", "kind", "act", "organisation", "informed"])
    assert [story["id"] for story in panel_blame.stories(case, table)] == [event.id]


def test_customised_share_is_weighted_by_the_weeks_sales(run: Market, shown: dict[str, Any]) -> None:
    """The share of a quarter's deliveries that a platform helped to define."""
    sold = run.ledger.by_car("deliveries")[-13:].sum(axis=0)
    customised = [run.case.cars[key].holders("definition").get("jd", 0.0) > 0 for key in run.catalogue.cars]
    made = shown["customising"]
    assert made["share"][-1] == pytest.approx(1e4 * sold[customised].sum() / sold.sum(), abs=0.51)
    assert made["behind"][-1] == shown["tiles"]["behind"]["definition"][-1]
    assert made["makers"][-1] == 1


def test_a_bargain_is_told_with_its_terms_and_what_changed() -> None:
    """The agreed proposal of the car, not an earlier one that failed; a refusal shows what was on the table."""
    case = Case.load("jd-gac-catl")
    design = {name: getattr(case.cars["q05"], name) for name in panel_customising.DESIGN}
    common: dict[str, Any] = {"programme": "p", "platform": "jd", "maker": "changan", "car": "q05", "lead_weeks": 20.0}
    common |= {"definition_share": 0.3, **design}
    proposals = pd.DataFrame(
        [
            common | {"week": 9, "agreed": False, "transfer_cny": 100.0},
            common | {"week": 20, "agreed": True, "transfer_cny": 250.0, "range_km": 600.0},
        ]
    )
    events = pd.DataFrame(
        [(63, "", "refusal", ""), (140, "q05", "bargain", "changan+jd")], columns=["day", "car", "act", "organisation"]
    ).assign(kind="p", informed=np.nan)
    events["date"] = pd.Timestamp("2025-01-06") + pd.to_timedelta(events["day"], unit="D")
    refused, agreed = panel_customising.bargains(case, {"events": events, "proposals": proposals})
    assert (refused["week"], refused["act"], refused["transfer"]) == (10, "refusal", 100)
    assert (agreed["week"], agreed["who"], agreed["transfer"]) == (21, ["changan", "jd"], 250)
    assert agreed["date"] == "2025-05-26"
    assert agreed["design"]["range_km"] == [600.0, case.cars["q05"].range_km]


@pytest.mark.parametrize("name", Case.bundled())
def test_every_case_has_somebody_to_ask_about(name: str) -> None:
    """Who the tiles speak of has a hand in the focal car, and comes first among its parties."""
    case = Case.load(name)
    parties = panel_windows.parties(case)
    assert parties[0] == panel_windows.asked_about(case)
    assert len(set(parties)) == len(parties)
    assert set(parties) <= set(case.organisations)


def test_who_takes_a_role_over_later_is_a_party_from_the_start() -> None:
    """Otherwise blame that falls on a newcomer would be seen nowhere."""
    case = Case.load("jd-gac-catl")
    move: dict[str, Any] = {"kind": "decision", "on": "2026-01-05", "car": "ut_super", "function": "service"}
    move |= {"giver": "gac", "taker": "changan", "share": 0.5}
    assert "changan" not in panel_windows.parties(case)
    assert "changan" in panel_windows.parties(case.change({"happenings.late": move}))


def test_a_market_that_has_sold_nothing_yet_still_has_its_panels() -> None:
    """One week in: no story, no customised car, and yet every panel."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 500, "calendar.weeks": 4})
    market = Market(case, rng=1)
    market.step()
    shown = panels.compact(case, panels.tables(market))
    market.close()
    json.dumps(shown, allow_nan=False)
    assert shown["blame"]["stories"] == []
    assert shown["tiles"]["blame"] == [None]
