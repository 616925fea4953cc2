"""Spans of Spanish texts that may be quotations.

They stand between marks, after a dash, or after an opening mark that is never closed. An attribution may stand inside a
span («…, dijo X, …»): then the span is cut in two.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from etl.nlp.languages.es.cues import CLAUSE_WORDS, FINITE_FORM, PATTERNS, REPORTING_VERB, WORDS
from etl.nlp.languages.es.phrases import Phrases
from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.quotes.marks import MarkedSpan
from etl.text import Span

_OPENING_DASH = re.compile(r"\s*[—–]\s*(?=\w)")
_CLOSING_DASH = re.compile(r"[—–]\s*[.,;:]?\s*")
_END_OF_CLAUSE = re.compile(r"[,!?…]\s+(?=\w)")
_COMMA = re.compile(r",\s+")
_COMMA_AND_DASH = re.compile(r"\s*,?\s*[—–]?\s*")
_DASH_BEGINS = re.compile(r"[—–]\s?(?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_DASH_BEHIND_COLON = re.compile(r":\s*[—–](?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_MARK_BEGINS = re.compile(r"(?<!\w)[«“\"](?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_CLOSING_MARK = re.compile(r"[»”\"]")
_INSCRIPTION_BEFORE = re.compile(rf"\b(?:{WORDS.pattern('inscriptions')})\b[^.:;«»“”\"]{{0,60}}:?\s*$", re.IGNORECASE)
_LONGEST = 200  # characters of an attribution inside a quotation
_RESUMES = WORDS.word_set("words_that_resume")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class _InnerAttribution:
    """An attribution inside a quotation. The first part of the quotation ends at `start`; the second begins at
    `resume`, null where there is none."""

    start: int
    resume: int | None


class Spans:
    """The spans of a text that may be quotations (`all`): those between marks, paragraphs behind a dash or behind a
    mark that nothing closes, and paragraphs that begin with a closing mark. An attribution inside one of them cuts it
    in two. `second_parts`: the opening marks of spans that go on with the one before."""

    def __init__(self, source: FinderInput) -> None:
        self._text, self._layout, self._marks = source.text, source.layout, source.marks
        self._reader = Phrases(source.text, source.text, source.names)
        self.second_parts: set[int] = set()
        added = [*self._reopened(), *self._unpaired()]
        starts, ends = sorted(span.open_at for span in added), sorted(span.close_at for span in added)
        kept = [m for m in self._marks.all if bisect_right(starts, m.open_at) == bisect_left(ends, m.open_at)]
        spans = [*(part for m in kept if not self._is_inscription(m) for part in self._cut(m)), *added]
        self.all = sorted(spans, key=lambda span: span.open_at)

    def _reopened(self) -> Iterator[MarkedSpan]:
        """A speech of several paragraphs, each but the first behind a closing mark: «…  »…  »…»."""
        text, paragraphs = self._text, self._layout.paragraphs
        for number, paragraph in enumerate(paragraphs[:-1]):
            open_at = text.rfind("«", paragraph.start, paragraph.end)
            if open_at < 0 or text.find("»", open_at, paragraph.end) >= 0 or text[paragraphs[number + 1].start] != "»":
                continue
            yield MarkedSpan(open_at + 1, paragraph.end, open_at, paragraph.end, closed=False)
            for following in paragraphs[number + 1 :]:
                if text[following.start] != "»" or following.end - following.start < 2:
                    break
                close_at = text.find("»", following.start + 1, following.end)
                if close_at >= 0:
                    yield MarkedSpan(following.start + 1, close_at, following.start, close_at)
                    break
                yield MarkedSpan(following.start + 1, following.end, following.start, following.end, closed=False)

    def _unpaired(self) -> Iterator[MarkedSpan]:
        """Words behind a dash, and behind a mark that nothing closes, if there is an attribution."""
        for number, paragraph in enumerate(self._layout.paragraphs):
            at = paragraph.start
            if dash := _DASH_BEGINS.match(self._text, at):
                yield from self._behind_dash(number, dash.end())
                continue
            if (mark := self._opening_mark(paragraph)) is not None:
                yield from self._behind_mark(mark, paragraph)
                continue
            dash = _DASH_BEHIND_COLON.search(self._text, at, paragraph.end)
            if dash and self._introduces(dash.start()) and not self._marks.around(dash.start()):
                yield MarkedSpan(dash.end(), paragraph.end, dash.end() - 1, paragraph.end - 1)

    def _behind_dash(self, number: int, start: int) -> Iterator[MarkedSpan]:
        """A paragraph behind a dash, if it has an attribution inside, or a line before that introduces it."""
        paragraph = self._layout.paragraphs[number]
        is_list = self._text[start - 1].isspace()  # "— Sábado: de 10 a 20 horas"
        inside = self._between_dashes(start, paragraph.end)
        inside = inside or (None if is_list else self._between_commas(start, paragraph.end))
        span = MarkedSpan(start, paragraph.end, paragraph.start, paragraph.end - 1)
        if inside:
            yield from self._parts(span, inside)
        elif number and not is_list and self._introduces(self._layout.paragraphs[number - 1].end - 1):
            yield span

    def _opening_mark(self, paragraph: Span) -> int | None:
        """The first mark of a paragraph that opens before a capital and that nothing closes."""
        marks = (match.start() for match in _MARK_BEGINS.finditer(self._text, paragraph.start, paragraph.end))
        return next((at for at in marks if not self._marks.around(at)), None)

    def _behind_mark(self, at: int, paragraph: Span) -> Iterator[MarkedSpan]:
        """Words behind a mark that nothing closes: up to a closing mark of another kind with an attribution behind it,
        or up to an attribution between commas or dashes."""
        following = self._marks.after(at)
        end = min(paragraph.end, following.open_at) if following else paragraph.end
        closing_marks = _CLOSING_MARK.finditer(self._text, at + 1, end)
        close = next((mark for mark in closing_marks if self._is_attributed_behind(mark.end())), None)
        if close:
            yield MarkedSpan(at + 1, close.start(), at, close.start())
        elif inside := self._attribution(at + 1, end):
            yield from self._parts(MarkedSpan(at + 1, end, at, end - 1), inside)

    def _introduces(self, colon: int) -> bool:
        """Is there a colon at a place, and a verb of saying before it in its sentence?"""
        sentence = self._layout.sentences[self._layout.sentence_at(colon)]
        return self._text[colon] == ":" and bool(REPORTING_VERB.search(self._text, sentence.start, colon))

    def _is_inscription(self, span: MarkedSpan) -> bool:
        """Is it the text of a sign, or a motto?"""
        start = max(0, span.open_at - 80)
        return bool(_INSCRIPTION_BEFORE.search(self._text[start : span.open_at]))

    def _cut(self, span: MarkedSpan) -> Iterator[MarkedSpan]:
        """A span between marks, cut by an attribution inside if none stands before or behind it."""
        inside = None
        sentence = self._layout.sentences[self._layout.sentence_at(span.open_at)]
        before = self._marks.before(span.open_at)
        start = max(sentence.start, span.open_at - _LONGEST, before.close_at if before else 0)
        attributed_before = PATTERNS.cue.search(self._text, start, span.open_at)
        attributed = attributed_before or (span.closed and self._is_attributed_behind(span.close_at + 1))
        if not attributed:
            inside = self._attribution(span.start, span.end)
        return self._parts(span, inside) if inside else iter([span])

    def _is_attributed_behind(self, at: int) -> bool:
        """Does an attribution begin at a place behind a closing mark?"""
        gap = _COMMA_AND_DASH.match(self._text, at)
        return bool(gap and PATTERNS.cue.match(self._text, gap.end()))

    def _parts(self, span: MarkedSpan, inside: _InnerAttribution) -> Iterator[MarkedSpan]:
        """The parts of a span before and behind an attribution inside."""
        yield MarkedSpan(span.start, inside.start, span.open_at, inside.start - 1)
        if inside.resume is not None and inside.resume < span.end:
            self.second_parts.add(inside.resume - 1)
            yield MarkedSpan(inside.resume, span.end, inside.resume - 1, span.close_at, span.closed)

    def _attribution(self, start: int, end: int) -> _InnerAttribution | None:
        """The first attribution between two dashes or commas."""
        return self._between_dashes(start, end) or self._between_commas(start, end)

    def _between_dashes(self, start: int, end: int) -> _InnerAttribution | None:
        """ "… —dijo X—. …" """
        for dash in _OPENING_DASH.finditer(self._text, start + 1, end):
            if not REPORTING_VERB.match(self._text, dash.end(), end):
                continue
            part_end = dash.start() - (self._text[dash.start() - 1] in ",.")
            close = _CLOSING_DASH.search(self._text, dash.end(), min(end, dash.end() + _LONGEST))
            return _InnerAttribution(part_end, close.end() if close else None)
        return None

    def _between_commas(self, start: int, end: int) -> _InnerAttribution | None:
        """ "…, dijo X, …" """
        for comma in _END_OF_CLAUSE.finditer(self._text, start + 1, end):
            verb = REPORTING_VERB.match(self._text, comma.end(), end)
            if verb is None:
                continue
            part_end = comma.start() + (self._text[comma.start()] != ",")
            stop = min(end, verb.end() + _LONGEST)
            if sentence_end := PATTERNS.sentence_ends.search(self._text, verb.end(), stop):
                stop = sentence_end.start()
            behind = self._text[verb.end() : stop].lstrip()
            speaker = self._reader.behind_cue(verb.end(), stop)
            if speaker is None and behind[:1] not in ("", ","):
                continue
            return _InnerAttribution(part_end, self._resume(speaker.end if speaker else verb.end(), stop, end))
        return None

    def _resume(self, at: int, stop: int, end: int) -> int | None:
        """Where the quotation goes on behind the speaker, who ends at `at`: behind a comma with a clause of its own, or
        in the next sentence. The sentence of the attribution ends at `stop`, the quotation at `end`."""
        commas = [match.end() for match in _COMMA.finditer(self._text, at, stop)]
        for begin, following in pairwise([*commas, stop]):
            words = [word.lower() for word in _WORD.findall(self._text, begin, following)]
            is_relative = bool(words) and words[0] in CLAUSE_WORDS
            if not is_relative and any(word in _RESUMES or FINITE_FORM.fullmatch(word) for word in words):
                return begin
        behind = _WORD.search(self._text, stop, end)
        if behind is None or self._text[stop] not in ".!?":
            return None
        begin = behind.start()
        while self._text[begin - 1] in "¿¡":
            begin -= 1
        return begin
