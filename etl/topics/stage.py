"""The match stage: from a batch's articles, names and quotes to the `mentions` of each topic.

A unit is a pair of a batch and a topic, so changing a topic makes only that topic's units stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.engine.stage import Rows, Stage, Unit
from etl.topics.files import Topic, load_topics
from etl.topics.matcher import Document, DocumentName, DocumentQuote, Matcher, TopicQuery, containing_quote
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ARTICLES, ENTITIES, MENTIONS, QUOTES, Mention

_TEXTS = """
SELECT min(month), article_id, version_id, any_value(text), any_value(language), any_value(title), any_value(outlet)
FROM articles WHERE batch = $batch AND list_contains($languages, language)
GROUP BY article_id, version_id ORDER BY version_id
"""
_NAMES = "SELECT version_id, char_start, entity_id, name, countries FROM entities WHERE batch = $batch"
_QUOTES = """
SELECT version_id, quote_id, [(p.char_start, p.char_end) FOR p IN parts], speaker_entity_id, speaker_name
FROM quotes WHERE batch = $batch
"""


def _run(settings: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    by_name = {topic.name: topic for topic in load_topics(settings.folder("topics"))}
    topics = [by_name[unit.keys["topic"]] for unit in units]
    matcher = _matcher(tuple(topics))
    batch = units[0].keys["batch"]
    mentions = _mentions(Store(settings.warehouse), batch, topics, matcher)
    no_rows = MENTIONS.empty()
    for unit in units:
        rows = mentions.get(unit.keys["topic"])
        yield unit, {"mentions": MENTIONS.from_records(rows) if rows else no_rows}


@lru_cache(maxsize=4)
def _matcher(topics: tuple[Topic, ...]) -> Matcher:
    """The matcher of these topics, cached so that it is not compiled again for each batch."""
    return Matcher(TopicQuery(topic.name, topic.query, topic.within) for topic in topics)


def _mentions(store: Store, batch: str, topics: Sequence[Topic], matcher: Matcher) -> dict[str, list[Mention]]:
    """The mentions in a batch's articles, by the name of the topic."""
    mentions: dict[str, list[Mention]] = defaultdict(list)
    languages = sorted({language for topic in topics for language in topic.languages})
    topics_in = {code: {topic.name for topic in topics if code in topic.languages} for code in languages}
    for month, article_id, version_id, document in _documents(store, batch, languages):
        for hit in matcher.hits(document, topics_in[document.language or ""]):
            mentions[hit.query_name].append(
                Mention(
                    batch, hit.query_name, month, article_id, version_id, hit.level, hit.start, hit.end,
                    list(hit.matched_terms), containing_quote(hit, document.quotes),
                )
            )  # fmt: skip
    return mentions


def _documents(store: Store, batch: str, languages: Sequence[str]) -> Iterator[tuple[str, str, str, Document]]:
    """Each version of a batch's articles in these languages: month, article_id, version_id and document."""
    with reading(store, [ARTICLES, ENTITIES, QUOTES]) as connection:
        texts = connection.execute(_TEXTS, {"batch": batch, "languages": languages}).fetchall()
        names, quotes = defaultdict(list), defaultdict(list)
        for version_id, *name in connection.execute(_NAMES, {"batch": batch}).fetchall():
            names[version_id].append(DocumentName(*name))
        for version_id, *quote in connection.execute(_QUOTES, {"batch": batch}).fetchall():
            quotes[version_id].append(DocumentQuote(*quote))
    for month, article_id, version_id, text, language, title, outlet in texts:
        yield (
            month,
            article_id,
            version_id,
            Document(text, language, title or "", outlet, names[version_id], quotes[version_id]),
        )


def _topics_table(settings: Settings) -> dict[str, pa.Table]:
    topics = load_topics(settings.folder("topics"))
    schema = pa.schema([("topic", pa.string()), ("topic_stamp", pa.string())])
    return {"topics": pa.table([[t.name for t in topics], [t.stamp for t in topics]], schema=schema)}


STAGE = Stage(
    name="match",
    version=2,
    reads=(ARTICLES, ENTITIES, QUOTES),
    writes=(MENTIONS,),
    keys=("batch", "topic"),
    units="""
    SELECT d.unit || '/' || t.topic AS unit, d.stamp || '|' || t.topic_stamp AS input, d.unit AS job,
           d.unit AS batch, t.topic
    FROM done d, topics t WHERE d.stage = 'annotate'
    """,
    run=_run,
    inputs=_topics_table,
)
