"""The tables of the warehouse, each declared once as a record class."""

from schemas.articles import ARTICLES, Article
from schemas.batches import BATCHES, BatchRow
from schemas.entities import ENTITIES, Entity
from schemas.fetches import FETCHES, Fetch
from schemas.mentions import MENTIONS, Mention
from schemas.quotes import QUOTES, Part, Quote
from schemas.record import Column, RecordError, Table
from schemas.rejects import REJECTS, Reject
from schemas.runs import RUNS, Run, Written
from schemas.stories import STORIES, StoryRow
from schemas.values import REASONS, Reason

TABLES: dict[str, Table] = {
    table.name: table for table in (BATCHES, FETCHES, ARTICLES, ENTITIES, QUOTES, STORIES, MENTIONS, REJECTS, RUNS)
}

SCHEMA_VERSION = 2
"""The version of the tables' columns. It rises when a column is added or is no longer written:

1: the first
2: batches.file_sha256, batches.damaged_sha256
"""

__all__ = [
    "ARTICLES", "BATCHES", "ENTITIES", "FETCHES", "MENTIONS", "QUOTES", "REASONS", "REJECTS", "RUNS", "SCHEMA_VERSION",
    "STORIES", "TABLES", "Article", "BatchRow", "Column", "Entity", "Fetch", "Mention", "Part", "Quote", "Reason",
    "RecordError", "Reject", "Run", "StoryRow", "Table", "Written",
]  # fmt: skip
