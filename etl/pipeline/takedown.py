"""Takes an article down: out of WARC files, tables and their history, editions, exports, snapshots and logs.

A hash of its addresses stays, by which it is recognised if it is fetched or imported again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from etl.configuration.settings import Settings
from etl.engine.recount import recount
from etl.engine.stage import Stage, unit_states
from etl.errors import InputError, WarehouseError
from etl.ingest.registry import register_new_files
from etl.pipeline.replaced_files import remove_replaced_files, table_folders
from etl.pipeline.run import publish_all, run_stages
from etl.pipeline.stages import all_stages
from etl.pipeline.takedown_archives import remove_at, remove_pages
from etl.publish.edition_file import remove_all_but_the_current
from etl.publish.exports import export_marts
from etl.publish.snapshot_takedown import remove_from_snapshot
from etl.urls import hostname, is_web_address, normalise, page_key
from etl.warehouse.delta import Store
from etl.warehouse.delta_maintenance import forget_log
from etl.warehouse.duck import reading
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.takedowns import add_takedown, read_takedowns
from schemas import ARTICLES, ENTITIES, FETCHES, MENTIONS, QUOTES, REJECTS, RUNS, STORIES

_ADDRESSES = """
SELECT article_id, batch, url, canonical_url FROM articles
WHERE contains(url, $host) OR contains(canonical_url, $host) OR article_id = $id
"""
_OTHER_ADDRESSES = """
SELECT batch, url, redirects FROM fetches WHERE kind = 'page' AND contains(url, $host)
UNION ALL SELECT batch, url, [] FROM rejects WHERE contains(url, $host)
"""


@dataclass(frozen=True)
class Scope:
    """What is taken down: articles, all addresses that they were read at, and the batches that hold them."""

    article_ids: tuple[str, ...]
    urls: tuple[str, ...]
    batches: tuple[str, ...]


@dataclass(frozen=True)
class Takedown:
    """What a takedown did. `problems` has a line for each place where the article may still be."""

    article_ids: tuple[str, ...]
    records: int
    snapshots: tuple[str, ...]
    logs: int
    problems: tuple[str, ...]


def take_down(settings: Settings, subject: str, reason: str, logs: Sequence[Path], as_of: datetime) -> Takedown:
    """Remove an article, named by its URL or id, from everywhere, and publish an edition without it.

    `logs` are folders in which its addresses are blacked out. Work in progress of other runs is discarded; they begin
    again. If it is interrupted, call it again. The caller holds the writer's lock. Raises InputError for an id that is
    not in the warehouse.
    """
    for folder in logs:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder of logs")
    store, layout = Store(settings.warehouse), settings.layout
    store.mend()
    register_new_files(store, settings.warehouse, as_of)
    scope = _find(store, layout, subject)
    add_takedown(layout.takedowns, scope.article_ids, scope.urls, reason, as_of)
    shutil.rmtree(layout.staging, ignore_errors=True)
    shutil.rmtree(layout.damaged, ignore_errors=True)
    takedowns = read_takedowns(layout.takedowns)
    removal = remove_pages(store, layout, takedowns, scope.urls, scope.batches)
    problems = list(removal.problems)
    snapshots = []
    for name in layout.snapshots():
        try:
            if remove_from_snapshot(layout.snapshot(name), scope.article_ids, scope.urls, reason, as_of):
                snapshots.append(name)
        except WarehouseError as error:
            problems.append(str(error))
    n_logs = sum(_black_out(folder, [*scope.urls, *scope.article_ids]) for folder in logs)
    _remove_rows(settings, store, scope)  # when all else is done: the rows know the addresses
    failed = sum(progress.failed for progress in run_stages(settings)) if layout.published.exists() else 0
    if failed:
        problems.append(f"{failed} units failed; see: dateline status")
    for folder in table_folders(layout):
        forget_log(folder)
    problems += _publish(settings, as_of)
    remove_replaced_files(layout, hours=0)
    return Takedown(scope.article_ids, removal.records, tuple(snapshots), n_logs, tuple(problems))


def remove_what_came_back(settings: Settings, store: Store) -> tuple[str, ...]:
    """Remove the records of pages that `extract` recognised as taken down; return a line for each file that remains."""
    with reading(store, [REJECTS]) as connection:
        rows = connection.execute(
            "SELECT batch, list(warc_offset) FROM rejects WHERE reason = 'taken_down' GROUP BY batch"
        ).fetchall()
    if not rows:
        return ()
    removal = remove_at(store, settings.layout, read_takedowns(settings.layout.takedowns), dict(rows))
    where = {"reason": ["taken_down"], "batch": removal.batches}
    _recount(settings, store, (), lambda: store.delete(REJECTS, where))
    return removal.problems


def _find(store: Store, layout: WarehouseLayout, subject: str) -> Scope:
    """Return the articles that a URL or an id names, with all their addresses.

    Of a takedown that was interrupted, the file of takedowns knows articles that `articles` no longer has.
    """
    before = read_takedowns(layout.takedowns).articles_of(subject)
    is_url = is_web_address(subject)
    names = {"host": hostname(subject) if is_url else None, "id": subject}
    with reading(store, [ARTICLES, FETCHES, REJECTS]) as connection:
        rows = connection.execute(_ADDRESSES, names).fetchall()
        key = page_key(subject)
        ids = {row[0] for row in rows if row[0] == subject or (is_url and key in map(page_key, row[2:]))} | before
        if not ids and not is_url:
            raise InputError(f"{subject}: is not the id of an article; give its URL or its article_id")
        urls = {subject, normalise(subject)} if is_url else set()
        urls |= {url for row in rows if row[0] in ids for url in row[2:]}
        batches = {row[1] for row in rows if row[0] in ids}
        keys = {page_key(url) for url in urls}
        for host in {hostname(url) for url in urls if hostname(url)}:
            for batch, url, redirects in connection.execute(_OTHER_ADDRESSES, {"host": host}).fetchall():
                if keys & {page_key(address) for address in (url, *redirects)}:
                    urls |= {url}
                    batches.add(batch)
    return Scope(tuple(sorted(ids)), tuple(sorted(urls)), tuple(sorted(batches)))


def _remove_rows(settings: Settings, store: Store, scope: Scope) -> None:
    with reading(store, [RUNS]) as connection:
        errors = connection.execute("SELECT DISTINCT error FROM runs WHERE error IS NOT NULL").fetchall()

    def remove() -> None:
        for table in (REJECTS, FETCHES):
            store.delete(table, {"url": scope.urls})
        for table in (MENTIONS, QUOTES, ENTITIES, STORIES, ARTICLES):  # last the one that knows the addresses
            store.delete(table, {"article_id": scope.article_ids})
        store.delete(RUNS, {"error": [error for (error,) in errors if any(url in error for url in scope.urls)]})

    _recount(settings, store, scope.batches, remove)


def _recount(settings: Settings, store: Store, batches: Collection[str], remove: Callable[[], None]) -> None:
    """Call `remove`, then record that units have fewer rows, so that they are not computed again.

    If it is interrupted in between, they are computed again, from WARC files that no longer hold the pages.
    """
    stale_before = {stage.name: _stale(stage, settings, store) for stage in all_stages()}
    remove()
    for stage in all_stages():
        if stage.keys[0] == "batch":  # which articles are copies is computed again
            changed = _stale(stage, settings, store) - stale_before[stage.name]
            recount(stage.name, stage.writes, stage.keys, changed, store)
    recount("fetch", [FETCHES], ["batch"], batches, store)


def _stale(stage: Stage, settings: Settings, store: Store) -> set[str]:
    return {state.unit.id for state in unit_states(stage, settings, store, stale_only=True)}


def _publish(settings: Settings, as_of: datetime) -> list[str]:
    """Publish without the article, and delete what other editions and exports hold; return a line for each problem."""
    layout = settings.layout
    if not layout.published.exists():
        return []
    published = publish_all(settings, as_of)
    if published.withheld:
        lines = "; ".join(published.withheld)
        return [f"the current edition still has the article, because the new one was withheld: {lines}"]
    remove_all_but_the_current(layout)
    if layout.exports.exists():
        shutil.rmtree(layout.exports)
        export_marts(settings.warehouse)
    return []


def _black_out(folder: Path, words: Iterable[str]) -> int:
    """Replace words in all files of a folder; return the number of files that had one."""
    needles, n_files = [word.encode() for word in sorted(words, key=len, reverse=True)], 0
    for path in (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        content = path.read_bytes()
        if any(needle in content for needle in needles):
            times = path.stat()
            for needle in needles:
                content = content.replace(needle, b"(taken down)")
            path.write_bytes(content)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            n_files += 1
    return n_files
