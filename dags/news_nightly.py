"""The nightly run: sources -> WARC files -> tables -> one published file.

`as_of`, the time that the run takes as now, is the end of Airflow's data interval. Every task can be cleared and run
again: sources that were read are not visited again, and what is up to date is not computed again. docs/operating.md
says what to do when a night fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, TriggerRule, dag, get_current_context, task
from dateline_tasks import (
    FETCH_POOL,
    WRITER_POOL,
    as_of,
    bring_up_to_date,
    clock,
    default_args,
    raise_airflow_errors,
    settings,
)

_FETCH = """
Visit the sources of a group: read robots.txt, feeds and new pages into one WARC file for each source. A source that
cannot be read is tried again with the task; after the last try the night goes on without it.
"""


def _nights() -> dict[str, Any]:
    """Return the DAG's first and last night.

    Live sites show only the current day, so missed nights are not run later. A replay runs all its nights.
    """
    replay = settings().replay
    if replay is None:
        return {"start_date": datetime(2025, 1, 1, tzinfo=UTC), "catchup": False}
    first, last = (datetime.combine(day, time(), UTC) for day in (replay.first_night, replay.last_night))
    return {"start_date": first - timedelta(days=1), "end_date": last, "catchup": True}


@dag(
    schedule=CronDataIntervalTimetable(settings().schedule, timezone="UTC"),
    max_active_runs=1,
    default_args=default_args(),
    tags=["dateline"],
    doc_md=__doc__,
    **_nights(),
)
def news_nightly() -> None:
    @task
    @raise_airflow_errors
    def list_sources() -> list[list[str]]:
        """Read the whole configuration and list the sources that have listings, in groups."""
        from etl.pipeline import steps

        return steps.source_groups(settings(), as_of(), clock)

    # Not a docstring, because Airflow does not show the docstring of a mapped task.
    @task(pool=FETCH_POOL, map_index_template="{{ sources }}", doc_md=_FETCH)
    @raise_airflow_errors
    def fetch(names: list[str]) -> list[str]:
        from etl.pipeline import steps

        context = get_current_context()
        context["sources"] = ", ".join(names)  # type: ignore[typeddict-unknown-key]
        last_try = context["ti"].try_number > context["ti"].max_tries
        return steps.fetch_group(settings(), names, as_of(), clock, last_try)

    @task(pool=WRITER_POOL, trigger_rule=TriggerRule.ALL_DONE)
    @raise_airflow_errors
    def record() -> list[str]:
        """Register the WARC files of visits in the tables `batches` and `fetches`, even if a group failed."""
        from etl.pipeline import steps

        return steps.record(settings(), as_of())

    recorded = record()
    fetch.expand(names=list_sources()) >> recorded
    bring_up_to_date(recorded, visits=True)


news_nightly()
