"""Our own reader of pages, measured in the same way as other extractors (peers.py).

Run: python -m benchmarks.ours PAGES.jsonl RESULT.json [--body]

newspaper, which takes a third of a second to load and is needed for one page in a hundred, is loaded before the clock
starts.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import measure
from etl import __version__
from etl.extract.body.choose import choose_body, read_body_input
from etl.extract.body.newspaper import newspaper_text
from etl.extract.body.standfirst import with_standfirst
from etl.extract.decode import decode
from etl.extract.html import parse_html
from etl.extract.page import Page, extract
from etl.extract.structured import is_article, read_structured
from etl.extract.title import find_title
from schemas import Article

FETCHED_AT = datetime.now(UTC)


def read(html: bytes, url: str) -> tuple[str, object]:
    """Read a page from its bytes to a row of `articles`; return text and day. A rejected page has no text."""
    row = extract(Page("b", "a", url, 200, "text/html", html, FETCHED_AT, "w", 0))
    return (row.text, row.published_date) if isinstance(row, Article) else ("", None)


def read_body(html: bytes, url: str) -> tuple[str, object]:
    """Read the text alone, as extractors of text do."""
    text = decode(html, "text/html")
    tree = parse_html(text)
    structured = read_structured(tree)
    title = find_title(tree, structured)
    body = choose_body(read_body_input(tree, structured, title, lambda: newspaper_text(text, url, None))).text
    if not is_article(structured):
        return body, None
    standfirst = structured.first_meta("og:description", "description")
    return with_standfirst(body.removeprefix(f"{title}\n"), standfirst, text, tree), None


if __name__ == "__main__":
    newspaper_text("<p></p>", "https://news.example/")
    body_alone = "--body" in sys.argv
    label = f"Dateline {__version__}" + (", body alone" if body_alone else "")
    result = measure(label, read_body if body_alone else read, Path(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")
