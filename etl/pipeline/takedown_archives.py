"""Takes pages out of WARC files: their records, listings that name them, and their rows in the record of a visit."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from etl.ingest.registry import read_batches, register_batches
from etl.urls import page_key
from etl.warc.reader import IndexEntry, read_stored_response, scan
from etl.warc.redaction import remove_records
from etl.warc.visit_record import read_visit, visit_to_json
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from schemas import FETCHES
from schemas.values import LISTING_KINDS

_LISTINGS = f"""
SELECT batch, warc_offset FROM fetches
WHERE kind IN {LISTING_KINDS} AND warc_offset IS NOT NULL AND list_contains($sources, source)
"""


def remove_from_archives(
    store: Store, layout: WarehouseLayout, urls: Collection[str], batches: Collection[str]
) -> tuple[int, list[str]]:
    """Remove pages from the WARC files of batches, and listings that name them from all visits to the same sources.

    Return the number of records that were removed, and a line for each file that could not be changed. The caller
    is the only writer.
    """
    rows = {row.batch: row for row in read_batches(store)}
    offsets = {batch: set[int]() for batch in batches if batch in rows}
    for batch, offset in _listings_with(store, layout, urls, {rows[batch].source for batch in offsets}):
        offsets.setdefault(batch, set()).add(offset)
    n_removed, problems, changed = 0, [], []
    for batch, listings in offsets.items():
        path = layout.file(rows[batch].warc_file)
        if not path.exists():
            problems.append(f"{path}: is missing; if it comes back, repeat the takedown")
            continue
        if rows[batch].damaged_sha256:
            problems.append(f"{path}: is damaged, so nothing was removed from it; restore it and repeat the takedown")
            continue
        index = scan(path).index
        pages = _entries_of(index, urls)
        remove_records(path, {entry.offset for entry in pages} | listings, _visit_without(path, index, urls))
        n_removed += len(pages) + len(listings)
        changed.append(replace(rows[batch], file_sha256=file_sha256(path)))
    register_batches(changed, store)
    return n_removed, problems


def remove_at(store: Store, layout: WarehouseLayout, offsets: Mapping[str, Collection[int]]) -> None:
    """Remove the records at these offsets, by batch. The caller is the only writer."""
    changed = []
    for row in read_batches(store):
        path = layout.file(row.warc_file)
        if row.batch in offsets and path.exists():
            remove_records(path, offsets[row.batch], {})
            changed.append(replace(row, file_sha256=file_sha256(path)))
    register_batches(changed, store)


def _entries_of(index: Iterable[IndexEntry], urls: Collection[str]) -> list[IndexEntry]:
    keys = {page_key(url) for url in urls}
    return [entry for entry in index if entry.url and page_key(entry.url) in keys]


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


def _visit_without(path: Path, index: Iterable[IndexEntry], urls: Collection[str]) -> dict[int, bytes]:
    """Return the record of the visit without the rows of these pages, by its offset; empty if it has none of them."""
    visit, keys = read_visit(path), {page_key(url) for url in urls}
    if visit is None:
        return {}
    rows = [row for row in visit.rows if not keys & {page_key(url) for url in (row.url, *row.redirects)}]
    offset = max(entry.offset for entry in index if entry.type == "metadata")
    return {} if len(rows) == len(visit.rows) else {offset: visit_to_json(replace(visit, rows=rows))}
