"""Promises of a case that is not sound: every fault at once, by its full name and with a remedy."""

from __future__ import annotations

import math
import pickle
import tomllib
from pathlib import Path
from typing import Any

import pytest
from casefile_sample import SOUND, Sample, shelved

from market.casefile import CaseError, Fault, parse_setting


@pytest.fixture
def case() -> Sample:
    return Sample.parse(SOUND)


@pytest.fixture
def library(tmp_path: Path) -> type[Sample]:
    """A kind of document with two bundled ones, one of which builds on the other."""
    return shelved(tmp_path)


def faults(text: str | dict[str, Any], kind: type[Sample] = Sample) -> str:
    with pytest.raises(CaseError) as caught:
        kind.parse(text)
    return str(caught.value)


# fmt: off
MALFORMED = [
    ("89_900", "-5", "cars.ut_super.price_cny: given -5; allowed: a number above 0 and at most 10_000_000 (CNY)"),
    ("89_900", "0", "cars.ut_super.price_cny: given 0;"),
    ("89_900", "nan", "cars.ut_super.price_cny: given nan or infinite; allowed: a number above 0"),
    ("89_900", "-inf", "cars.ut_super.price_cny: given nan or infinite"),
    ("89_900", "1e300", "cars.ut_super.price_cny: given 1e+300; allowed: a number above 0 and at most 10_000_000"),
    ("89_900", "\"89900\"", "cars.ut_super.price_cny: given \"89900\"; allowed: a number"),
    ("89_900", "true", "cars.ut_super.price_cny: given true; allowed: a number"),
    ("89_900", "[1]", "cars.ut_super.price_cny: given a list of 1; allowed: a number"),
    ("89_900", "{ a = 1 }", "cars.ut_super.price_cny: given a table (a); allowed: a number"),
    ("89_900", "2025-01-01", "cars.ut_super.price_cny: given 2025-01-01; allowed: a number"),
    ("89_900", "9999999999999999999999999", "cars.ut_super.price_cny: given a whole number above 10^18"),
    ("89_900", "9" * 400, "a whole number above 10^18"),
    ("89_900", "9" * 5_000, "TOML text: not TOML"),
    ("89_900", "9" * 400, "cars.ut_super.price_cny: given a whole number above 10^18"),
    ("price_cny = 89_900", "price_cn = 89_900", "cars.ut_super.price_cn: unknown field; did you mean price_cny?"),
    ("price_cny = 89_900", "", "cars.ut_super.price_cny: missing; allowed: a number above 0"),
    ("price_cny = 89_900", "price_cny = 1\nprice_cny = 2", "not TOML: cannot overwrite a value (at line"),
    ("price_cny = 89_900", "price_cny 89_900", "not TOML: expected '=' after a key in a key/value pair (at line 16, column"),
    ("2025-11-09", "2025-02-30", "TOML text: not TOML: invalid date"),
    ("2025-11-09", "\"soon\"", "cars.ut_super.launch: given \"soon\"; allowed: a date such as 2025-01-06; write an existing"),
    ("2025-11-09", "20251109", "cars.ut_super.launch: given 20_251_109; allowed: a date"),
    ("2025-11-09", "2025-11-09T10:00:00", "cars.ut_super.launch: given 2025-11-09T10:00:00; allowed: a date"),
    ("jd = 1.0", "jd = 0.9", "cars.ut_super.roles.sales: shares sum to 0.9; they must sum to 1"),
    ("jd = 1.0", "jd = 1.1", "cars.ut_super.roles.sales.jd: given 1.1; allowed: a number from 0 to 1"),
    ("{ jd = 1.0 }", "{}", "cars.ut_super.roles.sales: no shares; they must sum to 1"),
    ("{ jd = 1.0 }", "1.0", "cars.ut_super.roles.sales: given 1; allowed: a table of values, each a number from 0 to 1"),
    ("jd = 0.6,", "", "cars.ut_super.face: shares sum to 0.4; they must sum to 1"),
    ("{ gac = 1 }", "{ gac = 1, Catl = 0 }", "cars.other.face.Catl: given the id \"Catl\"; allowed: lower-case"),
    ("[cars.other]", "[cars.9other]", "cars.9other: given the id \"9other\"; allowed: lower-case letters"),
    ("share = 0.25", "share = 0.2", "profiles.*.share: shares sum to 0.95; they must sum to 1"),
    ("share = 0.25", "", "profiles.jd_like.share: missing"),
    ("share = 0.4", "share = 0.5", "population.strata.*.share: shares sum to 1.1; they must sum to 1"),
    ("id = \"compact\", share = 0.4", "share = 0.4", "population.strata[1].id: missing"),
    ("\"compact\"", "\"everyone\"", "population.strata: items 1 and 2 have the same id \"everyone\"; ids must differ"),
    ("\"compact\"", "7", "population.strata[1].id: given 7; allowed: lower-case letters"),
    ("[60_000, 100_000]", "[60_000]", "population.strata.compact.budget_cny[2]: missing; allowed: a number (CNY)"),
    ("[60_000, 100_000]", "[1, 2, 3]", "population.strata.compact.budget_cny: given a list of 3; allowed: a list of 2 items"),
    ("[60_000, 100_000]", "[\"x\", 1]", "population.strata.compact.budget_cny[1]: given \"x\"; allowed: a number (CNY)"),
    ("[population]", "[population]\nconsumers = 1_000.5", "population.consumers: given 1_000.5; allowed: a whole number"),
    ("[population]", "[population]\nconsumers = false", "population.consumers: given false; allowed: a whole number from 100"),
    ("[population]", "[population]\nconsumers = 1e15", "population.consumers: given 1_000_000_000_000_000; allowed: a whole"),
    ("[population]", "[popolation]", "popolation: unknown field; did you mean population?"),
    ("[population]", "mode = 3\n[population]", "title.mode: unknown field"),
    ("[title]", "mode = \"deeler\"\n[title]", "mode: given \"deeler\"; allowed: one of dealer, platform; did you mean dealer?"),
    ("[title]", "population = 3\n[title]", "TOML text: not TOML"),
    ("en = \"A car\"", "en = \"\"", "title.en: given \"\"; allowed: text in quotes of 1 to 2_000 characters; add to it"),
    ("en = \"A car\"", "en = 5", "title.en: given 5; allowed: text in quotes of 1 to 2_000 characters; put it in quotes"),
    ("kind = \"answer\"", "kind = \"anser\"", "happenings.answer.kind: given \"anser\"; allowed: one of price_change, answer; did you"),
    ("kind = \"answer\"", "", "happenings.answer.kind: missing; allowed: one of price_change, answer; add it"),
    ("to = 80_000", "", "happenings.first_cut.to: missing; allowed: a number above 0 (CNY); add it"),
    ("to = 80_000", "too = 80_000", "happenings.first_cut.too: unknown field; did you mean to?"),
    ("[\"jd\", \"gac\"]", "[]", "happenings.answer.by: given an empty list; allowed: a list of ids, at least 1 item; add to it"),
    ("[\"jd\", \"gac\"]", "[\"jd\", 2]", "happenings.answer.by[2]: given 2; allowed: lower-case letters"),
    ("[\"jd\", \"gac\"]", "\"jd\"", "happenings.answer.by: given \"jd\"; allowed: a list of ids"),
    ("id = \"answer\"", "id = \"first_cut\"", "happenings: items 1 and 2 have the same id \"first_cut\""),
    ("[cars.other]", "[cars.other]\nelectric = 1", "cars.other.electric: given 1; allowed: true or false"),
    ("[cars.other]", "[cars.other]\nmaker = \"byd\"", "cars.other.maker: given \"byd\"; allowed: gac, catl; choose one"),
    ("grade = \"A\"", "grade = \"Z\"", "sources.cars.ut_super.price_cny.grade: given \"Z\"; allowed: one of A, B, C, D, fitted, user"),
    ("\"cars.ut_super.price_cny\"", "\"cars.ut_supr.price_cny\"", "sources.cars.ut_supr.price_cny: names nothing in this case; did"),
    ("\"cars.*.price_cny\"", "\"cars.*.price_usd\"", "sources.cars.*.price_usd: can name nothing in a case"),
    ("[title]", "base = 5\n[title]", "base: given 5; allowed: the name of a bundled case or a path"),
    ("[title]", "base = \"dealer\"\n[title]", "base: given \"dealer\"; no such bundled case or file; did you mean dealer-base?"),
    ("[title]", "base = \".\"\n[title]", "a folder; allowed: a TOML file"),
    ("[title]", "remove = [\"cars.x\"]\n[title]", "remove: nothing is inherited, as there is no base"),
    ("[title]", "remove = 3\n[title]", "remove: given 3; allowed: a list of full names"),
    ("[title]", "base = \"small\"\nremove = [\"cars.uts\"]\n[title]", "remove: given \"cars.uts\": nothing of this name is inherited"),
    (SOUND, "", "TOML text: empty; allowed: a case"),
    (SOUND, "# nothing", "TOML text: empty"),
    (SOUND, "[" * 20_000, "TOML text: not TOML"),
    (SOUND, "x = " + "{a=" * 60 + "1" + "}" * 60, "nested more than 24 deep"),
]
# fmt: on


