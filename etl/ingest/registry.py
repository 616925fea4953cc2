"""The registry of the warehouse's WARC files: `batches`, and with files that a visit wrote `fetches` and `runs`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from etl.engine.update import next_seq
from etl.warc.reader import Damage, read_warc
from etl.warc.visit_record import failure, recorded_visit
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, FETCHES, RUNS, BatchRow, Fetch, Run, Written

WARC_ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")


@dataclass(frozen=True)
class Found:
    """A WARC file that was put into the registry; `visit` has its requests, if a visit wrote it."""

    row: BatchRow
    visit: list[Fetch] | None


def registered(store: Store) -> list[BatchRow]:
    """All rows of `batches`."""
    with reading(store, [BATCHES]) as connection:
        return [BatchRow(*row) for row in connection.execute("SELECT * FROM batches").fetchall()]


def register(rows: Sequence[BatchRow], store: Store) -> None:
    """Puts rows into `batches`. The caller holds the writer's slot."""
    if rows:
        store.replace(BATCHES, BATCHES.from_records(list(rows)), {"batch": [row.batch for row in rows]})


def register_found(store: Store, warehouse: Path, as_of: datetime) -> list[Found]:
    """Registers WARC files that the tables lack: new ones of visits, and any whose registration was cut short or lost.

    What was declared complete is not known to the files: declare it again. The caller holds the writer's slot.
    """
    known, recorded = {row.warc_file: row for row in registered(store)}, _recorded(store)
    files = sorted(p for p in (warehouse / "warc").glob("*") if p.name.endswith(WARC_ENDINGS) and p.name[0] != ".")
    found = []
    for path in files:
        row = known.get(f"warc/{path.name}")
        if row is None or recorded.get(row.batch) is False:
            made = recorded_visit(path)
            found.append(Found(row or _batch_row(path, as_of), made.rows if made else None))
    visits = [item for item in found if item.visit]
    if visits:
        rows = [fetch for item in visits for fetch in item.visit or ()]
        store.replace(FETCHES, FETCHES.from_records(rows), {"batch": [item.row.batch for item in visits]})
    register([item.row for item in found if known.get(item.row.warc_file) != item.row], store)
    if visits:
        version, seq = store.version(FETCHES) or 0, next_seq(store)
        store.append(RUNS, RUNS.from_records([_run_row(item.row, item.visit or [], version, seq) for item in visits]))
    return found


def _recorded(store: Store) -> dict[str, bool]:
    """Batches of visits -> whether `fetches` holds the rows that were recorded for them."""
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
    items = list(summaries(path))
    lost = sum(item.length for item in items if isinstance(item, Damage))
    records = sum(not isinstance(item, Damage) for item in items)
    batch = path.name[: -len(file_ending(path, WARC_ENDINGS))]
    source, size = re.sub(r"^\d{8}-|-\d{3}$", "", batch), path.stat().st_size
    return BatchRow(batch, source, f"warc/{path.name}", file_sha256(path), size, records, lost, None, None, as_of)


def summaries(path: Path) -> Iterator[date | Damage]:
    """The day of each page or text of a WARC file, and its damaged stretches."""
    for item in read_warc(path):
        yield item if isinstance(item, Damage) else item.date.date()


def file_ending(path: Path, endings: Sequence[str]) -> str:
    """Which of the endings a file's name has: the longest that fits."""
    name = path.name.lower()
    return max((ending for ending in endings if name.endswith(ending)), key=len)


def _run_row(batch: BatchRow, rows: Sequence[Fetch], version: int, seq: int) -> Run:
    """A visit is done when all its feeds could be read; what it brought is used in any case."""
    error = failure(rows)
    began, ended = min(row.requested_at for row in rows), max(row.requested_at for row in rows)
    return Run(
        seq=seq,
        stage="fetch",
        unit=batch.batch,
        state="failed" if error else "done",
        stamp=batch.sha256[:24],
        commit_id="",
        written=[Written("fetches", len(rows), version)],
        files=[],
        rejects=0,
        seconds=(ended - began).total_seconds(),
        started_at=began,
        finished_at=ended,
        error=error,
    )
