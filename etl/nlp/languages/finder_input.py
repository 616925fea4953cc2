"""The input of every language's rules: a text with its paragraphs, sentences, names and quotation marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from etl.nlp.names.find import NamedEntity
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.quotation import Quotation
from etl.nlp.quotes.speakers import Speakers
from etl.text import Layout


@dataclass(frozen=True)
class FinderInput:
    """A text with its paragraphs and sentences, its names in order, the spans between its quotation marks, and what
    resolves its speakers."""

    text: str
    layout: Layout
    names: Sequence[NamedEntity]
    marks: Marks
    speakers: Speakers


QuoteFinder = Callable[[FinderInput], list[Quotation]]
"""The type of `find_direct_quotes`: it returns the direct quotations of a text in order of their place."""
