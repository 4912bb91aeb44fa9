"""Stress tests: what worlds are made of, that a crisis without severity takes nothing, and the command end to end."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import console, workers
from experiments.report.folder import Folder
from experiments.stress import AXES, NONE, Stress, World, library
from experiments.stress import folder as stress_folder
from experiments.stress import tables as stress_tables
from experiments.stress.console import show
from experiments.stress.design import AS_STATED, Plan
from experiments.stress.regret import ALL
from experiments.stress.tables import STRATEGY, Findings, at, row_of
from experiments.stress.words import Speaker
from experiments.stress.worlds import WORLD
from experiments.sweep import Sweep, sweep
from market import Case, CaseError
from market.happenings import Failure

SHIPPED = {
    "jd-undisclosed-term", "delivery-delay", "quality-recall", "swap-outage", "partner-blames-partner",
    "platform-exits", "second-product", "platform-takes-service",
}  # fmt: skip
EARLIER = ("yu7_launch", "announced", "first_deliveries", "order_reports")
ANSWERS = ("answer_on_cap", "answer_on_orders", "apology_on_cap", "apology_on_orders")


def named(word: str) -> dict[str, str]:
    return {"en": word, "zh": word}


def option(key: str, **content: Any) -> dict[str, Any]:
    return {"id": key, "title": named(key), **content}


def failure(severity: float, **more: Any) -> dict[str, Any]:
    return {
        "id": "defect", "on": "2025-12-01", "kind": "quality_defect", "car": "ut_super", "severity": severity,
        "contribution": {"gac": 0.5, "jd": 0.3, "catl": 0.2}, **more,
    }  # fmt: skip


ANSWER = {"id": "answer", "on": "2025-12-04", "kind": "answer", "to": "defect", "by": ["gac"], "remedy_cny": 900.0}
MOVE = {
    "id": "move", "start": "2025-11-17", "car": "ut_super", "function": "service", "from": "gac", "to": "dealers",
    "setup_cny": 7e6,
}  # fmt: skip
UNDATED = {"id": "stop", "kind": "capacity_change", "car": "ut_super", "capacity_per_week": 0.0}
STOP = {**UNDATED, "on": "2025-12-01"}


def tables(**changes: Any) -> dict[str, Any]:
    """A small test of the focal case: its first weeks only, without its own events."""
    return {
        "title": named("small"), "summary": named("small"), "case": "jd-gac-catl", "horizons_weeks": [2, 6],
        "seeds": 1, "draws": 0, "remove": [f"happenings.{key}" for key in (*EARLIER, *ANSWERS)],
        "set": {
            "population.consumers": 3_000, "population.strata.compact.sampling_rate": 8.0,
            "calendar.start": "2025-10-27", "calendar.weeks": 11, "happenings.purchase_tax.announced": "2025-10-27",
        },
        "crises": [option("calm", happenings=[failure(0.0)]), option("stop", happenings=[failure(1.0), STOP])],
    } | changes  # fmt: skip


def faults(**changes: Any) -> list[str]:
    with pytest.raises(CaseError) as caught:
        Plan(Stress.parse(tables(**changes)))
    return [str(fault) for fault in caught.value.faults]


# ------------------------------------------------------------------------------------------------------ worlds


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


# ------------------------------------------------------------------------------------------------------ findings


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Findings, Path]:
    """A crisis without severity and a line that stops for good, with an answer and a decision that costs money."""
    content = tables(answers=[option("helped", happenings=[ANSWER])], decisions=[option("moved", decisions=[MOVE])])
    plan, place = Plan(Stress.parse(content)), tmp_path_factory.mktemp("stress") / "out"
    found = sweep(plan.design(), place, workers.here())
    assert (found.runs()["status"] == "done").all()
    findings = stress_tables.findings(plan, found.runs(), found.series(), resamples=100)
    stress_folder.write(plan.stress, plan.base, findings, place)
    return plan, findings, place


def test_a_crisis_without_severity_takes_exactly_nothing(done: tuple[Plan, Findings, Path]) -> None:
    _, found, _ = done
    calm = found.losses[(found.losses["crisis"] == "calm") & (found.losses["answer"] == NONE)]
    measured = calm[calm["measure"] != "share_without"]
    assert len(measured) > 50 and (measured["loss"] == 0.0).all()
    recovery = at(found.recovery, {"crisis": "calm", "answer": NONE})
    assert recovery["median"].isna().all() and (recovery["never_fell"] == 1.0).all()


def test_a_line_that_stops_takes_deliveries_and_does_not_recover(done: tuple[Plan, Findings, Path]) -> None:
    _, found, _ = done
    own = at(found.risk, {"crisis": "stop", "answer": NONE, "decision": NONE, "contract": NONE})
    lost = own[own["horizon_weeks"] == 6].set_index("measure")["mean"].to_dict()
    assert lost["share"] > 0.8 * lost["share_without"] > 0.0
    assert lost["deliveries"] > 0.0 and lost["profit.gac"] > 0.0
    back = at(found.recovery, {"crisis": "stop", "answer": NONE, "series": "share"})
    assert (back["never_fell"] == 0.0).all() and (back["not_back"] == 1.0).all() and (back["followed"] == 6.0).all()


def test_losses_of_the_parties_add_up_and_the_parts_of_losers_to_1(done: tuple[Plan, Findings, Path]) -> None:
    _, found, _ = done
    wide = found.losses.pivot_table(
        index=["crisis", *STRATEGY, "seed", "horizon_weeks"], columns="measure", values="loss"
    ).dropna(subset=["profit.all"])
    parties = [name for name in map(str, wide) if name.startswith("profit.") and name != "profit.all"]
    np.testing.assert_allclose(wide[parties].sum(axis=1), wide["profit.all"], rtol=1e-12, atol=1e-6)
    parts = at(found.bearers, {"crisis": "stop", "measure": "profit"}).groupby(STRATEGY)["part"].sum()
    np.testing.assert_allclose(parts, 1.0)


def test_losses_are_those_of_two_markets_run_by_hand(done: tuple[Plan, Findings, Path]) -> None:
    from experiments.trial import perform

    plan, found, _ = done
    worlds = [World("stop", NONE, NONE, NONE), World(NONE, NONE, NONE, NONE)]
    weeks = [perform(plan.base.change(plan.changes(world)), 1, series=True).weeks for world in worlds]
    assert weeks[0] is not None and weeks[1] is not None
    lost = (weeks[1]["profit.gac"] - weeks[0]["profit.gac"])[5:11].sum()
    row = at(found.losses, {**worlds[0]._asdict(), "measure": "profit.gac"})
    assert row[(row["horizon_weeks"] == 6)]["loss"].item() == pytest.approx(lost, rel=1e-9)


def test_the_cost_of_a_decision_is_in_the_regret_of_who_pays_it(done: tuple[Plan, Findings, Path]) -> None:
    _, found, _ = done
    own = found.regret[(found.regret["party"] == "dealers") & (found.regret["measure"] == "profit")]
    moved = at(own, {"answer": NONE, "decision": "moved"})["max_regret"].item()
    assert 6e6 < moved < 9e6
    assert at(own, {"answer": NONE, "decision": NONE})["max_regret"].item() < 2e6


def test_strategies_are_compared_on_futures_that_all_of_them_lived(done: tuple[Plan, Findings, Path]) -> None:
    plan, found, place = done
    whole = Sweep.open(place)
    runs, series = whole.runs(), whole.series()
    holed = pd.concat([runs, runs.assign(seed=2).iloc[:-1]], ignore_index=True)
    evidence = stress_tables.Evidence(plan, holed, series)
    assert set(evidence.futures["seed"]) == {1, 2} and set(evidence.complete["seed"]) == {1}
    again = stress_tables.findings(plan, holed, series, resamples=100)
    pd.testing.assert_frame_equal(again.regret, found.regret)
    pd.testing.assert_frame_equal(again.pareto, found.pareto)
    runs.loc[3, "status"] = "failed"
    with pytest.raises(ValueError, match="no future has run in every world"):
        stress_tables.findings(plan, runs, series, resamples=100)


def test_tables_are_read_back_as_they_were_written(done: tuple[Plan, Findings, Path]) -> None:
    plan, found, place = done
    stress, again = stress_folder.read(place)
    assert stress.model_dump() == plan.stress.model_dump()
    for name, table in found.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table.reset_index(drop=True), check_dtype=False)
    assert not [file for file in place.rglob("*") if file.suffix == ".tmp"]
    with pytest.raises(CaseError, match="stress"):
        stress_folder.read(place / "runs")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_said_names_what_was_found(
    done: tuple[Plan, Findings, Path], lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, found, _ = done
    show(plan.stress, plan.base, found, 0, lang=lang, written="there")
    said = capsys.readouterr().out
    assert plan.base.label("organisations", "gac", lang) in said and "there" in said
    assert ("weeks" if lang == "en" else "周") in said and "nan" not in said and "{" not in said


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_cuts_nothing_off(
    done: tuple[Plan, Findings, Path], columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cell of the tables is there, whatever the width."""
    plan, found, _ = done
    show(plan.stress, plan.base, found, 0)
    usual = set(capsys.readouterr().out.split())
    monkeypatch.setattr(console, "PIPED_WIDTH", columns)
    show(plan.stress, plan.base, found, 0)
    said = capsys.readouterr().out
    assert set(said.split()) == usual and "…" not in said


