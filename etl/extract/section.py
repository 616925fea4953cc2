"""The outlet's own section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from etl.extract.site_names import plain, site_names, squash
from etl.extract.structured import Structured

_LONGEST = 60
# Names of templates and of what has no section; addresses and names of a content system's own fields.
_JUNK = frozenset(
    "article articles artikel tags tag default uncategorized uncategorised none null undefined home startseite "
    "homepage start inicio accueil page pages 首页 首頁 главная".split()
)
_NOT_A_SECTION = re.compile(r"https?:|\w_\w|^\W*\d*\W*$")


def find_section(tree: HtmlElement, structured: Structured, title: str | None) -> str | None:
    """As JSON-LD, meta tags or microdata name it, else the last crumb above the article; null rather than junk."""
    site = site_names(tree, structured) | {squash(title or "")}
    for raw in (*structured.json_ld("articleSection"), *_meta(structured), *reversed(list(_crumbs(structured)))):
        section = _without_lower_ones(plain(raw))
        bare = squash(section)
        known = bare in site or bare in _JUNK
        if section and not known and len(section) <= _LONGEST and not _NOT_A_SECTION.search(section):
            return section
    return None


def _without_lower_ones(section: str) -> str:
    """“Smart News, Smart News Science”: the first, where the others only go deeper; “Arts, Culture” is one section."""
    first, *others = section.split(", ")
    return first if all(other.startswith(first) for other in others) else section


def _meta(structured: Structured) -> Iterator[str]:
    yield from structured.meta.get("article:section", [])[:1]
    yield from structured.microdata.get("articleSection", [])[:1]


def _crumbs(structured: Structured) -> Iterator[str]:
    """Names of the page's path, top first, without the last one: it is the article's own."""
    for node in structured.nodes:
        if node.get("@type") == "BreadcrumbList" and isinstance(node.get("itemListElement"), list):
            names = [_crumb(element) for element in node["itemListElement"][:10]]
            yield from (name for name in names[:-1] if name)
            return


def _crumb(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    item = element.get("item")
    return plain(element.get("name")) or (plain(item.get("name")) if isinstance(item, dict) else "")
