"""Warehouses of earlier versions are brought to the current schema and keep their data; newer ones are refused."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.table import TableAlterer

import etl
from etl.configuration.settings import Settings
from etl.errors import WarehouseError
from etl.pipeline.api import Warehouse
from etl.warehouse import delta_schema
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, ENTITIES, FETCHES, SCHEMA_VERSION, TABLES
from tests.rows import row

FIXTURES = Path(__file__).parent / "fixtures"
VERSIONS = sorted(int(path.name.removeprefix("schema-").partition(".")[0]) for path in FIXTURES.iterdir())
ARTICLES = "SELECT article_id, version_id, title, text, published_date, outlet FROM article_rows ORDER BY ALL"


def unpacked(version: int, folder: Path) -> Warehouse:
    with tarfile.open(FIXTURES / f"schema-{version}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return etl.open_warehouse(folder / "warehouse", config=folder / "config", workers=1)


def rows_of(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with reading(Store(settings.warehouse)) as connection:
        return connection.execute(sql).fetchall()


def test_there_is_a_fixture_of_every_schema_version() -> None:
    assert list(range(1, SCHEMA_VERSION + 1)) == VERSIONS, "run: python -m tests.warehouse.make_fixture"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_warehouse_of_an_earlier_version_is_upgraded_and_keeps_its_data(version: int, tmp_path: Path) -> None:
    warehouse = unpacked(version, tmp_path)
    settings = warehouse.settings
    old_files = set(Store(settings.warehouse).files(BATCHES))
    kept = [
        ARTICLES,
        "SELECT * FROM fetches ORDER BY ALL",
        "SELECT batch, sha256, complete_from FROM batches ORDER BY 1",
    ]
    before = [rows_of(settings, sql) for sql in kept]
    assert all(before)
    report = warehouse.run()
    assert (report.failed, report.damaged, report.published.withheld) == (0, [], ())
    assert [rows_of(settings, sql) for sql in kept] == before
    assert warehouse.query("SELECT count(*) AS n FROM articles").to_pylist()[0]["n"] > 10
    assert warehouse.query("SELECT schema_version AS n FROM about").to_pylist() == [{"n": SCHEMA_VERSION}]
    assert not Store(settings.warehouse).planned_upgrades()
    assert all(rows_of(settings, "SELECT file_sha256 IS NOT NULL FROM batches"))
    assert old_files <= {str(path) for path in tmp_path.rglob("*.parquet")}, "no data file is deleted"


def test_an_upgrade_that_is_interrupted_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = unpacked(1, tmp_path).settings
    store = Store(settings.warehouse)
    n_tables = len(store.planned_upgrades())
    for function in ("add_columns", "set_table_properties"):
        original = getattr(TableAlterer, function)

        def interrupted(self: Any, *arguments: Any, original: Any = original, **options: Any) -> None:
            original(self, *arguments, **options)
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(TableAlterer, function, interrupted)
            with pytest.raises(KeyboardInterrupt), store.writing():
                pass
    assert 0 < len(store.planned_upgrades()) < n_tables
    with store.writing():
        assert not store.planned_upgrades()
    assert len(rows_of(settings, "SELECT file_sha256, damaged_sha256 FROM batches")) == 5


def test_a_table_of_a_newer_version_is_refused_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = unpacked(1, tmp_path)
    location = Store(warehouse.settings.warehouse).location(ENTITIES)
    DeltaTable(location).alter.set_table_properties(
        {delta_schema.VERSION_PROPERTY: str(SCHEMA_VERSION + 1)}, raise_if_not_exists=False
    )
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"text": "One."}', encoding="utf-8")
    message = f"tables/entities: was written by a newer Dateline \\(schema version {SCHEMA_VERSION + 1}; this one knows"
    for work in (warehouse.run, warehouse.fetch, warehouse.status, lambda: warehouse.import_files(texts)):
        with pytest.raises(WarehouseError, match=message):
            work()
    changed = {path for path in before if path.stat().st_mtime_ns != before[path]}
    assert {path.name for path in changed} <= {".writer.lock"}


def test_columns_that_are_no_longer_written_are_kept_and_null(tmp_path: Path) -> None:
    store = Store(tmp_path / "warehouse")
    extra = ENTITIES.schema.append(pa.field("shade", pa.large_string(), nullable=False))
    table = DeltaTable.create(store.location(ENTITIES), extra, partition_by=["month"])
    rows = ENTITIES.from_records([row(ENTITIES, batch="a", month="2025-09")])
    old_rows = rows.append_column(extra.field("shade"), pa.array(["red"], pa.large_string()))
    write_deltalake(table, old_rows, mode="append")
    with store.writing():
        store.replace(ENTITIES, ENTITIES.from_records([row(ENTITIES, batch="b", month="2025-09")]), {"batch": ["b"]})
    with reading(store, [ENTITIES]) as connection:
        assert connection.execute("SELECT batch FROM entities ORDER BY 1").fetchall() == [("a",), ("b",)]
    shades = DeltaTable(store.location(ENTITIES)).to_pyarrow_table().sort_by("batch")["shade"].to_pylist()
    assert shades == ["red", None]


def test_a_column_of_another_type_is_an_error_that_names_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "warehouse")
    other = pa.schema([field if field.name != "url" else pa.field("url", pa.int64()) for field in FETCHES.schema])
    DeltaTable.create(store.location(FETCHES), other, partition_by=["month"])
    with pytest.raises(WarehouseError, match="tables/fetches: column url has another type"), store.writing():
        pass


def test_a_new_table_has_the_current_version(tmp_path: Path) -> None:
    store = Store(tmp_path / "warehouse")
    for table in TABLES.values():
        store.open(table)
    assert not store.planned_upgrades()
    assert re.fullmatch(r"\d+", DeltaTable(store.location(BATCHES)).metadata().configuration["dateline.schema"])
