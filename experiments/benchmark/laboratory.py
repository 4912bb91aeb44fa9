"""How fast the laboratory is: sweeps beside bare runs and beside Mesa's batch runner, pairs needed, memory of a driver.

As in `experiments.benchmark`, each measurement runs in a process of its own; these use two cores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.benchmark.market import CASE, THREADS, Row, peak_memory

if TYPE_CHECKING:
    from experiments.pools import Pool, Setup
    from experiments.trial import Trial
    from market import Case

WORKERS = 2
RUNS, SIZE = 1_000, (10_000, 104)
"""What the target asks for; RUNS_TIMED of them are timed."""
RUNS_TIMED, MESA_SIZE, MESA_RUNS = 80, (10_000, 13), 2
TURNS, PRICES = 4, 4
PAIRS = 30
FINISHED = 100_000


def rows() -> Iterator[Row]:
    """Every line of the report, as soon as it is measured."""
    found = alone("sweep", *SIZE, RUNS_TIMED)
    work = f"{RUNS:,} runs of {SIZE[0]:,} consumers, {SIZE[1]} weeks, {WORKERS} cores"
    yield Row(work, found["each"] * RUNS / 60.0, "minutes", 6.0, seconds=found["each"] * RUNS)
    yield Row("  overhead over bare runs", 100.0 * (found["each"] / found["bare"] - 1.0), "%", 10.0)
    sweep, mesa = alone("sweep", *MESA_SIZE, RUNS_TIMED), alone("mesa", *MESA_SIZE, MESA_RUNS)
    work = f"runs a minute of {MESA_SIZE[0]:,} consumers, {MESA_SIZE[1]} weeks, beside Mesa's batch runner"
    yield Row(work, mesa["each"] / (WORKERS * sweep["each"]), "times", 8.0, at_least=True)
    pairs = alone("pairs", *SIZE, PAIRS)
    yield Row("pairs for a 3 % price cut within 10 % of the effect", pairs["common"], "pairs")
    yield Row("  on independent luck", pairs["times"], "times as many", 15.0, at_least=True)
    driver = alone("driver", FINISHED, 1, 1)
    yield Row(f"driver of {FINISHED:,} finished runs", driver["growth"] / 1e6, "MB more memory", 300.0)


# ------------------------------------------------------------------------------------------------ in the child


def measure_sweep(consumers: int, weeks: int, runs: int) -> dict[str, float]:
    """Seconds of wall time for each run: of sweeps with two workers once they are going, and of the same runs bare.

    They take turns, as machines have moods. Prices lie from 4 % below that of the case to 5 % above.
    """
    seeds = range(1, runs // TURNS // PRICES + 1)
    taken = [
        turn(consumers, weeks, seeds[0] + len(seeds) * number, len(seeds))
        for number in range(TURNS)
        for turn in (_swept, _run_bare)
    ]
    return {"each": sum(taken[0::2]) / TURNS, "bare": sum(taken[1::2]) / TURNS}


def _prices(case: Case) -> list[dict[str, Any]]:
    name = f"cars.{case.focal_car}.price_cny"
    return [{name: round(case.get(name) * (0.96 + 0.03 * step))} for step in range(PRICES)]


def _swept(consumers: int, weeks: int, first_seed: int, seeds: int) -> float:
    """Seconds for each run of a sweep."""
    from experiments import workers
    from experiments.designs import Design
    from experiments.sweep import Tally, sweep

    case = _case(consumers, weeks)
    design = Design.of_list(case, _prices(case), range(first_seed, first_seed + seeds), series=True)
    done: list[tuple[float, int]] = []

    def on_done(tally: Tally) -> None:
        done.append((time.perf_counter(), tally.finished))

    with tempfile.TemporaryDirectory() as folder:
        sweep(design, Path(folder) / "sweep", workers.local(WORKERS), on_done)
    return _steady(done)


def _run_bare(consumers: int, weeks: int, first_seed: int, seeds: int) -> float:
    """Seconds for each of the same runs in a loop."""
    from experiments import workers

    every = range(first_seed, first_seed + seeds)
    tasks = [((consumers, weeks), changes, seed) for changes in _prices(_case(consumers, weeks)) for seed in every]
    done = [time.perf_counter() for _ in workers.results(_bare, tasks, workers.local(WORKERS))]
    return _steady(list(zip(done, range(1, len(done) + 1), strict=True)))


def _bare(task: tuple[tuple[int, int], dict[str, Any], int]) -> None:
    """A run of a changed case and nothing else, as one would write it in a loop."""
    from market import Market

    size, changes, seed = task
    market = Market(_case(*size).change(changes), rng=seed)
    market.panel.rest()  # as in a sweep, nobody is followed
    market.run().close()


def _steady(done: list[tuple[float, int]]) -> float:
    """Seconds for each run, from when every worker has done one to before the first has no more to do."""
    busy = [(at, number) for at, number in done if WORKERS <= number <= done[-1][1] - WORKERS + 1]
    (first, begun), (last, ended) = busy[0], busy[-1]
    return (last - first) / (ended - begun)


def measure_mesa(consumers: int, weeks: int, runs: int) -> dict[str, float]:
    """Seconds for each run of Mesa's own batch runner on the market of plain Mesa objects, in one process."""
    from mesa.batchrunner import batch_run

    case = _case(consumers, weeks)
    options = {"number_processes": 1, "max_steps": weeks - 1, "display_progress": False}
    batch_run(_collected(), {"case": [case.change({"population.consumers": 100})], "rng": [0]}, **options)
    began = time.perf_counter()
    batch_run(_collected(), {"case": [case], "rng": list(range(runs))}, **options)
    return {"each": (time.perf_counter() - began) / runs}


