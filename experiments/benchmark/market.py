"""How fast and how small the market is, beside its targets and beside plain Mesa agents.

Every measurement runs in a process of its own, on one core and one thread. Times are also given in units of a fixed
numpy kernel measured in the same minute, so that machines compare.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

CASE = "jd-gac-catl"
FEW_DECIDE = 0.005
"""Decisions per consumer-week up to which cost is judged by consumer-week, above it by decision."""
CELL = "ns per consumer-week"
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is measured: numbers of consumers and weeks."""

    large: tuple[int, int]
    small: tuple[int, int] = (10_000, 104)
    reference: tuple[int, int] = (2_000, 26)
    huge: tuple[int, int] | None = None
    heart: tuple[int, int] | None = None
    starts: int = 5
    laboratory: bool = False


PLANS = {
    "quick": Plan(large=(200_000, 52), reference=(1_000, 13), starts=3),
    "usual": Plan(large=(1_000_000, 104)),
    "full": Plan(large=(1_000_000, 104), huge=(10_000_000, 104), heart=(1_000_000, 104), laboratory=True),
}


@dataclass(frozen=True)
class Row:
    """One line of the report; `target` is None where there is none for it."""

    work: str
    measured: float
    unit: str
    target: float | None = None
    at_least: bool = False
    seconds: float | None = None
    """the measured time in seconds, where it is one: what can be divided by the kernel's"""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None:
            return None
        return self.measured >= self.target if self.at_least else self.measured <= self.target


# ------------------------------------------------------------------------------------------------ in the child


def measure_market(consumers: int, weeks: int) -> dict[str, float]:
    """Build and run a market: seconds, decisions, and the peak of memory above that after import."""
    case, market_class = _case(consumers, weeks)
    before = peak_memory()
    started = time.perf_counter()
    market = market_class(case, rng=1)
    built = time.perf_counter()
    decisions = 0
    choose = market.demand.choose

    def counted(rows: Any) -> Any:
        nonlocal decisions
        decisions += len(rows)
        return choose(rows)

    market.demand.choose = counted
    market.run()
    ended = time.perf_counter()
    return {
        "build": built - started,
        "run": ended - built,
        "decisions": decisions,
        "peak": peak_memory() - before,
        "total": peak_memory(),
        "cells": consumers * weeks,
    }


def measure_small(consumers: int, weeks: int) -> dict[str, float]:
    """Build and run again and again in one process, as a sweep does: the median of five, after one to warm up."""
    case, market_class = _case(consumers, weeks)
    times = []
    for seed in range(6):
        started = time.perf_counter()
        market_class(case, rng=seed).run().close()
        times.append(time.perf_counter() - started)
    return {"seconds": median(times[1:])}


def measure_heart(consumers: int, weeks: int) -> dict[str, float]:
    """Seconds of a week in which a story lives, of a quiet one, and of a fork at the end."""
    from experiments.benchmark.weeks import week_times

    return week_times(*_case(consumers, weeks))


def measure_reference(consumers: int, weeks: int) -> dict[str, float]:
    """Run the market as plain Mesa objects."""
    from experiments.reference import ReferenceMarket

    case, _ = _case(consumers, weeks)
    market = ReferenceMarket(case, rng=1)
    started = time.perf_counter()
    market.run(weeks)
    return {"run": time.perf_counter() - started, "cells": consumers * weeks}


