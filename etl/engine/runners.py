"""Two ways to execute a stage's jobs: in this process, or in a pool of processes.

Airflow has a third: mapped tasks, which call etl/pipeline/steps.py.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime

from etl.engine.stage import FailedUnit, Job, Outcome, Runner

Work = Callable[[Job], list[Outcome]]

# So many jobs are handed to a pool at once: if a process dies, each of them is executed in a process of its own.
_JOBS_PER_WORKER = 4


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
        waiting, running = deque(jobs), dict[Future[list[Outcome]], Job]()
        while waiting or running:
            while waiting and len(running) < _JOBS_PER_WORKER * workers:
                try:
                    future = pools[-1].submit(work, waiting[0])
                    running[future] = waiting.popleft()
                except BrokenProcessPool:  # a worker died between jobs
                    pools.append(_new_pool(workers))
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            interrupted = []  # jobs of a pool that broke: one of them may have killed its process
            for future in finished:
                job = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    interrupted.append(job)
                else:
                    yield future.result()
            if interrupted:
                pools.append(_new_pool(workers))
                for future, job in running.items():
                    broke = isinstance(future.exception(), BrokenProcessPool)
                    yield _run_in_new_process(work, job) if broke else future.result()
                running.clear()
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
