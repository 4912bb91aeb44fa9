"""What `whosecar run` writes, and what it leaves behind when it is cut off."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from commands import SMALL, manifest, whosecar
from typer.testing import CliRunner

from experiments import folder
from experiments.cli import app
from experiments.figures import shares as figures
from market import Case, CaseError, Market

pytestmark = pytest.mark.usefixtures("here")
TABLES = ["events", "finance", "market", "organisations", "panel", "sales"]
WRITTEN = sorted(["case.toml", "manifest.json", "share.png", *(f"{name}.parquet" for name in TABLES)])


def test_a_run_writes_the_documented_files_and_nothing_else(here: Path) -> None:
    """Also into a folder whose parents are not there yet, and with nothing left beside it."""
    whosecar("run", *SMALL, "--out", "a/b/result")
    assert sorted(file.name for file in Path("a/b/result").iterdir()) == WRITTEN
    everything = {str(file.relative_to(here)) for file in here.rglob("*")}
    assert everything == {"a", "a/b", "a/b/result", *(f"a/b/result/{name}" for name in WRITTEN)}


def test_an_empty_folder_may_be_filled() -> None:
    """A folder that was made for the result is as good as a new one."""
    Path("result").mkdir()
    whosecar("run", *SMALL, "--out", "result")
    assert sorted(file.name for file in Path("result").iterdir()) == WRITTEN


def test_the_tables_are_those_of_the_ledger() -> None:
    """Reading a Parquet file gives the table that the market gives in Python; Parquet keeps time in milliseconds."""
    whosecar("run", *SMALL, "--seed", "7", "--out", "result")
    case = Case.load("jd-gac-catl").change({"population.consumers": 3_000, "calendar.weeks": 6})
    ledger = Market(case, rng=7).run().ledger
    for name in TABLES:
        table = getattr(ledger, name)()
        kept = table.astype({"date": "datetime64[ms]"}) if "date" in table else table
        words = dict.fromkeys(table.select_dtypes("category"), "object")
        found = pd.read_parquet(f"result/{name}.parquet")
        pd.testing.assert_frame_equal(found.astype(words), kept.astype(words))


def test_the_written_case_with_the_seed_of_the_manifest_is_the_same_run() -> None:
    """A result can be made again from its folder alone, to the last bit of every table and of the figure's lines."""
    whosecar("run", *SMALL, "--seed", "3", "--set", "cars.ut.price_cny=70_000", "--out", "first")
    said = manifest("first")
    whosecar("run", "first/case.toml", "--seed", str(said["seed"]), "--out", "second")
    assert manifest("second")["fingerprint"] == said["fingerprint"] == Case.load(Path("first/case.toml")).fingerprint
    for name in (f"{table}.parquet" for table in TABLES):
        assert pq.read_table(f"first/{name}").equals(pq.read_table(f"second/{name}"), check_metadata=True)


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_market() -> None:
    """Tables and figure of two equal runs do not differ in a byte; the case is the same whatever the seed."""
    for name, seed in (("first", "1"), ("second", "1"), ("third", "2")):
        whosecar("run", *SMALL, "--seed", seed, "--out", name)
    for file in (*(f"{table}.parquet" for table in TABLES), "share.png", "case.toml"):
        assert Path("first", file).read_bytes() == Path("second", file).read_bytes()
    assert Path("first/sales.parquet").read_bytes() != Path("third/sales.parquet").read_bytes()
    assert Path("first/case.toml").read_bytes() == Path("third/case.toml").read_bytes()


def test_replicates_are_runs_with_seeds_in_a_row() -> None:
    """With R runs every table has a column `replicate`; number r is the run with the seed S + r."""
    whosecar("run", *SMALL, "--seed", "5", "--replicates", "3", "--out", "all")
    whosecar("run", *SMALL, "--seed", "6", "--out", "one")
    assert manifest("all")["seeds"] == [5, 6, 7]
    for name in TABLES:
        table, one = pd.read_parquet(f"all/{name}.parquet"), pd.read_parquet(f"one/{name}.parquet")
        assert list(table.columns) == ["replicate", *one.columns]
        assert sorted(table["replicate"].unique()) == [0, 1, 2] or name == "events"
        again = table[table["replicate"] == 1].drop(columns="replicate").reset_index(drop=True)
        words = dict.fromkeys(one.select_dtypes("category"), "str")
        pd.testing.assert_frame_equal(again.astype(words), one.astype(words))


def test_every_column_says_its_unit() -> None:
    """Units travel with the Parquet columns and in the manifest."""
    whosecar("run", *SMALL, "--replicates", "2", "--out", "result")
    for name in (f"{table}.parquet" for table in TABLES):
        schema = pq.read_schema(f"result/{name}")
        units = {field.name: field.metadata[b"unit"].decode() for field in schema}
        assert all(units.values())
        assert manifest("result")["tables"][name] == {
            "rows": pq.read_metadata(f"result/{name}").num_rows,
            "units": units,
        }
    assert pq.read_schema("result/sales.parquet").field("revenue_cny").metadata[b"unit"] == b"CNY"


