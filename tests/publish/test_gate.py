"""An edition from which articles disappear does not silently take the place of the one before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.demo.show import NOW
from etl.errors import Fatal, MachineError
from etl.extract import sandbox
from etl.pipeline import steps
from etl.pipeline.api import Warehouse
from tests.conftest import copy_warehouse


@pytest.fixture
def settings(world: Settings, tmp_path: Path) -> Settings:
    return copy_warehouse(world, tmp_path / "copy")


def n_articles(settings: Settings) -> int:
    [row] = Warehouse(settings).query("SELECT count(*) AS n FROM current_articles").to_pylist()
    return int(row["n"])


def test_a_fault_of_the_machine_does_not_take_published_articles_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk is full while everything is computed again."""

    def no_space(*_: object) -> None:
        raise MachineError("No space left on device")

    before, edition = n_articles(settings), settings.layout.published.resolve()
    for name in ("articles", "rejects"):
        shutil.rmtree(settings.layout.table(name))
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "extract_confined", no_space)
        report = Warehouse(settings).run(as_of=NOW)
    assert report.failed > 0
    assert report.published.withheld[0].endswith("articles would disappear")
    assert (settings.layout.published.resolve(), Warehouse(settings).status().published) == (
        edition, str(settings.layout.published),
    )  # fmt: skip
    report = Warehouse(settings).run(as_of=NOW)
    assert (report.failed, report.published.withheld, n_articles(settings)) == (0, (), before)


def test_a_loss_is_published_when_it_is_accepted(settings: Settings) -> None:
    before = n_articles(settings)
    for path in settings.layout.warc_folder.glob("*-northline.warc.gz"):
        path.unlink()
    for name in ("articles", "rejects"):
        shutil.rmtree(settings.layout.table(name))
    withheld = Warehouse(settings).run(as_of=NOW).published.withheld
    assert [line.partition(":")[0] for line in withheld] == ["northline"]
    assert Warehouse(settings).status().withheld == withheld
    with pytest.raises(Fatal, match="not published, the edition before stays: northline"):
        steps.publish(settings, NOW, steps.run_folder(settings, "night"))
    assert n_articles(settings) == before
    assert Warehouse(settings).publish(accept_losses=True).new
    assert n_articles(settings) < before
    assert Warehouse(settings).status().withheld == ()


def test_an_article_may_move_to_another_source(settings: Settings) -> None:
    source = settings.config / "sources" / "northline.yaml"
    source.rename(source.with_name("northline-news.yaml"))
    report = Warehouse(settings).run(as_of=NOW)
    assert (report.published.new, report.published.withheld) == (True, ())


def test_a_reason_is_forgotten_when_the_loss_is_made_good(settings: Settings, tmp_path: Path) -> None:
    lost = list(settings.layout.warc_folder.glob("*-northline.warc.gz"))
    away = tmp_path / "away"
    away.mkdir()
    for path in lost:
        path.rename(away / path.name)
    for name in ("articles", "rejects"):
        shutil.rmtree(settings.layout.table(name))
    assert Warehouse(settings).run(as_of=NOW).published.withheld
    for path in lost:
        (away / path.name).rename(path)
    assert not Warehouse(settings).run(as_of=NOW).published.withheld
    assert Warehouse(settings).status().withheld == ()
