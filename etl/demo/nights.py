"""The demo's work in Airflow: an archive of the first days, then night after night from a web that is played."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
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
_ARCHIVE = "archive"  # the run that imports the days before

Report = Callable[[Progress], None]


def run_nights(
    settings: Settings, home: Path, port: int | None, report: Report, then: Callable[[Airflow, int], None]
) -> None:
    """Brings the sample world into the warehouse with Airflow (database and logs in `home`), what is missing of it.

    `then` is called with Airflow still running, and how many runs were made now. Raises Fatal where a run fails.
    """
    _forget_lost_warehouse(settings, home)
    nights = (LAST_DAY - FIRST_NIGHT).days + 1
    sites = load_world()
    archive = settings.config.parent / "archive"
    write_archive(sites, archive, FIRST_NIGHT - timedelta(days=1))
    with serving(sample_world(sites)) as server:
        write_settings(settings.config, server)
        with airflow(home, settings.config, port) as running:
            for dag in ("dashboard_refresh", "news_backfill"):
                running.ready(dag)
            before = len(running.runs("news_backfill")) + len(running.runs("news_nightly"))
            running.trigger("news_backfill", _ARCHIVE, _declared(archive))
            _wait(running, "news_backfill", 1, report)
            running.ready("news_nightly")
            _wait(running, "news_nightly", nights, report)
            then(running, nights + 1 - before)


def _forget_lost_warehouse(settings: Settings, home: Path) -> None:
    """Airflow's database knows which nights were run; without the warehouse they must be run again."""
    note = home / "dateline.json"
    if settings.warehouse.exists() or not note.exists():
        return
    if json.loads(note.read_text(encoding="utf-8"))["config"] == str(settings.config):
        shutil.rmtree(home)


def write_settings(config: Path, server: str) -> None:
    replay = {"server": server, "first_night": FIRST_NIGHT, "last_night": LAST_DAY}
    text = yaml.safe_dump({"warehouse": "warehouse", "replay": replay}, sort_keys=False)
    (config / "dateline.yaml").write_text(text, encoding="utf-8")


def _declared(archive: Path) -> dict[str, object]:
    days: tuple[date, date] = (FIRST_DAY, FIRST_NIGHT - timedelta(days=1))
    return {"paths": [str(archive.absolute())], "complete_from": f"{days[0]}", "complete_to": f"{days[1]}"}


def _wait(running: Airflow, dag: str, count: int, report: Report) -> None:
    """Waits for runs of a DAG and reports each as a stage of its own."""
    shown: set[str] = set()

    def tell(runs: Sequence[DagRun]) -> None:
        for run in runs:
            name = "archive" if run.id == _ARCHIVE else f"night {run.day[5:]}"
            if run.total:
                shown.add(run.id)
                report(Progress(name, run.done, run.total, len(run.failed)))
            elif run.id in shown:
                report(Progress(name, 1, 1, 0))

    for run in running.wait(dag, count, tell):
        if run.state == "failed":
            logs = running.home / "logs" / f"dag_id={dag}" / f"run_id={run.id}"
            raise Fatal(f"{dag} {run.day}: {', '.join(run.failed) or 'a task'} failed; see {logs}")
