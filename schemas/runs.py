"""The table `runs`: which units of work were computed, from what, and where their rows were written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from schemas.record import Table
from schemas.values import RUN_STATES, RunState


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of a unit were written to one table, and the table's version after that."""

    table_name: str
    row_count: int
    table_version: int


@dataclass(frozen=True, slots=True)
class Run:
    """One row each time that a stage of the pipeline begins, completes or fails to compute a unit (rows that are
    replaced together). Of the rows of a unit, the one with the highest `seq` is the latest.
    """

    seq: Annotated[int, "Order of the rows; it rises with every write to the table."]
    stage: Annotated[str, "Stage: fetch, extract, annotate, stories or match."]
    unit: Annotated[
        str, "Unit: a batch (fetch, extract, annotate), a day (stories), or a batch and a topic as batch/topic (match)."
    ]
    state: Annotated[RunState, "State of the unit.", RUN_STATES]
    stamp: Annotated[
        str, "Hash of everything that the result depends on. A unit whose current hash differs is out of date."
    ]
    commit_id: Annotated[str, "Id shared by all units that were written together; empty for the stage fetch."]
    written: Annotated[list[Written], "For each table that was written: the number of rows, and the table's version."]
    files: Annotated[list[str], "Files that were written, as name:sha256, so that later damage to them can be found."]
    rejects: Annotated[int, "Number of rows that were written to `rejects`."]
    seconds: Annotated[float, "Time that computing the unit took, in seconds."]
    started_at: Annotated[datetime, "Moment when computing began (UTC)."]
    finished_at: Annotated[datetime, "Moment when the rows were in the tables (UTC)."]
    error: Annotated[str | None, "What went wrong if the unit failed; else null."]


RUNS = Table(
    "runs",
    Run,
    unit=("stage", "unit"),
    key=("stage", "unit", "seq"),
    text=("error",),
    partitioned=False,
    exported=False,
)
