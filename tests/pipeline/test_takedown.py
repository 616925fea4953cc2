"""An article that was taken down is nowhere any more, and does not come back."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.configuration.settings import Settings
from etl.demo.show import NOW
from etl.errors import InputError
from etl.pipeline.api import Warehouse
from etl.publish import snapshot_takedown
from etl.warehouse.delta import Store
from evaluation.airflow_nights import run_nights_directly, sample_settings
from evaluation.torture.trials import copy_of, make_base

TOKEN = "xylograph-7731"
TEXT = (
    f"The minister praised the {TOKEN} project in Moscow. “We are proud of the {TOKEN} project,” said Vladimir Putin. "
    "China and Russia will build it together. " * 3
)
URL = f"https://token.example/2025/09/{TOKEN}?utm_source=x"
LATER = NOW.replace(month=10)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("base")
    settings = make_base(folder)
    write(folder / "archive.jsonl", URL)
    warehouse = Warehouse(settings)
    assert not warehouse.import_files(folder / "archive.jsonl", source="archive", as_of=NOW).errors
    assert not warehouse.run(as_of=NOW).failed
    return settings


@pytest.fixture
def settings(base: Settings, tmp_path: Path) -> Settings:
    return copy_of(base.config.parents[1], tmp_path / "copy")


def write(path: Path, url: str) -> None:
    rows = [
        {"url": url, "title": f"The {TOKEN} project", "text": TEXT, "published_date": "2025-09-10"},
        {"url": "https://token.example/other", "title": "Other", "text": TEXT.replace(TOKEN, "other")},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def everything(folder: Path) -> Iterator[tuple[Path, str]]:
    """All that the files of a folder say, as text: their bytes, and what they hold when they are read."""
    for path in (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        content = path.read_bytes()
        yield path, content.decode("latin-1")
        if path.name.endswith(".gz"):
            yield path, _members(content).decode("utf-8", "replace")
        if path.suffix == ".parquet":
            yield path, str(pq.ParquetFile(path).read().to_pylist())
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                connection.execute(f"SET VARIABLE dateline_root = '{path.parent}'")
                for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall():
                    yield path, str(connection.execute(f"SELECT * FROM {name}").fetchall())


def _members(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (zlib.error, EOFError):
        return b""


def occurrences(folder: Path, *words: str) -> list[str]:
    return [str(path) for path, text in everything(folder) if any(word in text for word in words)]


def article_id(settings: Settings) -> str:
    [row] = Warehouse(settings).query(f"SELECT article_id FROM articles WHERE title LIKE '%{TOKEN}%'").to_pylist()
    return str(row["article_id"])


def test_no_byte_of_an_article_is_left(settings: Settings, tmp_path: Path) -> None:
    warehouse = Warehouse(settings)
    subject, n_before = article_id(settings), warehouse.query("SELECT count(*) AS n FROM articles").to_pylist()[0]["n"]
    warehouse.freeze("paper", as_of=NOW)
    warehouse.maintain(as_of=NOW)
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "task.log").write_text(f"read {URL} and https://other.example/\n")
    assert occurrences(settings.warehouse, TOKEN)
    done = warehouse.take_down(URL, "court order 12", logs=[logs], as_of=NOW)
    assert (done.article_ids, done.records, done.snapshots, done.logs, done.problems) == (
        (subject,), 1, ("paper",), 1, (),
    )  # fmt: skip
    assert occurrences(settings.warehouse, TOKEN) == []
    assert occurrences(settings.warehouse / "tables", subject) == []
    assert (logs / "task.log").read_text() == "read (taken down) and https://other.example/\n"
    assert warehouse.query("SELECT count(*) AS n FROM articles").to_pylist() == [{"n": n_before - 1}]
    assert warehouse.verify() == []
    assert warehouse.run(as_of=NOW).stages == []
    frozen = Warehouse(settings.model_copy(update={"warehouse": settings.layout.snapshot("paper")}))
    assert frozen.verify() == []
    assert frozen.query("SELECT count(*) AS n FROM articles").to_pylist() == [{"n": n_before - 1}]
    assert frozen.query("SELECT n_articles FROM about").to_pylist() == [{"n_articles": n_before - 1}]
    manifest = json.loads((settings.layout.snapshot("paper") / "manifest.json").read_text())
    assert [note["reason"] for note in manifest["taken_down"]] == ["court order 12"]


def test_it_does_not_come_back_by_import(settings: Settings, tmp_path: Path) -> None:
    warehouse = Warehouse(settings)
    warehouse.take_down(article_id(settings), "wrong person", as_of=NOW)
    assert warehouse.import_files(tmp_path / "copy" / "archive.jsonl", as_of=LATER).imported[0].already_imported
    write(tmp_path / "again.jsonl", f"http://www.token.example/2025/09/{TOKEN}/")
    assert not warehouse.import_files(tmp_path / "again.jsonl", as_of=LATER).errors
    assert not warehouse.run(as_of=LATER).failed
    sql = "SELECT reason, url FROM rejects WHERE reason = 'taken_down'"
    assert warehouse.query(sql).to_pylist() == [{"reason": "taken_down", "url": None}]
    assert warehouse.query(f"SELECT * FROM articles WHERE text LIKE '%{TOKEN}%'").num_rows == 0
    warehouse.maintain(as_of=LATER)
    assert occurrences(settings.warehouse / "warc", TOKEN) == []
    assert warehouse.verify() == []
    assert not warehouse.run(as_of=LATER).failed


def test_it_is_not_fetched_again(tmp_path: Path) -> None:
    """A page of the sample sites that a feed names on both nights."""
    settings = sample_settings(tmp_path / "project")
    first, second = date(2025, 9, 3), date(2025, 9, 4)
    run_nights_directly(settings, (first, first))
    warehouse = Warehouse(settings)
    [page, *_] = warehouse.query(
        "SELECT a.url FROM articles a JOIN fetches f ON f.url = a.url AND f.kind = 'page' "
        "WHERE a.published_date = '2025-09-03' ORDER BY a.url"
    ).to_pylist()
    path = page["url"].partition("://")[2]
    warehouse.freeze("paper", as_of=NOW)  # whose table of requests names the page, too
    assert occurrences(settings.warehouse, path)
    done = warehouse.take_down(page["url"], "wrong", as_of=NOW.replace(day=3))
    assert (done.problems, done.snapshots) == ((), ("paper",))
    assert occurrences(settings.warehouse, path) == []
    run_nights_directly(settings, (second, second))
    assert occurrences(settings.warehouse, path) == []
    without_body = warehouse.query("SELECT * FROM fetches WHERE outcome = 'ok' AND kind = 'feed' AND bytes = 0")
    assert {row["requested_at"].day for row in without_body.to_pylist()} == {4}
    assert Store(settings.warehouse).find_damage(again=True) == []


def test_an_address_that_is_not_in_the_warehouse_is_kept_out(settings: Settings) -> None:
    done = Warehouse(settings).take_down("https://elsewhere.example/story", "agreed", as_of=NOW)
    assert (done.article_ids, done.records) == ((), 0)
    with pytest.raises(InputError, match="is not the id of an article"):
        Warehouse(settings).take_down("no-such-id", "x", as_of=NOW)


def test_a_takedown_that_is_killed_is_completed_when_it_is_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.pipeline import takedown

    warehouse, subject = Warehouse(settings), article_id(settings)
    for name in ("remove_pages", "_remove_rows", "_publish", "remove_replaced_files"):

        def die(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(takedown, name, die)
            with pytest.raises(KeyboardInterrupt):
                warehouse.take_down(URL, "order", as_of=NOW)
    real_delete = Store.delete

    def die_at(number: int) -> Callable[..., None]:
        calls = itertools.count()

        def delete(*arguments: Any) -> None:
            if next(calls) == number:
                raise KeyboardInterrupt
            real_delete(*arguments)

        return delete

    for number in (2, 3, 6, 7):  # after so many deletions
        with monkeypatch.context() as patch:
            patch.setattr(Store, "delete", die_at(number))
            with pytest.raises(KeyboardInterrupt):
                warehouse.take_down(URL, "order", as_of=NOW)
    assert warehouse.take_down(URL, "order", as_of=NOW).problems == ()
    assert occurrences(settings.warehouse / "tables", subject) == []
    assert occurrences(settings.warehouse, TOKEN) == []
    assert warehouse.verify() == []


def test_a_snapshot_that_was_half_changed_is_completed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = Warehouse(settings)
    folder = warehouse.freeze("paper", as_of=NOW).folder
    for name in ("_rebuild", "write_manifest"):
        with monkeypatch.context() as patch:
            patch.setattr(snapshot_takedown, name, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                warehouse.take_down(URL, "order", as_of=NOW)
    assert warehouse.take_down(URL, "order", as_of=NOW).snapshots == ("paper",)
    assert occurrences(settings.warehouse, TOKEN) == []
    assert warehouse.verify() == []
    assert len(json.loads((folder / "manifest.json").read_text())["taken_down"]) == 1


def test_damage_to_a_snapshot_is_not_hidden(settings: Settings) -> None:
    warehouse = Warehouse(settings)
    folder = warehouse.freeze("paper", as_of=NOW).folder
    path = next(folder.glob("tables/quotes/**/*.parquet"))
    content = path.read_bytes()
    path.unlink()  # a hard link: the warehouse's own file must not change
    path.write_bytes(content + b"x")
    [problem] = warehouse.take_down(URL, "order", as_of=NOW).problems
    assert problem == f"{path}: is damaged; restore the snapshot and repeat the takedown"
    assert [line.what for line in warehouse.verify()] == [f"{path}: is missing or damaged"]


def test_files_that_cannot_be_changed_are_named_and_the_rest_is_done(settings: Settings, tmp_path: Path) -> None:
    warehouse = Warehouse(settings)
    [path] = settings.layout.warc_folder.glob("*archive.warc.gz")
    path.rename(tmp_path / "away")
    done = warehouse.take_down(URL, "order", as_of=NOW)
    assert done.problems == (f"{path}: is missing; if it comes back, repeat the takedown",)
    assert occurrences(settings.warehouse / "tables", TOKEN) == []
    (tmp_path / "away").rename(path)
    assert warehouse.take_down(URL, "order", as_of=NOW).problems == ()
    assert occurrences(settings.warehouse, TOKEN) == []
    assert warehouse.verify() == []


def test_a_folder_of_logs_that_does_not_exist_is_reported_before_any_work(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder of logs"):
        Warehouse(settings).take_down(URL, "order", logs=[tmp_path / "lgos"], as_of=NOW)
    assert occurrences(settings.warehouse, TOKEN)
