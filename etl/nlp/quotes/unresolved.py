"""Quotations whose speakers are not resolved yet.

These are attributions joined from the encoder's pieces, and words between quotation marks without any "X said".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from etl.nlp.languages.words import language_words
from etl.nlp.names.find import NameIndex
from etl.nlp.quotes.attributions import JoinedAttribution
from etl.nlp.quotes.coreference import PERSONAL
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.pieces import Piece
from etl.nlp.quotes.quotation import DIRECT, INDIRECT, MIXED
from etl.nlp.quotes.turns import SpeechTurn
from etl.text import Span, word_count
from schemas.values import QuoteKind

_WORDS = language_words("en")
# Behind a person's name: the verb, and "that".
_REPORTING_VERB = re.compile(
    r"\s+(?:has\s+|had\s+|also\s+)?"
    rf"({_WORDS.pattern('verbs_of_inner_reports')}|told [^,:“”\"]{{1,40}}? (?=that))"
    r"\s*(?:that\s+)?(?![\s:“\"])"
)
_FEWEST_WORDS = 3  # of words between marks that nothing reports
_EDGE = " \t\xa0\u3000,;:–—-"
_MARKS = "“”„«»‹›「」『』\"‘’'`"


@dataclass(frozen=True)
class UnresolvedQuotation:
    """A quotation whose speaker is not resolved yet. It has a turn of a transcript, or an attribution with its cue and
    source, or neither: words between marks that nothing reports."""

    parts: tuple[Span, ...]
    turn: SpeechTurn | None = None
    attribution: JoinedAttribution | None = None


def attributed_quotations(
    text: str, marks: Marks, attributions: Sequence[JoinedAttribution]
) -> list[UnresolvedQuotation]:
    """Return the attributions, each with all paragraphs of its words, then the words between marks that none of them
    reports."""
    taken = {m for a in attributions for piece in a.contents for m in marks.between(piece.start, piece.end)}
    chain_of = {marked: chain for chain in marks.chains for marked in chain}
    quotations = []
    for attribution in attributions:
        trimmed = [span for piece in attribution.contents if (span := _without_edges(text, marks, piece))]
        spans = [part for span in trimmed for part in _without_cue_and_source(text, span, attribution)]
        marked = {m for piece in attribution.contents for m in marks.between(piece.start, piece.end)}
        other_paragraphs = {other for m in marked for other in chain_of[m]} - taken
        taken |= other_paragraphs
        parts = sorted([*spans, *(Span(m.start, m.end) for m in other_paragraphs)], key=lambda span: span.start)
        if parts:
            quotations.append(UnresolvedQuotation(tuple(parts), attribution=attribution))
    for chain in marks.chains:
        parts = [Span(m.start, m.end) for m in chain]
        if taken.isdisjoint(chain) and words_in(text, parts) >= _FEWEST_WORDS:
            quotations.append(UnresolvedQuotation(tuple(parts)))
    return quotations


def words_in(text: str, parts: Sequence[Span]) -> int:
    """Return the number of words of the parts together."""
    return sum(word_count(text[part.start : part.end]) for part in parts)


def _without_edges(text: str, marks: Marks, piece: Piece) -> Span | None:
    """A piece without white space, commas and unpaired marks at its ends; null where no letter or digit is left."""
    start, end = piece.start, piece.end
    while start < end and (text[start] in _EDGE or (text[start] in _MARKS and not marks.around(start))):
        start += 1
    while start < end and (text[end - 1] in _EDGE or (text[end - 1] in _MARKS and not marks.around(end - 1))):
        if marks.around(end - 1) and text[end - 1] == ",":  # a comma inside the marks belongs to the words
            break
        end -= 1
    return Span(start, end) if any(char.isalnum() for char in text[start:end]) else None


def _without_cue_and_source(text: str, span: Span, attribution: JoinedAttribution) -> list[Span]:
    """A content without the cue and source of its attribution, where a mark that nothing closes made them part of
    it."""
    inside = [p for p in (attribution.cue, attribution.source) if p and span.start <= p.start and p.end <= span.end]
    if not inside:
        return [span]
    before = Span(span.start, min(piece.start for piece in inside))
    behind = Span(max(piece.end for piece in inside), span.end)
    spans = []
    for part in (before, behind):
        start, end = part.start, part.end
        while start < end and not text[start].isalnum() and text[start] not in "([$":
            start += 1
        while start < end and text[end - 1] in _EDGE + _MARKS:
            end -= 1
        if any(char.isalnum() for char in text[start:end]):
            spans.append(Span(start, end))
    return spans


def credited_to_person(text: str, names: NameIndex, quotation: UnresolvedQuotation) -> UnresolvedQuotation:
    """Return the quotation. If its source is a medium and it begins with a person and a verb of saying, the person
    becomes the source: in "Xi said China would grow, Xinhua reported" the words are Xi's."""
    attribution = quotation.attribution
    if attribution is None or attribution.source is None or not _is_medium(text, names, attribution.source):
        return quotation
    part = quotation.parts[0]
    person = next((n for n in names.between(part.start, part.end) if n.type == "PER" and n.start == part.start), None)
    verb = _REPORTING_VERB.match(text, person.end, part.end) if person else None
    if not person or not verb or verb.end() >= part.end:
        return quotation
    cue = Piece(*verb.span(1), attribution.cue.chance)
    source = Piece(person.start, person.end, attribution.source.chance)
    parts = (Span(verb.end(), part.end), *quotation.parts[1:])
    return UnresolvedQuotation(parts, attribution=replace(attribution, cue=cue, source=source))


def _is_medium(text: str, names: NameIndex, source: Piece) -> bool:
    """Is a source neither a person nor a pronoun?"""
    persons = any(name.type in ("PER", "OFFICE") for name in names.between(source.start, source.end))
    return not persons and text[source.start : source.end].lower() not in PERSONAL


def kind_by_marks(text: str, marks: Marks, parts: Sequence[Span]) -> QuoteKind:
    """direct: all letters and digits of the parts stand between marks; mixed: some; indirect: none."""
    letters = sum(_letters(text, part.start, part.end) for part in parts)
    inside = sum(
        _letters(text, max(part.start, m.open_at), min(part.end, m.close_at + 1))
        for part in parts
        for m in marks.between(part.start, part.end)
    )
    return DIRECT if inside == letters else MIXED if inside else INDIRECT


def _letters(text: str, start: int, end: int) -> int:
    return sum(map(str.isalnum, text[start:end]))
