"""Promises of `whosecar sweep` and `whosecar rerun`: what they write, print and refuse."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small_sweeps import HERE
from typer.testing import CliRunner, Result

from experiments import workers
from experiments.cli import app
from experiments.sweep import Sweep
from market import Case

# -------------------------------------------------------------------------------------------------------- the command

FILE = """
case = "jd-gac-catl"
design = "grid"
replicates = 2
{limit}
[set]
"population.consumers" = 500
"calendar.weeks" = 3
[[factors]]
name = "cars.ut_super.price_cny"
levels = [70_000.0, 80_000.0]
"""


def whosecar(folder: Path, *words: str) -> Result:
    """The command, typed in a folder."""
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        return CliRunner().invoke(app, [*words])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep made by the command."""
    folder = tmp_path_factory.mktemp("command")
    (folder / "design.toml").write_text(FILE.format(limit=""), encoding="utf-8")
    done = whosecar(folder, "sweep", "design.toml", "--out", "out", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert "4 of 4 runs are done, 0 failed." in done.stdout and "Scenario, not forecast" in done.stdout
    return folder


def test_the_command_goes_on_and_does_a_run_again(written: Path) -> None:
    again = whosecar(written, "sweep", "design.toml", "--out", "out", "--lang", "zh")
    assert again.exit_code == 0 and "所有运行此前均已完成。" in again.stdout
    row = Sweep.open(written / "out").runs().iloc[3]
    seen = whosecar(written, "rerun", "out", row["run_id"][:10], "--out", "one", "--quiet")
    assert seen.exit_code == 0 and not seen.stdout and not seen.stderr
    sales = pd.read_parquet(written / "one" / "sales.parquet")
    assert row["seed"] == 2 and row["cars.ut_super.price_cny"] == 80_000
    total = pd.read_parquet(written / "one" / "market.parquet")
    here = sales[sales["car"] == "ut_super"]
    assert row["orders"] == here["orders"].sum() and row["attention"] == total["attention"].mean()
    assert Case.load(written / "one" / "case.toml").cars["ut_super"].price_cny == 80_000


def test_runs_that_fail_end_the_command_with_status_1_and_a_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "local", lambda processes: HERE)
    (tmp_path / "design.toml").write_text(FILE.format(limit="time_limit_s = 0.001"), encoding="utf-8")
    done = whosecar(tmp_path, "sweep", "design.toml", "--out", "out", "--workers", "1", "--quiet")
    assert done.exit_code == 1 and not done.stdout
    assert "TimedOut: the run took longer than 0.001 s" in done.stderr
    assert "0 of 4 runs are done, 4 failed." in done.stderr and "whosecar rerun out " in done.stderr


def test_bad_input_ends_with_status_2_and_writes_nothing(written: Path) -> None:
    before = sorted(written.rglob("*"))
    for given, why in (
        (["sweep", "design.toml"], "--out: not given"),
        (["sweep", "none.toml", "--out", "new"], "none.toml"),
        (["sweep", "design.toml", "--out", "new", "--executor", "dask"], "--scheduler: not given"),
        (["sweep", "design.toml", "--out", "new", "--workers", "0"], "--workers"),
        (["sweep", "design.toml", "--out", ".."], "names no folder"),
        (["rerun", "out", "zzz"], "names no run of this sweep"),
        (["rerun", "out", ""], "names no run of this sweep"),
        (["rerun", ".", "abc"], "holds no sweep"),
    ):
        done = whosecar(written, *given)
        assert (done.exit_code, done.stdout) == (2, "") and why in done.stderr and "Traceback" not in done.stderr
    assert sorted(written.rglob("*")) == before
