"""Stress tests: what worlds are made of, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from small_stress import ANSWER, ANSWERS, EARLIER, MOVE, STOP, UNDATED, failure, faults, option, tables

from experiments.stress import AXES, NONE, Stress, World, library
from experiments.stress.design import AS_STATED, Plan
from market import Case
from market.happenings import Failure

SHIPPED = {
    "jd-undisclosed-term", "delivery-delay", "quality-recall", "swap-outage", "partner-blames-partner",
    "platform-exits", "second-product", "platform-takes-service",
}  # fmt: skip


def test_a_crisis_of_a_car_that_the_test_does_not_tell_of_is_refused() -> None:
    other = {**failure(1.0), "car": "q05", "contribution": {}}
    said = faults(crises=[option("elsewhere", happenings=[other])])
    assert said == [
        'crises.elsewhere.happenings.defect.car: given "q05"; the test would tell of ut_super, the focal car of the '
        'case; write "display.focal_car" = "q05" under [set]'
    ]
    told = tables(crises=[option("elsewhere", happenings=[other])])
    assert Plan(Stress.parse(told | {"set": {**told["set"], "display.focal_car": "q05"}})).base.focal_car == "q05"


def test_a_decision_that_can_move_nothing_is_refused_unless_another_option_gives_first() -> None:
    nothing, late = {**MOVE, "from": "douyin"}, {**MOVE, "start": "2030-01-07"}
    said = faults(decisions=[option("moved", decisions=[nothing]), option("late", decisions=[late])])
    assert len(said) == 2 and "decisions.late.decisions.move.start: given 2030-01-07; the run ends on" in said[1]
    assert said[0].startswith('decisions.moved.decisions.move.from: given "douyin"; holds no ')
    first = {**MOVE, "id": "before", "to": "douyin"}
    Plan(Stress.parse(tables(decisions=[option("moved", decisions=[nothing]), option("first", decisions=[first])])))


def test_the_library_holds_what_was_promised() -> None:
    tests = library()
    assert set(tests) >= SHIPPED
    for name in SHIPPED:
        assert all(NONE in tests[name].options(axis) and len(tests[name].options(axis)) > 1 for axis in AXES), name
        assert {4, 13, 52} <= set(tests[name].horizons_weeks)


@pytest.mark.parametrize(
    "name", ["platform-exits", *(pytest.param(name, marks=pytest.mark.slow) for name in sorted(SHIPPED))]
)
def test_every_world_of_the_library_is_a_case(name: str) -> None:
    plan = Plan(Stress.load(name))
    assert plan.design().series and plan.design().number_of_runs > 100
    for point in (0, plan.design().number_of_points - 1):
        assert plan.design().case_at(point).focal_car == "ut_super"


def test_worlds_are_all_combinations_and_nothing_to_answer_is_run_once() -> None:
    plan = Plan(Stress.parse(tables(answers=[option("helped", happenings=[ANSWER])], draws=2)))
    worlds = plan.worlds()
    assert len(plan.stress.worlds()) == 3 * 2 and len(worlds) == 3 * 2 * 2
    quiet = worlds[worlds["crisis"] == NONE].groupby("draw")["point"].nunique()
    assert quiet.to_dict() == {0: 1, 1: 1}
    assert plan.design().number_of_points == 5 * 2


def test_a_world_is_the_case_that_one_would_write_by_hand() -> None:
    contract = {"contracts.national_car.commission": 0.08}
    plan = Plan(
        Stress.parse(
            tables(
                answers=[option("helped", happenings=[ANSWER])], decisions=[option("moved", decisions=[MOVE])],
                contracts=[option("dearer", set=contract)],
            )
        )
    )  # fmt: skip
    base = Case.load("jd-gac-catl").change({f"happenings.{key}": None for key in (*EARLIER, *ANSWERS)})
    base = base.change(tables()["set"])
    by_hand: dict[World, dict[str, Any]] = {
        World(NONE, NONE, NONE, NONE): {},
        World("calm", "helped", NONE, NONE): {"happenings.defect": failure(0.0), "happenings.answer": ANSWER},
        World(NONE, "helped", "moved", "dearer"): {"decisions.move": MOVE, **contract},
        World("stop", NONE, NONE, NONE): {"happenings.defect": failure(1.0), "happenings.stop": STOP},
    }  # fmt: skip
    for world, changes in by_hand.items():
        wanted = base.change(changes) if changes else base
        assert plan.base.change(plan.changes(world)).fingerprint == wanted.fingerprint, world


def test_what_is_uncertain_is_drawn_alike_in_all_worlds() -> None:
    mild, grave = option("mild", happenings=[failure(1.0)]), option("grave", happenings=[failure(3.0)])
    face = option("face", set={"cars.ut_super.face": {"jd": 0.5, "gac": 0.5}})
    plan = Plan(Stress.parse(tables(crises=[mild, grave], decisions=[face], draws=3)))
    for draw in plan.draws:
        none, one, two = (plan.values(World(crisis, NONE, NONE, NONE), draw) for crisis in (NONE, "mild", "grave"))
        assert {name for name in one if name not in none} == {
            "happenings.defect.severity", "happenings.defect.contribution.gac",
        }  # fmt: skip
        assert all(one[name] == value == two[name] for name, value in none.items())
        assert two["happenings.defect.severity"] == pytest.approx(3.0 * one["happenings.defect.severity"])
        chosen = plan.values(World("mild", NONE, "face", NONE), draw)
        assert "cars.ut_super.face.jd" in one and "cars.ut_super.face.jd" not in chosen
    assert len({plan.values(World(NONE, NONE, NONE, NONE), draw)["trust.loss_weight"] for draw in plan.draws}) == 3
    assert Plan(Stress.parse(tables())).draws == [AS_STATED]


def test_a_row_that_a_crisis_states_gives_way_to_the_drawn_share() -> None:
    other = {"gac": 0.8, "jd": 0.2}
    crises = [option("one", happenings=[failure(1.0)]), option("two", happenings=[failure(1.0, contribution=other)])]
    plan = Plan(Stress.parse(tables(crises=crises, draws=2)))
    world = World("two", NONE, NONE, NONE)
    case = plan.base.change(plan.changes(world) | plan.values(world, 1))
    row = next(h.contribution for h in case.happenings if isinstance(h, Failure))
    assert sum(row.values()) == pytest.approx(1.0) and set(row) == {"gac", "jd"}
    assert 0.6 <= row["gac"] <= 1.0 and row["gac"] != 0.8


def test_a_test_is_read_back_from_what_it_writes(tmp_path: Path) -> None:
    stress = Stress.parse(tables(answers=[option("helped", happenings=[ANSWER])]))
    (tmp_path / "again.toml").write_text(stress.to_toml(), encoding="utf-8")
    again = Stress.load(str(tmp_path / "again.toml"))
    assert (
        again.model_dump() == stress.model_dump()
        and Plan(again).design().fingerprint == Plan(stress).design().fingerprint
    )


def test_a_case_is_found_beside_the_test(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('base = "jd-gac-catl"\n[cars.ut_super]\nprice_cny = 81_000\n', encoding="utf-8")
    (tmp_path / "test.toml").write_text(Stress.parse(tables(case="own.toml")).to_toml(), encoding="utf-8")
    stress = Stress.load(tmp_path / "test.toml")
    assert Plan(stress).base.cars["ut_super"].price_cny == 81_000
    assert str(tmp_path) not in stress.to_toml()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crises": []}, "crises: no crisis"),
        ({"crises": [option("x")]}, "crises.x: changes nothing"),
        ({"crises": [option("none", happenings=[STOP])]}, "crises.none: changes something"),
        ({"crises": [option("x", set={"orders.calm_per_week": 0.1})]}, "crises.x.begins: missing"),
        ({"crises": [option("x", happenings=[UNDATED])]}, "crises.x.happenings.stop.on: missing"),
        ({"crises": [option("x", happenings=[STOP]), option("x", happenings=[STOP])]}, "items 1 and 2 have the same id"),
        ({"crises": [option("x", happenings=[STOP | {"on": "soon"}])]}, "crises.x.happenings.stop.on: given"),
        ({"crises": [option("x", happenings=[{**STOP, "id": 3}])]}, "an item without an id"),
        ({"crises": [option("x", happenings=[STOP | {"car": "ut_supr"}])]}, "happenings.stop.car"),
        ({"horizons_weeks": [6, 2]}, "rising whole numbers"),
        ({"horizons_weeks": [4, 13, 52]}, "crises.calm.begins: given 2025-12-01, in week 5; allowed: from week 0 and 52"),
        ({"answers": [option("x", set={"orders.calm": 0.1})]}, "orders.calm: no such name"),
        ({"case": "jd-gac"}, 'case: given "jd-gac"; no such bundled case or file; did you mean jd-gac-catl'),
        (
            {"crises": [option("a", happenings=[STOP]), option("b", happenings=[{**failure(0.5), "id": "stop"}])]},
            'crises.b.happenings.stop.kind: given "quality_defect"; allowed: "capacity_change", as in crises.a',
        ),
        ({"contracts": [option("x", set={"cars.ut_super.price_cny": -1.0})]}, "(in the world of contract x)"),
        ({"draws": 10**9}, "draws: given"),
        ({"draws": 90_000, "seeds": 9_000}, "runs; allowed: at most 1_000_000"),
        ({"answer": []}, "answer: unknown field; did you mean answers"),
        ({"remove": ["happenings.nothing"]}, "nothing of this name is inherited"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes: Mapping[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(**changes)), faults(**changes)


def test_two_options_may_not_set_the_same_value() -> None:
    price = {"cars.ut_super.price_cny": 80_000}
    said = faults(answers=[option("x", set=price)], contracts=[option("y", set={"cars.ut_super.price_cny": 70_000})])
    assert any("cars.ut_super.price_cny: set twice" in fault for fault in said)
