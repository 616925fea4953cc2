"""What a page says of itself: JSON-LD, meta tags, microdata. Read once, asked many times."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

_ARTICLE_TYPES = {
    "Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle",
    "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "BlogPosting", "LiveBlogPosting",
    "Report", "SatiricalArticle", "AdvertiserContentArticle", "TechArticle", "ScholarlyArticle",
    "SocialMediaPosting",
}  # fmt: skip
_INDEX_TYPES = {"CollectionPage", "SearchResultsPage", "ItemList"}
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_MICRODATA = "//*[@itemprop or @itemtype]"
_MOST_MICRODATA = 2000
_JSON_LIMIT = 2_000_000
_DEPTH = 30


@dataclass(frozen=True)
class Structured:
    """Values as the page writes them, white space collapsed; first ones first."""

    articles: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    meta: dict[str, list[str]] = field(default_factory=dict)
    microdata: dict[str, list[str]] = field(default_factory=dict)

    def json_ld(self, name: str) -> Iterator[Any]:
        """Values of a property of the page's articles, lists flattened."""
        for article in self.articles:
            value = article.get(name)
            yield from value if isinstance(value, list) else [value] if value is not None else []

    @property
    def article_body(self) -> str:
        """The text that the page declares as its article's, a paragraph a line where it says so; mostly empty."""
        declared = "\n".join(str(value) for value in self.json_ld("articleBody"))
        lines = _TAG.sub("\n", declared).split("\n")
        return "\n".join(line for raw in lines if (line := collapse(raw)))

    def first_meta(self, *names: str) -> str | None:
        """The first non-empty meta tag of these names."""
        return next((value for name in names for value in self.meta.get(name, []) if value), None)


def read_structured(tree: HtmlElement) -> Structured:
    """JSON-LD articles, meta tags by lower-case name, microdata by property. Broken JSON is passed over."""
    found = Structured()
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) < _JSON_LIMIT:
            for node in _nodes(_parse(script.text), 0):
                kinds = _as_list(node.get("@type"))
                found.nodes.append(node)
                found.types.update(str(kind) for kind in kinds)
                if any(kind in _ARTICLE_TYPES for kind in kinds if isinstance(kind, str)):
                    found.articles.append(node)
    for tag in tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").strip().lower()
        if name:
            found.meta.setdefault(name, []).append(collapse(tag.get("content") or ""))
    for element in tree.xpath(_MICRODATA)[:_MOST_MICRODATA]:
        if name := element.get("itemprop"):
            value = element.get("content") or element.get("datetime") or element.text_content()
            found.microdata.setdefault(name, []).append(collapse(value)[:500])
        if kind := element.get("itemtype"):
            found.types.add(kind.rstrip("/").rsplit("/", 1)[-1])
    return found


def is_index(structured: Structured) -> bool:
    """Does the page call itself a list of pages, and nowhere an article?"""
    return bool(structured.types & _INDEX_TYPES - {"ItemList"}) and not structured.articles


def is_article(structured: Structured) -> bool:
    """Does the page call itself an article?"""
    og_type = (structured.first_meta("og:type") or "").lower()
    return bool(structured.articles) or og_type == "article" or "articleBody" in structured.microdata


def collapse_space(text: str) -> str:
    """White space to single spaces."""
    return " ".join(text.split())


def collapse(text: str) -> str:
    """White space to single spaces, HTML entities resolved."""
    return collapse_space(html.unescape(text))


def _parse(text: str) -> Any:
    stripped = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        return json.loads(stripped, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """All objects that may describe the page: the top, lists, @graph, mainEntity."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(value.get(name), depth + 1)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
