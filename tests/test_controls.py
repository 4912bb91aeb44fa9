"""The dozen assumptions: each can be set over its whole range, and says where it comes from."""

from __future__ import annotations

import re

import pytest
from drawing import need

from market import Case, CaseError

need("starlette")
from dashboards import address, controls, history, texts  # noqa: E402 - the extra comes first

CASE = Case.load("jd-gac-catl")


@pytest.mark.parametrize("end", ["least", "most"])
@pytest.mark.parametrize("name", ["jd-gac-catl", "full-stack"])
def test_all_controls_can_be_at_the_ends_of_their_ranges_at_once(name: str, end: str) -> None:
    """Whatever is offered the case takes, together."""
    offered = controls.offered(Case.load(name), {}, "en")
    assert len(offered) >= 4
    written = controls.write({item["name"]: item[end] for item in offered if item[end] != item["usual"]})
    assert history.allowed(name, written, "") == (written, "", ())


def test_a_price_below_the_discount_of_a_plan_is_politely_refused() -> None:
    """What only the case's own checks can know is asked of them."""
    assert history.allowed("jd-gac-catl", "price.20000", "") == ("", "", ("set",))


@pytest.mark.slow
@pytest.mark.parametrize("name", Case.bundled())
def test_every_control_can_be_set_over_its_range_or_is_politely_refused(name: str) -> None:
    """Lowest and highest value of each: either the case takes it, or the address leaves it out."""
    case = Case.load(name)
    for item in controls.offered(case, {}, "en"):
        for value in (item["least"], item["most"]):
            written = f"{item['name']}.{value}"
            kept = history.allowed(name, written, "").set
            assert kept in ("", written)
            try:
                controls.apply(case, {item["name"]: value})
            except CaseError:
                assert kept == ""


def test_a_control_at_the_value_of_the_case_changes_nothing() -> None:
    """What is shown as the case's own value is that value: set, it gives the same market."""
    offered = controls.offered(CASE, {}, "en")
    usual = {item["name"]: item["usual"] for item in offered}
    rows = ("sales", "definition", "delivery", "service", "face")
    assert controls.apply(CASE, {key: usual[key] for key in usual if key not in rows}).fingerprint == CASE.fingerprint
    changed = controls.apply(CASE, usual)
    assert {key: controls.CONTROLS[key].now(changed) for key in usual} == usual


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("people", 60, "profiles.jd_like.share", 0.6),
        ("face", 20, "cars.ut_super.face.jd", 0.2),
        ("sales", 40, "cars.ut_super.roles.sales.gac", 0.6),
        ("service", 100, "cars.ut_super.roles.service.jd", 1.0),
        ("repair", 60, "organisations.jd.capability.warranty_repair.tier2", 0.4),
        ("promise", 50, "cars.ut_super.promise.expectation", 0.5),
        ("price", 80_000, "cars.ut_super.price_cny", 80_000.0),
        ("drift", 20, "profiles.douyin_like.minutes_drift_per_year.jd", 0.2),
        ("remedy", 200, "happenings.answer_on_orders.remedy_cny", 5_200.0),
        ("term", 1, "happenings.first_deliveries.severity", 0.0),
        ("event", 0, "happenings.order_reports.severity", 0.0),
        ("window", 1, "population.market_size", 16_000_000 * 15 / 104),
    ],
)
def test_a_control_sets_what_it_names(name: str, value: int, field: str, expected: float) -> None:
    """Each reaches its fields, the others of a row make room, and the change is marked as the user's."""
    changed = controls.apply(CASE, {name: value})
    assert changed.get(field) == pytest.approx(expected)


def test_a_later_answer_moves_every_answer() -> None:
    """The delay counts from each failure."""
    changed = controls.apply(CASE, {"delay": 30})
    days = {h.id: h.on for h in changed.happenings}
    assert {
        (days[a] - days["first_deliveries"]).days for a in ("answer_on_cap", "apology_on_cap", "answer_on_orders")
    } == {30}


@pytest.mark.parametrize(
    "text", ["people.999", "people.-5", "price.1", "nobody.5", "people", "people.1e3", "~", "people.60~x"]
)
def test_what_is_out_of_range_is_left_out_and_named(text: str) -> None:
    """Neither a widget nor a link can set what the panel does not offer."""
    view, refused = address.read(f"set={text}", address.View("jd-gac-catl"), Case.bundled())
    assert view.set in ("", "people.60")
    assert "set" in refused


def test_values_stand_in_the_address_in_a_fixed_order() -> None:
    """Two ways to the same assumptions are one market, simulated once."""
    one, other = (
        address.read(f"set={text}", address.View("jd-gac-catl"), Case.bundled())[0]
        for text in ("people.60~price.80000", "price.80000~people.60")
    )
    assert one.market == other.market
    assert history.case_of(one.market).fingerprint == history.case_of(other.market).fingerprint


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_each_control_says_unit_grade_source_and_when_it_is_felt(language: texts.Language) -> None:
    """Nothing is shown without where it comes from."""
    for item in controls.offered(CASE, {}, language):
        assert item["grade"] in ("A", "B", "C", "D", "fitted", "user")
        assert item["source"]
        assert item["label"]
        assert item["unit"] == "choice" or texts.say(f"unit_{item['unit']}", language)
    dated = {item["name"] for item in controls.offered(CASE, {}, language) if item["dated"]}
    assert dated == {"event", "term", "delay", "remedy"}


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_assumptions_let_no_real_name_through(language: texts.Language) -> None:
    """With fictional names neither labels nor sources name anybody real."""
    told = str(controls.offered(CASE.change({"display.names": "fictional"}), {}, language))
    for organisation in CASE.organisations.values():
        real = getattr(organisation.name, language)
        if organisation.name != organisation.fictional:
            assert not re.search(rf"\b{re.escape(real)}\b", told) if real.isascii() else real not in told
