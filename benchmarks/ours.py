"""Our own reader, measured as its peers are. python -m benchmarks.ours PAGES.jsonl RESULT.json.

newspaper, a third of a second to load and asked about a page in a hundred, is loaded before the clock starts.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import measure
from etl import __version__
from etl.extract.newspaper_text import newspaper_text
from etl.extract.page import Page, extract
from schemas import Article

FETCHED = datetime.now(UTC)


def read(html: bytes, url: str) -> tuple[str, object]:
    """A page from its bytes to a row of `articles`; a page that is rejected has no text."""
    found = extract(Page("b", "a", url, 200, "text/html", html, FETCHED, "w", 0))
    return (found.text, found.published_date) if isinstance(found, Article) else ("", None)


if __name__ == "__main__":
    newspaper_text("<p></p>", "https://news.example/")
    measured = measure(f"Dateline {__version__}", read, Path(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(measured), encoding="utf-8")
