"""The first page before any browser opens it: its address, its market, its figures and the votes of a class."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import asdict
from typing import Any

import pytest
from drawing import need

from market import Case, Market

need("starlette")
from dashboards import (  # noqa: E402 - the extra comes first
    address,
    app,
    first,
    first_figures,
    history,
    panels,
    reports,
    series,
    texts,
    votes,
)

app.settle()
need("solara")
from dashboards.pairs import News  # noqa: E402 - Solara's settings come first

KNOWN = Case.bundled()
WILD = ["1", "0", "-1", "disclose", "answer", "x", "9" * 30, "K3DX", "k3dx", "<b>", "\ud800", "%00", "١", "", "None"]


# Address


def test_a_thousand_wild_addresses_give_a_first_page_that_exists() -> None:
    """Whatever stands in the address, the market that follows is one of the few of this page."""
    wild = random.Random(11)
    for _ in range(1_000):
        pairs = [f"{wild.choice(['shown', 'lever', 'luck', 'room', 'x'])}={wild.choice(WILD)}" for _ in range(5)]
        wished = first.wish("?" + "&".join(pairs) + wild.choice(["", "&&=", "x" * 3_000]))
        assert wished.shown in (0, 1)
        assert wished.lever in ("", *first.LEVERS)
        assert 0 <= wished.luck <= address.MAX_SEED
        assert wished.room in ("", "K3DX")
        assert first.wish(wished.query()) == wished


@pytest.mark.parametrize("asked", [None, 3, [1], {"luck": -1}, {"lever": {}}, {"shown": 7}, {"room": 5, "luck": "1e3"}])
def test_a_widget_can_ask_for_nothing_else(asked: Any) -> None:
    """Browsers can send anything in its name."""
    assert first.Wish().change(asked) == first.Wish()


@pytest.mark.parametrize("lever", ["", *first.LEVERS])
def test_the_laboratory_opens_the_same_market(lever: str) -> None:
    """Each market of the first page is one that an address of the laboratory names, so that the link leads to it."""
    for asked in (first.market_of(lever, 7), first.beside(first.Wish(lever=lever, luck=7))):
        view = address.View(asked.case, asked.consumers, asked.seed, set=asked.set, acts=asked.acts)
        read, refused = address.read(view.query(address.usual(KNOWN)), address.usual(KNOWN), KNOWN)
        assert refused == ()
        assert read.market == asked
        assert first.names_a_market("?" + view.query(address.usual(KNOWN)))


def test_the_three_acts_and_the_event_differ_in_what_they_say() -> None:
    """Disclosed: no term is revealed; answered: after two days; delivered: the platform takes the role over."""
    cases = {lever: history.case_of(first.market_of(lever, 1)) for lever in ("", *first.LEVERS)}
    days = {h.id: h.on for h in cases["answer"].happenings}
    assert cases["disclose"].get("happenings.first_deliveries.severity") == 0.0
    assert (days["answer_on_cap"] - days["first_deliveries"]).days == first.ANSWER_DAYS
    move = next(h for h in cases["deliver"].happenings if h.kind == "decision")
    assert (move.function, move.giver, move.taker, move.share) == ("delivery", "gac", "jd", 1.0)
    assert [h.severity for h in reports.reported(cases[""])] == [1.0, 1.0]
    assert reports.reported(history.case_of(first.market_of("", 1, event=False))) == []


# The market around the event


def test_the_weeks_around_the_event_are_the_weeks_of_the_whole_run() -> None:
    """Cut to fifteen weeks, as many cars are ordered a week as in the whole run, within sampling error.

    Between 17 November and 29 December some 1.1 M households order; with 6,000 consumers 420 and 1,700 of them are in
    the two samples, so that their ratio has a relative standard error of 5.5 %.
    """
    whole = Case.load("jd-gac-catl").change({"population.consumers": 6_000, "calendar.weeks": 52})
    cut = history.case_of(first.market_of("", 1, consumers=6_000))
    days = (cut.calendar.start - whole.calendar.start).days // 7
    assert days == 40
    ordered = []
    for case, begins in ((whole, 45), (cut, first.FIRST_SHOWN)):
        market = Market(case, rng=1).run()
        sales = market.ledger.sales()
        ordered.append(float(sales[sales["week"].between(begins, begins + 5)]["orders"].sum()))
        market.close()
    assert ordered[1] == pytest.approx(ordered[0], rel=4 * 0.055)


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    """What the page draws of a small market and of the one without the event."""
    return first.told(*(told(first.market_of("", 2, event=event, consumers=4_000)) for event in (True, False)))


def told(asked: address.Market) -> str:
    """A market as the browser plays it."""
    case = history.case_of(asked)
    market = Market(case, rng=asked.seed).run()
    tables = panels.tables(market)
    text = series.played(case, asked, tables["sales"], tables["market"], {"panels": panels.compact(case, tables)})
    market.close()
    return text


def test_before_the_event_both_markets_are_the_same(drawn: dict[str, Any]) -> None:
    """The page opens one week before: that week has happened in both worlds alike, and then they part."""
    assert drawn["line"]["dates"][0] == "2025-11-17"
    assert drawn["line"]["kept"][0] == drawn["ghost"]["kept"][0]
    assert drawn["line"]["share"][0] == drawn["ghost"]["share"][0]
    assert drawn["line"]["kept"] != drawn["ghost"]["kept"]


def test_orders_kept_are_ordered_less_cancelled_as_a_share_of_all() -> None:
    """By hand: 10 and 20 ordered, 4 and 8 cancelled, of 100 and 80 kept by all; 2.5 and 5 consumers behind them."""
    own = {"orders": [9, 10, 20], "cancelled": [9, 4, 8], "squares": [9, 40, 140], "kept_by_all": [9, 100, 80]}
    line = first.line({"focal": own, "dates": ["a", "b", "c"]}, since=1)
    assert line["kept"] == [6, 18]
    assert line["cancelled"] == [4, 12]
    assert line["share"] == pytest.approx([6.0, 10.0])
    assert line["behind"] == pytest.approx([2.5, 5.0])
    assert line["dates"] == ["b", "c"]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_bars_set_the_class_beside_contribution_and_blame(drawn: dict[str, Any], language: texts.Language) -> None:
    """Shares of each kind sum to a hundred; votes for nobody are said below; without votes there are two bars."""
    answers = first.answers("fictional", language)
    shown = json.loads(first_figures.bars(drawn, answers, [3, 1, 0, 4], language))
    assert [kind["key"] for kind in shown["kinds"]] == ["vote", "cause", "blame"]
    votes_, cause, blame = zip(*(row["values"] for row in shown["rows"]), strict=True)
    assert votes_ == (37.5, 12.5, 0.0)
    assert sum(cause) == pytest.approx(100.0, abs=0.2)
    assert sum(blame) == pytest.approx(100.0, abs=0.2)
    assert "50%" in shown["note"]
    alone = json.loads(first_figures.bars(drawn, answers, [0, 0, 0, 0], language))
    assert [row["values"] for row in alone["rows"]] == [row["values"][1:] for row in shown["rows"]]
    assert "JD" not in str(shown)
    assert "京东" not in str(shown)


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_line_says_what_differs_and_on_how_many_it_rests(drawn: dict[str, Any], language: texts.Language) -> None:
    """The number is the difference of the two lines; with no pairs yet there is no interval."""
    shown = json.loads(first_figures.trace(drawn, first.Wish(luck=2), News(), "fictional", language))
    assert shown["effect"]["change"] == drawn["line"]["kept"][-1] - drawn["ghost"]["kept"][-1]
    assert shown["effect"]["low"] is None
    assert 0.0 < shown["effect"]["buyers"] <= 4_000
    assert [mark["date"] for mark in shown["marks"]] == ["2025-11-25", "2025-12-01", "2026-01-01"]
    assert len(shown["lines"]) == 2
    assert not any(name in json.dumps(shown, ensure_ascii=False) for name in ("JD", "京东", "埃安", "Aion"))


# Votes


def test_everybody_votes_once_and_may_change() -> None:
    """A tap counts one; another answer moves it; the same answer again takes it back."""
    hall = votes.Hall()
    code = hall.open("teacher")
    for who, answer in (("ann", 0), ("ben", 0), ("cho", 2), ("ann", 1)):
        hall.tap(code, who, "q", answer, 3)
    assert hall.tally(code, "ann", "q", 3) == votes.Tally((1, 1, 1), (0, 0, 0), 1)
    hall.tap(code, "ann", "q", 1, 3)
    assert hall.tally(code, "ann", "q", 3) == votes.Tally((1, 0, 1), (0, 0, 0), -1)
    assert hall.tally(code, "ann", "other", 3).counts == (0, 0, 0)


def test_hands_are_counted_by_who_opened_the_class_alone() -> None:
    """Hands and taps add up; a pupil can neither count nor clear; somebody alone can do both."""
    hall = votes.Hall()
    code = hall.open("teacher")
    hall.tap(code, "ann", "q", 1, 2)
    hall.count(code, "ann", "q", 0, 1, 2)
    hall.clear(code, "ann", "q")
    assert hall.tally(code, "ann", "q", 2).counts == (0, 1)
    for more in (1, 1, 1, -1):
        hall.count(code, "teacher", "q", 1, more, 2)
    hall.count(code, "teacher", "q", 0, -1, 2)
    assert hall.tally(code, "ann", "q", 2) == votes.Tally((0, 3), (0, 2), 1)
    hall.clear(code, "teacher", "q")
    assert hall.tally(code, "ann", "q", 2).counts == (0, 0)
    for _ in range(votes.MOST_HANDS + 1):
        hall.count("", "solo", "q", 0, 1, 2)
    assert hall.tally("", "solo", "q", 2).counts == (votes.MOST_HANDS, 0)
    assert hall.tally("", "other", "q", 2).counts == (0, 0)


@pytest.mark.parametrize("answer", [None, True, -1, 3, 1e9, "1", [1], {}])
def test_no_other_answer_is_taken(answer: Any) -> None:
    """A browser can send anything."""
    hall = votes.Hall()
    code = hall.open("teacher")
    hall.tap(code, "ann", "q", answer, 3)
    hall.count(code, "teacher", "q", answer, 1, 3)
    hall.count(code, "teacher", "q", 0, answer if answer != -1 else 2, 3)
    hall.tap("NONE", "ann", "q", 0, 3)
    assert hall.tally(code, "ann", "q", 3) == votes.Tally((0, 0, 0), (0, 0, 0))
    assert not hall.knows("NONE")


def test_rooms_and_questions_do_not_pile_up() -> None:
    """A thousand classes and a thousand questions leave as many as there is room for, the last ones."""
    hall = votes.Hall()
    codes = [hall.open("teacher") for _ in range(votes.MOST_ROOMS + 50)]
    assert sum(hall.knows(code) for code in codes) == votes.MOST_ROOMS
    assert hall.knows(codes[-1])
    for number in range(1_000):
        hall.tap(codes[-1], "ann", str(number), 0, 1)
    assert sum(hall.tally(codes[-1], "ann", str(number), 1).counts[0] for number in range(1_000)) == votes.MOST_BALLOTS


def test_only_who_presents_says_where_a_class_is() -> None:
    """A class that is no more, or whose teacher is nowhere yet, leads nobody anywhere."""
    hall, told = votes.Hall(), list[str]()
    code = hall.open("teacher")
    assert hall.place(code) == hall.place("NONE") == ""
    hall.listen(code, "ann", lambda: told.append(hall.place(code)))
    hall.stand(code, "ann", "blame.5")
    hall.stand("NONE", "teacher", "blame.5")
    assert hall.place(code) == "" and told == []
    for place in ("blame.2", "blame.2", "blame.3"):
        hall.stand(code, "teacher", place)
    assert hall.place(code) == "blame.3" and told == ["blame.2", "blame.3"]


def test_a_page_hears_of_its_class_and_its_thread_ends_with_it() -> None:
    """A vote is heard soon; after the page has left nothing is heard and no thread is left."""
    hall, heard = votes.Hall(), threading.Event()
    code, other = hall.open("teacher"), hall.open("another")
    listening = votes.Listening(hall, lambda _: heard.set())
    listening.join(code)
    hall.tap(other, "ann", "q", 0, 2)
    assert not heard.wait(0.2)
    hall.tap(code, "ann", "q", 0, 2)
    assert heard.wait(5.0)
    listening.close()
    for thread in [one for one in threading.enumerate() if one.name == "votes"]:
        thread.join(5.0)
    assert not any(thread.name == "votes" and thread.is_alive() for thread in threading.enumerate())
    heard.clear()
    hall.tap(code, "ben", "q", 0, 2)
    assert not heard.is_set()


def test_who_can_be_voted_for_is_who_has_a_hand_in_the_car() -> None:
    """By the names that are shown; nobody comes last."""
    assert [name for _, name in first.answers("real", "en")] == ["JD", "GAC", "CATL", "Nobody"]
    assert [name for _, name in first.answers("fictional", "zh")] == ["玉京商城", "南方汽车", "潮汐能源", "没有人"]
    assert asdict(first.Wish()) == {"shown": 0, "lever": "", "luck": 1, "room": ""}
