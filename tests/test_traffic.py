"""Traffic: what a contact costs, how many a budget buys, who is where, and who pays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small_cases import named, small_case

from market import Case, CaseError
from market.chance import Chance
from market.industry.traffic import Traffic, TrafficSection, contact_price, contact_price_of_one, divided
from market.people.profiles import Profiles
from market.people.trends import WEEKS_A_YEAR, Trends

HOUSEHOLDS = 1e6


def platform_case(**changes: Any) -> Case:
    """Cars a and b buy contacts on a shelf, c everywhere; planners stay at the shelf, browsers watch videos."""
    usual = TrafficSection()
    case = small_case(**{f"traffic.{name}": getattr(usual, name) for name in TrafficSection.model_fields})
    plain = case.profiles["plain"].model_dump(mode="json")
    minutes = {"planner": {"shelf": 10.0, "video": 45.0}, "browser": {"shelf": 5.0, "video": 120.0}}
    platforms = {
        f"organisations.{key}": {**named(key), "fictional": {"en": key, "zh": key}, "kind": "platform"}
        for key in ("shelf", "video")
    }
    people: dict[str, Any] = {
        f"profiles.{key}": {**plain, "share": 0.5, "minutes_a_day": spent} for key, spent in minutes.items()
    }
    mix = {f"cars.{key}.exposure.mix": {"shelf": 0.5, "elsewhere": 0.5} for key in ("a", "b")}
    return case.change(platforms).change(people | {"profiles.plain": None}).change(mix | changes)


def traffic_of(case: Case, on_air: Any = (True, True, True), **section: float) -> Traffic:
    """Traffic of a case; `section` replaces fields of it."""
    places = [*case.platforms, "elsewhere"]
    return Traffic(case.traffic.model_copy(update=section), case.cars, places, HOUSEHOLDS, np.array(on_air))


def trends_of(case: Case) -> Trends:
    """Trends of a case."""
    return Trends(case.profiles, case.platforms)


EVEN = np.ones(3)
ALL = np.array([True, True, True])


# -------------------------------------------------------------------------------------------------- the price


@pytest.mark.parametrize("seed", range(20))
def test_the_price_of_a_contact_is_its_readable_twin(seed: int) -> None:
    """Place by place, nobody bidding or looking included."""
    states, n = np.random.default_rng(seed), 8
    bids, before, attention = states.exponential(1.0, (3, n)) * states.integers(0, 3, (3, n))
    elasticity = float(states.choice([0.0, 0.5, 1.0]))
    many = contact_price(2.0, bids, before, attention, elasticity)
    rows = zip(bids.tolist(), before.tolist(), attention.tolist(), strict=True)
    one = [contact_price_of_one(2.0, bid, was, seen, elasticity) for bid, was, seen in rows]
    np.testing.assert_allclose(many, one, rtol=1e-12)


def test_with_elasticity_one_the_auction_clears() -> None:
    """Contacts sold are the attention there is, whatever is bid."""
    case = platform_case()
    traffic = traffic_of(case, elasticity=1.0, other_contacts_per_week=0.0)
    sold = traffic.rate.sum(axis=1)
    traffic.budget *= 3.0
    attention = np.array([0.5, 1.0, 1.0])
    traffic.set_prices(1, attention, ALL)
    used = sold > 0
    assert traffic.rate.sum(axis=1)[used] == pytest.approx((sold * attention)[used])


def test_as_long_as_nothing_drifts_everybody_gets_what_the_case_says_to_the_last_bit() -> None:
    """Whatever the elasticity, in every week."""
    case = platform_case()
    stated = [
        [c.exposure.contacts_per_week * c.exposure.mix.get(p, 0.0) for c in case.cars.values()]
        for p in (*case.platforms, "elsewhere")
    ]
    traffic, trends = traffic_of(case, elasticity=0.7, other_growth_per_year=0.0), trends_of(case)
    for week in (0, 1, 57, 400):
        traffic.set_prices(week, trends.attention_at(week), ALL)
        assert np.array_equal(traffic.rate, stated)
        assert np.all(traffic.price_cny == case.traffic.contact_cny)


def test_elasticity_0_keeps_the_price_whatever_is_bid() -> None:
    """The off switch."""
    traffic = traffic_of(platform_case(), on_air=(False, False, True), elasticity=0.0)
    stated = traffic.rate.copy()
    traffic.campaign(0, 5.0, {"shelf": 1.0})
    traffic.set_prices(80, np.array([0.1, 3.0, 1.0]), ALL)
    assert np.array_equal(traffic.rate, stated)


def test_traffic_gets_dearer_where_people_leave_others_bid_more_or_a_campaign_runs() -> None:
    """And cheaper where people go; a campaign is over a week later."""
    case = platform_case()

    def prices(week: int = 1, attention: Any = EVEN, campaign: float = 0.0, **section: float) -> Any:
        traffic = traffic_of(case, **{"other_growth_per_year": 0.0} | section)
        traffic.campaign(0, campaign, {"shelf": 1.0})
        traffic.set_prices(week, np.array(attention), ALL)
        return traffic.price_cny / case.traffic.contact_cny

    left = prices(attention=[0.8, 1.2, 1.0])
    assert left[0] > 1.0 > left[1]
    assert left[2] == 1.0
    assert prices(week=52, other_growth_per_year=0.1) == pytest.approx(np.full(3, np.exp(0.05)), abs=0.01)
    loud = prices(campaign=10.0)
    assert loud[0] > 1.0
    assert np.all(loud[1:] == 1.0)
    traffic = traffic_of(case, other_growth_per_year=0.0)
    traffic.campaign(0, 10.0, {"shelf": 1.0})
    for week in (1, 2):
        traffic.set_prices(week, EVEN, ALL)
    assert np.all(traffic.price_cny == case.traffic.contact_cny)


def test_a_car_that_goes_on_air_makes_contacts_dearer_for_all_of_its_place() -> None:
    """By the elasticity of what it adds to all bids."""
    case = platform_case()
    traffic = traffic_of(case, on_air=(False, True, True), other_growth_per_year=0.0)
    traffic.set_prices(1, EVEN, ALL)
    assert traffic.price_cny[0] / case.traffic.contact_cny == pytest.approx(np.sqrt((10.0 + 0.1) / (10.0 + 0.05)))
    assert traffic.price_cny[1] == case.traffic.contact_cny


# ----------------------------------------------------------------------------------------------------- the bill


def test_budgets_are_spent_whatever_a_contact_costs() -> None:
    """Rate times price times households is the budget, in every week."""
    case = platform_case(**{"cars.c.exposure.budget_cny_per_week": {"video": 50_000.0}})
    traffic = traffic_of(case, elasticity=1.3)
    spent = []
    for week in range(3):
        traffic.set_prices(week, np.array([1.0 - 0.1 * week, 1.0 + 0.2 * week, 1.0]), ALL)
        bought = traffic.rate * traffic.price_cny[:, None] * HOUSEHOLDS
        bill = traffic.bill(7 * week, 7, begins=np.full(3, -(10**7)), ends=np.full(3, 10**7))
        np.testing.assert_allclose(bill, bought, rtol=1e-12)
        spent.append(bill)
    assert spent[0][1].tolist() == pytest.approx([0.0, 0.0, 50_000.0])
    assert spent[0].sum() == pytest.approx(0.3 * case.traffic.contact_cny * HOUSEHOLDS + 50_000.0)


def test_nobody_pays_before_contacts_begin_or_after_the_last_day() -> None:
    """Days count, however a week is cut."""
    case = platform_case()
    begins, ends = np.array([3, -(10**7), 100]), np.array([10**7, 5, 10**7])
    whole = traffic_of(case).bill(0, 7, begins, ends)
    cut = traffic_of(case)
    assert whole == pytest.approx(cut.bill(0, 4, begins, ends) + cut.bill(4, 3, begins, ends))
    week = case.traffic.contact_cny * HOUSEHOLDS * 0.1
    assert whole.sum(axis=0) == pytest.approx([week * 4 / 7, week * 5 / 7, 0.0])


def test_campaigns_are_billed_once_and_only_the_part_that_is_bought() -> None:
    """At the price of the day."""
    case = platform_case()
    never = np.full(3, 10**7)
    traffic = traffic_of(case, paid_share_of_bursts=0.25)
    traffic.set_prices(1, np.array([0.5, 1.0, 1.0]), ALL)
    traffic.campaign(1, 2.0, {"shelf": 0.6, "elsewhere": 0.4})
    bill = traffic.bill(0, 7, never, never)
    assert bill[:, 1] == pytest.approx(0.5 * np.array([0.6, 0.0, 0.4]) * traffic.price_cny * HOUSEHOLDS)
    assert traffic.bill(7, 7, never, never).sum() == 0.0
    free = traffic_of(case, paid_share_of_bursts=0.0)
    free.campaign(1, 2.0, {"shelf": 1.0})
    assert free.bill(0, 7, never, never).sum() == 0.0


def test_who_markets_a_car_pays() -> None:
    """In proportion to the roles; nothing gets lost."""
    bill = np.random.default_rng(1).integers(0, 1_000, (3, 4)).astype(float)
    marketing = np.array([[1.0, 0.0], [0.75, 0.25], [0.5, 0.5], [0.0, 1.0]])
    paid = divided(bill, marketing)
    assert np.array_equal(paid.sum(axis=2), bill)
    assert np.array_equal(paid[:, 1, 1], bill[:, 1] * 0.25)


def test_contacts_without_a_price_cost_nothing() -> None:
    """The off switch of the bill; a budget then cannot be spent, which the case says."""
    case = platform_case(**{"traffic.contact_cny": 0.0})
    traffic = traffic_of(case)
    traffic.campaign(0, 1.0, {"shelf": 1.0})
    assert traffic.bill(0, 7, np.zeros(3), np.full(3, 99)).sum() == 0.0
    with pytest.raises(CaseError, match=r"cars\.a\.exposure\.budget_cny_per_week: .*cannot be spent"):
        case.change({"cars.a.exposure.budget_cny_per_week": {"video": 1.0}})


# ------------------------------------------------------------------------------------------------------- trends


def test_without_trends_everything_is_as_in_week_0_to_the_last_bit() -> None:
    """Media use, attention, shares and the profile of everybody."""
    case = platform_case()
    trends, rows = trends_of(case), np.arange(2_000)
    profiles = Profiles(case.profiles, case.platforms, case.choice.reference_budget_cny)
    for week in (0.0, 31.0, 520.0):
        assert np.array_equal(trends.media_use_at(week), profiles.media_use)
        assert np.all(trends.attention_at(week) == 1.0)
        assert np.array_equal(trends.shares_at(week), profiles.shares)
    needs = np.linspace(-100.0, 100.0, len(rows))
    drawn = Chance(1).category("profile", rows, profiles.shares)
    assert np.array_equal(trends.profile_at_need(Chance(1), rows, needs), drawn)


def test_time_moves_from_the_shelf_to_videos() -> None:
    """By the logarithm stated; use is relative to the average household of the week."""
    drift = {f"profiles.{p}.minutes_drift_per_year": {"shelf": -0.2, "video": 0.1} for p in ("planner", "browser")}
    trends = trends_of(platform_case(**drift))
    assert trends.attention_at(WEEKS_A_YEAR) == pytest.approx([np.exp(-0.2), np.exp(0.1), 1.0])
    assert trends.media_use_at(WEEKS_A_YEAR) == pytest.approx(trends.media_use_at(0.0), rel=1e-6)
    only_browsers = trends_of(platform_case(**{"profiles.browser.minutes_drift_per_year": {"video": 0.5}}))
    use = only_browsers.media_use_at(WEEKS_A_YEAR)
    assert only_browsers.shares_at(WEEKS_A_YEAR) @ use == pytest.approx([1.0, 1.0, 1.0])
    first = only_browsers.media_use_at(0.0)
    browser, planner = 0, 1
    assert use[browser, 1] > first[browser, 1]
    assert use[planner, 1] < first[planner, 1]


def test_who_comes_later_is_more_often_of_a_profile_that_enters() -> None:
    """As often as the closed form says; more of one is less of the other; nobody else's luck changes."""
    trends = trends_of(platform_case(**{"profiles.browser.entry_per_year": 0.4}))
    rows = np.arange(40_000)
    for year in (-1.0, 0.0, 2.0):
        share = trends.shares_at(year * WEEKS_A_YEAR)
        odds = np.exp(0.4 * year)
        assert share == pytest.approx([odds / (1 + odds), 1 / (1 + odds)])
        drawn = trends.profile_at_need(Chance(7), rows, np.full(len(rows), year * WEEKS_A_YEAR))
        z = (np.mean(drawn == 0) - share[0]) / np.sqrt(share[0] * share[1] / len(rows))
        assert abs(z) < 4.0
    fewer = trends.profile_at_need(Chance(7), rows[5:9], np.full(4, 104.0))
    assert np.array_equal(fewer, trends.profile_at_need(Chance(7), rows, np.full(len(rows), 104.0))[5:9])


