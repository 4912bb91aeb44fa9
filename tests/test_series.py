"""What the browser is sent of a market: shares, marks, colours and names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawing import need

from market import Case, Market

need("starlette")
from dashboards import address, colours, names, series, texts  # noqa: E402 - the extra comes first


@pytest.fixture(scope="module")
def run() -> Iterator[Market]:
    """A short run of the real case, with first deliveries of the focal car in it."""
    market = Market(Case.load("jd-gac-catl").change({"population.consumers": 4_000, "calendar.weeks": 60}), rng=3)
    market.run()
    yield market
    market.close()


@pytest.fixture(scope="module")
def content(run: Market) -> dict[str, Any]:
    """What the browser is sent of that run."""
    asked = address.Market("jd-gac-catl", 4_000, 3)
    return json.loads(series.played(run.case, asked, run.ledger.sales(), run.ledger.market()))


def test_shares_are_deliveries_among_listed_cars(run: Market, content: dict[str, Any]) -> None:
    """The one-week share of a car is its deliveries over all deliveries of the week, in percent."""
    sales = run.ledger.sales().astype({"car": str})
    table = (
        sales.pivot_table(index="week", columns="car", values="deliveries", aggfunc="sum", observed=True)
        .reindex(range(60))
        .fillna(0.0)
    )
    share = 100 * table.div(table.sum(axis=1), axis=0)
    shown = pd.DataFrame(
        np.array(content["groups"]["car"]["share"]["1"]).T / 100, columns=content["groups"]["car"]["ids"]
    )
    assert np.allclose(shown[share.columns], share.fillna(0.0), atol=0.005 + 1e-9)


@pytest.mark.parametrize("by", address.GROUPS)
def test_shares_sum_to_a_hundred_however_they_are_grouped(content: dict[str, Any], by: str) -> None:
    """Nothing sold is lost between the groups, for any mean; rounding is all that is left."""
    group = content["groups"][by]
    for mean in map(str, address.MEANS):
        totals = np.array(group["share"][mean]).sum(axis=0)
        assert np.abs(totals[13:] - 10_000).max() <= len(group["ids"]) / 2


def test_who_defines_follows_the_roles(run: Market, content: dict[str, Any]) -> None:
    """A platform's part in defining cars is what its roles say of the cars sold, not all or nothing."""
    part = run.case.cars["ut_super"].holders("definition")["jd"]
    cars, definers = content["groups"]["car"], content["groups"]["definer"]
    sold = np.array(cars["share"]["13"][cars["ids"].index("ut_super")])
    assert sold.max() > 0
    assert np.abs(np.array(definers["share"]["13"][definers["ids"].index("jd")]) - part * sold).max() <= 1.0


def test_what_a_mode_sells_is_what_its_cars_sell(run: Market, content: dict[str, Any]) -> None:
    """One car of the case is customised and sold by a platform: its mode has its share; makers alone have the rest."""
    cars, modes = content["groups"]["car"], content["groups"]["mode"]
    own = content["focal"]["ids"]["mode"]
    assert own == run.case.cars["ut_super"].mode == "supply-chain-customisation"
    assert set(modes["ids"]) == {own, "alone", "rest"}
    assert modes["share"]["13"][modes["ids"].index(own)] == cars["share"]["13"][cars["ids"].index("ut_super")]


def test_what_was_switched_off_is_not_said_to_have_happened() -> None:
    """A failure without severity, and what was said about it, leave everything as it was: no badge tells of them."""
    case = Case.load("jd-gac-catl")
    dates = [case.calendar.date_of(7 * week) for week in range(case.calendar.weeks)]
    listed = {item["id"] for item in series.happenings(case, dates)}
    off = case.change({"happenings.first_deliveries.severity": 0.0})
    gone = {"first_deliveries", *(h.id for h in case.happenings if getattr(h, "to", "") == "first_deliveries")}
    assert {item["id"] for item in series.happenings(off, dates)} == listed - gone and len(gone) > 2


def test_figures_on_fewer_than_thirty_consumers_are_marked() -> None:
    """With equal weights the effective number is the number of buyers, and 30 is where grey ends."""
    weight = 800.0
    rows = [
        {"week": w, "car": c, "deliveries": n * weight, "consumers_behind": float(n)}
        for w, c, n in [(0, "a", 29), (0, "b", 30), (1, "a", 1)]
    ]
    table = pd.DataFrame(rows).assign(reservations=0.0, orders=0.0, cancellations=0.0)
    sold = series.sold(table, "car", [0, 1])
    assert np.allclose(series.effective(sold.households, sold.squares), [[29, 30], [1, 0]])
    shown = series.group(sold, ())
    place = {key: shown["ids"].index(key) for key in "ab"}
    assert shown["thin"][1][place["a"]] == [[0, 1]]
    assert shown["thin"][4][place["a"]] == [[0, 0]]
    assert shown["thin"][1][place["b"]] == []


def test_a_market_travels_as_less_than_a_hundred_kilobytes(content: dict[str, Any]) -> None:
    """Sent once and played in the browser; names and colours are not part of it."""
    text = json.dumps(content, separators=(",", ":"))
    assert len(text) < 100_000
    assert "Aion" not in text


def test_no_two_brands_share_a_colour_and_a_car_wears_its_brand_s() -> None:
    """Identity is told by colour; the car that a platform helps to define wears its brand's own."""
    case = Case.load("jd-gac-catl")
    inks = names.identities(case)
    for ground in ("light", "dark"):
        worn = [getattr(ink, ground) for ink in inks["brand"].values()]
        assert len(set(worn)) == len(worn)
        listed = [getattr(ink, ground) for key, ink in inks["car"].items() if not names.stands_for_many(key)]
        assert len(set(listed)) == len(listed)
    assert inks["car"]["ut_super"] == inks["brand"]["aion"]
    assert inks["brand"]["rest"] == colours.Ink(*colours.REST)


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("name", Case.bundled())
def test_fictional_names_let_no_real_one_through(name: str, language: texts.Language) -> None:
    """Title, summary, legend and happenings: with fictional names no real company or car is named."""
    case = Case.load(name).change({"display.names": "fictional"})
    told = names.Names(case, language)
    legend = json.loads(names.legend(name, case, language))
    shown = [
        told.title(),
        told.summary(),
        *legend["happenings"].values(),
        *(n for by in legend["names"].values() for n in by.values()),
    ]
    things = [*case.organisations.values(), *case.brands.values(), *case.cars.values()]
    real = {getattr(thing.name, language) for thing in things if thing.name != thing.fictional}
    for text in shown:
        for one in real:
            found = re.search(rf"\b{re.escape(one)}\b", text) if one.isascii() else one in text
            assert not found, f"{one!r} in {text!r}"
