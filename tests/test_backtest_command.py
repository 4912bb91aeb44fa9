"""`whosecar backtest`: bad input is refused with status 2, a line for each fault, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments.cli import app

GOOD = "month,brand,model,units\n" + "".join(f"2024-{m:02d},Ash,One,{100 + m}\n" for m in range(1, 13))
BAD = {
    "--train-until: given": ["--train-until", "2024-13"],
    "--horizon: given": ["--horizon", "0"],
    "--origins: given": ["--origins", "many"],
    "--draws: given": ["--draws", "1"],
    "--consumers: given": ["--consumers", "7"],
    "--sales:": ["--sales", "nowhere.csv"],
    "--cars:": ["--cars", "nowhere.csv"],
    "--totals:": ["--totals", "nowhere.csv"],
    "leave at least 15 months": ["--train-until", "2024-06"],
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_ends_with_status_2_and_writes_nothing(
    message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong is named by its option, with what is allowed."""
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text(GOOD, encoding="utf-8")
    words = [
        "backtest",
        "jd-gac-catl",
        "--sales",
        "sales.csv",
        "--train-until",
        "2024-11",
        "--out",
        "made",
        *BAD[message],
    ]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["sales.csv"]


def test_every_fault_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three options that are wrong are three lines."""
    monkeypatch.chdir(tmp_path)
    words = ["backtest", "no-case", "--sales", "nowhere.csv", "--train-until", "soon", "--horizon", "99"]
    said = CliRunner().invoke(app, words).stderr.splitlines()
    assert [line.partition(":")[0] for line in said][:2] == ["--horizon", "--train-until"]
    assert len(said) == 4
