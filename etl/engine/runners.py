"""Who calls run(): this process, or a pool of processes. (Airflow's mapped task is the third.)"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime

from etl.engine.stage import Failed, Job, Outcome, Runner

Work = Callable[[Job], list[Outcome]]


def serial(work: Work, jobs: Sequence[Job]) -> Iterator[list[Outcome]]:
    """One job after another, in this process."""
    for job in jobs:
        yield work(job)


@contextmanager
def runner(workers: int) -> Iterator[Runner]:
    """The serial runner for one worker, else a pool that lives as long as the context."""
    if workers == 1:
        yield serial
        return
    pools = [_new_pool(workers)]  # a pool that broke is replaced

    def pooled(work: Work, jobs: Sequence[Job]) -> Iterator[list[Outcome]]:
        futures: dict[Future[list[Outcome]], Job] = {}
        suspects = []
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
                suspects.append(futures[future])
        if suspects:
            pools.append(_new_pool(workers))
            yield from (_alone(work, job) for job in suspects)

    try:
        yield pooled
    finally:
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)


def _alone(work: Work, job: Job) -> list[Outcome]:
    """A job in a process of its own: a job that kills its process fails alone."""
    with _new_pool(1) as pool:
        try:
            return pool.submit(work, job).result()
        except BrokenProcessPool:
            return [
                Failed(unit, "the worker process died (memory, or a crash in a parser)", datetime.now(UTC))
                for unit in job.units
            ]


def _new_pool(workers: int) -> ProcessPoolExecutor:
    # spawn: delta-rs panics in a forked child.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
