"""The registry of the warehouse's WARC files: the table `batches`.

A file that a visit wrote also gets rows in `fetches` and `runs`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl.engine.update import next_seq
from etl.ingest.archive_check import ArchiveCheck, check_archive, ensure_index
from etl.ingest.batch_journal import append_batches, read_batch_journal
from etl.warc import WARC_ENDINGS
from etl.warc.reader import read_index, scan, write_index
from etl.warc.visit_record import read_visit, visit_error
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from schemas import BATCHES, FETCHES, RUNS, BatchRow, Fetch, Run, Written


@dataclass(frozen=True)
class RegisteredFile:
    """A WARC file that was added to the registry; `requests` are those of the visit that wrote it, if one did."""

    row: BatchRow
    requests: list[Fetch] | None


def read_batches(store: Store) -> list[BatchRow]:
    """Return all rows of `batches`."""
    with reading(store, [BATCHES]) as connection:
        return [BatchRow(*row) for row in connection.execute("SELECT * FROM batches").fetchall()]


def register_batches(rows: Sequence[BatchRow], store: Store) -> None:
    """Write rows to `batches` and its journal, replacing those of the same batches. The caller holds the writer's slot.

    The journal is written first: a table without its newest rows is completed from it.
    """
    if rows:
        append_batches(WarehouseLayout(Path(store.root)).batch_journal, rows)
        store.replace(BATCHES, BATCHES.from_records(list(rows)), {"batch": [row.batch for row in rows]})


def register_new_files(store: Store, warehouse: Path, as_of: datetime) -> list[RegisteredFile]:
    """Register the WARC files that the tables lack and return them.

    These are new files of visits, and files whose registration was interrupted or whose rows were lost; lost rows come
    from the journal. The caller holds the writer's slot.
    """
    known = {row.warc_file: row for row in read_batches(store)}
    layout, files = WarehouseLayout(warehouse), []
    paths = unregistered_files(store, warehouse)
    journal = read_batch_journal(layout.batch_journal)[0] if paths else {}
    in_journal = {row.warc_file: row for row in journal.values()}
    for path in paths:
        warc_file = layout.warc_file(path.name, ending="")
        row = known.get(warc_file) or in_journal.get(warc_file) or _batch_row(path, as_of)
        visit = read_visit(path)
        files.append(RegisteredFile(row, visit.rows if visit else None))
    visits = [file for file in files if file.requests]
    if visits:
        requests = [request for file in visits for request in file.requests or ()]
        store.replace(FETCHES, FETCHES.from_records(requests), {"batch": [file.row.batch for file in visits]})
    register_batches([file.row for file in files if known.get(file.row.warc_file) != file.row], store)
    if visits:
        version, seq = store.version(FETCHES) or 0, next_seq(store)
        runs = [_run_row(file.row, file.requests or [], version, seq) for file in visits]
        store.append(RUNS, RUNS.from_records(runs))
    return files


def unregistered_files(store: Store, warehouse: Path) -> list[Path]:
    """Return the WARC files that `batches` lacks, or whose rows `fetches` lacks."""
    layout, has_all_rows = WarehouseLayout(warehouse), _visits_in_tables(store)
    with reading(store, [BATCHES]) as connection:
        batches = dict(connection.execute("SELECT warc_file, batch FROM batches").fetchall())
    names = [(path, batches.get(layout.warc_file(path.name, ending=""))) for path in layout.warc_files()]
    return [path for path, batch in names if batch is None or has_all_rows.get(batch) is False]


def has_damaged_archives(store: Store) -> bool:
    """Whether a WARC file was damaged when it was last checked."""
    with reading(store, [BATCHES]) as connection:
        sql = "SELECT count(*) FROM batches WHERE damaged_sha256 IS NOT NULL"
        return connection.execute(sql).fetchall() != [(0,)]


def check_archives(store: Store, warehouse: Path, batches: Collection[str]) -> list[ArchiveCheck]:
    """Compare the WARC files of batches that are going to be read with what was written; record what has changed.

    Files that were damaged when they were last checked are checked again: they may have been put back. Return the
    checks that changed a row or found a file that cannot be used. The caller holds the writer's slot.
    """
    layout, checks = WarehouseLayout(warehouse), []
    for row in read_batches(store):
        if row.batch in batches or row.damaged_sha256:
            check = check_archive(layout.file(row.warc_file), row)
            if check.condition == "intact":
                ensure_index(check.path)
            if check.checked_row != row or check.problem:
                checks.append(check)
    usable = [check for check in checks if check.condition in ("intact", "damaged")]
    register_batches([check.checked_row for check in usable if check.checked_row != check.row], store)
    return [check for check in checks if check.checked_row.damaged_sha256 != check.row.damaged_sha256 or check.problem]


def _visits_in_tables(store: Store) -> dict[str, bool]:
    """Return for each batch of a visit whether `fetches` holds as many rows as `runs` says."""
    with reading(store, [RUNS, FETCHES]) as connection:
        rows = connection.execute(
            """
            WITH recorded AS (
                SELECT unit AS batch, list_sum(list_transform(written, lambda w: w.row_count)) AS n FROM runs
                WHERE stage = 'fetch' QUALIFY row_number() OVER (PARTITION BY unit ORDER BY seq DESC) = 1
            )
            SELECT batch, coalesce(r.n, -1) = count(f.batch)
            FROM fetches f FULL JOIN recorded r USING (batch) GROUP BY batch, r.n
            """
        ).fetchall()
    return dict(rows)


def _batch_row(path: Path, as_of: datetime) -> BatchRow:
    contents = scan(path)
    if not read_index(path):
        write_index(path, contents.index)
    lost_bytes, n_records = sum(damage.length for damage in contents.damage), len(contents.days)
    batch = path.name[: -len(file_ending(path, WARC_ENDINGS))]
    source, size = re.sub(r"^\d{8}-|-\d{3}$", "", batch), path.stat().st_size
    file_hash = file_sha256(path)
    return BatchRow(
        batch,
        source,
        WarehouseLayout.warc_file(path.name, ending=""),
        file_hash,
        size,
        n_records,
        lost_bytes,
        None,
        None,
        as_of,
        file_hash,
        None,
    )


def file_ending(path: Path, endings: Sequence[str]) -> str:
    """Return the longest of these endings that the file's name has."""
    name = path.name.lower()
    return max((ending for ending in endings if name.endswith(ending)), key=len)


def _run_row(batch: BatchRow, requests: Sequence[Fetch], version: int, seq: int) -> Run:
    """Return the row of `runs` for a visit: done if all its listings could be read. Its pages are used in any case."""
    error = visit_error(requests)
    times = [request.requested_at for request in requests]
    started_at, finished_at = min(times), max(times)
    return Run(
        seq=seq,
        stage="fetch",
        unit=batch.batch,
        state="failed" if error else "done",
        stamp=batch.sha256[:24],
        commit_id="",
        written=[Written("fetches", len(requests), version)],
        files=[],
        rejects=0,
        seconds=(finished_at - started_at).total_seconds(),
        started_at=started_at,
        finished_at=finished_at,
        error=error,
    )
