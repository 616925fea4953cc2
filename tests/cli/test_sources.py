"""`dateline fetch` and `dateline sources` as a user has them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from etl.demo.nights import write_settings
from etl.demo.show import demo_settings
from etl.demo.site import sample_world, serving
from etl.demo.world import load_world
from tests.cli.test_main import dateline

NIGHT = ("--as-of", "2025-09-05T23:00:00Z")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Settings]:
    """The sample world's sources, and a server that plays them."""
    settings = demo_settings(tmp_path, workers=1)
    with serving(sample_world(load_world())) as server:
        write_settings(settings.config, server)
        yield settings


def test_one_source_from_its_site_to_the_table(project: Settings) -> None:
    folder = project.config.parent
    first = dateline("fetch", "northline", *NIGHT, cwd=folder)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("northline: ")
    again = dateline("fetch", "northline", *NIGHT, cwd=folder)
    assert again.stdout == first.stdout, "recorded, not fetched again"
    assert dateline("run", *NIGHT, cwd=folder).returncode == 0
    counted = dateline("sql", "--format", "csv", "SELECT DISTINCT source FROM articles", cwd=folder)
    assert counted.stdout.split() == ["source", "northline"]


def test_sources_are_tried(project: Settings) -> None:
    folder = project.config.parent
    done = dateline("sources", "check", *NIGHT, cwd=folder)
    assert done.returncode == 0, done.stderr
    header, *rows = done.stdout.splitlines()
    assert header.split() == ["source", "kind", "address", "outcome", "pages", "newest", "oldest", "note"]
    assert len(rows) == 6 and all(" ok " in row for row in rows)

    source = project.config / "sources" / "northline.yaml"
    source.write_text(source.read_text().replace("feed.xml", "moved.xml"))
    done = dateline("sources", "check", "northline", *NIGHT, cwd=folder)
    assert done.returncode == 1 and "http_error" in done.stdout and "Traceback" not in done.stderr


def test_a_site_that_is_down_is_named(project: Settings) -> None:
    write_settings(project.config, "http://127.0.0.1:9")  # nobody listens there
    done = dateline("fetch", "northline", *NIGHT, cwd=project.config.parent)
    assert done.returncode == 1 and done.stderr.startswith("warning: northline: https://www.northline.example/")
    status = dateline("status", cwd=project.config.parent).stdout
    assert "not read ever: northline, 1 tries: " in status
    done = dateline("sources", "check", *NIGHT, cwd=project.config.parent)
    assert done.returncode == 1
    assert done.stderr == (
        "error: no host could be reached: this machine seems to have no internet; nothing was checked\n"
    )


def test_the_sources_that_come_along_are_listed_and_unchecked(tmp_path: Path) -> None:
    done = dateline("sources", "list", "--format", "csv", cwd=tmp_path)
    header, *rows = done.stdout.splitlines()
    assert header.split(",")[:3] == ["source", "title", "country"]
    assert len(rows) >= 40
    countries = {row["country"] for row in csv.DictReader(io.StringIO(done.stdout))}
    assert {"CHN", "RUS", "UKR"} <= countries


@pytest.mark.parametrize(
    ("field", "arguments", "said"),
    [
        ("", ("fetch",), "set 'contact' (or DATELINE_CONTACT)"),
        ("", ("sources", "check"), "set 'contact' (or DATELINE_CONTACT)"),
        ("", ("fetch", "tas-en"), "tas-en"),
        ("schedule: every night\n", ("fetch",), "dateline.yaml:1: field 'schedule'"),
        ("contact: nobody\n", ("fetch",), "dateline.yaml:1: field 'contact'"),
        ("", ("airflow", "--home", "file"), "file"),
    ],
)
def test_mistakes_give_one_line(tmp_path: Path, field: str, arguments: tuple[str, ...], said: str) -> None:
    project = tmp_path / "project"
    assert dateline("init", project, cwd=tmp_path).returncode == 0
    (project / "file").write_text("x")
    if field:
        (project / "config" / "dateline.yaml").write_text(field)
    done = dateline(*arguments, cwd=project)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr, done.stderr
