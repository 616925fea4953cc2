"""Runs every week: keeps the warehouse small, and deletes old runs from Airflow's database, and old logs.

`retention` in dateline.yaml says how long what is kept. Airflow does not let tasks use its database; the task
`clean_airflow` needs its address in the environment variable DATELINE_AIRFLOW_DATABASE. `dateline airflow` and
docker-compose.yml set it. Where Airflow serves others too, leave it out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from dateline_tasks import WRITER_POOL, as_of, default_args, raise_airflow_errors, settings

_DATABASE = "DATELINE_AIRFLOW_DATABASE"


@dag(
    schedule=CronTriggerTimetable("0 12 * * 0", timezone="UTC"),
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=default_args(),
    tags=["dateline"],
    doc_md=__doc__,
)
def news_maintenance() -> None:
    @task(pool=WRITER_POOL)
    @raise_airflow_errors
    def maintain() -> list[str]:
        """Merge small files of the tables, and delete what no edition, snapshot or reader needs any more."""
        from etl.pipeline import steps

        return steps.maintain(settings(), as_of())

    @task
    @raise_airflow_errors
    def clean_airflow() -> None:
        """Delete old runs from Airflow's database, and old logs."""
        limit = timedelta(days=settings().retention.airflow_days)
        n_logs = _delete_old_files(Path(conf.get("logging", "base_log_folder")), time.time() - limit.total_seconds())
        print(f"{n_logs:,} old log files deleted")  # noqa: T201 - a task's log
        database = os.environ.get(_DATABASE)
        if not database:
            raise AirflowSkipException(f"{_DATABASE} is not set: Airflow's database was not cleaned")
        before = (datetime.now(UTC) - limit).isoformat(timespec="seconds")
        command = ["airflow", "db", "clean", "--clean-before-timestamp", before, "--yes", "--skip-archive"]
        environment = os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database}
        result = subprocess.run(
            [sys.executable, "-m", *command, "--error-on-cleanup-failure"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        print(result.stdout)  # noqa: T201
        if result.returncode:
            raise AirflowException(f"airflow db clean failed: {(result.stderr.strip().splitlines() or ['?'])[-1]}")

    maintain() >> clean_airflow()


def _delete_old_files(folder: Path, limit: float) -> int:
    """Delete files that were last changed before `limit` (seconds), then empty folders; return the number of files."""
    deleted = 0
    for parent, _, names in os.walk(folder, topdown=False):
        for path in (Path(parent) / name for name in names):
            if path.lstat().st_mtime < limit:
                path.unlink()
                deleted += 1
        if Path(parent) != folder and Path(parent).stat().st_mtime < limit and not any(Path(parent).iterdir()):
            Path(parent).rmdir()
    return deleted


news_maintenance()
