"""The bundled cases: every value has a source, every figure in FACTS stands as stated."""

import re

import pytest

from market import Case


@pytest.mark.parametrize("name", Case.bundled())
def test_every_value_has_unit_meaning_and_source(name: str) -> None:
    """No number of a bundled case is anonymous."""
    case = Case.load(name)
    anonymous = []
    for key, value in case.fields().items():
        said = case.provenance(key)
        if value is None or re.search(r"\.(id|kind|title\..*|name\..*|fictional\..*)$|^(title|summary)\.", key):
            continue
        if not said.meaning or not said.source or "without a source" in said.source or said.source == "not stated":
            anonymous.append(key)
    assert anonymous == []


@pytest.mark.parametrize("name", Case.bundled())
def test_toml_out_and_in_is_the_same_case(name: str) -> None:
    """What a case writes, it reads back equal, to the fingerprint."""
    case = Case.load(name)
    again = Case.parse(case.to_toml())
    assert again == case
    assert again.fingerprint == case.fingerprint


@pytest.mark.parametrize("name", Case.bundled())
def test_names_switch_between_real_and_fictional(name: str) -> None:
    """One switch replaces every real name by its fictional twin, in both languages, and changes no result."""
    real = Case.load(name)
    fictional = real.change({"display.names": "fictional"})
    assert real.fingerprint == fictional.fingerprint
    shown = {fictional.label("organisations", key, lang) for key in real.organisations for lang in ("en", "zh")}
    assert not shown & {"JD", "京东", "GAC", "广汽", "CATL", "宁德时代"}
    cars = {fictional.label("cars", key, "en") for key, car in real.cars.items() if not car.aggregate}
    assert not cars & {real.label("cars", key, "en") for key in real.cars}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", Case.bundled())
def test_no_text_of_a_fictional_case_names_anybody_real(name: str, lang: str) -> None:
    """Title, summary and happenings are retold with the fictional names."""
    case = Case.load(name).change({"display.names": "fictional"})
    texts = [case.title, case.summary, *(h.title for h in case.happenings if h.title is not None)]
    said = "\n".join(case.told(text, lang) for text in texts)
    named = [*case.organisations.values(), *case.brands.values(), *case.cars.values()]
    real = {getattr(item.name, lang) for item in named} - {getattr(item.fictional, lang) for item in named}
    assert [word for word in real if word in said] == []


def test_the_real_case_states_what_was_reported() -> None:
    """Dates and prices of November 2025 as in the press (36kr, 2025-11-09; press, 2025-11-25)."""
    case = Case.load("jd-gac-catl")
    plan = case.plans["baas"]
    assert case.get("cars.ut_super.price_cny") == 89_900
    assert case.get("cars.ut_super.price_cny") - plan.discount_cny == 49_900
    assert (plan.rent_cny_per_month, plan.cap_km_per_month, plan.overage_cny_per_km) == (399, 3_000, 0.20)
    assert str(case.cars["ut_super"].launch) == "2025-11-09"
    assert str(case.get("happenings.first_deliveries.on")) == "2025-11-25"
    assert case.channels["jd_store"].deposit_first
