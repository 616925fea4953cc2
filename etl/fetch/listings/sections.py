"""Section pages: their links that match the patterns for articles in the source's file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from lxml import etree, html

from etl.fetch.listings.listing import Entry, Listing, absolute
from etl.urls import day_in_path


def read_section(body: bytes, url: str, content_type: str, is_article_link: Callable[[str], bool]) -> Listing | None:
    """Return the links to articles in the page's order; None if the body is not HTML.

    A day in an address (/2026/11/24/) is taken as the day of publication.
    """
    parser = html.HTMLParser(encoding=_charset(content_type), no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    base_href = next((element.get("href") for element in tree.iter("base") if element.get("href")), None)
    base = absolute(url, base_href) or url
    entries: dict[str, Entry] = {}
    for link in tree.iter("a"):
        address = (absolute(base, link.get("href")) or "").partition("#")[0]
        if address and is_article_link(address):
            day = day_in_path(address)
            published = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
            entries.setdefault(address, Entry(address, published, day_only=day is not None))
    return Listing(list(entries.values()))


def _charset(content_type: str) -> str | None:
    """Return the encoding that the header names if it exists, else None: then the page's own declaration counts."""
    match = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    with suppress(LookupError):
        return codecs.lookup(match[1]).name if match else None
    return None
