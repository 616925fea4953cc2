"""Decides whether a new edition may take the place of the current one: it must not silently show less, or worse.

A fault of the machine, a lost archive, a changed site or a mistake in the configuration can make articles disappear, or
what is found in them. Then the current edition stays until somebody accepts the change.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import duckdb

from etl.publish.edition_file import is_damaged_edition
from etl.publish.unusual_nights import DAYS_COMPARED, unusual_nights
from etl.warehouse.relocatable import quoted

# What an archive or a source may lose from one edition to the next: a few articles turn out to be the same page under
# two addresses, or their records are damaged.
_SMALL_LOSS = 2  # articles
_SMALL_SHARE = 0.05  # of its articles
_NAMED = 10
_LOST_ARTICLES = rf"""
SELECT regexp_replace(regexp_replace(before.batch, '^\d{{8}}-', ''), '-\d{{3}}$', '') AS archive,
       count(*) AS n_before, count(*) FILTER (after.article_id IS NULL) AS n_lost
FROM current.current_articles before LEFT JOIN new.current_articles after USING (article_id)
WHERE NOT list_contains($taken_down, before.article_id)
GROUP BY archive HAVING n_lost > greatest({_SMALL_LOSS}, {_SMALL_SHARE} * n_before) ORDER BY n_lost DESC, archive
"""

# What may be lost of the names, quotes and so on in the articles that both editions have. A better model finds fewer
# wrong ones, but not a quarter fewer.
_LARGE_LOSS = 0.25
_FEWEST = 100  # of which a loss is judged
_FINDINGS = {  # by view: what is counted, and how
    "article_versions": {"dates": "count(published_date)", "languages": "count(language)"},
    "entity_rows": {"names": "count(*)", "linked names": "count(entity_id)"},
    "quote_rows": {"quotes": "count(*)", "speakers": "count(speaker_name)"},
}
_BOTH_EDITIONS = """
CREATE TEMP TABLE both_editions AS
SELECT article_id FROM current.current_articles INTERSECT SELECT article_id FROM new.current_articles
"""
# Nights with a visit that the current edition does not have. A night may have been published in part before.
_NEW_NIGHTS = "SELECT DISTINCT night FROM new.visit_health ANTI JOIN current.visit_health USING (night, source)"


def reasons_to_withhold(new: Path, current: Path, taken_down: Collection[str] = ()) -> tuple[str, ...]:
    """Return a line for each thing that would be lost or is unusual; empty if the new edition may be published.

    Compared are the articles of each archive or source, what was found in the articles that both editions have, and
    the visits of nights that are not published yet with those before them. Articles that were taken down are not
    missed. Nothing is known, and nothing returned, if the current edition is damaged or an older version made it.
    """
    if not current.exists() or is_damaged_edition(current):
        return ()
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(new))} AS new (READ_ONLY)")
        try:
            connection.execute(f"ATTACH {quoted(str(current))} AS current (READ_ONLY)")
            lines = _lost_articles(connection, taken_down)
        except duckdb.Error:
            return ()
        lines += _lost_findings(connection)
        lines += _unusual_nights(connection)
    more = len(lines) - _NAMED
    return (*lines[:_NAMED], f"and {more:,} more") if more > 0 else tuple(lines)


def _lost_articles(connection: duckdb.DuckDBPyConnection, taken_down: Collection[str]) -> list[str]:
    rows = connection.execute(_LOST_ARTICLES, {"taken_down": list(taken_down)}).fetchall()
    return [f"{archive}: {lost:,} of {n:,} articles would disappear" for archive, n, lost in rows]


def _lost_findings(connection: duckdb.DuckDBPyConnection) -> list[str]:
    connection.execute(_BOTH_EDITIONS)
    lines = []
    for view, counts in _FINDINGS.items():
        sql = f"SELECT {', '.join(counts.values())} FROM {{}}.{view} SEMI JOIN both_editions USING (article_id)"
        try:
            [before] = connection.execute(sql.format("current")).fetchall()
        except duckdb.Error:  # data files of the current edition are lost, or an older version made it
            continue
        [after] = connection.execute(sql.format("new")).fetchall()
        for name, n_before, n_after in zip(counts, before, after, strict=True):
            if n_before >= _FEWEST and n_after < (1 - _LARGE_LOSS) * n_before:
                lines.append(f"{n_before - n_after:,} of {n_before:,} {name} in published articles would disappear")
    return lines


def _unusual_nights(connection: duckdb.DuckDBPyConnection) -> list[str]:
    try:
        nights = {night for (night,) in connection.execute(_NEW_NIGHTS).fetchall()}
    except duckdb.Error:  # an older version made the current edition
        return []
    if not nights:
        return []
    first = min(nights) - timedelta(days=DAYS_COMPARED)
    visits = connection.sql("SELECT * FROM new.visit_health WHERE night >= $first", params={"first": first})
    return unusual_nights(visits.to_arrow_table().to_pylist(), nights)
