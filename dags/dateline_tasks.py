"""What the DAGs share: each step of `etl.pipeline.steps` as a task, errors in Airflow's own terms, pools, retries.

Nothing heavy is imported at the top: DAG files are parsed often, and Airflow forks the processes of tasks, which the
libraries of the tables do not survive once they are loaded.
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

FETCH_POOL = "dateline_fetch"  # how many groups of sources are visited at a time
WRITER_POOL = "dateline_writer"  # one place: one writer a warehouse
PUBLISHED = Asset("dateline_published")  # dateline.duckdb is as it should be

P = ParamSpec("P")
R = TypeVar("R")


def settings() -> Settings:
    """The settings of DATELINE_CONFIG, read anew by every task."""
    return find_settings()


def default_args() -> dict[str, Any]:
    """Of all tasks: three tries with back-off, an hour at most. A replayed web does not keep one waiting."""
    return {
        "owner": "dateline",
        "retries": 2,
        "retry_delay": timedelta(minutes=5) if settings().replay is None else timedelta(seconds=1),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(hours=1),
        "execution_timeout": timedelta(hours=1),
    }


def raise_airflow_errors(function: Callable[P, R]) -> Callable[P, R]:
    """What may pass is tried again, what cannot is not; each said in one line."""

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
    """The moment a run takes for now: the end of its interval; for a run by hand, when it was asked for."""
    run = get_current_context()["dag_run"]
    moment = run.data_interval_end if str(run.run_type) == "scheduled" else run.run_after
    return datetime.fromtimestamp((moment or run.run_after).timestamp(), UTC)


def clock() -> datetime:
    """The time of a request to a live site."""
    return datetime.now(UTC)


def own_folder() -> Path:
    """The run's own folder, for what passes between its tasks."""
    from etl.pipeline.steps import run_folder

    run = get_current_context()["dag_run"]
    return run_folder(settings(), f"{run.dag_id}-{run.run_id}")


def bring_up_to_date(first: Any, visits: bool) -> None:
    """Add everything that follows the task `first`, which registers WARC files: the stages, publishing, a last check.

    Which stage follows which is read from the pipeline's list.
    """
    groups = {stage.name: stage_group(stage.name, stage.doc) for stage in PIPELINE}
    for stage in PIPELINE:
        ([groups[name] for name in stage.after] or first) >> groups[stage.name]
    followed = {name for stage in PIPELINE for name in stage.after}
    [group for name, group in groups.items() if name not in followed] >> publish() >> check(visits)


def stage_group(name: str, doc: str) -> Any:
    """A stage as a group of tasks: what is stale, the work in mapped tasks, one commit."""

    @task_group(group_id=name, tooltip=doc)
    def stage() -> None:
        @task(doc_md=f"{doc} This task lists what is stale, in groups.")
        @raise_airflow_errors
        def plan() -> list[str]:
            from etl.pipeline import steps

            return steps.plan_stage(settings(), name, own_folder())

        @task(doc_md=f"{doc} This task computes a group and leaves its rows on disk.", map_index_template="{{ group }}")
        @raise_airflow_errors
        def work(path: str) -> str:
            from etl.pipeline import steps

            get_current_context()["group"] = Path(path).stem  # type: ignore[typeddict-unknown-key]
            return steps.work_group(settings(), name, path)

        # Also after a group that crashed: the others' rows are good.
        @task(
            pool=WRITER_POOL,
            trigger_rule=TriggerRule.ALL_DONE,
            doc_md=f"{doc} This task writes the rows of all groups in one go.",
        )
        @raise_airflow_errors
        def commit() -> dict[str, int]:
            from dataclasses import asdict

            from etl.pipeline import steps

            return asdict(steps.commit_stage(settings(), name, own_folder()))

        work.expand(path=plan()) >> commit()

    return stage()


@task(pool=WRITER_POOL, trigger_rule=TriggerRule.ALL_DONE, outlets=[PUBLISHED])
@raise_airflow_errors
def publish() -> list[str]:
    """Publishes what is current as a new edition of `dateline.duckdb`; lists what is held back, and why.

    Runs whatever happened before: a stage that failed must not keep back what the others did.
    """
    from etl.pipeline import steps

    lines = steps.publish(settings(), as_of(), own_folder())
    for line in lines:
        print(line)  # noqa: T201 - a task's log
    return lines[:100]


@task(trigger_rule=TriggerRule.ALL_DONE)
@raise_airflow_errors
def check(visits: bool) -> None:
    """Fails where units failed, a source was not visited, or something is not up to date: so that a night that is not
    whole is not green."""
    from etl.pipeline import steps

    steps.check(settings(), as_of(), visits)
