"""Pages that take the extraction process a lot of time or memory, each built when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from etl.extract.page import Page

_START = "<html><head><title>Treaty</title></head><body><article>"
_START += "<p>The president said on Monday that the two countries would sign the treaty in the autumn.</p>" * 3
_LD = "<script type='application/ld+json'>"

HOSTILE: dict[str, Callable[[], str]] = {
    "300,000 tr": lambda: _START + "<table>" + "<tr>" * 300_000,
    "300,000 open a": lambda: _START + "<a>" * 300_000,
    "a million p": lambda: _START + "<p>x</p>" * 1_000_000,
    "a million open p": lambda: _START + "<p>" * 1_000_000,
    "a million nested div": lambda: _START + "<div>" * 1_000_000,
    "2,000 nested div": lambda: _START + "<div>" * 2_000,
    "30 MB in one text": lambda: _START + "<p>" + "word " * 6_000_000,
    "33 MiB of text": lambda: _START + "<p>" + "word " * 7_000_000,
    "11 MB of script": lambda: _START + "<script>" + "word " * 2_200_000 + "</script>",
    "100,000 attributes": lambda: _START + "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</p>",
    "JSON-LD, 200,000 brackets": lambda: _START + _LD + "[" * 200_000 + "</script>",
    "JSON-LD, 200,000 graphs": lambda: _START + _LD + '{"@graph":' * 200_000 + "</script>",
    "200,000 meta": lambda: _START + "<meta name=author content=x>" * 200_000,
    "100,000 itemprop": lambda: _START + "<div itemprop=a>" * 1_500 + "<p itemprop=author>x</p>" * 100_000,
    "200,000 time": lambda: _START + "<time datetime=2025>x</time>" * 200_000,
    "a million brackets": lambda: _START + "<p>" + "<" * 1_000_000,
    "a million open comments": lambda: _START + "<!--" * 1_000_000,
    "3 MB of an article": lambda: _START + "<p>The minister said so, and the others agreed with her.</p>" * 50_000,
}


def page(html: str | bytes) -> Page:
    """A fetched page with this HTML."""
    payload = html if isinstance(html, bytes) else html.encode()
    return Page("b", "a", "https://x.example/1", 200, "text/html", payload, datetime(2025, 9, 3, tzinfo=UTC), "w", 0)
