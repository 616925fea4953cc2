"""Section pages: their links that look like articles, as the source's file says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from lxml import etree, html

from etl.fetch.listings.listing import Entry, Listing, absolute
from etl.urls import day_in_path


def read_section(body: bytes, url: str, content_type: str, is_article: Callable[[str], bool]) -> Listing | None:
    """The links of a page that are an article's, in the page's order; null if it is no HTML.

    A day in an address (/2026/11/24/) is taken for the day of publication.
    """
    parser = html.HTMLParser(encoding=_charset(content_type), no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    base = next((element.get("href") for element in tree.iter("base") if element.get("href")), None)
    start = absolute(url, base) or url
    found: dict[str, Entry] = {}
    for link in tree.iter("a"):
        address = (absolute(start, link.get("href")) or "").partition("#")[0]
        if address and is_article(address):
            day = day_in_path(address)
            published = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
            found.setdefault(address, Entry(address, published, day_only=day is not None))
    return Listing(list(found.values()))


def _charset(content_type: str) -> str | None:
    """The encoding that the header names, if there is such a one; else the page's own word is taken."""
    found = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    with suppress(LookupError):
        return codecs.lookup(found[1]).name if found else None
    return None
