"""Archives into the warehouse: files or folders of WARC files or texts, then everything that is stale because of them.

Give `paths` (as the machine of the tasks sees them); `source` names the archive where file names do not. Days for which
the archive lacks nothing may be declared with `complete_from` and `complete_to`. The same file twice is imported once.
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
        "source": Param(None, type=["null", "string"], description="The archive's name."),
        "complete_from": Param(None, **_DAY, description="First day for which it lacks nothing."),
        "complete_to": Param(None, **_DAY, description="Last such day."),
    },
)
def news_backfill() -> None:
    @task(pool=WRITER_POOL)
    @raise_airflow_errors
    def import_archives() -> list[str]:
        """Copies the files into the warehouse and registers them as batches."""
        from etl.pipeline import steps

        given = get_current_context()["params"]
        complete = (given["complete_from"], given["complete_to"])
        return steps.import_archives(settings(), given["paths"], given["source"], complete, as_of())

    bring_up_to_date(import_archives(), visits=False)


news_backfill()
