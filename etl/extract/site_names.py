"""The names of a page's site. They are removed from titles and are not accepted as authors."""

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

_DEFINITE_ARTICLE = re.compile(r"^(?:the|der|die|das|le|la|les|el|il|de|het)\s+", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NOT_WORD = re.compile(r"[\W_]+")
_META = ("og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher", "cre")
_SITE_TYPES = ("WebSite", "NewsMediaOrganization", "Organization")
_LONGEST = 1000  # characters


def plain_text(value: Any) -> str:
    """Return a declared text as readers would see it: on one line, without tags and with entities resolved.

    Entities are resolved twice, as some pages escape them twice. The result is empty if the value is not a string.
    """
    if not isinstance(value, str):
        return ""
    text = collapse(collapse(value[:_LONGEST]))
    return collapse(_INVISIBLE.sub("", _TAG.sub("", text)))


def comparison_key(text: str) -> str:
    """Return the letters and digits of a title or name, case-folded: two texts are the same if their keys are."""
    return _NOT_WORD.sub("", text).casefold()


def site_names(tree: HtmlElement, structured: Structured) -> frozenset[str]:
    """Return the comparison keys of the names of the site, its publisher and its host.

    Declared names are included with and without a definite article, unless they are the headline.
    """
    keys = set()
    for name in _declared_names(structured):
        keys |= {comparison_key(name), comparison_key(_DEFINITE_ARTICLE.sub("", name))}
    keys -= {comparison_key(headline) for headline in structured.json_ld("headline") if isinstance(headline, str)}
    for url in [structured.first_meta("og:url"), *_canonical_links(tree)]:
        keys |= _host_names(url or "")
    return frozenset(keys - {""})


def _declared_names(structured: Structured) -> Iterator[str]:
    for key in _META:
        yield from structured.meta.get(key, [])
    for key in ("publisher", "sourceOrganization", "isPartOf"):
        for value in structured.json_ld(key):
            if isinstance(value, dict) and value.get("@type") != "Person":
                yield plain_text(value.get("name"))
    for node in structured.nodes:
        if node.get("@type") in _SITE_TYPES:
            yield plain_text(node.get("name"))


def _canonical_links(tree: HtmlElement) -> list[str]:
    links = (link for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical")
    return [link.get("href") or "" for link in islice(links, 1)]


@lru_cache(maxsize=1024)
def _host_names(url: str) -> frozenset[str]:
    """Return the comparison keys of a URL's host, its registrable domain and the first label of that: of
    `https://news.bild.de/…` the keys of `news.bild.de`, `bild.de` and `bild`.
    """
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return frozenset()
    if not host:
        return frozenset()
    domain = registrable_domain(f"https://{host}/") or host
    return frozenset(comparison_key(name) for name in (host, host.removeprefix("www."), domain, domain.split(".")[0]))
