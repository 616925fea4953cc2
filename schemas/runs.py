"""`runs`: what was computed, from what, and where it was written."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of one table, with the table's version after the write."""

    table_name: str
    row_count: int
    table_version: int


@dataclass(frozen=True, slots=True)
class Run:
    """One row each time a unit of a stage was finished or failed; the latest (highest seq) is the one that counts."""

    seq: Annotated[int, "Order of the rows: rises with every commit."]
    stage: Annotated[str, "The stage."]
    unit: Annotated[str, "The unit: a batch, a day, or batch/topic."]
    state: Annotated[str, "begun (rows are being written), done or failed."]
    stamp: Annotated[str, "Hash of all that the result depends on; a unit is stale when this is not the current one."]
    commit_id: Annotated[str, "Names the group of units that were written together."]
    written: Annotated[list[Written], "Rows written a table, and the version of the table."]
    files: Annotated[list[str], "name:sha256 of the files written, to find later damage."]
    rejects: Annotated[int, "Rows that went to `rejects`."]
    seconds: Annotated[float, "Time of computing the unit."]
    started_at: Annotated[datetime, "When computing began (UTC)."]
    finished_at: Annotated[datetime, "When the rows were in the tables (UTC)."]
    error: Annotated[str | None, "For a failed unit: what went wrong."]


RUNS = Table("runs", Run, unit=("stage", "unit"), key=("stage", "unit", "seq"), text=("error",), partitioned=False)