@pytest.mark.parametrize("seed", range(5))
def test_profiles_at_need_are_their_readable_twins(seed: int) -> None:
    """Share and profile of one consumer at a time."""
    trends = trends_of(
        platform_case(**{"profiles.browser.entry_per_year": 0.4, "profiles.planner.entry_per_year": -0.1})
    )
    states = np.random.default_rng(seed)
    rows, weeks = states.integers(0, 10**7, 200), states.uniform(-100.0, 200.0, 200)
    many = trends.profile_at_need(Chance(seed), rows, weeks)
    one = [trends.profile_at_need_of_one(Chance(seed), int(r), float(w)) for r, w in zip(rows, weeks, strict=True)]
    assert many.tolist() == one
    shares = [[trends.share_of_one(p, float(w)) for p in range(2)] for w in weeks]
    np.testing.assert_allclose(trends.shares_at(weeks), shares, rtol=1e-12)


# -------------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("cars.a.exposure.budget_cny_per_week", {"radio": 1.0}, "no such platform"),
        ("cars.a.exposure.budget_cny_per_week", {"video": -1.0}, "allowed: a number from 0"),
        ("profiles.planner.minutes_drift_per_year", {"radio": 0.1}, "no such platform"),
        ("profiles.browser.minutes_drift_per_year", {"video": 5.0}, "minutes a day at the end of the run"),
        ("traffic.elasticity", -0.1, "allowed: a number from 0"),
    ],
)
def test_bad_input_says_what_is_wrong(field: str, given: object, said: str) -> None:
    """With the full name of the field."""
    with pytest.raises(CaseError, match=said) as error:
        platform_case(**{field: given})
    assert field in str(error.value)


def test_defaults_are_on() -> None:
    """A case that says nothing about traffic has an auction."""
    section = TrafficSection()
    assert section.elasticity > 0.0
    assert section.contact_cny > 0.0
