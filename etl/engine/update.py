"""Bring a stage up to date: compute its stale units, and commit their rows in groups.

Computed rows wait in Arrow files in the warehouse's staging folder, so that many processes can compute while one
commits.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from etl.configuration.settings import Settings
from etl.engine.stage import Compute, FailedUnit, Job, Outcome, Progress, Runner, Stage, StagedUnit, Unit, plan
from etl.errors import DatelineError
from etl.warehouse.delta import Handle, Store, TableCommit, Where
from etl.warehouse.duck import reading
from schemas import RUNS, TABLES, Run, Table, Written
from schemas.values import RunState

# Units are committed together until one of these is reached. Each commit adds a file to each table, so few large ones
# are better than many small ones; but what is not committed is lost if the process is killed.
_COMMIT_UNITS = 1_000
_COMMIT_BYTES = 256 << 20  # of staged rows
_COMMIT_SECONDS = 120


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
    opened = {table.name: store.open(table) for table in stage.writes}
    jobs = plan(stage, settings, store)
    progress = Progress(stage.name, 0, sum(len(job.units) for job in jobs), 0)
    report(progress)
    if not jobs:
        return progress
    staging = settings.layout.local_commit(secrets.token_hex(8))
    staging.mkdir(parents=True)

    def computed() -> Iterator[list[Outcome]]:
        nonlocal progress
        for outcomes in runner(_Work(stage.run, settings, staging), jobs):
            failed = sum(isinstance(outcome, FailedUnit) for outcome in outcomes)
            progress = replace(progress, done=progress.done + len(outcomes), failed=progress.failed + failed)
            report(progress)
            yield outcomes

    commit_in_groups(stage, store, computed(), opened)
    shutil.rmtree(staging)
    return progress


@dataclass(frozen=True)
class _Work:
    """run() with every argument but the job; unlike a lambda it can be sent to another process."""

    compute: Compute
    settings: Settings
    staging: Path

    def __call__(self, job: Job) -> list[Outcome]:
        return run(self.compute, self.settings, job, self.staging)


def commit_in_groups(
    stage: Stage, store: Store, computed: Iterable[Sequence[Outcome]], opened: Mapping[str, Handle]
) -> None:
    """Commit outcomes as they come, in few large groups, and delete their staged rows.

    `opened` are handles of the stage's tables from before the units were planned: a write fails if another process
    replaced the same rows in the meantime.
    """
    group: list[Outcome] = []
    size, began = 0, time.monotonic()
    for outcomes in computed:
        group += outcomes
        size += sum(path.stat().st_size for outcome in outcomes for path in _staged_files(outcome))
        if len(group) >= _COMMIT_UNITS or size >= _COMMIT_BYTES or time.monotonic() - began >= _COMMIT_SECONDS:
            _commit(stage, store, group, opened)
            group, size, began = [], 0, time.monotonic()
    if group:
        _commit(stage, store, group, opened)


def _commit(stage: Stage, store: Store, outcomes: Sequence[Outcome], opened: Mapping[str, Handle]) -> None:
    """Write a group of computed units to the tables, and a row for each unit to `runs`.

    A unit's `done` row in `runs` is written after its rows in the stage's tables. If an earlier run of it is done, a
    row `begun` is written before them, so that it does not count as done while its rows are being replaced. Each table
    is written in one transaction, or in several if the units are not a full product of their keys.
    """
    commit_id = secrets.token_hex(8)
    staged = [outcome for outcome in outcomes if isinstance(outcome, StagedUnit)]
    again = _done_before(stage, store, staged)
    if again:
        begun_seq = next_seq(store)
        begun = [_run_row(stage, "begun", outcome, {}, {}, commit_id, begun_seq) for outcome in again]
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
    for outcome in outcomes:
        for path in _staged_files(outcome):
            path.unlink()


def _staged_files(outcome: Outcome) -> list[Path]:
    return [Path(path) for path in outcome.files.values()] if isinstance(outcome, StagedUnit) else []


def _done_before(stage: Stage, store: Store, staged: Sequence[StagedUnit]) -> list[StagedUnit]:
    """The units among these whose latest finished run is in `runs`."""
    with reading(store, [RUNS]) as connection:
        rows = connection.execute(
            "SELECT unit FROM done WHERE stage = $stage AND unit IN (SELECT unnest($units::VARCHAR[]))",
            {"stage": stage.name, "units": [outcome.unit.id for outcome in staged]},
        ).fetchall()
    done = {unit for (unit,) in rows}
    return [outcome for outcome in staged if outcome.unit.id in done]


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
