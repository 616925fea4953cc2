"""Nights in a real Airflow, whose scheduler, dag-processor and api-server run as processes on this machine."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("airflow", reason="Airflow is not installed: pip install -c constraints.txt -e '.[airflow]'")

from etl.demo.site import sample_world
from etl.demo.world import load_world
from etl.errors import InputError
from etl.pipeline.api import Warehouse
from etl.pipeline.local_airflow import Airflow, DagRun, airflow
from evaluation.airflow_nights import Disturbance, run_nights_directly, run_nights_in_airflow, sample_settings
from evaluation.table_hashes import table_hashes
from schemas.marts import MARTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NIGHTS = (date(2025, 9, 3), date(2025, 9, 4))


def test_nights_with_a_killed_task_and_a_stopped_scheduler_give_the_same_tables(tmp_path: Path) -> None:
    settings, calm = sample_settings(tmp_path / "airflow"), sample_settings(tmp_path / "direct")
    run_nights_directly(calm, NIGHTS)
    disturbance, pages = Disturbance(stop_before=1, stopped_nights=0, kill_in=2), []

    def watch(running: Airflow, runs: Sequence[DagRun]) -> None:
        disturbance(running, runs)
        if not pages:
            pages.append(running.request("GET", "/dags"))
            with (
                pytest.raises(InputError, match="Airflow is already running here"),
                airflow(running.home, settings.config),
            ):
                pass

    runs = run_nights_in_airflow(settings, sample_world(load_world()), NIGHTS, watch)
    assert [run.state for run in runs] == ["success", "success"]
    assert disturbance.seconds_stopped
    assert disturbance.killed
    assert table_hashes(settings) == table_hashes(calm)
    assert pages[0]["total_entries"] == 4
    exports = settings.warehouse / "exports" / "latest"
    assert {path.stem for path in exports.glob("*.parquet")} == set(MARTS)


def test_maintenance_cleans_the_warehouse_airflows_database_and_its_logs(tmp_path: Path) -> None:
    settings = sample_settings(tmp_path / "project")
    run_nights_directly(settings, NIGHTS)
    before, home = table_hashes(settings), tmp_path / "airflow"
    log = home / "logs" / "dag_id=news_nightly" / "old.log"
    log.parent.mkdir(parents=True)
    log.write_text("a night of last year")
    os.utime(log, (0, 0))
    with airflow(home, settings.config) as running:
        running.ready("news_maintenance")
        running.trigger("news_maintenance", "now", {})
        runs = running.wait("news_maintenance", 1, lambda _: None)
        tasks = running.request("GET", "/dags/news_maintenance/dagRuns/now/taskInstances")["task_instances"]
    assert {run.state for run in runs} == {task["state"] for task in tasks} == {"success"}
    assert not log.exists()
    assert Warehouse(settings).verify() == []
    assert table_hashes(settings) == before


def test_a_port_that_is_in_use_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = f"port {port}: Address already in use; choose another with --port"
        with pytest.raises(InputError, match=message), airflow(tmp_path, tmp_path / "config", port):
            pass


def test_a_folder_can_be_used_for_one_configuration_only(tmp_path: Path) -> None:
    (tmp_path / "dateline.json").write_text('{"config": "/srv/other/config"}')
    message = re.escape(f"{tmp_path}: belongs to the configuration /srv/other/config")
    with pytest.raises(InputError, match=message), airflow(tmp_path, tmp_path / "config"):
        pass
