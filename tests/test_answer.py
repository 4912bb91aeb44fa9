"""An answer: every uncertain number is moved, a planted effect is found, and the page says what its steps found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import uncertainty
from experiments.answer.assumptions import FOCAL, OTHERS, Assumptions
from market import Case


@pytest.fixture(scope="module")
def assumptions() -> Assumptions:
    case = Case.load("jd-gac-catl").change({"population.consumers": 300})
    return Assumptions(case, ("first_deliveries", "order_reports"), trajectories=4)


def test_nearly_every_number_of_grade_c_or_d_is_moved_and_each_belongs_to_one_group(assumptions: Assumptions) -> None:
    case, moved = assumptions.case, {factor.name for factor in assumptions.factors}
    in_rows = {name for row in case.rows_of_shares() for name in row}
    alone = {
        name
        for name in uncertainty.uncertain(case)
        if name not in in_rows and not case.provenance(name).source.startswith(uncertainty.CHOSEN)
    }
    missing = alone - moved
    assert len(missing) <= 0.04 * len(alone), missing
    assert sorted(name for names in assumptions.groups.values() for name in names) == sorted(moved)
    assert {FOCAL, OTHERS, "news", "trust", "profiles", "failures"} <= set(assumptions.groups)


def test_every_point_is_a_case(assumptions: Assumptions) -> None:
    design = assumptions.design(1)
    assert design.number_of_runs == 4 * (len(assumptions.groups) + 1)
    for point in design.listed[:: len(assumptions.groups) // 2]:
        assert assumptions.case.change(point).fingerprint != assumptions.case.fingerprint


def test_a_planted_effect_is_found_in_its_group_and_nowhere_else(assumptions: Assumptions) -> None:
    names = [factor.name for factor in assumptions.factors]
    trust = assumptions.parts[:, [names.index(name) for name in assumptions.groups["trust"]]].sum(axis=1)
    runs = pd.DataFrame({"point": np.arange(len(trust)), "planted": trust, "still": 1.0})
    found = assumptions.effects(runs, ["planted", "still"]).set_index(["outcome", "group"])
    assert (found.loc["still"]["mu_star"].to_numpy() == 0.0).all()
    planted = found.loc["planted"]["mu_star"]
    assert planted.idxmax() == "trust" and planted["trust"] > 0.0
    assert (planted.drop("trust").to_numpy() < 1e-12).all()


def test_a_trajectory_with_a_missing_run_is_left_out(assumptions: Assumptions) -> None:
    values = pd.DataFrame({"point": np.arange(len(assumptions.parts)), "one": assumptions.parts[:, 0]})
    whole = assumptions.effects(values, ["one"])
    holed = assumptions.effects(values.drop(index=3), ["one"])
    assert (holed["runs"] == whole["runs"] - len(assumptions.groups) - 1).all()


SMALL_CAUSES = """
case = "jd-gac-catl"
title = { en = "the late answer", zh = "迟到的回应" }
[[causes]]
name = "late_answer"
title = { en = "answer after six days, not two", zh = "六天而非两天后回应" }
[causes.set]
"happenings.answer_on_cap.on" = 2025-11-27
"happenings.answer_on_orders.on" = 2025-11-27
"""
SMALL_DIVISION = """
title = { en = "Two divisions", zh = "两种分工" }
summary = { en = "As it is, and one company.", zh = "现状与单一公司。" }
case = "jd-gac-catl"
horizons_weeks = [4]
seeds = 1
[set]
"calendar.weeks" = 56
[[crises]]
id = "defect"
title = { en = "a defect becomes known", zh = "质量缺陷被曝光" }
[[crises.happenings]]
id = "defect"
on = 2025-12-29
kind = "quality_defect"
title = { en = "a defect", zh = "缺陷" }
car = "ut_super"
[[decisions]]
id = "one_company"
title = { en = "one company", zh = "单一公司" }
[decisions.set]
"cars.ut_super.mode" = "full-stack"
"""


@pytest.mark.slow
def test_the_command_answers_goes_on_where_it_stopped_and_speaks_both_languages(tmp_path: Path) -> None:
    (tmp_path / "causes.toml").write_text(SMALL_CAUSES, "utf-8")
    (tmp_path / "division.toml").write_text(SMALL_DIVISION, "utf-8")
    line = [sys.executable, "-m", "experiments.cli", "answer", "--out", "found", "--causes", "causes.toml"]
    line += ["--division", "division.toml", "--consumers", "3000", "--runs", "2", "--pairs", "2", "--draws", "1"]
    line += ["--trajectories", "2", "--workers", "2"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = tmp_path / "found" / "answer.html"
    said = page.read_text("utf-8")
    for text in ("Whose car is it?", "Who defined the car", "What each cause cost", "Scenario, not forecast"):
        assert text in said
    assert "of the blame for the car" in done.stdout and "4 of 4" in done.stdout
    again = subprocess.run([*line, "--lang", "zh"], cwd=tmp_path, capture_output=True, text=True)
    assert again.returncode == 0 and "1 of 4" not in again.stdout and "第 1 步" not in again.stdout
    assert "这是谁的车" in page.read_text("utf-8")
    wrong = subprocess.run([*line[:4], "dealer-baseline", *line[4:]], cwd=tmp_path, capture_output=True, text=True)
    assert wrong.returncode == 2 and "--causes: is about the case jd-gac-catl" in wrong.stderr


@pytest.mark.parametrize("place", ["file/answer", "full", "file"])
def test_a_place_that_cannot_hold_an_answer_is_refused_before_anything_runs(tmp_path: Path, place: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    line = [sys.executable, "-m", "experiments.cli", "answer", "--out", place, "--consumers", "200", "--runs", "2"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--out: ") and "Traceback" not in done.stderr
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "full", "letter.txt"]


def test_an_answer_to_another_question_is_not_gone_on_with(tmp_path: Path) -> None:
    """The step that is there is of another case or size: told before anything runs, and nothing is changed."""
    manifest = tmp_path / "found" / "run" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"whosecar": "0.1.0", "fingerprint": "0123456789abcdef", "replicates": 2}')
    line = [sys.executable, "-m", "experiments.cli", "answer", "--out", "found", "--consumers", "200", "--runs", "2"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"--out: {Path('found', 'run')} holds replicates 2 of 0123456789abcdef by version")
    assert "give a new folder" in done.stderr and len(done.stderr.splitlines()) == 1
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["found", "manifest.json", "run"]


def test_an_unknown_case_is_told_alone(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "experiments.cli", "answer", "nosuch", "--out", "found"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("nosuch: no such bundled case or file")
    assert len(done.stderr.splitlines()) == 1
