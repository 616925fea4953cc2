"""Why a past figure changed: two published files side by side."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import InputError, WarehouseError
from etl.warehouse.relocatable import quoted

_NO_ADDRESSES = pa.schema([(name, pa.string()) for name in ("article_id", "outlet", "title", "url")]).empty_table()
# What tells an article's place in a topic's series; all are tables, so that no data file is read.
_SIDE = {
    "topic_articles": "SELECT topic, article_id, story_id, day FROM topic_articles",
    "versions": "SELECT article_id, version_id, batch FROM current_articles",
    "unmatched": "SELECT topic, batch FROM unmatched",
    "topics": "SELECT topic, topic_stamp FROM topics",
    "about": "SELECT published_at, code_version, coalesce(model, '') AS model FROM about",
}
# Causes in the order in which they are asked for: what is new cannot be corrected, what is corrected is matched anew.
CAUSES = {
    "late article": "the article was not there before",
    "article gone": "the article is not there any more",
    "not matched": "in one of the files the article's batch was not matched with the topic yet",
    "new topic": "the topic was not there before",
    "topic gone": "the topic is not there any more",
    "new query": "the topic's query, scope or languages changed",
    "corrected": "the article has another wording",
    "new day": "the article has another day",
    "new names": "the same text is read otherwise: model, gazetteer or code changed",
    "new story": "the article belongs to another story: copies are counted otherwise",
}
_CHANGES = """
WITH both_sides AS (
    SELECT
        topic, article_id, a.day AS day_before, b.day AS day_after,
        a.story_id AS story_before, b.story_id AS story_after,
        a.article_id IS NOT NULL AS was_in, b.article_id IS NOT NULL AS is_in
    FROM a_topic_articles a FULL JOIN b_topic_articles b USING (topic, article_id)
),
judged AS (
    SELECT
        s.*,
        CASE
            WHEN va.article_id IS NULL THEN 'late article'
            WHEN vb.article_id IS NULL THEN 'article gone'
            WHEN ta.topic IS NULL THEN 'new topic'
            WHEN tb.topic IS NULL THEN 'topic gone'
            WHEN NOT was_in AND (topic, va.batch) IN (SELECT (topic, batch) FROM a_unmatched) THEN 'not matched'
            WHEN NOT is_in AND (topic, vb.batch) IN (SELECT (topic, batch) FROM b_unmatched) THEN 'not matched'
            WHEN was_in <> is_in AND ta.topic_stamp IS DISTINCT FROM tb.topic_stamp THEN 'new query'
            WHEN was_in <> is_in AND va.version_id <> vb.version_id THEN 'corrected'
            WHEN was_in <> is_in THEN 'new names'
            WHEN day_before IS DISTINCT FROM day_after THEN 'new day'
            WHEN story_before <> story_after THEN 'new story'
        END AS cause
    FROM both_sides s
    LEFT JOIN a_versions va USING (article_id)
    LEFT JOIN b_versions vb USING (article_id)
    LEFT JOIN a_topics ta USING (topic)
    LEFT JOIN b_topics tb USING (topic)
)
SELECT topic, article_id, day_before, day_after, was_in, is_in, story_before, story_after, cause
FROM judged WHERE cause IS NOT NULL AND topic = coalesce($topic::VARCHAR, topic)
"""
_SUMMARY = """
WITH moved AS (
    SELECT topic, strftime(day_before, '%Y-%m') AS month, cause, 1 AS gone, 0 AS come FROM changes
    WHERE was_in AND (NOT is_in OR day_before IS DISTINCT FROM day_after)
    UNION ALL
    SELECT topic, strftime(day_after, '%Y-%m'), cause, 0, 1 FROM changes
    WHERE is_in AND (NOT was_in OR day_before IS DISTINCT FROM day_after)
    UNION ALL
    SELECT topic, strftime(day_after, '%Y-%m'), cause, 0, 0 FROM changes WHERE cause = 'new story'
),
stories AS (
    SELECT topic, strftime(day, '%Y-%m') AS month, count(*) AS n, count(DISTINCT story_id) AS s, 'a' AS side
    FROM a_topic_articles GROUP BY ALL
    UNION ALL
    SELECT topic, strftime(day, '%Y-%m'), count(*), count(DISTINCT story_id), 'b' FROM b_topic_articles GROUP BY ALL
)
SELECT
    m.topic, m.month, m.cause, count(*) AS articles, sum(come)::BIGINT AS came, sum(gone)::BIGINT AS went,
    coalesce(any_value(x.n), 0) AS n_articles_before, coalesce(any_value(y.n), 0) AS n_articles_after,
    coalesce(any_value(x.s), 0) AS n_stories_before, coalesce(any_value(y.s), 0) AS n_stories_after
