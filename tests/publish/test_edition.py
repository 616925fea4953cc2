"""The published file: its views, marts and comments, and the answers that are computed from it."""

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

from etl.answers.article import article_details
from etl.answers.explain import explain
from etl.answers.timeline import PANEL_SQL, PARTS, PERIODS, mart_timeline_sql, timeline_sql
from etl.answers.timeline_plot import Series, plot, plot_parts
from etl.configuration.settings import Settings
from etl.demo.show import NOW
from etl.errors import InputError, WarehouseError
from etl.pipeline.run import publish_all
from etl.warehouse.duck import published_path, query
from schemas.dictionary import described
from tests.conftest import copy_warehouse

EVER = {"topic": "china-russia", "since": None, "until": None}


@pytest.fixture
def connection(world: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_path(world.warehouse)), read_only=True)


def test_everything_in_the_data_dictionary_can_be_queried_and_has_a_comment(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comments = dict(connection.execute(
        "SELECT view_name, comment FROM duckdb_views() UNION ALL SELECT table_name, comment FROM duckdb_tables()"
    ).fetchall())  # fmt: skip
    for item in described():
        connection.execute(f"SELECT {', '.join(column.name for column in item.columns)} FROM {item.name} LIMIT 1")
        assert comments[item.name], item.name


def test_columns_have_comments(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT comment FROM duckdb_columns() WHERE table_name = $t AND column_name = $c"
    for table, column in (("articles", "published_date"), ("quotes", "parts"), ("topic_daily", "share")):
        (comment,) = connection.execute(sql, {"t": table, "c": column}).fetchone() or (None,)
        assert comment, (table, column)


def test_every_quote_and_speaker_is_a_slice_of_the_articles_text(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = connection.execute("""
        SELECT count(*) FROM quotes q JOIN articles a USING (article_id)
        WHERE q.text <> array_to_string([a.text[p.char_start + 1 : p.char_end] FOR p IN q.parts], ' ')
           OR q.speaker <> a.text[q.speaker_char_start + 1 : q.speaker_char_end]
    """).fetchone()
    assert wrong == (0,)


def test_a_warehouse_can_be_queried_after_it_was_moved(world: Settings, tmp_path: Path) -> None:
    moved = copy_warehouse(world, tmp_path / "it's moved").warehouse
    shutil.rmtree(tmp_path / "it's moved" / "config")
    assert query(moved, "SELECT count(*) > 0 AS has_articles FROM articles").to_pylist() == [{"has_articles": True}]


def test_a_mart_that_an_older_file_lacks_raises_an_error_that_says_what_to_do(world: Settings) -> None:
    with pytest.raises(WarehouseError, match="has no table of_tomorrow yet; run: dateline run"):
        query(world.warehouse, "SELECT 1", marts=("utterances", "of_tomorrow"))


def test_publishing_leaves_no_temporary_files(world: Settings) -> None:
    assert not list(world.warehouse.glob("*.wal")) and not list(world.warehouse.glob("*.building"))


def test_a_reader_can_read_its_file_while_new_editions_are_published(world: Settings, tmp_path: Path) -> None:
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
    assert sorted(p.name for p in settings.warehouse.glob("dateline-*.duckdb")) == [
        "dateline-3.duckdb",
        "dateline-4.duckdb",
    ]


@pytest.mark.parametrize("period", PERIODS)
def test_periods_longer_than_a_day_count_stories_anew(world: Settings, period: str) -> None:
    rows = query(world.warehouse, timeline_sql(period), EVER).to_pylist()
    stories = query(world.warehouse, "SELECT count(DISTINCT story_id) AS n, count(*) AS a FROM topic_articles "
                                     "WHERE topic = 'china-russia' AND day IS NOT NULL").to_pylist()[0]  # fmt: skip
    assert sum(row["n_articles"] for row in rows) == stories["a"]
    assert sum(row["n_stories"] for row in rows) >= stories["n"]
    if period in ("month", "year"):
        assert [row["n_stories"] for row in rows] == [stories["n"]]


@pytest.mark.parametrize("period", PERIODS)
def test_the_series_in_a_mart_equals_the_series_counted_from_articles(world: Settings, period: str) -> None:
    assert (
        query(world.warehouse, mart_timeline_sql(period), {"topic": "china-russia"}).to_pylist()
        == query(world.warehouse, timeline_sql(period), EVER).to_pylist()
    )


@pytest.mark.parametrize("part", PARTS)
def test_the_parts_of_a_split_series_add_up_to_the_series(world: Settings, part: str) -> None:
    rows = query(world.warehouse, timeline_sql("month", part), EVER).to_pylist()
    (unsplit,) = query(world.warehouse, timeline_sql("month"), EVER).to_pylist()
    n_with_part = query(world.warehouse, f"SELECT count({PARTS[part]}) AS n FROM dated_articles").to_pylist()[0]["n"]
    assert sum(row["all_articles"] for row in rows) <= unsplit["all_articles"]
    if n_with_part == unsplit["all_articles"]:
        assert sum(row["n_articles"] for row in rows) == unsplit["n_articles"]
    (mart,) = query(world.warehouse, f"SELECT sum(n_articles)::BIGINT AS n FROM topic_daily_by WHERE split = '{part}' "
                                     "AND topic = 'china-russia'").to_pylist()  # fmt: skip
    assert mart["n"] == sum(row["n_articles"] for row in rows)


def test_a_fixed_panel_holds_only_sources_observed_on_each_day(world: Settings) -> None:
    parameters = EVER | {"since": date(2025, 9, 17), "until": date(2025, 9, 19)}
    sources = {row["source"] for row in query(world.warehouse, PANEL_SQL, parameters).to_pylist()}
    days = query(
        world.warehouse,
        "SELECT source, count(*) FILTER (status = 'observed') AS n FROM coverage "
        "WHERE day BETWEEN '2025-09-17' AND '2025-09-19' GROUP BY source",
    ).to_pylist()
    assert sources == {row["source"] for row in days if row["n"] == 3} and len(sources) > 0
    rows = query(world.warehouse, timeline_sql("day", fixed_panel=True), parameters).to_pylist()
    assert [row["status"] for row in rows] == ["complete"] * 3
    listed = ", ".join(f"'{source}'" for source in sources)
    (expected,) = query(world.warehouse, f"SELECT count(*) AS n FROM dated_articles WHERE source IN ({listed}) AND "
                                         "day BETWEEN '2025-09-17' AND '2025-09-19' AND language IN ('en', 'ru', 'zh')"
                                         ).to_pylist()  # fmt: skip
    assert sum(row["all_articles"] for row in rows) == expected["n"]


def test_a_day_is_explained_by_its_stories_and_sentences(world: Settings) -> None:
    (day,) = query(world.warehouse, "SELECT day FROM topic_daily WHERE topic = 'china-russia' "
                                    "ORDER BY n_articles DESC NULLS LAST, day LIMIT 1").to_pylist()  # fmt: skip
    explanation = explain(world.warehouse, "china-russia", day["day"])
    assert sum(story["n_articles"] for story in explanation.stories) == explanation.day["n_articles"]
    assert len(explanation.stories) == explanation.day["n_stories"]
    assert {m["story_id"] for m in explanation.mentions} == {s["story_id"] for s in explanation.stories}
    assert all(m["text"] for m in explanation.mentions)
    with pytest.raises(InputError, match="the series of 'china-russia' goes from"):
        explain(world.warehouse, "china-russia", date(2030, 1, 1))


def test_an_article_is_found_by_its_id_and_by_its_url(world: Settings) -> None:
    (row,) = query(
        world.warehouse,
        "SELECT article_id, any_value(url) AS url FROM articles JOIN quotes USING (article_id) "
        "GROUP BY article_id ORDER BY count(*) DESC, article_id LIMIT 1",
    ).to_pylist()
    by_id, by_address = (article_details(world.warehouse, row[key]) for key in ("article_id", "url"))
    assert by_id == by_address
    for quote in by_id["quotes"]:
        assert quote["text"] == " ".join(by_id["text"][p["char_start"] : p["char_end"]] for p in quote["parts"])
    with pytest.raises(InputError, match=r"no article 'https://nowhere\.example/x' is published"):
        article_details(world.warehouse, "https://nowhere.example/x")


def test_the_daily_timeline_equals_topic_daily(world: Settings) -> None:
    columns = "n_articles, n_stories, n_outlets, n_quotes, all_articles, status, round(share, 4) AS share"
    daily = query(
        world.warehouse, f"SELECT {columns} FROM topic_daily WHERE topic = 'china-russia' ORDER BY day"
    ).to_pylist()
    series = query(world.warehouse, timeline_sql("day"), EVER).to_pylist()
    assert [{k: row[k] for k in daily[0]} for row in series] == daily


def test_a_series_with_gaps_is_plotted(tmp_path: Path) -> None:
    known = {"n_articles": 2, "n_stories": 1, "share": 0.5, "share_low": 0.1, "share_high": 0.9}
    unknown = dict.fromkeys(known)
    rows = [{"period": date(2025, 9, day), **(unknown if day in (2, 3, 6) else known)} for day in range(1, 8)]
    plot(Series("T", "day", rows), tmp_path / "t.png")  # type: ignore[arg-type]
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")


def test_a_split_series_is_plotted(world: Settings, tmp_path: Path) -> None:
    rows = query(world.warehouse, timeline_sql("week", "outlet"), EVER).to_pylist()
    plot_parts(Series("T", "week", rows), "outlet", tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_duckdb_1_can_open_the_published_file(world: Settings, tmp_path: Path) -> None:
    """DuckDB 1 is installed in a separate environment, because the project itself runs on DuckDB 2."""
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
    with_duckdb_1 = subprocess.run([python, "-c", code, path], capture_output=True, text=True, check=True)
    with_duckdb_2 = subprocess.run(
        [sys.executable, "-c", code.replace("'1.'", "'2.'"), path], capture_output=True, text=True, check=True
    )
    assert with_duckdb_1.stdout == with_duckdb_2.stdout
