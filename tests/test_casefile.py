"""Promises of a case as a document: exact round trips, changes that touch nothing else, honest sources."""

from __future__ import annotations

import copy
import datetime
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from casefile_sample import SOUND, Sample, shelved
from hypothesis import given, settings
from hypothesis import strategies as st

from market.casefile import CaseError, Provenance, parse_setting


@pytest.fixture
def case() -> Sample:
    return Sample.parse(SOUND)


@pytest.fixture
def library(tmp_path: Path) -> type[Sample]:
    """A kind of document with two bundled ones, one of which builds on the other."""
    return shelved(tmp_path)


AWKWARD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)


def test_numbers_may_be_written_either_way(case: Sample) -> None:
    """1e6 serves as a whole number and 1 as a share, and neither changes the content."""
    assert case.change({"population.consumers": 1e6}).population.consumers == 1_000_000
    assert isinstance(case.cars["other"].face["gac"], float)
    assert (
        case.change({"cars.other.price_cny": 90_000}).fingerprint
        == case.change({"cars.other.price_cny": 9e4}).fingerprint
    )


def test_a_case_written_out_loads_back_equal_and_says_unit_and_source(case: Sample) -> None:
    """Defaults are included and each value is followed by its unit, grade and source."""
    text = case.to_toml()
    again = Sample.parse(text)
    assert again == case
    assert again.fingerprint == case.fingerprint
    assert again.to_toml() == text
    lines = text.splitlines()
    assert "price_cny = 89_900.0  # CNY; A: maker" in lines
    assert "price_cny = 120_000.5  # CNY; B: press" in lines
    assert "consumers = 100_000  # agents; B: us" in lines
    assert "search.median = 8.0  # weeks; C: survey" in lines
    assert "search.sigma = 0.5  # log points; C: survey" in lines
    assert "face = { jd = 0.6, gac = 0.3, catl = 0.1 }  # share; C: survey of faces" in lines
    assert 'from = "gac"' in lines


