"""Runs each time a new file is published: writes the marts to `exports/latest/*.parquet`, for dashboards."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag, task
from dateline_tasks import PUBLISHED, default_args, raise_airflow_errors, settings


@dag(
    schedule=[PUBLISHED],
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    default_args=default_args(),
    tags=["dateline"],
    doc_md=__doc__,
)
def dashboard_refresh() -> None:
    @task
    @raise_airflow_errors
    def export() -> str:
        """Write each mart of the current edition as Parquet, then point the link `latest` at the new folder."""
        from etl.pipeline import steps

        return steps.export(settings())

    export()


dashboard_refresh()
