"""What a page calls its own site: its names are no part of a title and no author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from etl.extract.structured import Structured, collapse
from etl.urls import registrable_domain

_ARTICLES = re.compile(r"^(?:the|der|die|das|le|la|les|el|il|de|het)\s+", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NOT_WORD = re.compile(r"[\W_]+")
_META = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher", "cre")
_SITES = ("WebSite", "NewsMediaOrganization", "Organization")
_LONGEST = 1000


def plain(value: Any) -> str:
    """A declared text as readers would see it, on one line: no tags, entities resolved (some are escaped twice)."""
    if not isinstance(value, str):
        return ""
    text = collapse(collapse(value[:_LONGEST]))
    return collapse(_INVISIBLE.sub("", _TAG.sub("", text)))


def squash(text: str) -> str:
    """Letters and digits alone, case folded: how titles and names are compared."""
    return _NOT_WORD.sub("", text).casefold()


def site_names(tree: HtmlElement, structured: Structured) -> frozenset[str]:
    """Names of the site and of its publisher, squashed: as declared, without the definite article, and the host's."""
    found = set()
    for name in _declared(structured):
        found |= {squash(name), squash(_ARTICLES.sub("", name))}
    found -= {squash(headline) for headline in structured.json_ld("headline") if isinstance(headline, str)}
    for url in [structured.first_meta("og:url"), *_canonical(tree)]:
        found |= _host_names(url or "")
    return frozenset(found - {""})


def _declared(structured: Structured) -> Iterator[str]:
    for key in _META:
        yield from structured.meta.get(key, [])
    for key in ("publisher", "sourceOrganization", "isPartOf"):
        for value in structured.json_ld(key):
            if isinstance(value, dict) and value.get("@type") != "Person":
                yield plain(value.get("name"))
    for node in structured.nodes:
        if node.get("@type") in _SITES:
            yield plain(node.get("name"))


def _canonical(tree: HtmlElement) -> list[str]:
    links = (link for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical")
    return [link.get("href") or "" for link in islice(links, 1)]


@lru_cache(maxsize=1024)
def _host_names(url: str) -> frozenset[str]:
    """`https://news.bild.de/…` is `bild.de` and `bild`."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return frozenset()
    if not host:
        return frozenset()
    domain = registrable_domain(f"https://{host}/") or host
    return frozenset(squash(name) for name in (host, host.removeprefix("www."), domain, domain.split(".")[0]))
