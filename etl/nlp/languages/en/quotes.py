"""Direct quotations in English by rule: marks, a cue beside them, a speaker beside the cue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.words import language_words
from etl.nlp.quotes import confidences
from etl.nlp.quotes.marks import UTTERANCE, Marked
from etl.nlp.quotes.quotation import Attribution, Quotation, Speaker
from etl.text import Span, spaceless, word_count

_WORDS = language_words("en")
_CUE = re.compile(rf"\b(?:{_WORDS.pattern('reporting_verbs', 'according_to')})\b")
_WINDOW = 260
_ABBREVIATIONS = _WORDS.words("abbreviations")
_ABBREVIATED = "|".join(rf"(?<={abbreviation})\." for abbreviation in _ABBREVIATIONS)
_PHRASE_AFTER = re.compile(
    rf"\s*,?\s*((?:[^\s,.;:!?“”\"«»—\n]|\.(?=\S)|(?<=\b[A-Z])\.|{_ABBREVIATED}|"
    rf"\s(?!(?:{_WORDS.pattern('words_after_speakers')})\b)){{1,120}})"
)
_SENTENCE_ENDS = re.compile(r"(?<![A-Z])" + "".join(rf"(?<!\b{a})" for a in _ABBREVIATIONS) + r"[.!?。！？](?=\s|$)")
_CLAUSE = re.compile(rf"[,;:—–]|\b(?:{_WORDS.pattern('clause_words')})\b")
_RELATIVE = re.compile(rf"^\s*(?:{_WORDS.pattern('relative_words')})\b")


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """All quotations between marks that somebody says, in order of their place."""
    return _Finder(source).quotations()


class _Finder:
    """One text's quotations; what was found so far resolves surnames, pronouns and carried speakers."""

    def __init__(self, source: FinderInput) -> None:
        self._text, self._layout, self._marks = source.text, source.layout, source.marks
        self._speakers = source.speakers
        # Cues and speakers are looked for outside the marks: blanked text keeps every offset.
        masked = list(source.text)
        for span in source.marks.all:
            masked[span.start : span.end] = " " * (span.end - span.start)
        self._outside = "".join(masked)

    def quotations(self) -> list[Quotation]:
        found: list[Quotation] = []
        for group in self._groups():
            quotation = self._quotation(group, found)
            if quotation is None:
                continue
            if quotation.attribution and quotation.attribution.speaker:
                self._speakers.remember(quotation.attribution.speaker)
            found.append(quotation)
        return found

    def _groups(self) -> list[list[Marked]]:
        """Marked spans that are one quotation: split by its attribution, or over several paragraphs."""
        groups: list[list[Marked]] = []
        for chain in self._marks.chains:
            if groups and self._continues(groups[-1][-1], chain[0]):
                groups[-1] += chain
            else:
                groups.append([*chain])
        return groups

    def _continues(self, last: Marked, span: Marked) -> bool:
        between = self._text[last.close_at + 1 : span.open_at]
        if "\n" in between or len(between) > 140 or not _CUE.search(between):
            return False
        ends_open = self._text[last.end - 1] in ",—–，" or between.lstrip()[:1] in ",—–，"
        return ends_open and between.rstrip()[-1:] in ",—–，-" and self._says(last)

    def _quotation(self, group: Sequence[Marked], before: Sequence[Quotation]) -> Quotation | None:
        parts = tuple(Span(span.start, span.end) for span in group)
        attribution = self._after(group[0]) or self._before(group[0])
        if attribution is None and len(group) > 1:
            attribution = self._after(group[-1])
        words = sum(word_count(self._text[part.start : part.end]) for part in parts)
        utterance = self._says(group[0])
        if attribution is None or attribution.speaker is None:
            carried = self._carried(group[0], before)
            if carried:
                attribution = replace(carried, cue=attribution.cue if attribution else carried.cue)
                return Quotation(parts, "direct", attribution, confidences.DIRECT_CONTINUED)
            if not utterance or (attribution is None and words < UTTERANCE):
                return None
            return Quotation(parts, "direct", attribution, confidences.DIRECT_WITHOUT_SPEAKER)
        sure = round(confidences.SHARE_OF_SPEAKER * attribution.speaker.confidence, 2)
        return Quotation(parts, "direct", attribution, sure)

    def _says(self, span: Marked) -> bool:
        """Does it stand for a whole utterance: a capital first letter after a comma, a colon or nothing?"""
        first = next((c for c in self._text[span.start : span.end] if c.isalpha()), "")
        before = self._text[max(0, span.open_at - 2) : span.open_at].rstrip()
        introduced = not before or before[-1] in ',:，：.!?。»”"\n—–('
        return introduced and (first.isupper() or spaceless(first) or before[-1:] in ":：")

    def _sentence_start(self, span: Marked) -> int:
        """Where the words before the mark begin: the sentence's start, or the end of the quotation before it."""
        at = self._layout.sentences[self._layout.sentence_at(span.open_at)].start
        before = self._marks.before(span.open_at)
        previous = before.close_at + 1 if before else 0
        paragraph = self._layout.paragraphs[self._layout.paragraph_at(span.open_at)].start
        if at >= span.open_at:
            return at
        return max(
            min(at, span.open_at),
            paragraph,
            previous if self._ends_sentence(previous, at) else 0,
            span.open_at - _WINDOW,
        )

    def _ends_sentence(self, previous: int, sentence: int) -> bool:
        return previous > sentence and self._text[previous - 2 : previous - 1] in (".", "!", "?", "。", "！", "？")

    def _after(self, span: Marked) -> Attribution | None:
        """“…,” said X.  “…,” X said.  «…», — сказал X."""
        start = min(span.close_at + 1, len(self._text))
        paragraph = self._layout.paragraphs[self._layout.paragraph_at(span.open_at)]
        following = self._marks.after(span.close_at)
        stop = min(paragraph.end, start + _WINDOW, following.open_at if following else paragraph.end)
        if end := _SENTENCE_ENDS.search(self._outside[start:stop]):
            stop = start + end.start()
        if not re.match(r"\s*[,，]?\s*[—–-]?\s*[\w(]", self._outside[start:stop]) or not self._ends_clause(span):
            return None
        for cue in _CUE.finditer(self._outside, start, stop):
            at = Span(cue.start(), cue.end())
            lead = self._outside[start : cue.start()].strip(" ,，—–-")
            if not lead:
                phrase = _PHRASE_AFTER.match(self._outside, cue.end(), stop)
                speaker = self._speakers.find(phrase.start(1), phrase.end(1)) if phrase else None
            else:
                speaker = self._speakers.find(start, cue.start()) if len(lead) < 90 else None
            if speaker or not lead:
                return Attribution(at, speaker)
            break
        return None

    def _ends_clause(self, span: Marked) -> bool:
        """A comma or an end stands at the closing mark: the words after it can be an attribution."""
        inside = self._text[span.end - 1]
        outside = self._text[span.close_at + 1 : span.close_at + 3].lstrip()[:1]
        return inside in ",!?…，！？—–" or outside in tuple(",—–，")

    def _before(self, span: Marked) -> Attribution | None:
        """X said: “…”.  X said that the “…”.  According to X, “…”."""
        start = self._sentence_start(span)
        cues = list(_CUE.finditer(self._outside, start, span.open_at))
        for cue in reversed(cues):
            at = Span(cue.start(), cue.end())
            if cue[0].lower() == "according to":
                phrase = _PHRASE_AFTER.match(self._outside, cue.end(), span.open_at)
                speaker = self._speakers.find(phrase.start(1), phrase.end(1)) if phrase else None
            else:
                speaker = self._subject(start, cue.start())
            if speaker:
                return Attribution(at, speaker)
        return Attribution(Span(cues[-1].start(), cues[-1].end()), None) if cues else None

    def _subject(self, start: int, cue: int) -> Speaker | None:
        """The subject of a cue: the clause just before it, or, after a relative clause, the sentence's first."""
        breaks = [match.end() for match in _CLAUSE.finditer(self._outside, start, cue)]
        last = breaks[-1] if breaks else start
        if self._outside[last:cue].strip() and not _RELATIVE.match(self._outside[last:cue]):
            return self._speakers.find(last, cue)
        return self._speakers.find(start, breaks[0] - 1) if breaks else None

    def _carried(self, span: Marked, before: Sequence[Quotation]) -> Attribution | None:
        """The speaker goes on: a quotation right after another's attribution, or a paragraph that is all quotation."""
        last = before[-1].attribution if before else None
        if last is None or last.speaker is None:
            return None
        here = self._layout.paragraph_at(span.open_at)
        there = self._layout.paragraph_at(before[-1].parts[-1].start)
        paragraph = self._layout.paragraphs[here]
        whole = not self._outside[paragraph.start : paragraph.end].strip(' “”"«»„「」.,')
        if (here == there and self._says(span)) or (whole and here - there == 1):
            return Attribution(last.cue, replace(last.speaker, method="carried", confidence=confidences.CARRIED))
        return None
