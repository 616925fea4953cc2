"""The stories stage: from the current articles of a day, and of the days before it, to `stories`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date, timedelta

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.engine.stage import Rows, Stage, Unit
from etl.stories.similarity import StoryText, find_copies
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ARTICLES, STORIES, StoryRow

# A day depends on the wordings, outlets and order of its articles and of the articles in the window before it.
_UNITS = """
WITH days AS (
    SELECT c.day, bit_xor(md5_number(concat_ws('|', c.article_id, c.version_id, v.outlet,
                                               coalesce(c.printed.published_at, c.first_seen_at)))) AS digest
    FROM current_articles c JOIN article_versions v USING (batch, warc_offset) GROUP BY c.day
)
SELECT strftime(d.day, '%Y-%m-%d') AS unit,
       string_agg(b.day::VARCHAR || '=' || b.digest::VARCHAR, ',' ORDER BY b.day) AS input,
       strftime(d.day, '%Y-%m') AS job,
       strftime(d.day, '%Y-%m-%d') AS day
FROM days d, story_window w, days b
WHERE b.day BETWEEN d.day - w.days::INTEGER AND d.day
GROUP BY d.day
"""


def _story_rows(texts: Sequence[StoryText], window_days: int, days: Set[date]) -> list[StoryRow]:
    """The rows of `stories` for the texts of these days; texts of earlier days serve only as originals."""
    day_of = {text.article_id: text.day for text in texts}
    return [
        StoryRow(day, f"{day:%Y-%m}", c.article_id, c.copy_of, c.role, c.similarity, c.method, c.sketch)
        for c in find_copies(texts, window_days)
        if (day := day_of[c.article_id]) in days
    ]


def _run(settings: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    days = sorted(date.fromisoformat(unit.keys["day"]) for unit in units)
    window = settings.story_window_days
    texts = _texts(Store(settings.warehouse), days[0] - timedelta(days=window), days[-1])
    rows = STORIES.from_records(_story_rows(texts, window, set(days)))
    row_days = rows["day"].to_pylist()
    for unit in units:
        day = date.fromisoformat(unit.keys["day"])
        yield unit, {"stories": rows.filter([row_day == day for row_day in row_days])}


def _texts(store: Store, first: date, last: date) -> list[StoryText]:
    with reading(store, [ARTICLES]) as connection:
        rows = connection.execute(
            """
            SELECT c.article_id, v.outlet, c.day,
                   strftime(coalesce(c.printed.published_at, c.first_seen_at), '%Y-%m-%dT%H:%M:%S'), v.text
            FROM current_articles c JOIN article_versions v USING (batch, warc_offset)
            WHERE c.day BETWEEN $first AND $last
            """,
            {"first": first, "last": last},
        ).fetchall()
    return [StoryText(*row) for row in rows]


STAGE = Stage(
    name="stories",
    version=4,
    reads=(ARTICLES,),
    writes=(STORIES,),
    keys=("day",),
    units=_UNITS,
    run=_run,
    inputs=lambda settings: {"story_window": pa.table({"days": [settings.story_window_days]})},
)
