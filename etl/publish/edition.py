"""Builds one edition of the published file: views of the current data files, marts, and a table `about`.

Analysts and dashboards open the published file, dateline.duckdb. `about` says what it was made from.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from etl import __version__
from etl.configuration.settings import Settings
from etl.engine.stage import Stage
from etl.publish.bursts import kleinberg_weights
from etl.publish.previous_edition import read_previous_stories
from etl.publish.shown_units import ShownUnits
from etl.warehouse.delta import Store
from etl.warehouse.duck import create_rows_view, live_rows
from etl.warehouse.relocatable import quoted, relocatable
from schemas import SCHEMA_VERSION, TABLES, Table
from schemas.marts import MARTS, read_mart
from schemas.stable import stable_views
from schemas.values import LISTING_KINDS
from schemas.views import description, view_sql

# Tables that views read. They are created after the first of VIEWS, which `current_articles` is made from.
_BASE_TABLES = ("current_articles", "story_ids")
VIEWS = (
    "article_versions", *(table.name for table in TABLES.values() if table.rows_view), "batch_sources", "unmatched",
)  # fmt: skip

# What marts may call: whether a kind of request is a listing, and the bounds of Wilson's score interval for a share k
# of n at a confidence of 95 %, null for n = 0. Source: E. B. Wilson, Probable inference, the law of succession, and
# statistical inference, J. Am. Stat. Assoc. 22 (1927), 209-212.
_Z_95 = Decimal("1.96")  # the quantile of the normal distribution; Decimal gives exact literals
_MACROS = f"""
CREATE MACRO is_listing(kind) AS kind IN {LISTING_KINDS};
CREATE MACRO wilson_low(k, n) AS CASE
    WHEN n > 0 AND k = 0 THEN 0.0
    WHEN n > 0 THEN (k + {_Z_95**2 / 2} - {_Z_95} * sqrt(k * (n - k)::DOUBLE / n + {_Z_95**2 / 4})) / (n + {_Z_95**2})
END;
CREATE MACRO wilson_high(k, n) AS CASE
    WHEN n > 0 AND k = n THEN 1.0
    WHEN n > 0 THEN (k + {_Z_95**2 / 2} + {_Z_95} * sqrt(k * (n - k)::DOUBLE / n + {_Z_95**2 / 4})) / (n + {_Z_95**2})
END;
"""
_HASH_DIGITS = 24


@dataclass(frozen=True)
class ConfigurationTables:
    """The user's topics and sources as tables.

    `topics` has the columns topic, title, description, query, within, topic_stamp, languages. `sources` has the columns
    source, title, country, language, timezone, feeds, articles_least, articles_most.
    """

    topics: pa.Table
    sources: pa.Table


@dataclass(frozen=True)
class Edition:
    """Everything that an edition is made from.

    `identities` are those of the Delta tables: the table's own id and its version (null: no such table).
    """

    settings: Settings
    store: Store
    stages: Sequence[Stage]
    configuration: ConfigurationTables
    identities: dict[str, tuple[str, int] | None]
    shown: ShownUnits
    as_of: datetime

    @property
    def stamp(self) -> str:
        """Hash of everything that decides the file's content. The time of publishing is not part of it."""
        sql = [read_mart(name).sql for name in MARTS] + [view_sql(name) for name in (*VIEWS, *_BASE_TABLES)]
        stages = [(stage.name, stage.version) for stage in self.stages]
        topics, sources = self.configuration.topics.to_pylist(), self.configuration.sources.to_pylist()
        parts = [
            __version__,
            SCHEMA_VERSION,
            self.identities,
            stages,
            topics,
            sources,
            self.shown.held_back,
            _MACROS,
            *sql,
        ]
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:_HASH_DIGITS]


def build_edition(path: Path, edition: Edition) -> int:
    """Write an edition to `path`. Return the number of articles whose story id differs from the edition before."""
    connection = duckdb.connect()
    spill = edition.settings.layout.publish_spill
    try:
        # This storage version can be read by DuckDB 1.x too; the default of DuckDB 2.0 cannot.
        connection.execute(f"ATTACH {quoted(str(path))} AS published (STORAGE_VERSION 'v1.0.0')")
        connection.execute("USE published; SET TimeZone = 'UTC'")
        # Data that does not fit into memory is written to the warehouse, not to the current folder (DuckDB's default).
        spill.mkdir(parents=True, exist_ok=True)
        connection.execute(f"SET temp_directory = {quoted(str(spill))}")
        _add_inputs(connection, edition)
        for table in TABLES.values():
            _create_row_view(connection, table, edition)
        build_views_and_marts(connection)
        _create_about(connection, edition)
        row = connection.execute(
            "SELECT count(*) FROM story_changes WHERE changed_at = getvariable('published_at')"
        ).fetchone()
        connection.execute("CHECKPOINT published; USE memory; DETACH published")
        return row[0] if row else 0
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _add_inputs(connection: duckdb.DuckDBPyConnection, edition: Edition) -> None:
    """Add what the Delta tables do not hold: shown units, topics, sources, and the stories of the edition before."""
    connection.execute("SET VARIABLE published_at = $as_of::TIMESTAMPTZ", {"as_of": edition.as_of})
    story_ids, story_changes = read_previous_stories(edition.settings.layout)
    connection.register("story_ids_before", story_ids)
    connection.register("story_changes_before", story_changes)
    for name, rows, comment in (
        ("shown_units", edition.shown.units, "The units of work whose rows are published."),
        ("topics", edition.configuration.topics, "The topics: one row for each file in config/topics."),
        ("sources", edition.configuration.sources, "The sources: one row for each file in config/sources."),
    ):
        connection.register(f"input_{name}", rows)
        _create_table(connection, name, f"SELECT * FROM input_{name}", comment)


