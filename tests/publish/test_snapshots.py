"""A snapshot stays as it was whatever becomes of the warehouse, and says why a figure changed since."""

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
def own(world: Settings, tmp_path: Path) -> Settings:
    settings = copy_warehouse(world, tmp_path / "own")
    shutil.copytree(world.folder("topics"), settings.config / "topics", dirs_exist_ok=True)
    publish_all(settings, NOW)
    return settings


def test_a_snapshot_outlives_its_warehouse(own: Settings, tmp_path: Path) -> None:
    frozen = freeze(own, "first", NOW)
    before = query(own.warehouse, "SELECT count(*) AS n, sum(length(text)) AS letters FROM articles").to_pylist()
    assert damaged(frozen.folder) == []
    shutil.rmtree(own.warehouse / "tables")
    with duckdb.connect(str(frozen.folder / "dateline.duckdb"), read_only=True) as connection:  # as a BI tool opens it
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (before[0]["n"],)
    frozen.folder.rename(tmp_path / "moved")
    assert (
        query(tmp_path / "moved", "SELECT count(*) AS n, sum(length(text)) AS letters FROM articles").to_pylist()
        == before
    )
    assert (tmp_path / "moved" / "config" / "topics" / "china-russia.yaml").is_file()


def test_comments_are_kept(own: Settings) -> None:
    frozen = freeze(own, "first", NOW)
    sql = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL ORDER BY ALL"
    both = []
    for path in (published_path(own.warehouse).resolve(), frozen.folder / "dateline.duckdb"):
        with duckdb.connect(str(path), read_only=True) as connection:
            both.append(connection.execute(sql).fetchall())
    assert both[0] == both[1] and both[0]


def test_a_changed_file_is_noticed(own: Settings) -> None:
    frozen = freeze(own, "first", NOW)
    victim = next((frozen.folder / "tables" / "quotes").rglob("*.parquet"))
    data = victim.read_bytes()
    victim.unlink()  # a new file, not the one that the warehouse shares
    victim.write_bytes(data[:-9] + b"x" + data[-8:])
    assert damaged(frozen.folder) == [str(victim.relative_to(frozen.folder))]


def test_nothing_writes_to_a_snapshot_and_it_has_its_own_topics(own: Settings) -> None:
    frozen = freeze(own, "first", NOW)
    with pytest.raises(WarehouseError, match="is a snapshot and cannot be changed"), Store(frozen.folder).writing():
        pass
    settings = find_settings(warehouse=frozen.folder)
    assert settings.folder("topics") == frozen.folder / "config" / "topics"
    assert query(settings.warehouse, mart_timeline_sql("month"), {"topic": "china-russia"}).num_rows


def test_a_changed_topic_is_published_before_it_is_frozen(own: Settings) -> None:
    path = own.config / "topics" / "china-russia.yaml"
    path.write_text(path.read_text().replace("country:CHN AND country:RUS", "country:CHN"))
    with pytest.raises(InputError, match="topics have changed since they were published: china-russia; run:"):
        freeze_published(own, "first", NOW)


def test_a_snapshot_that_fails_leaves_nothing(own: Settings) -> None:
    next((own.warehouse / "tables" / "quotes").rglob("*.parquet")).unlink()
    with pytest.raises(FileNotFoundError):  # one line on the command line, with the file's name
        freeze(own, "first", NOW)
    assert list((own.warehouse / "frozen").iterdir()) == []


def test_changed_articles_are_named(own: Settings) -> None:
    before = freeze(own, "first", NOW).folder / "dateline.duckdb"
    (own.config / "topics" / "china-russia.yaml").unlink()
    publish_all(own, NOW)
    files = before, published_path(own.warehouse)
    rows = with_addresses(compare_files(*files).articles, files).to_pylist()
    assert {row["cause"] for row in rows} == {"topic gone"} and all(row["url"] and row["outlet"] for row in rows)


@pytest.mark.parametrize(("name", "said"), [("first", "is there already"), ("../x", "a snapshot's name holds")])
def test_names(own: Settings, name: str, said: str) -> None:
    freeze(own, "first", NOW)
    with pytest.raises(InputError, match=said):
        freeze(own, name, NOW)


def test_nothing_changed(own: Settings) -> None:
    frozen = freeze(own, "first", NOW)
    found = compare_files(frozen.folder / "dateline.duckdb", published_path(own.warehouse))
    assert (found.summary.num_rows, found.articles.num_rows) == (0, 0)


def test_a_new_query_is_told_from_the_other_topics(own: Settings) -> None:
    before = freeze(own, "first", NOW).folder / "dateline.duckdb"
    path = own.config / "topics" / "china-russia.yaml"
    path.write_text(path.read_text().replace("country:CHN AND country:RUS", "country:CHN"))
    with Store(own.warehouse).writing():
        run_stages(own)
        publish_all(own, NOW)
    found = compare_files(before, published_path(own.warehouse)).summary.to_pylist()
    assert found and {(row["topic"], row["cause"]) for row in found} == {("china-russia", "new query")}
    for row in found:
        assert row["n_articles_after"] - row["n_articles_before"] == row["came"] - row["went"]


def test_causes_by_article() -> None:
    """Every cause from two files made by hand."""
    import tempfile

    def file(
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
        found = compare_files(file(folder, "a.duckdb", before, "s", "waits"), file(folder, "b.duckdb", after, "s"))
        assert {row["article_id"]: row["cause"] for row in found.articles.to_pylist()} == {
            "gone": "article gone", "fixed": "corrected", "read": "new names", "moved": "new day", "copy": "new story",
            "late": "late article", "waits": "not matched",
        }  # fmt: skip
        other = compare_files(file(folder, "c.duckdb", before, "s"), file(folder, "d.duckdb", after, "other"))
        assert {row["cause"] for row in other.articles.to_pylist() if row["article_id"] in ("read", "fixed")} == {
            "new query"
        }