def measure_kernel(elements: int, repeats: int) -> dict[str, float]:
    """Seconds an element of fixed work on numpy arrays: hashing, logarithms, gathering, sorting; the best."""
    import numpy as np

    rows = np.arange(elements, dtype=np.uint64)
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        state = rows * np.uint64(0x9E3779B97F4A7C15)
        for shift in (30, 27, 31):
            state ^= state >> np.uint64(shift)
            state *= np.uint64(0xBF58476D1CE4E5B9)
        uniform = ((state >> np.uint64(41)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
        gathered = np.log(uniform)[(state % np.uint64(elements)).astype(np.intp)]
        np.cumsum(np.sort(gathered))
        times.append(time.perf_counter() - started)
    return {"seconds": min(times) / elements}


def _case(consumers: int, weeks: int) -> tuple[Any, Any]:
    """The case to measure and the class of the market, imported before any clock runs."""
    import_module("pandas")  # what reading a ledger needs belongs to import, not to the market

    from market import Case
    from market.market import Market

    return Case.load(CASE).change({"population.consumers": consumers, "calendar.weeks": weeks}), Market


def peak_memory() -> float:
    """Largest memory of this process so far, in bytes; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        if sys.platform == "win32":
            return 0.0
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


MEASURES = {
    "market": measure_market, "small": measure_small, "heart": measure_heart, "reference": measure_reference,
    "kernel": measure_kernel,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------ in the parent


def alone(measure: str, size: tuple[int, int]) -> dict[str, float]:
    """A measurement in a process of its own, on one core and one thread."""
    found: dict[str, float] = json.loads(_python("-m", "experiments.benchmark.market", measure, *map(str, size)))
    return found


def _python(*arguments: str) -> str:
    here = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH"))))
    surroundings = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONPATH": here}
    command = [sys.executable, "-P", *arguments]
    return subprocess.run(
        command, env=surroundings, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ).stdout


def _help() -> float:
    started = time.perf_counter()
    _python("-m", "experiments.cli", "--help")
    return time.perf_counter() - started


def rows(plan: Plan) -> Iterator[Row]:
    """Every line of the report, as soon as it is measured."""
    consumers, weeks = plan.large
    found = alone("market", plan.large)
    per_cell, per_decision = found["run"] / found["cells"], found["run"] / max(found["decisions"], 1)
    deciding = found["decisions"] / found["cells"]
    few = deciding <= FEW_DECIDE
    target = 25.0 if few else None
    yield Row(f"run {consumers:,} consumers, {weeks} weeks", 1e9 * per_cell, CELL, target, seconds=per_cell)
    yield Row("  who decide in a week", 100 * deciding, "% of consumers")
    yield Row("  by decision", 1e6 * per_decision, "microseconds", None if few else 6.0, seconds=per_decision)
    work = f"build {consumers:,} consumers and networks"
    yield Row(work, found["build"], "s", 2e-6 * consumers, seconds=found["build"])
    if found["peak"]:
        yield Row("peak memory above import", found["peak"] / consumers, "bytes per consumer", 300.0)
    plain = alone("reference", plan.reference)
    per_plain = plain["run"] / plain["cells"]
    work = f"run {plan.reference[0]:,} plain Mesa agents, {plan.reference[1]} weeks"
    yield Row(work, 1e9 * per_plain, CELL, seconds=per_plain)
    yield Row("faster than plain Mesa agents", per_plain / per_cell, "times", 40.0, at_least=True)
    small = alone("small", plan.small)["seconds"]
    work = f"build and run {plan.small[0]:,} consumers, {plan.small[1]} weeks"
    yield Row(work, small, "s in process", 0.2, seconds=small)
    if plan.heart is not None:
        yield from _heart(plan.heart, 1e9 * per_cell, found["peak"] / consumers, small)
    if plan.huge is not None:
        found = alone("market", plan.huge)
        slower = found["run"] / found["cells"] / per_cell
        yield Row(f"{plan.huge[0]:,} consumers, cost per consumer-week", slower, f"times that of {consumers:,}", 1.5)
        yield Row(f"{plan.huge[0]:,} consumers, peak memory", found["total"] / 1e9, "GB", 4.0)
    started = median(_help() for _ in range(plan.starts))
    yield Row("whosecar --help, a new process", started, "s", 0.5, seconds=started)
    if plan.laboratory:
        yield from import_module("experiments.benchmark.laboratory").rows()


def _heart(size: tuple[int, int], per_cell: float, memory: float, small: float) -> Iterator[Row]:
    """The targets for everything on: stories, trust, owners, contracts and books."""
    consumers, found = size[0], alone("heart", size)
    yield Row("with everything on: a consumer-week", per_cell, CELL, 50.0)
    if memory:
        yield Row("  memory", memory, "bytes per consumer", 500.0)
    yield Row("  a week with a live story", found["told"] / found["quiet"], "quiet weeks", 5.0)
    yield Row(f"  fork of {consumers:,} consumers", found["fork"], "s", 0.3, seconds=found["fork"])
    yield Row("  a small market, built and run", small, "s in process", 1.0)


def report(quick: bool = False, full: bool = False) -> None:
    """Measure and print what was measured beside its target."""
    from rich.table import Table

    from experiments import console

    plan = PLANS["quick" if quick else "full" if full else "usual"]
    kernel = alone("kernel", (1 << 20, 5))["seconds"]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("Work", "Measured", "Target", "", "Unit", "In kernels"):
        table.add_column(heading, justify="right" if heading in ("Measured", "Target", "In kernels") else "left")
    with console.progress(None, "en", what="progress_rows") as advance:
        for row in rows(plan):
            table.add_row(*_cells(row, kernel))
            advance()
    out = console.console()
    out.print(table)
    out.print(
        f"A kernel is {1e9 * kernel:.1f} ns here: one element of a fixed numpy computation, so that machines compare.",
        style="dim",
    )
    if quick:
        out.print("Quick: fewer consumers than the targets are meant for.", style="dim")


def _cells(row: Row, kernel: float) -> Sequence[str]:
    sign = "" if row.target is None else ">= " if row.at_least else "<= "
    target = "" if row.target is None else f"{sign}{row.target:.3g}"
    verdict = {None: "", True: "met", False: "missed"}[row.met]
    relative = "" if row.seconds is None else _short(row.seconds / kernel)
    return row.work, _short(row.measured), target, verdict, row.unit, relative


def _short(value: float) -> str:
    """A number in three digits or so.

    >>> _short(0.23456), _short(4_321.0), _short(6_832_892.0)
    ('0.235', '4,321', '6.8 M')
    """
    return f"{value:.3g}" if value < 1e3 else f"{value:,.0f}" if value < 1e6 else f"{value / 1e6:,.1f} M"


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    _on_one_core()
    sys.stdout.write(json.dumps(MEASURES[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))))
