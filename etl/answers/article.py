"""Everything known about one article: its row, names, quotes and mentions, and its story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl.errors import InputError
from etl.warehouse.duck import query
from etl.warehouse.relocatable import quoted

# The ids are written into the SQL as constants. With parameters or joins DuckDB would read the files as a whole; with
# constants it reads only the parts that contain the article.
DETAILS_SQL = {
    "entities": "SELECT * FROM entities WHERE article_id = {id} ORDER BY char_start, char_end",
    "quotes": "SELECT * FROM quotes WHERE article_id = {id} ORDER BY char_start",
    "mentions": "SELECT * FROM mentions WHERE article_id = {id} ORDER BY topic, char_start",
    "story": "SELECT * EXCLUDE (wording_prints) FROM stories WHERE article_id = {id}",
    "copies": "SELECT article_id FROM story_ids WHERE story_id = {story} AND article_id <> {id} ORDER BY article_id",
}
ARTICLE_SQL = "SELECT * FROM articles WHERE article_id = {id}"
_BY_ADDRESS = "SELECT article_id FROM articles WHERE url = {id} OR canonical_url = {id} LIMIT 1"


def article_details(warehouse: Path, name: str) -> dict[str, Any]:
    """Return all that is known of an article, by its id or address.

    Raises InputError if there is no such article, WarehouseError if nothing is published.
    """

    def select(sql: str, **values: str) -> list[dict[str, Any]]:
        statement = sql.format(**{key: quoted(value) for key, value in values.items()})
        rows: list[dict[str, Any]] = query(warehouse, statement, marts=("story_ids",)).to_pylist()
        return rows

    article_id = name
    if "/" in name and (matches := select(_BY_ADDRESS, id=name)):
        article_id = str(matches[0]["article_id"])
    article = next(iter(select(ARTICLE_SQL, id=article_id)), None)
    if article is None:
        raise InputError(f"no article {name!r} is published; give an article_id, or an address from the view articles")
    story_id = str(article["story_id"])
    return article | {part: select(sql, id=article_id, story=story_id) for part, sql in DETAILS_SQL.items()}
