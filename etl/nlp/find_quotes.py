"""Finds quotations and their speakers in three ways.

It joins the parts that the encoder marks (speaker, cue, content), reads the speaker labels of transcripts, and uses
quotation marks.

Texts that the encoder does not read (other languages, or where it is switched off) get their direct quotations by the
rules of their language.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.registry import quote_finder
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.quotes import confidences
from etl.nlp.quotes.attributions import confidence, join
from etl.nlp.quotes.coreference import Persons
from etl.nlp.quotes.inner_quotes import prefer_inner_quotes
from etl.nlp.quotes.marks import UTTERANCE, Marks, find_marked
from etl.nlp.quotes.pieces import Pieces
from etl.nlp.quotes.quotation import DIRECT, Attribution, Quotation
from etl.nlp.quotes.speakers import Speakers
from etl.nlp.quotes.turns import find_turns
from etl.nlp.quotes.unresolved import (
    UnresolvedQuotation,
    attributed_quotations,
    credited_to_person,
    kind_by_marks,
    words_in,
)
from etl.text import Layout, Span
from schemas.values import QuoteKind


def find_quotes(
    text: str,
    layout: Layout,
    names: Sequence[NamedEntity],
    language: str | None,
    pieces: Pieces | None = None,
    day: date | None = None,
) -> list[Quotation]:
    """Return the quotations of a text in order of their place; none overlap. `pieces`: what the encoder marks, null
    where it did not read the text; `day`: of the article, for who held an office."""
    if not layout.paragraphs:
        return []
    marks, names_by_place = Marks(find_marked(text, layout.paragraphs)), NameIndex(names)
    speakers = Speakers(text, layout, names, Persons(text, layout, marks, names, day))
    find_by_rule = partial(quote_finder(language), FinderInput(text, layout, names, marks, speakers))
    turns = [UnresolvedQuotation(turn.parts, turn=turn) for turn in find_turns(text, layout, names_by_place, marks)]
    in_turns = _SpanIndex([part for turn in turns for part in turn.parts])
    if pieces is None:
        quotations = _resolved(text, layout, marks, turns, speakers)
        quotations += [q for q in find_by_rule() if not in_turns.touches(q.parts)]
    else:
        attributed = attributed_quotations(text, marks, join(text, layout, marks, pieces))
        outside = [credited_to_person(text, names_by_place, q) for q in attributed if not in_turns.touches(q.parts)]
        # Resolved in the order of the text, so that who spoke before a quotation is known when it is reached.
        ordered = sorted([*turns, *outside], key=lambda q: q.parts[0].start)
        quotations = _resolved(text, layout, marks, ordered, speakers)
        quotations = prefer_inner_quotes(text, quotations, marks, find_by_rule)
    return sorted(quotations, key=lambda q: q.parts[0].start)


class _SpanIndex:
    """Spans of a text, for asking whether others overlap them."""

    def __init__(self, spans: Sequence[Span]) -> None:
        ordered = sorted(spans, key=lambda span: span.start)
        self._starts, self._ends = [s.start for s in ordered], [s.end for s in ordered]

    def touches(self, spans: Sequence[Span]) -> bool:
        return any(bisect_left(self._starts, s.end) > bisect_left(self._ends, s.start + 1) for s in spans)


def _resolved(
    text: str, layout: Layout, marks: Marks, unresolved: Iterable[UnresolvedQuotation], speakers: Speakers
) -> list[Quotation]:
    quotations = (_resolve(text, layout, marks, quotation, speakers) for quotation in unresolved)
    return [quotation for quotation in quotations if quotation]


def _resolve(
    text: str, layout: Layout, marks: Marks, unresolved: UnresolvedQuotation, speakers: Speakers
) -> Quotation | None:
    """The quotation with its speaker; null where it turns out to be nobody's words."""
    parts, attribution = unresolved.parts, unresolved.attribution
    if unresolved.turn:
        speaker = speakers.of_turn(unresolved.turn)
        return Quotation(parts, DIRECT, Attribution(None, speaker), speaker.confidence)
    kind = kind_by_marks(text, marks, parts)
    if attribution is None:
        return _unreported(text, layout, parts, kind, speakers)
    source = attribution.source
    resolved = speakers.resolve(source.start, source.end) if source else speakers.carried(parts[0].start)
    cue = Span(attribution.cue.start, attribution.cue.end)
    return Quotation(parts, kind, Attribution(cue, resolved), round(confidence(attribution, kind), 2))


def _unreported(
    text: str, layout: Layout, parts: tuple[Span, ...], kind: QuoteKind, speakers: Speakers
) -> Quotation | None:
    """A quotation of words between marks that no cue reports: they are signed, or a paragraph of their own after
    somebody spoke, or so long that somebody must have said them."""
    speaker = speakers.signed(parts[-1].end)
    if speaker is None and _has_own_paragraph(text, layout, parts):
        speaker = speakers.carried(parts[0].start)
    if speaker is None and words_in(text, parts) < UTTERANCE:
        return None
    return Quotation(parts, kind, Attribution(None, speaker) if speaker else None, confidences.DIRECT_WITHOUT_SPEAKER)


def _has_own_paragraph(text: str, layout: Layout, parts: Sequence[Span]) -> bool:
    """Is there nothing else in the paragraph of the first part?"""
    paragraph = layout.paragraphs[layout.paragraph_at(parts[0].start)]
    around = text[paragraph.start : parts[0].start] + text[parts[0].end : paragraph.end]
    return not any(char.isalnum() for char in around)
