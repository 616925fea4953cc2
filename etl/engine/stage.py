"""Stage, plan() and bring_up_to_date(): what is stale, and the one way to make it current.

A stage is a value: what it reads and writes, which units it has and what each depends on (one SQL query), and a
function that computes units. Each finished unit leaves a row in `runs` with a stamp: the hash of all that its result
depends on. A unit whose stamp is missing or old is stale. Nothing else decides what is computed.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from etl.configuration.settings import Settings
from etl.errors import DatelineError
from etl.warehouse.delta import Committed, Handle, Store, Where
from etl.warehouse.duck import reading
from schemas import RUNS, TABLES, Run, Table, Written
from schemas.values import RunState

Rows = Mapping[str, pa.Table]  # table name -> rows
GROUP = 32  # jobs that are committed together


@dataclass(frozen=True)
class Unit:
    """What is computed and replaced as a whole. `keys` are its unit columns, as text."""

    id: str
    stamp: str
    keys: dict[str, str]


@dataclass(frozen=True)
class Job:
    """Units that one call computes together, because they read the same things."""

    units: tuple[Unit, ...]


Compute = Callable[[Settings, Sequence[Unit]], Iterable[tuple[Unit, Rows]]]


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline.

    `units`: SQL over the live tables giving columns `unit`, `input` (all the unit's inputs, as text), `job` (units of
    one job are computed together) and the stage's unit columns. `inputs` gives the tables that the SQL needs besides.
    `depends` names the settings and resources that every unit depends on.
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
class Staged:
    """A computed unit whose rows wait on disk as Arrow files."""

    unit: Unit
    files: dict[str, str]
    seconds: float
    started_at: datetime


@dataclass(frozen=True)
class Failed:
    """A unit that could not be computed."""

    unit: Unit
    error: str
    started_at: datetime


Outcome = Staged | Failed
Runner = Callable[[Callable[[Job], list[Outcome]], Sequence[Job]], Iterator[list[Outcome]]]


@dataclass(frozen=True)
class Progress:
    """What bring_up_to_date() reports after each job."""

    stage: str
    done: int
    total: int
    failed: int


@dataclass(frozen=True)
class Wanted:
    """A unit as it should be: the job it is computed in, and why it is stale (null: it is current)."""

    unit: Unit
    job: str
    stale: str | None


def wanted_units(stage: Stage, settings: Settings, store: Store) -> list[Wanted]:
    """All units of a stage in order of their ids, judged against `runs` and the tables."""
    base = hashlib.sha256(f"{stage.name}|{stage.version}|{stage.depends(settings)}".encode()).hexdigest()
    keys = "".join(f", wanted.{key}::VARCHAR" for key in stage.keys)
    with reading(store, tuple(dict.fromkeys((RUNS, *stage.reads, *stage.writes)))) as connection:
        for name, table in stage.inputs(settings).items():
            connection.register(name, table)
        found = connection.execute(
            f"""
            WITH wanted AS (SELECT *, sha256('{base}|' || input)[:24] AS stamp FROM ({stage.units})),
            wrong AS ({_wrong_counts(stage)})
            SELECT wanted.unit, wanted.stamp, wanted.job,
                   CASE WHEN done.unit IS NULL THEN 'not up to date' ELSE wrong.why END AS stale {keys}
            FROM wanted
            LEFT JOIN done ON done.stage = '{stage.name}' AND done.unit = wanted.unit AND done.stamp = wanted.stamp
            LEFT JOIN wrong ON wrong.unit = wanted.unit
            ORDER BY wanted.unit
            """
        ).fetchall()
    return [
        Wanted(Unit(unit, stamp, dict(zip(stage.keys, values, strict=True))), job, stale)
        for unit, stamp, job, stale, *values in found
    ]


def _wrong_counts(stage: Stage) -> str:
    """SQL of the units whose tables hold more or fewer rows than their run wrote: (unit, why)."""
    unit = " || '/' || ".join(f"{key}::VARCHAR" for key in stage.keys)
    counted = " UNION ALL ".join(
        f"SELECT '{table.name}' AS table_name, {unit} AS unit, count(*) AS n FROM {table.name} "
        + (f"WHERE stage = '{stage.name}' " if "stage" in table.unit else "")
        + "GROUP BY ALL"
        for table in stage.writes
    )
    return f"""
        SELECT w.unit, any_value(concat(w.table_name, ' holds ', coalesce(c.n, 0), ' rows, not ', w.row_count)) AS why
        FROM (SELECT unit, unnest(written, recursive := true) FROM done WHERE stage = '{stage.name}') w
        LEFT JOIN ({counted}) c USING (table_name, unit)
        WHERE w.row_count <> coalesce(c.n, 0)
        GROUP BY w.unit
    """


def plan(stage: Stage, settings: Settings, store: Store) -> list[Job]:
    """The jobs that would bring a stage up to date: its stale units, in order."""
    stale = sorted((w for w in wanted_units(stage, settings, store) if w.stale), key=lambda w: (w.job, w.unit.id))
    return [Job(tuple(w.unit for w in together)) for _, together in groupby(stale, key=lambda w: w.job)]


def run(compute: Compute, settings: Settings, job: Job, staging: Path) -> list[Outcome]:
    """Computes a job's units and leaves their rows in `staging`; a failure is an outcome, not an exception.

    What every runner calls, in whatever process.
    """
    outcomes: list[Outcome] = []
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        for unit, rows in compute(settings, job.units):
            files = {name: _stage_file(staging, TABLES[name], table) for name, table in rows.items() if len(table)}
            outcomes.append(Staged(unit, files, time.perf_counter() - clock, started))
            started, clock = datetime.now(UTC), time.perf_counter()
    except Exception as error:  # noqa: BLE001 - one unit's failure must not cost the others
        said = str(error).strip().splitlines() or [""]
        text = said[0] if isinstance(error, DatelineError) else f"{type(error).__name__}: {said[0]}"
        finished = {outcome.unit.id for outcome in outcomes}
        outcomes += [Failed(unit, text, started) for unit in job.units if unit.id not in finished]
    return outcomes


def bring_up_to_date(
    stage: Stage, settings: Settings, store: Store, runner: Runner, report: Callable[[Progress], None]
) -> Progress:
    """Computes and commits all stale units of a stage. The caller holds the writer's slot.

    Killed at any point and called again, it gives the tables of an undisturbed run: a unit's `runs` row is written
    last, and replacing a unit's rows twice is replacing them once.
    """
    jobs = plan(stage, settings, store)
    total, done, failed = sum(len(job.units) for job in jobs), 0, 0
    report(Progress(stage.name, done, total, failed))
    for start in range(0, len(jobs), GROUP):
        group = jobs[start : start + GROUP]
        commit_id = secrets.token_hex(8)
        staging = settings.layout.local_staging / commit_id
        staging.mkdir(parents=True)
        opened = {table.name: store.open(table) for table in stage.writes}
        outcomes: list[Outcome] = []
        for finished in runner(_Work(stage.run, settings, staging), group):
            outcomes += finished
            done += len(finished)
            failed += sum(isinstance(outcome, Failed) for outcome in finished)
            report(Progress(stage.name, done, total, failed))
        commit(stage, store, outcomes, commit_id, opened)
        shutil.rmtree(staging)
    return Progress(stage.name, done, total, failed)


@dataclass(frozen=True)
class _Work:
    """run() with all but the job filled in: a value, so that it reaches another process."""

    compute: Compute
    settings: Settings
    staging: Path

    def __call__(self, job: Job) -> list[Outcome]:
        return run(self.compute, self.settings, job, self.staging)


def commit(
    stage: Stage, store: Store, outcomes: Sequence[Outcome], commit_id: str, opened: Mapping[str, Handle]
) -> None:
    """Puts a group of units into the tables: one transaction a table, then their rows in `runs`."""
    staged = [outcome for outcome in outcomes if isinstance(outcome, Staged)]
    if staged:
        before = next_seq(store)
        begun = [_run_row(stage, "begun", outcome, {}, {}, commit_id, before) for outcome in staged]
        store.append(RUNS, RUNS.from_records(begun))
    rows: list[Run] = []
    seq = next_seq(store)
    for together in _products(stage, staged):
        committed: dict[str, Committed] = {}
        counts: dict[tuple[str, str], int] = {}
        for table in stage.writes:
            none = table.empty()
            parts = [_read_staged(s.files[table.name]) if table.name in s.files else none for s in together]
            counts |= {(s.unit.id, table.name): len(part) for s, part in zip(together, parts, strict=True)}
            where = _where(stage, table, [s.unit for s in together])
            committed[table.name] = store.replace(table, pa.concat_tables(parts), where, opened[table.name])
        rows += [_run_row(stage, "done", outcome, committed, counts, commit_id, seq) for outcome in together]
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    rows += [_run_row(stage, "failed", outcome, {}, {}, commit_id, seq) for outcome in failed]
    if rows:
        store.append(RUNS, RUNS.from_records(sorted(rows, key=lambda row: row.unit)))


def next_seq(store: Store) -> int:
    """The order number for the next rows of `runs`."""
    return (store.version(RUNS) or 0) + 1


def _products(stage: Stage, staged: Sequence[Staged]) -> list[list[Staged]]:
    """Groups whose units are a full product of their keys: a write names its rows by the values of each key, so units
    of another combination must not be named by accident."""
    rest: dict[str, set[tuple[str, ...]]] = {}
    for s in staged:
        first, *others = (s.unit.keys[key] for key in stage.keys)
        rest.setdefault(first, set()).add(tuple(others))
    groups: dict[frozenset[tuple[str, ...]], list[Staged]] = {}
    for s in staged:
        groups.setdefault(frozenset(rest[s.unit.keys[stage.keys[0]]]), []).append(s)
    return list(groups.values())


def _where(stage: Stage, table: Table, units: Sequence[Unit]) -> Where:
    where: dict[str, list[str]] = {"stage": [stage.name]} if "stage" in table.unit else {}
    for key in stage.keys:
        where[key] = sorted({unit.keys[key] for unit in units})
    return where


def _run_row(
    stage: Stage,
    state: RunState,
    outcome: Outcome,
    committed: Mapping[str, Committed],
    counts: Mapping[tuple[str, str], int],
    commit_id: str,
    seq: int,
) -> Run:
    unit = outcome.unit
    return Run(
        seq=seq,
        stage=stage.name,
        unit=unit.id,
        state=state,
        stamp=unit.stamp,
        commit_id=commit_id,
        written=[Written(c.table, counts[unit.id, c.table], c.version) for c in committed.values()],
        files=sorted(file for c in committed.values() for file in c.files),
        rejects=counts.get((unit.id, "rejects"), 0),
        seconds=outcome.seconds if isinstance(outcome, Staged) else 0.0,
        started_at=outcome.started_at,
        finished_at=datetime.now(UTC),
        error=outcome.error if isinstance(outcome, Failed) else None,
    )


def _stage_file(staging: Path, table: Table, rows: pa.Table) -> str:
    path = staging / f"{table.name}-{secrets.token_hex(6)}.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.check(rows))
    return str(path)


def _read_staged(path: str) -> pa.Table:
    with pa.OSFile(path, "rb") as source:
        return pa.ipc.open_file(source).read_all()
