"""The data that a page declares about itself in JSON-LD, meta tags and microdata, read once for all fields."""

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
_MOST_MICRODATA = 2000  # elements
_JSON_LIMIT = 2_000_000  # characters of one script
_MOST_LEVELS = 30


@dataclass(frozen=True)
class Structured:
    """Declared values in the page's order, with white space collapsed.

    `articles` are the JSON-LD objects of a type of article, `nodes` all JSON-LD objects. `types` are the names of the
    types in JSON-LD and microdata. `meta` has the contents of meta tags by lower-case name, `microdata` the values by
    property.
    """

    articles: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    meta: dict[str, list[str]] = field(default_factory=dict)
    microdata: dict[str, list[str]] = field(default_factory=dict)

    def json_ld(self, name: str) -> Iterator[Any]:
        """Yield the values of a property of the JSON-LD articles. Lists are flattened."""
        for article in self.articles:
            value = article.get(name)
            yield from value if isinstance(value, list) else [value] if value is not None else []

    @property
    def article_body(self) -> str:
        """The text that the page declares as its article's body; most pages declare none.

        A line is a paragraph, as far as the page marks paragraphs.
        """
        declared = "\n".join(str(value) for value in self.json_ld("articleBody"))
        lines = _TAG.sub("\n", declared).split("\n")
        return "\n".join(line for raw in lines if (line := collapse(raw)))

    def first_meta(self, *names: str) -> str | None:
        """Return the first non-empty content of a meta tag with one of these names, or null."""
        return next((value for name in names for value in self.meta.get(name, []) if value), None)


def read_structured(tree: HtmlElement) -> Structured:
    """Read the JSON-LD, meta tags and microdata of a page. Broken JSON is skipped."""
    structured = Structured()
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) < _JSON_LIMIT:
            for node in _nodes(_parse(script.text), 0):
                node_types = _as_list(node.get("@type"))
                structured.nodes.append(node)
                structured.types.update(str(node_type) for node_type in node_types)
                if any(node_type in _ARTICLE_TYPES for node_type in node_types if isinstance(node_type, str)):
                    structured.articles.append(node)
    for tag in tree.iter("meta"):
        name = (tag.get("property") or tag.get("name") or tag.get("itemprop") or "").strip().lower()
        if name:
            structured.meta.setdefault(name, []).append(collapse(tag.get("content") or ""))
    for element in tree.xpath(_MICRODATA)[:_MOST_MICRODATA]:
        if name := element.get("itemprop"):
            value = element.get("content") or element.get("datetime") or element.text_content()
            structured.microdata.setdefault(name, []).append(collapse(value)[:500])
        if type_url := element.get("itemtype"):
            structured.types.add(type_url.rstrip("/").rsplit("/", 1)[-1])
    return structured


def is_index(structured: Structured) -> bool:
    """Whether the page declares that it is a list of pages and nowhere declares an article."""
    return bool(structured.types & _INDEX_TYPES - {"ItemList"}) and not structured.articles


def is_article(structured: Structured) -> bool:
    """Whether the page declares that it is an article."""
    og_type = (structured.first_meta("og:type") or "").lower()
    return bool(structured.articles) or og_type == "article" or "articleBody" in structured.microdata


def collapse_space(text: str) -> str:
    """Replace each run of white space by one space, and remove it at both ends."""
    return " ".join(text.split())


def collapse(text: str) -> str:
    """Resolve HTML entities, and collapse white space as collapse_space() does."""
    return collapse_space(html.unescape(text))


def _parse(text: str) -> Any:
    stripped = text.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        return json.loads(stripped, strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield all objects that may describe the page: those at the top, in lists, in @graph and in mainEntity."""
    if depth > _MOST_LEVELS:
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
