"""What happens to drivers, workers, disks and cases of a sweep: a row or a line each, and nothing finished lost."""

from __future__ import annotations

import errno
import time
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import errands
import numpy as np
import pandas as pd
import pytest
from small_sweeps import BASE, DESIGN, HERE, failing, leftovers, recorded, same

from experiments import trial
from experiments.designs import Design
from experiments.sweep import Stopped, Sweep, Tally, batch, parts, sweep
from experiments.sweep import folder as sweep_folder
from experiments.sweep import running as sweeping
from experiments.trial import TimedOut, Trial
from market import Case, CaseError, Market


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Runs that take no time, and which they were."""
    return recorded(monkeypatch)


# ---------------------------------------------------------------------------------------------------- what is damaged


def test_a_part_that_cannot_be_read_is_named_set_aside_and_done_again(tmp_path: Path, quick: list[Any]) -> None:
    whole, folder = sweep(DESIGN, tmp_path / "whole", HERE), tmp_path / "s"
    sweep(DESIGN, folder, HERE)
    first, second = parts.files(folder)[:2]
    first.write_bytes(first.read_bytes()[:-20])
    second.write_bytes(b"")
    with pytest.raises(CaseError, match=rf"runs/{first.name}, runs/{second.name}: cannot be read"):
        Sweep.open(folder).runs()
    quick.clear()
    again = sweep(DESIGN, folder, HERE)
    assert len(quick) == 2 and len(again.notes) == 2 and f"runs/{first.name}: cannot be read" in again.notes[0]
    assert sorted(file.name for file in (folder / "set-aside").iterdir()) == [first.name, second.name]
    assert same(again, whole)


@pytest.mark.parametrize("harm", ["cut short", "gone", "of other runs"])
def test_a_run_whose_weeks_are_gone_is_done_again(tmp_path: Path, quick: list[Any], harm: str) -> None:
    design = Design.of_list(BASE, DESIGN.listed, range(1, 4), series=True)
    whole, folder = sweep(design, tmp_path / "whole", HERE), tmp_path / "s"
    sweep(design, folder, HERE)
    first, second = parts.files(folder, parts.SERIES)[:2]
    if harm == "gone":
        first.unlink()
    else:
        first.write_bytes(second.read_bytes() if harm == "of other runs" else first.read_bytes()[:-20])
    if harm == "cut short":
        with pytest.raises(CaseError, match=rf"series/{first.name}: cannot be read"):
            Sweep.open(folder).series()
    quick.clear()
    again = sweep(design, folder, HERE)
    assert len(quick) == 1 and len(again.notes) == 1 and f"series/{first.name}: cannot be read" in again.notes[0]
    assert same(again, whole)
    pd.testing.assert_frame_equal(again.series(), whole.series())


def test_what_a_worker_has_written_of_a_batch_is_not_done_again(tmp_path: Path, quick: list[Any]) -> None:
    """A worker writes two runs of a batch and dies; the next one does the other two, into a file beside it."""
    made = sweep(Design.of_list(BASE, DESIGN.listed[:1]), tmp_path / "s", HERE)
    job = replace(sweeping._job(made), design=DESIGN)
    batch.begin(job)
    name = "00000000-abcdefgh"
    quick.clear()
    batch.do(batch.Batch(job.key, name, (1, 2)))
    assert batch.do(batch.Batch(job.key, name, (1, 2, 3, 4))) == batch.Done(4, 0) and len(quick) == 4
    files = [file.name for file in parts.of_batch(tmp_path / "s", name)]
    assert files == [f"{name}-1.parquet", f"{name}.parquet"]
    again, done = sweeping._after_death(job, batch.Batch(job.key, name, (1, 2, 3, 4, 5)), BrokenExecutor())
    assert again == [5] and done == batch.Done(4, 0)
    assert sweeping._after_death(job, batch.Batch(job.key, name, (4,)), BrokenExecutor())[0] == []
    assert set(parts.statuses_of(parts.of_batch(tmp_path / "s", name)[0]) or {}) and len(quick) == 4


def test_a_sweep_whose_workers_cannot_start_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise BrokenExecutor("the workers die as soon as they start")

    monkeypatch.setattr(sweeping, "results", nobody)
    with pytest.raises(Stopped, match="die as soon as they start; what was finished is kept"):
        sweep(DESIGN, tmp_path / "s", HERE)


# --------------------------------------------------------------------------------------------------- what goes wrong


def test_a_run_that_fails_is_a_row_and_the_sweep_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    failing(monkeypatch, lambda: ZeroDivisionError("of\nall"))
    found = sweep(DESIGN, tmp_path / "s", HERE)
    runs = found.runs()
    assert len(runs) == 9 and found.tally() == Tally(9, 8, 1, 9)
    row = runs.iloc[4]
    assert (row["status"], row["error"]) == ("failed", "ZeroDivisionError: of all") and np.isnan(row["orders"])
    assert found.failures(5) == [(row["run_id"], "ZeroDivisionError: of all")]
    assert (runs["status"] == "failed").sum() == 1 and runs["orders"].notna().sum() == 8
    done: list[int] = []

    def perform(case: Case, seed: int, **options: Any) -> Trial:
        done.append(seed)
        return errands.quick_trial(case, seed)

    monkeypatch.setattr(trial, "perform", perform)
    assert sweep(DESIGN, tmp_path / "s", HERE).tally().failed == 1 and not done
    again = sweep(DESIGN, tmp_path / "s", HERE, retry=True)
    assert done == [2] and again.tally() == Tally(9, 9, 0, 9) and same(again, sweep(DESIGN, tmp_path / "w", HERE))


def test_a_run_that_takes_too_long_is_a_row(tmp_path: Path) -> None:
    def hang(*_: Any) -> Any:
        while True:
            time.sleep(0.01)

    design = Design.of_list(BASE, DESIGN.listed, range(1, 3), seconds=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Market, "step", hang)
        began = time.monotonic()
        runs = sweep(design, tmp_path / "s", HERE).runs()
    assert set(runs["status"]) == {"timed out"} and time.monotonic() - began < 10.0
    assert runs["error"][0].startswith("TimedOut: the run took longer than 0.1 s; give it more time (time_limit_s)")


def test_a_folder_keeps_the_time_limit_of_the_last_time(tmp_path: Path, quick: list[Any]) -> None:
    for seconds in (0.5, 60.0, None):
        design = Design.of_list(BASE, DESIGN.listed, range(1, 3), seconds=seconds)
        sweep(design, tmp_path / "s", HERE)
        assert Sweep.open(tmp_path / "s").design.seconds == seconds
    assert len(quick) == 6 and not leftovers(tmp_path / "s")


def test_a_limit_holds_at_the_end_of_a_week_where_no_alarm_can_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("signal.setitimer", raising=False)
    with pytest.raises(TimedOut):
        trial.perform(BASE, 1, seconds=1e-6)


def test_a_point_that_cannot_be_is_a_row(tmp_path: Path, quick: list[Any]) -> None:
    design = Design.of_list(BASE, [{"cars.a.price_cny": 80_000.0}, {"cars.a.price_cny": -1.0}], range(1, 2))
    runs = sweep(design, tmp_path / "s", HERE).runs()
    assert runs["status"].tolist() == ["done", "failed"] and "cars.a.price_cny" in runs["error"][1]


@pytest.mark.parametrize("when", [2, 5])
def test_a_full_disk_stops_the_sweep_and_loses_nothing(
    tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch, when: int
) -> None:
    import pyarrow.parquet as pq

    count, write = 0, pq.write_table

    def full(table: Any, file: Any, **options: Any) -> None:
        nonlocal count
        count += 1
        if count > when:
            Path(file).write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        write(table, file, **options)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(Stopped, match="cannot be written: no space left on device; what was finished is kept"):
        sweep(DESIGN, tmp_path / "s", HERE)
    assert not leftovers(tmp_path / "s") and len(Sweep.open(tmp_path / "s").runs()) == when
    monkeypatch.setattr(pq, "write_table", write)
    assert len(sweep(DESIGN, tmp_path / "s", HERE).runs()) == 9 and len(quick) == 9 + 1


def test_a_folder_that_cannot_be_written_or_holds_something_else_is_refused(tmp_path: Path, quick: list[Any]) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for place, why in (("file", "is no folder"), ("file/below", "cannot be written"), ("full", "is not empty")):
        with pytest.raises(CaseError, match=why):
            sweep(DESIGN, tmp_path / place, HERE)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["file", "full", "mine.txt"] and not quick


def test_a_beginning_that_was_cut_off_is_begun_again(tmp_path: Path, quick: list[Any]) -> None:
    folder = tmp_path / "s"
    (folder / ".part").mkdir(parents=True)
    (folder / ".part" / "design.toml").write_text("half")
    (folder / "case.toml").write_text("half")
    (folder / ".lock").touch()
    assert len(sweep(DESIGN, folder, HERE).runs()) == 9 and not leftovers(folder) and not (folder / ".part").exists()


def test_two_drivers_do_not_share_a_folder(tmp_path: Path, quick: list[Any]) -> None:
    folder, seen = tmp_path / "s", []

    def second(tally: Tally) -> None:
        if tally.finished == 3:
            with pytest.raises(CaseError, match="another run is writing to"):
                sweep(DESIGN, folder, HERE)
            seen.append(tally)

    assert len(sweep(DESIGN, folder, HERE, second).runs()) == 9 and len(seen) == 1 and len(quick) == 9
    assert sweep_folder.is_sweep(folder) and not (folder / ".lock").exists()
