"""Snapshots do not change with the warehouse, and a comparison with one explains why counts changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from etl.answers.timeline import mart_timeline_sql
from etl.configuration.settings import Settings, find_settings
from etl.demo.show import NOW
from etl.errors import InputError, WarehouseError
from etl.pipeline.run import freeze_published, publish_all, run_stages
from etl.publish.diff import compare_files, with_addresses
from etl.publish.snapshots import damaged, freeze
from etl.warehouse.delta import Store
from etl.warehouse.duck import published_path, query
from tests.conftest import copy_warehouse


@pytest.fixture
def settings(world: Settings, tmp_path: Path) -> Settings:
    settings = copy_warehouse(world, tmp_path / "copy")
    shutil.copytree(world.folder("topics"), settings.config / "topics", dirs_exist_ok=True)
    publish_all(settings, NOW)
    return settings


def test_a_snapshot_can_be_read_after_the_tables_were_deleted_and_after_it_was_moved(
    settings: Settings, tmp_path: Path
) -> None:
    frozen = freeze(settings, "first", NOW)
    before = query(settings.warehouse, "SELECT count(*) AS n, sum(length(text)) AS letters FROM articles").to_pylist()
    assert damaged(frozen.folder) == []
    shutil.rmtree(settings.warehouse / "tables")
    with duckdb.connect(str(frozen.folder / "dateline.duckdb"), read_only=True) as connection:  # as a BI tool opens it
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (before[0]["n"],)
    frozen.folder.rename(tmp_path / "moved")
    assert (
        query(tmp_path / "moved", "SELECT count(*) AS n, sum(length(text)) AS letters FROM articles").to_pylist()
        == before
    )
    assert (tmp_path / "moved" / "config" / "topics" / "china-russia.yaml").is_file()


def test_a_snapshot_has_the_comments_of_the_published_file(settings: Settings) -> None:
    frozen = freeze(settings, "first", NOW)
    sql = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL ORDER BY ALL"
    comments = []
    for path in (published_path(settings.warehouse).resolve(), frozen.folder / "dateline.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            comments.append(connection.execute(sql).fetchall())
    assert comments[0] == comments[1] and comments[0]


def test_a_changed_data_file_is_reported(settings: Settings) -> None:
    frozen = freeze(settings, "first", NOW)
    path = next((frozen.folder / "tables" / "quotes").rglob("*.parquet"))
    data = path.read_bytes()
    path.unlink()  # a new file, not the one that the warehouse shares
    path.write_bytes(data[:-9] + b"x" + data[-8:])
    assert damaged(frozen.folder) == [str(path.relative_to(frozen.folder))]


def test_a_snapshot_cannot_be_written_to_and_has_its_own_topics(settings: Settings) -> None:
    frozen = freeze(settings, "first", NOW)
    with pytest.raises(WarehouseError, match="is a snapshot and cannot be changed"), Store(frozen.folder).writing():
        pass
    settings = find_settings(warehouse=frozen.folder)
    assert settings.folder("topics") == frozen.folder / "config" / "topics"
    assert query(settings.warehouse, mart_timeline_sql("month"), {"topic": "china-russia"}).num_rows


def test_no_snapshot_is_made_if_a_topic_changed_after_publishing(settings: Settings) -> None:
    path = settings.config / "topics" / "china-russia.yaml"
    path.write_text(path.read_text().replace("country:CHN AND country:RUS", "country:CHN"))
    with pytest.raises(InputError, match="topics have changed since they were published: china-russia; run:"):
        freeze_published(settings, "first", NOW)


def test_a_snapshot_that_fails_leaves_no_files(settings: Settings) -> None:
    next((settings.warehouse / "tables" / "quotes").rglob("*.parquet")).unlink()
    with pytest.raises(FileNotFoundError):  # the command line shows it as one line with the file's name
        freeze(settings, "first", NOW)
    assert list((settings.warehouse / "frozen").iterdir()) == []


def test_changed_articles_have_their_outlet_and_url(settings: Settings) -> None:
    before = freeze(settings, "first", NOW).folder / "dateline.duckdb"
    (settings.config / "topics" / "china-russia.yaml").unlink()
    publish_all(settings, NOW)
    files = before, published_path(settings.warehouse)
    rows = with_addresses(compare_files(*files).articles, files).to_pylist()
    assert {row["cause"] for row in rows} == {"topic gone"} and all(row["url"] and row["outlet"] for row in rows)


@pytest.mark.parametrize(("name", "message"), [("first", "already exists"), ("../x", "a snapshot's name begins")])
def test_a_name_that_is_used_or_not_allowed_is_refused(settings: Settings, name: str, message: str) -> None:
    freeze(settings, "first", NOW)
    with pytest.raises(InputError, match=message):
        freeze(settings, name, NOW)


def test_files_with_the_same_content_have_no_differences(settings: Settings) -> None:
    frozen = freeze(settings, "first", NOW)
    comparison = compare_files(frozen.folder / "dateline.duckdb", published_path(settings.warehouse))
    assert (comparison.summary.num_rows, comparison.articles.num_rows) == (0, 0)


def test_a_changed_query_is_the_cause_for_its_topic_only(settings: Settings) -> None:
    before = freeze(settings, "first", NOW).folder / "dateline.duckdb"
    path = settings.config / "topics" / "china-russia.yaml"
    path.write_text(path.read_text().replace("country:CHN AND country:RUS", "country:CHN"))
    with Store(settings.warehouse).writing():
        run_stages(settings)
        publish_all(settings, NOW)
    summary = compare_files(before, published_path(settings.warehouse)).summary.to_pylist()
    assert summary and {(row["topic"], row["cause"]) for row in summary} == {("china-russia", "new query")}
    for row in summary:
        assert row["n_articles_after"] - row["n_articles_before"] == row["came"] - row["went"]


def test_every_cause_of_a_change_is_recognised() -> None:
    """Compares two published files that contain only the tables that are compared."""
    import tempfile

    def write_file(
        folder: Path, name: str, articles: dict[str, tuple[str, str | None, str, bool]], stamp: str, waiting: str = ""
    ) -> Path:
        with duckdb.connect(str(folder / name)) as connection:
            connection.execute(
                "CREATE TABLE topic_articles (topic VARCHAR, article_id VARCHAR, story_id VARCHAR, day DATE);"
                "CREATE TABLE current_articles (article_id VARCHAR, version_id VARCHAR, batch VARCHAR);"
                f"CREATE TABLE unmatched AS SELECT 't' AS topic, '{waiting}' AS batch;"
                f"CREATE TABLE topics AS SELECT 't' AS topic, '{stamp}' AS topic_stamp;"
                "CREATE TABLE about AS SELECT now() AS published_at, '1' AS code_version, NULL::VARCHAR AS model"
            )
            for article, (version, day, story, on_topic) in articles.items():
                connection.execute("INSERT INTO current_articles VALUES (?, ?, ?)", [article, version, article])
                if on_topic:
                    connection.execute("INSERT INTO topic_articles VALUES ('t', ?, ?, ?)", [article, story, day])
        return folder / name

    day, later = "2025-09-01", "2025-09-02"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = {
            "same": ("v1", day, "same", True), "gone": ("v1", day, "gone", True), "fixed": ("v1", day, "fixed", True),
            "read": ("v1", day, "read", True), "moved": ("v1", day, "moved", True), "copy": ("v1", day, "copy", True),
            "waits": ("v1", day, "waits", False),
        }  # fmt: skip
        after = {
            "same": ("v1", day, "same", True), "fixed": ("v2", day, "fixed", False), "read": ("v1", day, "read", False),
            "moved": ("v1", later, "moved", True), "copy": ("v1", day, "same", True), "late": ("v1", day, "late", True),
            "waits": ("v1", day, "waits", True),
        }  # fmt: skip
        comparison = compare_files(
            write_file(folder, "a.duckdb", before, "s", "waits"), write_file(folder, "b.duckdb", after, "s")
        )
        assert {row["article_id"]: row["cause"] for row in comparison.articles.to_pylist()} == {
            "gone": "article gone", "fixed": "corrected", "read": "new names", "moved": "new day", "copy": "new story",
            "late": "late article", "waits": "not matched",
        }  # fmt: skip
        other = compare_files(
            write_file(folder, "c.duckdb", before, "s"), write_file(folder, "d.duckdb", after, "other")
        )
        assert {row["cause"] for row in other.articles.to_pylist() if row["article_id"] in ("read", "fixed")} == {
            "new query"
        }
