"""Batches: what a worker does of a sweep - some runs, one after the other, written into a part file of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.sweep import bunches as bunching
from experiments.sweep import parts

if TYPE_CHECKING:
    from experiments.designs import Design
    from experiments.past import Past
    from market import Case

SECONDS_BETWEEN_WRITES = 0.5
"""A part is written again after so long, so that short runs do not spend their time on it."""
LONGEST_ERROR = 500
"""Characters kept of what went wrong."""


@dataclass(frozen=True)
class Job:
    """What all batches of a sweep share; sent to each worker once."""

    key: str
    """what batches call it by"""
    design: Design
    folder: Path
    """where the sweep is written; the same path for every worker"""
    factors: dict[str, str]
    """how each factor is written; see `parts.kinds_of`"""
    organisations: tuple[str, ...]
    """whose outcomes every row has"""
    about: dict[str, str]
    """kept in every part file"""
    code: str
    """version of the code of the driver; see `code_version`"""

    @cached_property
    def origin(self) -> str:
        """What the ids of all its runs have in common."""
        return origin_of(self.design, self.code)

    @cached_property
    def bunches(self) -> dict[int, tuple[int, ...]]:
        """The points that have their first weeks in common with each point."""
        return bunching.bunches(self.design)

    def in_order(self, numbers: Iterable[int]) -> list[int]:
        """Runs by number, in an order in which those that have their first weeks in common follow each other."""

        def place_of(number: int) -> tuple[int, int, int]:
            point, seed = place(self.design, number)
            return self.bunches.get(point, (point,))[0], seed, point

        return sorted(numbers, key=place_of) if self.bunches else sorted(numbers)


class Batch(NamedTuple):
    """Some runs of a job, by number, and the name of the part file that they make."""

    job: str
    name: str
    runs: tuple[int, ...]


class Done(NamedTuple):
    """What became of a batch."""

    finished: int
    failed: int


_jobs: dict[str, Job] = {}
_kept = threading.local()
"""the `bunch` that this worker is at, as job and points, and its `past`"""


def begin(job: Job) -> None:
    """Get to know a job: called in each worker as it starts."""
    _jobs[job.key] = job
    _case_at.cache_clear()
    forget()


def forget() -> None:
    """Let go of the market that this worker keeps for the next run."""
    past, _kept.past, _kept.bunch = getattr(_kept, "past", None), None, None
    if past is not None:
        past.forget()


def do(batch: Batch) -> Done:
    """Do the runs of a batch and write them, the part file growing as they are done; a run that fails is a row.

    What a worker has done that died of the same batch stays, and is not done again. Raises OSError if the folder cannot
    be written, RuntimeError for a worker whose code is another.
    """
    job = _jobs[batch.job]
    if job.code != code_version():
        raise RuntimeError("this worker runs another version of whosecar than the driver; install the same on both")
    before, left = done_of(job, batch)
    file = parts.free(job.folder, batch.name).name
    rows: list[dict[str, Any]] = []
    weeks: list[dict[str, Any]] = []
    written = time.monotonic()
    for number in left:
        row, series = run(job, number)
        rows.append(row)
        weeks += [] if series is None else [series]
        if len(rows) == len(left) or time.monotonic() - written > SECONDS_BETWEEN_WRITES:
            if weeks:
                parts.write_series(job.folder / parts.SERIES / file, weeks)
            parts.write_runs(job.folder / parts.RUNS / file, rows, job.factors, job.about)
            written = time.monotonic()
    failed = sum(row["status"] != parts.DONE for row in rows)
    return Done(before.finished + len(rows) - failed, before.failed + failed)


def done_of(job: Job, batch: Batch) -> tuple[Done, list[int]]:
    """What of a batch has been written, and the numbers of the runs that are left."""
    status: dict[str, str] = {}
    for file in parts.of_batch(job.folder, batch.name):
        status |= parts.statuses_of(file) or {}
    failed = sum(said != parts.DONE for said in status.values())
    left = [number for number in batch.runs if not status or first_cells(job, number)["run_id"] not in status]
    return Done(len(status) - failed, failed), left


def run(job: Job, number: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The row of one run and, where they are kept, its weeks."""
    from experiments import trial

    design = job.design
    point, seed = place(design, number)
    started = time.perf_counter()
    row = first_cells(job, number)
    try:
        found = trial.perform(
            _case_at(job.key, point), seed, series=design.series, seconds=design.seconds,
            organisations=job.organisations, past=_past_of(job, point),
        )  # fmt: skip
    except (Exception, SystemExit) as error:
        late = isinstance(error, trial.TimedOut)
        status = parts.TIMED_OUT if late else parts.FAILED
        row |= {"status": status, "error": told(error), "seconds": time.perf_counter() - started}
        return row, None
    row |= {"status": parts.DONE, "error": None, "seconds": time.perf_counter() - started, **found.outcomes}
    if found.weeks is None:
        return row, None
    return row, {"run_id": row["run_id"], "point": point, "seed": seed, "weeks": found.weeks}


