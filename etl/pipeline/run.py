"""The whole pipeline in one process: bring every stage up to date, and publish."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.configuration.sources import load_sources
from etl.engine.runners import runner
from etl.engine.stage import Progress, unit_states
from etl.engine.update import bring_up_to_date
from etl.errors import InputError, WarehouseError
from etl.ingest.registry import check_archives, has_damaged_archives, unregistered_files
from etl.nlp.annotators import find_annotator
from etl.nlp.gazetteer.gazetteer import check_gazetteer
from etl.pipeline.stages import all_stages, stage_named
from etl.publish.edition import ConfigurationTables
from etl.publish.edition_file import refuse_damaged_edition
from etl.publish.publish import PublishResult, is_published, publish
from etl.publish.snapshots import Snapshot, freeze
from etl.topics.files import load_topics
from etl.warehouse.compaction import compact
from etl.warehouse.delta import Store
from etl.warehouse.duck import query
from schemas import RUNS

_MOST_RUNS_FILES = 16  # every step reads `runs`, and every night adds several files to it


def check_configuration(settings: Settings) -> None:
    """Read everything that a user edits, so that a mistake stops a run before it begins. Raises ConfigError."""
    load_sources(settings.folder("sources"))
    load_topics(settings.folder("topics"))
    check_gazetteer(settings.folder("gazetteer"))
    find_annotator(settings.annotator)


def run_stages(settings: Settings, report: Callable[[Progress], None] = lambda _: None) -> list[Progress]:
    """Bring every stage up to date, in order. The caller holds the writer's lock."""
    store = Store(settings.warehouse)
    shutil.rmtree(settings.layout.local_staging, ignore_errors=True)  # left by a run that was killed
    with runner(settings.workers) as run:
        return [bring_up_to_date(stage, settings, store, run, report) for stage in all_stages()]


def check_archives_to_read(settings: Settings, store: Store) -> list[str]:
    """Compare the WARC files that `extract` is going to read with what was written; return a line for each problem.

    Damaged files that are not read now are named, too. The caller holds the writer's lock.
    """
    states = unit_states(stage_named("extract"), settings, store, stale_only=True)
    batches = {state.unit.keys["batch"] for state in states}
    return [str(check.problem) for check in check_archives(store, settings.warehouse, batches) if check.problem]


def is_up_to_date(settings: Settings, store: Store) -> bool:
    """Whether a run would find nothing to do: every file is registered, every unit up to date, and all is published.

    Then the configuration is the one that was checked by the run that did the work. Raises ConfigError.
    """
    try:
        if store.mended or unregistered_files(store, settings.warehouse):
            return False
        if has_damaged_archives(store):
            return False
        return is_published(settings, store, all_stages(), _configuration(settings))
    except WarehouseError:  # a damaged table; mending it is work
        return False


def publish_all(settings: Settings, as_of: datetime, accept: bool = False) -> PublishResult:
    """Publish what is up to date, if anything changed. The caller holds the writer's lock.

    An edition that shows less or something unusual is withheld, except with `accept`.
    """
    store = Store(settings.warehouse)
    if sum(partition.files for partition in store.partitions(RUNS)) > _MOST_RUNS_FILES:
        compact(store, RUNS, settings.layout.compaction_spill)
    return publish(settings, store, all_stages(), _configuration(settings), as_of, accept)


def freeze_published(settings: Settings, name: str, as_of: datetime) -> Snapshot:
    """Make a snapshot of what is published, with the topics and sources that it was made from.

    The caller holds the writer's lock. Raises InputError if the name is taken, or if a topic's file has changed since
    the topic was published.
    """
    refuse_damaged_edition(settings.layout.published)
    in_files = {topic.name: topic.stamp for topic in load_topics(settings.folder("topics"))}
    rows = query(settings.warehouse, "SELECT topic, topic_stamp FROM topics").to_pylist()
    published = {row["topic"]: row["topic_stamp"] for row in rows}
    names = in_files.keys() | published.keys()
    if changed := sorted(topic for topic in names if in_files.get(topic) != published.get(topic)):
        raise InputError(f"topics have changed since they were published: {', '.join(changed)}; run: dateline run")
    return freeze(settings, name, as_of)


def _configuration(settings: Settings) -> ConfigurationTables:
    return ConfigurationTables(_topics(settings), _sources(settings))


def _topics(settings: Settings) -> pa.Table:
    schema = pa.schema(
        [(name, pa.string()) for name in ("topic", "title", "description", "query", "within", "topic_stamp")]
        + [("languages", pa.list_(pa.string()))]
    )
    rows = [
        {
            "topic": topic.name, "title": topic.title, "description": topic.description, "query": topic.query_text,
            "within": topic.within, "topic_stamp": topic.stamp, "languages": list(topic.languages),
        }
        for topic in load_topics(settings.folder("topics"))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _sources(settings: Settings) -> pa.Table:
    schema = pa.schema(
        [(name, pa.string()) for name in ("source", "title", "country", "language", "timezone")]
        + [("feeds", pa.list_(pa.string())), ("articles_least", pa.int64()), ("articles_most", pa.int64())]
    )
    rows = [
        {
            "source": source.name, "title": source.title, "country": source.country, "language": source.language,
            "timezone": source.timezone and source.timezone.key, "feeds": list(source.feeds),
            "articles_least": source.articles_per_day and source.articles_per_day[0],
            "articles_most": source.articles_per_day and source.articles_per_day[1],
        }
        for source in load_sources(settings.folder("sources"))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
