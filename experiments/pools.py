"""Pools: who does the work - this process, processes on this machine, or the workers of a cluster."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

R = TypeVar("R")
Setup = Callable[[], None]

TASKS_PER_WORKER = 2
"""Under way at once: one being done, one waiting."""
LEAST_ON_CLUSTER = 64
"""Tasks under way on a cluster, however few workers it has now: one that adapts grows with what waits."""
SECONDS_A_COUNT = 1.0
"""For so long it counts how many workers a cluster was found to have."""
RECYCLE_AFTER = 200
"""Tasks of a worker after which processes are replaced, so that nothing piles up in them."""
THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Pool:
    """A thing that builds an executor, and again where that breaks or is worn out."""

    build: Callable[[Setup | None], Executor]
    """its argument is run in each worker as it starts"""
    stop: Callable[[Executor], None]
    """ends an executor at once, with what it is doing"""
    workers: Callable[[], int]
    """how many there are now; those of a cluster come and go"""
    each: int = TASKS_PER_WORKER
    """tasks under way for each of them"""
    least: int = 1
    """tasks under way at least"""
    recycle_after: int | None = None
    """tasks after which the next executor takes over"""
    deaths: tuple[type[BaseException], ...] = (BrokenExecutor,)
    """what a task comes back with if workers keep dying of it"""

    def room(self) -> int:
        """Tasks that may be under way now."""
        return max(self.least, self.each * self.workers())


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# ------------------------------------------------------------------------------------------------------- this machine


def here() -> Pool:
    """One worker: this process itself, which does a task as soon as it is handed out."""

    def build(setup: Setup | None) -> Executor:
        if setup is not None:
            setup()
        return _AtOnce()

    return Pool(build, lambda executor: executor.shutdown(), lambda: 1, each=1)


class _AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        """Do it now; what it raises is in the future, but for what stops everything."""
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def local(workers: int) -> Pool:
    """Processes on this machine, started afresh (spawn), with one thread each, and replaced after many tasks.

    They end with the process that started them, however that ends. New processes take over while the old ones finish:
    `max_tasks_per_child` of Python can leave tasks without a process (cpython#115634).
    """

    def build(setup: Setup | None) -> Executor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        class Processes(ProcessPoolExecutor):
            """Starts its processes with one thread each, and deaf to Ctrl-C, which is for the driver."""

            def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
                """Hand out a task; this may start a process."""
                with one_thread_each(), _deaf_to_interrupts():
                    return super().submit(fn, *args, **kwargs)

        return Processes(workers, get_context("spawn"), partial(_begin, setup))

    return Pool(build, _stop_processes, lambda: workers, recycle_after=RECYCLE_AFTER * workers)


def _begin(setup: Setup | None) -> None:
    """What a process of `local` does first: nobody works on without a driver."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if setup is not None:
        setup()


def _end_with_parent() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stop_processes(executor: Executor) -> None:
    """End the processes of a pool without waiting for what they do."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with suppress(OSError, ValueError):
            process.terminate()
    for process in processes:
        with suppress(OSError, ValueError, AssertionError):
            process.join(5.0)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes started within use one thread each; this process goes on as it was."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started within do not hear Ctrl-C; this one hears it afterwards."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --------------------------------------------------------------------------------------------------------- a cluster


def dask(address: str) -> Pool:
    """The workers of a Dask cluster, by the address of its scheduler (`tcp://host:8786`).

    They need the same packages and, where tasks write files, the same file system. Raises ImportError without
    `distributed` (the extra `cluster`), OSError if no scheduler answers.
    """
    from distributed import Client, KilledWorker

    client = Client(address, timeout=20, set_as_default=False)
    plugins: list[str] = []
    counted = -math.inf, 0

    def workers() -> int:
        nonlocal counted
        now = time.monotonic()
        if now - counted[0] >= SECONDS_A_COUNT:
            with suppress(OSError):  # the tasks will tell, if nobody answers any more
                counted = now, sum(client.nthreads().values())
        return counted[1]

    def build(setup: Setup | None) -> Executor:
        if setup is not None:
            plugins.append(f"whosecar-{uuid4().hex}")
            client.register_plugin(_plugin(setup), name=plugins[-1])
        executor: Executor = client.get_executor(pure=False)
        return executor

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=False)
        with suppress(OSError):
            for plugin in plugins:
                client.unregister_worker_plugin(plugin)
        client.close()

    return Pool(build, stop, workers, least=LEAST_ON_CLUSTER, deaths=(BrokenExecutor, KilledWorker))


def _plugin(setup: Setup) -> Any:
    """What a cluster runs in each worker, those that join later too."""
    from distributed import WorkerPlugin

    class Beginning(WorkerPlugin):
        """Runs the setup as a worker starts."""

        def setup(self, worker: Any) -> None:
            """Called by the cluster."""
            setup()

    return Beginning()
