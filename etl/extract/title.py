"""The headline of a page as its readers see it, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from lxml.html import HtmlElement

from etl.extract.site_names import comparison_key, plain_text, site_names
from etl.extract.structured import Structured

_MOST_HEADINGS = 8  # the first headings may be the site's; headings after this number belong to other stories
_SHORTEST_MATCH = 15  # letters that a heading needs to be recognised in a longer title; names of sections are shorter
# Separators between a title and a site's name. Bars and full-width colons need no space beside them. A colon needs a
# space after it; a dash needs spaces on both sides, unless it is a double one or the last one of the title.
_SEPARATOR = re.compile(r"\s+(?:-{1,2}|[–—·•»›:/])\s+|\s*[|｜ㅣ│：]\s*|:\s+|--|[-–—_](?=[^-–—_]*$)")
_ELLIPSIS = ("…", "...")
_META = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")


def find_title(tree: HtmlElement, structured: Structured) -> str | None:
    """Return the declared title that the page also shows as a heading, else the first declared one, else a heading.

    Declared titles are often written for search engines or social networks, and headings may be a kicker or the site's
    name. What both contain is the headline.
    """
    site = site_names(tree, structured)
    declared = _cleaned(_declared_titles(structured), site)
    window_titles = _cleaned((element.text_content() for element in islice(tree.iter("title"), 1)), site)
    headings = _cleaned((" ".join(element.itertext()) for element in islice(tree.iter("h1"), _MOST_HEADINGS)), site)
    title = _shown_as_heading(declared + window_titles, headings) or _first(
        _continued_headings(declared + window_titles, headings),
        declared,
        _headings_in(window_titles, headings),
        headings,
        window_titles,
    )
    return _completed(title, declared + headings + window_titles) if title else None


def _declared_titles(structured: Structured) -> Iterable[str]:
    yield from structured.json_ld("headline")
    for name in _META:
        yield from structured.meta.get(name, [])[:1]
    yield from structured.microdata.get("headline", [])[:1]


def _cleaned(titles: Iterable[str], site: frozenset[str]) -> list[str]:
    """Return the titles as plain text without the site's name, each once, without empty ones."""
    cleaned = (without_site(plain_text(title), site) for title in titles)
    return list(dict.fromkeys(title for title in cleaned if title))


def _shown_as_heading(titles: list[str], headings: list[str]) -> str | None:
    """Return the first title that is also a heading, as the title spells it: markup may join words of a heading."""
    shown = {comparison_key(heading) for heading in headings}
    return next((title for title in titles if comparison_key(title) in shown), None)


def _continued_headings(titles: list[str], headings: list[str]) -> list[str]:
    """Return the headings that a title continues after a separator, for instance with a section."""
    return [
        heading
        for heading in headings
        if len(comparison_key(heading)) >= _SHORTEST_MATCH
        and any(title.startswith(heading) and _SEPARATOR.match(title, len(heading)) for title in titles)
    ]


def _headings_in(window_titles: list[str], headings: list[str]) -> list[str]:
    """Return the headings with which the window's title begins or that make up more than half of it."""
    matches = []
    for window in map(comparison_key, window_titles):
        for heading in headings:
            key = comparison_key(heading)
            is_start = window.startswith(key)
            if len(key) >= _SHORTEST_MATCH and (is_start or (key in window and 2 * len(key) > len(window))):
                matches.append(heading)
    return matches


def _first(*lists: list[str]) -> str | None:
    return next((title for titles in lists for title in titles), None)


def _completed(title: str, others: list[str]) -> str:
    """Return the longest title that continues one that ends in an ellipsis; else the title itself."""
    if not title.endswith(_ELLIPSIS):
        return title
    key = comparison_key(title)
    complete = [other for other in others if comparison_key(other).startswith(key) and not other.endswith(_ELLIPSIS)]
    return max(complete, key=len, default=title) if key else title


def without_site(title: str, site: frozenset[str]) -> str:
    """Remove the site's name at either end of a title. `site` has the comparison keys of its names.

    The result is empty if the title is nothing but the site's name.
    """
    for _ in range(3):
        if comparison_key(title) in site:
            return ""
        separators = list(_SEPARATOR.finditer(title))
        if not separators:
            break
        before_name = next((match for match in separators if comparison_key(title[match.end() :]) in site), None)
        after_name = separators[0] if comparison_key(title[: separators[0].start()]) in site else None
        if before_name is None and after_name is None:
            break
        title = title[: before_name.start()] if before_name else title[after_name.end() if after_name else 0 :]
    return title.strip(" |·•–—") if comparison_key(title) else ""
