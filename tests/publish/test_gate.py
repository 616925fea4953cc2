"""An edition that shows less or something unusual does not silently take the place of the one before."""

from __future__ import annotations

import random
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from etl.configuration.settings import Settings
from etl.demo.show import NOW
from etl.errors import Fatal, MachineError
from etl.extract import sandbox
from etl.pipeline import steps
from etl.pipeline.api import Warehouse
from etl.publish.gate import reasons_to_withhold
from tests.conftest import copy_warehouse
from tests.publish.test_unusual_nights import night_of


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
    assert Warehouse(settings).publish(accept=True).new
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


@pytest.fixture
def editions(world: Settings, tmp_path: Path) -> tuple[Path, Path]:
    """The current edition of a warehouse and a copy of it, to be changed."""
    current, new = world.layout.published.resolve(), tmp_path / "new.duckdb"
    shutil.copyfile(current, new)
    return current, new


def test_an_equal_edition_may_be_published(editions: tuple[Path, Path]) -> None:
    current, new = editions
    assert reasons_to_withhold(new, current) == ()


def test_quotes_and_speakers_in_published_articles_do_not_disappear_silently(editions: tuple[Path, Path]) -> None:
    current, new = editions
    with duckdb.connect(str(new)) as connection:
        connection.execute("ALTER VIEW quote_rows RENAME TO all_quote_rows")
        connection.execute("CREATE VIEW quote_rows AS SELECT * FROM all_quote_rows WHERE quote_id < '8'")
        [(before, after)] = connection.execute(
            "SELECT (SELECT count(*) FROM all_quote_rows), (SELECT count(*) FROM quote_rows)"
        ).fetchall()
    [quotes, *_] = reasons_to_withhold(new, current)
    assert quotes == f"{before - after} of {before} quotes in published articles would disappear"


def test_a_night_that_is_out_of_the_ordinary_is_withheld(editions: tuple[Path, Path], tmp_path: Path) -> None:
    _, new = editions
    rng, current = random.Random(1), tmp_path / "current.duckdb"
    nights = [night_of(date(2025, 1, 6) + timedelta(n), rng) for n in range(31)]
    for row in nights[-1].values():
        row["n_undated"] = row["n_articles"]
    rows = pa.Table.from_pylist([row for night in nights for row in night.values()])
    with duckdb.connect(str(new)) as connection:
        connection.register("invented", rows)
        connection.execute("DELETE FROM visit_health; INSERT INTO visit_health BY NAME SELECT * FROM invented")
    shutil.copyfile(new, current)
    with duckdb.connect(str(current)) as connection:
        connection.execute("DELETE FROM visit_health WHERE night = '2025-02-05'")
    [line, *_] = reasons_to_withhold(new, current)
    assert re.fullmatch(r"2025-02-05: 100% of \d+ articles have no date, usually 2%", line)
    with duckdb.connect(str(current)) as connection:  # of the night one source is published already
        connection.register("invented", rows)
        connection.execute(
            "INSERT INTO visit_health BY NAME "
            "SELECT * FROM invented WHERE night = '2025-02-05' AND source = 'source-00'"
        )
    assert reasons_to_withhold(new, current)[0] == line
    with duckdb.connect(str(current)) as connection:  # as an older version made it
        connection.execute("DROP TABLE visit_health")
    assert reasons_to_withhold(new, current) == ()
