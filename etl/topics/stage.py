"""The stage: a batch's articles, names and quotes -> `mentions` of each topic. A changed topic is stale alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa

from etl.settings import Settings
from etl.stage import Rows, Stage, Unit
from etl.store import Store
from etl.topics.files import Topic, load_topics
from etl.topics.matcher import Hit, Located, Matcher, Wanted
from etl.warehouse import reading
from schemas import ARTICLES, ENTITIES, MENTIONS, QUOTES, Mention

_TEXTS = """
SELECT min(month), article_id, version_id, any_value(text), any_value(language)
FROM articles WHERE batch = $batch AND list_contains($languages, language)
GROUP BY article_id, version_id ORDER BY version_id
"""
_NAMES = "SELECT version_id, unnest(countries), char_start FROM entities WHERE batch = $batch AND len(countries) > 0"
_QUOTES = "SELECT version_id, quote_id, char_start, char_end FROM quotes WHERE batch = $batch"


class _Quoted(NamedTuple):
    quote_id: str
    start: int
    end: int


def _run(settings: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    topics = {topic.name: topic for topic in load_topics(settings.folder("topics"))}
    wanted = [topics[unit.keys["topic"]] for unit in units]
    matcher = Matcher(Wanted(topic.name, topic.query, topic.within) for topic in wanted)
    batch = units[0].keys["batch"]
    rows = _mentions(Store(settings.warehouse), batch, wanted, matcher)
    for unit in units:
        yield unit, {"mentions": MENTIONS.from_records(rows[unit.keys["topic"]])}


def _mentions(store: Store, batch: str, topics: Sequence[Topic], matcher: Matcher) -> dict[str, list[Mention]]:
    languages = sorted({language for topic in topics for language in topic.languages})
    with reading(store, [ARTICLES, ENTITIES, QUOTES]) as connection:
        texts = connection.execute(_TEXTS, {"batch": batch, "languages": languages}).fetchall()
        names, quotes = defaultdict(list), defaultdict(list)
        for version_id, code, offset in connection.execute(_NAMES, {"batch": batch}).fetchall():
            names[version_id].append(Located(code, offset))
        for version_id, *quoted in connection.execute(_QUOTES, {"batch": batch}).fetchall():
            quotes[version_id].append(_Quoted(*quoted))
    found: dict[str, list[Mention]] = defaultdict(list)
    for month, article_id, version_id, text, language in texts:
        only = {topic.name for topic in topics if language in topic.languages}
        for hit in matcher.hits(text, language, names[version_id], only):
            quote_id = _containing(hit, quotes[version_id])
            found[hit.name].append(
                Mention(
                    batch,
                    hit.name,
                    month,
                    article_id,
                    version_id,
                    hit.level,
                    hit.start,
                    hit.end,
                    list(hit.matched_terms),
                    quote_id,
                )
            )
    return found


def _containing(hit: Hit, quotes: Sequence[_Quoted]) -> str | None:
    return next((q.quote_id for q in quotes if q.start <= hit.start and hit.end <= q.end), None)


def _topics_table(settings: Settings) -> dict[str, pa.Table]:
    topics = load_topics(settings.folder("topics"))
    schema = pa.schema([("topic", pa.string()), ("topic_stamp", pa.string())])
    return {"topics": pa.table([[t.name for t in topics], [t.stamp for t in topics]], schema=schema)}


MATCH = Stage(
    name="match",
    version=1,
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
