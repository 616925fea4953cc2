"""Which person of an article "she", "the president" or "the 56-year-old" means.

For a pronoun, every person named before gets a score from the context of the mention and from what is known about the
person; a softmax turns the scores into probabilities. The weights were fitted on the pronouns of GUM
(training/pronouns.py), before the last speaker was counted as a nearby mention. They are kept because weights fitted
anew are worse: they resolve 0.816 of the pronouns in the held-out parts correctly, instead of 0.839.
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
_BEFORE_F = re.compile(rf"\b(?:{_WORDS.pattern('titles_of_women', 'nouns_of_women')})\.?,? $")
_BEFORE_M = re.compile(rf"\b(?:{_WORDS.pattern('titles_of_men', 'nouns_of_men')}|\w*(?<!wo)man)\.?,? $")
_WOMEN, _MEN = given_names().word_set("women"), given_names().word_set("men")
_WORD = re.compile(r"[\w-]+")
_ROLES = _WORDS.word_set("roles")
_TELLING = _WORDS.word_set("words_telling_posts")
_OF_TITLES = _WORDS.word_set("words_inside_titles")
_INTRODUCTIONS = 6  # mentions that are looked at
_MENTIONS = 200  # so many mentions back
_PARAGRAPHS = 4  # so far back a pronoun's person is looked for
_INTRODUCED = 90  # characters beside a name in which its roles stand
_APPOSITION = re.compile(r",((?:\s[\w.’'&-]+|,(?= [a-z])){1,14})")
_CLAUSE = re.compile(rf"[.,;:!?“”\"\n\[\]]|\b(?:{_WORDS.pattern('reporting_verbs', 'words_before_titles')})\b")
_SHORT = {abbreviation: role for abbreviation, (role,) in _WORDS.table("abbreviated_titles").items()}
_ABBREVIATED = re.compile(rf"\b({'|'.join(_SHORT)})\.")
WEIGHTS: dict[str, float] = {
    "sentences": -0.04, "paragraphs": -1.53, "first": 1.36, "speaker": 0.38, "inside": -0.19, "possessive": 0.0,
    "gender": 0.45, "times": 1.61, "between": -0.05, "same": 0.43,
}  # fmt: skip


@dataclass
class Person:
    """A person of the text: mentions in order; what is known of the gender; words of the titles before the name, of the
    offices that the person holds, and of what stands behind the name."""

    mentions: list[NamedEntity] = field(default_factory=list)
    gender: str | None = None
    titles: set[str] = field(default_factory=set)
    offices: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)

    def fits(self, head: str, words: set[str]) -> int:
        """How well a description with this head and these words fits, 0 not at all: titles before offices before what
        else is said, then by the words in common."""
        telling = words & _TELLING
        for rank, told in ((30, self.titles), (20, self.offices), (10, self.roles)):
            if head in told and telling <= told and ("vice" in telling or "vice" not in told):
                return rank + len(words & told)
        return 0


@dataclass(frozen=True)
class LastSpeaker:
    """Who spoke last, and where that stands."""

    cluster: int
    at: int


def _likeliest(candidates: Sequence[tuple[NamedEntity, dict[str, float]]]) -> tuple[NamedEntity, float] | None:
    if not candidates:
        return None
    scores = [sum(WEIGHTS[name] * value for name, value in features.items()) for _, features in candidates]
    top = max(scores)
    return candidates[scores.index(top)][0], 1 / sum(math.exp(score - top) for score in scores)


class Persons:
    """The persons of one text."""

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

    def of_pronoun(self, at: int, pronoun: str, spoke: LastSpeaker | None) -> tuple[NamedEntity, float] | None:
        """Whom a personal pronoun at `at` means, and how probably; null where nobody is near. `spoke`: who spoke last,
        if near."""
        return _likeliest(self.candidates(at, PERSONAL[pronoun.lower()], spoke))

    def candidates(
        self, at: int, gender: str | None, spoke: LastSpeaker | None, paragraphs: int = _PARAGRAPHS
    ) -> list[tuple[NamedEntity, dict[str, float]]]:
        """The latest mention before `at` of each person who may be of the gender, with its features. Who spoke last is
        as near as the words "he said" were."""
        paragraph, sentence = self._layout.paragraph_at(at), self._layout.sentence_at(at)
        here = self._marks.around(at)
        latest: dict[int, NamedEntity] = {}
        times: Counter[int] = Counter()
        last_place: dict[int, int] = {}
        stop = bisect_right(self._ends, at)
        for number in range(max(0, stop - _MENTIONS), stop):
            mention = self._mentions[number]
            cluster = mention.cluster
            if paragraph - mention.paragraph > paragraphs and not (spoke and spoke.cluster == cluster):
                continue
            times[cluster] += 1
            last_place[cluster] = number
            if cluster not in latest or self._marks.around(mention.start) in (None, here):
                latest[cluster] = mention
        if spoke and spoke.cluster in latest:
            last_place[spoke.cluster] = stop
        nearest = sorted(last_place, key=last_place.__getitem__, reverse=True)
        between = {cluster: rank for rank, cluster in enumerate(nearest)}
        found = []
        for cluster, mention in latest.items():
            known = self._persons[cluster].gender
            if known and gender and known != gender:
                continue
            place = mention.start
            if spoke and spoke.cluster == cluster:
                place = max(place, spoke.at)
            own_sentence, inside = self._layout.sentence_at(place), self._marks.around(place)
            features = {
                "sentences": min(sentence - own_sentence, 6),
                "paragraphs": min(paragraph - self._layout.paragraph_at(place), 4),
                "first": float(place in self._first_of_sentence or place != mention.start),
                "speaker": float(spoke is not None and cluster == spoke.cluster),
                "inside": float(inside is not None and inside is not here),
                "possessive": float(place == mention.start and self._text[mention.end : mention.end + 1] in ("'", "’")),
                "gender": float(known is not None and known == gender),
                "times": math.log(times[cluster]),
                "between": float(min(between[cluster], 4)),
                "same": float(own_sentence == sentence),
            }
            found.append((mention, features))
        return found

    def of_description(self, at: int, head: str, phrase: str, spoke: LastSpeaker | None) -> NamedEntity | None:
        """The person named before `at` who was introduced with the role `head` ("the governor"): of several, those who
        share most of the phrase's words, then as for a pronoun."""
        words = {word.lower() for word in _WORD.findall(phrase)} - {"the"}
        fit = [
            (self._persons[mention.cluster].fits(head, words), mention, features)
            for mention, features in self.candidates(at, None, spoke, paragraphs=1000)
        ]
        best = max((degree for degree, _, _ in fit), default=0)
        found = (
            _likeliest([(mention, features) for degree, mention, features in fit if degree == best]) if best else None
        )
        return found[0] if found else None

    def last(self, at: int, paragraphs: int = 2) -> NamedEntity | None:
        """The person named last before `at`, outside quotation marks, if near."""
        here = self._layout.paragraph_at(at)
        stop = bisect_right(self._ends, at)
        near = reversed(self._mentions[max(0, stop - _MENTIONS) : stop])
        return next((m for m in near if here - m.paragraph <= paragraphs and self._marks.around(m.start) is None), None)

    def _gender(self, person: Person) -> str | None:
        votes: Counter[str] = Counter()
        for mention in person.mentions:
            before = self._text[max(0, mention.start - 30) : mention.start]
            votes["f"] += bool(_BEFORE_F.search(before))
            votes["m"] += bool(_BEFORE_M.search(before))
            first = re.split(r"[\s-]", mention.text)[0] if " " in mention.text else ""
            votes["f"] += 2 * (first in _WOMEN)
            votes["m"] += 2 * (first in _MEN)
        full = person.mentions[0].full.split()
        if len(full) > 1:
            votes["f"] += 2 * (full[0] in _WOMEN)
            votes["m"] += 2 * (full[0] in _MEN)
        return None if votes["f"] == votes["m"] else "f" if votes["f"] > votes["m"] else "m"

    def _titles(self, person: Person) -> set[str]:
        """Words of the titles that stand before the name: back to the first word that is of no title."""
        found: set[str] = set()
        for mention in person.mentions[:_INTRODUCTIONS]:
            before = _ABBREVIATED.sub(r"\1", self._text[max(0, mention.start - _INTRODUCED) : mention.start])
            for word in reversed(_WORD.findall(_CLAUSE.split(before)[-1])):
                if word.islower() and word not in _ROLES and word not in _OF_TITLES and word not in _TELLING:
                    break
                found.add(_SHORT.get(word, word.lower()))
        return _with_synonyms(found)

    def _roles(self, person: Person) -> set[str]:
        """Words of what is said of the person behind the name: "Ann Lee, head of the harbour"."""
        found: set[str] = set()
        for mention in person.mentions[:_INTRODUCTIONS]:
            after = _APPOSITION.match(self._text, mention.end)
            words = {word.lower() for word in _WORD.findall(after[1])} if after else set()
            if words & _ROLES:
                found.update(words)
        return _with_synonyms(found)


def _with_synonyms(words: set[str]) -> set[str]:
    """A co-founder is a founder; a prime minister is a premier."""
    found = words | {part for word in words if "-" in word for part in word.split("-")}
    return found | {"premier"} if {"prime", "minister"} <= found else found
