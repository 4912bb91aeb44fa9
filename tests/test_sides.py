"""The two sides of a comparison: what an address, a link or a file may say, and what the page makes of it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from drawing import CASES, USUAL, solara
from paired import ran

from dashboards import address, compared, pairs, sides, texts
from dashboards.pages import compare as page
from dashboards.pair_numbers import Tally
from dashboards.sides import Wish
from market import Case

assert solara  # without it these tests are skipped

CUT = "1.price.52.10.ut_super"


def test_a_thousand_wild_addresses_all_give_an_allowed_wish() -> None:
    """Whatever an address holds, both sides are markets that exist."""
    wild = random.Random(11)
    keys = [*vars(Wish()), "case", "set", "acts", "x", ""]
    values = ["", "1", "8", "20", "1e9", "٣", "jd-gac-catl", "../../etc/passwd", "<script>", "%00", CUT, "people.40",
              "9" * 40, "~orders", "a\nb", "x" * 600]  # fmt: skip
    for _ in range(1_000):
        search = "&".join(f"{wild.choice(keys)}={wild.choice(values)}" for _ in range(wild.randint(0, 8)))
        view, _ = address.read(search, USUAL, CASES)
        wish = sides.wish(search, CASES)
        against = wish.against(view, CASES)
        assert wish.pairs in sides.PAIRS_OFFERED
        assert against.case in CASES
        assert (against.consumers, against.seed) == (view.consumers, view.seed)
        assert sides.wish(wish.query(), CASES) == wish
        assert wish.shown.isprintable()


@pytest.mark.parametrize("asked", [None, 3, "pairs=4", {"pairs": 1e9}, {"pairs": 7}, {"b_case": "../x"}, {1: 2},
                                   {"shown": "x" * 999}, {"b_acts": "<"}, {"a_own": "2"}])  # fmt: skip
def test_a_widget_can_wish_for_nothing_that_an_address_cannot(asked: Any) -> None:
    """Browsers can send anything in the name of a widget."""
    assert Wish().change(asked, CASES) == Wish()


def test_the_second_side_is_what_tells_most_about_the_first() -> None:
    """Without the acts, without the assumptions, or without a platform; and whatever was wished for instead."""
    acted = address.View("jd-gac-catl", set="people.40", acts=CUT)
    assert Wish().against(acted, CASES) == address.View("jd-gac-catl", set="people.40").market
    assert Wish().against(address.View("jd-gac-catl", set="people.40"), CASES) == USUAL.market
    assert Wish().against(USUAL, CASES).case == "dealer-baseline"
    assert Wish().against(address.View("dealer-baseline"), CASES).case == "jd-gac-catl"
    assert sides.wish("b_case=jd-gac-catl&b_acts=" + CUT, CASES).against(USUAL, CASES).acts == CUT
    assert sides.wish("b_case=dealer-baseline&b_acts=1.move.3.10.definition-jd-gac", CASES).b_acts == ""


def test_sides_are_exchanged_and_placed() -> None:
    """Exchanging twice is where one began; another first side leaves the second one what it is."""
    view, wish = address.View("jd-gac-catl", acts=CUT), Wish()
    there = page.swapped(view, wish, wish.against(view, CASES), CASES)
    assert (there[0].acts, there[1].b_acts) == ("", CUT)
    back = page.swapped(*there, there[1].against(there[0], CASES), CASES)
    assert back[0] == view
    assert back[1].against(back[0], CASES) == wish.against(view, CASES)
    other = {"case": "dealer-baseline", "set": "", "acts": ""}
    placed = page.placed(view, wish, wish.against(view, CASES), "a", other, CASES)
    assert (placed[0].case, placed[1].against(placed[0], CASES)) == ("dealer-baseline", USUAL.market)


@pytest.mark.parametrize("link", [None, "", "http://[", "?case=nowhere", "x" * 9_000, "https://host/?lang=zh"])
def test_what_is_no_link_to_a_market_is_not_taken(link: Any) -> None:
    """A link leads to a market of this page, whatever host it names; anything else is said to be none."""
    assert sides.of_link(link, CASES) is None
    told = sides.of_link(f"https://elsewhere/market?lang=zh&case=jd-gac-catl&acts={CUT}&week=9", CASES)
    assert told == {"case": "jd-gac-catl", "set": "", "acts": CUT}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "large"), ("x" * 190_001, "large"), ("x = [", "no_case"), ("\0", "no_case"), ("a=" + "[" * 9_000, "no_case"),
        ("title = 3", "fault"), ('base = "/etc/passwd"', "base"), ('base = "../secret.toml"', "base"), ("base = 3", "base"),
        ('base = "jd-gac-catl"\n[calendar]\nweeks = 300', "long"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_case_is_refused_with_a_word(text: Any, word: str) -> None:
    """Too large, no TOML, faults, a base on this computer's disk, a run of years: refused, and nothing is opened."""
    with pytest.raises(sides.RefusedError) as refused:
        sides.own_case(text)
    assert refused.value.word == word
    assert f"compare_file_{word}" in texts.TEXTS
    assert bool(refused.value.said) == (word == "fault")


