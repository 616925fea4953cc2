"""Quotations and their speakers: attributions of the encoder's pieces, speech turns, and words between marks.

Texts that the encoder does not read (other languages, or where it is switched off) have their direct quotations by
rule.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from etl.nlp.languages.en.quotes import find_english_quotes
from etl.nlp.languages.ru.quotes import find_russian_quotes
from etl.nlp.languages.zh.quotes import find_chinese_quotes
from etl.nlp.names.find import Name, Names
from etl.nlp.quotes.attributions import Joined, confidence, join
from etl.nlp.quotes.coreference import PERSONAL, Persons
from etl.nlp.quotes.marks import UTTERANCE, Marks, find_marked
from etl.nlp.quotes.pieces import Piece, Pieces
from etl.nlp.quotes.quotation import Attribution, Quotation
from etl.nlp.quotes.speakers import Speakers
from etl.nlp.quotes.turns import Turn, find_turns
from etl.text import Layout, Span, word_count
from schemas.values import QuoteKind

DIRECT: Final = "direct"
MIXED: Final = "mixed"
INDIRECT: Final = "indirect"
# Ends with a verb of saying and a colon or comma, before a mark.
_INTRODUCES = re.compile(
    r"\b(?:said|says|told|tells|added|wrote|replied|asked|declared|stated|announced|warned)\b[^.“”\"]{0,40}[:,]\s*$"
)
# Behind a mark: who replied, and nothing more of the content.
_REPLIED = re.compile(r"\s*,?\s*[^.“”\"]{2,60}?\b(?:said|says|replied|added|wrote|answered|tweeted)\b[,.]?\s*$")
_SAID = re.compile(
    r"\s+(?:has\s+|had\s+|also\s+)?"
    r"(said|says|told [^,:“”\"]{1,40}? (?=that)|added|stated|wrote|announced|declared|warned|argued|insisted|noted)"
    r"\s*(?:that\s+)?(?![\s:“\"])"
)
_FEWEST_WORDS = 3  # of words that are signed, or carried in a paragraph of their own
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
    marks, by_place = Marks(find_marked(text, layout.paragraphs)), Names(names)
    speakers = Speakers(text, layout, names, Persons(text, layout, marks, names, day))
    turns = [_Draft(turn.parts, turn=turn) for turn in find_turns(text, layout, by_place, marks)]
    taken = _Taken([part for draft in turns for part in draft.parts])
    if pieces is None:
        found = _made(_quotation(text, layout, marks, draft, speakers) for draft in turns)
        found += [q for q in _by_rule(text, layout, names, language, marks, speakers) if not taken.touches(q.parts)]
    else:
        drafts = _drafts(text, marks, join(text, layout, marks, pieces))
        drafts = [_whose(text, by_place, draft) for draft in drafts if not taken.touches(draft.parts)]
        # In the order of the text: who spoke before a word is known when it is reached.
        ordered = sorted([*turns, *drafts], key=lambda draft: draft.parts[0].start)
        found = _made(_quotation(text, layout, marks, draft, speakers) for draft in ordered)
        found = _inner_first(text, found, marks, lambda: find_english_quotes(text, layout, marks, speakers))
    return sorted(found, key=lambda q: q.parts[0].start)


def _made(quotations: Iterable[Quotation | None]) -> list[Quotation]:
    return [quotation for quotation in quotations if quotation]


@dataclass(frozen=True)
class _Draft:
    """A quotation whose speaker is not resolved yet: a turn, or with its cue and source, or with none."""

    parts: tuple[Span, ...]
    turn: Turn | None = None
    one: Joined | None = None


def _by_rule(
    text: str, layout: Layout, names: Sequence[Name], language: str | None, marks: Marks, speakers: Speakers
) -> list[Quotation]:
    if language == "ru":
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


def _drafts(text: str, marks: Marks, joined: Sequence[Joined]) -> list[_Draft]:
    """Attributions, each with all paragraphs of its words, and words between marks that none reports."""
    owned = {m for one in joined for piece in one.contents for m in marks.between(piece.start, piece.end)}
    chain_of = {marked: chain for chain in marks.chains for marked in chain}
    drafts = []
    for one in joined:
        edged = [span for piece in one.contents if (span := _edged(text, marks, piece))]
        spans = [part for span in edged for part in _said_alone(text, span, one)]
        own = {m for piece in one.contents for m in marks.between(piece.start, piece.end)}
        more = {other for marked in own for other in chain_of[marked]} - owned
        owned |= more
        parts = sorted([*spans, *(Span(m.start, m.end) for m in more)], key=lambda span: span.start)
        if parts:
            drafts.append(_Draft(tuple(parts), one=one))
    for chain in marks.chains:
        parts = [Span(m.start, m.end) for m in chain]
        if owned.isdisjoint(chain) and _words(text, parts) >= _FEWEST_WORDS:
            drafts.append(_Draft(tuple(parts)))
    return drafts


def _words(text: str, parts: Sequence[Span]) -> int:
    return sum(word_count(text[part.start : part.end]) for part in parts)


def _said_alone(text: str, span: Span, one: Joined) -> list[Span]:
    """A content without its own cue and source, where a mark that nothing closes made them part of it."""
    inside = [p for p in (one.cue, one.source) if p and span.start <= p.start and p.end <= span.end]
    if not inside:
        return [span]
    cut = (min(piece.start for piece in inside), max(piece.end for piece in inside))
    around = (Span(span.start, cut[0]), Span(cut[1], span.end))
    kept = []
    for part in around:
        start, end = part.start, part.end
        while start < end and not text[start].isalnum() and text[start] not in "([$":
            start += 1
        while start < end and text[end - 1] in _EDGE + _MARKS:
            end -= 1
        if any(char.isalnum() for char in text[start:end]):
            kept.append(Span(start, end))
    return kept


def _whose(text: str, names: Names, draft: _Draft) -> _Draft:
    """ "Xi said China would grow, Xinhua reported": the words are Xi's, not the medium's."""
    one = draft.one
    if one is None or one.source is None or not _is_medium(text, names, one.source):
        return draft
    part = draft.parts[0]
    speaker = next((n for n in names.between(part.start, part.end) if n.type == "PER" and n.start == part.start), None)
    said = _SAID.match(text, speaker.end, part.end) if speaker else None
    if not speaker or not said:
        return draft
    cue, source = Piece(*said.span(1), one.cue.chance), Piece(speaker.start, speaker.end, one.source.chance)
    parts = (Span(said.end(), part.end), *draft.parts[1:])
    return _Draft(parts, one=replace(one, cue=cue, source=source)) if said.end() < part.end else draft


def _is_medium(text: str, names: Names, source: Piece) -> bool:
    """Is it neither a person nor a pronoun?"""
    persons = any(name.type in ("PER", "OFFICE") for name in names.between(source.start, source.end))
    return not persons and text[source.start : source.end].lower() not in PERSONAL


def _quotation(text: str, layout: Layout, marks: Marks, draft: _Draft, speakers: Speakers) -> Quotation | None:
    parts, one = draft.parts, draft.one
    if draft.turn:
        speaker = speakers.of_turn(draft.turn)
        return Quotation(parts, DIRECT, Attribution(None, speaker), speaker.confidence)
    kind = _kind(text, marks, parts)
    if one is None:
        return _unreported(text, layout, parts, kind, speakers)
    source = one.source
    said_by = speakers.resolve(source.start, source.end) if source else speakers.carried(parts[0].start)
    cue = Span(one.cue.start, one.cue.end)
    return Quotation(parts, kind, Attribution(cue, said_by), round(confidence(one, kind), 2))


def _unreported(
    text: str, layout: Layout, parts: tuple[Span, ...], kind: QuoteKind, speakers: Speakers
) -> Quotation | None:
    """Words between marks that no cue reports: signed, or a paragraph of who spoke before, or, if long, somebody's."""
    speaker = speakers.signed(parts[-1].end)
    if speaker is None and _alone(text, layout, parts):
        speaker = speakers.carried(parts[0].start)
    if speaker is None and _words(text, parts) < UTTERANCE:
        return None
    return Quotation(parts, kind, Attribution(None, speaker) if speaker else None, 0.4)


