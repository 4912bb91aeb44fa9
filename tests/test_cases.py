"""The bundled cases: every value has a source, every figure in FACTS stands as stated."""

import re
from datetime import date

import numpy as np
import pytest

from market import Case, Market
from market.happenings import Answer, Failure
from market.organisations import TASKS


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


def test_first_deliveries_are_two_failures_and_what_was_reported_about_them() -> None:
    """The cap for those who rent, the other reports for all; neutral words, stated contributions, no mass attention."""
    case = Case.load("jd-gac-catl")
    failures = {h.id: h for h in case.happenings if isinstance(h, Failure)}
    assert {key: (h.kind, h.plan) for key, h in failures.items()} == {
        "first_deliveries": ("undisclosed_term", "baas"),
        "order_reports": ("claim_dispute", None),
    }
    for key, failure in failures.items():
        assert failure.on == date(2025, 11, 25)
        assert sum(failure.contribution.values()) == pytest.approx(1.0)
        assert failure.contribution["jd"] > 0.0
        assert case.provenance(f"happenings.{key}.contribution.jd").grade == "D"
        assert failure.attention == 0.0
        assert case.provenance(f"happenings.{key}.attention").grade == "A"
    assert failures["first_deliveries"].title is not None
    assert "reported as not displayed at purchase" in failures["first_deliveries"].title.en
    texts = [text for h in case.happenings if h.title for text in (h.title.en, h.title.zh)]
    assert not re.search(r"hidden|hide|conceal|fraud|cheat|隐瞒|欺诈|欺骗|套路", " ".join(texts))


def test_the_answers_came_after_six_days_jointly_and_the_apology_from_one() -> None:
    """2025-12-01: a service pack of 2,600 CNY to all buyers, refunds, a mileage package; Aion apologised."""
    case = Case.load("jd-gac-catl")
    answers = {h.id: h for h in case.happenings if isinstance(h, Answer)}
    assert {(h.on - case.get(f"happenings.{h.to}.on")).days for h in answers.values()} == {6}
    for to in ("first_deliveries", "order_reports"):
        joint, apology = (
            next(h for h in answers.values() if h.to == to and (h.admission > 0.0) == admits)
            for admits in (False, True)
        )
        assert sorted(joint.by) == ["catl", "gac", "jd"]
        assert joint.refund and joint.information and joint.shift_to is None
        assert (apology.by, apology.remedy_cny) == (["gac"], 0.0)
    assert answers["answer_on_orders"].remedy_cny == 2_600
    assert answers["answer_on_cap"].remedy_cny < 2_600


def test_nothing_is_fitted_to_what_followed_the_first_deliveries() -> None:
    """Of all that acts from 25 November 2025 on, nothing is a fitted figure, and severities are those of a usual case."""
    case = Case.load("jd-gac-catl")
    after = {h.id for h in case.happenings if h.on >= date(2025, 11, 25)}
    crisis = ("attribution", "trust", "news", "failures", "firestorm", "alliance", "deferral", "orders")
    keys = [
        key for key in case.fields() if key.split(".")[0] in crisis or key.startswith(tuple(f"happenings.{i}." for i in after))
    ]  # fmt: skip
    assert len(keys) > 100
    assert [key for key in keys if case.provenance(key).grade == "fitted"] == []
    assert {h.severity for h in case.happenings if isinstance(h, Failure)} == {1.0}


def test_reports_on_one_division_of_roles_do_not_follow_the_car_into_other_cases() -> None:
    """The virtual maker's failures follow from its own roles; without a platform there is nothing to report."""
    virtual = Case.load("virtual-maker")
    assert [h.contribution for h in virtual.happenings if isinstance(h, Failure)] == [{}, {}]
    assert virtual.contracts["national_car"].remedy_split == {}
    dealers = Case.load("dealer-baseline")
    assert not [h for h in dealers.happenings if isinstance(h, Failure | Answer)]