def test_an_exported_case_comes_back_as_it_went() -> None:
    """What the page exports can be compared with; a case may also build on a bundled one."""
    case = Case.load("jd-gac-catl")
    assert sides.own_case(case.to_toml()).fingerprint == case.fingerprint
    changed = sides.own_case('base = "jd-gac-catl"\n[cars.ut_super]\nprice_cny = 80000.0')
    asked, why = page.asked_of((changed, case), 1, 8)
    assert asked is not None
    assert (asked.other, asked.base, why) == (changed, case, "")
    assert page.asked_of((case, case), 1, 8)[1] == "same"
    assert page.asked_of((None, case), 1, 8) == (None, "gone")
    assert page.asked_of((case.change({"calendar.start": "2024-12-30"}), case), 1, 8) == (None, "apart")


@pytest.fixture(scope="module")
def two() -> tuple[Case, Case]:
    """Two cases with different cars, short."""
    short = {"population.consumers": 2_000, "calendar.weeks": 6, "display.names": "fictional"}
    return Case.load("virtual-maker").change(short), Case.load("dealer-baseline").change(short)


@pytest.fixture(scope="module")
def two_pairs(two: tuple[Case, Case]) -> tuple[pairs.Asked, Tally]:
    """Both on two seeds."""
    asked = pairs.Asked.of(two[1], two[0], most=2)
    return asked, ran(asked, range(1, 3))


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_is_shown_of_two_cases(
    two: tuple[Case, Case], two_pairs: tuple[pairs.Asked, Tally], language: texts.Language
) -> None:
    """Brands of both sides with names and colours, outcomes with units and intervals, nothing that is no number."""
    shown = json.loads(compared.found(*two_pairs, 4, language))
    assert (shown["pairs"], len(shown["dates"])) == (2, 6)
    assert set(shown["brands"]) == set(shown["names"]) == set(shown["inks"])
    everybody = {car.brand for case in two for car in case.cars.values()}
    assert set(shown["brands"]) == everybody
    for side in ("base", "other"):
        assert sum(row[side][-1] for row in shown["brands"].values()) == pytest.approx(100_000, abs=len(everybody))
    assert {row["of"] for row in shown["rows"]} == {"car", "market", "party"}
    for row in shown["rows"]:
        assert row["mean"] == pytest.approx(row["other"] - row["base"], abs=1e-5)
        if row["low"] is not None:  # both seeds had something to say
            assert row["low"] <= row["mean"] <= row["high"]
            assert row["clear"] == (row["low"] > 0 or row["high"] < 0)
    assert "Aion" not in json.dumps(shown)
    told = compared.described(two[0], address.Market("virtual-maker", 3_000, 1, "people.40"), language)
    assert [(one["value"], one["unit"]) for one in told["set"]] == [(40, "percent")]
