"""Promises of `whosecar compare`: what it refuses, what it prints, what it writes."""

from __future__ import annotations

import json
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_comparisons import CASE, TABLES, THREE, MadeUp, installer
from typer.testing import CliRunner, Result

from experiments import workers
from experiments.cli import app
from experiments.compare.what_if import WhatIf
from experiments.compare.work import Task
from market import Case

pytestmark = pytest.mark.usefixtures("here")
SMALL = ["--consumers", "500", "--weeks", "4", "--workers", "1"]
BAD: dict[str, list[str]] = {
    "--with: not given": [],
    "--with: given nothing": ["--with", ""],
    "no such file": ["--with", "nothing.toml"],
    "cars.ut_super.price: no such name": ["--set", "cars.ut_super.price=1"],
    "cars.ut_super.price_cny: set twice": [
        "--set",
        "cars.ut_super.price_cny=80_000",
        "--set",
        "cars.ut_super.price_cny=2",
    ],
    '--pairs: given "1";': ["--set", "cars.ut_super.price_cny=80_000", "--pairs", "1"],
    "--pairs: given": ["--set", "cars.ut_super.price_cny=80_000", "--pairs", "1e12"],
    "--precision: given": ["--set", "cars.ut_super.price_cny=80_000", "--precision", "0%"],
    "--outcome: no outcome": ["--set", "cars.ut_super.price_cny=80_000", "--outcome", "sahre"],
    '--workers: given "0"': ["--set", "cars.ut_super.price_cny=80_000", "--workers", "0"],
    "--lang: given": ["--set", "cars.ut_super.price_cny=80_000", "--lang", "fr"],
    "--format: given": ["--set", "cars.ut_super.price_cny=80_000", "--format", "xls"],
    "calendar.weeks: differs": ["--set", "calendar.weeks=9"],
    "population.consumers": ["--set", "cars.ut_super.price_cny=80_000", "--consumers", "0"],
    "nowhere: no such bundled case": ["nowhere", "--set", "cars.ut_super.price_cny=80_000"],
}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    """Runs that take no time."""
    return installer(monkeypatch)


def whosecar(*words: str, status: int = 0) -> Result:
    """A command that must end so."""
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == status, result.output
    return result


@pytest.mark.parametrize("message", BAD)
def test_bad_input_ends_with_status_2_names_its_field_and_writes_nothing(message: str, here: Path) -> None:
    result = whosecar("compare", *BAD[message], "--out", "made", status=2)
    assert message in result.stderr and "Traceback" not in result.output
    assert not list(here.iterdir())


def test_several_faults_are_told_at_once() -> None:
    result = whosecar("compare", "nowhere", "--pairs", "0", "--precision", "x", "--seed", "-1", status=2)
    told = result.stderr.strip().splitlines()
    assert [line.partition(":")[0] for line in told[:4]] == ["--seed", "--pairs", "--precision", "--with"]
    assert len(told) == 5


def test_the_command_prints_and_writes_what_it_found_and_its_folder_makes_it_again() -> None:
    """Causes are told; run again from the folder, all tables are the same."""
    Path("small.toml").write_text(CASE.to_toml(), encoding="utf-8")
    Path("w.toml").write_text(WhatIf(causes=THREE[:2], case="small.toml").to_toml(), encoding="utf-8")
    words = ["--with", "w.toml", "--pairs", "2", "--workers", "1", "--consumers", "700", "--out", "made"]
    said = whosecar("compare", *words).stdout
    for text in ("2 pairs of runs on the same luck", "cars.a.price_cny: 80_000 -> 60_000", "dear", "all of them"):
        assert text in said
    made = Path("made")
    assert sorted(file.name for file in made.iterdir()) == sorted(
        [*(f"{name}.parquet" for name in TABLES), "case.toml", "what-if-case.toml", "what-if.toml", "manifest.json"]
    )
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "compare" and manifest["seeds"] == [1, 2] and manifest["consumers"] == 700
    assert manifest["command"].startswith("whosecar compare --with w.toml")
    assert manifest["fingerprint"] == Case.load(made / "case.toml").fingerprint
    assert manifest["what_if_fingerprint"] == Case.load(made / "what-if-case.toml").fingerprint
    for name in TABLES:
        schema = pq.read_schema(made / f"{name}.parquet")
        assert all((field.metadata or {}).get(b"unit") for field in schema)
        assert set(manifest["tables"][f"{name}.parquet"]["units"]) == set(schema.names)
    again = ["made/case.toml", "--with", "made/what-if.toml", "--pairs", "2", "--workers", "1", "--out", "again", "-q"]
    whosecar("compare", *again)
    for name in TABLES:
        one, other = (pd.read_parquet(Path(place) / f"{name}.parquet") for place in ("made", "again"))
        assert one.equals(other), name
    refused = whosecar("compare", *words, status=2)
    assert "--out: " in refused.stderr and "nothing is overwritten" in refused.stderr


@pytest.mark.slow
def test_the_causes_that_come_along_are_attributed_in_a_small_market() -> None:
    said = whosecar("compare", "--with", "jd-causes", "--pairs", "2", "--consumers", "800", "--weeks", "50").stdout
    for text in ("delivery later than promised", "a face other than the contributions", "all of them", "Scenario, not"):
        assert text in said


def test_it_speaks_chinese_keeps_names_fictional_and_writes_csv(here: Path) -> None:
    asked = ["--set", "cars.ut_super.price_cny=80_000", "--pairs", "2", *SMALL, "--lang", "zh"]
    Path("f.toml").write_text('base = "jd-gac-catl"\n[display]\nnames = "fictional"\n', encoding="utf-8")
    said = whosecar("compare", "f.toml", *asked, "--out", "made", "--format", "csv").stdout
    assert "对相同随机数的运行" in said and "猎户U超级版" in said and "南方汽车" in said
    assert not any(name in said for name in ("广汽", "宁德时代", "京东", "埃安", "GAC", "JD"))
    assert len(pd.read_csv(here / "made" / "pairs.csv")) == 2 * len(pd.read_csv(here / "made" / "effects.csv"))


def test_failed_runs_end_it_with_status_1_and_a_line_each(made_up: MadeUp) -> None:
    def value(task: Task) -> float:
        if task.seed == 2 and task.world:
            raise ZeroDivisionError("no market")
        return float(task.seed)

    made_up(value)
    asked = ["--set", "cars.ut_super.price_cny=80_000", "--pairs", "3", *SMALL]
    result = whosecar("compare", *asked, status=1)
    assert "seed 2 failed (what-if) and is left out: ZeroDivisionError: no market" in result.stderr
    assert "2 pairs of runs" in result.stdout
    made_up(lambda task: 1 / 0)
    assert "every pair failed" in whosecar("compare", *asked, "--out", "made", status=1).stderr
    assert not Path("made").exists()


def test_where_no_worker_can_start_it_says_so(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise BrokenExecutor("the workers die as soon as they start")

    monkeypatch.setattr(workers, "results", nobody)
    done = whosecar(
        "compare", "--set", "cars.ut_super.price_cny=80_000", "--pairs", "2", "--out", "x", *SMALL, status=1
    )
    assert done.stderr == "stopped: the workers die as soon as they start\n"
    assert not list(here.iterdir())
