"""A million articles: the time of queries, cold and warm, compared with a bare scan of their columns.

Run: make bench-queries. The warehouse is generated (benchmarks/generate_warehouse.py): a million articles, 22 million
names, 3 million quotes. A bare scan is one DuckDB statement that only hashes and adds up the columns that the query
reads, in the tables that it reads. Cold: a new process, with the files dropped from the system's cache. Warm: the best
of five rounds.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.generate_warehouse import generate
from etl.answers.article import ARTICLE_SQL, DETAILS_SQL
from etl.answers.timeline import mart_timeline_sql, timeline_sql
from etl.configuration.settings import find_settings
from etl.pipeline.run import publish_all
from etl.warehouse.delta import Store
from etl.warehouse.duck import published
from etl.warehouse.relocatable import quoted

ARTICLES = 1_000_000
_ROUNDS = 5


@dataclass(frozen=True)
class Question:
    """A query: its statements, their parameters, and the bare scans of what they read."""

    name: str
    sql: tuple[str, ...]
    parameters: dict[str, Any]
    scan: tuple[str, ...]


TIMELINE = (
    "SELECT sum(hash(topic, kind, period, status, n_articles, n_stories, n_outlets, n_quotes, all_articles, share)) "
    "FROM topic_periods"
)
QUESTIONS = (
    Question("timeline of a topic, by month", (mart_timeline_sql("month"),), {"topic": "china-russia"}, (TIMELINE,)),
    Question(
        "timeline, by week, since and until", (timeline_sql("week"),),
        {"topic": "china-russia", "since": "2025-03-05", "until": "2025-10-15"},
        ("SELECT sum(hash(topic, article_id, story_id, outlet, day, n_quotes)) FROM topic_articles",
         "SELECT sum(hash(story_id, language, day, batch)) FROM dated_articles"),
    ),
    Question(
        "timeline of a country pair",
        ("SELECT date_trunc('month', day) AS month, sum(n_sentences) AS n FROM country_pairs_daily "
         "WHERE country_a = 'CHN' AND country_b = 'RUS' GROUP BY ALL ORDER BY ALL",), {},
        ("SELECT sum(hash(country_a, country_b, day, n_sentences)) FROM country_pairs_daily",),
    ),
    Question(
        "top speakers of a year",
        ("SELECT speaker_name, sum(n_quotes) AS n, sum(n_said) AS said FROM speaker_daily "
         "WHERE day BETWEEN '2025-01-01' AND '2025-12-31' GROUP BY speaker_name ORDER BY n DESC LIMIT 20",), {},
        ("SELECT sum(hash(speaker_name, day, n_quotes, n_said)) FROM speaker_daily",),
    ),
    Question(
        "one article's everything",
        (ARTICLE_SQL, *DETAILS_SQL.values()), {},
        tuple(f"SELECT sum(hash(v)) FROM {rows} v WHERE article_id = {{id}}"
              for rows in ("article_rows", "entity_rows", "quote_rows", "mention_rows", "story_rows")),
    ),
)  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["time"]:
        print(json.dumps(_timed(**json.loads(sys.argv[2]))))
        return
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("/tmp/dateline-million")
    if not (folder / "warehouse").exists():
        generate(folder, ARTICLES)
    settings = find_settings(folder / "config", folder / "warehouse")
    began = time.perf_counter()
    with Store(settings.warehouse).writing():
        edition = publish_all(settings, datetime(2026, 11, 1, tzinfo=UTC))
    if edition.new:
        print(f"published in {time.perf_counter() - began:.0f} s, {edition.path.stat().st_size / 2**20:,.0f} MiB")
    print(f"{'':36}{'cold, ms':>10}{'warm, ms':>10}{'bare scan':>11}{'times':>7}")
    for question in QUESTIONS:
        (cold,) = _measured(settings.warehouse, question.sql, question.parameters, 1)
        warm = min(_measured(settings.warehouse, question.sql, question.parameters, _ROUNDS)[1:])
        scan = min(_measured(settings.warehouse, question.scan, {}, _ROUNDS)[1:])
        print(f"{question.name:36}{cold:10,.0f}{warm:10,.0f}{scan:11,.0f}{warm / scan:7.1f}")


def _measured(warehouse: Path, sql: Sequence[str], parameters: dict[str, Any], rounds: int) -> list[float]:
    """Milliseconds of each round, in a process of its own. With one round, the files are first dropped from the
    system's cache."""
    if rounds == 1:
        _drop_from_cache(warehouse)
    request = json.dumps({"warehouse": str(warehouse), "sql": sql, "parameters": parameters, "rounds": rounds})
    command = [sys.executable, "-m", "benchmarks.queries", "time", request]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    milliseconds: list[float] = json.loads(done.stdout)
    return milliseconds


def _timed(warehouse: str, sql: Sequence[str], parameters: dict[str, Any], rounds: int) -> list[float]:
    """Milliseconds of each round in one connection; opening the connection counts for the first."""
    began, milliseconds = time.perf_counter(), []
    with published(Path(warehouse)) as connection:
        row = connection.execute(
            "SELECT article_id, story_id FROM story_ids ORDER BY article_id LIMIT 1 OFFSET 5000"
        ).fetchone() or ("", "")
        statements = [statement.replace("{id}", quoted(row[0])).replace("{story}", quoted(row[1])) for statement in sql]
        for _ in range(rounds):
            for statement in statements:
                connection.execute(statement, parameters or None).fetchall()
            milliseconds.append(1000 * (time.perf_counter() - began))
            began = time.perf_counter()
    return milliseconds


def _drop_from_cache(warehouse: Path) -> None:
    """Drop the files from the system's cache, as far as an ordinary user can (posix_fadvise)."""
    ctypes.CDLL(None).sync()
    for path in warehouse.rglob("*"):
        if path.is_file() and path.suffix in (".parquet", ".duckdb"):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


if __name__ == "__main__":
    main()