@pytest.mark.parametrize(
    ("old", "new", "message"), MALFORMED, ids=[f"{at}-{m[:40]}" for at, (*_, m) in enumerate(MALFORMED)]
)
def test_a_malformed_case_is_refused_with_field_name_and_remedy(
    library: type[Sample], old: str, new: str, message: str
) -> None:
    """The message names the full field, what was given and what is allowed."""
    assert old in SOUND
    assert message in faults(SOUND.replace(old, new, 1), library)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such bundled case or file; did you mean small? bundled: dealer-base, small"),
        (b"\xff\xfe1", "not UTF-8 at line 1, byte 1"),
        (b"a = 1\nb = '\xff'", "not UTF-8 at line 2"),
        (b"PAR1\0\0", "a binary file; allowed: TOML text in UTF-8"),
        (b"", "empty; allowed: a case"),
        (b"a = ", "not TOML: invalid value (at end of document)"),
        (b"#" * 5_000_001, "too large; allowed: at most 5_000_000 bytes"),
        ("folder", "a folder; allowed: a TOML file"),
    ],
)
def test_an_unreadable_file_is_refused_by_its_name(
    library: type[Sample], tmp_path: Path, content: bytes | str | None, message: str
) -> None:
    """The fault's path is the file, and what is bundled is listed where the name leads nowhere."""
    file = tmp_path / "elsewhere" / "smal.toml"
    file.parent.mkdir()
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    for name in (file, str(file)):
        with pytest.raises(CaseError) as caught:
            library.load(name)
        assert message in str(caught.value)
        assert "smal.toml" in str(caught.value)


