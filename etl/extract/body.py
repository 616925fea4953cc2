"""The body of a page as text, and whether it is the text of an article at all."""

from __future__ import annotations

import copy
import re
from importlib.metadata import version

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document

from etl.extract.structured import collapse
from etl.text import word_count

EXTRACTOR = f"trafilatura {version('trafilatura')}"
_FEWEST_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?…。！？:;]['\"’”»」)\]]*$")
_INDEX_LINES = 8
_INDEX_SENTENCES = 0.3
_INDEX_LINKED = 0.6
_SHORT_LINK = 10  # characters; shorter link texts occur in any text
_DECK = "//*[not(self::meta)][@itemprop='description' or contains(concat(' ', @class, ' '), ' p-summary ')]"
_PLACE = "//*[contains(concat(' ', @class, ' '), ' p-location ')]"
_LONGEST_DECK = 600
_SHORT_BODY = 80  # words; a longer text is not mended


def read_body(tree: HtmlElement) -> str:
    """The article's paragraphs separated by one newline; empty where none was found."""
    found = trafilatura.bare_extraction(
        copy.deepcopy(tree),  # trafilatura prunes the tree that it is given
        fast=True, with_metadata=False, include_comments=False,
    )  # fmt: skip
    text = found.text or "" if isinstance(found, Document) else ""
    return "\n".join(line for raw in text.split("\n") if (line := collapse(raw)))


def complete_body(body: str, deck: str | None, tree: HtmlElement) -> str:
    """A short body of a page that calls itself an article, mended.

    Where there is little text, extractors add menus and drop the deck (the standfirst above the text, which for a
    brief is the article). Kept are lines that end as sentences do, after the deck where the page shows it.
    """
    if word_count(body) >= _SHORT_BODY:
        return body
    lines = [line for line in body.split("\n") if _SENTENCE_END.search(line)]
    if not lines:
        lines = _marked_paragraphs(tree)
    if deck and _SENTENCE_END.search(deck) and not deck.endswith(("...", "…")):
        known = collapse(body)
        if deck not in known and deck in collapse(tree.text_content()):
            lines.insert(0, deck)
        elif deck in known and deck not in lines:
            lines = [deck, *(line for line in lines if line not in deck)]
    return "\n".join(lines)


def with_standfirst(body: str, tree: HtmlElement) -> str:
    """The body after the deck and the dateline's place, where the page marks them: readers see them, extractors drop
    them. Marks: microdata `description` on a visible element, microformats2 h-entry `p-summary` and `p-location`.
    """
    lines = body.split("\n")
    marked = (_first_line(tree, marks) for marks in (_DECK, _PLACE))
    above = [line for line in marked if line and (line in lines or line not in body)]
    return "\n".join([*above, *(line for line in lines if line not in above)])


def _first_line(tree: HtmlElement, marks: str) -> str | None:
    found = next((line for element in tree.xpath(marks) if (line := collapse(element.text_content()))), None)
    return found if found and len(found) < _LONGEST_DECK else None


def _marked_paragraphs(tree: HtmlElement) -> list[str]:
    marked = tree.xpath("//*[@itemprop='articleBody']//p")
    return [line for paragraph in marked if _SENTENCE_END.search(line := collapse(paragraph.text_content()))]


def why_no_article(text: str, tree: HtmlElement, declared: bool) -> tuple[str, str] | None:
    """(reason, detail) where a text is no article: too short, or a list of links and headlines; else null.

    A page that calls itself an article (`declared`) is no list: articles that are tables or quizzes were lost so.
    """
    words = word_count(text)
    if words < _FEWEST_WORDS:
        return "no_text", f"only {words} words found in the page"
    if declared:
        return None
    lines = text.split("\n")
    links = {line for link in tree.iter("a") if len(line := collapse(link.text_content())) > _SHORT_LINK}
    linked = sum(len(link) for link in links if link in text) / len(text)
    if linked > _INDEX_LINKED:
        return "index_page", f"{linked:.0%} of the text are links"
    sentences = sum(len(line) for line in lines if _SENTENCE_END.search(line)) / len(text)
    if len(lines) >= _INDEX_LINES and sentences < _INDEX_SENTENCES:
        return "index_page", f"{sentences:.0%} of the text are sentences"
    return None