def test_film_shops_are_not_a_car_service_network() -> None:
    """JD does film and care almost everywhere; repairs are done by others, high voltage by maker and battery company."""
    case = Case.load("jd-gac-catl")
    for tier in case.population.tiers:
        able = {key: {task: case.organisations[key].able(task, tier) for task in TASKS} for key in case.organisations}
        assert able["jd"]["film_accessories"] > able["dealers"]["film_accessories"] or tier == "tier3"
        assert able["jd"]["warranty_repair"] < 0.5 * min(able[key]["warranty_repair"] for key in ("gac", "dealers"))
        assert able["jd"]["high_voltage_repair"] < 0.3 * able["gac"]["high_voltage_repair"]
        assert max(able, key=lambda key: able[key]["swap"]) == "catl"


def test_the_swap_network_has_seven_hundred_stations_when_the_car_is_announced() -> None:
    """700 in October 2025 (B). At year end the model has fewer than the 1,020 reported: it grows with subscribers."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 2_000, "calendar.weeks": 52})
    market = Market(case, rng=1).run(40)
    stations = [float(market.industry.swap.stations().sum())]
    market.run()
    stations.append(float(market.industry.swap.stations().sum()))
    assert stations[0] == pytest.approx(700, rel=0.03)
    assert stations[0] + 100 < stations[1] < 1_020
    by_tier = [case.organisations["catl"].swap_coverage[tier] for tier in ("tier1", "tier2", "tier3")]
    reaching = [1.0 - (1.0 - c) ** (300 / 1_020) for c in (0.30, 0.15, 0.04)]
    np.testing.assert_allclose(by_tier, reaching, atol=0.005)


def test_attention_moves_from_shelves_to_content() -> None:
    """Minutes on JD fall and those on Douyin rise, for both profiles; interest-led buyers become more."""
    case = Case.load("jd-gac-catl")
    for profile in case.profiles.values():
        assert profile.minutes_drift_per_year["jd"] < 0.0 < profile.minutes_drift_per_year["douyin"]
    assert case.profiles["douyin_like"].entry_per_year > case.profiles["jd_like"].entry_per_year


@pytest.mark.parametrize("seed", [1])
def test_a_second_and_a_third_product_come_to_market(seed: int) -> None:
    """Both programmes are agreed on and launch within three years; the third knows more owners than the second."""
    case = Case.load("second-product").change({"population.consumers": 2_000})
    assert case.calendar.weeks == 156
    market = Market(case, rng=seed).run()
    deals = market.industry.customisation.table().query("agreed and programme in ('second', 'third')")
    assert list(deals.programme) == ["second", "third"]
    assert deals.data.is_monotonic_increasing
    first_day = [int(market.catalogue.launch_day[market.catalogue.car_index[car]]) for car in deals.car]
    assert 365 < first_day[0] < first_day[1] < 7 * 150
    delivered = market.ledger.by_car("deliveries")
    for car, day in zip(deals.car, first_day, strict=True):
        sold = delivered[:, market.catalogue.car_index[car]]
        assert sold[: day // 7].sum() == 0.0 < sold.sum()


def test_products_that_nobody_has_announced_say_so() -> None:
    """Planned cars are marked as hypothetical in both languages, and every figure of theirs is a scenario."""
    case = Case.load("second-product")
    planned = {key: car for key, car in case.cars.items() if not car.on_sale}
    assert len(planned) == 4
    for key, car in planned.items():
        assert "hypothetical" in car.name.en and "假想" in car.name.zh
        assert "scenario" in case.provenance(f"cars.{key}.price_cny").source
    assert "hypothetical" in case.title.en and "假想" in case.title.zh


def test_cars_that_are_not_on_any_list_claim_no_list_price() -> None:
    """A source that speaks of cars in general does not vouch for a car that a case has made up."""
    for name, key in (("co-creation", "cocreated"), ("virtual-maker", "factory_twin"), ("second-product", "third_gac")):
        case = Case.load(name)
        own = [path for path in case.fields() if re.match(rf"cars\.{key}\.(?!name|fictional|brand|maker)", path)]
        assert {case.provenance(path).grade for path in own} == {"D"}


@pytest.mark.parametrize("name", Case.bundled())
def test_a_case_lists_at_most_48_offers(name: str) -> None:
    case = Case.load(name).change({"population.consumers": 500, "calendar.weeks": 2})
    assert len(Market(case, rng=1).catalogue.offers) <= 48