def test_a_name_that_is_no_file_at_all_is_refused(library: type[Sample]) -> None:
    """Not even an impossible path escapes as another kind of error."""
    for name in ("", "smal", "a\0b", "x" * 5_000):
        with pytest.raises(CaseError):
            library.load(name)


def test_every_fault_is_named_at_once() -> None:
    """Faults of several sections, of rows and of fields come together; rules across sections wait until fields are valid."""
    text = SOUND.replace("89_900", "-1").replace("jd = 1.0", "jd = 0.9").replace("share = 0.25", "share = 0.2")
    message = faults(text.replace("to = 80_000", "").replace("[cars.other]", '[cars.other]\nmaker = "byd"'))
    assert [line.partition(":")[0] for line in message.splitlines()] == [
        "cars.ut_super.price_cny",
        "happenings.first_cut.to",
        "profiles.*.share",
        "cars.ut_super.roles.sales",
    ]


def test_what_no_file_could_hold_is_refused() -> None:
    """Tables built in Python may hold anything; only what TOML can hold is taken."""
    tables = Sample.parse(SOUND).model_dump(exclude_none=True, by_alias=True)
    for odd in (object(), b"x", 1j, "\ud800", {1: 2}, None):
        assert faults({**tables, "mode": odd}).startswith("mode: ")


