"""Quotations and their speakers: attributions of the encoder's pieces, speech turns, and words between marks.

Texts that the encoder does not read (other languages, or where it is switched off) have their direct quotations by
rule.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from etl.nlp.attributions import Joined, confidence, join
from etl.nlp.chinese_quotes import find_chinese_quotes
from etl.nlp.coreference import Persons
from etl.nlp.english_quotes import find_english_quotes
from etl.nlp.names import Name, Names
from etl.nlp.quotation import Attribution, Quotation
from etl.nlp.quotation_marks import Marks, find_marked
from etl.nlp.quote_pieces import Piece, Pieces
from etl.nlp.russian_quotes import find_russian_quotes
from etl.nlp.speakers import Speakers
from etl.nlp.turns import Turn, find_turns
from etl.text import Layout, Span, word_count

DIRECT, MIXED, INDIRECT = "direct", "mixed", "indirect"
_RUSSIAN = frozenset({"ru", "uk", "be", "bg", "kk"})  # languages whose quotations stand as Russian ones do
_FEWEST_WORDS_ALONE = 8  # fewer words between marks that no cue reports are a title or a scare quote
# Ends with a verb of saying and a colon or comma, before a mark.
_INTRODUCES = re.compile(
    r"\b(?:said|says|told|tells|added|wrote|replied|asked|declared|stated|announced|warned)\b[^.“”\"]{0,40}[:,]\s*$"
)
_EDGE = " \t\xa0\u3000,;:–—-"
_MARKS = "“”„«»‹›「」『』\"‘’'`"


def find_quotes(
    text: str,
    layout: Layout,
    names: Sequence[Name],
    language: str | None,
    pieces: Pieces | None = None,
    day: date | None = None,
) -> list[Quotation]:
    """The quotations of a text in order of their place; none overlap. `pieces`: what the encoder marks, null where it
    did not read the text; `day`: of the article, for who held an office."""
    if not layout.paragraphs:
        return []
    marks = Marks(find_marked(text, layout.paragraphs))
    turns = find_turns(text, layout, Names(names), marks)
    speakers = Speakers(text, layout, names, Persons(text, layout, marks, names, day))
    found = [_turn(turn, speakers) for turn in turns]
    taken = _Taken([part for quotation in found for part in quotation.parts])
    if pieces is None:
        rest = _by_rule(text, layout, names, language, marks, speakers)
    else:
        rest = _attributed(text, layout, marks, join(text, layout, marks, pieces), speakers, taken)
        rest = _inner_first(text, rest, marks, lambda: find_english_quotes(text, layout, marks, speakers))
    return sorted([*found, *(q for q in rest if not taken.touches(q.parts))], key=lambda q: q.parts[0].start)


def _by_rule(
    text: str, layout: Layout, names: Sequence[Name], language: str | None, marks: Marks, speakers: Speakers
) -> list[Quotation]:
    if language in _RUSSIAN:
        return find_russian_quotes(text, layout, names, marks)
    if language == "zh":
        return find_chinese_quotes(text, layout, names, marks)
    return find_english_quotes(text, layout, marks, speakers)


class _Taken:
    """Spans that are of a quotation already."""

    def __init__(self, spans: Sequence[Span]) -> None:
        ordered = sorted(spans, key=lambda span: span.start)
        self._starts, self._ends = [s.start for s in ordered], [s.end for s in ordered]

    def touches(self, spans: Sequence[Span]) -> bool:
        return any(bisect_left(self._starts, s.end) > bisect_left(self._ends, s.start + 1) for s in spans)


def _turn(turn: Turn, speakers: Speakers) -> Quotation:
    speaker = speakers.of_turn(turn)
    return Quotation(turn.parts, DIRECT, Attribution(None, speaker), speaker.confidence)


def _attributed(
    text: str, layout: Layout, marks: Marks, joined: Sequence[Joined], speakers: Speakers, taken: _Taken
) -> list[Quotation]:
    """Attributions, each with all paragraphs of its words, and long words between marks that none reports."""
    owned = {number for one in joined for p in one.contents for number in marks.numbers(p.start, p.end)}
    drafts: list[tuple[tuple[Span, ...], Joined | None]] = []
    for one in joined:
        spans = [span for piece in one.contents if (span := _edged(text, marks, piece))]
        own = {n for piece in one.contents for n in marks.numbers(piece.start, piece.end)}
        more = {n for number in own for n in marks.chain(number)} - owned
        spans += [Span(marks.all[n].start, marks.all[n].end) for n in more]
        owned |= more
        if spans:
            drafts.append((tuple(sorted(spans, key=lambda span: span.start)), one))
    for number in range(len(marks.all)):
        chain = marks.chain(number)
        if chain[0] != number or not owned.isdisjoint(chain):
            continue
        spans = [Span(marks.all[n].start, marks.all[n].end) for n in chain]
        if sum(word_count(text[span.start : span.end]) for span in spans) >= _FEWEST_WORDS_ALONE:
            drafts.append((tuple(spans), None))
    drafts.sort(key=lambda draft: draft[0][0].start)
    return [_quotation(text, layout, marks, parts, one, speakers) for parts, one in drafts if not taken.touches(parts)]


def _quotation(
    text: str, layout: Layout, marks: Marks, parts: tuple[Span, ...], one: Joined | None, speakers: Speakers
) -> Quotation:
    kind = _kind(text, marks, parts)
    if one is None:
        speaker = speakers.signed(parts[-1].end)
        if speaker is None and _alone(text, layout, parts):
            speaker = speakers.carried(parts[0].start)
        return Quotation(parts, kind, Attribution(None, speaker) if speaker else None, 0.4)
    source = one.source
    speaker = speakers.resolve(source.start, source.end) if source else speakers.carried(parts[0].start)
    return Quotation(
        parts, kind, Attribution(Span(one.cue.start, one.cue.end), speaker), round(confidence(one, kind), 2)
    )


def _inner_first(
    text: str, found: Sequence[Quotation], marks: Marks, by_rule: Callable[[], Sequence[Quotation]]
) -> list[Quotation]:
    """ "According to a video, Putin told Xi: “…”": what stands between the marks is Putin's, not the video's."""
    inner = [
        (number, m.start)
        for number, quotation in enumerate(found)
        if quotation.kind == MIXED
        for m in marks.between(quotation.parts[0].start, quotation.parts[-1].end)
        if m.open_at > quotation.parts[0].start and _INTRODUCES.search(text[quotation.parts[0].start : m.open_at])
    ]
    if not inner:
        return list(found)
    direct = {q.parts[0].start: q for q in by_rule() if q.attribution and q.attribution.speaker}
    replaced = list(found)
    for number, start in inner:
        own = direct.get(start)
        if (
            own
            and own.attribution
            and own.attribution.speaker
            and own.attribution.speaker.start >= found[number].parts[0].start
        ):
            replaced[number] = replace(own, kind=DIRECT)
    return replaced


def _alone(text: str, layout: Layout, parts: Sequence[Span]) -> bool:
    """Has the first part its paragraph for itself?"""
    paragraph = layout.paragraphs[layout.paragraph_at(parts[0].start)]
    rest = text[paragraph.start : parts[0].start] + text[parts[0].end : paragraph.end]
    return not any(char.isalnum() for char in rest)


def _edged(text: str, marks: Marks, piece: Piece) -> Span | None:
    """A piece without what is not of its words at its ends: white space, commas, marks that are one of no pair."""
    start, end = piece.start, piece.end
    while start < end and (text[start] in _EDGE or (text[start] in _MARKS and not _paired(marks, start))):
        start += 1
    while start < end and (text[end - 1] in _EDGE or (text[end - 1] in _MARKS and not _paired(marks, end - 1))):
        if marks.around(end - 1) and text[end - 1] == ",":  # inside the marks it is of the words
            break
        end -= 1
    return Span(start, end) if any(char.isalnum() for char in text[start:end]) else None


def _paired(marks: Marks, at: int) -> bool:
    """Is the mark at `at` one of a pair, or an apostrophe inside one?"""
    return marks.around(at) is not None


def _kind(text: str, marks: Marks, parts: Sequence[Span]) -> str:
    """direct: all letters stand between marks; mixed: some; indirect: none."""
    letters = [at for part in parts for at in range(part.start, part.end) if text[at].isalnum()]
    inside = sum(marks.around(at) is not None for at in letters)
    return DIRECT if inside == len(letters) else MIXED if inside else INDIRECT
