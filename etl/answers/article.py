"""One article's everything: its row, names, quotes, mentions and place in its story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl.errors import InputError
from etl.warehouse.duck import query
from etl.warehouse.relocatable import quoted

# Constants, not parameters or joins: by them DuckDB reads only the parts of the files that hold the article.
PARTS = {
    "entities": "SELECT * FROM entities WHERE article_id = {id} ORDER BY char_start, char_end",
    "quotes": "SELECT * FROM quotes WHERE article_id = {id} ORDER BY char_start",
    "mentions": "SELECT * FROM mentions WHERE article_id = {id} ORDER BY topic, char_start",
    "story": "SELECT * EXCLUDE (wording_prints) FROM stories WHERE article_id = {id}",
    "copies": "SELECT article_id FROM story_ids WHERE story_id = {story} AND article_id <> {id} ORDER BY article_id",
}
ARTICLE = "SELECT * FROM articles WHERE article_id = {id}"
_BY_ADDRESS = "SELECT article_id FROM articles WHERE url = {id} OR canonical_url = {id} LIMIT 1"


def whole_article(warehouse: Path, name: str) -> dict[str, Any]:
    """By id or address. Raises InputError where there is no such article, WarehouseError where nothing is published."""

    def rows(sql: str, **given: str) -> list[dict[str, Any]]:
        filled = sql.format(**{key: quoted(value) for key, value in given.items()})
        found: list[dict[str, Any]] = query(warehouse, filled, marts=("story_ids",)).to_pylist()
        return found

    if "/" in name:
        found = rows(_BY_ADDRESS, id=name)
        name = str(found[0]["article_id"]) if found else name
    article = next(iter(rows(ARTICLE, id=name)), None)
    if article is None:
        raise InputError(
            f"no article {name!r} is published; give an article_id, or the address as it stands in articles"
        )
    return {**article, **{part: rows(sql, id=name, story=str(article["story_id"])) for part, sql in PARTS.items()}}
