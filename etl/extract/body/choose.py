"""Choice of the blocks that make up the body of a page.

Up to four sources are used, each only if those before it leave doubt: a classifier of the page's blocks; a second
classifier that also gets trafilatura's text as input; the library newspaper, whose text decides between the second
classifier's text and trafilatura's; and the text that the page declares in JSON-LD, if it is much longer than the text
on the page.
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

from etl.errors import is_machine_error
from etl.extract.body.blocks import PageBlocks, read_blocks
from etl.extract.body.classifier import body_probabilities
from etl.extract.body.features import BlockFeatures, Matrix, ReferenceText, words_of
from etl.extract.body.model_files import BLOCKS_MODEL, TRAFILATURA_MODEL
from etl.extract.structured import Structured, collapse

Probabilities = NDArray[np.float32]

# The names of extractors in the column `extractor`.
BLOCKS = "blocks"
TRAFILATURA = f"trafilatura {version('trafilatura')}"
# The probability above which a block belongs to the body. Fitted on pages of sites that the classifier had not seen;
# from 0.35 to 0.55 the F1 changes by 0.002.
BODY_THRESHOLD = 0.45
_LITTLE_DOUBT = 0.08  # share of a text; up to it the first classifier decides alone, which it does for 3 pages in 4
_GREAT_DOUBT = 0.15
_SIMILAR = 0.5  # texts whose similarity is above this count as the same choice
_MUCH_LONGER = 2.5  # a declared text that has this many times the words of the body replaces it
_LEAST_DECLARED = 60  # words
_LEAST_CHOSEN = 30  # words; the doubt about a shorter body is counted as a share of this length


@dataclass(frozen=True)
class Body:
    """The body of a page and the name of its extractor.

    The text has one paragraph, heading, list item or table row a line. It is empty if the page has no body.
    """

    text: str
    extractor: str


@dataclass(frozen=True)
class Models:
    """Two functions that return for rows of features the probability that each block belongs to the body.

    `blocks` is for rows without trafilatura's text, `trafilatura` for rows with it.
    """

    blocks: Callable[[Matrix], Probabilities]
    trafilatura: Callable[[Matrix], Probabilities]


SHIPPED_MODELS = Models(
    lambda rows: body_probabilities(rows, BLOCKS_MODEL), lambda rows: body_probabilities(rows, TRAFILATURA_MODEL)
)


@dataclass(frozen=True)
class BodyInput:
    """All that is needed to choose the body of a page.

    `declared` is the text that the page declares in JSON-LD. `run_trafilatura` and `run_newspaper` return the text that
    these extractors find; they are called only if needed.
    """

    blocks: PageBlocks
    title: str
    deck: str
    declared: str
    run_trafilatura: Callable[[], str]
    run_newspaper: Callable[[], str]

    def rows(self, other_text: str) -> Matrix:
        """Return the features of the blocks. `other_text` is trafilatura's, or empty if trafilatura was not run."""
        return self.features.rows((ReferenceText(other_text), ReferenceText(self.declared)))

    @cached_property
    def features(self) -> BlockFeatures:
        """The features of the blocks; the page must have at least one block."""
        return BlockFeatures(self.blocks, self.title, self.deck)


def read_body_input(
    tree: HtmlElement, structured: Structured, title: str | None, run_newspaper: Callable[[], str] = lambda: ""
) -> BodyInput:
    """Read from a page what is needed to choose its body."""
    deck = structured.first_meta("og:description", "description") or ""
    return BodyInput(
        read_blocks(tree), title or "", deck, structured.article_body, lambda: trafilatura_text(tree), run_newspaper
    )


def choose_body(body_input: BodyInput, models: Models = SHIPPED_MODELS) -> Body:
    """Return the body of a page."""
    body = _body_on_page(body_input, models) if body_input.blocks.blocks else Body("", BLOCKS)
    declared_words, body_words = len(words_of(body_input.declared)), len(words_of(body.text))
    is_much_longer = declared_words > max(_LEAST_DECLARED, _MUCH_LONGER * body_words)
    # trafilatura too may return the declared text, but it joins its paragraphs.
    if is_much_longer or (body.extractor == TRAFILATURA and _similarity(body_input.declared, body.text) > _SIMILAR):
        return Body(body_input.declared, "json-ld")
    return body


def _body_on_page(body_input: BodyInput, models: Models) -> Body:
    """Choose the body by the classifiers, trafilatura and newspaper."""
    probabilities = models.blocks(body_input.rows(""))
    text = _text(body_input.blocks, probabilities)
    if text and _doubt(body_input, probabilities) <= _LITTLE_DOUBT:
        return Body(text, BLOCKS)
    other_text = body_input.run_trafilatura()
    probabilities = models.trafilatura(body_input.rows(other_text))
    text = _text(body_input.blocks, probabilities)
    if not text:
        return Body(other_text, TRAFILATURA)
    if _doubt(body_input, probabilities) > _GREAT_DOUBT and _similarity(text, other_text) < _SIMILAR:
        deciding_text = body_input.run_newspaper()
        if _similarity(deciding_text, other_text) > _similarity(deciding_text, text):
            return Body(other_text, TRAFILATURA)
    return Body(text, f"{BLOCKS}, {TRAFILATURA}")


def trafilatura_text(tree: HtmlElement) -> str:
    """Return the body that trafilatura finds, with one paragraph a line. The tree is not changed."""
    try:
        document = trafilatura.bare_extraction(tree, fast=True, with_metadata=False, include_comments=False)
    except Exception as error:  # an error in trafilatura must not cost the page
        if is_machine_error(error):
            raise
        return ""
    text = document.text or "" if isinstance(document, Document) else ""
    return "\n".join(line for raw in text.split("\n") if (line := collapse(raw)))


def _text(blocks: PageBlocks, probabilities: Probabilities) -> str:
    """Return the text of the blocks that belong to the body."""
    return "\n".join(
        block.text
        for block, probability in zip(blocks.blocks, probabilities, strict=True)
        if probability > BODY_THRESHOLD
    )


def _doubt(body_input: BodyInput, probabilities: Probabilities) -> float:
    """Return the expected amount of wrongly judged text as a share of the chosen text."""
    sizes = body_input.features.sizes + 0.1
    doubtful = float((sizes * np.minimum(probabilities, 1 - probabilities)).sum())
    return doubtful / max(float((sizes * (probabilities > BODY_THRESHOLD)).sum()), _LEAST_CHOSEN)


def _similarity(text: str, other: str) -> float:
    """Return the number of four-word sequences in both texts as a share of those in either, from 0 to 1."""
    sequences = [set(zip(w, w[1:], w[2:], w[3:], strict=False)) for w in (words_of(text), words_of(other))]
    return len(sequences[0] & sequences[1]) / max(len(sequences[0] | sequences[1]), 1)
