"""Exports: every format has the same rows, the safe tier has no full text, and the checksums are right."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.configuration.settings import Settings
from etl.errors import InputError
from etl.publish.exports import EXPORTABLE, QUOTE_WORDS, cut_sql, export
from etl.warehouse.duck import query


@pytest.fixture(scope="module")
def safe(world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "safe"
    export(world.warehouse, folder, EXPORTABLE, "parquet", "safe")
    return folder


def test_the_safe_tier_contains_no_full_text_and_no_long_quote(world: Settings, safe: Path) -> None:
    texts = query(world.warehouse, "SELECT text FROM articles WHERE word_count > 60").column("text").to_pylist()
    assert len(texts) > 20
    for path in set(safe.glob("*.parquet")) - {safe / "topics.parquet"}:  # written by the user, not by outlets
        table = pq.read_table(path)
        for column in table.column_names:
            if pa.types.is_string(table.schema.field(column).type):
                cells = [cell for cell in table[column].to_pylist() if cell]
                assert not any(len(cell.split()) > QUOTE_WORDS + 1 for cell in cells), (path.name, column)
    assert set(pq.read_table(safe / "articles.parquet")["text"].to_pylist()) == {None}
    assert set(pq.read_table(safe / "quotes.parquet")["context_before"].to_pylist()) == {None}


def test_checksums_and_row_counts_are_those_of_the_files(world: Settings, safe: Path) -> None:
    manifest = json.loads((safe / "manifest.json").read_text())
    assert {file["name"].split(".")[0] for file in manifest["files"]} == set(EXPORTABLE)
    assert manifest["tier"] == "safe" and manifest["about"]["topic_versions"]
    for line in (safe / "SHA256SUMS").read_text().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256((safe / name).read_bytes()).hexdigest() == sha256
    counts = {file["name"]: file["rows"] for file in manifest["files"]}
    (quotes,) = query(world.warehouse, "SELECT count(*) AS n FROM quotes").to_pylist()
    assert counts["quotes.parquet"] == quotes["n"]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_csv_and_json_files_have_the_rows_of_the_mart(world: Settings, tmp_path: Path, form: str) -> None:
    (path,) = export(world.warehouse, tmp_path / "x", ["topic_quotes"], form, "full")
    expected = query(world.warehouse, "SELECT quote_id, text, speaker_countries FROM topic_quotes").to_pylist()
    if form == "json":
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert [{k: row[k] for k in expected[0]} for row in rows] == expected
    else:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["text"] for row in rows] == [row["text"] for row in expected]
        assert [json.loads(row["speaker_countries"]) for row in rows] == [r["speaker_countries"] for r in expected]


def test_no_cell_of_a_csv_file_is_a_formula(world: Settings, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(['=1+1', '+7', '-3 degrees', '@x', 'plain', '']) AS title")
        from etl.publish.exports import _column_sql

        select = f"SELECT {_column_sql('articles', 'title', 'VARCHAR', 'csv', 'full')} FROM t"
        cells = [cell for (cell,) in connection.execute(select).fetchall()]
    assert cells == ["'=1+1", "'+7", "'-3 degrees", "'@x", "plain", ""]


def test_the_quotation_graph_has_every_quote_with_its_context(world: Settings, tmp_path: Path) -> None:
    (path,) = export(world.warehouse, tmp_path / "x", ["quotation_graph"], "parquet", "full")
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert list(rows[0]) == ["date", "url", "title", "lang", "quotes"]
    (n,) = query(world.warehouse, "SELECT count(*) AS n FROM quotes").to_pylist()
    assert sum(len(row["quotes"]) for row in rows) == n["n"]
    texts = {r["url"]: r["text"] for r in query(world.warehouse, "SELECT url, text FROM articles").to_pylist()}
    for row in rows:
        for quote in row["quotes"]:
            assert set(quote) == {"pre", "quote", "post"} and quote["pre"] in texts[row["url"]]


def test_the_same_rows_give_the_same_bytes(world: Settings, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(world.warehouse, tmp_path / name, ["quotes", "topic_daily", "quotation_graph"], "csv", "safe")
    assert (tmp_path / "a" / "SHA256SUMS").read_text() == (tmp_path / "b" / "SHA256SUMS").read_text()


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("two words", "two words"),
        (" ".join(["word"] * QUOTE_WORDS), " ".join(["word"] * QUOTE_WORDS)),
        (" ".join(["word"] * 60), " ".join(["word"] * QUOTE_WORDS) + " …"),
        ("字" * 60, "字" * QUOTE_WORDS + " …"),
        ("", ""),
    ],
)
def test_quotes_are_cut_between_words(text: str, cut: str) -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT {cut_sql('$text::VARCHAR')}", {"text": text}).fetchone() == (cut,)


@pytest.mark.parametrize(
    ("names", "message"), [(["nope"], "'nope' cannot be exported"), (["coverage"], "is not empty")]
)
def test_an_unknown_name_or_a_folder_with_files_is_an_error(
    world: Settings, tmp_path: Path, names: list[str], message: str
) -> None:
    (tmp_path / "old.txt").touch()
    with pytest.raises(InputError, match=message):
        export(world.warehouse, tmp_path, names)
