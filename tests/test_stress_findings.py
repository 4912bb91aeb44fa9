"""What a stress test finds and says: losses, regret, sentences; a crisis without severity takes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_stress import ANSWER, MOVE, option, tables

from experiments import console, workers
from experiments.stress import NONE, Stress, World
from experiments.stress import folder as stress_folder
from experiments.stress import tables as stress_tables
from experiments.stress.console import show
from experiments.stress.design import Plan
from experiments.stress.regret import ALL
from experiments.stress.tables import STRATEGY, Findings, at, row_of
from experiments.stress.words import Speaker
from experiments.stress.worlds import WORLD
from experiments.sweep import Sweep, sweep
from market import CaseError


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
