"""The verification: every row holds, a wrong one is shown, the command says so, and no formula can be made wrong unseen."""

from __future__ import annotations

import csv
import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.verify import MUTANTS, Finding, Result, result, rows, surviving, verify
from experiments.verify import console as words
from experiments.verify.mutants import candidates, made
from experiments.verify.public import found, functions
from experiments.verify.row import QUICK, at_least, counts, every, exact, likely, means, none
from market import CaseError
from market.stories import blame

ROWS = {row.key: row for row in rows()}
BY_DAY = {"markets.bass", "networks.clustering"}
"""Rows that take long and are run with the quick ones."""


def slow(long: bool) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow] if long else []


@pytest.mark.parametrize("key", [pytest.param(k, marks=slow(r.long and k not in BY_DAY)) for k, r in ROWS.items()])
def test_row(key: str) -> None:
    """The market gives back what is known; in tests every library is there."""
    one = result(key)
    assert (one.verdict, one.error) == ("holds", ""), one.finding


def test_rows_have_titles_sources_and_public_functions() -> None:
    for row in ROWS.values():
        assert row.how and row.source and row.en != row.zh, row.key
        assert any("一" <= letter <= "鿿" for letter in row.zh), row.key
        assert row.through or row.key in ("diffusion.tables", "stories.epidemic-limit"), row.key
        assert row.key.partition(".")[0] in words.NOUNS
    for public in functions(rows()):
        thing = found(public.name)
        assert callable(thing) and public.says and public.rows
        assert not any(part.startswith("_") for part in public.name.split("."))
    with pytest.raises(LookupError, match=r"no market\.people\.choice\.guess"):
        found("market.people.choice.guess")


# ------------------------------------------------------------------------------------------------------- judgement


def test_a_finding_holds_up_to_its_tolerance_and_no_further() -> None:
    assert exact([1.0, 2.0], [1.0, 2.1], 0.1001).ok and not exact([1.0, 2.0], [1.0, 2.1], 0.0999).ok
    assert exact(3.0, 3.0, 0.0).ok and not exact(3.0, 3.0 + 1e-15, 0.0).ok
    assert none(0).ok and not none(1).ok
    assert at_least([0.9, 2.0], 0.9).ok and not at_least([0.89, 2.0], 0.9).ok and not at_least(-1.0, 0.5).ok
    luck = np.random.default_rng(1).normal(5.0, 1.0, (20, 3))
    off = 4.5 * luck.std(axis=0, ddof=1).max() / math.sqrt(20)
    assert means(luck, 5.0).ok and not means(luck, 5.0 + off).ok and means(luck, 5.0 + off, known_to=off).ok
    assert counts([[500, 500], [510, 490]], [0.5, 0.5]).ok and not counts([[500, 500], [600, 400]], [0.5, 0.5]).ok
    assert likely([0.5, 0.1, 0.9]).ok and not likely([0.5, 1e-7, 0.9]).ok
    assert not exact(math.nan, 1.0, 0.1).ok and not every(none(0), exact(math.nan, 1.0, 0.1)).ok
    assert not every(none(0), none(2)).ok and every(none(0), exact(1.0, 1.0, 0.1)).expected == (0.0, 1.0)


def test_a_small_bias_in_all_seeds_is_seen_in_the_sum() -> None:
    """Each of twenty tables would pass alone."""
    assert not counts(np.tile([5_150, 4_850], (20, 1)), [0.5, 0.5]).ok


# ------------------------------------------------------------------------------------------------------- the command


def run(*given: str) -> Any:
    return CliRunner().invoke(app, ["verify", *given, "--workers", "1"], prog_name="whosecar")


