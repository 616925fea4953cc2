"""An untrusted SQL statement can read the published tables and do nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.errors import InputError
from etl.warehouse.safe_sql import Limits, safe_query


def test_a_select_on_the_published_tables_returns_its_result(world: Settings) -> None:
    result = safe_query(
        world.warehouse, "SELECT count(*) > 0 AS any_quotes FROM quotes JOIN articles USING (article_id)"
    )
    assert result.to_pylist() == [{"any_quotes": True}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT * FROM read_text('/etc/passwd')", "Cannot access file"),
        ("SELECT * FROM read_csv('/etc/hosts')", "Cannot access file"),
        ("SELECT * FROM glob('/etc/*')", "Cannot access file"),
        ("SELECT * FROM '/etc/hosts'", "Cannot access|does not exist"),
        ("SELECT * FROM read_parquet('https://example.com/x.parquet')", "SQL: "),
        ("SELECT * FROM read_blob('{warehouse}/warc/../.writer.lock')", "Cannot access file"),
        ("COPY (SELECT 1) TO '{warehouse}/tables/x.csv'", "only one SELECT statement is allowed"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO '{warehouse}/tables/x.csv'", "only one SELECT statement is allowed"),
        ("ATTACH '{warehouse}/x.db'", "only one SELECT statement is allowed"),
        ("INSTALL httpfs", "only one SELECT statement is allowed"),
        ("SET enable_external_access = true", "only one SELECT statement is allowed"),
        ("CREATE TABLE x AS SELECT 1", "only one SELECT statement is allowed"),
        ("SELECT 1; DROP TABLE topic_daily", "only one SELECT statement is allowed"),
        ("SELECT nope FROM quotes", "Binder Error"),
        ("SELECT (", "Parser Error"),
        ("", "only one SELECT statement is allowed"),
    ],
)
def test_everything_else_is_refused_with_a_message_of_one_line(world: Settings, sql: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        safe_query(world.warehouse, sql.replace("{warehouse}", str(world.warehouse)))
    assert "\n" not in str(error.value)
    assert not (world.warehouse / "tables" / "x.csv").exists()


@pytest.mark.parametrize(
    ("sql", "seconds", "message"),
    [
        ("SELECT count(*) FROM range(1000000000000)", 1, "took more than 1 seconds"),
        ("SELECT list(range) FROM range(1000000000)", 60, "needs more than 256 MiB"),
        ("SELECT repeat('x', 100000) FROM range(100)", 60, "the result is larger than 1 MiB"),
    ],
)
def test_time_memory_and_size_of_the_result_are_limited(
    world: Settings, sql: str, seconds: float, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        safe_query(world.warehouse, sql, Limits(seconds=seconds, memory_mib=256, answer_mib=1))


def test_the_number_of_rows_is_limited(world: Settings) -> None:
    assert safe_query(world.warehouse, "FROM range(1000)", Limits(rows=10)).num_rows == 10


def test_a_statement_cannot_read_environment_variables(
    world: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    for sql in ("SELECT getenv('AWS_SECRET_ACCESS_KEY')", "SELECT * FROM read_text('/proc/self/environ')"):
        with pytest.raises(InputError):
            safe_query(world.warehouse, sql)
