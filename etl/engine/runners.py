"""Two ways to execute a stage's jobs: in this process, or in a pool of processes.

Airflow has a third: mapped tasks, which call etl/pipeline/steps.py.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime

from etl.engine.stage import FailedUnit, Job, Outcome, Runner

Work = Callable[[Job], list[Outcome]]


def serial(work: Work, jobs: Sequence[Job]) -> Iterator[list[Outcome]]:
    """Execute one job after another in this process."""
    for job in jobs:
        yield work(job)


@contextmanager
def runner(workers: int) -> Iterator[Runner]:
    """Yield the serial runner if `workers` is 1, else a runner with a process pool that is closed with the context."""
    if workers == 1:
        yield serial
        return
    pools = [_new_pool(workers)]  # the last one is in use; a pool that broke is replaced

    def pooled(work: Work, jobs: Sequence[Job]) -> Iterator[list[Outcome]]:
        futures: dict[Future[list[Outcome]], Job] = {}
        interrupted = []  # jobs of a pool that broke: one of them may have killed its process
        for job in jobs:
            try:
                futures[pools[-1].submit(work, job)] = job
            except BrokenProcessPool:  # a worker died between jobs
                pools.append(_new_pool(workers))
                futures[pools[-1].submit(work, job)] = job
        for future in as_completed(futures):
            try:
                yield future.result()
            except BrokenProcessPool:
                interrupted.append(futures[future])
        if interrupted:
            pools.append(_new_pool(workers))
            yield from (_run_in_new_process(work, job) for job in interrupted)

    try:
        yield pooled
    finally:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)


def _run_in_new_process(work: Work, job: Job) -> list[Outcome]:
    """Execute a job in its own process, so that no other job fails if this one kills the process."""
    with _new_pool(1) as pool:
        try:
            return pool.submit(work, job).result()
        except BrokenProcessPool:
            message = "the worker process died (out of memory, or a crash in a parser)"
            return [FailedUnit(unit, message, datetime.now(UTC)) for unit in job.units]


def _new_pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # not fork: delta-rs panics in a forked process
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_ignore_interrupts)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