def test_the_command_shows_a_table_and_writes_it(tmp_path: Path) -> None:
    done = run("--only", "blame", "--only", "trust.beta", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "Shapley blame of a noisy-OR" in done.output and "0.633333" in done.output
    assert "12 rows: 12 hold, 0 missed, 0 failed, 0 not run" in done.output
    with (tmp_path / "out" / "verification.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert [row["row"] for row in table if row["verdict"] == "holds"] == [
        row.key for row in rows(["blame", "trust.beta"])
    ]
    assert all(float(row["miss"]) <= 1.0 for row in table)
    about = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert about["rows"] == {"holds": 12, "missed": 0, "failed": 0, "not_run": 0}


def test_the_command_speaks_chinese_and_is_silent_when_asked() -> None:
    done = run("--only", "trust.asymmetric", "--lang", "zh")
    assert "共 1 行：成立 1" in done.output and "信任" in done.output
    assert run("--only", "trust.asymmetric", "--quiet").output == ""


def test_bad_input_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    done = run("--only", "choise", "--only", "blame.shaply", "--lang", "fr", "--out", str(tmp_path))
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 3
    assert "did you mean choice" in done.stderr and "blame.shapley" in done.stderr
    with pytest.raises(CaseError):
        verify(["nothing"])


def test_a_row_that_misses_is_shown_as_missing_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blame, "noisy_or_shapley", lambda p: np.asarray(p, float))
    done = run("--only", "blame.shapley")
    assert done.exit_code == 1 and "MISSED" in done.output and "1 missed" in done.output
    monkeypatch.setattr(blame, "noisy_or_shapley", lambda p: 1.0 / 0.0)
    done = run("--only", "blame.shapley")
    assert done.exit_code == 1 and "FAILED" in done.output and "ZeroDivisionError" in done.output


def test_a_row_without_its_library_is_shown_as_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.verify.row.find_spec", lambda name: None)
    done = run("--only", "libraries.nevo", "--only", "trust.beta")
    assert done.exit_code == 0 and "needs" in done.output and "pyblp" in done.output
    assert "1 hold, 0 missed, 0 failed, 1 not run" in done.output


def test_what_a_table_shows_of_many_numbers() -> None:
    assert words.some([0.5, 1.72e-12, 3.0, 4.0], "en").split() == ["0.5", "0", "3", "+", "1"]
    assert words.verdict(Result("choice.logit", Finding((1.0,), (2.0,), "=", math.inf)), "zh") == "不成立"


# ------------------------------------------------------------------------------------------------------- mutants


def test_a_mutant_is_everywhere_inside_its_block_and_nowhere_after_it() -> None:
    """Where the market has a function by name, as in the modules that import it."""
    importlib.import_module("market.market")
    for mutant in MUTANTS:
        right, name = found(mutant.at), mutant.at.rpartition(".")[2]
        ours = [one for one in list(sys.modules.values()) if one.__name__.startswith(("market", "experiments"))]
        holders = [found(mutant.at.rpartition(".")[0]), *(one for one in ours if getattr(one, name, None) is right)]
        with made(mutant):
            assert not any(getattr(one, name) is right for one in holders), mutant.key
        assert all(getattr(one, name) is right for one in holders), mutant.key


@pytest.mark.parametrize(
    ("mutant", "only", "red"),
    [
        ("blame-face", "blame", "blame.knows-all"), ("trust-half-life", "trust.half-life", "trust.half-life"),
        ("backlog-order", "supply.spike", "supply.spike"), ("nest-shares", "choice.nested", "choice.nested"),
        ("no-curse", "design.selection", "design.selection"),
    ],
)  # fmt: skip
def test_a_wrong_formula_turns_a_row_red(mutant: str, only: str, red: str) -> None:
    one = next(one for one in MUTANTS if one.key == mutant)
    assert red in surviving([only], mutants=[one])[mutant]
    assert not result(red).red


def test_a_mutant_is_asked_of_all_quick_rows_and_of_long_ones_that_use_its_formula() -> None:
    asked = candidates(next(one for one in MUTANTS if one.key == "pool-of-hearers"))
    assert {row.key for row in ROWS.values() if row.seconds <= QUICK} < set(asked)
    assert "stories.pool" in asked and "worlds.more-consumers" not in asked


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.key)
def test_no_formula_can_be_made_wrong_unseen(mutant: Any) -> None:
    """At least one row turns red for each of them; that none is red without is what `test_row` says."""
    assert surviving(mutants=[mutant])[mutant.key]
