"""The published file: views on exactly the live data files, marts, and `about`. What analysts and dashboards open."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from etl import __version__
from etl.configuration.settings import Settings
from etl.engine.stage import Stage
from etl.errors import WarehouseError
from etl.publish.bursts import kleinberg_weights
from etl.publish.previous_edition import stories_before
from etl.publish.shown_units import Shown, shown_units
from etl.warehouse.delta import Store
from etl.warehouse.duck import live_rows
from etl.warehouse.layout import WarehouseLayout, replace_link
from etl.warehouse.relocatable import quoted, relocatable
from schemas import TABLES, Table
from schemas.marts import MARTS, read_mart
from schemas.stable import stable_views
from schemas.values import LISTING_KINDS
from schemas.views import description, view_sql

_KEPT = 2  # published files kept, the newest included: a reader may still have the one before open
# Views on the data files, with the rows of shown units only: (view, table, stage or none).
_ROWS = (
    ("article_rows", "articles", "extract"),
    ("entity_rows", "entities", "annotate"),
    ("quote_rows", "quotes", "annotate"),
    ("story_rows", "stories", "stories"),
    ("mention_rows", "mentions", "match"),
    ("rejects", "rejects", "extract"),
    ("batches", "batches", None),
    ("fetches", "fetches", None),
    ("runs", "runs", None),
)
INNER = ("current_articles", "story_ids")  # tables that the views are made from
VIEWS = ("article_versions", "stories", "articles", "entities", "quotes", "mentions", "batch_sources", "unmatched")
# Whether a kind of request is a listing; Wilson's interval of a share k of n, 95 %.
_MACROS = f"""
CREATE MACRO is_listing(kind) AS kind IN {LISTING_KINDS};
CREATE MACRO wilson_low(k, n) AS CASE
    WHEN n > 0 AND k = 0 THEN 0.0
    WHEN n > 0 THEN (k + 1.9208 - 1.96 * sqrt(k * (n - k)::DOUBLE / n + 0.9604)) / (n + 3.8416)
END;
CREATE MACRO wilson_high(k, n) AS CASE
    WHEN n > 0 AND k = n THEN 1.0
    WHEN n > 0 THEN (k + 1.9208 + 1.96 * sqrt(k * (n - k)::DOUBLE / n + 0.9604)) / (n + 3.8416)
END;
"""


@dataclass(frozen=True)
class Given:
    """What a user's files say, as tables.

    `topics`: columns topic, title, description, query, within, topic_stamp, languages. `sources`: source, title,
    country, language, timezone, feeds, articles_least, articles_most.
    """

    topics: pa.Table
    sources: pa.Table


@dataclass(frozen=True)
class Published:
    """What publishing did: the file, whether it is new, which units it holds back and why, and how many articles have
    another story id than in the file before."""

    path: Path
    new: bool
    held: tuple[str, ...]
    story_changes: int = 0


def publish(settings: Settings, store: Store, stages: Sequence[Stage], given: Given, as_of: datetime) -> Published:
    """Writes `dateline-<n>.duckdb` and points `dateline.duckdb` at it, if anything changed since the last one.

    The caller holds the writer's slot.
    """
    versions = {table.name: store.version(table) for table in TABLES.values()}
    shown = shown_units(stages, settings, store)
    edition = _Edition(settings, store, stages, given, versions, shown, as_of)
    layout = settings.layout
    link = layout.published
    if _published_stamp(link) == edition.stamp:
        return Published(link, False, shown.held)
    path = layout.edition(1 + max((number for number, _ in layout.editions()), default=0))
    building = path.with_suffix(".building")
    building.unlink(missing_ok=True)
    try:
        changes = _build(building, edition)
    except duckdb.Error as error:
        building.unlink(missing_ok=True)
        raise WarehouseError(f"{path}: cannot be published: {str(error).splitlines()[0]}") from None
    building.replace(path)
    _point(layout, path)
    return Published(link, True, shown.held, changes)


@dataclass(frozen=True)
class _Edition:
    """All that a published file is made from."""

    settings: Settings
    store: Store
    stages: Sequence[Stage]
    given: Given
    versions: dict[str, int | None]
    shown: Shown
    as_of: datetime

    @property
    def stamp(self) -> str:
        """Hash of what decides the file's content: not of when it was made."""
        sql = [read_mart(name).sql for name in MARTS] + [view_sql(name) for name in (*VIEWS, *INNER)]
        stages = [(stage.name, stage.version) for stage in self.stages]
        parts = [__version__, self.versions, stages, self.given.topics.to_pylist(), self.given.sources.to_pylist()]
        parts += [self.shown.held, _MACROS, *sql]
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]


