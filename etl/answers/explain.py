"""The stories, articles and sentences behind the counts of one day in a topic's series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.errors import InputError
from etl.warehouse.duck import query

# The parameters of these statements are $topic and $day. docs/topics.md shows the way to the sentences to users.
_DAY = "SELECT * FROM topic_daily WHERE topic = $topic AND day = $day"
_UNOBSERVED = """
SELECT c.source, c.basis FROM coverage c JOIN topic_sources s USING (source)
WHERE s.topic = $topic AND c.day = $day AND c.status = 'unobserved'
UNION
SELECT DISTINCT a.source, 'not matched yet' FROM dated_articles a JOIN unmatched u USING (batch)
WHERE u.topic = $topic AND a.day = $day
ORDER BY source
"""
_BURST = "SELECT first_day, last_day, weight FROM bursts WHERE topic = $topic AND $day BETWEEN first_day AND last_day"
_STORIES = """
SELECT
    t.story_id, count(*) AS n_articles, count(DISTINCT t.outlet) AS n_outlets,
    first(a.outlet ORDER BY a.published_at, a.first_seen_at, a.article_id) AS first_in,
    first(a.title ORDER BY a.published_at, a.first_seen_at, a.article_id) AS title,
    first(a.url ORDER BY a.published_at, a.first_seen_at, a.article_id) AS url
FROM topic_articles t JOIN articles a USING (article_id)
WHERE t.topic = $topic AND t.day = $day
GROUP BY t.story_id
ORDER BY n_outlets DESC, n_articles DESC, t.story_id
"""
_MENTIONS = """
SELECT
    t.story_id, a.outlet, a.url, m.level, m.char_start, m.char_end, m.matched_terms,
    CASE WHEN m.level = 'article' THEN a.title ELSE a.text[m.char_start + 1 : m.char_end] END AS text,
    m.quote_id, q.speaker_name
FROM topic_articles t
JOIN mentions m ON m.topic = t.topic AND m.article_id = t.article_id
JOIN articles a ON a.article_id = t.article_id
LEFT JOIN quotes q ON q.quote_id = m.quote_id
WHERE t.topic = $topic AND t.day = $day
ORDER BY t.story_id, a.outlet, a.url, m.char_start
"""
_MARTS_READ = ("topic_daily", "topic_articles", "topic_sources", "dated_articles", "coverage", "bursts")


@dataclass(frozen=True)
class DayExplanation:
    """What is behind one day of a topic.

    `day`: its row in topic_daily. `unobserved`: the sources that are missing, with the reason. `burst`: the burst that
    the day belongs to, or null. `stories` and `mentions`: those of the day.
    """

    day: dict[str, Any]
    unobserved: list[dict[str, Any]]
    burst: dict[str, Any] | None
    stories: list[dict[str, Any]]
    mentions: list[dict[str, Any]]


def explain(warehouse: Path, topic: str, day: date) -> DayExplanation:
    """Explain one day of a topic's series.

    Raises InputError if the day is outside the series, WarehouseError if nothing is published.
    """

    def select(sql: str) -> list[dict[str, Any]]:
        used = {name: value for name, value in {"topic": topic, "day": day}.items() if f"${name}" in sql}
        rows: list[dict[str, Any]] = query(warehouse, sql, used, marts=_MARTS_READ).to_pylist()
        return rows

    days = select(_DAY)
    if not days:
        span = query(warehouse, "SELECT min(day) AS first, max(day) AS last FROM topic_daily").to_pylist()[0]
        raise InputError(f"{day}: the series of {topic!r} goes from {span['first']} to {span['last']}")
    burst = next(iter(select(_BURST)), None)
    return DayExplanation(days[0], select(_UNOBSERVED), burst, select(_STORIES), select(_MENTIONS))
