"""Reads from the previously published file which story each article belonged to.

With this the new file can record in `story_changes` which articles have moved to a different story since then.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from etl.publish.edition_file import is_damaged_edition
from etl.warehouse.layout import WarehouseLayout
from etl.warehouse.takedowns import read_takedowns

_STORY_CHANGES = """
SELECT * FROM story_changes
WHERE NOT (list_contains($ids, article_id) OR list_contains($ids, story_id) OR list_contains($ids, story_id_before))
"""
STORY_IDS_SCHEMA = pa.schema([("article_id", pa.string()), ("story_id", pa.string())])
STORY_CHANGES_SCHEMA = pa.schema(
    [("changed_at", pa.timestamp("us", "UTC"))]
    + [(name, pa.string()) for name in ("article_id", "story_id_before", "story_id")]
)


def read_previous_stories(layout: WarehouseLayout) -> tuple[pa.Table, pa.Table]:
    """Return the tables `story_ids` and `story_changes` of the newest edition that is not damaged.

    Both are empty if there is none, or if an older version that lacks them published it.
    """
    taken_down = {"ids": list(read_takedowns(layout.takedowns).article_ids)}
    for _, path in reversed(layout.editions()):
        if is_damaged_edition(path):
            continue
        try:
            with duckdb.connect(str(path), read_only=True) as connection:
                connection.execute("SET TimeZone = 'UTC'")
                ids = connection.sql("SELECT article_id, story_id FROM story_ids").to_arrow_table()
                return ids, connection.sql(_STORY_CHANGES, params=taken_down).to_arrow_table()
        except duckdb.Error:
            continue
    return STORY_IDS_SCHEMA.empty_table(), STORY_CHANGES_SCHEMA.empty_table()
