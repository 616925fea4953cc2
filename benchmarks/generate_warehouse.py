"""A generated warehouse of a million articles, to measure publishing and queries at that size.

The tables are written month by month with the project's own table declarations and store: a partition is one file of
sorted rows, as in a compacted warehouse. The content of every text is computed from a hash of its original's number (a
text that is no copy is its own original), so a copy has the words, names and quotes of its original, and no state is
carried from month to month. Runs are recorded with the stamps that the stages expect, so that publishing shows every
row.

Words are made of syllables, and articles are assigned to topics at random. Sizes, repetitions and growth are those of
news, but the texts are meaningless: running the real stages on them would give different rows.

Run: python -m benchmarks.generate_warehouse FOLDER [ARTICLES]

FOLDER gets config/ and warehouse/. If FOLDER has both already, nothing is generated; all units are only marked as up to
date again. This is needed after a change of its configuration, of a stage's version or of a model.
"""

from __future__ import annotations

import hashlib
import sys
import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.generated_rows import (
    SOURCES,
    Month,
    article_rows,
    entity_rows,
    mention_rows,
    plan,
    quote_rows,
    story_rows,
)
from benchmarks.generated_texts import (
    DAY,
    DECLARED,
    FIRST,
    FIRST_BATCH,
    LIVE,
    STARTS,
    Lexicon,
    Numbers,
    Pages,
    Texts,
    strings,
)
from etl.configuration.scaffold import make_project
from etl.configuration.settings import Settings, find_settings
from etl.engine.stage import Stage, unit_states
from etl.engine.update import next_seq
from etl.pipeline.stages import all_stages
from etl.topics.files import Topic, load_topics
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, FETCHES, RUNS, TABLES, BatchRow, Fetch, Run, Table, Written


def batch_rows(pages: Pages) -> list[BatchRow]:
    """The batches: one for each night of a live source, and one for each month of an archive."""
    rows: list[BatchRow] = []
    sizes = np.bincount(pages.batch, minlength=int(FIRST_BATCH[-1]) + STARTS[-1]).tolist()
    for live, declared, source in zip(LIVE, DECLARED, SOURCES.to_pylist(), strict=True):
        for begin, end in pairwise(range(STARTS[-1] + 1) if live else STARTS):
            first, last = FIRST + timedelta(days=begin), FIRST + timedelta(days=end, minutes=-1)
            name, size = f"{first:%Y%m%d}-{source}", sizes[len(rows)]
            rows.append(BatchRow(
                name, source, f"warc/{name}.warc.gz", hashlib.sha256(name.encode()).hexdigest(), size * 21_017 + 611,
                size, 0, first.date() if declared else None, last.date() if declared else None, last,
                None, None,
            ))  # fmt: skip
    return rows


def fetch_rows(batches: Sequence[BatchRow]) -> list[Fetch]:
    """The feed of each live source on each night, which reaches three days back and fails in one week of fifty. There
    are no rows of pages."""
    rows = []
    for batch in batches:
        if batch.source.startswith("daily"):
            url, at = f"https://{batch.source}.example/feed", batch.added_at
            failed = zlib.crc32(f"{batch.source} {at:%G %V}".encode()) % 50 == 0
            outcome, status = ("http_error", 503) if failed else ("ok", 200)
            oldest = None if failed else max(FIRST, at - timedelta(days=3)).date()
            rows.append(Fetch(
                batch.batch, f"{at:%Y-%m}", batch.source, "feed", url, at, outcome, None, status, None, None,
                "application/rss+xml", 40_000, None, None, None, [], oldest,
            ))  # fmt: skip
    return rows


def mark_current(settings: Settings) -> None:
    """Record a finished run for every unit, with the stamp that its stage expects and the rows that its tables hold.

    The caller must hold the writer's lock.
    """
    store = Store(settings.warehouse)
    for stage in all_stages():
        counts = {table.name: _counts(stage, table, store) for table in stage.writes}
        versions = {table.name: store.version(table) or 0 for table in stage.writes}
        seq, now = next_seq(store), datetime.now(UTC)
        runs = [
            Run(
                seq, stage.name, wanted.unit.id, "done", wanted.unit.stamp, "generated",
                [Written(name, rows.get(wanted.unit.id, 0), versions[name]) for name, rows in counts.items()],
                [], 0, 0.0, now, now, None,
            )
            for wanted in unit_states(stage, settings, store)
        ]  # fmt: skip
        store.append(RUNS, RUNS.from_records(runs))


def _counts(stage: Stage, table: Table, store: Store) -> dict[str, int]:
    """How many rows each unit of a stage has in one of its tables."""
    unit = " || '/' || ".join(f"{key}::VARCHAR" for key in stage.keys)
    with reading(store, [table]) as connection:
        return dict(connection.execute(f"SELECT {unit}, count(*) FROM {table.name} GROUP BY ALL").fetchall())


def generate(folder: Path, articles: int = 1_000_000) -> Settings:
    """Create `folder`/config and `folder`/warehouse. Raises InputError where they exist already."""
    config, warehouse = make_project(folder)
    settings = find_settings(config, warehouse)
    store, topics = Store(settings.warehouse), load_topics(settings.folder("topics"))
    with store.writing():
        pages, lexicon = plan(articles), Lexicon()
        batches = batch_rows(pages)
        store.append(BATCHES, BATCHES.from_records(batches))
        store.append(FETCHES, FETCHES.from_records(fetch_rows(batches)))
        names = strings([row.batch for row in batches])
        for number, (first, until) in enumerate(pairwise(STARTS)):
            pages_of_month = pages.only((pages.at >= first * DAY) & (pages.at < until * DAY))
            month = Month(
                f"{2024 + number // 12}-{number % 12 + 1:02d}",
                Texts(pages_of_month, lexicon, 20 + articles // 2000),
                names,
            )
            _append(month, store, topics, pages.outlet)
        mark_current(settings)
    return settings


def _append(month: Month, store: Store, topics: Sequence[Topic], outlets: Numbers) -> None:
    """Add a month to the tables."""
    quotes = quote_rows(month)
    ids = quotes["quote_id"].combine_chunks()
    store.append(TABLES["articles"], article_rows(month))
    store.append(TABLES["entities"], entity_rows(month))
    store.append(TABLES["quotes"], quotes)
    store.append(TABLES["stories"], story_rows(month, outlets))
    store.append(TABLES["mentions"], pa.concat_tables([mention_rows(month, topic, ids) for topic in topics]))


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python -m benchmarks.generate_warehouse FOLDER [ARTICLES]")
    folder, began = Path(sys.argv[1]), time.perf_counter()
    if (folder / "warehouse" / "tables").exists():
        settings = find_settings(folder / "config", folder / "warehouse")
        with Store(settings.warehouse).writing():
            mark_current(settings)
    else:
        settings = generate(folder, *map(int, sys.argv[2:]))
    print(f"{time.perf_counter() - began:.0f} s")
    for table in sorted((settings.warehouse / "tables").iterdir()):
        size = sum(path.stat().st_size for path in table.rglob("*.parquet"))
        print(f"{table.name}: {size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
