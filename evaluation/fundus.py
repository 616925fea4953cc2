"""Fundus' test pages, read once for all benchmarks: outlets in 41 countries and what its parsers made of them.

Its results are silver: each is a parser's output, and a page belongs to the version whose words it shows.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import trafilatura
from lxml.html import HtmlElement

from etl.extract.decode import decode
from etl.extract.structured import Structured, read_structured

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
ABSENT = "the corpora are not beside the project (../shared/corpora)"


@dataclass(frozen=True)
class FundusPage:
    """A page with the title, the authors and the day that fundus read from it."""

    country: str
    publisher: str
    url: str
    fetched_at: datetime
    html: str
    tree: HtmlElement
    structured: Structured
    title: str | None
    authors: tuple[str, ...]
    day: date | None


def fundus_pages() -> Iterator[FundusPage]:
    """All pages that can be parsed, by country and outlet."""
    for country in sorted((CORPORA / "pages" / "fundus").iterdir()):
        if not (country / "meta.info").is_file():
            continue
        info = json.loads((country / "meta.info").read_text(encoding="utf-8"))
        for name, about in sorted(info.items()):
            publisher = name.rsplit("_", 3)[0]
            if not (country / name).is_file():
                continue
            html = decode(gzip.decompress((country / name).read_bytes()), "text/html")
            tree = trafilatura.load_html(html)
            if tree is None:
                continue
            versions = json.loads((country / f"{publisher}.json").read_text(encoding="utf-8"))
            said = _of_page(list(versions.values()), tree)
            day = said.get("publishing_date")
            yield FundusPage(
                country.name, publisher, about["url"], datetime.fromisoformat(about["crawl_date"]).replace(tzinfo=UTC),
                html, tree, read_structured(tree), said.get("title"), tuple(said.get("authors") or ()),
                datetime.fromisoformat(day).date() if day else None,
            )  # fmt: skip


def same(text: str | None) -> str:
    """Letters and digits, case folded."""
    return re.sub(r"[\W_]+", "", text or "").casefold()


def _of_page(versions: list[dict[str, Any]], tree: HtmlElement) -> dict[str, Any]:
    """The version of which most paragraphs, and the title, stand in the page."""
    text = same(str(tree.text_content())) if len(versions) > 1 else ""

    def found(version: dict[str, Any]) -> int:
        sections = (version.get("body") or {}).get("sections") or []
        parts = [version.get("title"), *(p for section in sections for p in section["paragraphs"])]
        return sum(same(part)[:80] in text for part in parts if same(part))

    return max(versions, key=found)
