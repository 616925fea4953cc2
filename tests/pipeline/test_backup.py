"""A warehouse is restored from its WARC files and journals, and can be moved."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from etl.configuration.settings import Settings
from etl.demo.show import NOW
from etl.pipeline.api import Warehouse
from evaluation.airflow_nights import run_nights_directly, sample_settings
from evaluation.table_hashes import table_hashes
from tests.conftest import copy_warehouse

BACKED_UP = ("warc", "batches.jsonl", "takedowns.jsonl", "frozen")  # as in docs/operating.md


def restored(settings: Settings, folder: Path) -> Settings:
    """Copy to a new project what docs/operating.md says."""
    shutil.copytree(settings.config, folder / "config")
    (folder / "warehouse").mkdir()
    for name in BACKED_UP:
        path = settings.warehouse / name
        if path.is_dir():
            shutil.copytree(path, folder / "warehouse" / name)
        elif path.exists():
            shutil.copy(path, folder / "warehouse")
    return Settings(config=folder / "config", warehouse=folder / "warehouse", workers=1)


def test_a_warehouse_is_restored_from_its_warc_files_and_journals(tmp_path: Path) -> None:
    settings = sample_settings(tmp_path / "project")
    run_nights_directly(settings, (date(2025, 9, 3), date(2025, 9, 4)))
    warehouse = Warehouse(settings)
    warehouse.freeze("paper", as_of=NOW)
    [page, *_] = warehouse.query("SELECT url FROM articles ORDER BY url").to_pylist()
    warehouse.take_down(page["url"], "order", as_of=NOW)
    again = restored(settings, tmp_path / "elsewhere")
    assert not Warehouse(again).run(as_of=NOW).failed
    assert table_hashes(again) == table_hashes(settings)
    for sql in ("SELECT * FROM articles ORDER BY ALL", "SELECT * FROM coverage ORDER BY ALL"):
        assert Warehouse(again).query(sql) == warehouse.query(sql)
    assert Warehouse(again).verify() == []


def test_a_warehouse_can_be_moved(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "old place")
    shutil.move(tmp_path / "old place", tmp_path / "new place")
    moved = Settings(
        config=tmp_path / "new place" / "config", warehouse=tmp_path / "new place" / "warehouse", workers=1
    )
    sql = "SELECT article_id, title FROM articles ORDER BY ALL"
    assert Warehouse(moved).query(sql) == Warehouse(world).query(sql)
    assert Warehouse(moved).verify() == []
    assert not settings.warehouse.exists()
    assert not Warehouse(moved).run(as_of=NOW).failed
