"""The doctor names what keeps the nightly run from working, and passes what works."""

from __future__ import annotations

import os
import resource
import shutil
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.pipeline import doctor
from etl.pipeline.doctor import Finding, examine
from etl.warehouse.delta import Store
from schemas import BATCHES, FETCHES
from tests.conftest import copy_warehouse
from tests.rows import row

TODAY = datetime(2027, 1, 10, 6, tzinfo=UTC)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def settings(world: Settings, tmp_path: Path) -> Settings:
    return copy_warehouse(world, tmp_path / "copy").model_copy(update={"contact": "me@paper.example"})


def findings(settings: Settings, now: datetime = TODAY, state: str = "problem") -> list[Finding]:
    return [finding for finding in examine(settings, now) if finding.state == state]


def test_a_sound_installation_has_no_problem(settings: Settings) -> None:
    assert findings(settings) == []
    checks = {finding.check for finding in findings(settings, state="ok")}
    assert checks >= {"versions", "configuration", "write access", "tables", "space", "limits", "clock", "models"}


def test_a_new_project_without_a_warehouse_has_no_problem(tmp_path: Path, settings: Settings) -> None:
    assert findings(settings.model_copy(update={"warehouse": tmp_path / "new"})) == []


def test_a_mistake_in_the_configuration_is_named(settings: Settings) -> None:
    (settings.config / "sources" / "bad.yaml").write_text("titel: X\n")
    [problem, *_] = findings(settings)
    assert "bad.yaml:1: field 'titel'" in problem.detail


def test_live_sites_need_a_contact(settings: Settings) -> None:
    assert [f.detail for f in findings(settings.model_copy(update={"contact": None}))] == [
        "contact is not set in dateline.yaml: no live site is fetched"
    ]


def test_a_full_disk_and_a_full_temporary_folder_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 1000))
    assert [f.check for f in findings(settings)] == ["space", "space"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(settings: Settings) -> None:
    settings.warehouse.chmod(0o500)
    assert [f.check for f in findings(settings)] == ["write access"]
    settings.warehouse.chmod(0o700)


def test_small_limits_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert [f.check for f in findings(settings, state="warning") if f.check == "limits"] == ["limits", "limits"]


def test_a_clock_that_is_behind_is_named(settings: Settings) -> None:
    assert [f.check for f in findings(settings, datetime(2020, 1, 1, tzinfo=UTC))] == ["clock"]
    store = Store(settings.warehouse)
    store.append(BATCHES, BATCHES.from_records([row(BATCHES, batch="later", added_at=TODAY)]))
    assert [f.check for f in findings(settings, TODAY - timedelta(days=1))] == ["clock"]


def test_damaged_models_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "damaged_model_files", lambda: [Path("model.onnx")])
    assert {f.check for f in findings(settings)} == {"models"}


def test_sources_that_were_not_read_lately_are_named(settings: Settings) -> None:
    last_visits = {"northline": timedelta(hours=7), "coromandel-standard": timedelta(days=5)}
    requests = [
        row(FETCHES, batch=source, month="2027-01", source=source, kind="feed", outcome="ok", requested_at=TODAY - ago)
        for source, ago in last_visits.items()
    ]
    Store(settings.warehouse).append(FETCHES, FETCHES.from_records(requests))
    lines = {f.detail.partition(":")[0]: f.detail for f in findings(settings, state="warning") if f.check == "sources"}
    assert "northline" not in lines
    assert lines["coromandel-standard"].endswith("last read 2027-01-05 06:00 UTC")
    assert any(line.endswith("were never read: " + line.partition(": ")[2]) for line in lines.values())
