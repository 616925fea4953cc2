"""Feeds: RSS and Atom, well-formed or not, as feedparser reads them, and JSON Feed."""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser

from etl.fetch.listings.listing import Entry, Listing, UnsafeListing, absolute, parse_time

# Limits on what makes feedparser slow, often because its time grows with the square of a number. Measured with 6.0.14:
# 40,000 attributes of one element take 19 s, 40,000 letters of an author's name 9 s, 40,000 entries 5 s.
_MAX_TAGS = 200_000
_MAX_ATTRIBUTES = 500
_MAX_NAME_LENGTH = 1_000  # characters without a space in an element that names a person
_LONG_PERSON_NAME = re.compile(
    rb"<(?:[\w-]+:)?(?:author|creator|contributor|publisher|owner|managingEditor|webMaster|email|name)\b[^>]{0,500}>"
    rb"[^<]*?[^\s<]{%d}" % _MAX_NAME_LENGTH,
    re.IGNORECASE,
)
_NESTED_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]+\s+(?:'[^'>]*&[A-Za-z_]|\"[^\">]*&[A-Za-z_])")
_EXTERNAL_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]+\s+(?:SYSTEM|PUBLIC)\b")
_TIME_OF_DAY = re.compile(r"\d:\d\d|T\d\d|^\d{14}")


def read_feed(body: bytes, url: str, content_type: str) -> Listing | None:
    """Return the entries of a feed in its order, with absolute addresses; None if it is not a feed.

    Entries without a web address are left out. Ill-formed feeds are read as far as feedparser reads them.
    Raises UnsafeListing.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _read_json_feed(body, url)
    refuse_unsafe(body)
    # A stream, because feedparser would also take bytes for a file name or an address. Sanitising HTML would be slow.
    feed = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,
    )
    if not feed.get("version") and not feed.entries:
        return None
    entries = []
    for item in feed.entries:
        link = absolute(url, item.get("link"))
        if link and link != url:
            published_text = str(dict.get(item, "published") or "")
            published = _parsed_time(item, "published_parsed")
            day_only = published is not None and not _TIME_OF_DAY.search(published_text)
            entries.append(Entry(link, published, _parsed_time(item, "updated_parsed"), day_only))
    return Listing(entries)


def refuse_unsafe(body: bytes) -> None:
    """Raise UnsafeListing for a body that would keep feedparser busy for minutes."""
    if body.count(b"<") > _MAX_TAGS:
        raise UnsafeListing(f"more than {_MAX_TAGS:,} tags")
    for tag in body.split(b"<")[1:]:
        if tag.count(b"=") > _MAX_ATTRIBUTES and tag.partition(b">")[0].count(b"=") > _MAX_ATTRIBUTES:
            raise UnsafeListing(f"an element with more than {_MAX_ATTRIBUTES} attributes")
    head = body[: 64 * 1024].partition(b"<channel")[0]
    if _NESTED_ENTITY.search(head) or _EXTERNAL_ENTITY.search(head):
        raise UnsafeListing("an entity that refers to other entities or to an external file")
    if _LONG_PERSON_NAME.search(body):
        raise UnsafeListing(f"a person's name of more than {_MAX_NAME_LENGTH:,} characters")


def _read_json_feed(body: bytes, url: str) -> Listing | None:
    """Return the entries of a JSON Feed 1.0 or 1.1 (jsonfeed.org); None if it is other JSON."""
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
            entries.append(Entry(link, parse_time(item.get("date_published")), parse_time(item.get("date_modified"))))
    return Listing(entries)


def _parsed_time(item: Any, name: str) -> datetime | None:
    # Not item.get: without an update time it would return the time of publication.
    parsed: struct_time | None = dict.get(item, name)
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