def test_a_fault_and_its_error_survive_a_process_boundary() -> None:
    """A worker's error reads the same at home."""
    error = CaseError([Fault("a.b", "given 1", "allowed: 2", "take 2"), Fault("c", "missing")])
    assert str(pickle.loads(pickle.dumps(error))) == "a.b: given 1; allowed: 2; take 2\nc: missing"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"cars.uts.price_cny": 1},
            "cars.uts.price_cny: no such name; did you mean cars.ut_super.price_cny or cars.other",
        ),
        ({"cars.ut_super.prices": 1}, "cars.ut_super.prices: no such name; did you mean cars.ut_super.price_cny?"),
        ({"weeks": 1}, "weeks: no such name; known here: title, mode, population, profiles, cars, happenings"),
        ({"": 1}, "no such name"),
        ({"cars.nothing": None}, "cars.nothing: no such name; known here: cars.ut_super, cars.other"),
        ({"cars.*.price_cny": 1}, "cars.*.price_cny: no such name"),
        ({"cars.other.price_cny.x": 1}, "cars.other.price_cny.x: no such name"),
        (
            {"happenings.first_cut.by": ["jd"]},
            "happenings.first_cut.by: no such name; did you mean happenings.answer.by",
        ),
        ({"cars.ut_super.face": {"jd": 0.5}}, "cars.ut_super.face: shares sum to 0.5; they must sum to 1"),
        (
            {"cars.ut_super.roles.sales.jd": 0.5},
            "cars.ut_super.roles.sales: shares sum to 0.5; they must sum to 1; "
            "set the others of the row too, by their full names",
        ),
        ({"cars.ut_super.face.jd": 1.5}, "cars.ut_super.face.jd: given 1.5; allowed: a number from 0 to 1"),
        (
            {"cars.ut_super.face.jd": 0.8, "cars.ut_super.face.gac": 0.4},
            "cars.ut_super.face: the shares set sum to 1.2; allowed: at most 1; set smaller shares",
        ),
        ({"profiles.jd_like.share": 1, "profiles.douyin_like.share": 1}, "profiles.*.share: shares sum to 2"),
        ({"population.consumers": "12"}, 'population.consumers: given "12"; allowed: a whole number'),
        ({"population.consumers": math.nan}, "population.consumers: given"),
        ({"population.strata.compact.id": "small"}, "an id cannot be changed"),
        ({"population.strata.compact": 3}, "population.strata.compact: given 3; allowed: a table; give the whole item"),
        ({"population.strata.compact": {"id": "x"}}, 'population.strata.compact.id: given "x"; allowed: compact'),
        ({"title.en": None}, "title.en: missing"),
        ({"profiles": {}}, "profiles.*.share: no shares; they must sum to 1"),
    ],
)
def test_an_impossible_change_is_refused_with_a_remedy(case: Sample, change: dict[str, Any], message: str) -> None:
    """The message names the field that was to be changed."""
    with pytest.raises(CaseError) as caught:
        case.change(change)
    assert message in str(caught.value)


def test_shares_that_are_all_zero_cannot_be_rescaled(case: Sample) -> None:
    """The remedy names the shares to set."""
    zeroed = case.change({"cars.ut_super.face": {"jd": 1, "gac": 0, "catl": 0}})
    with pytest.raises(CaseError, match=r"face: the shares set sum to 0.5 and the others are 0; .*; set gac, catl too"):
        zeroed.change({"cars.ut_super.face.jd": 0.5})


def test_the_origin_of_what_is_not_there_is_refused_by_its_name(case: Sample) -> None:
    """With the names that may have been meant."""
    with pytest.raises(CaseError, match=r"cars.other.colour: no such name; known here: cars.other.price_cny"):
        case.provenance("cars.other.colour")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("half a \ud800", "title.en: text with half a character"),
        (2**63, "title.en: given a whole number above 10^18; allowed: at most 2^63 - 1"),
        ({3: "en"}, "title.en: given the key 3; allowed: text; put it in quotes"),
        (b"bytes", "title.en: given a Python bytes; allowed: what TOML can hold"),
    ],
)
def test_what_no_file_can_hold_is_refused_from_python_too(value: object, message: str) -> None:
    """A case may be made of tables; a fault names the place as it does for a file."""
    assert message in faults(tomllib.loads(SOUND) | {"title": {"en": value, "zh": "x"}})


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here that is there and cannot be read")
def test_a_file_that_the_system_will_not_read_is_refused_with_its_reason() -> None:
    """Here one whose reading is an error of input and output."""
    with pytest.raises(CaseError, match="cannot be read: .*; make the file readable"):
        Sample.load("/proc/self/mem")


def test_a_name_too_long_for_any_file_cannot_be_read() -> None:
    """What the system says of it is passed on."""
    with pytest.raises(CaseError, match="cannot be read: .*; name a readable file"):
        Sample.load("x" * 5_000)


def test_a_circle_of_bases_is_named(library: type[Sample], tmp_path: Path) -> None:
    """A case cannot build on itself, by whatever detour."""
    for name, base in (("one", "two"), ("two", "./three.toml"), ("three", "one")):
        (tmp_path / f"{name}.toml").write_text(f'base = "{base}"')
    with pytest.raises(CaseError, match="base: a circle: one -> two -> three -> one; a case cannot build on itself"):
        library.load("one")


@pytest.mark.parametrize("text", ["calendar.weeks", "=52", ""])
def test_a_setting_without_name_and_value_is_refused(text: str) -> None:
    """The remedy shows one that works."""
    with pytest.raises(CaseError, match="write for example calendar.weeks=52"):
        parse_setting(text)
