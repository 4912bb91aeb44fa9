"""Sweeps: each run of a design once, in a folder that survives what happens to drivers, workers, disks and cases."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import errands
import numpy as np
import pandas as pd
import pytest
from small_cases import small_case
from typer.testing import CliRunner, Result

from experiments import trial, workers
from experiments.cli import app
from experiments.designs import Design
from experiments.outcomes import involved
from experiments.sweep import Stopped, Sweep, Tally, batch, parts, sweep
from experiments.sweep import folder as sweep_folder
from experiments.sweep import running as sweeping
from experiments.sweep.parties import parties
from experiments.trial import TimedOut, Trial
from market import Case, CaseError, Market

BASE = small_case(calendar__weeks=4, population__consumers=500)
PRICES = (79_000.0, 80_000.0, 81_000.0)
DESIGN = Design.of_list(BASE, [{"cars.a.price_cny": price} for price in PRICES], range(1, 4))
HERE = workers.here()


def table(found: Sweep) -> pd.DataFrame:
    """What must be equal whoever did the runs: all but the seconds they took."""
    return found.runs().drop(columns="seconds")


def same(first: Sweep, second: Sweep) -> bool:
    """Equal to the bit."""
    one, other = table(first), table(second)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    return all(
        one[name].to_numpy().tobytes() == other[name].to_numpy().tobytes() for name in one.select_dtypes("number")
    )


def leftovers(folder: Path) -> list[str]:
    """Files in the folder of a sweep that do not belong there."""
    known = {"design.toml", "case.toml", "points.json", "manifest.json"}
    return [
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and file.name not in known and (file.name.startswith(".") or file.suffix != ".parquet")
    ]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, int]]:
    """Runs are done at once; the list says which, by price and seed."""
    done: list[tuple[float, int]] = []

    def perform(case: Case, seed: int, **options: Any) -> Trial:
        done.append((case.cars["a"].price_cny, seed))
        return errands.quick_trial(case, seed, **options)

    monkeypatch.setattr(trial, "perform", perform)
    return done


def failing(monkeypatch: pytest.MonkeyPatch, error: Callable[[], BaseException]) -> None:
    """Runs with the middle price and seed 2 raise something."""

    def perform(case: Case, seed: int, **options: Any) -> Trial:
        if seed == 2 and case.cars["a"].price_cny == 80_000.0:
            raise error()
        return errands.quick_trial(case, seed, **options)

    monkeypatch.setattr(trial, "perform", perform)


# ---------------------------------------------------------------------------------------------------- what it keeps


def test_one_process_and_two_give_the_same_table_and_the_market_its_numbers(tmp_path: Path) -> None:
    one = sweep(DESIGN, tmp_path / "one", HERE)
    two = sweep(DESIGN, tmp_path / "two", workers.local(2))
    assert same(one, two) and not leftovers(tmp_path / "one") and not leftovers(tmp_path / "two")
    runs = two.runs()
    assert runs["point"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2] and runs["seed"].tolist() == [1, 2, 3] * 3
    assert runs["cars.a.price_cny"].tolist() == [price for price in PRICES for _ in range(3)]
    assert set(runs["status"]) == {"done"} and runs["run_id"].is_unique and (runs["seconds"] > 0).all()
    market = Market(DESIGN.case_at(2), rng=3).run()
    ordered, delivered = (market.ledger.by_car(flow) for flow in ("orders", "deliveries"))
    row = runs.iloc[-1]
    outside = market.ledger.outside.sum()
    assert row["outside_share"] == pytest.approx(outside / (outside + ordered.sum()), rel=1e-12)
    assert row["deliveries"] == pytest.approx(delivered.sum(), rel=1e-12) and delivered.sum() > 0


def test_points_that_change_the_same_are_run_once_and_shown_twice(tmp_path: Path, quick: list[Any]) -> None:
    points = [{"cars.a.price_cny": price} for price in (80_000.0, 81_000.0, 80_000.0)]
    found = sweep(Design.of_list(BASE, points, range(1, 3)), tmp_path / "s", HERE)
    assert len(quick) == 4
    runs = found.runs()
    assert len(runs) == 6 and runs["point"].tolist() == [0, 0, 1, 1, 2, 2]
    assert runs["run_id"].tolist()[:2] == runs["run_id"].tolist()[4:]
    assert runs["orders"].tolist() == [80_001.0, 80_002.0, 81_001.0, 81_002.0, 80_001.0, 80_002.0]


def test_every_row_keeps_the_same_organisations(tmp_path: Path) -> None:
    """Dealers have no part in the focal car but where a point hands it to them; what they earn counts everywhere."""
    base = Case.load("jd-gac-catl").change({"population.consumers": 500, "calendar.weeks": 2})
    points = [{}, {"cars.ut_super.mode": "dealer-baseline"}, {"cars.ut_super.roles.service.dealers": 0.5}]
    found = sweep(Design.of_list(base, points), tmp_path / "out", pool=HERE).runs()
    assert (found["status"] == "done").all()
    assert found["profit.dealers"].notna().all() and (found["profit.dealers"] != 0.0).all()
    assert parties(Design.of_list(base, points[:1])) == involved(base) == ("catl", "gac", "jd")


def test_a_run_is_known_by_case_changes_seed_and_code() -> None:
    known = batch.run_id(DESIGN, 0, 1, "1")
    assert len(known) == 16 and int(known, 16) >= 0
    other = Design.of_list(BASE.change({"cars.b.price_cny": 91_000.0}), DESIGN.listed, range(1, 4))
    ids = [
        batch.run_id(*those)
        for those in ((DESIGN, 1, 1, "1"), (DESIGN, 0, 2, "1"), (DESIGN, 0, 1, "2"), (other, 0, 1, "1"))
    ]
    assert len({known, *ids}) == 5
    longer = Design.of_list(BASE, [*DESIGN.listed[::-1]], range(1, 9))
    assert batch.run_id(longer, 2, 1, "1") == known


def test_weeks_are_kept_where_they_are_asked_for(tmp_path: Path, quick: list[Any]) -> None:
    design = Design.of_list(BASE, DESIGN.listed, range(1, 3), series=True)
    found = sweep(design, tmp_path / "s", HERE)
    weeks = found.series()
    assert weeks.columns.tolist() == ["point", "run_id", "seed", "week", "share"]
    assert weeks["point"].tolist() == [0] * 6 + [1] * 6 + [2] * 6 and weeks["week"].tolist() == [0, 1, 2] * 6
    assert weeks["share"].tolist() == [1.0, 2.0, 3.0, 2.0, 3.0, 4.0] * 3
    assert sweep(DESIGN, tmp_path / "none", HERE).series().empty


def test_many_runs_make_few_parts(tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_PARTS", 4)
    found = sweep(Design.of_list(BASE, DESIGN.listed, range(1, 11)), tmp_path / "s", HERE)
    assert len(parts.files(tmp_path / "s")) == 4 and len(found.runs()) == 30
    assert found.runs()["orders"].tolist() == [price + seed for price in PRICES for seed in range(1, 11)]


def test_the_folder_says_what_it_is(tmp_path: Path, quick: list[Any]) -> None:
    found = sweep(DESIGN, tmp_path / "s", HERE, command=["sweep", "my.toml"])
    manifest = json.loads((tmp_path / "s" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "sweep" and manifest["fingerprint"] == BASE.fingerprint
    assert (manifest["runs"], manifest["done"], manifest["failed"]) == (9, 9, 0)
    assert manifest["command"] == "whosecar sweep my.toml" and manifest["code"] == batch.code_version()
    assert manifest["outcomes"]["orders"]["unit"] == "households"
    opened = Sweep.open(tmp_path / "s")
    assert opened.design.fingerprint == DESIGN.fingerprint and opened.case == BASE and same(opened, found)
    assert opened.tally() == Tally(9, 9, 0, 9)
    with pytest.raises(CaseError, match="holds no sweep"):
        Sweep.open(tmp_path)


# -------------------------------------------------------------------------------------------------------- going on


def test_what_is_done_is_not_done_again(tmp_path: Path, quick: list[Any]) -> None:
    whole = sweep(DESIGN, tmp_path / "whole", HERE)
    told: list[Tally] = []
    folder = tmp_path / "s"
    sweep(DESIGN, folder, HERE)
    for part in parts.files(folder)[1:4]:
        part.unlink()
    (folder / "runs" / ".half.parquet.tmp").write_bytes(b"half")
    quick.clear()
    again = sweep(DESIGN, folder, HERE, told.append)
    assert quick == [(79_000.0, 2), (79_000.0, 3), (80_000.0, 1)]
    assert [tally.finished for tally in told] == [6, 7, 8, 9] and told[0].before == 6
    assert same(again, whole) and not leftovers(folder)


def test_a_folder_is_still_read_when_a_later_version_knows_more_of_a_case(
    tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new field of a case changes the fingerprint of an old one; its runs are those that they were."""
    made = sweep(DESIGN, tmp_path / "s", HERE)
    before = table(made)
    monkeypatch.setattr(Case, "fingerprint", property(lambda case: "another"))
    pd.testing.assert_frame_equal(table(Sweep.open(tmp_path / "s")), before)
    assert Sweep.open(tmp_path / "s").tally().finished == len(before)


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


def test_a_sweep_stopped_by_its_driver_keeps_what_is_finished(tmp_path: Path, quick: list[Any]) -> None:
    def stop(tally: Tally) -> None:
        if tally.finished == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(DESIGN, tmp_path / "s", HERE, stop)
    assert not leftovers(tmp_path / "s") and len(Sweep.open(tmp_path / "s").runs()) == 4
    again = sweep(DESIGN, tmp_path / "s", HERE)
    assert len(quick) == 9 and same(again, sweep(DESIGN, tmp_path / "whole", HERE))


def test_only_its_own_design_and_code_go_on_in_a_folder(
    tmp_path: Path, quick: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep(DESIGN, tmp_path / "s", HERE)
    before = sorted(tmp_path.rglob("*"))
    other = Design.of_list(BASE, DESIGN.listed, range(1, 5))
    with pytest.raises(CaseError, match="holds the runs of another design"):
        sweep(other, tmp_path / "s", HERE)
    monkeypatch.setattr(batch, "code_version", lambda: "0.0.1+other")
    with pytest.raises(CaseError, match="begun with another version of whosecar"):
        sweep(DESIGN, tmp_path / "s", HERE)
    assert sorted(tmp_path.rglob("*")) == before


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
