"""For every rule between the sections of a case, the smallest change of a sound case that breaks it alone.

A row: what is changed in the case BASE by full name, the full name that the fault must blame, and words of the fault.
"""

from __future__ import annotations

from typing import Any

BASE = "second-product"
"""It has all that other bundled cases have, and programmes."""

Row = tuple[dict[str, Any], str, str]
NOBODY = "no such organisation"


def event(kind: str, **fields: Any) -> dict[str, Any]:
    """One happening more, on a day of the run."""
    return {"happenings.x": {"id": "x", "kind": kind, "on": "2025-12-02", **fields}}


def answer(**fields: Any) -> dict[str, Any]:
    """An answer to the story of the case, given by its platform."""
    return event("answer", **{"to": "first_deliveries", "by": ["jd"], **fields})


def move(start: str = "2025-03-01", **fields: Any) -> dict[str, Any]:
    """A planned decision: the platform gives sales to the maker."""
    usual = {"car": "ut_super", "function": "sales", "from": "jd", "to": "gac"}
    return {"decisions.x": {"id": "x", "start": start, **usual, **fields}}


def deal(**terms: Any) -> dict[str, Any]:
    """A contract about a car that no other contract covers."""
    return {"contracts": {"x": {"cars": ["ut_super"], **terms}}}


def steps(at: str) -> dict[str, Any]:
    """More designs than can be compared."""
    names = ("range_share", "fast_charge", "intelligence", "quality", "price_share")
    return {f"{at}.options.{name}": {"below": 0.1, "above": 0.1, "steps": 12} for name in names}


CARS: list[Row] = [
    ({"cars.ut.maker": "ghost"}, "cars.ut.maker", NOBODY),
    ({"cars.ut.brand": "ghost"}, "cars.ut.brand", "no such brand or organisation"),
    ({"cars.ut_super.base_car": "ghost"}, "cars.ut_super.base_car", "no such car"),
    ({"cars.ut_super.base_car": "ut_super"}, "cars.ut_super.base_car", "must be another car"),
    ({"cars.ut_super.swap_operator": "ghost"}, "cars.ut_super.swap_operator", NOBODY),
    ({"cars.dolphin.swap": True}, "cars.dolphin.swap_operator", "needed when swap is true"),
    ({"cars.ut.channels": ["ghost"]}, "cars.ut.channels", "no such channel"),
    ({"cars.ut.channels": ["dealer", "dealer"]}, "cars.ut.channels", "names something twice"),
    ({"cars.ut.channels_in_reserve": ["ghost"]}, "cars.ut.channels_in_reserve", "no such channel"),
    ({"cars.ut.channels_in_reserve": ["dealer"]}, "cars.ut.channels_in_reserve", "sell it from the start"),
    ({"cars.ut.packages": ["ghost"]}, "cars.ut.packages", "no such package"),
    ({"cars.ut_super.face": {"ghost": 1.0}}, "cars.ut_super.face", NOBODY),
    ({"cars.ut.roles": {"sails": {"gac": 1.0}}}, "cars.ut.roles", "no such function"),
    ({"cars.ut.roles": {"sales": {"ghost": 1.0}}}, "cars.ut.roles.sales", NOBODY),
    ({"cars.ut.exposure.mix": {"ghost": 1.0}}, "cars.ut.exposure.mix", "no such platform"),
    ({"cars.ut.exposure.budget_cny_per_week": {"ghost": 1.0}}, "cars.ut.exposure.budget_cny_per_week", "no such platf"),
    (
        {"cars.ut.exposure.budget_cny_per_week": {"jd": 1.0}, "traffic.contact_cny": 0.0},
        "cars.ut.exposure.budget_cny_per_week",
        "cannot be spent",
    ),
    ({"cars.ut_super.withdrawn": "2025-01-15"}, "cars.ut_super.withdrawn", "must not be before launch"),
    ({"cars.ut_super.partners": {"ghost": "jd"}}, "cars.ut_super.partners", "no such partner slot"),
    ({"cars.ut_super.partners.platform": "ghost"}, "cars.ut_super.partners.platform", NOBODY),
    ({"cars.rest_mini.pricing.policy": "best_response"}, "cars.rest_mini.pricing.policy", "many makers"),
    ({"plans.buy.cars": ["ut"]}, "cars.dolphin", "no energy plan"),
    ({"display.focal_car": "ghost"}, "display.focal_car", "no such car"),
]

