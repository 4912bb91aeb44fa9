"""A dry run: how many runs a design has, how long they will take and how much they will write, from three of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.console import console, print_table, table

if TYPE_CHECKING:
    import pandas as pd

    from experiments.designs import Design

TIMED, FIRST_ROWS, MOST_COLUMNS = 3, 5, 6
TEXTS = {
    "design": ("{kind} over {origin}, fingerprint {fingerprint}", "{kind}，案例 {origin}，指纹 {fingerprint}"),
    "size": (
        "{points:,} points x {replicates:,} seeds ({first}-{last}) = {runs:,} runs",
        "{points:,} 个设计点 x {replicates:,} 个种子（{first}-{last}）= {runs:,} 次运行",
    ),
    "repeated": (
        "{runs:,} of them differ; points that repeat others are run once",
        "其中 {runs:,} 次互不相同；重复的设计点只运行一次",
    ),
    "common": (
        "Runs that differ only in what is dated share the weeks before: {part:.0%} of all weeks are run",
        "仅在有日期的事项上不同的运行共用其前各周：实际运行全部周数的 {part:.0%}",
    ),
    "timed": ("{count} runs timed here: {seconds} s each", "在此试运行 {count} 次：每次 {seconds} 秒"),
    "time": ("About {time} with {workers} workers", "{workers} 个进程约需 {time}"),
    "disk": ("About {size} on disk", "约占磁盘 {size}"),
    "first": ("First points", "最初的设计点"),
    "more": ("and {count} more factors", "另有 {count} 个因子"),
    "point": ("Point", "设计点"),
    "factor": ("Factor", "因子"),
    "failed": ("Run of point {point} failed: {error}", "设计点 {point} 的运行失败：{error}"),
    "nothing": ("Nothing was written.", "未写入任何文件。"),
}


@dataclass(frozen=True)
class Estimate:
    """What a sweep will cost, as far as three runs tell."""

    points: int
    runs: int
    """without those of points that repeat others, which are done once"""
    seconds_each: tuple[float, ...]
    """wall time of each timed run on this machine, from its first week on"""
    part_run: float
    """of all weeks: runs that differ only in what is dated have the weeks before in common"""
    failures: tuple[tuple[int, str], ...]
    """timed runs that failed: point and error"""
    workers: int
    seconds: float
    """wall time of the sweep; all workers busy"""
    disk_bytes: float
    first: pd.DataFrame
    """the first design points"""


def estimate(design: Design, workers: int) -> Estimate:
    """Time three runs, spread over the design, in this process. Nothing is left on disk."""
    from experiments.workers import cores

    numbers = dict.fromkeys((0, (design.number_of_runs - 1) // 2, design.number_of_runs - 1))
    rows, weeks = _tried(design, numbers)
    points = design.points()
    runs = len(points.drop_duplicates()) * design.replicates
    each = tuple(float(row["seconds"]) for row in rows)
    busy = max(min(workers, cores(), runs), 1)
    part_run = _part_run(design, {number // design.replicates for number in numbers})
    return Estimate(
        points=design.number_of_points,
        runs=runs,
        seconds_each=each,
        failures=tuple((int(row["point"]), str(row["error"])) for row in rows if row["error"]),
        workers=busy,
        part_run=part_run,
        seconds=sum(each) / len(each) * runs * part_run / busy,
        disk_bytes=_disk(design, runs, rows, weeks),
        first=points.head(FIRST_ROWS),
    )


def _part_run(design: Design, points: Iterable[int]) -> float:
    """Part of the weeks that is run, as some points and those that they go together with tell."""
    from experiments.sweep import bunches

    together = bunches.bunches(design)
    known = {bunch: bunches.part_run(bunch, design.case_at) for point in points if (bunch := together.get(point, ()))}
    return sum(known.values()) / len(known) if known else 1.0


def _tried(design: Design, numbers: Iterable[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows and weeks of some runs, each from its first week on."""
    from experiments.sweep import batch, parts
    from experiments.sweep.parties import parties

    kinds = parts.kinds_of(design.points())
    job = batch.Job("dry run", design, Path(), kinds, parties(design), {}, batch.code_version())
    found = []
    for number in numbers:
        batch.begin(job)  # nothing is left of the run before
        found.append(batch.run(job, number))
    return [row for row, _ in found], [weeks for _, weeks in found if weeks is not None]


def _disk(design: Design, runs: int, rows: list[dict[str, Any]], weeks: list[dict[str, Any]]) -> float:
    """Bytes of all part files: what a file of one run takes, and what each further run adds."""
    from experiments.sweep import parts
    from experiments.sweep.running import MOST_PARTS

    kinds = parts.kinds_of(design.points())
    files = min(runs, MOST_PARTS)
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "part"

        def size(count: int, of: str) -> int:
            if of == parts.RUNS:
                parts.write_runs(file, (rows * count)[:count], kinds, {})
            else:
                parts.write_series(file, (weeks * count)[:count])
            return file.stat().st_size

        total = 0.0
        for of in (parts.RUNS, parts.SERIES) if weeks else (parts.RUNS,):
            one, several = size(1, of), size(TIMED, of)
            total += files * one + (runs - files) * (several - one) / (TIMED - 1)
    return total


def show(design: Design, workers: int, lang: str = "en") -> None:
    """Print the estimate and the first points."""
    found = estimate(design, workers)
    out = console()

    def say(name: str, **words: object) -> str:
        return TEXTS[name][lang == "zh"].format(**words)

    seeds = design.seeds
    out.print(say("design", kind=design.kind, origin=design.origin, fingerprint=design.fingerprint), soft_wrap=True)
    out.print(
        say(
            "size",
            points=found.points,
            replicates=len(seeds),
            first=seeds[0],
            last=seeds[-1],
            runs=design.number_of_runs,
        ),
        soft_wrap=True,
    )
    if found.runs < design.number_of_runs:
        out.print(say("repeated", runs=found.runs), soft_wrap=True)
    out.print(say("timed", count=len(found.seconds_each), seconds=", ".join(f"{s:.2f}" for s in found.seconds_each)))
    for point, error in found.failures:
        out.print(say("failed", point=point, error=error), soft_wrap=True)
    if found.part_run < 1.0:
        out.print(say("common", part=found.part_run), soft_wrap=True)
    out.print(say("time", time=_clock(found.seconds, lang), workers=found.workers))
    out.print(say("disk", size=_size(found.disk_bytes)))
    made = table(say("factor"), *(f"{say('point')} {point}" for point in found.first.index))
    for name in list(found.first)[:MOST_COLUMNS]:
        made.add_row(str(name), *(_cell(value) for value in found.first[name]))
    if len(found.first.columns):
        out.print()
        out.print(say("first"), style="bold")
        print_table(out, made)
    if (more := len(found.first.columns) - MOST_COLUMNS) > 0:
        out.print(say("more", count=more))
    out.print(say("nothing"))


def _cell(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _clock(seconds: float, lang: str) -> str:
    """A time as people say it.

    >>> _clock(5_400.0, "en")
    '1.5 hours'
    """
    for length, english, chinese in ((86_400, "days", "天"), (3_600, "hours", "小时"), (60, "minutes", "分钟")):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.1f} {chinese if lang == 'zh' else english}"
    return f"{seconds:.0f} {'秒' if lang == 'zh' else 'seconds'}"


def _size(size: float) -> str:
    """Bytes as people say them.

    >>> _size(2_500_000)
    '2.5 MB'
    """
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"
