"""The headline of a page, as its readers see it, without the site's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from lxml.html import HtmlElement

from etl.extract.site_names import plain, site_names, squash
from etl.extract.structured import Structured

_HEADINGS = 8  # pages open with a few headings of the site's own; further ones belong to other stories
_SHORTEST = 15  # letters by which a heading is known within a longer title: names of sections are shorter
# A dash or colon parts a title from a name only with space beside it; a bar does so alone.
_SEPARATOR = re.compile(r"\s+(?:-{1,2}|[–—·•»›:/])\s+|\s*[|｜ㅣ│：]\s*|:\s+|--|[-–—_](?=[^-–—_]*$)")
_ELLIPSIS = ("…", "...")
_META = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title")


def find_title(tree: HtmlElement, structured: Structured) -> str | None:
    """The declared title that the page also shows as a heading, else the first declared, else a heading.

    Declared ones are often written for search engines or social networks, and headings hold a kicker or the site's
    name: what both say is the headline.
    """
    site = site_names(tree, structured)
    declared = _cleaned(_declared(structured), site)
    windows = _cleaned((element.text_content() for element in islice(tree.iter("title"), 1)), site)
    headings = _cleaned((" ".join(element.itertext()) for element in islice(tree.iter("h1"), _HEADINGS)), site)
    chosen = _confirmed(declared + windows, headings) or _first(
        _begun(declared + windows, headings), declared, _within(windows, headings), headings, windows
    )
    return _whole(chosen, declared + headings + windows) if chosen else None


def _declared(structured: Structured) -> Iterable[str]:
    yield from structured.json_ld("headline")
    for name in _META:
        yield from structured.meta.get(name, [])[:1]
    yield from structured.microdata.get("headline", [])[:1]


def _cleaned(titles: Iterable[str], site: frozenset[str]) -> list[str]:
    cleaned = (without_site(plain(title), site) for title in titles)
    return list(dict.fromkeys(title for title in cleaned if title))


def _confirmed(declared: list[str], headings: list[str]) -> str | None:
    """The first declared title that is a heading too, in its own spelling: markup may join a heading's words."""
    shown = {squash(heading) for heading in headings}
    return next((title for title in declared if squash(title) in shown), None)


def _begun(declared: list[str], headings: list[str]) -> list[str]:
    """Headings to which a declared title adds something behind a separator: a site of many names, a section."""
    return [
        heading
        for heading in headings
        if len(squash(heading)) >= _SHORTEST
        and any(title.startswith(heading) and _SEPARATOR.match(title, len(heading)) for title in declared)
    ]


def _within(windows: list[str], headings: list[str]) -> list[str]:
    """Headings with which the window's title begins, or of which it mostly consists."""
    found = []
    for window in map(squash, windows):
        for heading in headings:
            bare = squash(heading)
            if len(bare) >= _SHORTEST and (window.startswith(bare) or (bare in window and 2 * len(bare) > len(window))):
                found.append(heading)
    return found


def _first(*lists: list[str]) -> str | None:
    return next((title for titles in lists for title in titles), None)


def _whole(title: str, others: list[str]) -> str:
    """For a title cut off, the one that goes on where it stops."""
    if not title.endswith(_ELLIPSIS):
        return title
    begun = squash(title)
    whole = [other for other in others if squash(other).startswith(begun) and not other.endswith(_ELLIPSIS)]
    return max(whole, key=len, default=title) if begun else title


def without_site(title: str, site: frozenset[str]) -> str:
    """Without the site's name at either end; empty where nothing else is there."""
    for _ in range(3):
        if squash(title) in site:
            return ""
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            break
        ends = next((cut for cut in cuts if squash(title[cut.end() :]) in site), None)
        starts = cuts[0] if squash(title[: cuts[0].start()]) in site else None
        if ends is None and starts is None:
            break
        title = title[: ends.start()] if ends else title[starts.end() if starts else 0 :]
    return title.strip(" |·•–—") if squash(title) else ""
