"""Sitemaps (sitemaps.org), Google's news sitemaps and indexes of sitemaps, gzipped or not."""

from __future__ import annotations

import io
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from etl.configuration.sources import Source
from etl.fetch.listings.address_lists import read_address_list
from etl.fetch.listings.listing import Entry, Listing, UnsafeListing, absolute, parse_time
from etl.urls import is_web_address

MAX_SITEMAP_BYTES = 20 * 2**20  # decompressed; the protocol allows 50 MiB
_MAX_PAGES = 50_000  # the protocol's limit
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_DEPTH = 20  # levels of elements: a sitemap has four
_SAME_TIME_ENTRIES = 5  # so many entries with one common time: the server stamps whatever it serves
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


@dataclass
class _Location:
    """The contents of a `url` or `sitemap` element."""

    url: str = ""
    published: str = ""
    modified: str = ""


def read_sitemap(body: bytes, url: str) -> Listing | None:
    """Return the pages of a sitemap in its order, or the sitemaps of an index, latest first; None if it is neither.

    A body that is not XML may be a list of addresses. Raises UnsafeListing for bodies that decompress to more than
    MAX_SITEMAP_BYTES, name too many pages, declare entities, or nest deeper than any sitemap.
    """
    body = _decompressed(body)
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return read_address_list(body)
    if _ENTITY.search(body[: 64 * 1024]):
        raise UnsafeListing("a sitemap that declares entities")
    pages: list[Entry] = []
    sitemaps: list[Entry] = []
    has_root = False
    for element, location in _locations(body):
        has_root = has_root or element == "root"
        address = _address(url, location.url)
        if len(pages) + len(sitemaps) >= _MAX_PAGES:
            raise UnsafeListing(f"a sitemap with more than {_MAX_PAGES:,} pages")
        if element == "url" and address:
            published, modified = parse_time(location.published), parse_time(location.modified)
            pages.append(Entry(address, published, modified, bool(_DAY.fullmatch(location.published))))
        elif element == "sitemap" and address:
            sitemaps.append(Entry(address, updated=parse_time(location.modified)))
    if not has_root and not pages and not sitemaps:
        return None
    return Listing(pages, _latest_first(sitemaps))


def current_pages(listing: Listing, source: Source, as_of: datetime) -> list[Entry]:
    """Return the pages of a sitemap that look like articles and are not older than the source's `sitemap_days`."""
    since = as_of - timedelta(days=source.sitemap_days)
    update_times = {entry.updated for entry in listing.entries}
    is_stamped = len(update_times) == 1 and len(listing.entries) >= _SAME_TIME_ENTRIES
    entries = [Entry(e.url, e.published, None, e.day_only) if is_stamped else e for e in listing.entries]
    return [entry for entry in entries if source.is_article_link(entry.url) and (entry.latest or since) >= since]


def current_sitemaps(listing: Listing, source: Source, as_of: datetime) -> list[Entry]:
    """Return the sitemaps of an index that may name current pages, or the latest sitemap if all are old."""
    since = as_of - timedelta(days=source.sitemap_days)
    current = [sitemap for sitemap in listing.sitemaps if sitemap.updated is None or sitemap.updated >= since]
    return current or listing.sitemaps[:1]


def _locations(body: bytes) -> Iterator[tuple[str, _Location]]:
    """Yield (url or sitemap, its contents) for each element, and (root, nothing) if the root is that of a sitemap.

    Namespaces are ignored, because many sites write them wrong. Ill-formed files are read as far as possible.
    """
    location, depth = _Location(), 0
    events: Any = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False,
        load_dtd=False, recover=True,
    )  # fmt: skip
    with suppress(etree.XMLSyntaxError):  # what was read before the error counts
        for event, element in events:
            name = _local_name(element)
            if event == "start":
                depth += 1
                if depth > _MAX_DEPTH:
                    raise UnsafeListing(f"a sitemap with elements nested more than {_MAX_DEPTH} deep")
                if depth == 1 and name in ("urlset", "sitemapindex"):
                    yield "root", _Location()
                if name in ("url", "sitemap"):
                    location = _Location()
                continue
            depth -= 1
            text = (element.text or "").strip()
            if name == "loc" and _local_name(element.getparent()) in ("url", "sitemap"):
                location.url = text
            elif name == "publication_date":
                location.published = text
            elif name == "lastmod":
                location.modified = text
            elif name in ("url", "sitemap"):
                yield name, location
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def _local_name(element: Any) -> str:
    """Return the name without namespace or prefix; empty for comments and the like, and for no element."""
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _decompressed(body: bytes) -> bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        decompressed = zlib.decompressobj(31).decompress(body, MAX_SITEMAP_BYTES + 1)
    except zlib.error:
        return b""
    if len(decompressed) > MAX_SITEMAP_BYTES:
        raise UnsafeListing(f"more than {MAX_SITEMAP_BYTES // 2**20} MiB decompressed")
    return decompressed


def _latest_first(sitemaps: list[Entry]) -> list[Entry]:
    """Sort by the time of change; sitemaps without a time come first and keep their order."""
    return sorted(sitemaps, key=lambda sitemap: -sitemap.updated.timestamp() if sitemap.updated else -math.inf)


def _address(base: str, link: str) -> str | None:
    # Anything else than an absolute address or a path from the root is the torn end of a file.
    return absolute(base, link) if link.startswith("/") or is_web_address(link) else None
