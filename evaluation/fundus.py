"""Fundus' test pages: outlets in 41 countries, with the fields that Fundus' parsers read from them.

The pages lie in ../shared/corpora, outside the repository. The values were not made by people: they are a parser's
output. If Fundus has several versions of the output, the version used is the one that has most of its title and
paragraphs on the page.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import trafilatura
from lxml.html import HtmlElement

from etl.extract.decode import decode
from etl.extract.structured import Structured, read_structured
from evaluation.corpora import CORPORA

FUNDUS = CORPORA / "pages" / "fundus"


@dataclass(frozen=True)
class FundusPage:
    """A page with the title, the authors and the day that Fundus read from it."""

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
    for country in sorted(FUNDUS.iterdir()):
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
            fields = _version_shown(list(versions.values()), tree)
            day = fields.get("publishing_date")
            yield FundusPage(
                country.name, publisher, about["url"], datetime.fromisoformat(about["crawl_date"]).replace(tzinfo=UTC),
                html, tree, read_structured(tree), fields.get("title"), tuple(fields.get("authors") or ()),
                datetime.fromisoformat(day).date() if day else None,
            )  # fmt: skip


def comparable(text: str | None) -> str:
    """The letters and digits of a text, case folded."""
    return re.sub(r"[\W_]+", "", text or "").casefold()


def _version_shown(versions: list[dict[str, Any]], tree: HtmlElement) -> dict[str, Any]:
    """The version whose title and paragraphs the page shows most of."""
    text = comparable(str(tree.text_content())) if len(versions) > 1 else ""

    def n_shown(version: dict[str, Any]) -> int:
        sections = (version.get("body") or {}).get("sections") or []
        parts = [version.get("title"), *(p for section in sections for p in section["paragraphs"])]
        return sum(comparable(part)[:80] in text for part in parts if comparable(part))

    return max(versions, key=n_shown)
