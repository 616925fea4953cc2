"""Sources whose settings name newspaper: newspaper finds the text, and all other fields are extracted as usual."""

from __future__ import annotations

import socket
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from etl.configuration.sources import Sources, load_sources
from etl.extract.body.newspaper import newspaper_text, newspaper_version
from etl.extract.page import Page, extract
from schemas import Article, Reject

URL = "https://www.paper.example/2025/09/03/treaty"
PARAGRAPHS = [
    "The two presidents signed the treaty on Wednesday after a day of talks, and said that it would last for decades.",
    "“We have waited for this moment for longer than I can say,” the host told reporters who had come to the palace.",
    "The text will go to both parliaments in the autumn, where it is not expected to meet with much of an opposition.",
]
PAGE = f"""<html lang="en"><head><title>Treaty signed - The Paper</title>
<meta property="og:site_name" content="The Paper"><meta property="og:image" content="https://www.paper.example/a.jpg">
<meta property="article:published_time" content="2025-09-03T08:00:00+02:00"></head>
<body><nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Treaty signed</h1>{"".join(f"<p>{text}</p>" for text in PARAGRAPHS)}</article>
<footer><p>About us</p></footer></body></html>"""


def page(sources: Sources, html: str = PAGE) -> Page:
    fetched = datetime(2025, 9, 3, 12, tzinfo=UTC)
    return Page("b", "a", URL, 200, "text/html; charset=utf-8", html.encode(), fetched, "w", 0, sources)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "paper.yaml").write_text("title: The Paper\nhosts: [paper.example]\nextractor: newspaper\n")
    return load_sources(tmp_path)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("newspaper tried to use the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_newspaper_gives_the_text_and_nothing_else(sources: Sources, no_network: None) -> None:
    with_newspaper, default = extract(page(sources)), extract(replace(page(sources), sources=Sources({})))
    assert isinstance(with_newspaper, Article) and isinstance(default, Article)
    assert with_newspaper.text == "\n".join(PARAGRAPHS)
    assert with_newspaper.extractor == f"newspaper4k {version('newspaper4k')}" != default.extractor
    assert with_newspaper.source == "paper"
    for name in ("title", "published_at", "published_method", "canonical_url", "language", "authors"):
        assert getattr(with_newspaper, name) == getattr(default, name)


def test_a_page_in_which_newspaper_finds_no_text_is_rejected(sources: Sources) -> None:
    row = extract(page(sources, "<html><head><title>A gallery</title></head><body><img src=a.jpg></body></html>"))
    assert isinstance(row, Reject)
    assert (row.reason, row.detail) == (
        "no_text",
        f"{newspaper_version()}, which the source asks for, found no text",
    )


@pytest.mark.parametrize(
    "html",
    ["", " ", "<", "<html>", "\x00\x01", "<?xml version='1.0' encoding='utf-16'?><p>x</p>", "<p>" * 3000, "<!--" * 99],
)
def test_newspaper_finds_no_text_in_broken_pages(html: str, no_network: None) -> None:
    assert len(newspaper_text(html, URL)) < 20


@pytest.mark.parametrize("language", [None, "en", "de", "zh", "xx", "haw", ""])
def test_every_language_code_is_accepted(language: str | None, no_network: None) -> None:
    text = newspaper_text(PAGE, URL, language)
    assert text == "" if language == "zh" else PARAGRAPHS[1] in text  # Chinese needs an extra of newspaper


@pytest.mark.parametrize("url", ["", "file:w", "x", "https://[", URL])
def test_every_url_is_accepted(url: str, no_network: None) -> None:
    assert newspaper_text(PAGE, url) in ("", "\n".join(PARAGRAPHS))


def test_newspaper_prints_nothing() -> None:
    script = (
        f"from etl.extract.body.newspaper import newspaper_text as n; n({PAGE!r}, {URL!r}); n('', 'x'); n('<', 'x')"
    )
    done = subprocess.run([sys.executable, "-W", "always", "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_filters_of_warnings_are_restored() -> None:
    before = list(warnings.filters)
    newspaper_text(PAGE, URL)
    assert warnings.filters == before


def test_newspaper_is_not_imported_unless_it_is_used() -> None:
    script = "import sys, etl.extract.page, etl.cli.main; sys.exit('newspaper' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_extractor_of_a_source_changes_the_stamp(tmp_path: Path) -> None:
    stamps = []
    for line in ("", "extractor: dateline\n", "extractor: newspaper\n"):
        (tmp_path / "paper.yaml").write_text(f"title: The Paper\nhosts: [paper.example]\n{line}")
        stamps.append(load_sources(tmp_path).stamp)
    assert stamps[0] == stamps[1] != stamps[2]
