"""Imports archives (WARC files or texts, as files or folders) into the warehouse, then updates what depends on them.

Set `paths` to paths that are valid on the machine where the tasks run. `source` names the archive (default: the file's
name). If the archive is complete for some period, give the first and last day of that period as `complete_from` and
`complete_to`. A file is only imported once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from dateline_tasks import WRITER_POOL, as_of, bring_up_to_date, default_args, raise_airflow_errors, settings

_DAY: dict[str, Any] = {"type": ["null", "string"], "pattern": r"^\d{4}(-\d\d){0,2}$"}


@dag(
    schedule=None,
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    default_args=default_args(),
    tags=["dateline"],
    doc_md=__doc__,
    params={
        "paths": Param(type="array", minItems=1, items={"type": "string"}, description="Files or folders."),
        "source": Param(None, type=["null", "string"], description="The archive's name (default: the file's name)."),
        "complete_from": Param(None, **_DAY, description="First day for which the archive is complete."),
        "complete_to": Param(None, **_DAY, description="Last day for which the archive is complete."),
    },
)
def news_backfill() -> None:
    @task(pool=WRITER_POOL)
    @raise_airflow_errors
    def import_archives() -> list[str]:
        """Copy the files into the warehouse and register them as batches."""
        from etl.pipeline import steps

        params = get_current_context()["params"]
        complete = (params["complete_from"], params["complete_to"])
        return steps.import_archives(settings(), params["paths"], params["source"], complete, as_of())

    bring_up_to_date(import_archives(), visits=False)


news_backfill()
