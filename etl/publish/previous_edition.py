"""What the file published before said of stories: by it a change of a story's id is noticed and kept."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

IDS = pa.schema([("article_id", pa.string()), ("story_id", pa.string())])
CHANGES = pa.schema(
    [("changed_at", pa.timestamp("us", "UTC"))]
    + [(name, pa.string()) for name in ("article_id", "story_id_before", "story_id")]
)


def stories_before(link: Path) -> tuple[pa.Table, pa.Table]:
    """The ids of stories in the published file, and their changes until then. Empty where there is no such file, or one
    that says nothing of them."""
    if link.exists():
        try:
            with duckdb.connect(str(link.resolve()), read_only=True) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                ids = connection.sql("SELECT article_id, story_id FROM story_ids").to_arrow_table()
                return ids, connection.sql("SELECT * FROM story_changes").to_arrow_table()
        except duckdb.Error:
            pass  # unreadable, or published by an older version
    return IDS.empty_table(), CHANGES.empty_table()
