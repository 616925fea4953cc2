"""The SQL of the marts, one file per mart, named after it.

A file begins with a comment that describes the mart, followed by one comment for each column: `-- column: what it
holds`. A line that begins with `--` and more than one space continues the line before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

# In the order in which they are built: a mart may read those before it.
MARTS = (
    "coverage", "dated_articles", "topic_sources", "topic_wholes", "topic_articles", "topic_quotes", "topic_daily",
    "topic_periods", "topic_daily_by", "topic_outlets", "topic_speakers", "bursts", "speaker_daily", "entity_daily",
    "entity_pairs_daily", "country_pairs_daily", "source_health", "utterances", "quotes_everywhere", "reprints",
    "story_changes", "visit_health",
)  # fmt: skip
_COLUMN = re.compile(r"^-- (\w+): (.+)$")
_CONTINUED = re.compile(r"^--  +(.+)$")


@dataclass(frozen=True)
class Mart:
    """A mart: its SELECT, its description, and its columns in order with theirs."""

    name: str
    sql: str
    description: str
    columns: dict[str, str]


def read_mart(name: str) -> Mart:
    """Return a mart as its file declares it."""
    sql = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8").strip()
    sentences: list[str] = []
    columns: dict[str, str] = {}
    latest = ""
    for line in takewhile(lambda line: line.startswith("-- "), sql.splitlines()):
        if match := _COLUMN.match(line):
            latest, columns[latest] = match.groups()
        elif columns and (match := _CONTINUED.match(line)):
            columns[latest] += f" {match[1]}"
        else:
            sentences.append(line.removeprefix("--").strip())
    return Mart(name, sql, " ".join(sentences), columns)