def _inner_first(
    text: str, found: Sequence[Quotation], marks: Marks, by_rule: Callable[[], Sequence[Quotation]]
) -> list[Quotation]:
    """ "According to a video, Putin told Xi: “…”": what stands between the marks is Putin's, not the video's."""
    inner = [
        (number, m.start)
        for number, quotation in enumerate(found)
        if quotation.kind == MIXED
        for m in marks.between(quotation.parts[0].start, quotation.parts[-1].end)
        if (m.open_at > quotation.parts[0].start and _INTRODUCES.search(text[quotation.parts[0].start : m.open_at]))
        or _REPLIED.match(text, m.close_at + 1, quotation.parts[-1].end)
    ]
    if not inner:
        return list(found)
    direct = {q.parts[0].start: q for q in by_rule()}
    replaced = list(found)
    for number, start in inner:
        outer, own = found[number], direct.get(start)
        first, last = outer.parts[0].start, outer.parts[-1].end
        speaker = own.attribution.speaker if own and own.attribution else None
        if own and speaker and first <= speaker.start and own.parts[-1].end <= last:
            replaced[number] = own
    return replaced


def _alone(text: str, layout: Layout, parts: Sequence[Span]) -> bool:
    """Has the first part its paragraph for itself?"""
    paragraph = layout.paragraphs[layout.paragraph_at(parts[0].start)]
    rest = text[paragraph.start : parts[0].start] + text[parts[0].end : paragraph.end]
    return not any(char.isalnum() for char in rest)


def _edged(text: str, marks: Marks, piece: Piece) -> Span | None:
    """A piece without what is not of its words at its ends: white space, commas, marks that are one of no pair."""
    start, end = piece.start, piece.end
    while start < end and (text[start] in _EDGE or (text[start] in _MARKS and not marks.around(start))):
        start += 1
    while start < end and (text[end - 1] in _EDGE or (text[end - 1] in _MARKS and not marks.around(end - 1))):
        if marks.around(end - 1) and text[end - 1] == ",":  # inside the marks it is of the words
            break
        end -= 1
    return Span(start, end) if any(char.isalnum() for char in text[start:end]) else None


def _kind(text: str, marks: Marks, parts: Sequence[Span]) -> QuoteKind:
    """direct: all letters stand between marks; mixed: some; indirect: none."""
    letters = sum(_letters(text, part.start, part.end) for part in parts)
    inside = sum(
        _letters(text, max(part.start, m.open_at), min(part.end, m.close_at + 1))
        for part in parts
        for m in marks.between(part.start, part.end)
    )
    return DIRECT if inside == letters else MIXED if inside else INDIRECT


def _letters(text: str, start: int, end: int) -> int:
    return sum(map(str.isalnum, text[start:end]))
