"""Nights of the pipeline: in real Airflow, undisturbed or with processes killed, and directly in one process."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import psutil

from etl.configuration.settings import Replay, Settings
from etl.demo.show import demo_settings
from etl.demo.site import World, sample_world, serving
from etl.demo.world import load_world
from etl.pipeline import steps
from etl.pipeline.local_airflow import Airflow, DagRun, airflow
from etl.pipeline.stages import all_stages

_SECONDS_A_NIGHT = 20.0  # about how long a night takes in Airflow


def sample_settings(folder: Path) -> Settings:
    """Settings for the sample world in a new folder, with one worker."""
    return demo_settings(folder, workers=1)


class Disturbance:
    """Kills the scheduler once, and the process of a task in each of some nights.

    `stop_before`: the scheduler is killed once so many nights have ended, and started again after as much time as
    `stopped_nights` take. `kill_in`: in how many nights a task is killed.
    """

    def __init__(self, stop_before: int, stopped_nights: int, kill_in: int) -> None:
        self.stop_before, self.stopped_nights, self.kill_in = stop_before, stopped_nights, kill_in
        self.killed: list[str] = []
        self.seconds_stopped = 0.0
        self._random = random.Random(7)
        self._due: dict[str, float] = {}

    def __call__(self, running: Airflow, runs: Sequence[DagRun]) -> None:
        """Do what is due now. To be called every second."""
        current = [run for run in runs if run.state == "running"]
        if not self.seconds_stopped and sum(run.ended for run in runs) == self.stop_before:
            self._stop_scheduler(running)
        elif (
            current
            and len(self.killed) < self.kill_in
            and not any(current[0].day in description for description in self.killed)
        ):
            self._kill_task(running, current[0])

    def _stop_scheduler(self, running: Airflow) -> None:
        running.stop("scheduler", signal.SIGKILL)
        began = time.monotonic()
        time.sleep(_SECONDS_A_NIGHT * self.stopped_nights)
        running.start("scheduler")
        self.seconds_stopped = time.monotonic() - began

    def _kill_task(self, running: Airflow, run: DagRun) -> None:
        """Kill a process of a task, once the night has run for a random while."""
        due = self._due.setdefault(run.id, time.monotonic() + self._random.uniform(1, 14))
        deadline = time.monotonic() + 3
        while time.monotonic() > due and time.monotonic() < deadline:
            for process in task_processes(running):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
                self.killed.append(f"{run.day} after {run.done} tasks")
                return
            time.sleep(0.02)


def task_processes(running: Airflow) -> list[psutil.Process]:
    """The processes in which tasks run: children of the executor's workers."""
    workers = psutil.Process(running.processes["scheduler"].pid).children()
    return [child for worker in workers for child in worker.children()]


def run_nights_in_airflow(
    settings: Settings,
    world: World,
    nights: tuple[date, date],
    watch: Callable[[Airflow, Sequence[DagRun]], None] = lambda *_: None,
) -> list[DagRun]:
    """Run the nights from the first to the last in Airflow and return the runs as they ended. `watch` is called every
    second."""
    home = settings.config.parent / ".airflow"
    with serving(world) as server:
        replay = f"{{server: '{server}', first_night: {nights[0]}, last_night: {nights[1]}}}"
        (settings.config / "dateline.yaml").write_text(f"warehouse: warehouse\nreplay: {replay}\n")
        with airflow(home, settings.config) as running:
            running.ready("dashboard_refresh")
            running.ready("news_nightly")
            count = (nights[1] - nights[0]).days + 1
            return running.wait("news_nightly", count, lambda runs: watch(running, runs))


def run_nights_directly(settings: Settings, nights: tuple[date, date]) -> list[float]:
    """Call the same steps one after another in this process, on the sample world; return the seconds of each night."""
    seconds = []
    with serving(sample_world(load_world())) as server:
        replay = Replay(server=server, first_night=nights[0], last_night=nights[1])
        settings = settings.model_copy(update={"replay": replay})
        for number in range((nights[1] - nights[0]).days + 1):
            as_of = datetime.combine(nights[0] + timedelta(days=number), clock_time(23), UTC)
            began = time.perf_counter()
            for names in steps.source_groups(settings, as_of, _now):
                steps.fetch_group(settings, names, as_of, _now, last_try=True)
            steps.record(settings, as_of)
            run_stages_directly(settings, as_of)
            seconds.append(time.perf_counter() - began)
    return seconds


def run_stages_directly(settings: Settings, as_of: datetime) -> None:
    """Call the steps of all stages and publish, in this process."""
    folder = steps.run_folder(settings, "direct")
    for stage in all_stages():
        for path in steps.plan_stage(settings, stage.name, folder):
            steps.work_group(settings, stage.name, path)
        steps.commit_stage(settings, stage.name, folder)
    steps.publish(settings, as_of, folder)


def _now() -> datetime:
    return datetime.now(UTC)
