"""Resolves the phrase that names a speaker to a person, organisation or country.

Such phrases are "Putin’s spokesman", "she" and "Chinese officials".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from etl.nlp.languages.words import language_words
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.names.mentions import TITLE_LISTS
from etl.nlp.quotes import confidences
from etl.nlp.quotes.coreference import PERSONAL, LastSpeaker, Persons
from etl.nlp.quotes.quotation import (
    CARRIED,
    COLLECTIVE,
    DESCRIPTION,
    DOCUMENT,
    NAMED,
    PRONOUN,
    TURN,
    Speaker,
    named_speaker,
)
from etl.nlp.quotes.turns import SpeechTurn
from etl.text import Layout
from schemas.values import SpeakerMethod

_WORDS = language_words("en")
_ROLES, _BODIES, _DOCUMENTS = (_WORDS.word_set(name) for name in ("roles", "bodies", "documents"))
_COMPANIES, _GROUPS = _WORDS.word_set("companies"), _WORDS.word_set("groups")
_BEFORE_POSTS = _WORDS.word_set("words_before_posts")
_BODY_PRONOUNS = _WORDS.word_set("body_pronouns")
_SINGULAR_BODY_PRONOUNS = _WORDS.word_set("singular_body_pronouns")
_RELATIVE_PRONOUNS = _WORDS.word_set("relative_pronouns")
_SPEAKING_PRONOUNS = _WORDS.word_set("speaking_pronouns")
_WORD = re.compile(r"[\w’'-]*\w")
# Where a phrase's head ends: what follows says more of it.
_HEAD_ENDS = re.compile(rf",|;|:|\(|–|—|\b(?:{_WORDS.pattern('words_after_heads')})\b")
_TITLED = rf"(?:the\s+|(?:{_WORDS.pattern(*TITLE_LISTS)})\.?\s+)*$"
_PREPOSITION_BEFORE_NAME = re.compile(rf"\b(?:{_WORDS.pattern('prepositions_before_names')})\s+{_TITLED}")
# Behind a name that is not the head: "Putin’s spokesman", "Clinton officials".
_HEAD_BEHIND_NAME = re.compile(rf"(?:[’']s?\b|[’'])\s*\S|\s+(?!(?:{_WORDS.pattern('words_after_head_names')})\b)[a-z]")
_POSSESSIVE = re.compile(r"(?<=\w)[’']s?$")
_AND = re.compile(r"\s*(?:,|and|&|or|,\s*and)\s*(?:[\w.’'-]+\s+){0,4}$")
_APPOSITION = re.compile(r",\s+[A-Z][^,]*$")
_CAPITALISED_WORDS = re.compile(
    rf"(?<![\w’'])(?!(?:{_WORDS.pattern('words_that_begin_no_name')})\s)[A-Z][\w.&’'-]*"
    rf"(?:\s+(?:(?:{_WORDS.pattern('words_inside_names')})\s+){{0,2}}[A-Z][\w&’'-]*)+$"
)
_DASH = re.compile(r"[”\"’»]?\s*[—–-]{1,2}\s*(?=\S)")
_SENTENCE_GOES_ON = re.compile(r"[.:;!?\n]|\b[a-z]+\b")  # between a dash and a name: more than titles
_INDEFINITE = re.compile(rf"(?:{_WORDS.pattern('indefinite_words')})\b", re.IGNORECASE)
_LEADING_WORDS = re.compile(rf"^(?:(?:{_WORDS.pattern('leading_words')})\s+)+", re.IGNORECASE)
# "the 56-year-old": who was named before.
_NAMED_BEFORE = re.compile(
    rf"the (?:\d+-year-old|latter|former (?!\w)|(?:{_WORDS.pattern('parents')}) of|"
    rf"{_WORDS.pattern('persons_named_before')})\b",
    re.IGNORECASE,
)
_LEAST_CHANCE = 0.5  # of the person whom a pronoun means
_MOST_BODIES = 200  # mentions of bodies that are looked back at
_NEAR = 2  # paragraphs in which a body that "it" or "the company" means is looked for


class Speakers:
    """The sources of one text, resolved in the order of their quotations, as who spoke last counts."""

    def __init__(self, text: str, layout: Layout, names: Sequence[NamedEntity], persons: Persons) -> None:
        self._text, self._layout, self._persons = text, layout, persons
        self._names = NameIndex(names)
        self._bodies = [name for name in names if name.type == "ORG"]
        self._body_ends = [name.end for name in self._bodies]
        self._person_clusters = {name.cluster for name in names if name.type in ("PER", "OFFICE")}
        self._last: Speaker | None = None

    def resolve(self, start: int, end: int) -> Speaker:
        """Return the speaker that a source phrase stands for, and remember that he or she spoke last."""
        start, end = self._trimmed(*self._names.around(start, end))
        speaker = self.find(start, end) or self._unresolved(start, end, self._countries(start, end))
        self.remember(speaker)
        return speaker

    def find(self, start: int, end: int) -> Speaker | None:
        """Return the speaker that a phrase stands for; null where it holds neither a name nor a word for a speaker."""
        start, end = self._trimmed(start, end)
        return self._pronoun(start, end) or self._named(start, end) or self._described(start, end)

    def remember(self, speaker: Speaker) -> None:
        """Remember who spoke last: whom "he continued" means."""
        self._last = speaker

    def carried(self, at: int) -> Speaker | None:
        """Return who spoke last before `at`, if in this paragraph or the two before."""
        last = self._last
        if last is None or not self._is_near(at):
            return None
        return replace(last, method=CARRIED, confidence=round(confidences.CARRIED_SHARE * last.confidence, 2))

    def signed(self, end: int) -> Speaker | None:
        """Return the person or body whose name stands behind a dash after words that end at `end`:
        “…” — Bernie Sanders."""
        dash = _DASH.match(self._text, end)
        names_behind = self._names.between(dash.end(), dash.end() + 80) if dash else []
        name = next((n for n in names_behind if n.type in ("PER", "ORG")), None)
        if dash is None or name is None or _SENTENCE_GOES_ON.search(self._text[dash.end() : name.start]):
            return None
        speaker = named_speaker(name, NAMED, confidences.SIGNED)
        self.remember(speaker)
        return speaker

    def of_turn(self, turn: SpeechTurn) -> Speaker:
        """Return the speaker of a turn of a transcript."""
        if turn.name:
            speaker = named_speaker(turn.name, TURN, confidences.TURN_OF_PERSON)
        else:
            sure = confidences.TURN_OF_LABEL if turn.called else confidences.TURN_OF_NOBODY
            speaker = Speaker(turn.label.start, turn.label.end, turn.called, None, (), TURN, sure)
        self.remember(speaker)
        return speaker

    def _unresolved(self, start: int, end: int, countries: tuple[str, ...] = ()) -> Speaker:
        return Speaker(start, end, None, None, countries, None, confidences.UNRESOLVED)

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        """A phrase without punctuation at its ends and without a possessive ending."""
        while end > start and not self._text[end - 1].isalnum():
            end -= 1
        while start < end and not self._text[start].isalnum():
            start += 1
        possessive = _POSSESSIVE.search(self._text[start:end])
        return start, end - len(possessive[0]) if possessive else end

    # -- pronouns ------------------------------------------------------------------------------------------------------

    def _pronoun(self, start: int, end: int) -> Speaker | None:
        """The speaker where the phrase is a pronoun."""
        word = self._text[start:end].lower()
        if word in PERSONAL:
            return self._personal_pronoun(start, end, word)
        if word in _RELATIVE_PRONOUNS:
            return self._relative_pronoun(start, end)
        if word in _BODY_PRONOUNS:
            return self._body_pronoun(start, end, word)
        return self._unresolved(start, end) if word in _SPEAKING_PRONOUNS else None

    def _personal_pronoun(self, start: int, end: int, word: str) -> Speaker:
        """ "she": the likeliest person named before."""
        likeliest = self._persons.of_pronoun(start, word, self._last_speaker(start))
        if likeliest is None or likeliest[1] < _LEAST_CHANCE:
            return self._unresolved(start, end)
        name, chance = likeliest
        return replace(named_speaker(name, PRONOUN, round(chance, 2)), start=start, end=end)

    def _relative_pronoun(self, start: int, end: int) -> Speaker | None:
        """ "Mr Li, who said": the name before the pronoun."""
        before = self._names.between(max(0, start - 80), start)
        if before and not self._text[before[-1].end : start].strip(" ,"):
            speaker = named_speaker(before[-1], PRONOUN, confidences.NAME_BEFORE_RELATIVE)
            return replace(speaker, start=start, end=end)
        return None

    def _body_pronoun(self, start: int, end: int, word: str) -> Speaker:
        """ "it", "they": the body or group that spoke last, else for "it" the body named last."""
        last, sure = self._last, confidences.BODY_OF_PRONOUN
        if last and self._is_near(start) and last.cluster not in self._person_clusters:
            return replace(last, start=start, end=end, method=PRONOUN, confidence=sure)
        body = self._last_body(start) if word in _SINGULAR_BODY_PRONOUNS else None
        if body:
            return replace(named_speaker(body, PRONOUN, sure), start=start, end=end)
        return self._unresolved(start, end)

    def _is_near(self, at: int) -> bool:
        """Did somebody speak in this paragraph or the two before?"""
        last = self._last
        return last is not None and 0 <= self._layout.paragraph_at(at) - self._layout.paragraph_at(last.start) <= _NEAR

    def _last_speaker(self, at: int) -> LastSpeaker | None:
        """Who spoke last, if near."""
        last = self._last
        if last is None or last.cluster is None or not self._is_near(at):
            return None
        return LastSpeaker(last.cluster, last.start)

    # -- names ---------------------------------------------------------------------------------------------------------

    def _named(self, start: int, end: int) -> Speaker | None:
        """The person or body that the phrase names as its head."""
        head_end = self._head_end(start, end)
        ends = (head_end, end) if _APPOSITION.search(self._text[start:end]) else (head_end,)
        return (
            self._named_person(start, end, head_end)
            or self._named_body(start, end, ends)
            or self._capitalised_name(start, head_end)
            or (self._capitalised_name(start, end) if len(ends) > 1 else None)
        )

    def _named_person(self, start: int, end: int, head_end: int) -> Speaker | None:
        persons = [
            name
            for name in self._names.between(start, end)
            if name.type == "PER" and self._is_head(start, end, name) and not _is_post(name.text)
        ]
        heads = [name for name in persons if name.start < head_end] or persons[:1]
        if not heads:
            return None
        if len(heads) > 1 and _AND.fullmatch(self._text[heads[0].end : heads[-1].start]):
            return _several(heads)
        return named_speaker(heads[-1], NAMED, confidences.LINKED_PERSON if heads[-1].entry else confidences.PERSON)

    def _named_body(self, start: int, end: int, ends: Sequence[int]) -> Speaker | None:
        """A body, a place for its government, a people or an office whose name ends at one of `ends`."""
        for name in self._names.between(start, end):
            if name.end not in ends or _PREPOSITION_BEFORE_NAME.search(self._text[start : name.start]):
                continue
            if name.type == "OFFICE" and name.start <= start + 4:
                return named_speaker(name, DESCRIPTION, confidences.OFFICE)
            if name.type == "ORG" or (name.type == "LOC" and not self._is_described(start, name.start)):
                return named_speaker(name, NAMED, confidences.LINKED_BODY if name.entry else confidences.BODY)
            if name.type == "NORP" and not self._is_described(start, name.start):
                return replace(named_speaker(name, COLLECTIVE, confidences.PEOPLE), entity_id=None)
        return None

    def _is_described(self, start: int, name: int) -> bool:
        """Do words stand before the name that say more than "the" or "some"?"""
        return bool(_LEADING_WORDS.sub("", self._text[start:name] + " ").strip())

    def _capitalised_name(self, start: int, end: int) -> Speaker | None:
        """A name that no tagger knows, by its capitals: "Russia’s state-run Channel One"."""
        match = _CAPITALISED_WORDS.search(self._text[start:end])
        if not match or _PREPOSITION_BEFORE_NAME.search(self._text[start : start + match.start()]):
            return None
        first, words = start + match.start(), match[0].split()
        if words[-1].lower() in _ROLES or (words[-1] != "Police" and _is_plural(words[-1].lower())):
            return None
        name, countries = self._text[first:end], self._countries(first, end)
        return Speaker(first, end, name, None, countries, NAMED, confidences.CAPITALISED_NAME)

    def _head_end(self, start: int, end: int) -> int:
        """Where the phrase's head ends, before what says more of it; names are never cut."""
        for match in _HEAD_ENDS.finditer(self._text, start + 1, end):
            if not any(n.start <= match.start() < n.end for n in self._names.between(start, end)):
                at = match.start()
                while at > start and self._text[at - 1].isspace():
                    at -= 1
                return at
        return end

    def _is_head(self, start: int, end: int, name: NamedEntity) -> bool:
        """Is a person named as the head or in apposition, not as somebody to whom the head belongs?"""
        if _PREPOSITION_BEFORE_NAME.search(self._text[start : name.start]):
            return False
        return not _HEAD_BEHIND_NAME.match(self._text, name.end, end)

    # -- descriptions --------------------------------------------------------------------------------------------------

    def _described(self, start: int, end: int) -> Speaker | None:
        """ "the president", "a spokesman for the ministry", "Chinese officials", "a statement": by the head's noun."""
        head_end = self._head_end(start, end)
        words = _WORD.findall(self._text[start:head_end])
        if not words:
            return None
        head = words[-1].lower()
        is_definite = not _INDEFINITE.match(self._text[start:end])
        if head in _DOCUMENTS:
            return self._document(start, end)
        if head in _ROLES or _NAMED_BEFORE.match(self._text[start:end]):
            return self._role(start, end, head_end, head, is_definite)
        if head in _BODIES:
            body = self._body(start, head) if is_definite and len(words) <= 3 else None
            return self._body_by_noun(start, end, head_end, body)
        return self._by_noun(start, end, COLLECTIVE, confidences.COLLECTIVE) if _is_plural(head) else None

    def _document(self, start: int, end: int) -> Speaker:
        """A document: whose it is speaks, if the phrase names a person or body."""
        names = self._names.between(start, end)
        author = next((n for n in names if n.type in ("PER", "ORG", "OFFICE")), None)
        countries = self._countries(start, end)
        if author is None:
            return Speaker(start, end, None, None, countries, DOCUMENT, confidences.DOCUMENT)
        id_ = author.entry.id if author.entry else None
        countries = countries or author.countries
        return Speaker(start, end, author.full, id_, countries, DOCUMENT, confidences.DOCUMENT, author.cluster)

    def _role(self, start: int, end: int, head_end: int, head: str, is_definite: bool) -> Speaker:
        """A person's role: whoever was introduced with it or holds the office, else a description of nobody by name."""
        phrase = self._text[start:end]
        person = None
        if is_definite:
            person = self._persons.of_description(start, head, phrase, self._last_speaker(start))
            if person is None and _NAMED_BEFORE.match(phrase):
                person = self._persons.last(start)
        if person:
            speaker = named_speaker(person, DESCRIPTION, confidences.DESCRIBED_PERSON)
            return replace(speaker, start=start, end=head_end)
        office = next((n for n in self._names.between(start, end) if n.type == "OFFICE" and n.start == start), None)
        if office:
            return named_speaker(office, DESCRIPTION, confidences.OFFICE)
        return self._by_noun(start, end, DESCRIPTION, confidences.DESCRIPTION)

    def _body_by_noun(self, start: int, end: int, head_end: int, body: NamedEntity | None) -> Speaker:
        if body:
            speaker = named_speaker(body, DESCRIPTION, confidences.DESCRIBED_BODY)
            return replace(speaker, start=start, end=head_end)
        return self._by_noun(start, end, DESCRIPTION, confidences.DESCRIPTION)

    def _by_noun(self, start: int, end: int, method: SpeakerMethod, confidence: float) -> Speaker:
        """A speaker of whom the phrase says what he or she is, but not who."""
        return Speaker(start, end, None, None, self._countries(start, end), method, confidence)

    def _body(self, at: int, head: str) -> NamedEntity | None:
        """The body named before `at` whose name holds the word; else, for a company, the only one named near."""
        before = self._bodies_before(at)
        named = next((n for n in reversed(before) if head in n.full.lower().split()), None)
        if named or head not in _COMPANIES:
            return named
        paragraph = self._layout.paragraph_at(at)
        near = {n.cluster: n for n in before if paragraph - n.paragraph <= _NEAR}
        return next(iter(near.values())) if len(near) == 1 else None

    def _last_body(self, at: int) -> NamedEntity | None:
        """The body named last before a place, in this paragraph or the one before."""
        paragraph = self._layout.paragraph_at(at)
        return next((n for n in reversed(self._bodies_before(at)) if paragraph - n.paragraph <= 1), None)

    def _bodies_before(self, at: int) -> Sequence[NamedEntity]:
        """The last mentions of bodies before a place."""
        stop = bisect_right(self._body_ends, at)
        return self._bodies[max(0, stop - _MOST_BODIES) : stop]

    def _countries(self, start: int, end: int) -> tuple[str, ...]:
        """The countries of the names in the phrase, if all have the same: "a Chinese official"."""
        codes = {name.countries for name in self._names.between(start, end) if name.countries}
        return next(iter(codes)) if len(codes) == 1 else ()


def _several(persons: Sequence[NamedEntity]) -> Speaker:
    """ "Volker and Morrison": several persons at once, without an id."""
    names = [*dict.fromkeys(name.full for name in persons)]
    together = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    codes = tuple(dict.fromkeys(code for name in persons for code in name.countries))
    sure = confidences.SEVERAL_PERSONS
    return Speaker(persons[0].start, persons[-1].end, together, None, codes, COLLECTIVE, sure)


def _is_post(written: str) -> bool:
    """Is what was taken for a person's name a post ("Acting Governor")?"""
    return all(word in _ROLES or word in _BEFORE_POSTS for word in written.lower().split())


def _is_plural(head: str) -> bool:
    return head in _GROUPS or (head.endswith("s") and not head.endswith(("ss", "us", "is")))
