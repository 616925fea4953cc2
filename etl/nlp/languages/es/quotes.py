"""Direct quotations in Spanish by rule: «…», dijo X. X dijo: «…». «…», según X. —…—dijo X—. …

The attribution may also stand inside the marks («…, dijo X, …»), and a paragraph may begin with a dash or a quotation
mark that is never closed. These are cut into spans first (spans.py); then the rules of cue_rules.py treat them like any
other span, and phrases.py finds the speakers.
"""

from __future__ import annotations

from etl.nlp.languages.es.cues import PATTERNS
from etl.nlp.languages.es.phrases import Phrases
from etl.nlp.languages.es.spans import Spans
from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.quotes.cue_rules import CueFinder, outside_marks
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.quotation import Quotation


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """Return the words between marks, or behind a dash, that somebody says, in order of their place."""
    spans = Spans(source)
    marks = Marks(spans.all)
    reader = Phrases(source.text, outside_marks(source.text, marks), source.names)
    return CueFinder(source.text, source.layout, marks, PATTERNS, reader, frozenset(spans.second_parts)).quotations()
