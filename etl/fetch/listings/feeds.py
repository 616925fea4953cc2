"""Feeds: RSS and Atom as feedparser reads them, well-formed or not, and JSON Feed."""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from etl.fetch.listings.listing import Entry, Listing, Unsafe, absolute, moment

# What costs feedparser a time that grows with the square of a number, or megabytes a second; measured with 6.0.14:
# 40,000 attributes of one element 19 s, 40,000 letters of an author's name 9 s, 40,000 entries 5 s.
_MOST_TAGS = 200_000
_MOST_ATTRIBUTES = 500
_LONGEST_WORD = 1_000  # characters in an element that names a person
_PERSON = re.compile(
    rb"<(?:[\w-]+:)?(?:author|creator|contributor|publisher|owner|managingEditor|webMaster|email|name)\b[^>]{0,500}>"
    rb"[^<]*?[^\s<]{%d}" % _LONGEST_WORD,
    re.IGNORECASE,
)
_NESTED_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]+\s+(?:'[^'>]*&[A-Za-z_]|\"[^\">]*&[A-Za-z_])")
_OUTER_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]+\s+(?:SYSTEM|PUBLIC)\b")
_TIME = re.compile(r"\d:\d\d|T\d\d|^\d{14}")


def read_feed(body: bytes, url: str, content_type: str) -> Listing | None:
    """The entries of a feed in its order, addresses absolute; null if this is no feed. Raises Unsafe.

    Entries without a web address are left out. Ill-formed feeds are read as far as feedparser reads them.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    refuse_unsafe(body)
    # A stream, as feedparser takes bytes for a file's name or an address too; without markup, as it sanitises slowly.
    found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,
    )
    if not found.get("version") and not found.entries:
        return None
    entries = []
    for item in found.entries:
        link = absolute(url, item.get("link"))
        if link and link != url:
            written = str(dict.get(item, "published") or "")
            published = _moment(item, "published_parsed")
            day_only = published is not None and not _TIME.search(written)
            entries.append(Entry(link, published, _moment(item, "updated_parsed"), day_only))
    return Listing(entries)


def refuse_unsafe(body: bytes) -> None:
    """Raises Unsafe for a body that feedparser would read for minutes."""
    if body.count(b"<") > _MOST_TAGS:
        raise Unsafe(f"more than {_MOST_TAGS:,} tags")
    for tag in body.split(b"<")[1:]:
        if tag.count(b"=") > _MOST_ATTRIBUTES and tag.partition(b">")[0].count(b"=") > _MOST_ATTRIBUTES:
            raise Unsafe(f"an element with more than {_MOST_ATTRIBUTES} attributes")
    head = body[: 64 * 1024].partition(b"<channel")[0]
    if _NESTED_ENTITY.search(head) or _OUTER_ENTITY.search(head):
        raise Unsafe("an entity that stands for others, or for what lies elsewhere")
    if _PERSON.search(body):
        raise Unsafe(f"a person's name of more than {_LONGEST_WORD:,} characters")


def _json_feed(body: bytes, url: str) -> Listing | None:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org); null if it is other JSON."""
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    items = feed.get("items")
    if "jsonfeed.org/version/" not in str(feed.get("version")) or not isinstance(items, list):
        return None
    entries = []
    for item in items:
        link = absolute(url, item.get("url") or item.get("external_url")) if isinstance(item, dict) else None
        if link:
            entries.append(Entry(link, moment(item.get("date_published")), moment(item.get("date_modified"))))
    return Listing(entries)


def _moment(item: Any, name: str) -> datetime | None:
    # Not item.get: that gives the time of publication where none of an update is said.
    parsed: struct_time | None = dict.get(item, name)
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
