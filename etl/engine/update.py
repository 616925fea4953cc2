"""Bring a stage up to date: compute its stale units, and commit their rows in groups.

Computed rows wait in Arrow files in the warehouse's staging folder, so that many processes can compute while one
commits.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from etl.configuration.settings import Settings
from etl.engine.stage import Compute, FailedUnit, Job, Outcome, Progress, Runner, Stage, StagedUnit, Unit, plan
from etl.errors import DatelineError
from etl.warehouse.delta import Handle, Store, TableCommit, Where
from schemas import RUNS, TABLES, Run, Table, Written
from schemas.values import RunState

COMMIT_SIZE = 32  # the number of jobs (in etl/pipeline/steps.py: of units) that are committed together


def run(compute: Compute, settings: Settings, job: Job, staging: Path) -> list[Outcome]:
    """Compute a job's units and write their rows to files in `staging`. Failures are returned, not raised.

    Every runner calls this function, in whatever process it uses.
    """
    outcomes: list[Outcome] = []
    started, clock = datetime.now(UTC), time.perf_counter()
    try:
        for unit, rows in compute(settings, job.units):
            files = {name: _stage_file(staging, TABLES[name], table) for name, table in rows.items() if len(table)}
            outcomes.append(StagedUnit(unit, files, time.perf_counter() - clock, started))
            started, clock = datetime.now(UTC), time.perf_counter()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - one unit's failure must not stop the others, nor a panic in Rust
        first_line = (str(error).strip().splitlines() or [""])[0]
        message = first_line if isinstance(error, DatelineError) else f"{type(error).__name__}: {first_line}"
        finished = {outcome.unit.id for outcome in outcomes}
        outcomes += [FailedUnit(unit, message, started) for unit in job.units if unit.id not in finished]
    return outcomes


def bring_up_to_date(
    stage: Stage, settings: Settings, store: Store, runner: Runner, report: Callable[[Progress], None]
) -> Progress:
    """Compute and commit all stale units of a stage. The caller holds the writer's lock.

    `report` is called at the start and after each job. If this function is killed at any point and called again, the
    tables are those of an undisturbed run: a unit's `runs` row is written last, and replacing a unit's rows twice has
    the same result as replacing them once.
    """
    jobs = plan(stage, settings, store)
    total, done, failed = sum(len(job.units) for job in jobs), 0, 0
    report(Progress(stage.name, done, total, failed))
    for start in range(0, len(jobs), COMMIT_SIZE):
        group = jobs[start : start + COMMIT_SIZE]
        commit_id = secrets.token_hex(8)
        staging = settings.layout.local_commit(commit_id)
        staging.mkdir(parents=True)
        opened = {table.name: store.open(table) for table in stage.writes}
        outcomes: list[Outcome] = []
        for finished in runner(_Work(stage.run, settings, staging), group):
            outcomes += finished
            done += len(finished)
            failed += sum(isinstance(outcome, FailedUnit) for outcome in finished)
            report(Progress(stage.name, done, total, failed))
        commit(stage, store, outcomes, commit_id, opened)
        shutil.rmtree(staging)
    return Progress(stage.name, done, total, failed)


@dataclass(frozen=True)
class _Work:
    """run() with every argument but the job; unlike a lambda it can be sent to another process."""

    compute: Compute
    settings: Settings
    staging: Path

    def __call__(self, job: Job) -> list[Outcome]:
        return run(self.compute, self.settings, job, self.staging)


def commit(
    stage: Stage, store: Store, outcomes: Sequence[Outcome], commit_id: str, opened: Mapping[str, Handle]
) -> None:
    """Write a group of computed units to the tables, and a row for each unit to `runs`.

    A unit's `begun` row in `runs` is written before its rows in the stage's tables, and its `done` row after them. Each
    table is written in one transaction, or in several if the units are not a full product of their keys. `opened` are
    handles of the stage's tables: a write fails if another process replaced the same rows after they were opened.
    """
    staged = [outcome for outcome in outcomes if isinstance(outcome, StagedUnit)]
    if staged:
        begun_seq = next_seq(store)
        begun = [_run_row(stage, "begun", outcome, {}, {}, commit_id, begun_seq) for outcome in staged]
        store.append(RUNS, RUNS.from_records(begun))
    rows: list[Run] = []
    seq = next_seq(store)
    for group in _full_products(stage, staged):
        commits: dict[str, TableCommit] = {}
        counts: dict[tuple[str, str], int] = {}
        for table in stage.writes:
            empty = table.empty()
            parts = [_read_staged(s.files[table.name]) if table.name in s.files else empty for s in group]
            counts |= {(s.unit.id, table.name): len(part) for s, part in zip(group, parts, strict=True)}
            where = _where(stage, table, [s.unit for s in group])
            commits[table.name] = store.replace(table, pa.concat_tables(parts), where, opened[table.name])
        rows += [_run_row(stage, "done", outcome, commits, counts, commit_id, seq) for outcome in group]
    failed = [outcome for outcome in outcomes if isinstance(outcome, FailedUnit)]
    rows += [_run_row(stage, "failed", outcome, {}, {}, commit_id, seq) for outcome in failed]
    if rows:
        store.append(RUNS, RUNS.from_records(sorted(rows, key=lambda row: row.unit)))


def next_seq(store: Store) -> int:
    """Return the sequence number (`seq`) for the next rows of `runs`."""
    return (store.version(RUNS) or 0) + 1


def _full_products(stage: Stage, staged: Sequence[StagedUnit]) -> list[list[StagedUnit]]:
    """Group units so that each group is a full product of the values of its keys.

    A write names the rows to replace by the values of each key. If the units (a, x) and (b, y) were written together,
    the rows of (a, y) and (b, x) would be deleted, too.
    """
    other_keys: dict[str, set[tuple[str, ...]]] = {}
    for s in staged:
        first, *others = (s.unit.keys[key] for key in stage.keys)
        other_keys.setdefault(first, set()).add(tuple(others))
    groups: dict[frozenset[tuple[str, ...]], list[StagedUnit]] = {}
    for s in staged:
        groups.setdefault(frozenset(other_keys[s.unit.keys[stage.keys[0]]]), []).append(s)
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
    commits: Mapping[str, TableCommit],
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
        written=[Written(c.table, counts[unit.id, c.table], c.version) for c in commits.values()],
        files=sorted(file for c in commits.values() for file in c.files),
        rejects=counts.get((unit.id, "rejects"), 0),
        seconds=outcome.seconds if isinstance(outcome, StagedUnit) else 0.0,
        started_at=outcome.started_at,
        finished_at=datetime.now(UTC),
        error=outcome.error if isinstance(outcome, FailedUnit) else None,
    )


def _stage_file(staging: Path, table: Table, rows: pa.Table) -> str:
    path = staging / f"{table.name}-{secrets.token_hex(6)}.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.check(rows))
    return str(path)


def _read_staged(path: str) -> pa.Table:
    with pa.OSFile(path, "rb") as source:
        return pa.ipc.open_file(source).read_all()
