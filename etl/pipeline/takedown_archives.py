"""Takes pages out of WARC files: their records, listings that name them, and their rows in the record of a visit."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from etl.errors import InputError
from etl.ingest.registry import read_batches, register_batches
from etl.warc.reader import IndexEntry, read_index, read_stored_response, scan
from etl.warc.redaction import remove_records
from etl.warc.visit_record import read_visit, visit_to_json
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.takedowns import Takedowns
from schemas import FETCHES, BatchRow
from schemas.values import LISTING_KINDS

_LISTINGS = f"""
SELECT batch, warc_offset FROM fetches
WHERE kind IN {LISTING_KINDS} AND warc_offset IS NOT NULL AND list_contains($sources, source)
"""


@dataclass(frozen=True)
class Removal:
    """What was removed from WARC files: records, from these batches. `problems` names files that were not changed."""

    records: int
    batches: tuple[str, ...]
    problems: tuple[str, ...]


def remove_pages(
    store: Store, layout: WarehouseLayout, takedowns: Takedowns, urls: Collection[str], batches: Collection[str]
) -> Removal:
    """Remove all pages that were taken down from the WARC files, and listings that name one of the URLs.

    The listings are those of the sources of `batches`. All side indexes are read: a file may hold a page that no table
    names any more. The caller is the only writer.
    """
    rows = read_batches(store)
    offsets: dict[str, set[int]] = {batch: set() for batch in batches}
    for row in rows:
        index = read_index(layout.file(row.warc_file))
        if pages := {entry.offset for entry in index if entry.url and takedowns.has_address(entry.url)}:
            offsets.setdefault(row.batch, set()).update(pages)
    for batch, offset in _listings_with(store, layout, urls, {row.source for row in rows if row.batch in batches}):
        offsets.setdefault(batch, set()).add(offset)
    return remove_at(store, layout, takedowns, offsets)


def remove_at(
    store: Store, layout: WarehouseLayout, takedowns: Takedowns, offsets: Mapping[str, Collection[int]]
) -> Removal:
    """Remove the records at these offsets, by batch, and in these batches all pages that were taken down.

    The caller is the only writer.
    """
    n_removed, changed, problems = 0, [], []
    for row in read_batches(store):
        if row.batch not in offsets:
            continue
        path = layout.file(row.warc_file)
        try:
            n_removed += _remove(path, row, {*offsets[row.batch]}, takedowns)
        except InputError as error:
            problems.append(str(error))
            continue
        changed.append(replace(row, file_sha256=file_sha256(path)))
    register_batches(changed, store)
    return Removal(n_removed, tuple(row.batch for row in changed), tuple(problems))


def _remove(path: Path, row: BatchRow, offsets: set[int], takedowns: Takedowns) -> int:
    """Remove records from a file; return their number. Raises InputError if the file cannot be changed."""
    if not path.exists():
        raise InputError(f"{path}: is missing; if it comes back, repeat the takedown")
    if row.damaged_sha256:
        raise InputError(f"{path}: is damaged, so nothing was removed from it; restore it and repeat the takedown")
    index = read_index(path) or scan(path).index
    offsets |= {entry.offset for entry in index if entry.url and takedowns.has_address(entry.url)}
    remove_records(path, index, offsets, _visit_without(path, index, takedowns))
    return len(offsets)


def _listings_with(
    store: Store, layout: WarehouseLayout, urls: Collection[str], sources: Collection[str]
) -> Iterable[tuple[str, int]]:
    """Yield the batch and offset of each stored listing that names one of the URLs."""
    addresses = [url.partition("://")[2] or url for url in urls]
    with reading(store, [FETCHES]) as connection:
        rows = connection.execute(_LISTINGS, {"sources": list(sources)}).fetchall()
    for batch, offset in rows:
        stored = read_stored_response(layout.file(layout.warc_file(batch)), offset)
        if stored and any(address in _text(stored.body) for address in addresses):
            yield batch, offset


def _text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text + html.unescape(text)


def _visit_without(path: Path, index: Iterable[IndexEntry], takedowns: Takedowns) -> dict[int, bytes]:
    """Return the record of the visit without the pages that were taken down, by its offset; empty if it has none."""
    visit = read_visit(path)
    if visit is None:
        return {}
    rows = [row for row in visit.rows if not any(map(takedowns.has_address, (row.url, *row.redirects)))]
    offset = max(entry.offset for entry in index if entry.type == "metadata")
    return {} if len(rows) == len(visit.rows) else {offset: visit_to_json(replace(visit, rows=rows))}
