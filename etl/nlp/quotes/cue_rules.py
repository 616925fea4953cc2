"""Direct quotations by rule: a cue ("said", "according to") is next to the marks, and the speaker next to the cue.

Each language supplies its patterns, and functions that find the speaker in the phrase beside a cue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from etl.nlp.quotes import confidences
from etl.nlp.quotes.marks import UTTERANCE, MarkedSpan, Marks
from etl.nlp.quotes.quotation import CARRIED, DIRECT, Attribution, Quotation, Speaker
from etl.text import Layout, Span, spaceless, word_count

_WINDOW = 260  # characters on each side of the marks in which their attribution stands
_LONGEST_SPEAKER = 90  # characters between a closing mark and a cue
_FEWEST_LABELLED_WORDS = 3
_LONGEST_GAP = 140  # characters of an attribution between two parts of one quotation
_COMMAS_AND_DASHES = ",—–，"
_COLON = re.compile(r"\s*:\s")
_ATTRIBUTION_FOLLOWS = re.compile(r"\s*[,，]?\s*[—–-]?\s*[\w(]")


@dataclass(frozen=True)
class CuePatterns:
    """What the rules know of a language.

    - `cue`: a verb of saying, or words that the speaker always follows; the latter are in `according_to`, in small
      letters.
    - `sentence_ends`: a full stop or another end, not that of an abbreviation.
    - `gap`: fits the attribution between two parts of one quotation, white space at its end taken off.
    - `summary`: what begins a sentence behind the quotation that names the speaker ("Así lo dijo"); null if the
      language has none.
    - `least_fragment_words`: the fewest words between marks in the middle of a sentence ("dijo que «no hubo ningún
      acuerdo»") that are a quotation; fewer are a title or a term, unless they begin small. 0: any number may be a
      quotation.
    - `labels`: whether a name and a colon attribute a quotation.
    - `colon_lines`: whether a line that ends with a colon introduces the quotation with which the next one begins.
    """

    cue: re.Pattern[str]
    according_to: frozenset[str]
    sentence_ends: re.Pattern[str]
    gap: re.Pattern[str]
    summary: re.Pattern[str] | None = None
    least_fragment_words: int = 0
    labels: bool = False
    colon_lines: bool = False


class PhraseReader(Protocol):
    """Finds the speaker in a phrase of a text, given by its start and end. It remembers who spoke, for surnames and
    pronouns."""

    def behind_cue(self, start: int, end: int, /) -> Speaker | None:
        """“…,” said X. The phrase begins behind the cue."""

    def before_cue(self, start: int, end: int, /) -> Speaker | None:
        """“…,” X said. The phrase stands between the mark and the cue."""

    def subject(self, start: int, cue: Span, end: int, /) -> Speaker | None:
        """X said: “…”. The phrase is the sentence up to the mark; `cue` stands in it."""

    def label(self, start: int, end: int, /) -> Speaker | None:
        """X: “…”.  “…”: X. The phrase is what stands on the other side of the colon."""

    def remember(self, speaker: Speaker, /) -> None:
        """Remember who spoke last."""


def outside_marks(text: str, marks: Marks) -> str:
    """Return the text with blanks in place of what stands between marks. Every offset stays."""
    characters = list(text)
    for span in marks.all:
        characters[span.start : span.end] = " " * (span.end - span.start)
    return "".join(characters)


class CueFinder:
    """The direct quotations of one text. Quotations found earlier resolve surnames, pronouns and carried speakers."""

    def __init__(
        self,
        text: str,
        layout: Layout,
        marks: Marks,
        patterns: CuePatterns,
        reader: PhraseReader,
        second_parts: frozenset[int] = frozenset(),
    ) -> None:
        """`second_parts`: where spans begin that are known to go on with the one before, by their opening mark."""
        self._text, self._layout, self._marks, self._second_parts = text, layout, marks, second_parts
        self._patterns, self._reader = patterns, reader
        self._outside = outside_marks(text, marks)

    def quotations(self) -> list[Quotation]:
        """Return the words between marks that somebody says, in order of their place."""
        quotations: list[Quotation] = []
        for group in self._groups():
            quotation = self._quotation(group, quotations)
            if quotation is None:
                continue
            if quotation.attribution and quotation.attribution.speaker:
                self._reader.remember(quotation.attribution.speaker)
            quotations.append(quotation)
        return quotations

    def _groups(self) -> list[list[MarkedSpan]]:
        """Marked spans that are one quotation: split by its attribution, or over several paragraphs."""
        groups: list[list[MarkedSpan]] = []
        for chain in self._marks.chains:
            if groups and self._continues(groups[-1][-1], chain[0]):
                groups[-1] += chain
            else:
                groups.append([*chain])
        return groups

    def _continues(self, last: MarkedSpan, span: MarkedSpan) -> bool:
        """Does a span go on with the quotation of the one before, behind an attribution between the two?"""
        if span.open_at in self._second_parts:
            return True
        between = self._text[last.close_at + 1 : span.open_at]
        if "\n" in between or len(between) > _LONGEST_GAP or not self._patterns.cue.search(between):
            return False
        ends_open = self._text[last.end - 1] in _COMMAS_AND_DASHES or between.lstrip()[:1] in _COMMAS_AND_DASHES
        return ends_open and bool(self._patterns.gap.search(between.rstrip())) and self._is_utterance(last)

    def _quotation(self, group: Sequence[MarkedSpan], before: Sequence[Quotation]) -> Quotation | None:
        parts = tuple(Span(span.start, span.end) for span in group)
        attribution = self._after(group[0]) or self._before(group[0])
        if attribution is None and len(group) > 1:
            attribution = self._after(group[-1])
        if attribution and attribution.speaker:
            sure = round(confidences.SHARE_OF_SPEAKER * attribution.speaker.confidence, 2)
            return Quotation(parts, DIRECT, attribution, sure)
        carried = self._carried(group[0], before)
        if carried:
            attribution = replace(carried, cue=attribution.cue if attribution else carried.cue)
            return Quotation(parts, DIRECT, attribution, confidences.DIRECT_CONTINUED)
        words = sum(word_count(self._text[part.start : part.end]) for part in parts)
        if not self._is_utterance(group[0]) or (attribution is None and words < UTTERANCE):
            return None
        return Quotation(parts, DIRECT, attribution, confidences.DIRECT_WITHOUT_SPEAKER)

    def _is_utterance(self, span: MarkedSpan) -> bool:
        """Does it stand for a whole utterance: a capital first letter after a comma, a colon or nothing?"""
        first = next((c for c in self._text[span.start : span.end] if c.isalpha()), "")
        before = self._text[max(0, span.open_at - 2) : span.open_at].rstrip()
        introduced = not before or before[-1] in ',:，：.!?。»”"\n—–('
        return introduced and (first.isupper() or spaceless(first) or before[-1:] in ":：")

    # -- behind the marks ----------------------------------------------------------------------------------------------

    def _after(self, span: MarkedSpan) -> Attribution | None:
        """“…,” said X.  “…,” X said.  «…», — сказал X."""
        start = min(span.close_at + 1, len(self._text))
        paragraph = self._layout.paragraphs[self._layout.paragraph_at(span.open_at)]
        following = self._marks.after(span.close_at)
        stop = min(paragraph.end, start + _WINDOW, following.open_at if following else paragraph.end)
        if self._patterns.labels and (label := _COLON.match(self._outside, start, stop)):
            speaker = self._reader.label(label.end(), stop)
            return Attribution(None, speaker) if speaker else None
        summary = self._summary_end(start, stop)
        if summary is not None:
            start = summary
        if end := self._patterns.sentence_ends.search(self._outside[start:stop]):
            stop = start + end.start()
        if summary is None and not (_ATTRIBUTION_FOLLOWS.match(self._outside[start:stop]) and self._ends_clause(span)):
            return None
        cue = self._patterns.cue.search(self._outside, start, stop)
        if cue is None:
            return None
        lead = self._outside[start : cue.start()].strip(" ,，—–-")
        has_fragments = bool(self._patterns.least_fragment_words)
        if has_fragments and not self._is_utterance(span) and (lead or not self._is_fragment(span)):
            return None
        if not lead:
            return Attribution(Span(*cue.span()), self._reader.behind_cue(cue.end(), stop))
        speaker = self._reader.before_cue(start, cue.start()) if len(lead) < _LONGEST_SPEAKER else None
        return Attribution(Span(*cue.span()), speaker) if speaker else None

    def _summary_end(self, start: int, stop: int) -> int | None:
        """Where the cue begins in a sentence behind the marks that names the speaker ("Así lo dijo"); null where none
        does."""
        summary = self._patterns.summary and self._patterns.summary.match(self._outside, start, stop)
        return summary.end() if summary and self._patterns.cue.match(self._outside, summary.end(), stop) else None

    def _ends_clause(self, span: MarkedSpan) -> bool:
        """Does a comma or an end stand at the closing mark, so that the words after it can be an attribution?"""
        inside = self._text[span.end - 1]
        outside = self._text[span.close_at + 1 : span.close_at + 3].lstrip()[:1]
        return inside in ",!?…，！？—–" or outside in tuple(_COMMAS_AND_DASHES)

    # -- before the marks ----------------------------------------------------------------------------------------------

    def _before(self, span: MarkedSpan) -> Attribution | None:
        """X said: “…”.  X said that the “…”.  According to X, “…”."""
        start = self._sentence_start(span)
        cues = list(self._patterns.cue.finditer(self._outside, start, span.open_at))
        if not cues:
            return self._labelled(start, span)
        if not self._may_be_reported(cues[-1].end(), span):
            return None
        for cue in reversed(cues):
            if cue[0].lower() in self._patterns.according_to:
                speaker = self._reader.behind_cue(cue.end(), span.open_at)
            else:
                speaker = self._reader.subject(start, Span(*cue.span()), span.open_at)
            if speaker:
                return Attribution(Span(*cue.span()), speaker)
        return Attribution(Span(*cues[-1].span()), None)

    def _labelled(self, start: int, span: MarkedSpan) -> Attribution | None:
        """X: “…”."""
        lead = self._outside[start : span.open_at].rstrip()
        if not self._patterns.labels or not lead.endswith(":") or self._word_count(span) < _FEWEST_LABELLED_WORDS:
            return None
        speaker = self._reader.label(start, start + len(lead) - 1)
        return Attribution(None, speaker) if speaker else None

    def _may_be_reported(self, cue_end: int, span: MarkedSpan) -> bool:
        """Can the words be what the cue before them reports? Behind a colon or the cue itself they can; in the middle
        of a sentence, only if they are enough and go on with it."""
        between = self._outside[cue_end : span.open_at].rstrip()
        if not self._patterns.least_fragment_words or not between or between.endswith(":"):
            return True
        is_behind_conjunction = " " not in between.strip()
        if is_behind_conjunction:
            return self._is_fragment(span)
        goes_on = self._text[span.start].islower() or not between[-1].isalnum()
        return goes_on and self._word_count(span) >= self._patterns.least_fragment_words

    def _is_fragment(self, span: MarkedSpan) -> bool:
        """Are there enough words for a part of a sentence? Fewer are enough if they begin small, unlike titles."""
        words = self._word_count(span)
        begins_small = self._text[span.start].islower()
        return words >= self._patterns.least_fragment_words or (begins_small and words > 1)

    def _word_count(self, span: MarkedSpan) -> int:
        return word_count(self._text[span.start : span.end])

    def _sentence_start(self, span: MarkedSpan) -> int:
        """Where the words before the mark begin: the sentence's start, or the end of the quotation before it."""
        at = self._layout.sentences[self._layout.sentence_at(span.open_at)].start
        before = self._marks.before(span.open_at)
        previous = before.close_at + 1 if before else 0
        number = self._layout.paragraph_at(span.open_at)
        if at >= span.open_at:
            return self._colon_line(number, at) if self._patterns.colon_lines else at
        return max(
            min(at, span.open_at),
            self._layout.paragraphs[number].start,
            previous if self._ends_sentence(previous, at) else 0,
            span.open_at - _WINDOW,
        )

    def _colon_line(self, paragraph: int, at: int) -> int:
        """Where the last sentence of the paragraph before begins, if a colon ends it; else `at`."""
        if not paragraph or at > self._layout.paragraphs[paragraph].start:
            return at
        last = self._layout.paragraphs[paragraph - 1].end - 1
        return self._layout.sentences[self._layout.sentence_at(last)].start if self._text[last] == ":" else at

    def _ends_sentence(self, previous: int, sentence: int) -> bool:
        return previous > sentence and self._text[previous - 2 : previous - 1] in (".", "!", "?", "。", "！", "？")

    # -- without a speaker of its own ----------------------------------------------------------------------------------

    def _carried(self, span: MarkedSpan, before: Sequence[Quotation]) -> Attribution | None:
        """The speaker goes on: a quotation right after another's attribution, or a paragraph that is all quotation."""
        last = before[-1].attribution if before else None
        if last is None or last.speaker is None:
            return None
        number = self._layout.paragraph_at(span.open_at)
        last_number = self._layout.paragraph_at(before[-1].parts[-1].start)
        paragraph = self._layout.paragraphs[number]
        is_all_quotation = not self._outside[paragraph.start : paragraph.end].strip(' “”"«»„「」.,')
        same_paragraph = number == last_number and self._is_utterance(span)
        if same_paragraph or (is_all_quotation and number - last_number == 1):
            return Attribution(last.cue, replace(last.speaker, method=CARRIED, confidence=confidences.CARRIED))
        return None