def test_one_future_has_no_interval_and_a_gain_is_called_a_gain(
    done: tuple[Plan, Findings, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    plan, found, _ = done
    assert (found.risk["futures"] == 1).all() and found.risk[["mean_low", "shortfall_high"]].isna().all(axis=None)
    show(plan.stress, plan.base, found, 0)
    said = " ".join(capsys.readouterr().out.split())
    assert "one future, so no interval" in said and ".." not in said and " loses " in said
    numbers = ["mean", "worst", "shortfall"]
    turned = found.risk.assign(**{name: -found.risk[name] for name in numbers}, mean_low=-0.04, mean_high=-0.01)
    fewer = found.bearers.assign(mean=-found.bearers["mean"])
    words = " ".join(Speaker(plan.stress, plan.base, replace(found, risk=turned, bearers=fewer), "en").sentences())
    row = row_of(at(turned, dict(zip(WORLD, ("stop", NONE, NONE, NONE), strict=True))), 6, "share")
    assert row is not None
    share = -100.0 * row["mean"]
    assert f"gains {share:.2f} points" in words and "95 % interval 1.00 to 4.00" in words
    assert "fewer households cancel" in words and not re.search(r"(loses|gains|future[s]? it \w+) -", words)


def test_a_choice_is_named_only_where_it_matters_and_a_thin_tail_is_told(done: tuple[Plan, Findings, Path]) -> None:
    """Half a million CNY is the least that is spoken of; of few futures the worst part is one."""
    plan, found, _ = done
    paid = found.regret["measure"] == "profit"

    def words(all_lose: float, party_loses: float) -> str:
        """Doing nothing is best for all by one amount; for the first party another strategy is, by another."""
        table, strategies = found.regret[paid].copy(), list(STRATEGY)
        nothing = (table[strategies] == NONE).all(axis=1)
        party = next(one for one in table["party"] if one != ALL)
        table["max_regret"] = np.where(nothing, 0.0, all_lose)
        own = table["party"] == party
        table.loc[own, "max_regret"] = np.where(nothing[own], party_loses, 0.0)
        table["minimax"] = table["max_regret"] == table.groupby("party")["max_regret"].transform("min")
        return " ".join(Speaker(plan.stress, plan.base, replace(found, regret=table), "en").sentences())

    assert "nothing here tells them apart" in words(0.4e6, 9e6)
    assert "Least to regret" in words(2e6, 9e6) and "would rather have" in words(2e6, 9e6)
    assert "Least to regret" in words(2e6, 0.4e6) and "would rather have" not in words(2e6, 0.4e6)
    for futures, tail, said in ((4, 0.2, "the worst of 4 futures alone"), (60, 3.0, "rest on 3.0 futures")):
        risk = found.risk.assign(futures=futures, tail_futures=tail)
        assert said in " ".join(Speaker(plan.stress, plan.base, replace(found, risk=risk), "en").cautions())


def test_fictional_names_are_kept_throughout(done: tuple[Plan, Findings, Path]) -> None:
    plan, found, _ = done
    fictional = plan.base.change({"display.names": "fictional"})
    words = " ".join(Speaker(plan.stress, fictional, found, "en").sentences())
    assert "Southern Motor" in words and "Orion U Super" in words
    assert not any(name in words for name in ("GAC", "JD", "CATL", "Aion"))


# ------------------------------------------------------------------------------------------------------ the command


def command(*words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "experiments.cli", "stress", *words]
    return subprocess.run(line, capture_output=True, text=True, check=False, encoding="utf-8")


def test_bad_input_ends_with_2_and_writes_nothing(tmp_path: Path) -> None:
    place = tmp_path / "out"
    done = command("no-such", "--out", str(place), "--draws", "-1", "--seeds", "0", "--lang", "fr")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    for part in ("--draws", "--seeds", "--lang", "no-such: no such stress test", "platform-exits"):
        assert part in done.stderr
    assert not place.exists()


def test_a_test_goes_on_where_it_was_and_refuses_another(tmp_path: Path) -> None:
    file, place = tmp_path / "test.toml", tmp_path / "out"
    content = tables(crises=[option("stop", happenings=[STOP])])
    file.write_text(Stress.parse(content).to_toml(), encoding="utf-8")
    sweep(Plan(Stress.load(file)).design(), place, workers.here())
    before = {part.name: part.stat().st_mtime_ns for part in (place / "runs").iterdir()}
    stress_folder.begin(Stress.load(file), place)
    with pytest.raises(CaseError, match="holds a stress test that is not finished; start it again"):
        Folder.open(place)
    again = command(str(file), "--out", str(place), "--workers", "1")
    assert again.returncode == 0, again.stderr
    assert "Regret" in again.stdout and "Scenario, not forecast" in again.stdout
    assert {part.name: part.stat().st_mtime_ns for part in (place / "runs").iterdir()} == before
    assert Folder.open(place).kind == "stress"
    assert {"stress.toml", "risk.parquet", "regret.parquet"} <= {entry.name for entry in place.iterdir()}
    with pytest.raises(CaseError, match="holds the runs of another design"):
        sweep(Plan(Stress.parse(content | {"seeds": 2})).design(), place, workers.here())
