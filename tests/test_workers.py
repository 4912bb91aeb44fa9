"""Workers: tasks come back once each, a few at a time, whatever becomes of those who do them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from functools import partial
from pathlib import Path
from typing import Any

import errands
import pytest

from experiments import pools, workers


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").split(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def gone(processes: list[int], seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while any(map(alive, processes)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, processes))


@pytest.mark.parametrize("pool", [workers.here(), workers.local(2)], ids=["here", "local"])
def test_each_task_comes_back_once_and_an_error_is_a_result(pool: workers.Pool) -> None:
    found = dict(workers.results(errands.square, range(20), pool))
    assert {n: r for n, r in found.items() if n != 13} == {n: n * n for n in range(20) if n != 13}
    assert isinstance(found[13], ValueError) and str(found[13]) == "13 is unlucky"


def test_no_task_is_no_work() -> None:
    assert list(workers.results(errands.square, [], workers.local(2))) == []


def test_only_a_few_tasks_are_taken_at_a_time() -> None:
    taken, back = 0, 0

    def tasks() -> Any:
        nonlocal taken
        for number in range(14, 100):
            taken += 1
            assert taken - back <= 4 + 1
            yield number

    for _ in workers.results(errands.square, tasks(), workers.local(2)):
        back += 1
    assert back == 86


def test_every_worker_is_told_once_and_has_one_thread() -> None:
    setup = partial(errands.learn, "word")
    found = [r for _, r in workers.results(errands.recall, range(12), workers.local(2), setup=setup)]
    told = [r for r in found if not isinstance(r, BaseException)]
    assert len(told) == 12 and all(words == ["word"] and threads == "1" for _, words, _, threads in told)
    assert os.getpid() not in {process for *_, process, _ in told}


def test_processes_are_replaced_after_many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "RECYCLE_AFTER", 5)
    found = [r for _, r in workers.results(errands.recall, range(20), workers.local(1))]
    processes = {r[2] for r in found if not isinstance(r, BaseException)}
    assert len(found) == 20 and len(processes) == 4 and gone(list(processes))


def test_a_worker_that_dies_costs_nothing(tmp_path: Path) -> None:
    tasks = [(number, str(tmp_path)) for number in range(12)]
    found = dict(workers.results(errands.die_once, tasks, workers.local(2)))
    assert found == {task: task[0] for task in tasks}
    assert (tmp_path / "died").exists()


def test_a_task_that_kills_workers_comes_back_and_the_others_are_done() -> None:
    found = dict(workers.results(errands.die_at, range(10), workers.local(2)))
    assert isinstance(found.pop(5), BrokenExecutor)
    assert found == {number: number for number in range(10) if number != 5}


def test_however_many_tasks_kill_workers_the_others_are_done() -> None:
    """Six deadly tasks one after the other, so that the pool breaks again and again before anything is done."""
    found = dict(workers.results(errands.die_below_six, range(8), workers.local(2)))
    assert all(isinstance(found.pop(number), BrokenExecutor) for number in range(6))
    assert found == {6: 6, 7: 7}


def test_workers_that_all_die_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST_STARTS", 1)
    with pytest.raises(BrokenExecutor, match="die as soon as they start"):
        list(workers.results(errands.square, [1, 2], workers.local(1), setup=errands.die_at_the_start))


def test_leaving_early_stops_the_work() -> None:
    found = workers.results(errands.sleep, [0.0, 0.0, 60.0, 60.0, 60.0], workers.local(2))
    seen = [process for _, process in (next(found), next(found)) if isinstance(process, int)]
    began = time.monotonic()
    found.close()
    assert time.monotonic() - began < 10.0 and gone(seen)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc who is alive")
def test_workers_end_with_a_driver_that_is_killed() -> None:
    code = (
        "import errands, sys\nfrom experiments import workers\n"
        "if __name__ == '__main__':\n"
        "    for task, process in workers.results(errands.sleep, [0.0, 0.0, 60.0, 60.0], workers.local(2)):\n"
        "        print(process, flush=True)\n"
    )
    path = os.pathsep.join(map(str, sys.path))
    script = [sys.executable, "-c", code]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as driver:
        assert driver.stdout is not None
        seen = [int(driver.stdout.readline()) for _ in range(2)]
        assert all(map(alive, seen))
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        assert gone(seen)
