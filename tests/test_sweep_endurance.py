"""Endurance: drivers and workers killed at random, full disks, a cluster that loses a worker; the table stays the same.

These take minutes, so they are run when asked for (`--run-slow`).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import errands
import pytest
from small_sweeps import BASE, DESIGN, leftovers, same

from experiments import workers
from experiments.designs import Design
from experiments.sweep import Stopped, Sweep, parts, sweep
from experiments.sweep import running as sweeping

pytestmark = pytest.mark.slow

MANY = Design.of_list(BASE, [{"cars.a.price_cny": 60_000.0 + 1_000.0 * step} for step in range(20)], range(1, 11))
DRIVER = """
import sys
import errands
from experiments.sweep import sweep
from test_sweep_endurance import MANY
if __name__ == "__main__":
    sweep(MANY, sys.argv[1], errands.pool_of("slow_trial", 2))
"""


def children(process: int) -> list[int]:
    """Processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            number, rest = stat.read_text(encoding="ascii", errors="replace").split(" (", 1)
            if int(rest.rsplit(") ", 1)[1].split()[1]) == process:
                found.append(int(number))
    return found


def workers_of(process: int) -> list[int]:
    """Those of them that are workers."""
    found = []
    for child in children(process):
        with suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The sweep of 200 runs that nothing disturbed."""
    return sweep(MANY, tmp_path_factory.mktemp("whole") / "s", errands.pool_of("slow_trial", 2))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for workers in /proc")
def test_drivers_and_workers_killed_ten_times_over_leave_the_same_table(tmp_path: Path, whole: Sweep) -> None:
    luck, folder = random.Random(4), tmp_path / "s"
    path = os.pathsep.join(map(str, filter(None, sys.path)))
    seen, kills = [0], 0
    for turn in range(60):
        script = [sys.executable, "-c", DRIVER, str(folder)]
        with subprocess.Popen(script, env={**os.environ, "PYTHONPATH": path}) as driver:
            before = len(parts.files(folder)) if folder.exists() else 0
            while driver.poll() is None and len(parts.files(folder) if folder.exists() else []) <= before:
                time.sleep(0.02)
            time.sleep(luck.uniform(0.0, 0.5))
            if turn < 20 and kills < 10:
                if turn % 2 and (found := workers_of(driver.pid)):
                    os.kill(luck.choice(found), signal.SIGKILL)
                    time.sleep(luck.uniform(0.0, 0.5))
                if driver.poll() is None:
                    kills += 1
                driver.send_signal(signal.SIGKILL)
            status = driver.wait()
        if status == 0:
            break
        seen.append(len(Sweep.open(folder).runs()))
    assert kills == 10 and status == 0 and seen == sorted(seen) and 0 < seen[1] < 200
    again = Sweep.open(folder)
    ids = [one for file in parts.files(folder) for one in parts.statuses_of(file) or {}]
    assert len(set(ids)) == 200 and set(ids) == set(again.run_ids)
    assert same(again, whole) and not leftovers(folder)


def test_a_run_that_kills_its_worker_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "MOST_PARTS", 3)
    runs = sweep(DESIGN, tmp_path / "s", errands.pool_of("deadly_trial", 2)).runs()
    assert len(runs) == 9 and runs.loc[runs["status"] != "done", ["point", "seed"]].to_numpy().tolist() == [[2, 2]]
    assert runs["error"][7].startswith("the worker died") and runs["orders"].notna().sum() == 8
    assert not leftovers(tmp_path / "s")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_loses_nothing_that_is_finished(small_disk: Path, whole: Sweep) -> None:
    folder = small_disk / "s"
    with pytest.raises(Stopped, match="cannot be written: .*no space left on device"):
        sweep(MANY, folder, errands.pool_of("quick_trial", 2))
    kept = len(Sweep.open(folder).runs())
    assert 0 < kept < 200 and not leftovers(folder)
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    again = sweep(MANY, folder, errands.pool_of("quick_trial", 2))
    assert same(again, whole) and not leftovers(folder)


def test_a_cluster_that_loses_a_worker_gives_the_same_table(tmp_path: Path, whole: Sweep) -> None:
    distributed = pytest.importorskip("distributed")
    options: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        pool = workers.dask(cluster.scheduler_address)
        killed: list[int] = []

        def on_done(tally: sweeping.Tally) -> None:
            if tally.finished >= 40 and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        design = Design.of_list(BASE, MANY.listed[:10], range(1, 11))
        one = sweep(design, tmp_path / "cluster", pool, on_done)
    assert killed and not leftovers(tmp_path / "cluster")
    assert same(one, sweep(design, tmp_path / "here", workers.here())) and len(one.runs()) == 100
