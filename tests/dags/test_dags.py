"""The DAGs as Airflow reads them from their files, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.pipeline.stages import PIPELINE

pytest.importorskip("airflow", reason="Airflow is not installed: pip install -c constraints.txt -e '.[airflow]'")

DAGS = Path(__file__).parents[2] / "dags"
POOLS = json.loads((DAGS / "pools.json").read_text(encoding="utf-8"))
_DESCRIBE_DAGS = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
heavy = [name for name in ("deltalake", "duckdb", "pyarrow", "trafilatura", "lxml", "aiohttp") if name in sys.modules]
dags = {
    dag.dag_id: {
        "schedule": type(dag.timetable).__name__, "catchup": dag.catchup, "active": dag.max_active_runs,
        "doc": dag.doc_md, "start": str(dag.start_date), "end": str(dag.end_date),
        "tasks": {
            task.task_id: {
                "doc": task.doc_md, "pool": task.pool, "retries": task.retries, "mapped": task.is_mapped,
                "timeout": task.execution_timeout.total_seconds(), "rule": str(task.trigger_rule.value),
                "upstream": sorted(task.upstream_task_ids), "outlets": len(task.outlets or []),
            }
            for task in dag.tasks
        },
    }
    for dag in bag.dags.values()
}
print("DAGS", json.dumps({"errors": bag.import_errors, "heavy": heavy, "dags": dags}))
"""


def read_dags(home: Path, config: Path | None = None) -> Any:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "DATELINE_"))}
    environment |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "PYTHONPATH": str(DAGS)}
    environment |= {"DATELINE_CONFIG": str(config)} if config else {}
    command = [sys.executable, "-c", _DESCRIBE_DAGS, str(DAGS)]
    process = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
    lines = [line for line in process.stdout.splitlines() if line.startswith("DAGS ")]
    assert lines, process.stderr
    return json.loads(lines[0].removeprefix("DAGS "))


@pytest.fixture(scope="module")
def dag_bag(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_dags(tmp_path_factory.mktemp("airflow"))


def test_the_files_define_the_dags_without_errors(dag_bag: Any) -> None:
    assert dag_bag["errors"] == {}
    assert set(dag_bag["dags"]) == {"news_nightly", "news_backfill", "news_maintenance", "dashboard_refresh"}


def test_reading_the_dag_files_loads_no_large_library(dag_bag: Any) -> None:
    """Airflow reads these files often, and forks the processes of tasks from processes that have read them."""
    assert dag_bag["heavy"] == []


def test_every_dag_and_task_has_a_description(dag_bag: Any) -> None:
    for dag in dag_bag["dags"].values():
        assert dag["doc"]
        assert all(task["doc"] for task in dag["tasks"].values())


def test_every_task_is_retried_twice_and_stopped_after_an_hour(dag_bag: Any) -> None:
    for dag in dag_bag["dags"].values():
        assert all(task["retries"] == 2 and task["timeout"] == 3600 for task in dag["tasks"].values())


def test_every_task_that_writes_uses_the_pool_with_one_slot(dag_bag: Any) -> None:
    pools = {task["pool"] for dag in dag_bag["dags"].values() for task in dag["tasks"].values()}
    assert pools == {"default_pool", *POOLS}
    assert POOLS["dateline_writer"]["slots"] == 1
    writers = {
        f"{name}.{task_id}"
        for name, dag in dag_bag["dags"].items()
        for task_id, task in dag["tasks"].items()
        if task["pool"] == "dateline_writer"
    }
    commits = {f"{stage.name}.commit" for stage in PIPELINE}
    assert writers == {f"news_nightly.{t}" for t in {"record", "publish"} | commits} | {
        f"news_backfill.{t}" for t in {"import_archives", "publish"} | commits
    } | {"news_maintenance.maintain"}


def test_the_task_after_mapped_tasks_runs_even_if_they_failed(dag_bag: Any) -> None:
    tasks = dag_bag["dags"]["news_nightly"]["tasks"]
    for task_id, task in tasks.items():
        if any(tasks[upstream]["mapped"] for upstream in task["upstream"]) and not task["mapped"]:
            assert task["rule"] == "all_done", task_id


def test_each_stage_follows_the_stages_whose_rows_it_reads(dag_bag: Any) -> None:
    tasks = dag_bag["dags"]["news_nightly"]["tasks"]
    for stage in PIPELINE:
        before = [f"{name}.commit" for name in stage.after] or ["record"]
        assert tasks[f"{stage.name}.plan"]["upstream"] == before
    last = {"stories.commit", "match.commit"}
    assert set(tasks["publish"]["upstream"]) == last and tasks["check"]["upstream"] == ["publish"]


def test_dashboard_refresh_runs_after_publishing(dag_bag: Any) -> None:
    assert dag_bag["dags"]["news_nightly"]["tasks"]["publish"]["outlets"] == 1
    assert dag_bag["dags"]["dashboard_refresh"]["schedule"] == "AssetTriggeredTimetable"


def test_missed_nights_of_live_sites_are_not_run_later(dag_bag: Any) -> None:
    nightly = dag_bag["dags"]["news_nightly"]
    assert (nightly["schedule"], nightly["catchup"], nightly["active"]) == ("CronDataIntervalTimetable", False, 1)


def test_a_replay_runs_all_its_nights(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "dateline.yaml").write_text(
        "replay: {server: 'http://127.0.0.1:1', first_night: 2025-09-01, last_night: 2025-09-21}\n"
    )
    nightly = read_dags(tmp_path, config)["dags"]["news_nightly"]
    assert (nightly["catchup"], nightly["start"][:10], nightly["end"][:10]) == (True, "2025-08-31", "2025-09-21")


def test_a_mistake_in_the_settings_is_shown_as_an_import_error_in_airflow(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "dateline.yaml").write_text("shedule: '0 1 * * *'\n")
    errors = read_dags(tmp_path, config)["errors"]
    assert all("dateline.yaml:1: field 'shedule'" in error for error in errors.values())
    assert errors
