"""Status says how much space is used, and when the disk is full."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.configuration.settings import Settings
from etl.pipeline.disk import DiskUse, disk_use
from etl.warehouse.delta import Store
from schemas import BATCHES, FETCHES
from tests.conftest import copy_warehouse
from tests.rows import row


def test_files_count_once_by_folder(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    before = disk_use(settings, Store(settings.warehouse))
    files = [path for path in settings.warehouse.rglob("*") if path.is_file() and not path.is_symlink()]
    on_disk = sum(path.stat().st_size for path in files)
    assert before.total == on_disk
    file = next((settings.warehouse / "tables").rglob("*.parquet"))
    (settings.warehouse / "frozen").mkdir()
    os.link(file, settings.warehouse / "frozen" / file.name)
    assert disk_use(settings, Store(settings.warehouse)).total == on_disk


def test_growth_is_that_of_the_visits_of_a_month(tmp_path: Path) -> None:
    settings = Settings(config=tmp_path / "config", warehouse=tmp_path / "warehouse")
    store, layout, days = Store(settings.warehouse), settings.layout, range(60)
    visits = [
        row(FETCHES, batch=f"b{n}", month="2025-01", requested_at=datetime(2025, 1, 1, tzinfo=UTC) + timedelta(n))
        for n in days
    ]
    sizes = [100 if n < len(days) - 30 else 200 for n in days]  # bytes: earlier visits were smaller
    store.replace(FETCHES, FETCHES.from_records(visits), {"batch": [visit.batch for visit in visits]})
    batches = [row(BATCHES, batch=f"b{n}", bytes=size) for n, size in zip(days, sizes, strict=True)]
    store.replace(BATCHES, BATCHES.from_records(batches), {"batch": [batch.batch for batch in batches]})
    layout.warc_folder.mkdir()
    (layout.warc_folder / "all.warc.gz").write_bytes(bytes(sum(sizes)))
    use = disk_use(settings, store)
    growing = use.folders["warc"] + use.folders["tables"]
    assert use.bytes_per_day == int(200 * growing / use.folders["warc"])
    assert use.days_left == use.free // use.bytes_per_day


def test_without_visits_nothing_is_forecast(tmp_path: Path) -> None:
    settings = Settings(config=tmp_path / "config", warehouse=tmp_path / "warehouse")
    use = disk_use(settings, Store(settings.warehouse))
    assert (use.total, use.bytes_per_day, use.days_left) == (0, None, None)
    assert DiskUse({"warc": 5}, 100, 7).days_left == 14
