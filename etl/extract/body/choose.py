"""The body of a page as text: which of its blocks a reader came for.

Up to four witnesses, each asked only where those before leave doubt: a classifier of the page's blocks; the same with
trafilatura's choice as a feature; newspaper, which says whose text is nearer to the truth; and the text that the page
declares (JSON-LD), where most of it is nowhere on the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import numpy as np
import trafilatura
from lxml.html import HtmlElement
from numpy.typing import NDArray
from trafilatura.settings import Document

from etl.extract.body.blocks import Blocks, read_blocks
from etl.extract.body.classifier import ALONE, SECONDED, in_body
from etl.extract.body.features import Description, Matrix, Witness, words_of
from etl.extract.structured import Structured, collapse

Chances = NDArray[np.float32]

OWN = "blocks"
TRAFILATURA = f"trafilatura {version('trafilatura')}"
# Fitted on pages of sites that the classifier had not seen; from 0.35 to 0.55 its F1 changes by 0.002.
IN_BODY = 0.45
_LITTLE_DOUBT = 0.08  # of a text: at most this share, and the classifier decides alone, as for three pages of four
_GREAT_DOUBT = 0.15
_ALIKE = 0.5  # of the runs of words of two texts are in both: that is one opinion
_MUCH_LONGER = 2.5  # times: then a declared text is believed against the page
_FEWEST_DECLARED = 60  # words
_SMALL = 30  # words; doubt about less is doubt about the whole


@dataclass(frozen=True)
class Body:
    """The body, one paragraph (heading, item, row of a table) a line; empty where there is none. `extractor`: whose
    choice it is."""

    text: str
    extractor: str


@dataclass(frozen=True)
class Models:
    """From rows of features to chances of being in the body: without, and with trafilatura's witness."""

    alone: Callable[[Matrix], Chances]
    seconded: Callable[[Matrix], Chances]


SHIPPED = Models(lambda rows: in_body(rows, ALONE), lambda rows: in_body(rows, SECONDED))


@dataclass(frozen=True)
class Sight:
    """What is known of a page before its body is chosen. `ask_newspaper` gives newspaper's text of the page.

    `described` is only there where there are blocks.
    """

    blocks: Blocks
    title: str
    deck: str
    declared: str
    ask_trafilatura: Callable[[], str]
    ask_newspaper: Callable[[], str]

    def rows(self, second: str) -> Matrix:
        """The blocks' features; `second` is trafilatura's text, empty where it was not asked."""
        return self.described.rows((Witness(second), Witness(self.declared)))

    @cached_property
    def described(self) -> Description:
        """The blocks in numbers."""
        return Description(self.blocks, self.title, self.deck)


def look_at(
    tree: HtmlElement, structured: Structured, title: str | None, ask_newspaper: Callable[[], str] = lambda: ""
) -> Sight:
    """A page's blocks, and whom to ask about it."""
    deck = structured.first_meta("og:description", "description") or ""
    return Sight(
        read_blocks(tree), title or "", deck, structured.article_body, lambda: trafilatura_text(tree), ask_newspaper
    )


def choose_body(sight: Sight, models: Models = SHIPPED) -> Body:
    """The body of a page."""
    own = _of_blocks(sight, models) if sight.blocks.blocks else Body("", OWN)
    declared, found = len(words_of(sight.declared)), len(words_of(own.text))
    longer = declared > max(_FEWEST_DECLARED, _MUCH_LONGER * found)
    # trafilatura reads the declared text too, and runs its paragraphs together.
    if longer or (own.extractor == TRAFILATURA and _alike(sight.declared, own.text) > _ALIKE):
        return Body(sight.declared, "json-ld")
    return own


def _of_blocks(sight: Sight, models: Models) -> Body:
    chances = models.alone(sight.rows(""))
    text = _text(sight.blocks, chances)
    if text and _doubt(sight, chances) <= _LITTLE_DOUBT:
        return Body(text, OWN)
    second = sight.ask_trafilatura()
    chances = models.seconded(sight.rows(second))
    text = _text(sight.blocks, chances)
    if not text:
        return Body(second, TRAFILATURA)
    if _doubt(sight, chances) > _GREAT_DOUBT and _alike(text, second) < _ALIKE:
        third = sight.ask_newspaper()
        if _alike(third, second) > _alike(third, text):
            return Body(second, TRAFILATURA)
    return Body(text, f"{OWN}, {TRAFILATURA}")


def trafilatura_text(tree: HtmlElement) -> str:
    """What trafilatura takes for the body, a paragraph a line. The tree is left as it is."""
    try:
        found = trafilatura.bare_extraction(tree, fast=True, with_metadata=False, include_comments=False)
    except Exception:  # noqa: BLE001 - a witness must not cost the page
        return ""
    text = found.text or "" if isinstance(found, Document) else ""
    return "\n".join(line for raw in text.split("\n") if (line := collapse(raw)))


def _text(blocks: Blocks, chances: Chances) -> str:
    return "\n".join(block.text for block, chance in zip(blocks.blocks, chances, strict=True) if chance > IN_BODY)


def _doubt(sight: Sight, chances: Chances) -> float:
    """How much text may be judged wrongly, as a share of what was chosen."""
    sizes = sight.described.sizes + 0.1
    doubtful = float((sizes * np.minimum(chances, 1 - chances)).sum())
    return doubtful / max(float((sizes * (chances > IN_BODY)).sum()), _SMALL)


def _alike(one: str, other: str) -> float:
    """From 0 to 1: runs of four words in both, as a share of those in either."""
    runs = [set(zip(w, w[1:], w[2:], w[3:], strict=False)) for w in (words_of(one), words_of(other))]
    return len(runs[0] & runs[1]) / max(len(runs[0] | runs[1]), 1)
