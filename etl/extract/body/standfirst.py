"""The deck (standfirst) and the dateline's place, where a page marks them: readers see them above the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from etl.extract.structured import collapse
from etl.text import word_count

# microformats2 h-entry
_DECK, _PLACE = "p-summary", "p-location"
_MARKED = "//@class[contains(., 'p-summary') or contains(., 'p-location')]/parent::*[not(self::meta)]"
_LONGEST = 600  # characters
_BRIEF = 80  # words; a longer text stands without the deck that the page only declares
_SENTENCE_END = re.compile(r"[.!?…。！？:;]['\"’”»」)\]]*$")


def with_standfirst(body: str, declared: str | None, html: str, tree: HtmlElement) -> str:
    """The body after its deck and place. `declared` is the page's description: the deck of a brief, if it is shown.

    For a brief the deck is the article. `html` is the page as text, in which marks are found sooner than in its tree.
    """
    lines = body.split("\n") if body else []
    if word_count(body) < _BRIEF and declared and _is_shown(declared, tree) and declared not in collapse(body):
        lines = [declared, *lines]
    marked = tree.xpath(_MARKED) if _DECK in html or _PLACE in html else []
    heads = (_first_line(marked, mark) for mark in (_DECK, _PLACE))
    above = [line for line in heads if line and (line in lines or line not in body)]
    return "\n".join([*above, *(line for line in lines if line not in above)])


def _is_shown(declared: str, tree: HtmlElement) -> bool:
    whole = bool(_SENTENCE_END.search(declared)) and not declared.endswith(("...", "…"))
    return whole and declared in collapse(tree.text_content())


def _first_line(marked: Iterable[HtmlElement], mark: str) -> str | None:
    own = (element for element in marked if mark in element.get("class").split())
    found = next((line for element in own if (line := collapse(element.text_content()))), None)
    return found if found and len(found) < _LONGEST else None
