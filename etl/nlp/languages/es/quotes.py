"""Direct quotations in Spanish by rule: «…», dijo X. X dijo: «…». «…», según X. —…—dijo X—. …

The attribution may also stand inside the marks («…, dijo X, …»), and a paragraph may begin with a dash or a quotation
mark that is never closed. These are cut into spans first; then the rules of cue_rules.py treat them like any other
span.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.words import language_words, prefix_pattern
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.quotes.cue_rules import CueFinder, CuePatterns, outside_marks
from etl.nlp.quotes.marks import MarkedSpan, Marks
from etl.nlp.quotes.quotation import (
    Quotation,
    Speaker,
    described_or_named,
    described_speaker,
    meant_by_pronoun,
    named_again,
    speaker_by_form,
    unresolved_speaker,
)
from etl.nlp.vocabulary.shared_words import given_names
from etl.text import Span

_WORDS = language_words("es")


def _regular_forms(infinitive: str) -> list[str]:
    """The third persons of a regular verb, its gerund, and last its participle."""
    stem, is_first = infinitive[:-2], infinitive.endswith("ar")
    endings = "a an ó aron aba aban ando ado" if is_first else "e en ió ieron ía ían iendo ido"
    return [stem + ending for ending in endings.split()]


_VERBS = {infinitive: _regular_forms(infinitive) for infinitive in _WORDS.words("regular_reporting_verbs")}
_VERBS.update((infinitive, list(forms)) for infinitive, forms in _WORDS.table("irregular_reporting_verbs").items())
_FINITE = prefix_pattern(form for forms in _VERBS.values() for form in forms[:-1])
_PARTICIPLE = prefix_pattern(forms[-1] for forms in _VERBS.values())
_VERB = (
    rf"(?:(?:{_WORDS.pattern('clitics')})\s+){{0,2}}(?:{_FINITE}|"
    rf"(?:{_WORDS.pattern('auxiliaries')})\s+(?:\w+mente\s+)?{_PARTICIPLE}|"
    rf"(?:{_WORDS.pattern('verbs_before_infinitives')})\s+{prefix_pattern(_VERBS)}(?:le|les|lo|se)?|"
    rf"{_WORDS.pattern('verb_phrases')})"
)
# A form behind one of these words is a noun: "la denuncia".
_NO_NOUN = "".join(rf"(?<!\b{word}\s)" for word in _WORDS.words("words_before_nouns"))
_SENTENCE_END = (
    r"(?<![A-ZÁÉÍÓÚÑ])" + "".join(rf"(?<!\b{word})" for word in _WORDS.words("abbreviations")) + r"[.!?](?=\s|$)"
)
_CUE = (
    rf"(?:(?:(?:{_WORDS.pattern('as_words')})\s+)?{_VERB}|{prefix_pattern(_WORDS.words('according_to'))}|(?-i:Para))\b"
)
_PATTERNS = CuePatterns(
    # Few words are cues: they are looked for first, then what stands before them.
    cue=re.compile(rf"\b(?=({_CUE})){_NO_NOUN}\1", re.IGNORECASE),
    according_to=_WORDS.word_set("according_to") | {"para"},
    sentence_ends=re.compile(_SENTENCE_END),
    gap=re.compile(rf"^(?:(?!{_SENTENCE_END}).)*(?:[,—–-]|[—–][.,;:])$"),
    summary=re.compile(
        rf"\s*\.?\s*(?:(?:{_WORDS.pattern('summaries')})\s+(?:la\s+)?|(?=lo\s|son palabras de))", re.IGNORECASE
    ),
    least_fragment_words=4,
    labels=True,
    colon_lines=True,
)
_REPORTING_VERB = re.compile(rf"{_VERB}\b", re.IGNORECASE)
_THAT = re.compile(r"\s+que\b")
_OPENING_DASH = re.compile(r"\s*[—–]\s*(?=\w)")
_CLOSING_DASH = re.compile(r"[—–]\s*[.,;:]?\s*")
_END_OF_CLAUSE = re.compile(r"[,!?…]\s+(?=\w)")
_COMMA = re.compile(r",\s+")
_COMMA_AND_DASH = re.compile(r"\s*,?\s*[—–]?\s*")
_DASH_BEGINS = re.compile(r"[—–]\s?(?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_DASH_BEHIND_COLON = re.compile(r":\s*[—–](?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_MARK_BEGINS = re.compile(r"(?<!\w)[«“\"](?=[¿¡]?[A-ZÀ-ÞŠŽ])")
_CLOSING_MARK = re.compile(r"[»”\"]")
_INSCRIPTION_BEFORE = re.compile(rf"\b(?:{_WORDS.pattern('inscriptions')})\b[^.:;«»“”\"]{{0,60}}:?\s*$", re.IGNORECASE)
_LONGEST = 200  # characters of an attribution inside a quotation
_RESUMES = _WORDS.word_set("words_that_resume")
_WORD = re.compile(r"\w+")
_WRITTEN_WORD = re.compile(r"\S+")
_CAPITALISED = r"[A-ZÀ-ÞŁŚŻŽŠČĐ](?:[\w’'-]+|\.)"
_NAME = re.compile(rf"\b{_CAPITALISED}(?:\s+(?:(?:{_WORDS.pattern('particles_of_names')})\s+)?{_CAPITALISED}){{0,5}}")
_BEHIND_CAPITALISED = re.compile(r"\b[A-ZÀ-Þ]\w+ (?=(\w[\w’'-]*))")
_TOKEN = re.compile(r"[\w.’'-]*\w|[^\w\s]")
_PREPOSITIONS, _CLAUSE_WORDS = _WORDS.word_set("prepositions"), _WORDS.word_set("clause_words")
_OF_AND_TO = frozenset({"de", "del", "a", "al"})
_CLITICS = _WORDS.word_set("clitics")
_BODY_TYPES = ("ORG", "OFFICE", "LOC")
_APPOSITION_ENDS = re.compile(rf"\s*(?:$|[^\w\s]|(?:{_WORDS.pattern('prepositions')})\b)")
_DETERMINERS, _TIMES = _WORDS.word_set("determiners"), _WORDS.word_set("time_words")
_BETWEEN_DEPARTMENTS = _PREPOSITIONS | _CLAUSE_WORDS  # "Asuntos Exteriores y de Cooperación"
_NO_ADJECTIVES = _PREPOSITIONS | _CLAUSE_WORDS | _DETERMINERS | _TIMES | _CLITICS
_BEFORE_NAMES, _DEPARTMENTS = _WORDS.word_set("words_before_names"), _WORDS.word_set("departments")
_CLAUSE = re.compile(rf"[;(—–]|\b(?:{_WORDS.pattern('words_after_speakers')})\b|\bal\s+\w+r(?:se|lo|la)?\b")
_RELATIVE_CLAUSE = re.compile(r",\s+(?:que|quien|cuy[oa]s?)\b")
_ADJUNCT = re.compile(
    rf"\b(?:{_WORDS.pattern('adjuncts')}|(?:a|al|a la agencia|a la cadena)\s+(?:{_WORDS.pattern('media')}))\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(rf"\b(?:{_WORDS.pattern('determiners')})\s+(?:de\s+(?:los|las)\s+)?(?=\w)", re.IGNORECASE)
_BARE_NOUN = re.compile(rf"\b(?=(?:{_WORDS.pattern('nouns_without_determiner')})\b)", re.IGNORECASE)
_OF = re.compile(r"\s+(?:del|de(?:\s+(?:la|los|las|un|una|su|sus))?)\s+(?P<noun>\w[\w’'-]*)")
_NEXT_WORD = re.compile(r"\s+(?P<noun>\w[\w’'-]*)")
_FINITE_FORM = re.compile(
    rf"(?:{_FINITE}|{_WORDS.pattern('auxiliaries')}|es|son|era|fue|está|están|\w+(?:ó|aron|ieron|aba|aban|ía|ían))",
    re.IGNORECASE,
)
_MOST_ADJECTIVES = 2  # behind a noun
_INSCRIPTIONS = _WORDS.word_set("inscriptions")
_PRONOUN = re.compile(rf"\b(?:{_WORDS.pattern('pronouns')})\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(rf"\b(?:{_WORDS.pattern('first_person')})\b", re.IGNORECASE)
_OF_WOMEN, _OF_MEN = _WORDS.word_set("pronouns_of_women"), _WORDS.word_set("pronouns_of_men")
_WOMEN, _MEN = given_names().word_set("women"), given_names().word_set("men")


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """Return the words between marks, or behind a dash, that somebody says, in order of their place."""
    spans = _Spans(source)
    marks = Marks(spans.all)
    reader = _Phrases(source.text, outside_marks(source.text, marks), source.names)
    return CueFinder(source.text, source.layout, marks, _PATTERNS, reader, frozenset(spans.second_parts)).quotations()


@dataclass(frozen=True)
class _InnerAttribution:
    """An attribution inside a quotation. The first part of the quotation ends at `start`; the second begins at
    `resume`, null where there is none."""

    start: int
    resume: int | None


class _Spans:
    """The spans of a text that may be quotations (`all`): those between marks, paragraphs behind a dash or behind a
    mark that nothing closes, and paragraphs that begin with a closing mark. An attribution inside one of them cuts it
    in two. `second_parts`: the opening marks of spans that go on with the one before."""

    def __init__(self, source: FinderInput) -> None:
        self._text, self._layout, self._marks = source.text, source.layout, source.marks
        self._reader = _Phrases(source.text, source.text, source.names)
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
        return self._text[colon] == ":" and bool(_REPORTING_VERB.search(self._text, sentence.start, colon))

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
        attributed_before = _PATTERNS.cue.search(self._text, start, span.open_at)
        attributed = attributed_before or (span.closed and self._is_attributed_behind(span.close_at + 1))
        if not attributed:
            inside = self._attribution(span.start, span.end)
        return self._parts(span, inside) if inside else iter([span])

    def _is_attributed_behind(self, at: int) -> bool:
        """Does an attribution begin at a place behind a closing mark?"""
        gap = _COMMA_AND_DASH.match(self._text, at)
        return bool(gap and _PATTERNS.cue.match(self._text, gap.end()))

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
            if not _REPORTING_VERB.match(self._text, dash.end(), end):
                continue
            part_end = dash.start() - (self._text[dash.start() - 1] in ",.")
            close = _CLOSING_DASH.search(self._text, dash.end(), min(end, dash.end() + _LONGEST))
            return _InnerAttribution(part_end, close.end() if close else None)
        return None

    def _between_commas(self, start: int, end: int) -> _InnerAttribution | None:
        """ "…, dijo X, …" """
        for comma in _END_OF_CLAUSE.finditer(self._text, start + 1, end):
            verb = _REPORTING_VERB.match(self._text, comma.end(), end)
            if verb is None:
                continue
            part_end = comma.start() + (self._text[comma.start()] != ",")
            stop = min(end, verb.end() + _LONGEST)
            if sentence_end := _PATTERNS.sentence_ends.search(self._text, verb.end(), stop):
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
            is_relative = bool(words) and words[0] in _CLAUSE_WORDS
            if not is_relative and any(word in _RESUMES or _FINITE_FORM.fullmatch(word) for word in words):
                return begin
        behind = _WORD.search(self._text, stop, end)
        if behind is None or self._text[stop] not in ".!?":
            return None
        begin = behind.start()
        while self._text[begin - 1] in "¿¡":
            begin -= 1
        return begin


class _Phrases:
    """Finds the speaker in a phrase: a name of the text, a name by its form, a pronoun, or a description. `outside`:
    the text with blanks between marks."""

    def __init__(self, text: str, outside: str, names: Sequence[NamedEntity]) -> None:
        self._text, self._outside, self._names = text, outside, NameIndex(names)
        # Without words of where and how somebody speaks. Blanks keep every offset.
        self._without_adjuncts = _ADJUNCT.sub(lambda match: " " * len(match[0]), outside)
        self._known: list[Speaker] = []

    def remember(self, speaker: Speaker) -> None:
        if speaker.name:
            self._known.append(speaker)

    def behind_cue(self, start: int, end: int) -> Speaker | None:
        if clause := _CLAUSE.search(self._outside, start, end):
            end = clause.start()
        heads = self._heads(start, end, begins_sentence=False)
        return heads[0] if heads else self._pronoun(start, end) or self._described(start, end)

    def before_cue(self, start: int, end: int) -> Speaker | None:
        """A name alone: other words between a mark and a verb go on with the sentence in which the marks stand."""
        lead = self._outside[start:end]
        begin, stop = start + len(lead) - len(lead.lstrip(" ,—–")), start + len(lead.rstrip(" ,—–"))
        verb = _REPORTING_VERB.match(self._outside, end)
        if verb and _THAT.match(self._outside, verb.end()):
            return None
        return next((s for s in self._heads(begin, stop) if (s.start, s.end) == (begin, stop)), None)

    def subject(self, start: int, cue: Span, end: int) -> Speaker | None:
        """The nearest name before the cue, else a pronoun or the first description, else the speaker behind the cue."""
        stop = cue.start
        if clause := _RELATIVE_CLAUSE.search(self._outside, start, stop):
            stop = clause.start()
        heads = self._heads(start, stop)
        if heads:
            return heads[-1]
        before = self._pronoun(start, stop) or self._described(start, stop)
        return before or self.behind_cue(cue.end, end)

    def label(self, start: int, end: int) -> Speaker | None:
        """A name, and at most a post beside it. A single word is a name only if it is linked, or if the text has it
        behind another capitalised word, too."""
        phrase = self._outside[start:end]
        begin, stop = start + len(phrase) - len(phrase.lstrip()), start + len(phrase.rstrip(" .,"))
        for speaker in self._heads(begin, stop):
            if speaker.start != begin and speaker.end != stop:
                continue
            written = self._text[speaker.start : speaker.end]
            if " " in written or speaker.entity_id or written in self._second_words:
                return speaker
        return None

    @cached_property
    def _second_words(self) -> frozenset[str]:
        """The words of the text behind a capitalised word."""
        return frozenset(_BEHIND_CAPITALISED.findall(self._text))

    # -- names ---------------------------------------------------------------------------------------------------------

    def _heads(self, start: int, end: int, begins_sentence: bool = True) -> list[Speaker]:
        """The persons in a phrase who are its heads, in order; if the text names some of them (by the gazetteer), only
        those. `begins_sentence`: the first word may be capitalised for that."""
        persons_of_text = (name for name in self._names.between(start, end) if name.type == "PER")
        named = [name for name in persons_of_text if self._is_head(start, Span(name.start, name.end), end)]
        if named:
            return [described_or_named(name) for name in named]
        runs = (Span(*match.span()) for match in _NAME.finditer(self._without_adjuncts, start, end))
        persons = [person for run in runs if (person := self._person(start, run, end))]
        if begins_sentence:
            persons = [person for person in persons if self._is_sure(start, person, end)]
        return [self._by_form(person) for person in persons]

    def _person(self, start: int, run: Span, end: int) -> Span | None:
        """A run of capitalised words as a person's name, without words that begin a sentence and without the department
        or place of a post before it. Null where it is no person's name or not the head of the phrase."""
        words = [Span(*match.span()) for match in _WRITTEN_WORD.finditer(self._text, run.start, run.end)]
        while words and self._lower(words[0]).rstrip(".") in _BEFORE_NAMES:
            words = words[1:]
        if not words:
            return None
        behind_place = self._without_place(words) if self._is_behind_preposition(start, words[0].start) else []
        is_head = len(behind_place) > 1 or self._is_head(start, Span(words[0].start, run.end), end)
        words = behind_place if len(behind_place) > 1 else words
        while words and _is_abbreviation(self._text[words[0].start : words[0].end]):
            words = words[1:]
        if not words or not is_head:
            return None
        person = Span(words[0].start, words[-1].end)
        others = [n for n in self._names.between(person.start, person.end) if n.type in ("LOC", "ORG", "NORP")]
        covered = sum(n.end - n.start for n in others)
        return None if covered > (person.end - person.start) / 2 else person

    def _is_sure(self, start: int, person: Span, end: int) -> bool:
        """Is a name surely one: has it several words, does it not begin the sentence, is it all of the phrase, or did
        somebody of this name speak before?"""
        written = self._text[person.start : person.end]
        if " " in written or self._outside[start : person.start].strip():
            return True
        spoke = any(written in (known.name or "").split() for known in self._known)
        return spoke or not self._outside[person.end : end].strip(" .,")

    def _is_behind_preposition(self, start: int, at: int) -> bool:
        """Does a preposition stand right before a place?"""
        before = self._without_adjuncts[max(start, at - 12) : at].lower().split()
        return bool(before) and (before[-1] in _PREPOSITIONS or before[-2:] == ["de", "la"])

    def _without_place(self, words: list[Span]) -> list[Span]:
        """The words behind a department or a place ("el ministro de Defensa Luis Robles"); none if they begin with
        neither."""
        place = next((n for n in self._names.between(words[0].start, words[-1].end) if n.start == words[0].start), None)
        if place and place.type in ("LOC", "ORG"):
            return [word for word in words if word.start >= place.end]
        number = 0
        while number < len(words) and (
            self._text[words[number].start : words[number].end] in _DEPARTMENTS
            or (number and self._lower(words[number]) in _BETWEEN_DEPARTMENTS)
        ):
            number += 1
        return words[number:] if number else []

    def _is_head(self, start: int, name: Span, end: int) -> bool:
        """Is a name the head of the phrase: does it stand in apposition, or neither behind a preposition or a
        conjunction nor right behind a determiner?"""
        tokens = [match[0].lower() for match in _TOKEN.finditer(self._without_adjuncts, start, name.start)]
        for distance, token in enumerate(reversed(tokens)):
            if token == ",":
                return bool(_APPOSITION_ENDS.match(self._outside, name.end, end))
            if token in _CLAUSE_WORDS or not token[0].isalpha():
                return False
            if token in _PREPOSITIONS:
                return distance == 1 and token not in _OF_AND_TO  # "entre lágrimas María Rojas"
            if token in _DETERMINERS:
                position = len(tokens) - distance - 2
                return distance > 0 and not (position >= 0 and tokens[position] in _PREPOSITIONS)
        return True

    def _lower(self, word: Span) -> str:
        return self._text[word.start : word.end].lower()

    def _by_form(self, span: Span) -> Speaker:
        """The speaker with this name: one who spoke before, or known by the form of the name."""
        written = self._text[span.start : span.end]
        known = next((k for k in reversed(self._known) if k.name and written in k.name), None)
        if known and " " not in written:
            return named_again(known, span.start, span.end)
        return speaker_by_form(span.start, span.end, written)

    # -- others --------------------------------------------------------------------------------------------------------

    def _pronoun(self, start: int, end: int) -> Speaker | None:
        """A pronoun in a phrase: whoever spoke last, if the given name fits."""
        pronoun = _PRONOUN.search(self._outside, start, end)
        if pronoun is None:
            first_person = _FIRST_PERSON.search(self._outside, start, end)
            return unresolved_speaker(*first_person.span()) if first_person else None
        known = self._known[-1] if self._known else None
        if known is None or not _fits(pronoun[0].lower(), known.name or ""):
            return unresolved_speaker(*pronoun.span())
        return meant_by_pronoun(known, *pronoun.span())

    def _described(self, start: int, end: int) -> Speaker | None:
        """The body or place that the phrase begins with, else the first noun phrase ("la ministra de Sanidad", "fuentes
        policiales") that stands behind no preposition and means neither a time nor an inscription."""
        phrase_text = self._outside[start:end]
        first = start + len(phrase_text) - len(phrase_text.lstrip(" ,"))
        body = next((n for n in self._names.between(first, end) if n.start == first and n.type in _BODY_TYPES), None)
        if body:
            return described_or_named(body)
        for phrase, noun in self._noun_phrases(start, first, end):
            tokens = [match[0].lower() for match in _TOKEN.finditer(self._without_adjuncts, start, phrase.start)]
            words = {word.lower() for word in _WORD.findall(self._text, phrase.start, phrase.end)[:3]}
            if (tokens and tokens[-1] in _PREPOSITIONS) or words & _TIMES or words & _INSCRIPTIONS:
                continue
            body = next((n for n in self._names.between(noun, end) if n.start == noun and n.type in _BODY_TYPES), None)
            if body:
                return described_or_named(body)
            return described_speaker(phrase.start, phrase.end, self._names.between(phrase.start, phrase.end))
        return None

    def _noun_phrases(self, start: int, first: int, end: int) -> Iterator[tuple[Span, int]]:
        """Noun phrases, and where their nouns begin: behind a determiner, nouns that need none, and the beginning of a
        phrase behind "del"."""
        if self._text[max(0, start - 3) : start].lower() == "del" and _NEXT_WORD.match(
            self._without_adjuncts, start, end
        ):
            yield Span(first, self._phrase_end(first, end)), first
        begins = [
            *_DETERMINER.finditer(self._without_adjuncts, start, end),
            *_BARE_NOUN.finditer(self._without_adjuncts, start, end),
        ]
        for match in sorted(begins, key=lambda match: match.start()):
            yield Span(match.start(), self._phrase_end(match.end(), end)), match.end()

    def _phrase_end(self, noun: int, end: int) -> int:
        """Where a noun phrase ends: behind its noun, a few adjectives, and further nouns behind "de"."""
        word = _WORD.match(self._without_adjuncts, noun, end)
        at, adjectives = (word.end() if word else noun), 0
        while True:
            if of := _OF.match(self._without_adjuncts, at, end):
                at, adjectives = of.end(), 0
                continue
            word = _NEXT_WORD.match(self._without_adjuncts, at, end)
            if word is None:
                return at
            written = word["noun"]
            if written.lower() in _NO_ADJECTIVES or _FINITE_FORM.fullmatch(written) or adjectives == _MOST_ADJECTIVES:
                return at
            adjectives += not written[0].isupper()
            at = word.end()


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _fits(pronoun: str, name: str) -> bool:
    """May a pronoun mean a person of this name, by the given name?"""
    first = name.split()[0] if name.split() else ""
    if pronoun in _OF_WOMEN:
        return first not in _MEN
    return pronoun not in _OF_MEN or first not in _WOMEN