PLACES: list[Row] = [
    ({"channels.dealer.platform": "ghost"}, "channels.dealer.platform", "no such platform"),
    ({"packages.film.provider": "ghost"}, "packages.film.provider", NOBODY),
    ({"plans.baas.cars": ["ghost"]}, "plans.baas.cars", "no such car"),
    ({"plans.baas.discount_cny": 200_000.0}, "plans.baas.discount_cny", "must be below cars.ut_super.price_cny"),
    ({"organisations.catl.swap_coverage": {"ghost": 0.5}}, "organisations.catl.swap_coverage", "no such city tier"),
    ({"organisations.jd.capability": {"ghost": {}}}, "organisations.jd.capability", "no such task"),
    (
        {"organisations.jd.capability": {"delivery": {"ghost": 0.5}}},
        "organisations.jd.capability.delivery",
        "no such city tier",
    ),
    ({"news.feeds": {"ghost": {}}}, "news.feeds", "no such platform"),
    ({"functions": ["sales", "production"]}, "functions", "definition must be among them"),
    ({"responsibility.control": {"ghost": 1.0}}, "responsibility.control", "no such function"),
    ({"responsibility.interface": ["ghost"]}, "responsibility.interface", "no such function"),
    *(
        ({f"responsibility.couplings.sales_delivery.{end}": "ghost"}, f"responsibility.couplings.sales_delivery.{end}", "")
        for end in ("first", "second")
    ),
    ({"failures.quality_defect.causal": {"ghost": 1.0}}, "failures.quality_defect.causal", "no such function"),
    ({"failures.quality_defect.function": "ghost"}, "failures.quality_defect.function", "no such function"),
]  # fmt: skip

PEOPLE: list[Row] = [
    ({"population.strata.mini.budget_cny": [60_000, 30_000]}, "population.strata.mini.budget_cny", "the lower first"),
    ({"profiles.jd_like.price_per_10k_cny.median": 0.6}, "profiles.jd_like.price_per_10k_cny.median", "below 0"),
    ({"profiles.jd_like.search_weeks.median": 0.0}, "profiles.jd_like.search_weeks.median", "above 0"),
    ({"profiles.jd_like.km_per_month.median": -9.0}, "profiles.jd_like.km_per_month.median", "above 0"),
    ({"profiles.jd_like.knowledge.mean": 1.5}, "profiles.jd_like.knowledge.mean", "must be a share"),
    ({"profiles.jd_like.minutes_a_day": {"ghost": 1.0}}, "profiles.jd_like.minutes_a_day", "no such platform"),
    ({"profiles.jd_like.minutes_a_day.jd": 1_500.0}, "profiles.jd_like.minutes_a_day.jd", "0 to 1440 minutes"),
    ({"profiles.jd_like.channels": {"ghost": 1.0}}, "profiles.jd_like.channels", "no such channel"),
    (
        {"profiles.jd_like.minutes_drift_per_year": {"ghost": 0.1}},
        "profiles.jd_like.minutes_drift_per_year",
        "no such platform in minutes_a_day",
    ),
    (
        {"profiles.jd_like.minutes_drift_per_year": {"jd": 2.5}},
        "profiles.jd_like.minutes_drift_per_year.jd",
        "minutes a day at the end",
    ),
    ({"aftersales.care.cny_per_year.median": -1.0}, "aftersales.care.cny_per_year.median", "at least 0 CNY"),
]

