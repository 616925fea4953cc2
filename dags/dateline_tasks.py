"""What the DAGs share: steps of `etl.pipeline.steps` as tasks, translation of errors to Airflow's, pools and retries.

Large libraries are imported inside the tasks only. Airflow reads DAG files often, and it forks a process for each task:
the libraries for Delta tables fail in a forked process if they were loaded before the fork.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from airflow.sdk import Asset, TriggerRule, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from etl.configuration.settings import Settings, find_settings
from etl.errors import DatelineError, Retryable
from etl.pipeline.stages import PIPELINE

FETCH_POOL = "dateline_fetch"  # limits how many groups of sources are visited at the same time
WRITER_POOL = "dateline_writer"  # has one slot, because only one process at a time may write to a warehouse
PUBLISHED = Asset("dateline_published")  # updated when dateline.duckdb is up to date
_MAX_LINES_RETURNED = 100  # Airflow stores what a task returns in its database

P = ParamSpec("P")
R = TypeVar("R")


def settings() -> Settings:
    """Read the settings from the folder in DATELINE_CONFIG. Every task reads them again."""
    return find_settings()


def default_args() -> dict[str, Any]:
    """Return the arguments of all tasks: three tries with growing pauses, at most an hour each.

    In a replay the pauses are short, because no site has to recover.
    """
    return {
        "owner": "dateline",
        "retries": 2,
        "retry_delay": timedelta(minutes=5) if settings().replay is None else timedelta(seconds=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(hours=1),
        "execution_timeout": timedelta(hours=1),
    }


def raise_airflow_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Translate Dateline's errors to Airflow's: a task is tried again only after Retryable. Logs show one line."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Retryable as error:
            raise AirflowException(str(error)) from None
        except DatelineError as error:
            raise AirflowFailException(str(error)) from None

    return wrapped


def as_of() -> datetime:
    """Return the time that a run uses as the current time.

    It is the end of the interval of a scheduled run, and the time at which a manual run was triggered.
    """
    run = get_current_context()["dag_run"]
    time = run.data_interval_end if str(run.run_type) == "scheduled" else run.run_after
    return datetime.fromtimestamp((time or run.run_after).timestamp(), UTC)


def clock() -> datetime:
    """Return the time of a request to a live site."""
    return datetime.now(UTC)


def run_folder() -> Path:
    """Return the folder for the files that a run's tasks leave for each other."""
    from etl.pipeline import steps

    run = get_current_context()["dag_run"]
    return steps.run_folder(settings(), f"{run.dag_id}-{run.run_id}")


def bring_up_to_date(first: Any, visits: bool) -> None:
    """Add everything that follows the task `first`, which registers WARC files: the stages, publishing, a last check.

    The order of the stages is read from PIPELINE. `visits`: whether the run visits sources, so that check() expects it.
    """
    groups = {stage.name: stage_group(stage.name, stage.doc) for stage in PIPELINE}
    for stage in PIPELINE:
        ([groups[name] for name in stage.after] or first) >> groups[stage.name]
    followed = {name for stage in PIPELINE for name in stage.after}
    [group for name, group in groups.items() if name not in followed] >> publish() >> check(visits)


def stage_group(name: str, doc: str) -> Any:
    """Return a stage as a group of tasks: `plan`, then `work` mapped over groups of jobs, then one `commit`."""

    @task_group(group_id=name, tooltip=doc)
    def stage() -> None:
        @task(doc_md=f"{doc} This task lists the stale units, in groups.")
        @raise_airflow_errors
        def plan() -> list[str]:
            from etl.pipeline import steps

            return steps.plan_stage(settings(), name, run_folder())

        @task(
            doc_md=f"{doc} This task computes one group and writes its rows to files.", map_index_template="{{ group }}"
        )
        @raise_airflow_errors
        def work(path: str) -> str:
            from etl.pipeline import steps

            get_current_context()["group"] = Path(path).stem  # type: ignore[typeddict-unknown-key]
            return steps.work_group(settings(), name, path)

        # ALL_DONE: the rows of the other groups are committed even if one group crashed.
        @task(
            pool=WRITER_POOL,
            trigger_rule=TriggerRule.ALL_DONE,
            doc_md=f"{doc} This task writes the rows of all groups to the tables.",
        )
        @raise_airflow_errors
        def commit() -> dict[str, int]:
            from dataclasses import asdict

            from etl.pipeline import steps

            return asdict(steps.commit_stage(settings(), name, run_folder()))

        work.expand(path=plan()) >> commit()

    return stage()


@task(pool=WRITER_POOL, trigger_rule=TriggerRule.ALL_DONE, outlets=[PUBLISHED])
@raise_airflow_errors
def publish() -> list[str]:
    """Publish what is up to date as a new edition of `dateline.duckdb`; list what is held back, and why.

    This task runs even if a task before it failed, so that the results of the other stages are published.
    """
    from etl.pipeline import steps

    lines = steps.publish(settings(), as_of(), run_folder())
    for line in lines:
        print(line)  # noqa: T201 - a task's log
    return lines[:_MAX_LINES_RETURNED]


@task(trigger_rule=TriggerRule.ALL_DONE)
@raise_airflow_errors
def check(visits: bool) -> None:
    """Fail if units failed, a source was not visited, or something is not up to date.

    So a run whose result is incomplete is not shown as successful.
    """
    from etl.pipeline import steps

    steps.check(settings(), as_of(), visits)
