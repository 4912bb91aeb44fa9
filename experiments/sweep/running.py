"""Sweeps: the runs of a design done on any pool of workers, into a folder from which they can be gone on with.

Workers write the part files themselves (`experiments.sweep.batch`, `experiments.sweep.parts`); the driver counts.
A run that is done is not done again; which are is read from the parts. A run that fails is a row that says why.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import uuid4

from experiments import folder, outcomes
from experiments.designs import Design
from experiments.notebook import SweepInNotebook
from experiments.sweep import batch as batches
from experiments.sweep import folder as sweep_folder
from experiments.sweep import parts
from experiments.sweep.batch import Batch, Job
from experiments.sweep.parties import parties
from experiments.workers import Pool, results
from market import CaseError

if TYPE_CHECKING:
    import pandas as pd

    from market import Case

MOST_PARTS = 2_000
LARGEST_BATCH = 500
"""Runs of a task: more than one only where there would be too many part files."""


class Tally(NamedTuple):
    """How far a sweep is: numbers of runs."""

    total: int
    finished: int
    failed: int
    """also of earlier times, unless they are tried again"""
    before: int
    """finished or failed when this time began"""


class Stopped(RuntimeError):  # noqa: N818 - it says what happened
    """A sweep could not go on; what was finished is kept, and starting it again goes on from there."""


@dataclass(frozen=True)
class Sweep(SweepInNotebook):
    """The folder of a sweep, whole or not."""

    folder: Path
    design: Design
    code: str
    """version of the code that made it"""
    fingerprint: str = ""
    """of the base case when it was made; empty: as now"""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """what was put right when it was gone on with: part files that could not be read"""

    @classmethod
    def open(cls, place: str | os.PathLike[str]) -> Self:
        """The sweep of a folder. Raises CaseError if there is none."""
        where = Path(place)
        return cls(where, sweep_folder.design_of(where), *sweep_folder.origin_of(where))

    @property
    def case(self) -> Case:
        """The base case."""
        return self.design.base

    @cached_property
    def run_ids(self) -> list[str]:
        """The run of each point and seed, point by point; points that change the same have the same runs."""
        points = range(self.design.number_of_points)
        return list(batches.run_ids(self.design, points, self.design.seeds, self.code, self.fingerprint))

    def runs(self) -> pd.DataFrame:
        """A row for each run that was done or has failed, in the order of the design, whoever did it when.

        Columns: point, run_id, seed, status (done, failed or timed out), error (empty if done), seconds, one per
        factor, one per outcome (NaN if failed). Raises CaseError for a part file that cannot be read.
        """
        import numpy as np
        import pandas as pd

        found = self._read(parts.RUNS)
        done_first = np.argsort((found["status"] != parts.DONE).to_numpy(bool), kind="stable")
        found = found.iloc[done_first].drop_duplicates("run_id").set_index("run_id")
        seeds, points = self.design.seeds, self.design.points()
        every = pd.DataFrame({"point": np.repeat(np.arange(len(points)), len(seeds)), "run_id": self.run_ids})
        every["seed"] = np.tile(np.array(seeds), len(points))
        every = every[every["run_id"].isin(found.index)].reset_index(drop=True)
        known = ["status", "error", "seconds"]
        varied = points.iloc[every["point"]].reset_index(drop=True)
        measured = [name for name in self.outcome_names(found.columns) if name not in varied]
        of_run = found.reindex(columns=known + measured).loc[every["run_id"]].reset_index(drop=True)
        of_run["error"] = of_run["error"].astype(object).where(of_run["error"].notna(), "")
        return pd.concat([every, of_run[known], varied, of_run[measured]], axis=1)

    def outcome_names(self, columns: Iterable[str]) -> list[str]:
        """Names of outcomes among columns: those of the base case in their order, then others by name."""
        first = outcomes.names(self.case)
        other = {*columns} - {*first, *parts.FIRST_COLUMNS, *self.design.names}
        return [*first, *sorted(other)]

    def series(self) -> pd.DataFrame:
        """A row for each week of each run, in the order of the design: point, run_id, seed, week and weekly outcomes.

        Empty if the design keeps none.
        """
        import numpy as np
        import pandas as pd

        found = self._read(parts.SERIES)
        if found.empty:
            return pd.DataFrame(columns=["point", "run_id", "seed", "week"])
        found = found.drop_duplicates(["run_id", "week"]).drop(columns=["point", "seed"])
        runs = self.runs()
        runs = runs.loc[runs["status"] == parts.DONE, ["point", "run_id", "seed"]].assign(
            _order=lambda t: np.arange(len(t))
        )
        whole = runs.merge(found, on="run_id", how="inner").sort_values(["_order", "week"], kind="stable")
        return whole.drop(columns="_order").reset_index(drop=True)

    def tally(self) -> Tally:
        """How many of its runs are done and have failed."""
        status, every = self._statuses(), set(self.run_ids)
        failed = sum(status[one] != parts.DONE for one in every & set(status))
        finished = len(every & set(status)) - failed
        return Tally(len(every), finished, failed, finished + failed)

    def failures(self, most: int) -> list[tuple[str, str]]:
        """Some of the runs that have failed, the first in the order of the design: `run_id` and why."""
        status = self._statuses()
        wanted = [one for one in dict.fromkeys(self.run_ids) if status.get(one, parts.DONE) != parts.DONE][:most]
        why: dict[str, object] = {}
        for file, known in parts.statuses(self.folder):
            if known and set(wanted) & set(known):
                rows = parts.read([file])
                why |= dict(zip(rows["run_id"], rows["error"], strict=True))
        return [(one, str(why[one])) for one in wanted]

    def find(self, run_id: str) -> tuple[int, int]:
        """Point and seed of a run, by its id or a beginning of it that no other has.

        Raises CaseError if there is none, or several.
        """
        numbers = [n for n, one in enumerate(self.run_ids) if one.startswith(run_id)] if run_id else []
        if len({self.run_ids[n] for n in numbers}) != 1:
            raise sweep_folder.no_such_run(run_id, len(numbers))
        return batches.place(self.design, numbers[0])

    def _read(self, kind: str) -> pd.DataFrame:
        import pyarrow as pa

        files = parts.files(self.folder, kind)
        try:
            return parts.read(files)
        except (OSError, pa.ArrowException) as error:
            bad = [file for file in files if not parts.readable(file)]
            raise sweep_folder.unreadable(self.folder, bad, error) from error

    def _statuses(self) -> dict[str, str]:
        """The status of each run that a part file knows; done is done."""
        found: dict[str, str] = {}
        for _, status in parts.statuses(self.folder):
            for one, said in (status or {}).items():
                if found.get(one) != parts.DONE:
                    found[one] = said
        return found


# ----------------------------------------------------------------------------------------------------------- running


def sweep(
    design: Design, out: str | os.PathLike[str], pool: Pool, on_done: Callable[[Tally], None] = lambda tally: None, *,
    retry: bool = False, command: Sequence[str] = (),
) -> Sweep:  # fmt: skip
    """Do the runs of a design that are not done yet; `on_done` is told how far it is, first and after each batch.

    `retry` does those again that failed. `command` is what the user typed. Raises CaseError, before anything is
    written, if the folder holds something else, is in use, or cannot be written; Stopped if it cannot go on.
    """
    place, code = Path(out), batches.code_version()
    sweep_folder.check(place, design, code)
    with ExitStack() as held:
        try:
            held.enter_context(_there(place))
            held.enter_context(folder.locked(place / sweep_folder.LOCK, place))
            sweep_folder.check(place, design, code)
            manifest = sweep_folder.begin(place, design, code, command)
            parts.sweep_up(place)
            whole = Sweep(place, design, code, notes=tuple(sweep_folder.set_aside(place, design.series)))
        except OSError as error:
            raise CaseError([folder.unwritable(place, error)]) from error
        try:
            tally = _run(whole, pool, on_done, retry)
            sweep_folder.finish(place, manifest, tally, datetime.now(UTC))
        except (OSError, BrokenExecutor) as error:
            raise _stopped(error, place) from error
        finally:
            parts.sweep_up(place)
    return whole


@contextmanager
def _there(place: Path) -> Iterator[None]:
    """The folder exists; one that stays empty is not left behind."""
    made = [parent for parent in (place, *place.parents) if not parent.exists()]
    place.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for parent in made:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _run(whole: Sweep, pool: Pool, on_done: Callable[[Tally], None], retry: bool) -> Tally:
    """Do what is missing, and again one by one what died with its worker."""
    ids, status = whole.run_ids, whole._statuses()
    known = {one: said == parts.DONE for one, said in status.items() if said == parts.DONE or not retry}
    first = {one: number for number, one in reversed(list(enumerate(ids)))}
    missing = [number for one, number in first.items() if one not in known]
    finished = sum(done for one, done in known.items() if one in first)
    before = sum(one in first for one in known)
    tally = Tally(len(first), finished, before - finished, before)
    del status, known, first
    on_done(tally)
    if not missing:
        return tally
    job = _job(whole)
    missing = job.in_order(missing)
    size = min(max(math.ceil(len(missing) / MOST_PARTS), 1), LARGEST_BATCH)
    while missing:
        died: list[int] = []
        tasks = _batches(job, missing, size)
        for one, outcome in results(batches.do, tasks, pool, setup=partial(batches.begin, job)):
            if isinstance(outcome, pool.deaths):
                again, done = _after_death(job, one, outcome)
                died += again
            elif isinstance(outcome, BaseException):
                raise _stopped(outcome, whole.folder) from outcome
            else:
                done = outcome
            tally = tally._replace(finished=tally.finished + done.finished, failed=tally.failed + done.failed)
            on_done(tally)
        missing, size = job.in_order(died), 1
    batches.forget()  # where runs are done in this process
    return tally


def _job(whole: Sweep) -> Job:
    design, manifest = whole.design, sweep_folder.about(whole.design, whole.code)
    return Job(
        uuid4().hex, design, whole.folder.resolve(), parts.kinds_of(design.points()), parties(design),
        manifest, whole.code,
    )  # fmt: skip


def _batches(job: Job, numbers: Sequence[int], size: int) -> Iterator[Batch]:
    """Runs by number in batches, each with a name that no part file has."""
    for start in range(0, len(numbers), size):
        some = tuple(numbers[start : start + size])
        yield Batch(job.key, f"{some[0]:08d}-{uuid4().hex[:8]}", some)


def _after_death(job: Job, one: Batch, error: BaseException) -> tuple[list[int], batches.Done]:
    """A worker died of a batch: which runs to try alone and what is done; a run that was alone has failed."""
    done, left = batches.done_of(job, one)
    if len(one.runs) > 1 or not left:
        return left, done
    why = "the worker died; it may have run out of memory: take fewer consumers or workers"
    row = batches.first_cells(job, left[0]) | {"status": parts.FAILED, "error": why, "seconds": None}
    parts.write_runs(parts.free(job.folder, one.name), [row], job.factors, job.about)
    return [], batches.Done(0, 1)


def _stopped(error: BaseException, place: Path) -> Exception:
    """What to say of an error that is no run's fault."""
    kept = "what was finished is kept; start the sweep again to go on"
    if isinstance(error, OSError):
        reason = (error.strerror or str(error)).lower()
        return Stopped(f"{place}: cannot be written: {reason}; {kept}")
    if isinstance(error, BrokenExecutor):
        return Stopped(f"{error}; {kept}")
    return Stopped(f"{batches.told(error)}; {kept}")
