"""Stage, the declaration of one step of the pipeline, and plan(), which lists what a stage still has to compute.

A Stage is a plain object. It names the tables it reads and writes, has one SQL query that lists its units with the
inputs of each, and has a function that computes units. Each finished unit leaves a row in `runs` with a stamp: the hash
of everything that its result depends on. A unit is stale if `runs` has no row for it with its current stamp, or if the
stage's tables do not hold as many rows of the unit as its run wrote. Nothing else is considered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import RUNS, Table

Rows = Mapping[str, pa.Table]  # table name -> rows


@dataclass(frozen=True)
class Unit:
    """The smallest piece of work: its rows are computed and replaced together. `keys` are its unit columns, as text."""

    id: str
    stamp: str
    keys: dict[str, str]


@dataclass(frozen=True)
class Job:
    """Units that one call computes together because they read the same data."""

    units: tuple[Unit, ...]


Compute = Callable[[Settings, Sequence[Unit]], Iterable[tuple[Unit, Rows]]]


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline.

    `units` is SQL over the current tables. Its columns are `unit`, `input` (all inputs of the unit, as text), `job`
    (units of one job are computed together) and the stage's unit columns. `inputs` returns the other tables that this
    SQL needs. `depends` returns, as text, the settings and resources that every unit depends on.
    `run` computes the rows of units: (settings, units) -> (unit, rows) pairs.
    """

    name: str
    version: int
    reads: tuple[Table, ...]
    writes: tuple[Table, ...]
    keys: tuple[str, ...]
    units: str
    run: Compute
    depends: Callable[[Settings], str] = field(default=lambda _: "")
    inputs: Callable[[Settings], dict[str, pa.Table]] = field(default=lambda _: {})


@dataclass(frozen=True)
class StagedUnit:
    """A unit that was computed; its rows are in Arrow files (table name -> path) until they are committed."""

    unit: Unit
    files: dict[str, str]
    seconds: float
    started_at: datetime


@dataclass(frozen=True)
class FailedUnit:
    """A unit that could not be computed."""

    unit: Unit
    error: str
    started_at: datetime


Outcome = StagedUnit | FailedUnit
Runner = Callable[[Callable[[Job], list[Outcome]], Sequence[Job]], Iterator[list[Outcome]]]


@dataclass(frozen=True)
class Progress:
    """How far bring_up_to_date() is: the number of finished units (failed ones included), all units, failed units."""

    stage: str
    done: int
    total: int
    failed: int


@dataclass(frozen=True)
class UnitState:
    """A unit with its current stamp, the job that computes it, and why it is stale (null: it is up to date)."""

    unit: Unit
    job: str
    stale: str | None


def unit_table(stage: Stage, settings: Settings, store: Store, stale_only: bool = False) -> pa.Table:
    """Return all units of a stage, or the stale ones, ordered by id; each is compared with `runs` and the tables.

    Columns: unit, stamp, job, stale (why it is stale, null if it is not), and the stage's unit columns, all as text.
    """
    base = hashlib.sha256(f"{stage.name}|{stage.version}|{stage.depends(settings)}".encode()).hexdigest()
    keys = "".join(f", expected.{key}::VARCHAR AS {key}" for key in stage.keys)
    with reading(store, tuple(dict.fromkeys((RUNS, *stage.reads, *stage.writes)))) as connection:
        for name, table in stage.inputs(settings).items():
            connection.register(name, table)
        return connection.sql(
            f"""
            WITH expected AS (SELECT *, sha256('{base}|' || input)[:24] AS stamp FROM ({stage.units})),
            miscounted AS ({_miscounted_units(stage)})
            SELECT expected.unit, expected.stamp, expected.job,
                   CASE WHEN done.unit IS NULL THEN 'not up to date' ELSE miscounted.reason END AS stale {keys}
            FROM expected
            LEFT JOIN done ON done.stage = '{stage.name}' AND done.unit = expected.unit AND done.stamp = expected.stamp
            LEFT JOIN miscounted ON miscounted.unit = expected.unit
            {"WHERE stale IS NOT NULL" if stale_only else ""}
            ORDER BY expected.unit
            """
        ).to_arrow_table()


def unit_states(stage: Stage, settings: Settings, store: Store, stale_only: bool = False) -> list[UnitState]:
    """Return the rows of unit_table() as objects."""
    return [
        UnitState(Unit(row["unit"], row["stamp"], {key: row[key] for key in stage.keys}), row["job"], row["stale"])
        for row in unit_table(stage, settings, store, stale_only).to_pylist()
    ]


def has_stale_units(stages: Iterable[Stage], settings: Settings, store: Store) -> bool:
    """Whether any unit of these stages is stale."""
    return any(len(unit_table(stage, settings, store, stale_only=True)) for stage in stages)


def row_counts(stage: str, writes: Sequence[Table], keys: Sequence[str]) -> str:
    """Return SQL for the number of rows that a stage's tables hold of each unit: (table_name, unit, n).

    `keys` are the stage's unit columns.
    """
    unit = " || '/' || ".join(f"{key}::VARCHAR" for key in keys)
    return " UNION ALL ".join(
        f"SELECT '{table.name}' AS table_name, {unit} AS unit, count(*) AS n FROM {table.name} "
        + (f"WHERE stage = '{stage}' " if "stage" in table.unit else "")
        + "GROUP BY ALL"
        for table in writes
    )


def _miscounted_units(stage: Stage) -> str:
    """Return SQL that selects the units whose tables hold more or fewer rows than their run wrote: (unit, reason)."""
    counts = row_counts(stage.name, stage.writes, stage.keys)
    return f"""
        SELECT w.unit,
               any_value(concat(w.table_name, ' holds ', coalesce(c.n, 0), ' rows, not ', w.row_count)) AS reason
        FROM (SELECT unit, unnest(written, recursive := true) FROM done WHERE stage = '{stage.name}') w
        LEFT JOIN ({counts}) c USING (table_name, unit)
        WHERE w.row_count <> coalesce(c.n, 0)
        GROUP BY w.unit
    """


def plan(stage: Stage, settings: Settings, store: Store) -> list[Job]:
    """Return the jobs that bring a stage up to date: all its stale units, ordered by job and unit."""
    states = unit_states(stage, settings, store, stale_only=True)
    states.sort(key=lambda state: (state.job, state.unit.id))
    return [Job(tuple(state.unit for state in group)) for _, group in groupby(states, key=lambda state: state.job)]
