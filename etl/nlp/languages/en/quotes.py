"""Direct quotations in English by rule: marks, a cue beside them, a speaker beside the cue.

These rules are also used for languages that have none of their own.
"""

from __future__ import annotations

import re

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.words import language_words
from etl.nlp.quotes.cue_rules import CueFinder, CuePatterns, outside_marks
from etl.nlp.quotes.quotation import Quotation, Speaker
from etl.text import Span

_WORDS = language_words("en")
_ABBREVIATIONS = _WORDS.words("abbreviated_addresses", "abbreviated_titles")
_ABBREVIATED = "|".join(rf"(?<={abbreviation})\." for abbreviation in _ABBREVIATIONS)
_PATTERNS = CuePatterns(
    cue=re.compile(rf"\b(?:{_WORDS.pattern('reporting_verbs', 'according_to')})\b"),
    according_to=frozenset({"according to"}),
    sentence_ends=re.compile(
        r"(?<![A-Z])" + "".join(rf"(?<!\b{abbreviation})" for abbreviation in _ABBREVIATIONS) + r"[.!?。！？](?=\s|$)"
    ),
    gap=re.compile(r"[,—–，-]$"),
)
_PHRASE_BEHIND_CUE = re.compile(
    rf"\s*,?\s*((?:[^\s,.;:!?“”\"«»—\n]|\.(?=\S)|(?<=\b[A-Z])\.|{_ABBREVIATED}|"
    rf"\s(?!(?:{_WORDS.pattern('words_after_speakers')})\b)){{1,120}})"
)
_CLAUSE_BREAK = re.compile(rf"[,;:—–]|\b(?:{_WORDS.pattern('clause_words')})\b")
_RELATIVE_CLAUSE = re.compile(rf"^\s*(?:{_WORDS.pattern('relative_words')})\b")


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """Return all passages in quotation marks that somebody says, in text order."""
    return CueFinder(source.text, source.layout, source.marks, _PATTERNS, _Phrases(source)).quotations()


class _Phrases:
    """Finds the part of a phrase in which the speaker stands; `Speakers` resolves it."""

    def __init__(self, source: FinderInput) -> None:
        self._outside, self._speakers = outside_marks(source.text, source.marks), source.speakers

    def behind_cue(self, start: int, end: int) -> Speaker | None:
        phrase = _PHRASE_BEHIND_CUE.match(self._outside, start, end)
        return self._speakers.find(*phrase.span(1)) if phrase else None

    def before_cue(self, start: int, end: int) -> Speaker | None:
        return self._speakers.find(start, end)

    def subject(self, start: int, cue: Span, _end: int) -> Speaker | None:
        """The clause just before the cue, or, after a relative clause, the sentence's first."""
        end = cue.start
        breaks = [match.end() for match in _CLAUSE_BREAK.finditer(self._outside, start, end)]
        last = breaks[-1] if breaks else start
        if self._outside[last:end].strip() and not _RELATIVE_CLAUSE.match(self._outside[last:end]):
            return self._speakers.find(last, end)
        return self._speakers.find(start, breaks[0] - 1) if breaks else None

    def label(self, _start: int, _end: int) -> Speaker | None:
        """None: the English rules take no name and colon for an attribution."""
        return None

    def remember(self, speaker: Speaker) -> None:
        self._speakers.remember(speaker)