def test_csv_holds_what_parquet_holds_and_opens_in_a_spreadsheet() -> None:
    """The same values as text, marked as UTF-8 so that Chinese is not garbled."""
    whosecar("run", *SMALL, "--out", "parquet")
    whosecar("run", *SMALL, "--out", "csv", "--format", "csv")
    assert sorted(f.name for f in Path("csv").iterdir()) == [name.replace(".parquet", ".csv") for name in WRITTEN]
    for name in TABLES:
        assert Path(f"csv/{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        table = pd.read_parquet(f"parquet/{name}.parquet")
        words = dict.fromkeys(table.select_dtypes("category"), str)
        dates = ["date"] if "date" in table else []
        text = pd.read_csv(f"csv/{name}.csv", encoding="utf-8-sig", parse_dates=dates, dtype=words, na_values=[])
        plain = table.astype(dict.fromkeys(words, object))
        for column in words:  # a spreadsheet cannot tell an empty word from none
            text[column], plain[column] = text[column].fillna("").astype(object), plain[column].fillna("")
        pd.testing.assert_frame_equal(text, plain, check_dtype=False, rtol=1e-12)
    assert sorted(manifest("csv")["tables"]) == [f"{name}.csv" for name in TABLES]


def test_the_manifest_says_what_was_run_and_nothing_of_the_machine(here: Path) -> None:
    """Versions, times, case, seed and command as typed; no path but what was typed."""
    whosecar("run", *SMALL, "--seed", "4", "--out", "result")
    said = manifest("result")
    case = Case.load("jd-gac-catl").change({"population.consumers": 3_000, "calendar.weeks": 6})
    assert said["command"] == "whosecar run --consumers 3000 --weeks 6 --seed 4 --out result"
    assert (said["case"], said["fingerprint"]) == ("jd-gac-catl", case.fingerprint)
    assert (said["consumers"], said["weeks"], said["seed"], said["replicates"]) == (3_000, 6, 4, 1)
    assert {"whosecar", "python", "numpy", "mesa", "platform"} <= said.keys()
    assert said["started"] <= said["finished"]
    assert said["banner"].startswith("Scenario, not forecast")
    written = "".join(Path("result", name).read_text(encoding="utf-8") for name in ("manifest.json", "case.toml"))
    assert all(path not in written for path in (str(here), sys.prefix, str(Path.home()) + os.sep))


@pytest.mark.parametrize(("raised", "status"), [(KeyboardInterrupt(), 130), (RuntimeError("a bug"), 1)])
def test_a_run_that_is_cut_off_leaves_nothing(
    raised: BaseException, status: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C or a crash there is no folder, no part of one, and no parent that was made for it."""
    step = Market.step

    def failing(self: Market) -> None:
        if self.week == 3:
            raise raised
        step(self)

    monkeypatch.setattr(Market, "step", failing)
    result = CliRunner().invoke(app, ["run", *SMALL, "--out", "a/b"])
    assert result.exit_code == status
    assert list(here.iterdir()) == []
    assert ("stopped; nothing was written" in result.stderr) == (status == 130)


def test_a_run_that_is_cut_off_keeps_the_replicates_that_are_finished(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the third of four: two are told and written, status 130."""
    begun, step = 0, Market.step

    def failing(self: Market) -> None:
        nonlocal begun
        begun += self.week == 0
        if begun == 3:
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(Market, "step", failing)
    result = CliRunner().invoke(app, ["run", *SMALL, "--replicates", "4", "--out", "a"])
    assert result.exit_code == 130 and "2 of 4 runs" in result.stderr and "Written to a" in result.stdout
    assert pd.read_parquet("a/sales.parquet")["replicate"].unique().tolist() == [0, 1]


def test_a_full_disk_is_said_and_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written whole is not written at all."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(figures, "save", full)
    result = CliRunner().invoke(app, ["run", *SMALL, "--out", "a/b"])
    assert result.exit_code == 2
    assert result.stderr == '--out: "a/b" cannot be written: no space left on device; choose another folder\n'
    assert "Lost to lost trust" in result.stdout and "Written to" not in result.stdout  # what was found is told
    assert list(here.iterdir()) == []


def test_what_a_killed_run_left_does_not_stop_the_next(here: Path) -> None:
    """The lock of a killed process is gone with it; its unfinished folder is replaced."""
    Path(".result.part").mkdir()
    Path(".result.part/sales.parquet").write_bytes(b"half of")
    Path(".result.lock").touch()
    whosecar("run", *SMALL, "--out", "result")
    assert [file.name for file in here.iterdir()] == ["result"]
    assert sorted(file.name for file in Path("result").iterdir()) == WRITTEN


def test_a_folder_that_was_filled_meanwhile_is_not_overwritten() -> None:
    """Who came first keeps the place, even if it was not by this command."""

    def fill_while_another_writes() -> None:
        with folder.new_folder(Path("result")) as part:
            (part / "manifest.json").touch()
            Path("result").mkdir()
            Path("result/mine.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(CaseError, match="is not empty"):
        fill_while_another_writes()
    assert [file.name for file in Path("result").iterdir()] == ["mine.txt"]
