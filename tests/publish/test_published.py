"""The published file as an analyst opens it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from datetime import date
from pathlib import Path

import duckdb
import pytest

from etl.demo.show import NOW
from etl.errors import WarehouseError
from etl.pipeline import publish_all
from etl.publish.timeline import PERIODS, timeline_sql
from etl.publish.timeline_plot import Series, plot
from etl.settings import Settings
from etl.warehouse import published_path, query
from schemas.dictionary import described
from tests.conftest import copy_warehouse

EVER = {"topic": "china-russia", "since": None, "until": None}


@pytest.fixture
def connection(world: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_path(world.warehouse)), read_only=True)


def test_everything_in_the_dictionary_can_be_queried_and_is_commented(connection: duckdb.DuckDBPyConnection) -> None:
    commented = dict(connection.execute(
        "SELECT view_name, comment FROM duckdb_views() UNION ALL SELECT table_name, comment FROM duckdb_tables()"
    ).fetchall())  # fmt: skip
    for item in described():
        connection.execute(f"SELECT {', '.join(name for name, _, _ in item.columns)} FROM {item.name} LIMIT 1")
        assert commented[item.name], item.name


def test_columns_carry_their_sentences(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT comment FROM duckdb_columns() WHERE table_name = $t AND column_name = $c"
    for table, column in (("articles", "published_date"), ("quotes", "parts"), ("topic_daily", "share")):
        (comment,) = connection.execute(sql, {"t": table, "c": column}).fetchone() or (None,)
        assert comment, (table, column)


def test_every_quote_is_its_slice_of_the_articles_text(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = connection.execute("""
        SELECT count(*) FROM quotes q JOIN articles a USING (article_id)
        WHERE q.text <> array_to_string([a.text[p.char_start + 1 : p.char_end] FOR p IN q.parts], ' ')
           OR q.speaker <> a.text[q.speaker_char_start + 1 : q.speaker_char_end]
    """).fetchone()
    assert wrong == (0,)


def test_a_warehouse_can_be_moved(world: Settings, tmp_path: Path) -> None:
    moved = copy_warehouse(world, tmp_path / "it's moved").warehouse
    shutil.rmtree(tmp_path / "it's moved" / "config")
    assert query(moved, "SELECT count(*) > 0 AS found FROM articles").to_pylist() == [{"found": True}]


def test_a_mart_that_an_older_file_lacks_is_named_with_what_to_do(world: Settings) -> None:
    with pytest.raises(WarehouseError, match="has no table of_tomorrow yet; run: dateline run"):
        query(world.warehouse, "SELECT 1", marts=("utterances", "of_tomorrow"))


def test_no_write_ahead_log_remains(world: Settings) -> None:
    assert not list(world.warehouse.glob("*.wal")) and not list(world.warehouse.glob("*.building"))


def test_a_reader_keeps_its_file_while_a_new_one_is_published(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    path = settings.warehouse / "dateline.duckdb"
    with duckdb.connect(str(path.resolve()), read_only=True) as reader:
        for number in range(3):
            topics = settings.config / "topics"
            topics.mkdir(exist_ok=True)
            (topics / "t.yaml").write_text(f"title: T{number}\nquery: word{number}\n")
            publish_all(settings, NOW)
        assert reader.execute("SELECT count(*) > 0 FROM topic_daily").fetchone() == (True,)
    assert path.readlink().name == "dateline-4.duckdb"
    assert sorted(p.name for p in settings.warehouse.glob("dateline-*")) == ["dateline-3.duckdb", "dateline-4.duckdb"]


@pytest.mark.parametrize("period", PERIODS)
def test_coarser_periods_recount_stories(world: Settings, period: str) -> None:
    rows = query(world.warehouse, timeline_sql(period), EVER).to_pylist()
    stories = query(world.warehouse, "SELECT count(DISTINCT story_id) AS n, count(*) AS a FROM topic_articles "
                                     "WHERE topic = 'china-russia' AND day IS NOT NULL").to_pylist()[0]  # fmt: skip
    assert sum(row["n_articles"] for row in rows) == stories["a"]
    assert sum(row["n_stories"] for row in rows) >= stories["n"]
    if period in ("month", "year"):
        assert [row["n_stories"] for row in rows] == [stories["n"]]


def test_the_days_timeline_is_topic_daily(world: Settings) -> None:
    columns = "n_articles, n_stories, n_outlets, n_quotes, all_articles, status, round(share, 4) AS share"
    daily = query(
        world.warehouse, f"SELECT {columns} FROM topic_daily WHERE topic = 'china-russia' ORDER BY day"
    ).to_pylist()
    series = query(world.warehouse, timeline_sql("day"), EVER).to_pylist()
    assert [{k: row[k] for k in daily[0]} for row in series] == daily


def test_plot_of_a_series_with_gaps(tmp_path: Path) -> None:
    known = {"n_articles": 2, "n_stories": 1, "share": 0.5, "share_low": 0.1, "share_high": 0.9}
    unknown = dict.fromkeys(known)
    rows = [{"period": date(2025, 9, day), **(unknown if day in (2, 3, 6) else known)} for day in range(1, 8)]
    plot(Series("T", "day", rows), tmp_path / "t.png")  # type: ignore[arg-type]
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_duckdb_1_opens_it_too(world: Settings, tmp_path: Path) -> None:
    """In an environment of its own, as the project itself runs on DuckDB 2."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "duckdb>=1.4,<2"], check=True, env=os.environ | {"PIP_CONSTRAINT": ""}
    )
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "assert duckdb.__version__.startswith('1.'); "
        "print(c.execute('SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM quotes), "
        "(SELECT count(*) FROM topic_daily), (SELECT count(*) FROM stories)').fetchone())"
    )
    path = str(published_path(world.warehouse).resolve())
    done = subprocess.run([python, "-c", code, path], capture_output=True, text=True, check=True)
    here = subprocess.run(
        [sys.executable, "-c", code.replace("'1.'", "'2.'"), path], capture_output=True, text=True, check=True
    )
    assert done.stdout == here.stdout