def build_views_and_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """Create all views and marts in a database that has the row views, `topics`, `sources` and `shown_units`.

    It also needs `story_ids_before`, `story_changes_before` and the variable `published_at`.
    """
    connection.execute(_MACROS)
    integers = duckdb.list_type(duckdb.sqltypes.BIGINT)
    doubles = duckdb.list_type(duckdb.sqltypes.DOUBLE)
    connection.create_function("kleinberg_weights", kleinberg_weights, [integers, integers], doubles)
    first_view, *other_views = VIEWS
    connection.execute(f"CREATE VIEW {first_view} AS {view_sql(first_view)}")
    for name in _BASE_TABLES:
        _create_table(connection, name, view_sql(name), description(view_sql(name)))
    for name in other_views:
        connection.execute(f"CREATE VIEW {name} AS {view_sql(name)}")
    for name in VIEWS:
        _comment_view(connection, name)
    for name in MARTS:
        mart = read_mart(name)
        _create_table(connection, name, mart.sql, mart.description)
        for column, sentence in mart.columns.items():
            connection.execute(f"COMMENT ON COLUMN {name}.{column} IS {quoted(sentence)}")


def _create_row_view(connection: duckdb.DuckDBPyConnection, table: Table, edition: Edition) -> None:
    """Create a view of a table's current data files, limited to the shown units of its stage if it has one."""
    view, stage = table.rows_view or table.name, table.stage
    rows = relocatable(live_rows(table, edition.store.files(table)), edition.settings.warehouse)
    keys = [key for key in table.unit if key != "stage"]
    shown = f"SELECT {', '.join(keys)} FROM shown_units WHERE stage = '{stage}'"
    if stage and keys == ["day"]:
        shown = shown.replace("SELECT day", "SELECT day::DATE")
    limit = f" WHERE ({', '.join(keys)}) IN ({shown})" if stage else ""
    create_rows_view(connection, view, table, rows, condition=limit)
    _comment_like_table(connection, view, table)


def _comment_view(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """Give a view its description, and its columns the descriptions of the table of the same name, if there is one."""
    table = TABLES.get("articles" if view == "article_versions" else view)
    if table:
        _comment_like_table(connection, view, table)
    connection.execute(f"COMMENT ON VIEW {view} IS {quoted(description(view_sql(view)))}")


def _comment_like_table(connection: duckdb.DuckDBPyConnection, view: str, table: Table) -> None:
    """Give a view and its columns the descriptions of a table."""
    connection.execute(f"COMMENT ON VIEW {view} IS {quoted(table.description)}")
    for column in table.columns:
        connection.execute(f"COMMENT ON COLUMN {view}.{column.name} IS {quoted(column.description)}")


def _create_table(connection: duckdb.DuckDBPyConnection, name: str, sql: str, comment: str) -> None:
    connection.execute(f"CREATE TABLE {name} AS {sql}")
    connection.execute(f"COMMENT ON TABLE {name} IS {quoted(comment)}")


def _create_about(connection: duckdb.DuckDBPyConnection, edition: Edition) -> None:
    existing = {name: identity[1] for name, identity in edition.identities.items() if identity}
    connection.execute(
        """
        CREATE TABLE about AS
        SELECT $as_of::TIMESTAMPTZ AS published_at, $code AS code_version, $schema::INTEGER AS schema_version,
               $views AS views_version, $stamp AS stamp,
               map($tables::VARCHAR[], $versions::BIGINT[]) AS table_versions,
               (SELECT map(list(topic ORDER BY topic), list(topic_stamp ORDER BY topic)) FROM topics) AS topic_versions,
               $model AS model,
               (SELECT min(day) FROM coverage) AS first_day, (SELECT max(day) FROM coverage) AS last_day,
               (SELECT count(*) FROM current_articles) AS n_articles, $held_back::BIGINT AS units_held_back
        """,
        {
            "as_of": edition.as_of, "code": __version__, "schema": SCHEMA_VERSION,
            "views": stable_views().version, "stamp": edition.stamp, "tables": list(existing),
            "model": next((s.depends(edition.settings) for s in edition.stages if s.name == "annotate"), None),
            "versions": list(existing.values()), "held_back": len(edition.shown.held_back),
        },
    )  # fmt: skip
    connection.execute("COMMENT ON TABLE about IS 'What this file was made from, and when.'")
