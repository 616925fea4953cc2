"""Finds the speaker in a phrase of a Spanish text: a name, a pronoun or a description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from etl.nlp.languages.es.cues import CLAUSE_WORDS, FINITE_FORM, PREPOSITIONS, REPORTING_VERB, WORDS
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.quotes.quotation import (
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

_THAT = re.compile(r"\s+que\b")
_WORD = re.compile(r"\w+")
_WRITTEN_WORD = re.compile(r"\S+")
_CAPITALISED = r"[A-ZÀ-ÞŁŚŻŽŠČĐ](?:[\w’'-]+|\.)"
_NAME = re.compile(rf"\b{_CAPITALISED}(?:\s+(?:(?:{WORDS.pattern('particles_of_names')})\s+)?{_CAPITALISED}){{0,5}}")
_BEHIND_CAPITALISED = re.compile(r"\b[A-ZÀ-Þ]\w+ (?=(\w[\w’'-]*))")
_TOKEN = re.compile(r"[\w.’'-]*\w|[^\w\s]")
_OF_AND_TO = frozenset({"de", "del", "a", "al"})
_CLITICS = WORDS.word_set("clitics")
_BODY_TYPES = ("ORG", "OFFICE", "LOC")
_APPOSITION_ENDS = re.compile(rf"\s*(?:$|[^\w\s]|(?:{WORDS.pattern('prepositions')})\b)")
_DETERMINERS, _TIMES = WORDS.word_set("determiners"), WORDS.word_set("time_words")
_BETWEEN_DEPARTMENTS = PREPOSITIONS | CLAUSE_WORDS  # "Asuntos Exteriores y de Cooperación"
_NO_ADJECTIVES = PREPOSITIONS | CLAUSE_WORDS | _DETERMINERS | _TIMES | _CLITICS
_BEFORE_NAMES, _DEPARTMENTS = WORDS.word_set("words_before_names"), WORDS.word_set("departments")
_CLAUSE = re.compile(rf"[;(—–]|\b(?:{WORDS.pattern('words_after_speakers')})\b|\bal\s+\w+r(?:se|lo|la)?\b")
_RELATIVE_CLAUSE = re.compile(r",\s+(?:que|quien|cuy[oa]s?)\b")
_ADJUNCT = re.compile(
    rf"\b(?:{WORDS.pattern('adjuncts')}|(?:a|al|a la agencia|a la cadena)\s+(?:{WORDS.pattern('media')}))\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(rf"\b(?:{WORDS.pattern('determiners')})\s+(?:de\s+(?:los|las)\s+)?(?=\w)", re.IGNORECASE)
_BARE_NOUN = re.compile(rf"\b(?=(?:{WORDS.pattern('nouns_without_determiner')})\b)", re.IGNORECASE)
_OF = re.compile(r"\s+(?:del|de(?:\s+(?:la|los|las|un|una|su|sus))?)\s+(?P<noun>\w[\w’'-]*)")
_NEXT_WORD = re.compile(r"\s+(?P<noun>\w[\w’'-]*)")
_MOST_ADJECTIVES = 2  # behind a noun
_INSCRIPTIONS = WORDS.word_set("inscriptions")
_PRONOUN = re.compile(rf"\b(?:{WORDS.pattern('pronouns')})\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(rf"\b(?:{WORDS.pattern('first_person')})\b", re.IGNORECASE)
_OF_WOMEN, _OF_MEN = WORDS.word_set("pronouns_of_women"), WORDS.word_set("pronouns_of_men")
_WOMEN, _MEN = given_names().word_set("women"), given_names().word_set("men")


class Phrases:
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
        verb = REPORTING_VERB.match(self._outside, end)
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
        return bool(before) and (before[-1] in PREPOSITIONS or before[-2:] == ["de", "la"])

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
            if token in CLAUSE_WORDS or not token[0].isalpha():
                return False
            if token in PREPOSITIONS:
                return distance == 1 and token not in _OF_AND_TO  # "entre lágrimas María Rojas"
            if token in _DETERMINERS:
                position = len(tokens) - distance - 2
                return distance > 0 and not (position >= 0 and tokens[position] in PREPOSITIONS)
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
            if (tokens and tokens[-1] in PREPOSITIONS) or words & _TIMES or words & _INSCRIPTIONS:
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
            if written.lower() in _NO_ADJECTIVES or FINITE_FORM.fullmatch(written) or adjectives == _MOST_ADJECTIVES:
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
