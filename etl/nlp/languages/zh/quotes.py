"""Direct quotations in Chinese by rule: 习近平表示：“…”。 “…，”李强说，“…。” 据X介绍，“…”"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.words import language_words
from etl.nlp.names.find import NameIndex
from etl.nlp.quotes.marks import MarkedSpan, chained
from etl.nlp.quotes.quotation import (
    Attribution,
    Quotation,
    Speaker,
    carried_on,
    described_or_named,
    described_speaker,
    direct_quotation,
    meant_by_pronoun,
    named_again,
    speaker_by_form,
    unresolved_speaker,
)
from etl.text import Span, word_count

_WORDS = language_words("zh")
_SAYS = _WORDS.pattern("reporting_verbs")
_CLAUSE = r"[^。！？!?；\n“”「」『』\"]"
# X表示：“ or X表示，“: the cue, what may stand behind it, and the mark. Then X称，……“, where words stand between.
_BEFORE = re.compile(rf"(?P<cue>{_SAYS})(?:道|说|說|过|過|了|着|著)?(?P<gap>[：:，,]\s*|)$")
_REPORTS = re.compile(rf"(?P<cue>{_SAYS})(?:道|说|說|过|過|了)?[，,：:]?(?P<rest>{_CLAUSE}{{1,60}})$")
_AFTER = re.compile(
    rf"\s*[，,]?\s*(?P<phrase>{_CLAUSE}{{1,60}}?)(?P<cue>{_SAYS})(?:道|着说|著說)?(?=[，。；：,.:！!\s]|$|{_CLAUSE}{{0,40}}[，。；：！])"
)
_LABEL = re.compile(rf"(?P<phrase>{_CLAUSE}{{2,24}})[：:]\s*$")
_ACCORDING = re.compile(rf"据(?P<phrase>{_CLAUSE}{{2,30}}?)(?P<cue>{_WORDS.pattern('according_to_verbs')})")
_PRONOUN = re.compile(_WORDS.pattern("pronouns"))
_EDGES = re.compile(
    rf"^(?:针对[^，]*，|(?:{_WORDS.pattern('words_before_speakers')})，?|{_WORDS.pattern('characters_before_speakers')})|"
    rf"(?:{_WORDS.pattern('words_after_speakers')}|\d+日.*|[{_WORDS.characters('prepositions_after_speakers')}].*)+$"
)
_WINDOW = 300  # characters before a mark in which its attribution stands
_CLAUSE_ENDS = re.compile(r"[。！？!?；\n][”」』\"]?|[”」』](?=[^，。])")
_FULL_STOP = re.compile(r"[。！？]")
_LONGEST_DESCRIPTION = 24  # characters
_FEWEST_ALONE = 12  # characters of an utterance that nothing reports
# Names of persons by their form, as no dictionary has them all.
_TITLE = _WORDS.pattern("titles")
_GOES_ON = _WORDS.characters("characters_after_names")
_HAN = rf"(?![{_WORDS.characters('characters_of_titles')}])[\u4e00-\u9fff]"
# A surname, and a given name: of one character if a word follows that goes on with the sentence, else of two.
_NAME = (
    rf"(?:{_WORDS.pattern('surnames')})(?:{_HAN}(?=[{_GOES_ON}]|[^\u4e00-\u9fff]|$)|"
    rf"(?!{_HAN}?(?:{_TITLE})){_HAN}(?![{_GOES_ON}]){_HAN}|{_HAN})"
)
_NAME_AFTER_TITLE = re.compile(rf"(?:{_TITLE})({_NAME})")
_NAME_BEFORE_TITLE = re.compile(rf"({_NAME})(?:{_TITLE})")
_BARE_NAME = re.compile(rf"(?:^|[，、,\s])({_NAME})(?=[{_GOES_ON}\d]|$)")
_DOTS = "·•・"
_FOREIGN_NAME = re.compile(rf"[\u4e00-\u9fff]{{1,7}}(?:[{_DOTS}][\u4e00-\u9fff]{{1,8}})+")
_TITLE_OF_FOREIGNER = re.compile(f"{_TITLE}|商人")
_AFTER_FOREIGN_NAME = re.compile(f"[{_GOES_ON}]|赛|日")


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """Return the words between marks that somebody says, in order of their place."""
    return _Finder(source).quotations()


class _Finder:
    """Finds the quotations of one text. `_known`: the speakers so far that have a name."""

    def __init__(self, source: FinderInput) -> None:
        self._text, self._layout, self._marks = source.text, source.layout, source.marks
        self._names = NameIndex(source.names)
        self._known: list[Speaker] = []

    def quotations(self) -> list[Quotation]:
        """The quotations in order of their place."""
        quotations: list[Quotation] = []
        for chain in chained(self._spans()):
            quotation = self._quotation(chain, quotations)
            if quotation is None:
                continue
            if quotations and self._goes_on(quotations[-1], chain[0]):
                quotations[-1] = replace(quotations[-1], parts=(*quotations[-1].parts, *quotation.parts))
                continue
            quotations.append(quotation)
            speaker = quotation.attribution.speaker if quotation.attribution else None
            if speaker and speaker.name:
                self._known.append(speaker)
        return quotations

    def _spans(self) -> list[MarkedSpan]:
        """The spans between marks, and the first sentence of a line behind a mark that nothing closes."""
        spans = list(self._marks.all)
        for paragraph in self._layout.paragraphs:
            at = paragraph.start
            if self._text[at] in "“「『" and not self._marks.around(at):
                end = _FULL_STOP.search(self._text, at, paragraph.end)
                if end and _AFTER.match(self._text, end.end(), paragraph.end):
                    spans.append(MarkedSpan(at + 1, end.end(), at, end.end() - 1))
        return sorted(spans, key=lambda m: m.open_at)

    def _quotation(self, chain: Sequence[MarkedSpan], before: Sequence[Quotation]) -> Quotation | None:
        parts = tuple(Span(m.start, m.end) for m in chain)
        is_utterance = self._is_utterance(chain)
        attribution = self._before(chain[0], is_utterance) or (self._after(chain[-1]) if is_utterance else None)
        characters = sum(word_count(self._text[p.start : p.end]) for p in parts)
        if attribution is None and (not is_utterance or characters < _FEWEST_ALONE):
            return None
        if attribution is None and before and self._same_paragraph(before[-1], chain[0]):
            attribution = carried_on(before[-1])
        return direct_quotation(parts, attribution)

    def _is_utterance(self, chain: Sequence[MarkedSpan]) -> bool:
        """Is it a sentence of its own, or does a comma inside the marks end it?"""
        last = self._text[chain[-1].end - 1]
        return last in "。！？!?…，," or self._text[chain[-1].close_at + 1 : chain[-1].close_at + 2] == "。"

    def _goes_on(self, last: Quotation, span: MarkedSpan) -> bool:
        """“…，”李强说，“…。”: does a mark open again behind an attribution that ends with a comma?"""
        if last.attribution is None or last.attribution.cue is None or last.attribution.cue.start < last.parts[-1].end:
            return False
        between = self._text[last.attribution.cue.end : span.open_at]
        return bool(re.fullmatch(r"(?:道|说|說|着|著)?[，,]\s*", between))

    def _same_paragraph(self, last: Quotation, span: MarkedSpan) -> bool:
        return self._layout.paragraph_at(last.parts[-1].start) == self._layout.paragraph_at(span.open_at)

    def _before(self, span: MarkedSpan, is_utterance: bool) -> Attribution | None:
        """X表示：“…”  X：“…”  X说……“…”  据X介绍，“…”"""
        start = self._clause_start(span.open_at)
        lead = self._text[start : span.open_at]
        words = self._text[span.start : span.end]
        is_clause = word_count(words) >= 6 and not re.search("[·•・]", words)
        if match := _BEFORE.search(lead):
            if not match["gap"] and is_utterance and words[-1] not in "。！？":
                return None
            if match["gap"] and match["gap"].strip() in "，," and not (is_utterance or is_clause):
                return None
            return self._attribution(start, start + match.start("cue"), start + match.end("cue"))
        if match := _LABEL.search(lead):
            speaker = self._speaker(start + match.start("phrase"), start + match.end("phrase"))
            return Attribution(None, speaker) if speaker else None
        follows = self._text[span.close_at + 1 : span.close_at + 2]
        reports = _REPORTS.search(lead)
        if reports and not is_utterance and is_clause and follows in "，。；":
            return self._attribution(start, start + reports.start("cue"), start + reports.end("cue"))
        match = _ACCORDING.search(lead)
        if match and not reports and (is_utterance or is_clause):
            return self._attribution(
                start + match.start("phrase"), start + match.start("cue"), start + match.end("cue")
            )
        return None

    def _clause_start(self, at: int) -> int:
        """Where the sentence before a mark begins. A line that ends with a colon introduces the next one."""
        paragraph = self._layout.paragraph_at(at)
        first = self._layout.paragraphs[paragraph].start
        if first == at and paragraph and self._text[self._layout.paragraphs[paragraph - 1].end - 1] in "：:":
            first = self._layout.paragraphs[paragraph - 1].start
        first = max(first, at - _WINDOW)
        ends = [m.end() for m in _CLAUSE_ENDS.finditer(self._text[first:at])]
        return first + (ends[-1] if ends and ends[-1] < at - first else 0)

    def _after(self, span: MarkedSpan) -> Attribution | None:
        """“…，”李强说。"""
        paragraph = self._layout.paragraphs[self._layout.paragraph_at(span.open_at)]
        match = _AFTER.match(self._text, span.close_at + 1, paragraph.end)
        if match is None:
            return None
        return self._attribution(match.start("phrase"), match.start("cue"), match.end("cue"))

    def _attribution(self, start: int, cue: int, cue_end: int) -> Attribution:
        return Attribution(Span(cue, cue_end), self._speaker(start, cue))

    def _speaker(self, start: int, end: int) -> Speaker | None:
        """The person named last in a phrase, else the body or post that it names."""
        linked = [n for n in self._names.between(start, end) if n.type == "PER"]
        if linked:
            return described_or_named(linked[-1])
        phrase = self._text[start:end]
        named = _persons(phrase)
        if named:
            first, last = max(named, key=lambda span: (span[1], span[0] - span[1]))
            return self._named(start + first, start + last)
        if pronoun := _PRONOUN.search(phrase):
            first, last = start + pronoun.start(), start + pronoun.end()
            known = self._known[-1] if self._known else None
            return meant_by_pronoun(known, first, last) if known else unresolved_speaker(first, last)
        return self._known_or_described(start, end)

    def _named(self, start: int, end: int) -> Speaker:
        """The speaker with this name: one who spoke before, or known by the form of the name."""
        written = self._text[start:end]
        known = next((k for k in reversed(self._known) if k.name and written in k.name), None)
        return named_again(known, start, end) if known else speaker_by_form(start, end, written)

    def _known_or_described(self, start: int, end: int) -> Speaker | None:
        """The last clause of a phrase without words at its edges that are of no speaker: somebody who spoke before, a
        name of the text, or a description. Null where it is empty or too long."""
        phrase = self._text[start:end]
        clause = re.split("[，,、：:]", phrase)[-1] or phrase
        start, end = self._without_edges(end - len(clause), end)
        written = self._text[start:end]
        if not written or len(written) > _LONGEST_DESCRIPTION:
            return None
        namesakes = (k for k in reversed(self._known) if k.name and len(written) > 1 and k.name.endswith(written))
        known = next(namesakes, None)
        if known:
            return named_again(known, start, end)
        names = self._names.between(start, end)
        same_words = next((n for n in names if n.start == start and n.end == end), None)
        return described_or_named(same_words) if same_words else described_speaker(start, end, names)

    def _without_edges(self, start: int, end: int) -> tuple[int, int]:
        """A clause without words before and behind the speaker, and without white space."""
        before = None
        while before != (start, end):
            before = (start, end)
            edge = _EDGES.search(self._text[start:end])
            if edge and edge.start() == 0 and edge.end() < end - start:
                start += edge.end()
            elif edge and edge.start() > 0:
                end = start + edge.start()
        while start < end and self._text[start].isspace():
            start += 1
        while start < end and self._text[end - 1].isspace():
            end -= 1
        return start, end


def _persons(phrase: str) -> list[tuple[int, int]]:
    """Where persons are named in a phrase (half-open), by form: a surname and a character or two beside a title
    (外交部发言人周敏慧), and foreign names with dots (约瑟夫·基马尼). Pieces of other words may be among them."""
    patterns = (_NAME_BEFORE_TITLE, _NAME_AFTER_TITLE, _BARE_NAME)
    chinese = [match.span(1) for pattern in patterns for match in pattern.finditer(phrase)]
    return chinese + [_foreign(phrase, match) for match in _FOREIGN_NAME.finditer(phrase)]


def _foreign(phrase: str, match: re.Match[str]) -> tuple[int, int]:
    """约瑟夫·基马尼 without the post and the place before it, and the words behind it."""
    dots = [match.start() + n for n, char in enumerate(match[0]) if char in _DOTS]
    first, last = match.start(), match.end()
    for title in _TITLE_OF_FOREIGNER.finditer(phrase[first : dots[0]]):
        first = match.start() + title.end()
    stop = _AFTER_FOREIGN_NAME.search(phrase, dots[-1] + 2, last)
    return first, stop.start() if stop else last
