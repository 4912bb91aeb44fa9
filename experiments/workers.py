"""Work done elsewhere: tasks handed to any `concurrent.futures` executor, a few at a time, whatever becomes of it.

The executor does the distribution. What is added here: no more than a few tasks per worker are under way, so that the
memory of the driver does not grow with their number; a pool whose worker died is built anew and its tasks are handed
out again; and what all tasks share is sent to a worker once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from experiments.pools import Pool, Setup, cores, dask, here, local, one_thread_each

__all__ = ["Pool", "cores", "dask", "here", "local", "one_thread_each", "results"]

T = TypeVar("T")
R = TypeVar("R")

MOST_BREAKS = 2
"""Times that a pool may break around a task before the task is tried alone, and then times that it may break alone."""
MOST_STARTS = 3
"""Times in a row that the workers of a new pool may die before they have done anything: then it is no task's fault."""


def results(
    work: Callable[[T], R], tasks: Iterable[T], pool: Pool, at_once: int | None = None, setup: Setup | None = None
) -> Generator[tuple[T, R | BaseException], None, None]:
    """Each task with what `work` made of it, or what it raised, in the order in which they are done.

    `work` is a function of a module, `setup` one without arguments (or a `functools.partial` of one) that is run in
    each worker as it starts. Never more than `at_once` tasks are under way (else as many as the pool says). A task
    around which the pool broke is done again, at last alone; if the pool breaks then too, the task comes back with
    that error. Leaving the iterator early stops the work. Raises BrokenExecutor if no worker can be had.
    """
    room = pool.room if at_once is None else (lambda: at_once)
    shift = _Shift(work, iter(tasks), pool, room, setup)
    try:
        yield from shift.results()
    finally:
        shift.stop()


class _Handed(NamedTuple, Generic[T]):
    """A task that is under way."""

    task: T
    breaks: int
    """times that a pool broke around it"""
    executor: Executor


class _Shift(Generic[T, R]):
    """The work of one call of `results`."""

    def __init__(
        self, work: Callable[[T], R], tasks: Iterator[T], pool: Pool, room: Callable[[], int], setup: Setup | None
    ) -> None:  # fmt: skip
        self.work, self.tasks, self.pool, self.room, self.setup = work, tasks, pool, room, setup
        self.again: list[tuple[T, int]] = []
        """tasks around which a pool broke, and how often"""
        self.under_way: dict[Future[R], _Handed[T]] = {}
        self.executor = pool.build(setup)
        self.retired: list[Executor] = []
        """executors that finish what they have"""
        self.handed_out = 0

    def results(self) -> Iterator[tuple[T, R | BaseException]]:
        """See `results`."""
        while True:
            self._hand_out()
            if not self.under_way:
                return
            done = wait(self.under_way, return_when=FIRST_COMPLETED).done
            broken = {self.under_way[future].executor for future in done if isinstance(_error(future), BrokenExecutor)}
            lost = [future for future, handed in self.under_way.items() if handed.executor in broken]
            for future in done | wait(lost).done:
                task, breaks, _ = self.under_way.pop(future)
                error = _error(future)
                if isinstance(error, BrokenExecutor) and breaks + 1 < 2 * MOST_BREAKS:
                    self.again.append((task, breaks + 1))
                    continue
                yield task, future.result() if error is None else error
            if self.executor in broken:
                self._replace()

    def stop(self) -> None:
        """End all work at once."""
        for executor in (self.executor, *self.retired):
            self.pool.stop(executor)

    def _hand_out(self) -> None:
        room = self.room()
        while len(self.under_way) < room:
            alone = bool(self.again) and self.again[0][1] >= MOST_BREAKS
            if self.under_way and (alone or any(handed.breaks >= MOST_BREAKS for handed in self.under_way.values())):
                return
            if self.again:
                task, breaks = self.again.pop(0)
            else:
                try:
                    task, breaks = next(self.tasks), 0
                except StopIteration:
                    return
            try:
                future = self.executor.submit(self.work, task)
            except BrokenExecutor:
                self.again.insert(0, (task, breaks))
                if self.under_way:
                    return
                self._replace()
                continue
            self.under_way[future] = _Handed(task, breaks, self.executor)
            self.handed_out += 1
            if self.pool.recycle_after is not None and self.handed_out >= self.pool.recycle_after:
                self.executor.shutdown(wait=False)
                busy = {handed.executor for handed in self.under_way.values()}
                self.retired = [executor for executor in (*self.retired, self.executor) if executor in busy]
                self.executor, self.handed_out = self.pool.build(self.setup), 0

    def _replace(self) -> None:
        """A new executor for one that broke, whose workers can work; raises BrokenExecutor if they cannot."""
        for _ in range(MOST_STARTS):
            self.pool.stop(self.executor)
            self.executor, self.handed_out = self.pool.build(self.setup), 0
            with suppress(BrokenExecutor):
                self.executor.submit(_nothing).result()
                return
        raise BrokenExecutor(
            "the workers die as soon as they start; see what they say above, and begin the work of a script under "
            "if __name__ == '__main__'"
        )


def _nothing() -> None:
    """What a worker does to show that it can."""


def _error(future: Future[Any]) -> BaseException | None:
    """What went wrong with a task. Raises BrokenExecutor if it was cancelled: then there is nobody left to do it."""
    try:
        return future.exception()
    except CancelledError as error:
        raise BrokenExecutor("the workers are gone: nobody can be asked any more") from error
