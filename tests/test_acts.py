"""What a visitor does to a market: only what the case allows, from its day on, and exported so that it replays."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest
from drawing import need
from queues import queue_of

from market import Case, Market

need("starlette")
from dashboards import acts, address, history, names, possible, series, texts  # noqa: E402 - the extra comes first

CASE = Case.load("jd-gac-catl")
SMALL = {"population.consumers": 1_200, "calendar.weeks": 60}
PRICE = "1.price.50.20.ut_super"


@pytest.mark.parametrize("name", ["jd-gac-catl", "full-stack", pytest.param("co-creation", marks=pytest.mark.slow)])
def test_every_act_that_is_offered_can_be_done(name: str) -> None:
    """Each kind upon each target, at the first week in which it is offered: the case takes it."""
    case = Case.load(name)
    kinds = acts.offered(case, (), "en")["kinds"]
    assert {"failure", "price", "burst", "rival"} <= {kind["kind"] for kind in kinds}
    for kind in kinds:
        for target, label, first, last in kind["targets"]:
            assert label.strip()
            assert 0 <= first < last <= case.calendar.weeks
            found = acts.fitting(case, f"1.{kind['kind']}.{first}.{kind['usual']}.{target}")
            assert len(found.acts) == 1, (kind["kind"], target)
    one_each = [
        acts.Act(k["targets"][0][2], n, k["kind"], k["usual"], k["targets"][0][0]) for n, k in enumerate(kinds, 1)
    ]
    changed = acts.apply(case, sorted(one_each))
    assert {f"act_{n}" for n in range(1, len(kinds) + 1)} <= {h.id for h in changed.happenings}


@pytest.mark.parametrize(
    "text",
    [
        "1.price.50.31.ut_super", "1.price.50.0.ut_super", "1.price.999.10.ut_super", "1.price.50.10.bingo",
        "1.rival.50.10.ut_super", "1.explode.50.10.ut_super", "1.failure.50.100.undisclosed_term", "x", "~", "1.price",
        "0.price.50.10.ut_super", "100.price.50.10.ut_super", "1.apology.40.30.first_deliveries-jd",
        "1.apology.60.30.first_deliveries-jd", "1.apology.48.30.first_deliveries-geely_auto",
        "1.blame.48.50.first_deliveries-jd-jd", "1.launch.60.50.yu7", "1.move.50.100.service-jd-jd",
        "1.price.50.10.ut_super.", "1.price.٥٠.10.ut_super", "1.apology.50.30.act_2-jd",
    ],
)  # fmt: skip
def test_what_the_case_does_not_allow_is_left_out_and_named(text: str) -> None:
    """Impossible acts of an address change nothing, and the visitor learns of it."""
    view, refused = address.read(f"acts={text}&lang=en", address.View("jd-gac-catl"), Case.bundled())
    assert view.acts == ""
    assert "acts" in refused


def test_a_possible_act_stays_when_another_is_refused() -> None:
    """One wrong part of a link takes nothing else away; too many acts are cut."""
    view, refused = address.read(f"acts={PRICE}~2.price.50.99.ut_super", address.View("jd-gac-catl"), Case.bundled())
    assert (view.acts, refused) == (PRICE, ("acts",))
    many = "~".join(f"{n}.price.50.1.ut_super" for n in range(1, 30))
    assert len(acts.parse(many).acts) == acts.MOST_ACTS
    assert not acts.parse(many).all_used


def test_an_answer_needs_its_failure() -> None:
    """What is said about an act goes when the act goes."""
    both = "1.failure.50.100.quality_defect~2.apology.51.30.act_1-gac"
    assert acts.write(acts.fitting(CASE, both).acts) == both
    assert acts.fitting(CASE, both.partition("~")[2]).acts == ()


def test_another_case_forgets_what_was_done_to_the_last() -> None:
    """Acts name the cars and organisations of one case."""
    view = address.View("jd-gac-catl", acts=PRICE, set="people.60")
    other = view.change({"case": "co-creation"}, Case.bundled())
    assert (other.case, other.acts, other.set) == ("co-creation", "", "")
    assert view.change({"acts": "nonsense"}, Case.bundled()).acts == ""
    assert view.change({"acts": ["x"]}, Case.bundled()) == view


def test_two_price_cuts_one_after_the_other_add_up() -> None:
    """The second is taken off what the first has left."""
    two = acts.parse("1.price.50.10.ut_super~2.price.60.10.ut_super").acts
    prices = [h.price_cny for h in acts.apply(CASE, two).happenings if h.id.startswith("act_")]
    assert prices == pytest.approx([0.9 * 89_900, 0.81 * 89_900])


def test_acts_happen_in_the_week_after_the_one_last_seen() -> None:
    """An act of week 50 happens on that week's first day, and nothing of the weeks before changes."""
    assert acts.first_day(CASE, 50) == CASE.calendar.start + pd.Timedelta(weeks=50)
    case = CASE.change(SMALL)
    both = "1.price.50.30.ut_super~2.failure.55.300.quality_defect"
    runs = [Market(one, rng=2).run() for one in (case, acts.apply(case, acts.parse(both).acts))]
    before, after = ([m.ledger.sales().query(f"week {w} 50").reset_index(drop=True) for m in runs] for w in ("<", ">="))
    assert before[0].equals(before[1])
    assert not after[0].equals(after[1])
    for market in runs:
        market.close()


