"""The stages, in order: the only module that knows them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.configuration.sources import load_sources
from etl.engine.runners import runner
from etl.engine.stage import LOCAL_STAGING, Progress, Stage, bring_up_to_date
from etl.errors import InputError
from etl.extract.stage import EXTRACT
from etl.nlp.annotators import find_annotator
from etl.nlp.gazetteer.gazetteer import check_gazetteer
from etl.nlp.stage import ANNOTATE
from etl.publish.edition import Given, Published, publish
from etl.publish.snapshots import Frozen, freeze
from etl.stories.stage import STORIES_STAGE
from etl.topics.files import load_topics
from etl.topics.stage import MATCH
from etl.warehouse.delta import Store
from etl.warehouse.duck import query

STAGES: tuple[Stage, ...] = (EXTRACT, ANNOTATE, STORIES_STAGE, MATCH)


def check_configuration(settings: Settings) -> None:
    """Reads all that a user edits, so that a typo stops a run before it begins. Raises ConfigError."""
    load_sources(settings.folder("sources"))
    load_topics(settings.folder("topics"))
    check_gazetteer(settings.folder("gazetteer"))
    find_annotator(settings.annotator)


def run_stages(settings: Settings, report: Callable[[Progress], None] = lambda _: None) -> list[Progress]:
    """Brings every stage up to date, in order. The caller holds the writer's slot."""
    check_configuration(settings)
    store = Store(settings.warehouse)
    shutil.rmtree(settings.warehouse / LOCAL_STAGING, ignore_errors=True)  # what a killed run left
    with runner(settings.workers) as run:
        return [bring_up_to_date(stage, settings, store, run, report) for stage in STAGES]


def publish_all(settings: Settings, as_of: datetime) -> Published:
    """Publishes what is current, if anything changed. The caller holds the writer's slot."""
    given = Given(_topics(settings), _sources(settings))
    return publish(settings, Store(settings.warehouse), STAGES, given, as_of)


def freeze_published(settings: Settings, name: str, as_of: datetime) -> Frozen:
    """Freezes what is published, with the topics and sources that it was made from. The caller holds the writer's slot.

    Raises InputError where a topic's file has changed since it was published, or the name is taken.
    """
    now = {topic.name: topic.stamp for topic in load_topics(settings.folder("topics"))}
    rows = query(settings.warehouse, "SELECT topic, topic_stamp FROM topics").to_pylist()
    then = {row["topic"]: row["topic_stamp"] for row in rows}
    if changed := sorted(topic for topic in now.keys() | then.keys() if now.get(topic) != then.get(topic)):
        raise InputError(f"topics have changed since they were published: {', '.join(changed)}; run: dateline run")
    return freeze(settings, name, as_of)


def _topics(settings: Settings) -> pa.Table:
    topics = load_topics(settings.folder("topics"))
    schema = pa.schema(
        [(name, pa.string()) for name in ("topic", "title", "description", "query", "within", "topic_stamp")]
        + [("languages", pa.list_(pa.string()))]
    )
    rows = [
        {
            "topic": t.name, "title": t.title, "description": t.description, "query": t.query_text, "within": t.within,
            "topic_stamp": t.stamp, "languages": list(t.languages),
        }
        for t in topics
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _sources(settings: Settings) -> pa.Table:
    schema = pa.schema(
        [(name, pa.string()) for name in ("source", "title", "country", "language", "timezone")]
        + [("feeds", pa.list_(pa.string())), ("articles_least", pa.int64()), ("articles_most", pa.int64())]
    )
    rows = [
        {
            "source": s.name, "title": s.title, "country": s.country, "language": s.language,
            "timezone": s.timezone and s.timezone.key, "feeds": list(s.feeds),
            "articles_least": s.articles_per_day and s.articles_per_day[0],
            "articles_most": s.articles_per_day and s.articles_per_day[1],
        }
        for s in load_sources(settings.folder("sources"))
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
