"""The deck (standfirst) and the dateline's place, where a page marks them: readers see them above the text."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from etl.extract.structured import collapse
from etl.text import word_count

# microformats2 h-entry
_DECK = "//*[not(self::meta)][contains(concat(' ', @class, ' '), ' p-summary ')]"
_PLACE = "//*[contains(concat(' ', @class, ' '), ' p-location ')]"
_LONGEST = 600  # characters
_BRIEF = 80  # words; a longer text stands without the deck that the page only declares
_SENTENCE_END = re.compile(r"[.!?…。！？:;]['\"’”»」)\]]*$")


def with_standfirst(body: str, declared: str | None, tree: HtmlElement) -> str:
    """The body after its deck and place. `declared` is the page's description: the deck of a brief, if it is shown.

    For a brief the deck is the article.
    """
    lines = body.split("\n") if body else []
    if word_count(body) < _BRIEF and declared and _is_shown(declared, tree) and declared not in collapse(body):
        lines = [declared, *lines]
    marked = (_first_line(tree, marks) for marks in (_DECK, _PLACE))
    above = [line for line in marked if line and (line in lines or line not in body)]
    return "\n".join([*above, *(line for line in lines if line not in above)])


def _is_shown(declared: str, tree: HtmlElement) -> bool:
    whole = bool(_SENTENCE_END.search(declared)) and not declared.endswith(("...", "…"))
    return whole and declared in collapse(tree.text_content())


def _first_line(tree: HtmlElement, marks: str) -> str | None:
    found = next((line for element in tree.xpath(marks) if (line := collapse(element.text_content()))), None)
    return found if found and len(found) < _LONGEST else None
