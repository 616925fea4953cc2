"""Decides whether a new edition may take the place of the current one: it must not silently show less.

A fault of the machine, a lost archive or a mistake in the configuration can make articles disappear. Then the current
edition stays until somebody accepts the loss.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from etl.publish.edition_file import is_damaged_edition
from etl.warehouse.relocatable import quoted

# What an archive or a source may lose from one edition to the next: a few articles turn out to be the same page under
# two addresses, or their records are damaged.
_SMALL_LOSS = 2  # articles
_SMALL_SHARE = 0.05  # of its articles
_NAMED = 5
_LOSSES = rf"""
SELECT regexp_replace(regexp_replace(before.batch, '^\d{{8}}-', ''), '-\d{{3}}$', '') AS archive,
       count(*) AS n_before, count(*) FILTER (after.article_id IS NULL) AS n_lost
FROM current.current_articles before LEFT JOIN new.current_articles after USING (article_id)
GROUP BY archive HAVING n_lost > greatest({_SMALL_LOSS}, {_SMALL_SHARE} * n_before) ORDER BY n_lost DESC, archive
"""


def losses(new: Path, current: Path) -> tuple[str, ...]:
    """Return a line for each archive or source that loses more than a few of the articles of the current edition.

    Nothing is known, and nothing returned, if the current edition is damaged or an older version made it.
    """
    if not current.exists() or is_damaged_edition(current):
        return ()
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(str(new))} AS new (READ_ONLY)")
        try:
            connection.execute(f"ATTACH {quoted(str(current))} AS current (READ_ONLY)")
            rows = connection.execute(_LOSSES).fetchall()
        except duckdb.Error:
            return ()
    lines = [f"{archive}: {lost:,} of {n:,} articles would disappear" for archive, n, lost in rows]
    more = len(lines) - _NAMED
    return (*lines[:_NAMED], f"and of {more:,} more sources") if more > 0 else tuple(lines)