def measure_pairs(consumers: int, weeks: int, pairs: int) -> dict[str, float]:
    """Pairs of runs that the effect of a small price cut takes, and how many more without the same luck."""
    from experiments import workers
    from experiments.compare.pairs_needed import of_price_cut

    needed = of_price_cut(consumers, weeks, pairs, pool=workers.local(WORKERS))
    return {"common": needed.common, "times": needed.times}


def measure_driver(runs: int, *_: int) -> dict[str, float]:
    """By how many bytes the peak memory of a driver grows over so many runs, which cost next to nothing here."""
    from experiments import workers
    from experiments.designs import Design
    from experiments.sweep import Tally, sweep

    case = _case(1_000, 4)
    prices = [{f"cars.{case.focal_car}.price_cny": 70_000.0 + step} for step in range(100)]
    design = Design.of_list(case, prices, range(1, runs // 100 + 1))
    memory: list[float] = []

    def on_done(tally: Tally) -> None:
        memory.append(peak_memory())

    with tempfile.TemporaryDirectory() as folder:
        sweep(design, Path(folder) / "sweep", _without_markets(workers.local(WORKERS)), on_done)
    return {"growth": memory[-1] - memory[0]}


def _without_markets(pool: Pool) -> Pool:
    """The same workers, who run nothing."""
    return replace(pool, build=lambda setup: pool.build(partial(_run_nothing, setup)))


def _run_nothing(setup: Setup | None) -> None:
    from experiments import trial

    trial.perform = _nothing
    if setup is not None:
        setup()


def _nothing(case: Case, seed: int, **_: Any) -> Trial:
    from experiments.outcomes import names
    from experiments.trial import Trial

    return Trial(dict.fromkeys(names(case), float(seed)), None)


@lru_cache(maxsize=2)
def _case(consumers: int, weeks: int) -> Case:
    from market import Case

    return Case.load(CASE).change({"population.consumers": consumers, "calendar.weeks": weeks})


def _collected() -> type[Any]:
    """The market of plain Mesa objects with what Mesa's batch runner asks of a model; made when it is needed."""
    from experiments.benchmark.collected import CollectedMarket

    return CollectedMarket


MEASURES: dict[str, Callable[..., dict[str, float]]] = {
    "sweep": measure_sweep, "mesa": measure_mesa, "pairs": measure_pairs, "driver": measure_driver,
}  # fmt: skip


def alone(measure: str, *size: int) -> dict[str, float]:
    """A measurement in a process of its own, with one thread for each process."""
    here = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    code = f"from experiments.benchmark import laboratory as b; b.main({measure!r}, {size!r})"
    found: dict[str, float] = json.loads(
        subprocess.run(
            [sys.executable, "-P", "-c", code],
            env={**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": here},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ).stdout
    )
    return found


def main(measure: str, size: tuple[int, ...]) -> None:
    """Measure in this process and write what was found to standard output."""
    sys.stdout.write(json.dumps(MEASURES[measure](*size)))
