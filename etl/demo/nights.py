"""Run the demo in Airflow: import an archive of the first days, then visit the replayed sites night by night."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import yaml

from etl.configuration.settings import Settings
from etl.demo.archive import write_archive
from etl.demo.site import sample_world, serving
from etl.demo.world import FIRST_DAY, LAST_DAY, load_world
from etl.engine.stage import Progress
from etl.errors import Fatal
from etl.pipeline.local_airflow import Airflow, DagRun, airflow

FIRST_NIGHT = LAST_DAY - timedelta(days=4)
_ARCHIVE = "archive"  # the id of the run that imports the days before the first night

Report = Callable[[Progress], None]


def run_nights(
    settings: Settings, home: Path, port: int | None, report: Report, on_complete: Callable[[Airflow, int], None]
) -> None:
    """Run in Airflow the nights of the sample world that the warehouse lacks.

    Airflow's database and logs are in `home`. `on_complete` is called while Airflow is still running, with the number
    of runs that were made now. Raises Fatal if a run fails.
    """
    _forget_lost_warehouse(settings, home)
    n_nights = (LAST_DAY - FIRST_NIGHT).days + 1
    sites = load_world()
    archive = settings.config.parent / "archive"
    write_archive(sites, archive, FIRST_NIGHT - timedelta(days=1))
    with serving(sample_world(sites)) as server:
        write_settings(settings.config, server)
        with airflow(home, settings.config, port) as running:
            for dag in ("dashboard_refresh", "news_backfill"):
                running.ready(dag)
            n_earlier = len(running.runs("news_backfill")) + len(running.runs("news_nightly"))
            running.trigger("news_backfill", _ARCHIVE, _backfill_parameters(archive))
            _wait(running, "news_backfill", 1, report)
            running.ready("news_nightly")
            _wait(running, "news_nightly", n_nights, report)
            on_complete(running, n_nights + 1 - n_earlier)


def _forget_lost_warehouse(settings: Settings, home: Path) -> None:
    """Delete Airflow's folder if the warehouse is gone, because its database says that the nights were already run."""
    note = home / "dateline.json"
    if settings.warehouse.exists() or not note.exists():
        return
    if json.loads(note.read_text(encoding="utf-8"))["config"] == str(settings.config):
        shutil.rmtree(home)


def write_settings(config: Path, server: str) -> None:
    """Write a dateline.yaml that replays the demo's nights from this server."""
    replay = {"server": server, "first_night": FIRST_NIGHT, "last_night": LAST_DAY}
    text = yaml.safe_dump({"warehouse": "warehouse", "replay": replay}, sort_keys=False)
    (config / "dateline.yaml").write_text(text, encoding="utf-8")


def _backfill_parameters(archive: Path) -> dict[str, object]:
    """The parameters of the run that imports the archive, which is declared complete for its days."""
    last_day = FIRST_NIGHT - timedelta(days=1)
    return {"paths": [str(archive.absolute())], "complete_from": f"{FIRST_DAY}", "complete_to": f"{last_day}"}


def _wait(running: Airflow, dag: str, count: int, report: Report) -> None:
    """Wait for runs of a DAG and report the progress of each under its own name."""
    reported: set[str] = set()

    def report_runs(runs: Sequence[DagRun]) -> None:
        for run in runs:
            name = "archive" if run.id == _ARCHIVE else f"night {run.day[5:]}"
            if run.total:
                reported.add(run.id)
                report(Progress(name, run.done, run.total, len(run.failed)))
            elif run.id in reported:
                report(Progress(name, 1, 1, 0))

    for run in running.wait(dag, count, report_runs):
        if run.state == "failed":
            logs = running.home / "logs" / f"dag_id={dag}" / f"run_id={run.id}"
            raise Fatal(f"{dag} {run.day}: {', '.join(run.failed) or 'a task'} failed; see {logs}")
