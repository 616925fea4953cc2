"""Reads from the previously published file which story each article belonged to.

With this the new file can record in `story_changes` which articles have moved to a different story since then.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

STORY_IDS_SCHEMA = pa.schema([("article_id", pa.string()), ("story_id", pa.string())])
STORY_CHANGES_SCHEMA = pa.schema(
    [("changed_at", pa.timestamp("us", "UTC"))]
    + [(name, pa.string()) for name in ("article_id", "story_id_before", "story_id")]
)


def read_previous_stories(link: Path) -> tuple[pa.Table, pa.Table]:
    """Return the tables `story_ids` and `story_changes` of the published file.

    Both are empty if there is no such file, if it cannot be read, or if an older version that lacks them published it.
    """
    if link.exists():
        try:
            with duckdb.connect(str(link.resolve()), read_only=True) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                ids = connection.sql("SELECT article_id, story_id FROM story_ids").to_arrow_table()
                return ids, connection.sql("SELECT * FROM story_changes").to_arrow_table()
        except duckdb.Error:
            pass
    return STORY_IDS_SCHEMA.empty_table(), STORY_CHANGES_SCHEMA.empty_table()