FROM moved m
LEFT JOIN stories x ON x.side = 'a' AND x.topic = m.topic AND x.month IS NOT DISTINCT FROM m.month
LEFT JOIN stories y ON y.side = 'b' AND y.topic = m.topic AND y.month IS NOT DISTINCT FROM m.month
GROUP BY m.topic, m.month, m.cause
ORDER BY m.topic, m.month, m.cause
"""

_ADDRESSES = "SELECT article_id, outlet, title, url FROM articles WHERE article_id IN (SELECT unnest($ids::VARCHAR[]))"
_WITH_ADDRESSES = """
SELECT c.topic, c.cause, c.day_before, c.day_after, n.outlet, n.title, n.url, c.article_id, c.was_in, c.is_in,
       c.story_before, c.story_after
FROM changes c LEFT JOIN addresses n USING (article_id)
ORDER BY c.topic, c.day_after, c.day_before, c.article_id
"""


@dataclass(frozen=True)
class Changes:
    """What differs: both files' `about`, by topic and month the causes with their numbers, and the articles."""

    before: dict[str, Any]
    after: dict[str, Any]
    summary: pa.Table
    articles: pa.Table


def compare_files(before: Path, after: Path, topic: str | None = None) -> Changes:
    """Compares two published files. Raises WarehouseError where one cannot be read, InputError of an unknown topic."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        about = []
        for side, path in (("a", before), ("b", after)):
            tables = _read(path)
            about.append(tables["about"].to_pylist()[0])
            for name, table in tables.items():
                connection.register(f"{side}_{name}", table)
        if topic is not None:
            known = "SELECT topic FROM a_topics UNION SELECT topic FROM b_topics ORDER BY topic"
            names = [name for (name,) in connection.execute(known).fetchall()]
            if topic not in names:
                raise InputError(f"neither file has a topic {topic!r}; there are: {', '.join(names) or 'none'}")
        changes = connection.sql(_CHANGES, params={"topic": topic}).to_arrow_table()
        connection.register("changes", changes)
        summary = connection.sql(_SUMMARY).to_arrow_table()
    return Changes(about[0], about[1], summary, changes)


def with_addresses(articles: pa.Table, files: Sequence[Path]) -> pa.Table:
    """The changed articles with outlet, title and address, from the last of the files that has them, where its data
    files can be read: else null."""
    ids, found = articles["article_id"].to_pylist(), [_NO_ADDRESSES]
    for path in files:
        with contextlib.suppress(duckdb.Error), duckdb.connect(str(path.resolve()), read_only=True) as connection:
            connection.execute(f"SET VARIABLE dateline_root = {quoted(str(path.resolve().parent))}")
            found.append(connection.sql(_ADDRESSES, params={"ids": ids}).to_arrow_table())
    with duckdb.connect() as connection:
        connection.register("changes", articles)
        for number, table in enumerate(found):
            connection.register(f"side_{number}", table)
        sides = " UNION ALL ".join(f"SELECT *, {number} AS side FROM side_{number}" for number in range(len(found)))
        last = "QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY side DESC) = 1"
        return connection.sql(f"WITH addresses AS (SELECT * FROM ({sides}) {last}) {_WITH_ADDRESSES}").to_arrow_table()


def _read(path: Path) -> dict[str, pa.Table]:
    try:
        with duckdb.connect(str(path.resolve()), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return {name: connection.sql(sql).to_arrow_table() for name, sql in _SIDE.items()}
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: cannot be compared: {str(error).splitlines()[0]}") from None
