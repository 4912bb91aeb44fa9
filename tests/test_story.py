"""One consumer's life in sentences: true to the panel, in both languages, from a run or from its folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from experiments import story
from experiments.cli import app
from experiments.story import lives
from experiments.story.lives import WHO, Lives, Who
from market import Case, CaseError
from market.chronicle import PANEL_COLUMNS
from market.ledger import FLOWS
from market.stories.complaints import AT_VISITS

pytestmark = pytest.mark.usefixtures("here")
CASE = "jd-gac-catl"
SMALL = ["--consumers", "600", "--weeks", "12"]
HEARS = {"organisation": "jd", "value": 0.64}
SALE = {"channel": "jd_store", "value": 51_399.0}


def tell(*words: str) -> Result:
    """The command, as typed."""
    return CliRunner().invoke(app, ["story", *words])


def panel(*rows: tuple[int, int, str, str, dict[str, Any]], names: str = "real") -> Lives:
    """Lives from week, consumer, event, car and whatever else is recorded."""
    plain = {"profile": "jd_like", "channel": "", "organisation": "", "value": float("nan")}
    keys = ("week", "consumer", "event", "car")
    table = [plain | dict(zip(keys, row[:4], strict=True)) | row[4] for row in rows]
    case = Case.load(CASE).change({"display.names": names})
    return Lives(case, 1, pd.DataFrame(table, columns=list(PANEL_COLUMNS)))


def said(told: Lives, consumer: int = 7, lang: str = "en") -> list[str]:
    """The sentences about a consumer, without their dates."""
    return [sentence.words for sentence in story.sentences(told, consumer, lang)]


A_LIFE = (
    (44, 7, "reservations", "ut_super", SALE),
    (45, 7, "orders", "ut_super", SALE),
    (46, 7, "heard", "ut_super", HEARS),
    (47, 7, "answer", "ut_super", {"value": 0.0}),
    (47, 7, "answer", "ut_super", {"value": 0.0}),
    (48, 7, "heard", "ut_super", {"organisation": "gac", "value": 0.5}),
    (51, 7, "cancellations", "ut_super", SALE),
    (53, 7, "deferred", "ut", {}),
    (53, 7, "lost", "ut", {}),
    (53, 7, "orders", "rest_middle", {"channel": "dealer", "value": 140_000.0}),
    (54, 7, "deliveries", "rest_middle", {"channel": "dealer", "value": 140_000.0}),
    (90, 7, "quality_defect", "rest_middle", {}),
    (90, 7, "visit", "rest_middle", {"value": 1_234.6}),
    (91, 7, "outside", "", {}),
)


# ------------------------------------------------------------------------------------------- sentences


def test_a_life_is_told_in_order_with_dates_names_and_amounts() -> None:
    """Each row of the panel is a sentence; what two stories say alike in a week is said once."""
    assert said(panel(*A_LIFE)) == [
        "Reserves the Aion UT Super (JD store) at 51,399 CNY.",
        "Orders the Aion UT Super (JD store) for 51,399 CNY.",
        "Hears what went wrong with the Aion UT Super on order and blames JD most: 64 % of the blame.",
        "Hears answer 1 to what went wrong with the Aion UT Super on order.",
        "Hears that something else went wrong with the Aion UT Super on order and blames GAC most: 50 % of the blame.",
        "Cancels the Aion UT Super, ordered 6 weeks before, after hearing what went wrong with it.",
        "Would choose the Aion UT, but waits because of a story.",
        "Would have chosen the Aion UT, were trust what it was.",
        "Orders one of the other middle-class cars (4S dealer) for 140,000 CNY.",
        "Gets one of the other middle-class cars, ordered a week before, for 140,000 CNY.",
        "Meets a defect of its own car.",
        "Has its own car cared for by an independent workshop; care, accessories, insurance and energy until then: "
        "1,235 CNY.",
        "Chooses a car that is not listed.",
    ]
    weeks = [sentence.week.isoformat() for sentence in story.sentences(panel(*A_LIFE), 7)]
    assert weeks[:2] == ["2025-11-10", "2025-11-17"]
    assert weeks == sorted(weeks)


def test_the_same_life_is_told_in_chinese() -> None:
    """As many sentences, none with a Latin word but names of cars and numbers."""
    chinese = said(panel(*A_LIFE), lang="zh")
    assert len(chinese) == len(said(panel(*A_LIFE)))
    assert chinese[0] == "预定埃安UT super（京东自营），价格 51,399 元。"
    assert chinese[5] == "听说所出的问题后，取消6周前下单的埃安UT super。"
    assert all(
        not re.search("[A-Za-z]", words.replace("UT super", "").replace("UT", "").replace("4S", ""))
        for words in chinese
    )


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        (A_LIFE[:2], "At the end it waits for the Aion UT Super."),
        (A_LIFE[:7], "At the end it is looking for another car."),
        (A_LIFE[:-1], "At the end it drives one of the other middle-class cars."),
        (A_LIFE, "At the end it drives a car that is not listed."),
        (A_LIFE[2:3], "What it drives at the end was not recorded."),
    ],
)
def test_the_end_is_what_the_last_events_say(rows: Sequence[Any], ends: str) -> None:
    """Who ordered waits, who cancelled looks again, who got a car drives it."""
    assert story.ending(panel(*rows), 7) == ends


def test_an_order_before_the_start_is_said_to_be_one() -> None:
    """The panel does not know when a car that was ordered before the first week was ordered."""
    told = panel((0, 7, "deliveries", "ut", {"channel": "dealer", "value": 80_000.0}))
    assert said(told) == ["Gets the Aion UT, ordered before the start, for 80,000 CNY."]


def test_everything_that_the_market_records_has_a_sentence() -> None:
    """And what a later version may record is at least named."""
    ways = {"told_by", "told_in_group", "told_by_feed", "told_directly"}
    recorded = {*FLOWS, *ways, "outside", "lost", "deferred", "heard", "answer", "visit", "buy_out", *AT_VISITS}
    assert recorded <= set(story.TEXTS)
    assert said(panel((3, 7, "some_new_thing", "ut", {}))) == ["some new thing: the Aion UT."]


def test_fictional_names_leave_no_real_one() -> None:
    """What is told with fictional names names no real organisation or car."""
    told = panel(*A_LIFE, names="fictional")
    for lang in ("en", "zh"):
        words = " ".join(said(told, lang=lang))
        named: list[Any] = [*told.case.organisations.values(), *told.case.cars.values()]
        names = {getattr(n.name, lang) for n in named} - {getattr(n.fictional, lang) for n in named}
        assert not [name for name in names if re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", words)]


# ------------------------------------------------------------------------------------------- whose life


def test_somebody_is_found_to_whom_it_happened() -> None:
    """About the focal car if it can be, then with most to tell, then the first."""
    heard = ("heard", "ut_super", HEARS)
    told = panel(
        (1, 1, "cancellations", "ut", SALE),
        (1, 2, "orders", "ut_super", SALE), (2, 2, "cancellations", "ut_super", SALE),
        (1, 3, "orders", "ut_super", SALE), (2, 3, *heard), (3, 3, "cancellations", "ut_super", SALE),
        (1, 4, "orders", "ut_super", SALE), (2, 4, *heard), (3, 4, "deliveries", "ut_super", SALE),
        (1, 5, "orders", "ut_super", SALE), (2, 5, "deliveries", "ut_super", SALE), (3, 5, *heard),
        (3, 5, "lost", "ut", {}), (3, 5, "deferred", "ut_super", {}),
    )  # fmt: skip
    expected: dict[Who, int] = {"cancelled": 3, "kept": 4, "heard": 5, "lost": 5, "deferred": 5}
    assert {who: told.find(who) for who in get_args(Who)} == expected


def test_whoever_is_not_there_is_not_made_up() -> None:
    """The fault names what there is instead."""
    told = panel((1, 2, "orders", "ut_super", SALE), (2, 2, "cancellations", "ut_super", SALE))
    with pytest.raises(CaseError, match=r'--who: given "lost"; it happened to nobody .*; choose cancelled$'):
        told.find("lost")
    with pytest.raises(CaseError, match="--consumer: given 700; followed are 0 to 499"):
        told.of(700)


def test_if_nobody_is_asked_for_the_first_that_there_is_is_told() -> None:
    """Who cancelled before who heard, these before who did neither; nobody where nothing happened."""
    bought, again = (1, 2, "orders", "ut_super", SALE), (3, 2, "deliveries", "ut_super", SALE)
    heard, gone = (2, 4, "heard", "ut_super", HEARS), (2, 5, "cancellations", "ut_super", SALE)
    assert panel(bought, again, (2, 3, "orders", "ut_super", SALE)).first() == 2
    assert panel(bought, again, heard).first() == 4
    assert panel(bought, again, heard, gone).first() == 5
    with pytest.raises(CaseError, match="--who: nothing happened to anybody who was followed in this run"):
        panel().first()


# ------------------------------------------------------------------------------------------- the command


def test_a_folder_tells_what_the_run_told() -> None:
    """From Parquet or CSV, with or without replicates, the life is the same to the letter."""
    for form, more in (("csv", ["--replicates", "2"]), ("parquet", [])):
        run = ["run", *SMALL, "--seed", "3", "--format", form, "--out", form, "--quiet", *more]
        assert CliRunner().invoke(app, run).exit_code == 0
    somebody = str(pd.read_parquet("parquet/panel.parquet")["consumer"].iloc[0])
    told = tell(CASE, *SMALL, "--seed", "3", "--consumer", somebody)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[1].startswith(f"Consumer {somebody}, ")
    assert "Seed 3, fingerprint" in told.stdout
    for folder in ("csv", "parquet"):
        assert tell("--from", folder, "--consumer", somebody).stdout == told.stdout


def test_somebody_who_was_followed_and_did_nothing_is_told_of_too() -> None:
    """A life without anything recorded is not an error; the banner stands under it as under all real names."""
    quiet = next(
        k
        for k in map(str, range(500))
        if "nothing happened" in tell("--weeks", "1", "--consumers", "600", "--consumer", k).stdout
    )
    result = tell("--weeks", "1", "--consumers", "600", "--consumer", quiet, "--lang", "zh")
    assert result.exit_code == 0
    assert "这段时间没有任何记录" in result.stdout
    assert "这是情景推演" in result.stdout


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        (["--who", "died"], ["--who: given"]),
        (["--consumer", "-1"], ["--consumer: given"]),
        (["--consumer", "5", "--who", "lost"], ["--who: given together with --consumer"]),
        (["nowhere", "--seed", "x"], ["--seed: given", "nowhere"]),
        (["--from", "nowhere"], ["--from: "]),
        (["--from", "nowhere", "--seed", "2", "--weeks", "3"], ["--from: given together with --weeks, --seed"]),
        (["--lang", "fr", "--set", "cars.none.price_cny=1"], ["--lang: given", "cars.none"]),
        (["--weeks", "2", "--consumers", "600", "--consumer", "599"], ["--consumer: given 599"]),
        (["--weeks", "1", "--consumers", "600", "--who", "lost"], ['--who: given "lost"']),
    ],
)
def test_bad_input_is_status_2_and_a_line_for_each_fault(words: list[str], faults: list[str], here: Path) -> None:
    """No traceback, nothing printed, nothing written."""
    result = tell(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == len(faults)
    assert all(any(line.startswith(fault) or fault in line for line in lines) for fault in faults)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{}", '{"seed": "one"}'])
def test_a_folder_that_holds_no_result_is_said_to(content: str) -> None:
    """Whatever is broken in it, it is one line."""
    Path("broken").mkdir()
    Path("broken/manifest.json").write_text(content, encoding="utf-8")
    Path("broken/panel.csv").write_text("week\n1\n", encoding="utf-8")
    result = tell("--from", "broken")
    assert result.exit_code == 2
    assert result.stderr.startswith('--from: "broken" holds no result that can be read; choose')


def test_the_words_for_whom_to_choose_are_the_documented_ones() -> None:
    """The command offers what `lives` knows."""
    assert WHO == ("cancelled", "lost", "heard", "kept", "deferred")
    assert set(lives.MARK) == set(WHO) - {"kept"}
