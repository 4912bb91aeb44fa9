"""The command `whosecar stress`, end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_stress import STOP, option, tables

from experiments import workers
from experiments.report.folder import Folder
from experiments.stress import Stress
from experiments.stress import folder as stress_folder
from experiments.stress.design import Plan
from experiments.sweep import sweep
from market import CaseError


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