def first_cells(job: Job, number: int) -> dict[str, Any]:
    """What is known of a run before it is done: which it is, and its factors."""
    from experiments.designs import shown

    point, seed = place(job.design, number)
    changes = job.design.changes(point)
    row = {"run_id": next(_ids(job.design, [point], [seed], job.origin)), "point": point, "seed": seed}
    return row | {name: shown(changes[name]) for name in job.factors if name in changes}


def place(design: Design, number: int) -> tuple[int, int]:
    """Point and seed of a run by its number: point by point, the seeds in order."""
    point, replicate = divmod(number, design.replicates)
    return point, design.first_seed + replicate


@lru_cache(maxsize=2 * bunching.LARGEST)
def _case_at(job: str, point: int) -> Case:
    """The case of a point, kept for its next seed."""
    return _jobs[job].design.case_at(point)


def _past_of(job: Job, point: int) -> Past | None:
    """What a run has in common with those before and after it, kept for the next; None: nothing."""
    if (bunch := job.bunches.get(point)) is None:
        return None
    if getattr(_kept, "bunch", None) != (job.key, bunch):
        forget()
        _kept.past = bunching.past_of(bunch, partial(_case_at, job.key))
        _kept.bunch = job.key, bunch
    past: Past | None = _kept.past
    return past


def told(error: BaseException) -> str:
    """What went wrong, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:LONGEST_ERROR] if text else type(error).__name__


# ---------------------------------------------------------------------------------------------------------- identity


def run_id(design: Design, point: int, seed: int, code: str) -> str:
    """16 hexadecimal digits of the base case, what the point changes, the seed and the code.

    Points that change the same have the same runs.
    """
    return next(run_ids(design, [point], [seed], code))


def run_ids(
    design: Design, points: Iterable[int], seeds: Iterable[int], code: str, fingerprint: str = ""
) -> Iterator[str]:
    """The same for all seeds of some points, point by point.

    `fingerprint` is that of the base case when the runs were made, where it may have changed with the code.
    """
    return _ids(design, points, seeds, f"{fingerprint} {code}" if fingerprint else origin_of(design, code))


def origin_of(design: Design, code: str) -> str:
    """What the runs of a design have in common: base case and code."""
    return f"{design.base.fingerprint} {code}"


def _ids(design: Design, points: Iterable[int], seeds: Iterable[int], origin: str) -> Iterator[str]:
    import json

    from market.casefile import tree

    begun, all_seeds = blake2b(f"{origin} ".encode(), digest_size=8), list(seeds)
    for point in points:
        changes = tree.canonical(tree.plain(design.changes(point)), [])
        of_point = begun.copy()
        of_point.update(json.dumps(changes, sort_keys=True, separators=(",", ":"), default=str).encode())
        for seed in all_seeds:
            one = of_point.copy()
            one.update(f" {seed}".encode())
            yield one.hexdigest()


@lru_cache(maxsize=1)
def code_version() -> str:
    """The package's version and a digest of the sources that make a run: the market, and what is read of it."""
    import market
    from experiments import outcomes

    root = Path(market.__file__).parent
    sources = sorted((file.relative_to(root).as_posix(), file) for file in root.rglob("*.py"))
    sources += [(file.name, file) for file in (Path(outcomes.__file__), Path(__file__))]
    digest = blake2b(digest_size=6)
    for name, file in sources:
        digest.update(f"{name} ".encode() + file.read_bytes())
    return f"{market.__version__}+{digest.hexdigest()}"
