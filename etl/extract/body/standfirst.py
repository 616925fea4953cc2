"""The deck (standfirst, the summary under the headline) and the dateline's place, both shown above the text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml.html import HtmlElement

from etl.extract.structured import collapse
from etl.text import word_count

# Classes of the microformat h-entry (microformats2).
_DECK_CLASS, _PLACE_CLASS = "p-summary", "p-location"
_MARKED = "//@class[contains(., 'p-summary') or contains(., 'p-location')]/parent::*[not(self::meta)]"
_LONGEST = 600  # characters
_BRIEF = 80  # words; only a shorter text gets a deck that the page declares but does not mark
_SENTENCE_END = re.compile(r"[.!?…。！？:;]['\"’”»」)\]]*$")


def with_standfirst(body: str, declared: str | None, html: str, tree: HtmlElement) -> str:
    """Put the marked deck and place above the body.

    `declared` is the page's description. It is the deck of a brief if the page shows it, as a brief's article often
    consists of its deck. `html` is the page's source, which is searched for marks first because its tree is slower.
    """
    lines = body.split("\n") if body else []
    if word_count(body) < _BRIEF and declared and _is_shown(declared, tree) and declared not in collapse(body):
        lines = [declared, *lines]
    marked = tree.xpath(_MARKED) if _DECK_CLASS in html or _PLACE_CLASS in html else []
    candidates = (_first_text(marked, class_name) for class_name in (_DECK_CLASS, _PLACE_CLASS))
    above = [line for line in candidates if line and (line in lines or line not in body)]
    return "\n".join([*above, *(line for line in lines if line not in above)])


def _is_shown(declared: str, tree: HtmlElement) -> bool:
    """Whether a description is complete, not cut off, and part of the text that the page shows."""
    is_complete = bool(_SENTENCE_END.search(declared)) and not declared.endswith(("...", "…"))
    return is_complete and declared in collapse(tree.text_content())


def _first_text(marked: Iterable[HtmlElement], class_name: str) -> str | None:
    """Return the text of the first element of this class that has any; null if it is too long."""
    elements = (element for element in marked if class_name in element.get("class").split())
    text = next((line for element in elements if (line := collapse(element.text_content()))), None)
    return text if text and len(text) < _LONGEST else None