@settings(max_examples=100, deadline=None)
@given(
    AWKWARD,
    AWKWARD,
    st.floats(1e-300, 1e7),
    st.floats(0, 1),
    st.dates(),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_content_loads_back_equal(
    en: str, zh: str, price: float, share: float, day: datetime.date, median: float
) -> None:
    """Whatever text, numbers and dates a case holds, to the last bit."""
    case = Sample.parse(SOUND).change(
        {
            "title": {"en": en, "zh": zh},
            "cars.other.price_cny": price,
            "profiles.jd_like.share": share,
            "cars.ut_super.launch": day,
            "profiles.jd_like.search.median": median,
            "sources.cars.other": {"grade": "D", "source": en},
        }
    )
    assert Sample.parse(case.to_toml()) == case


def test_equal_content_has_an_equal_fingerprint_whatever_the_order(case: Sample) -> None:
    """Order of tables, keys and items, defaults written out, titles and sources: none of them counts."""
    tables = case.model_dump(exclude_none=True, by_alias=True)
    turned = {
        key: dict(reversed(list(entry.items()))) if isinstance(entry, dict) else entry for key, entry in tables.items()
    }
    turned = dict(reversed(list(turned.items()))) | {"happenings": tables["happenings"][::-1], "sources": {}}
    turned["title"] = {"en": "Other", "zh": "别的"}
    other = Sample.parse(turned)
    assert other.fingerprint == case.fingerprint
    assert len(case.fingerprint) == 16
    assert hash(other) == hash(case)
    assert case.change({"cars.other.price_cny": 120_000.51}).fingerprint != case.fingerprint
    assert case.change({"happenings.answer": None}).fingerprint != case.fingerprint


def test_a_copy_with_another_section_has_a_fingerprint_of_its_own(case: Sample) -> None:
    """The fingerprint is worked out once and never taken along; knowing it does not make two cases differ."""
    same = Sample.parse(case.to_toml())
    assert case.fingerprint
    fewer = case.model_copy(update={"happenings": []})
    assert fewer.fingerprint == case.change({f"happenings.{one.id}": None for one in case.happenings}).fingerprint
    assert fewer.fingerprint != case.fingerprint
    assert case == same
    assert "fingerprint" not in case.model_dump()


def test_a_value_is_found_by_its_full_name(case: Sample) -> None:
    """Ids stand for tables' keys and lists' items alike, and `fields` lists every single value."""
    assert case.get("cars.ut_super.roles.service.gac") == 0.6
    assert case.get("population.strata.compact.share") == 0.4
    assert case.get("happenings.answer.from") == "gac"
    assert case.get("cars.other.launch") is None
    assert case.get("cars") is case.cars
    fields = case.fields()
    assert list(fields)[:4] == ["title.en", "title.zh", "mode", "population.consumers"]
    assert all(case.get(name) == content for name, content in fields.items())
    assert case.change(fields).fingerprint == case.fingerprint
    with pytest.raises(
        CaseError, match=r"cars.ut_supr.price_cny: no such name; did you mean cars.ut_super.price_cny\?"
    ):
        case.get("cars.ut_supr.price_cny")


def test_change_touches_what_was_named_and_nothing_else(case: Sample) -> None:
    """The old case is as before; a null change leaves the content exactly alone."""
    before = case.to_toml()
    changed = case.change({"cars.other.price_cny": 99_000, "happenings.first_cut.on": datetime.date(2026, 1, 1)})
    assert case.to_toml() == before
    differing = {name for name, content in changed.fields().items() if content != case.fields()[name]}
    assert differing == {"cars.other.price_cny", "happenings.first_cut.on"}
    assert {name for name, source in changed.sources.items() if source.grade == "user"} == differing
    assert (
        case.change({name: case.get(name) for name in ("cars.ut_super.face.jd", "mode")}).fingerprint
        == case.fingerprint
    )


def test_shares_that_were_not_set_are_rescaled(case: Sample) -> None:
    """Of a row in a table, across a table and across a list alike; their sources say so."""
    changed = case.change(
        {"cars.ut_super.face.jd": 0.8, "profiles.jd_like.share": 0.5, "population.strata.compact.share": 0.1}
    )
    assert changed.get("cars.ut_super.face") == pytest.approx({"jd": 0.8, "gac": 0.15, "catl": 0.05}, abs=1e-12)
    assert changed.get("profiles.douyin_like.share") == pytest.approx(0.5)
    assert changed.get("population.strata.everyone.share") == pytest.approx(0.9)
    assert changed.provenance("cars.ut_super.face.gac").grade == "user"
    assert changed.get("cars.other.face") == case.get("cars.other.face")
    added = case.change({"cars.ut_super.roles.sales.gac": 0.25})
    assert added.get("cars.ut_super.roles.sales") == {"jd": 0.75, "gac": 0.25}
    removed = case.change({"cars.ut_super.face.jd": None})
    assert removed.get("cars.ut_super.face") == pytest.approx({"gac": 0.75, "catl": 0.25})


def test_things_can_be_added_and_taken_away_by_name(case: Sample) -> None:
    """Whole tables add cars, rows and happenings; None removes them, with their sources."""
    changed = case.change(
        {
            "cars.new": {"price_cny": 1, "face": {"gac": 1}},
            "cars.other.roles.sales.jd": 1.0,
            "happenings.cut": {"kind": "price_change", "on": "2026-01-01", "to": 5},
            "cars.other.launch": datetime.date(2025, 1, 1),
            "cars.ut_super": None,
        }
    )
    assert list(changed.cars) == ["other", "new"]
    assert changed.get("happenings.cut.to") == 5
    assert changed.provenance("cars.new.price_cny").grade == "user"
    assert "cars.ut_super.price_cny" not in changed.sources
    assert Sample.parse(changed.to_toml()) == changed


def test_the_most_specific_source_speaks_for_a_value(case: Sample) -> None:
    """Exact before enclosing before wildcard before the field's default, which vouches for nothing but itself."""
    assert case.provenance("cars.ut_super.price_cny") == Provenance("A", "maker", "CNY", "list price")
    assert case.provenance("cars.other.price_cny").source == "press"
    assert case.provenance("cars.ut_super.face.jd").source == "survey of faces"
    assert case.provenance("population.consumers").source == "us"
    assert case.provenance("profiles.jd_like.search.median").source == "survey"
    assert case.provenance("profiles.douyin_like.search.median").grade == "D"
    assert case.change({"population.consumers": 200}).provenance("population.consumers").grade == "user"
    assert case.change({"cars.ut_super.face": {"jd": 1}}).provenance("cars.ut_super.face.jd").grade == "user"


def test_a_case_builds_on_another(library: type[Sample], tmp_path: Path) -> None:
    """Tables and lists with ids merge, `remove` takes away, a row that sums to 1 replaces, and the result has no base."""
    case = library.load("dealer-base")
    assert case.get("cars.other.price_cny") == 100_000
    assert case.get("cars.ut_super") == library.load("small").get("cars.ut_super")
    assert case.provenance("cars.other.price_cny").source == "stated in the case without a source"
    assert "base" not in case.to_toml()
    mine = tmp_path / "mine" / "mine.toml"
    mine.parent.mkdir()
    mine.write_text(
        """base = "../dealer-base.toml"
        remove = ["cars.other", "happenings.answer", "cars.ut_super.launch"]
        happenings = [{ id = "first_cut", to = 70_000 }, { id = "next", kind = "price_change", on = 2026-01-01, to = 1 }]
        population.strata = [{ id = "compact", share = 0.5 }, { id = "everyone", share = 0.5 }]
        [cars.ut_super]
        face = { jd = 0.5, gac = 0.5 }
        """
    )
    case = library.load(mine)
    assert list(case.cars) == ["ut_super"]
    assert case.get("cars.ut_super.launch") is None
    assert case.get("cars.ut_super.face") == {"jd": 0.5, "gac": 0.5}
    assert [happening.id for happening in case.happenings] == ["first_cut", "next"]
    assert case.get("happenings.first_cut.to") == 70_000
    assert case.get("happenings.first_cut.on") == datetime.date(2025, 12, 1)
    assert case.get("population.strata.compact.budget_cny") == (60_000, 100_000)
    assert library.parse(case.to_toml()) == case


def test_sources_may_be_written_without_quotes() -> None:
    """Names that became tables in tables are read as the full names they were meant to be."""
    case = Sample.parse(SOUND + 'cars.other.maker = { grade = "C", source = "guess" }\n')
    assert case.provenance("cars.other.maker").source == "guess"


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("52", 52), ("1_000_000", 1_000_000), ("1e6", 1e6), (".5", 0.5), ("true", True), ("platform", "platform"),
        ('"52"', "52"), ("2025-01-06", datetime.date(2025, 1, 6)), ("2025-1-6", "2025-1-6"), ("[1, 2]", [1, 2]),
        ("{ jd = 0.5, gac = 0.5 }", {"jd": 0.5, "gac": 0.5}), ("", ""), ("1\nother = 2", "1\nother = 2"), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_toml_or_else_as_text(text: str, content: Any) -> None:
    """What follows the first equals sign is one value."""
    assert parse_setting(f"a.b = {text}") == ("a.b", content)


def test_copies_and_pickles_are_equal(case: Sample) -> None:
    """A case travels to workers unharmed."""
    for other in (pickle.loads(pickle.dumps(case)), copy.deepcopy(case), copy.copy(case)):
        assert other == case
        assert other.fingerprint == case.fingerprint


def test_the_schema_knows_units_and_that_a_base_fills_in(case: Sample) -> None:
    """Editors can check a file by it."""
    schema = case.schema()
    assert schema["$defs"]["Car"]["properties"]["price_cny"]["unit"] == "CNY"
    assert {"base", "remove", "cars"} <= set(schema["properties"])
    assert {"required": ["base"]} in schema["anyOf"]


def test_the_machinery_is_light_to_import() -> None:
    """No library for tables, arrays, plots or styled TOML comes with it."""
    script = "import market.casefile, sys; print({'pandas', 'numpy', 'scipy', 'matplotlib', 'tomlkit', 'mesa'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "set()"
    )
