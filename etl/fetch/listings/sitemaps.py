"""Sitemaps (sitemaps.org), Google's news sitemaps, indexes of sitemaps, and plain lists of addresses; gzipped too."""

from __future__ import annotations

import io
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lxml import etree

from etl.fetch.listings.listing import Entry, Listing, Unsafe, absolute, moment

LIMIT = 20 * 2**20  # bytes of a sitemap, unpacked; the protocol allows 50 MiB
_MOST_PAGES = 50_000  # as the protocol has it
_GZIP_MAGIC = b"\x1f\x8b"
_DEEPEST = 20  # levels of elements: a sitemap has four
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


@dataclass
class _Place:
    """A `url` or `sitemap` element as it is read."""

    url: str = ""
    published: str = ""
    modified: str = ""


def read_sitemap(body: bytes, url: str) -> Listing | None:
    """The pages of a sitemap in its order, or the sitemaps of an index, latest first; null if this is neither.

    Raises Unsafe for bodies that unpack to more than LIMIT, name too many pages, declare entities, or nest deeper than
    any sitemap.
    """
    body = _unpacked(body)
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return read_addresses(body)
    if _ENTITY.search(body[: 64 * 1024]):
        raise Unsafe("a sitemap that declares entities")
    pages: list[Entry] = []
    sitemaps: list[Entry] = []
    root = False
    for kind, place in _places(body):
        root = root or kind == "root"
        address = _address(url, place.url)
        if len(pages) + len(sitemaps) >= _MOST_PAGES:
            raise Unsafe(f"a sitemap with more than {_MOST_PAGES:,} pages")
        if kind == "url" and address:
            published, modified = moment(place.published), moment(place.modified)
            pages.append(Entry(address, published, modified, bool(_DAY.fullmatch(place.published))))
        elif kind == "sitemap" and address:
            sitemaps.append(Entry(address, updated=moment(place.modified)))
    if not root and not pages and not sitemaps:
        return None
    return Listing(pages, _latest_first(sitemaps))


def read_addresses(body: bytes) -> Listing | None:
    """A plain list, one address a line; empty lines and lines that begin with # are passed over. Null if it is none."""
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    entries = [Entry(line) for line in wanted if line.startswith(("http://", "https://")) and " " not in line]
    return Listing(entries) if entries and 2 * len(entries) >= len(wanted) else None


def _places(body: bytes) -> Iterator[tuple[str, _Place]]:
    """(url or sitemap, what it holds) for each element, and (root, nothing) where the root is a sitemap's.

    Namespaces are not looked at: many sites write them wrong. Ill-formed files are read as far as they go.
    """
    place, depth = _Place(), 0
    events: Any = etree.iterparse(
        io.BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=False,
        load_dtd=False, recover=True,
    )  # fmt: skip
    with suppress(etree.XMLSyntaxError):  # what was read before it stands
        for event, element in events:
            name = _local_name(element)
            if event == "start":
                depth += 1
                if depth > _DEEPEST:
                    raise Unsafe(f"a sitemap with elements nested more than {_DEEPEST} deep")
                if depth == 1 and name in ("urlset", "sitemapindex"):
                    yield "root", _Place()
                if name in ("url", "sitemap"):
                    place = _Place()
                continue
            depth -= 1
            text = (element.text or "").strip()
            if name == "loc" and _local_name(element.getparent()) in ("url", "sitemap"):
                place.url = text
            elif name == "publication_date":
                place.published = text
            elif name == "lastmod":
                place.modified = text
            elif name in ("url", "sitemap"):
                yield name, place
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def _local_name(element: Any) -> str:
    """Without namespace or prefix; empty for comments and the like, and for no element."""
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    try:
        unpacked = zlib.decompressobj(31).decompress(body, LIMIT + 1)
    except zlib.error:
        return b""
    if len(unpacked) > LIMIT:
        raise Unsafe(f"more than {LIMIT // 2**20} MiB unpacked")
    return unpacked


def _latest_first(sitemaps: list[Entry]) -> list[Entry]:
    """By the time of change where it is said, behind the others, which keep their order."""
    return sorted(sitemaps, key=lambda sitemap: -sitemap.updated.timestamp() if sitemap.updated else -math.inf)


def _address(base: str, link: str) -> str | None:
    # What is neither absolute nor begins with a slash is the torn end of a file.
    return absolute(base, link) if link.startswith(("http://", "https://", "/")) else None
