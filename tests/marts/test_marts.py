"""Every mart is tested on cases: tests/marts/<mart>/<case>.yaml holds input rows and the rows expected in the mart.

`checks` says what the case checks. Input rows name only the columns that matter; the others get defaults. The expected
rows are all rows of the mart, in order; only the columns that they name are compared.
"""

from __future__ import annotations

import itertools
import zlib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml

from etl.nlp.quotes.fingerprints import quote_prints
from etl.publish.edition import build_views_and_marts
from etl.publish.previous_edition import STORY_CHANGES_SCHEMA, STORY_IDS_SCHEMA
from etl.text import words_key
from schemas import TABLES
from schemas.marts import MARTS, read_mart
from tests.rows import row

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*/*.yaml"))
_ROW_VIEWS = {table.rows_view or name: name for name, table in TABLES.items()}
_TOPICS = pa.schema([("topic", pa.string()), ("topic_stamp", pa.string()), ("languages", pa.list_(pa.string()))])
_SOURCES = pa.schema([("source", pa.string()), ("language", pa.string()), ("articles_least", pa.int64())])


def mart_rows(mart: str, inputs: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows of a mart for these input rows."""
    return mart_table(mart, inputs).to_pylist()


def mart_table(mart: str, inputs: dict[str, list[dict[str, Any]]]) -> pa.Table:
    """Return a mart made from these input rows by the same views and SQL as in the published file."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for view, name in _ROW_VIEWS.items():
            records = [_record(name, values) for values in inputs.get(name, [])]
            connection.register("records", TABLES[name].from_records(records))
            connection.execute(f"CREATE TABLE {view} AS SELECT * FROM records")
        topics = [{"topic_stamp": "", "languages": ["en"], **topic} for topic in inputs.get("topics", [])]
        connection.register("input_topics", pa.Table.from_pylist(topics, schema=_TOPICS))
        connection.execute("CREATE TABLE topics AS SELECT * FROM input_topics")
        connection.register("input_sources", pa.Table.from_pylist(inputs.get("sources", []), schema=_SOURCES))
        connection.execute("CREATE TABLE sources AS SELECT * FROM input_sources")
        for name, schema in (("story_ids_before", STORY_IDS_SCHEMA), ("story_changes_before", STORY_CHANGES_SCHEMA)):
            connection.register(name, pa.Table.from_pylist(inputs.get(name, []), schema=schema))
        connection.execute("SET VARIABLE published_at = TIMESTAMPTZ '2025-09-30 06:00:00+00'")
        _show_units(connection, inputs)
        build_views_and_marts(connection)
        return connection.table(mart).to_arrow_table()


def _show_units(connection: duckdb.DuckDBPyConnection, inputs: dict[str, list[dict[str, Any]]]) -> None:
    """Show all units as current, except those that the case lists under `unmatched` (topic, batch)."""
    unmatched = {(u["topic"], u["batch"]) for u in inputs.get("unmatched", [])}
    connection.execute(
        "CREATE TABLE shown_units (stage VARCHAR, unit VARCHAR, batch VARCHAR, topic VARCHAR, day VARCHAR)"
    )
    batches = [
        b for (b,) in connection.execute("SELECT batch FROM batches UNION SELECT batch FROM article_rows").fetchall()
    ]
    for batch in batches:
        units: list[tuple[str, str | None]] = [("extract", None), ("annotate", None)]
        units += [("match", t["topic"]) for t in inputs.get("topics", []) if (t["topic"], batch) not in unmatched]
        for stage, topic in units:
            connection.execute("INSERT INTO shown_units VALUES (?, ?, ?, ?, NULL)", [stage, batch, batch, topic])


def _record(name: str, values: dict[str, Any]) -> Any:
    """Return a record of a table; by default an article `a` is version `va` in batch `b`, in English."""
    values = {
        k: datetime.fromisoformat(v) if k.endswith("_at") and isinstance(v, str) else v for k, v in values.items()
    }
    defaults: dict[str, Any] = {"batch": "b"} if "batch" in TABLES[name].schema.names else {}
    if "version_id" in TABLES[name].schema.names and "article_id" in values:
        defaults["version_id"] = f"v{values['article_id']}"
    if name == "articles":
        article = values["article_id"]
        defaults |= {"language": "en", "url": f"https://{article}", "canonical_url": f"https://{article}"}
        defaults |= {"text_sha256": article, "outlet": values.get("source", ""), "source": "s"}
        defaults["warc_offset"] = zlib.crc32(article.encode())
    if name == "quotes" and "text" in values:
        defaults |= {"quote_key": words_key(values["text"]), "quote_prints": quote_prints(values["text"])}
    return row(TABLES[name], **(defaults | values))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_mart_holds_the_expected_rows(path: Path) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = mart_rows(path.parent.name, case["input"])
    expected = case["expected"]
    columns = list(expected[0]) if expected else []
    assert [{c: _plain(r[c]) for c in columns} for r in rows] == expected, case["checks"]


def test_every_mart_has_cases() -> None:
    assert {path.parent.name for path in CASES} == set(MARTS)


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_and_all_its_columns_are_described(name: str) -> None:
    assert mart_table(name, {}).column_names == list(read_mart(name).columns)
    assert read_mart(name).description


@pytest.mark.parametrize("name", MARTS)
def test_only_the_comment_at_the_beginning_describes_a_mart(name: str) -> None:
    mart = read_mart(name)
    statement = itertools.dropwhile(lambda line: line.startswith("--"), mart.sql.splitlines())
    comments = [line.removeprefix("-- ") for line in statement if line.startswith("-- ")]
    assert not any(comment in mart.description for comment in comments)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    return dict(value) if isinstance(value, list) and value and isinstance(value[0], tuple) else value


def test_fifty_copies_of_a_wire_report_add_fifty_articles_and_no_story() -> None:
    def day_with(copies: int) -> dict[str, Any]:
        names = ["own", "wire", *(f"copy{n:02}" for n in range(copies))]
        day = date(2025, 9, 1)
        inputs: dict[str, list[dict[str, Any]]] = {
            "topics": [{"topic": "t"}],
            "batches": [{"batch": "b", "source": "s", "complete_from": day, "complete_to": day}],
            "articles": [{"article_id": n, "source": "s", "outlet": n, "published_date": day} for n in names],
            "stories": [
                *({"day": day, "article_id": n, "role": "first"} for n in names[:2]),
                *({"day": day, "article_id": n, "copy_of": "wire", "role": "copy"} for n in names[2:]),
            ],
            "mentions": [{"article_id": n, "topic": "t", "char_start": 0, "char_end": 9} for n in names],
        }
        (row,) = mart_rows("topic_daily", inputs)
        return row

    few, many = day_with(1), day_with(51)
    assert many["n_articles"] - few["n_articles"] == 50
    assert (few["n_stories"], many["n_stories"]) == (2, 2)
    assert day_with(0)["n_stories"] == 2