DATED: list[Row] = [
    ({"calendar.start": "9998-12-01"}, "calendar.weeks", "after the year 9999"),
    (event("launch", car="ghost"), "happenings.x.car", "no such car"),
    (event("revealed_term", plan="ghost"), "happenings.x.plan", "no such plan"),
    (event("media_burst", car="ut", contacts=1.0, mix={"ghost": 1.0}), "happenings.x.mix", "no such platform"),
    (event("promotion", car="ut", discount_cny=3.0, until="2025-12-01"), "happenings.x.until", "must be after on"),
    (event("launch", car="ut", on="2024-03-01"), "happenings.x.on", "must not be before the run starts"),
    (event("quality_defect", car="ut", contribution={"ghost": 1.0}), "happenings.x.contribution", NOBODY),
    (event("quality_defect", car="ut", plan="ghost"), "happenings.x.plan", "no such plan"),
    (event("exit", car="ut", leaver="ghost", heir="gac"), "happenings.x.leaver", NOBODY),
    (event("exit", car="ut", leaver="gac", heir="gac"), "happenings.x.heir", "must differ from leaver"),
    (event("decision", car="ut", function="ghost", **{"from": "gac", "to": "jd"}), "happenings.x.function", "no such"),
    (answer(to="ghost"), "happenings.x.to", "no such failure"),
    (answer(by=["ghost"]), "happenings.x.by", NOBODY),
    (answer(shift_to="ghost"), "happenings.x.shift_to", NOBODY),
    (answer(shift_to="jd"), "happenings.x.shift_to", "somebody who does not answer"),
    (answer(on="2025-11-01"), "happenings.x.on", "must not be before the failure"),
    (move(car="ghost"), "decisions.x.car", "no such car"),
    (move(function="ghost"), "decisions.x.function", "no such function"),
    (move(to="jd"), "decisions.x.to", "must differ from from"),
    (move(start="2024-03-01"), "decisions.x.start", "must not be before the run starts"),
]

AGREED: list[Row] = [
    (deal(cars=["ghost"]), "contracts.x.cars", "no such car"),
    (deal(channels=["ghost"]), "contracts.x.channels", "no such channel"),
    (deal(seller="ghost"), "contracts.x.seller", NOBODY),
    (deal(remedy_split={"ghost": 1.0}), "contracts.x.remedy_split", NOBODY),
    (deal(stake={"holder": "ghost", "of": "gac", "share": 0.1}), "contracts.x.stake.holder", NOBODY),
    (deal(stake={"holder": "jd", "of": "jd", "share": 0.1}), "contracts.x.stake.of", "must be another organisation"),
    (deal(start="2025-03-01", exclusive_until="2025-02-01"), "contracts.x.exclusive_until", "must be after start"),
    (deal(shortfall_cny=10.0), "contracts.x.minimum_volume_per_year", "must be above 0"),
    ({"contracts": {"x": {"cars": ["ut"]}, "y": {}}}, "contracts.y", "sales that contracts.x covers too"),
    ({"costs.margins": {"ghost": 0.1}}, "costs.margins.ghost", "no such category"),
]

PLANNED: list[Row] = [
    ({"programmes.second.platforms": ["gac"]}, "programmes.second.platforms", "no such platform"),
    ({"programmes.second.cars": ["ghost"]}, "programmes.second.cars", "no such car"),
    ({"programmes.second.cars": ["ut"]}, "programmes.second.cars", "on sale already"),
    ({"programmes.third.cars": ["second_gac", "third_gac"]}, "programmes.third.cars", "more than once"),
    (event("launch", car="second_gac"), "programmes.second.cars", "has a launch happening as well"),
    ({"programmes.second.after": "ghost"}, "programmes.second.after", "no such programme"),
    ({"programmes.second.after": "third"}, "programmes.second.after", "must not wait for itself"),
    (
        {"programmes.second.options.price_share": {"below": 1.0, "above": 0.1, "steps": 3}},
        "programmes.second.options.price_share.below",
        "must be below 1",
    ),
    (steps("programmes.second"), "programmes.second.options", "at most 20000 designs"),
    (steps("imitation.approach"), "imitation.approach.options", "at most 20000 designs"),
]


def many(case: Any) -> list[Row]:
    """Rules of size, which take many copies of one car."""
    one = case.cars["ut"].model_dump(mode="json", by_alias=True, exclude_none=True)
    everywhere = {"channels": list(case.channels), "packages": list(case.packages)}
    return [
        ({f"cars.copy{i}": one for i in range(60)}, "cars", "at most 60 cars"),
        ({f"cars.copy{i}": one | everywhere for i in range(36)}, "cars", "at most 512 offers"),
    ]


ROWS: list[Row] = [*CARS, *PLACES, *PEOPLE, *DATED, *AGREED, *PLANNED]