def test_the_exported_case_and_tables_are_the_market_that_was_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file replays to the same sales, to the last figure; tables open in spreadsheets and elsewhere."""
    asked = address.Market("jd-gac-catl", 20_000, 5, "people.60", PRICE)
    assert history.exported(asked, "fictional").fingerprint == history.case_of(asked, "fictional").fingerprint
    shown = history.case_of(asked).change(SMALL)
    monkeypatch.setattr(history, "exported", lambda market, names="": shown)
    file = history.toml(asked).decode()
    again = Case.parse(file)
    assert again == shown
    assert again.fingerprint == shown.fingerprint
    first, second = (Market(case, rng=asked.seed).run() for case in (shown, again))
    sales = first.ledger.sales()
    assert sales.equals(second.ledger.sales())
    assert history.csv(asked) is None
    history.keep(asked, history.written(sales))
    kept = history.parquet(asked)
    assert kept is not None
    assert pd.read_parquet(io.BytesIO(kept)).equals(sales)
    table = history.csv(asked)
    assert table is not None
    assert table.startswith("﻿".encode())
    assert len(table.decode().splitlines()) == len(sales) + 1
    content = json.loads(series.played(shown, asked, sales, first.ledger.market()))
    assert content["ghost"] == series.key_of(history.ghost_of(asked) or asked) != content["key"]
    assert sum(content["focal"]["orders"]) == pytest.approx(
        sales.loc[sales["car"] == "ut_super", "orders"].sum(), abs=60
    )
    for market in (first, second):
        market.close()


def test_a_part_of_a_market_is_the_beginning_of_the_whole() -> None:
    """Who plays while the rest is simulated sees nothing that later changes."""
    case, asked = CASE.change(SMALL), address.Market("jd-gac-catl", 1_200, 1)
    market = Market(case, rng=1)
    texts_made: list[dict[str, Any]] = []
    for weeks in (13, 47):
        market.run(weeks)
        texts_made.append(json.loads(series.played(case, asked, market.ledger.sales(), market.ledger.market())))
    market.close()
    part, whole = texts_made
    assert (part["made"], whole["made"]) == (13, 60)
    assert part["dates"] == whole["dates"]
    rows, all_rows = (
        dict(zip(t["groups"]["car"]["ids"], t["groups"]["car"]["share"]["4"], strict=True)) for t in texts_made
    )
    assert all(all_rows[car][:13] == row for car, row in rows.items())
    assert [car for car in all_rows if car in rows] == list(rows)
    ghost = json.loads(series.ghost(json.dumps(whole)))
    assert ghost["key"] == whole["key"]
    assert ghost["rows"]["car"]["share"]["4"] == all_rows["ut_super"]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_acts_let_no_real_name_through(language: texts.Language) -> None:
    """With fictional names neither targets nor titles name anybody real."""
    asked = address.Market("jd-gac-catl", 20_000, 1, "", f"{PRICE}~2.failure.50.100.quality_defect")
    case = history.case_of(asked, "fictional")
    offered = json.dumps(acts.offered(case, acts.parse(asked.acts).acts, language), ensure_ascii=False)
    told = offered + json.dumps([names.Names(case, language).happening(h) for h in case.happenings], ensure_ascii=False)
    for thing in (*case.organisations.values(), *case.cars.values()):
        if thing.name != thing.fictional and language == "zh":
            assert thing.name.zh not in told
        elif thing.name != thing.fictional and len(thing.name.en) > 3:
            assert thing.name.en not in told


def test_there_is_something_to_answer_only_while_it_is_spoken_of() -> None:
    """A story can be answered from its week on, for a quarter."""
    listed = [t for t in possible.targets(CASE, (), "apology") if t.id == "first_deliveries-jd"]
    assert [(t.first, t.last) for t in listed] == [(47, 47 + possible.STORY_WEEKS)]


def test_who_acted_is_sent_the_market_and_its_ghost() -> None:
    """Two markets are asked for, one is played, the focal car of the other is drawn beside it; none without acts."""
    need("solara")
    from dashboards.session import Session

    queue = queue_of(lambda market: json.dumps({"key": series.key_of(market), "focal": {}, "groups": {}}))
    session = Session(queue)
    asked = address.Market("jd-gac-catl", 20_000, 1, "", PRICE)
    session.want(asked)
    with session._changed:
        assert session._changed.wait_for(lambda: session._latest.whole and session._latest.ghost, timeout=10)
    assert json.loads(session._latest.text)["key"] == series.key_of(asked)
    assert json.loads(session._latest.ghost)["key"] == series.key_of(address.Market("jd-gac-catl", 20_000, 1))
    session.want(address.Market("jd-gac-catl", 20_000, 1))
    with session._changed:
        assert session._changed.wait_for(lambda: session._latest.whole, timeout=10)
    assert session._latest.ghost == ""
    session.close()
    queue.close()
