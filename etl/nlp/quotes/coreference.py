"""Coreference: which person of an article "she", "the president" or "the 56-year-old" means.

For a pronoun, every person named before gets a score from the context of the mention and from what is known about the
person; a softmax turns the scores into probabilities. The weights were fitted on the pronouns of GUM
(training/pronouns.py) with an earlier version of this module, which did not yet count the last speaker as a nearby
mention. They are kept because weights fitted anew are worse: they resolve 0.816 of the pronouns in the held-out parts
correctly, instead of 0.839.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from etl.nlp.languages.words import language_words
from etl.nlp.names.find import NamedEntity
from etl.nlp.quotes.marks import Marks
from etl.nlp.vocabulary.shared_words import given_names
from etl.text import Layout

_WORDS = language_words("en")
PERSONAL = {pronoun: gender for gender, row in _WORDS.table("personal_pronouns").items() for pronoun in row}
_BEFORE_WOMAN = re.compile(rf"\b(?:{_WORDS.pattern('titles_of_women', 'nouns_of_women')})\.?,? $")
_BEFORE_MAN = re.compile(rf"\b(?:{_WORDS.pattern('titles_of_men', 'nouns_of_men')}|\w*(?<!wo)man)\.?,? $")
_WOMEN, _MEN = given_names().word_set("women"), given_names().word_set("men")
_WORD = re.compile(r"[\w-]+")
_ROLES = _WORDS.word_set("roles")
_DISTINGUISHING = _WORDS.word_set("words_telling_posts")
_INSIDE_TITLES = _WORDS.word_set("words_inside_titles")
_TITLE_WORDS = _ROLES | _INSIDE_TITLES | _DISTINGUISHING  # words in small letters that a title may have
_INTRODUCTIONS = 6  # the first mentions of a person, at which titles and roles are looked for
_MENTIONS = 200  # mentions that are looked back at
_PARAGRAPHS = 4  # paragraphs in which the person of a pronoun is looked for
_TITLE_WINDOW = 90  # characters before a name in which its titles stand
_APPOSITION = re.compile(r",((?:\s[\w.’'&-]+|,(?= [a-z])){1,14})")
_TITLE_BREAK = re.compile(rf"[.,;:!?“”\"\n\[\]]|\b(?:{_WORDS.pattern('reporting_verbs', 'words_before_titles')})\b")
_ROLE_OF_ABBREVIATION = {abbreviation: role for abbreviation, (role,) in _WORDS.table("abbreviated_titles").items()}
_ABBREVIATED = re.compile(rf"\b({'|'.join(_ROLE_OF_ABBREVIATION)})\.")
WEIGHTS: dict[str, float] = {
    "sentences": -0.04, "paragraphs": -1.53, "first": 1.36, "speaker": 0.38, "inside": -0.19, "possessive": 0.0,
    "gender": 0.45, "times": 1.61, "between": -0.05, "same": 0.43,
}  # fmt: skip


@dataclass
class Person:
    """A person of the text. `mentions`: in order; `gender`: f, m, or null where unknown; `titles`: the words of the
    titles before the name; `offices`: of the offices that the person holds; `roles`: of what stands behind the name."""

    mentions: list[NamedEntity] = field(default_factory=list)
    gender: str | None = None
    titles: set[str] = field(default_factory=set)
    offices: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)

    def fits(self, head: str, words: set[str]) -> int:
        """Return how well a description with this head and these words fits the person, 0 if not at all. A title counts
        more than an office, an office more than a role; then words in common count."""
        distinguishing = words & _DISTINGUISHING
        for rank, known in ((30, self.titles), (20, self.offices), (10, self.roles)):
            if head in known and distinguishing <= known and ("vice" in distinguishing or "vice" not in known):
                return rank + len(words & known)
        return 0


@dataclass(frozen=True)
class LastSpeaker:
    """The cluster of the person who spoke last, and where the speaker stands in the text."""

    cluster: int
    at: int


def _likeliest(candidates: Sequence[tuple[NamedEntity, dict[str, float]]]) -> tuple[NamedEntity, float] | None:
    """The candidate with the highest score, and its chance."""
    if not candidates:
        return None
    scores = [sum(WEIGHTS[name] * value for name, value in features.items()) for _, features in candidates]
    top = max(scores)
    return candidates[scores.index(top)][0], 1 / sum(math.exp(score - top) for score in scores)


class Persons:
    """The persons of one text, to whom pronouns and descriptions are resolved."""

    def __init__(
        self, text: str, layout: Layout, marks: Marks, names: Sequence[NamedEntity], day: date | None = None
    ) -> None:
        self._text, self._layout, self._marks = text, layout, marks
        self._mentions = [name for name in names if name.type == "PER"]
        self._ends = [name.end for name in self._mentions]
        self._first_of_sentence: set[int] = set()
        seen: set[int] = set()
        self._persons: dict[int, Person] = {}
        for name in self._mentions:
            person = self._persons.setdefault(name.cluster, Person())
            person.mentions.append(name)
            if name.sentence not in seen:
                self._first_of_sentence.add(name.start)
                seen.add(name.sentence)
        for person in self._persons.values():
            person.gender = self._gender(person)
            person.titles = self._titles(person)
            person.roles = self._roles(person)
            entry = person.mentions[0].entry
            held = [o.title for o in entry.offices if day is not None and o.held(day)] if entry else []
            person.offices = _with_synonyms({word.lower() for title in held for word in title.split()})

    def of_pronoun(self, at: int, pronoun: str, last_speaker: LastSpeaker | None) -> tuple[NamedEntity, float] | None:
        """Return whom a personal pronoun at `at` means, and how probably; null where nobody is near. `last_speaker`:
        who spoke last, if near."""
        return _likeliest(self.candidates(at, PERSONAL[pronoun.lower()], last_speaker))

    def candidates(
        self, at: int, gender: str | None, last_speaker: LastSpeaker | None, paragraphs: int = _PARAGRAPHS
    ) -> list[tuple[NamedEntity, dict[str, float]]]:
        """Return the latest mention before `at` of each person who may have the gender, with its features. Who spoke
        last counts as named where he or she is said to speak."""
        paragraph, sentence = self._layout.paragraph_at(at), self._layout.sentence_at(at)
        marks_here = self._marks.around(at)
        speaking = last_speaker.cluster if last_speaker else None
        latest: dict[int, NamedEntity] = {}
        times: Counter[int] = Counter()
        last_place: dict[int, int] = {}
        stop = bisect_right(self._ends, at)
        for number in range(max(0, stop - _MENTIONS), stop):
            mention = self._mentions[number]
            cluster = mention.cluster
            if paragraph - mention.paragraph > paragraphs and cluster != speaking:
                continue
            times[cluster] += 1
            last_place[cluster] = number
            if cluster not in latest or self._marks.around(mention.start) in (None, marks_here):
                latest[cluster] = mention
        if speaking in latest:
            last_place[speaking] = stop
        nearest = sorted(last_place, key=last_place.__getitem__, reverse=True)
        between = {cluster: rank for rank, cluster in enumerate(nearest)}
        candidates = []
        for cluster, mention in latest.items():
            known_gender = self._persons[cluster].gender
            if known_gender and gender and known_gender != gender:
                continue
            place = mention.start
            if last_speaker and cluster == speaking:
                place = max(place, last_speaker.at)
            sentence_there, marks_there = self._layout.sentence_at(place), self._marks.around(place)
            features = {
                "sentences": min(sentence - sentence_there, 6),
                "paragraphs": min(paragraph - self._layout.paragraph_at(place), 4),
                "first": float(place in self._first_of_sentence or place != mention.start),
                "speaker": float(cluster == speaking),
                "inside": float(marks_there is not None and marks_there is not marks_here),
                "possessive": float(place == mention.start and self._text[mention.end : mention.end + 1] in ("'", "’")),
                "gender": float(known_gender is not None and known_gender == gender),
                "times": math.log(times[cluster]),
                "between": float(min(between[cluster], 4)),
                "same": float(sentence_there == sentence),
            }
            candidates.append((mention, features))
        return candidates

    def of_description(self, at: int, head: str, phrase: str, last_speaker: LastSpeaker | None) -> NamedEntity | None:
        """Return the person named before `at` who was introduced with the role `head` ("the governor"). Of several,
        those who share most words with the phrase count, then who is likeliest, as for a pronoun."""
        words = {word.lower() for word in _WORD.findall(phrase)} - {"the"}
        fits = [
            (self._persons[mention.cluster].fits(head, words), mention, features)
            for mention, features in self.candidates(at, None, last_speaker, paragraphs=1000)
        ]
        best = max((degree for degree, _, _ in fits), default=0)
        if not best:
            return None
        likeliest = _likeliest([(mention, features) for degree, mention, features in fits if degree == best])
        return likeliest[0] if likeliest else None

    def last(self, at: int, paragraphs: int = 2) -> NamedEntity | None:
        """Return the person named last before `at` outside quotation marks, if near."""
        paragraph = self._layout.paragraph_at(at)
        stop = bisect_right(self._ends, at)
        mentions = reversed(self._mentions[max(0, stop - _MENTIONS) : stop])
        near = (m for m in mentions if paragraph - m.paragraph <= paragraphs)
        return next((m for m in near if self._marks.around(m.start) is None), None)

    def _gender(self, person: Person) -> str | None:
        """f or m by the titles before the names and by the given names; null where they tell nothing, or both."""
        votes: Counter[str] = Counter()
        for mention in person.mentions:
            before = self._text[max(0, mention.start - 30) : mention.start]
            votes["f"] += bool(_BEFORE_WOMAN.search(before))
            votes["m"] += bool(_BEFORE_MAN.search(before))
            first = re.split(r"[\s-]", mention.text)[0] if " " in mention.text else ""
            votes["f"] += 2 * (first in _WOMEN)
            votes["m"] += 2 * (first in _MEN)
        full = person.mentions[0].full.split()
        if len(full) > 1:
            votes["f"] += 2 * (full[0] in _WOMEN)
            votes["m"] += 2 * (full[0] in _MEN)
        return None if votes["f"] == votes["m"] else "f" if votes["f"] > votes["m"] else "m"

    def _titles(self, person: Person) -> set[str]:
        """The words of the titles that stand before the name, back to the first word that belongs to no title."""
        title_words: set[str] = set()
        for mention in person.mentions[:_INTRODUCTIONS]:
            before = _ABBREVIATED.sub(r"\1", self._text[max(0, mention.start - _TITLE_WINDOW) : mention.start])
            for word in reversed(_WORD.findall(_TITLE_BREAK.split(before)[-1])):
                if word.islower() and word not in _TITLE_WORDS:
                    break
                title_words.add(_ROLE_OF_ABBREVIATION.get(word, word.lower()))
        return _with_synonyms(title_words)

    def _roles(self, person: Person) -> set[str]:
        """The words of the appositions behind the name, if they name a role: "Ann Lee, head of the harbour"."""
        role_words: set[str] = set()
        for mention in person.mentions[:_INTRODUCTIONS]:
            after = _APPOSITION.match(self._text, mention.end)
            words = {word.lower() for word in _WORD.findall(after[1])} if after else set()
            if words & _ROLES:
                role_words.update(words)
        return _with_synonyms(role_words)


def _with_synonyms(words: set[str]) -> set[str]:
    """The words and what they imply: a co-founder is a founder, a prime minister is a premier."""
    parts = words | {part for word in words if "-" in word for part in word.split("-")}
    return parts | {"premier"} if {"prime", "minister"} <= parts else parts
