"""Programmes: proposals are bargained over, launched, learned from and imitated, with nobody outside asked."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small_cases import car, content, named, small_case

from market import Case, Market
from market.casefile import CaseError
from market.chance import Chance
from market.industry.customization import IMITATION, Customisation
from market.industry.imitation import Imitators, hazard
from market.industry.negotiation import Facts
from market.industry.programmes import Imitation, Redesign, Refusal

UNIT_COST = 0.8


def planned(maker: str = "ann", **more: Any) -> dict[str, Any]:
    """A planned car that a platform would sell."""
    roles = {"sales": {"jd": 1.0}, "data": {"jd": 0.6, maker: 0.4}}
    return car(maker, 80_000.0, on_sale=False, roles=roles, channels=["web"], **more)


def case_with(programmes: dict[str, Any], cars: dict[str, Any] | None = None, **changes: Any) -> Case:
    """The small case with the platform JD and planned cars p, q (of ann) and r (of bob)."""
    tables = content(small_case())
    for key in ("jd", "dy"):
        tables["organisations"][key] = {**named(key), "fictional": {"en": key, "zh": key}, "kind": "platform"}
    tables["profiles"]["plain"]["minutes_a_day"] = {"jd": 10.0, "dy": 40.0}
    tables["cars"] |= cars or {"p": planned(), "q": planned(), "r": planned("bob")}
    tables["programmes"] = programmes
    return Case.parse(tables).change({name.replace("__", "."): value for name, value in changes.items()})


def programme(**more: Any) -> dict[str, Any]:
    return {"platforms": ["jd"], "cars": ["p"], "start": "2025-01-20"} | more


def customisation(market: Market) -> Customisation:
    case = market.case
    return Customisation(
        Chance(5), case.programmes, case.imitation, case.technology, case.calendar, market.catalogue, case.platforms,
        UNIT_COST,
    )  # fmt: skip


def facts(market: Market, week: int, **more: Any) -> Facts:
    """A week in which nothing was sold unless said otherwise."""
    catalogue = market.catalogue
    cars, offers = np.zeros(len(catalogue.cars)), np.zeros(len(catalogue.offers))
    quiet = Facts(week, 7 * week, market.demand, market.household, 3_000.0, offers, cars, cars, market.supply.capacity)
    return replace(quiet, **more)


def events(case: Case, weeks: int, **more: Any) -> Iterator[tuple[int, Redesign | Refusal]]:
    """What comes of the programmes of a case when its market stands still."""
    market = Market(case)
    customising = customisation(market)
    for week in range(weeks):
        for event in customising.advance(facts(market, week, **more)):
            if isinstance(event, Redesign):
                event.write(market.catalogue)
                market.demand.renew()
            yield week, event


@pytest.fixture(scope="module")
def agreed() -> tuple[int, Redesign]:
    ((week, event),) = events(case_with({"one": programme()}, imitation__per_week=0.0), 20)
    assert isinstance(event, Redesign)
    return week, event


def test_a_proposal_comes_on_its_day_and_launches_after_its_lead_time(agreed: tuple[int, Redesign]) -> None:
    week, event = agreed
    assert week == 2 and (event.platform, event.maker) == ("jd", "ann")
    assert event.launch_day is not None and event.launch_day >= 14 + 7 * 26


def test_definition_goes_to_the_platform_as_deep_as_the_design(agreed: tuple[int, Redesign]) -> None:
    _, event = agreed
    market = Market(case_with({"one": programme()}))
    row = dict(zip(market.catalogue.organisations, event.definition, strict=True))
    assert sum(row.values()) == pytest.approx(1.0) and row["ann"] + row["jd"] == pytest.approx(1.0)
    assert 0.0 < row["jd"] <= 0.6


def test_a_launch_is_written_into_the_catalogue(agreed: tuple[int, Redesign]) -> None:
    _, event = agreed
    market = Market(case_with({"one": programme()}))
    event.write(market.catalogue)
    assert market.catalogue.price_cny[event.car] == event.attributes["price_cny"]
    assert market.catalogue.launch_day[event.car] == event.launch_day
    assert market.catalogue.definition[event.car] == pytest.approx(event.definition)


def test_what_the_maker_knows_best_leaves_the_car_and_its_definition_alone() -> None:
    case = case_with({"one": programme(policy="maker-knows-best")}, imitation__per_week=0.0)
    ((_, event),) = events(case, 5)
    assert isinstance(event, Redesign)
    stands = case.cars["p"]
    assert event.attributes["range_km"] == stands.range_km and event.attributes["price_cny"] == stands.price_cny
    assert event.definition.max() == 1.0


@pytest.mark.parametrize("policy", ["segment", "individual"])
def test_a_line_up_fills_the_planned_cars(policy: str) -> None:
    changes = {"imitation.per_week": 0.0, "programmes.one.options.setup_cny": 0.0}
    case = case_with({"one": programme(cars=["q", "p"], policy=policy)}).change(changes)
    found = [event for _, event in events(case, 5)]
    assert all(isinstance(event, Redesign) for event in found) and 1 <= len(found) <= 2
    assert len({event.car for event in found if isinstance(event, Redesign)}) == len(found)


def test_a_second_product_waits_for_the_first_and_knows_its_owners() -> None:
    case = case_with(
        {"two": programme(cars=["q"], after="one", pause_weeks=4.0), "one": programme()}, calendar__weeks=80,
        imitation__per_week=0.0,
    )  # fmt: skip
    market = Market(case)
    customising = customisation(market)
    first = None
    for week in range(60):
        delivered = np.zeros(len(market.catalogue.cars))
        if first is not None:
            delivered[first.car] = 500.0
        for event in customising.advance(facts(market, week, deliveries=delivered)):
            assert isinstance(event, Redesign)
            first = first or event
            event.write(market.catalogue)
            market.demand.renew()
    table = customising.table().set_index("programme")
    assert first is not None and first.launch_day is not None
    assert table.week["two"] == -(-(first.launch_day + 28) // 7)
    assert table.data["one"] == 0.0
    assert table.data["two"] == pytest.approx(0.6 * 500.0 * (table.week["two"] - table.week["one"]))
    assert table.agreed.all() and customising.spread().customised_share.iloc[-1] == 1.0


def test_refusals_come_again_or_are_final() -> None:
    too_late = {"planning_weeks": 10.0, "hearing.score_noise": 0.0}
    hopeless = {"imitation.per_week": 0.0} | {f"programmes.one.{name}": value for name, value in too_late.items()}
    again = case_with({"one": programme(retry_weeks=4.0)}).change(hopeless)
    assert [week for week, _ in events(again, 12)] == [2, 6, 10]
    final = case_with({"one": programme(retry_weeks=None)}).change(hopeless)
    assert [week for week, _ in events(final, 12)] == [2]
    assert all(isinstance(event, Refusal) for _, event in events(final, 12))


def test_the_platform_goes_to_the_maker_with_idle_lines() -> None:
    case = case_with({"one": programme(cars=["p", "r"])}, imitation__per_week=0.0)
    cars = {key: {**content(case)["cars"][key], "base_car": base} for key, base in (("p", "a"), ("r", "b"))}
    case = case_with({"one": programme(cars=["p", "r"])}, cars=cars, imitation__per_week=0.0)
    market = Market(case)
    index = market.catalogue.car_index
    for busy, expected in (("a", "bob"), ("b", "ann")):
        customising = customisation(market)
        capacity = np.full(len(index), 1_000.0)
        built = np.where(np.arange(len(index)) == index[busy], 1_000.0, 0.0)
        found = [
            e for week in range(3) for e in customising.advance(facts(market, week, built=built, capacity=capacity))
        ]
        assert [event.maker for event in found] == [expected]


def test_another_platform_costs_the_maker_nothing_and_earns_it_more() -> None:
    alone = customisation(Market(case_with({"one": programme()})))
    rival = customisation(Market(case_with({"one": programme(platforms=["jd", "dy"])})))
    for week in range(4):
        alone.advance(facts(Market(case_with({"one": programme()})), week))
        rival.advance(facts(Market(case_with({"one": programme()})), week))
    first, second = alone.table().iloc[0], rival.table().iloc[0]
    assert second.maker_cny >= first.maker_cny - 1e-6
    assert second.platform == "jd"  # who also sells the car has more to gain from it


def test_more_data_bring_the_predicted_closer_to_the_best_design() -> None:
    def sold(owners: float) -> float:
        changes = {"programmes.one.hearing.owners_at_start": owners, "imitation.per_week": 0.0}
        ((_, event),) = events(case_with({"one": programme()}).change(changes), 4)
        assert isinstance(event, Redesign)
        return event.attributes["price_cny"]

    assert sold(1e9) <= sold(0.0)


def test_the_order_of_lists_changes_nothing() -> None:
    first, second = (
        list(events(case_with({"one": programme(cars=cars, platforms=who)}, imitation__per_week=0.0), 4))
        for cars, who in ((["p", "q", "r"], ["jd", "dy"]), (["r", "q", "p"], ["dy", "jd"]))
    )
    assert [(week, e.maker, getattr(e, "attributes", None)) for week, e in first] == [
        (week, e.maker, getattr(e, "attributes", None)) for week, e in second
    ]


def test_a_fork_goes_its_own_way() -> None:
    market = Market(case_with({"one": programme()}))
    customising = customisation(market)
    customising.advance(facts(market, 0))
    fork = copy.deepcopy(customising)
    for week in range(1, 4):
        customising.advance(facts(market, week))
    assert len(customising.table()) == 1 and len(fork.table()) == 0
    again = [event for week in range(1, 4) for event in fork.advance(facts(market, week))]
    assert len(again) == 1 and fork.table().equals(customising.table())


# --------------------------------------------------------------------------------------------------------- imitation


def test_imitation_grows_with_visible_success_and_idle_lines() -> None:
    section = Imitation(per_week=0.1, visible_share=0.02, idle_weight=0.5)
    assert hazard(section, 0.0, [0.0, 1.0]).tolist() == [0.0, 0.0]
    assert hazard(section, 1e9, [0.0, 0.5, 1.0]) == pytest.approx([0.05, 0.075, 0.1])
    assert hazard(section, 0.02, 1.0) == pytest.approx(0.1 * (1 - np.exp(-1)))


def test_spells_end_as_the_hazard_says_whatever_the_step() -> None:
    makers = {f"m{i}": f"car {i}" for i in range(4_000)}
    whole, parts = Imitators(Chance(1), makers), Imitators(Chance(1), makers)
    once = set(whole.advance(np.full(4_000, 0.3)).tolist())
    halves = {i for _ in range(2) for i in parts.advance(np.full(4_000, 0.3), weeks=0.5).tolist()}
    assert once == halves
    assert abs(len(once) / 4_000 - (1 - np.exp(-0.3))) < 4 * np.sqrt(0.26 * 0.74 / 4_000)


def test_makers_imitate_a_success_and_nobody_imitates_nothing() -> None:
    case = case_with({}, calendar__weeks=80, imitation__per_week=1.0)
    market = Market(case)
    definition = market.catalogue.roles[:, market.catalogue.functions.index("definition")]
    customising = customisation(market)
    delivered = np.where(np.array(list(market.catalogue.cars)) == "a", 100.0, 50.0)
    quiet = [e for week in range(10) for e in customising.advance(facts(market, week, deliveries=delivered))]
    assert quiet == []
    definition[market.catalogue.car_index["a"]] = np.eye(len(market.catalogue.organisations))[
        market.catalogue.organisations.index("jd")
    ]
    found = [e for week in range(10, 80) for e in customising.advance(facts(market, week, deliveries=delivered))]
    table = customising.table()
    assert set(table.programme) == {IMITATION} and set(table.maker) <= {"bob", "cat"}
    ready = [event for event in found if isinstance(event, Redesign)]
    assert ready and all(event.launch_day is None and "price_cny" not in event.attributes for event in ready)
    assert customising.spread().makers_imitating.iloc[-1] == len({event.maker for event in ready})


# ------------------------------------------------------------------------------------------------------------ checks


@pytest.mark.parametrize(
    ("programmes", "fault"),
    [
        ({"one": programme(cars=["a"])}, "must be planned"),
        ({"one": programme(cars=["zz"])}, "no such car"),
        ({"one": programme(platforms=["ann"])}, "no such platform"),
        ({"one": programme(after="two")}, "no such programme"),
        ({"one": programme(after="one")}, "must not wait for itself"),
        ({"one": programme(cars=["p", "p"])}, "listed more than once"),
        ({"one": programme(options={"price_share": {"below": 1.0, "steps": 3}})}, "must be below 1"),
        (
            {
                "one": programme(
                    options={
                        n: {"above": 0.9, "steps": 20}
                        for n in ("quality", "price_share", "intelligence", "fast_charge")
                    }
                )
            },
            "designs",
        ),
    ],
)
def test_a_programme_that_cannot_be_is_refused(programmes: dict[str, Any], fault: str) -> None:
    with pytest.raises(CaseError, match=fault):
        case_with(programmes)
