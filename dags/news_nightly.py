"""The nightly run: sources -> WARC files -> tables -> one published file.

`as_of` is the end of the run's interval. Every task may be cleared and run again: what was fetched stays fetched, what
is up to date is not computed again. docs/operating.md says what to do when a night fails.
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
Visits the sources of a group: robots.txt, feeds, new pages, into one WARC file a source. A source that cannot be read
is tried again with the task; on the last try the night goes on without it.
"""


def _nights() -> dict[str, Any]:
    """Live sites show today only, so nights that were missed are not made up for. A replay has all its nights."""
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
        """Reads the whole configuration and lists the sources that have feeds, in groups."""
        from etl.pipeline import steps

        return steps.source_groups(settings(), as_of(), clock)

    # The text is no docstring: Airflow does not show a mapped task's.
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
        """Puts the WARC files of visits into the tables `batches` and `fetches`, also after a group that failed."""
        from etl.pipeline import steps

        return steps.record(settings(), as_of())

    recorded = record()
    fetch.expand(names=list_sources()) >> recorded
    bring_up_to_date(recorded, visits=True)


news_nightly()
