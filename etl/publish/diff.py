"""Compares two published files: which articles entered, left or moved in the series of topics, and why."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from etl.errors import InputError, WarehouseError
from etl.warehouse.relocatable import set_root

_ADDRESSES_SCHEMA = pa.schema([(name, pa.string()) for name in ("article_id", "outlet", "title", "url")])
# What is compared: the article's place in the series of topics, and what decides it. These are tables of the published
# file, not views, so that no data file is read.
_COMPARED = {
    "topic_articles": "SELECT topic, article_id, story_id, day FROM topic_articles",
    "versions": "SELECT article_id, version_id, batch FROM current_articles",
    "unmatched": "SELECT topic, batch FROM unmatched",
    "topics": "SELECT topic, topic_stamp FROM topics",
    "about": "SELECT published_at, code_version, coalesce(model, '') AS model FROM about",
}
# Why an article's place in a topic's series differs between the files BEFORE and AFTER. If several causes apply, it is
# the one that _CHANGED_ARTICLES tests first.
CAUSES = {
    "late article": "the article was not in BEFORE",
    "article gone": "the article is no longer in AFTER",
    "not matched": "the article's batch had not been matched with the topic when one of the files was published",
    "new topic": "the topic was not in BEFORE",
    "topic gone": "the topic is no longer in AFTER",
    "new query": "the topic's query, scope or languages changed",
    "corrected": "the wording of the article changed",
    "new day": "the day of the article changed",
    "new names": "other names or quotes were found in the same text: the model, gazetteer or code changed",
    "new story": "the article belongs to another story now, so copies are counted differently",
}
_CHANGED_ARTICLES = """
WITH both_sides AS (
    SELECT
        topic, article_id, a.day AS day_before, b.day AS day_after,
        a.story_id AS story_before, b.story_id AS story_after,
        a.article_id IS NOT NULL AS was_in, b.article_id IS NOT NULL AS is_in
    FROM a_topic_articles a FULL JOIN b_topic_articles b USING (topic, article_id)
),
with_cause AS (
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
FROM with_cause WHERE cause IS NOT NULL AND topic = coalesce($topic::VARCHAR, topic)
"""
# By topic, month and cause: articles that entered or left the month, and all articles and stories of the month.
_SUMMARY = """
WITH moved AS (
    SELECT topic, strftime(day_before, '%Y-%m') AS month, cause, 1 AS n_left, 0 AS n_entered FROM changed_articles
    WHERE was_in AND (NOT is_in OR day_before IS DISTINCT FROM day_after)
    UNION ALL
    SELECT topic, strftime(day_after, '%Y-%m'), cause, 0, 1 FROM changed_articles
    WHERE is_in AND (NOT was_in OR day_before IS DISTINCT FROM day_after)
    UNION ALL
    SELECT topic, strftime(day_after, '%Y-%m'), cause, 0, 0 FROM changed_articles WHERE cause = 'new story'
),
topic_months AS (
    SELECT topic, strftime(day, '%Y-%m') AS month, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories,
           'a' AS side
    FROM a_topic_articles GROUP BY ALL
    UNION ALL
    SELECT topic, strftime(day, '%Y-%m'), count(*), count(DISTINCT story_id), 'b' FROM b_topic_articles GROUP BY ALL
)
SELECT
    m.topic, m.month, m.cause, count(*) AS articles, sum(n_entered)::BIGINT AS came, sum(n_left)::BIGINT AS went,
    coalesce(any_value(a.n_articles), 0) AS n_articles_before, coalesce(any_value(b.n_articles), 0) AS n_articles_after,
    coalesce(any_value(a.n_stories), 0) AS n_stories_before, coalesce(any_value(b.n_stories), 0) AS n_stories_after
FROM moved m
LEFT JOIN topic_months a ON a.side = 'a' AND a.topic = m.topic AND a.month IS NOT DISTINCT FROM m.month
LEFT JOIN topic_months b ON b.side = 'b' AND b.topic = m.topic AND b.month IS NOT DISTINCT FROM m.month
GROUP BY m.topic, m.month, m.cause
ORDER BY m.topic, m.month, m.cause
"""

_ADDRESSES = "SELECT article_id, outlet, title, url FROM articles WHERE article_id IN (SELECT unnest($ids::VARCHAR[]))"
_WITH_ADDRESSES = """
SELECT c.topic, c.cause, c.day_before, c.day_after, n.outlet, n.title, n.url, c.article_id, c.was_in, c.is_in,
       c.story_before, c.story_after
FROM changed_articles c LEFT JOIN addresses n USING (article_id)
ORDER BY c.topic, c.day_after, c.day_before, c.article_id
"""


@dataclass(frozen=True)
class Comparison:
    """The differences between two published files.

    `before` and `after` are the rows of `about` in both files. `summary` counts the changed articles by topic, month
    and cause; `articles` has a row for each changed article and topic.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    summary: pa.Table
    articles: pa.Table


def compare_files(before: Path, after: Path, topic: str | None = None) -> Comparison:
    """Compare two published files, for one topic or for all.

    Raises WarehouseError if a file cannot be read, InputError if neither file has the topic.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        about = []
        for side, path in (("a", before), ("b", after)):
            tables = _read_compared(path)
            about.append(tables["about"].to_pylist()[0])
            for name, table in tables.items():
                connection.register(f"{side}_{name}", table)
        if topic is not None:
            all_topics = "SELECT topic FROM a_topics UNION SELECT topic FROM b_topics ORDER BY topic"
            names = [name for (name,) in connection.execute(all_topics).fetchall()]
            if topic not in names:
                raise InputError(f"neither file has a topic {topic!r}; there are: {', '.join(names) or 'none'}")
        changed_articles = connection.sql(_CHANGED_ARTICLES, params={"topic": topic}).to_arrow_table()
        connection.register("changed_articles", changed_articles)
        summary = connection.sql(_SUMMARY).to_arrow_table()
    return Comparison(about[0], about[1], summary, changed_articles)


def with_addresses(articles: pa.Table, files: Sequence[Path]) -> pa.Table:
    """Add outlet, title and URL to the changed articles, from the last of the files that has the article.

    They are null if no file has the article or the data files of those that have it cannot be read.
    """
    ids, addresses = articles["article_id"].to_pylist(), [_ADDRESSES_SCHEMA.empty_table()]
    for path in files:
        with contextlib.suppress(duckdb.Error), duckdb.connect(str(path.resolve()), read_only=True) as connection:
            connection.execute(set_root(path.resolve().parent))
            addresses.append(connection.sql(_ADDRESSES, params={"ids": ids}).to_arrow_table())
    with duckdb.connect() as connection:
        connection.register("changed_articles", articles)
        for number, table in enumerate(addresses):
            connection.register(f"file_{number}", table)
        rows = " UNION ALL ".join(f"SELECT *, {number} AS file FROM file_{number}" for number in range(len(addresses)))
        last = "QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY file DESC) = 1"
        return connection.sql(f"WITH addresses AS (SELECT * FROM ({rows}) {last}) {_WITH_ADDRESSES}").to_arrow_table()


def _read_compared(path: Path) -> dict[str, pa.Table]:
    try:
        with duckdb.connect(str(path.resolve()), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return {name: connection.sql(sql).to_arrow_table() for name, sql in _COMPARED.items()}
    except duckdb.Error as error:
        raise WarehouseError(f"{path}: cannot be compared: {str(error).splitlines()[0]}") from None