def _build(building: Path, edition: _Edition) -> int:
    """Writes the file. Returns how many articles belong to another story than in the file before."""
    connection = duckdb.connect()
    spill = edition.settings.layout.local_staging / "publish"
    try:
        # DuckDB 1.x opens the file too; it refuses the default of 2.0.
        connection.execute(f"ATTACH {quoted(str(building))} AS published (STORAGE_VERSION 'v1.0.0')")
        connection.execute("USE published; SET TimeZone = 'UTC'")
        # What does not fit into memory goes beside the warehouse, not into the folder that the command was given in.
        spill.mkdir(parents=True, exist_ok=True)
        connection.execute(f"SET temp_directory = {quoted(str(spill))}")
        _give(connection, edition)
        for view, table, stage in _ROWS:
            _row_view(connection, view, TABLES[table], stage, edition.store, edition.settings.warehouse)
        build_views_and_marts(connection)
        _about(connection, edition)
        changed = connection.execute(
            "SELECT count(*) FROM story_changes WHERE changed_at = getvariable('published_at')"
        ).fetchone()
        connection.execute("CHECKPOINT published; USE memory; DETACH published")
        return changed[0] if changed else 0
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _give(connection: duckdb.DuckDBPyConnection, edition: _Edition) -> None:
    """What is not in the tables: which units are shown, the user's files, and the stories of the file before."""
    connection.execute("SET VARIABLE published_at = $as_of::TIMESTAMPTZ", {"as_of": edition.as_of})
    ids, changes = stories_before(edition.settings.layout.published)
    connection.register("story_ids_before", ids)
    connection.register("story_changes_before", changes)
    connection.register("given_units", edition.shown.units)
    connection.register("given_topics", edition.given.topics)
    connection.register("given_sources", edition.given.sources)
    for name, comment in (
        ("shown_units", "The units of work whose rows are shown."),
        ("topics", "The topics: one row a file in config/topics."),
        ("sources", "The sources: one row a file in config/sources."),
    ):
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name.removeprefix('shown_')}")
        connection.execute(f"COMMENT ON TABLE {name} IS {quoted(comment)}")


def build_views_and_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """All that a user queries, over the row views of `_ROWS`, `topics` and `shown_units`."""
    connection.execute(_MACROS)
    numbers = duckdb.list_type(duckdb.sqltypes.BIGINT)
    weights = duckdb.list_type(duckdb.sqltypes.DOUBLE)
    connection.create_function("kleinberg_weights", kleinberg_weights, [numbers, numbers], weights)
    connection.execute(f"CREATE VIEW article_versions AS {view_sql('article_versions')}")
    for name in INNER:
        _table(connection, name, view_sql(name), description(view_sql(name)))
    for name in VIEWS[1:]:
        connection.execute(f"CREATE VIEW {name} AS {view_sql(name)}")
    for name in VIEWS:
        _describe(connection, name)
    for name in MARTS:
        mart = read_mart(name)
        _table(connection, name, mart.sql, mart.description)
        for column, sentence in mart.columns.items():
            connection.execute(f"COMMENT ON COLUMN {name}.{column} IS {quoted(sentence)}")


def _row_view(
    connection: duckdb.DuckDBPyConnection, view: str, table: Table, stage: str | None, store: Store, root: Path
) -> None:
    rows = relocatable(live_rows(table, store.files(table)), root)
    keys = [key for key in table.unit if key != "stage"]
    shown = f"SELECT {', '.join(keys)} FROM shown_units WHERE stage = '{stage}'"
    if stage and keys == ["day"]:
        shown = shown.replace("SELECT day", "SELECT day::DATE")
    limit = f" WHERE ({', '.join(keys)}) IN ({shown})" if stage else ""
    connection.execute(f"CREATE VIEW {view} AS SELECT * FROM ({rows}){limit}")
    _comment(connection, view, table)


def _describe(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    table = TABLES.get("articles" if view == "article_versions" else view)
    if table:
        _comment(connection, view, table)
    connection.execute(f"COMMENT ON VIEW {view} IS {quoted(description(view_sql(view)))}")


def _comment(connection: duckdb.DuckDBPyConnection, view: str, table: Table) -> None:
    connection.execute(f"COMMENT ON VIEW {view} IS {quoted(table.description)}")
    for column in table.columns:
        connection.execute(f"COMMENT ON COLUMN {view}.{column.name} IS {quoted(column.description)}")


def _table(connection: duckdb.DuckDBPyConnection, name: str, sql: str, comment: str) -> None:
    connection.execute(f"CREATE TABLE {name} AS {sql}")
    connection.execute(f"COMMENT ON TABLE {name} IS {quoted(comment)}")


def _about(connection: duckdb.DuckDBPyConnection, edition: _Edition) -> None:
    known = {name: version for name, version in edition.versions.items() if version is not None}
    connection.execute(
        """
        CREATE TABLE about AS
        SELECT $as_of::TIMESTAMPTZ AS published_at, $code AS code_version, $views AS views_version, $stamp AS stamp,
               map($tables::VARCHAR[], $versions::BIGINT[]) AS table_versions,
               (SELECT map(list(topic ORDER BY topic), list(topic_stamp ORDER BY topic)) FROM topics) AS topic_versions,
               $model AS model,
               (SELECT min(day) FROM coverage) AS first_day, (SELECT max(day) FROM coverage) AS last_day,
               (SELECT count(*) FROM current_articles) AS n_articles, $held::BIGINT AS units_held_back
        """,
        {
            "as_of": edition.as_of, "code": __version__, "views": stable_views().version, "stamp": edition.stamp,
            "tables": list(known),
            "model": next((s.depends(edition.settings) for s in edition.stages if s.name == "annotate"), None),
            "versions": list(known.values()), "held": len(edition.shown.held),
        },
    )  # fmt: skip
    connection.execute("COMMENT ON TABLE about IS 'What this file was made from, and when.'")


def _published_stamp(link: Path) -> str | None:
    if not link.exists():
        return None
    try:
        with duckdb.connect(str(link.resolve()), read_only=True) as connection:
            row = connection.execute("SELECT stamp FROM about").fetchone()
            return str(row[0]) if row else None
    except duckdb.Error:
        return None  # unreadable: publish again


def _point(layout: WarehouseLayout, path: Path) -> None:
    """Point the link at a new edition in one step, then delete editions that are too old to be open."""
    replace_link(layout.published, path.name)
    for _, old in layout.editions()[:-_KEPT]:
        old.unlink()
