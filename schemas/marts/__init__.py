"""The marts: one SQL file each. Its name is the mart's, its first comment the description, then a line a column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# In the order in which they are built: a mart may read those before it.
MARTS = (
    "coverage", "dated_articles", "topic_sources", "topic_wholes", "topic_articles", "topic_quotes", "topic_daily",
    "topic_periods", "topic_daily_by", "topic_outlets", "topic_speakers", "bursts", "speaker_daily", "entity_daily",
    "entity_pairs_daily", "country_pairs_daily", "source_health", "utterances", "quotes_everywhere", "reprints",
    "story_changes",
)  # fmt: skip
_COLUMN = re.compile(r"^-- (\w+): (.+)$")


@dataclass(frozen=True)
class Mart:
    """A mart: its SELECT, its description, and its columns with theirs, in order."""

    name: str
    sql: str
    description: str
    columns: dict[str, str]


def read_mart(name: str) -> Mart:
    """A mart from its file."""
    sql = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").strip()
    header = [line for line in sql.splitlines() if line.startswith("-- ")]
    columns = {match[1]: match[2] for line in header if (match := _COLUMN.match(line))}
    description = " ".join(line.removeprefix("-- ") for line in header if not _COLUMN.match(line))
    return Mart(name, sql, description, columns)
