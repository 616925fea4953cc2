"""Section pages: their links that look like articles, as the source's file says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urljoin

from lxml import etree, html

from etl.fetch.listings import Entry, Listing
from etl.urls import day_in_path


def read_section(body: bytes, url: str, content_type: str, patterns: Sequence[str]) -> Listing | None:
    """The links of a page that match one of the patterns, in the page's order; null if it is no HTML.

    A day in an address (/2026/11/24/) is taken for the day of publication.
    """
    parser = html.HTMLParser(encoding=_charset(content_type), no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    base = next((element.get("href") for element in tree.iter("base") if element.get("href")), None)
    matching = [re.compile(pattern) for pattern in patterns]
    found: dict[str, Entry] = {}
    for link in tree.iter("a"):
        try:
            address = urljoin(urljoin(url, base or ""), (link.get("href") or "").strip()).partition("#")[0]
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and any(pattern.search(address) for pattern in matching):
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
