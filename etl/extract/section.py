"""The section of the outlet in which an article appeared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from etl.extract.site_names import comparison_key, plain_text, site_names
from etl.extract.structured import Structured

_LONGEST = 60  # characters
# Names of templates and of articles without a section.
_NO_SECTIONS = frozenset(
    "article articles artikel tags tag default uncategorized uncategorised none null undefined home startseite "
    "homepage start inicio accueil page pages 首页 首頁 главная".split()
)
_NOT_A_SECTION = re.compile(r"https?:|\w_\w|^\W*\d*\W*$")  # URLs, internal names of content systems, numbers


def find_section(tree: HtmlElement, structured: Structured, title: str | None) -> str | None:
    """Return the section that JSON-LD, meta tags or microdata name, else the last breadcrumb above the article.

    Names of the site, the title and names that are not sections are skipped. Null if nothing is left.
    """
    other_names = site_names(tree, structured) | {comparison_key(title or "")}
    for raw in (*structured.json_ld("articleSection"), *_meta(structured), *reversed(list(_breadcrumbs(structured)))):
        section = _without_subsections(plain_text(raw))
        key = comparison_key(section)
        is_other_name = key in other_names or key in _NO_SECTIONS
        if section and not is_other_name and len(section) <= _LONGEST and not _NOT_A_SECTION.search(section):
            return section
    return None


def _without_subsections(section: str) -> str:
    """Return the first of a list in which the others begin like it: “Smart News” of “Smart News, Smart News Science”.

    Others, such as “Arts, Culture”, are single sections and stay.
    """
    first, *others = section.split(", ")
    return first if all(other.startswith(first) for other in others) else section


def _meta(structured: Structured) -> Iterator[str]:
    yield from structured.meta.get("article:section", [])[:1]
    yield from structured.microdata.get("articleSection", [])[:1]


def _breadcrumbs(structured: Structured) -> Iterator[str]:
    """Yield the names of the page's breadcrumbs, the top one first, without the last, which is the article itself."""
    for node in structured.nodes:
        if node.get("@type") == "BreadcrumbList" and isinstance(node.get("itemListElement"), list):
            names = [_breadcrumb(element) for element in node["itemListElement"][:10]]
            yield from (name for name in names[:-1] if name)
            return


def _breadcrumb(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    item = element.get("item")
    return plain_text(element.get("name")) or (plain_text(item.get("name")) if isinstance(item, dict) else "")
