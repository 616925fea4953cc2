"""Fixtures: the corpora in ../shared/corpora, the gazetteer, and warehouses of the sample world."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, Settings
from etl.demo.show import NOW, demo_settings, import_world
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.pipeline.run import publish_all, run_stages
from etl.warehouse.delta import Store
from evaluation.corpora import ABSENT, CORPORA


@pytest.fixture(scope="session")
def corpora() -> Path:
    if not CORPORA.is_dir():
        pytest.skip(ABSENT)
    return CORPORA


@pytest.fixture(scope="session")
def gazetteer() -> Gazetteer:
    return load_gazetteer(PACKAGED / "gazetteer")


@pytest.fixture(scope="session")
def imported_world(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse into which the sample world is imported and nothing more. Tests must not change it: they copy it."""
    folder = tmp_path_factory.mktemp("imported")
    settings = demo_settings(folder, workers=1)
    store = Store(settings.warehouse)
    with store.writing():
        import_world(folder / "warc", settings, store, lambda _: None)
    return settings


@pytest.fixture(scope="session")
def world(imported_world: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A warehouse of the sample world, brought up to date and published. Tests read it; to change it they copy it."""
    settings = copy_warehouse(imported_world, tmp_path_factory.mktemp("world") / "copy")
    with Store(settings.warehouse).writing():
        run_stages(settings)
        publish_all(settings, NOW)
    return settings


def copy_warehouse(settings: Settings, folder: Path) -> Settings:
    """Copy a configuration and its warehouse to another folder."""
    shutil.copytree(settings.warehouse.parent, folder, symlinks=True)
    return Settings(config=folder / "config", warehouse=folder / "warehouse", workers=1)
