"""Groups of mentions of one thing: "Vladimir Putin", "V. Putin" and "Putin"; "International Atomic Energy Agency" and
"IAEA". They are made before anything is linked, so that a full form such as "Vladimir Putin" helps to link a short one
such as "Putin".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from etl.nlp.gazetteer.gazetteer import GazetteerEntry
from etl.nlp.gazetteer.offices import title_fits
from etl.nlp.languages.words import language_words
from etl.nlp.names.mentions import NameMention
from etl.text import fold

_TOKEN = re.compile(r"[\w'-]+")
_WORDS = language_words("en")
_SMALL = _WORDS.word_set("small_words_of_bodies")
_SUFFIXES = frozenset("jr sr ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi".split())
_CROWNS = _WORDS.word_set("crowns")
_MOST_PERSONS = 50  # persons whose names share a word that are looked at: the last ones
Words = tuple[str, ...]


@dataclass
class _Person:
    """A person named in full. `number`: of the first mention; `middle`: the words between first and last name;
    `entries`: rows of the gazetteer that have the name; `times`: how often the text has named the person so far;
    `last`: the number of the last mention."""

    number: int
    middle: Words
    entries: set[GazetteerEntry] = field(default_factory=set)
    times: int = 0
    last: int = -1
    family: str = ""


def gather(text: str, mentions: Sequence[NameMention], day: date | None = None) -> tuple[list[NameMention], list[int]]:
    """Return the mentions, those of the same words with one type, and for each the number of its group. `day`: the
    text's, for who held an office. Time is linear, however many persons share a name."""
    agreed = _agreed(text, mentions)
    words = [tuple(_TOKEN.findall(fold(text[m.start : m.end]))) for m in agreed]
    keys: list[object] = [(m.type, *name_words) for m, name_words in zip(agreed, words, strict=True)]
    _join_persons(text, agreed, words, keys, day)
    _join_acronyms(text, agreed, keys)
    numbers: dict[object, int] = {}
    return agreed, [numbers.setdefault(key, len(numbers)) for key in keys]


def _agreed(text: str, mentions: Sequence[NameMention]) -> list[NameMention]:
    """The mentions, where those of the same words that a tagger marked have the type with the highest sum of
    confidences."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for mention in mentions:
        if mention.tagged:
            votes[text[mention.start : mention.end]][mention.type] += mention.confidence
    agreed = []
    for mention in mentions:
        types = votes.get(text[mention.start : mention.end])
        if types is not None and len(types) > 1 and mention.tagged:
            mention = replace(mention, type=max(types, key=types.__getitem__))
        agreed.append(mention)
    return agreed


def is_same_middle(first: Sequence[str], second: Sequence[str]) -> bool:
    """May two names with these words in the middle be of one person: one has none, or they are equal, or initials of
    each other?"""
    if not first or not second:
        return True
    pairs = list(zip(first, second, strict=False))
    return len(first) == len(second) and all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)


def _join_persons(
    text: str, mentions: Sequence[NameMention], words: Sequence[Words], keys: list[object], day: date | None
) -> None:
    """Give mentions of one person one key: names in full by their first and last words, then single words and names
    with an initial by the person in full whom they fit."""
    full: dict[Words, list[_Person]] = defaultdict(list)
    by_word: dict[str, list[_Person]] = defaultdict(list)
    initials: dict[tuple[str, str], list[_Person]] = defaultdict(list)
    person_of: dict[int, _Person] = {}
    for n, (mention, name_words) in enumerate(zip(mentions, words, strict=True)):
        if mention.type != "PER" or len(name_words) < 2:
            continue
        first, middle, last, suffix = _parts(name_words)
        namesakes = full[first, last, suffix]
        person = next((p for p in namesakes if is_same_middle(p.middle, middle)), None)
        if person is None:
            person = _Person(n, middle, family=last)
            namesakes.append(person)
            for word in {first, last}:
                by_word[word].append(person)
            if len(first) > 1:
                initials[first[0], last].append(person)
        person.entries.update(alias.entry for alias in mention.aliases)
        person_of[n] = person
    for n, (mention, name_words) in enumerate(zip(mentions, words, strict=True)):
        person = person_of.get(n)
        first, last = (name_words[0], name_words[-1]) if name_words else ("", "")
        if person and len(first) == 1 and len(candidates := initials[first, last]) == 1:  # "V. Putin"
            person = candidates[0]
        elif mention.type == "PER" and len(name_words) == 1 and by_word[first]:
            person = _meant(text, mention, first, by_word[first], day)
        if person:
            person.times, person.last = person.times + 1, n
            keys[n] = person.number


def _parts(words: Words) -> tuple[str, Words, str, str]:
    """First word, middle words, last word and suffix (Jr, II), without titles of rulers and saints."""
    while len(words) > 2 and words[0] in _CROWNS:
        words = words[1:]
    suffix = ""
    if len(words) > 2 and words[-1] in _SUFFIXES:
        words, suffix = words[:-1], words[-1]
    return words[0], words[1:-1], words[-1], suffix


def _meant(text: str, mention: NameMention, word: str, persons: Sequence[_Person], day: date | None) -> _Person:
    """The person, of several named in full, whom a single word means. It is decided by: whose office stands before the
    word; to whom the gazetteer gives this word; whose family name it is; who holds an office that day; whom the text
    has named most often, then last."""
    if len(persons) == 1:
        return persons[0]
    unambiguous = {alias.entry for alias in mention.aliases if not alias.ambiguous}
    possible = {alias.entry for alias in mention.aliases}

    def rank(person: _Person) -> tuple[object, ...]:
        offices = [office for entry in person.entries for office in entry.offices]
        return (
            title_fits(text, mention.start, offices, day),
            bool(unambiguous & person.entries),
            person.family == word,
            bool(possible & person.entries),
            day is not None and any(office.held(day) for office in offices),
            person.times,
            person.last,
            -person.number,
        )

    return max(persons[-_MOST_PERSONS:], key=rank)


def _join_acronyms(text: str, mentions: Sequence[NameMention], keys: list[object]) -> None:
    """Give an abbreviation the key of the body whose initials it has."""
    initials: dict[str, object] = {}
    for n, mention in enumerate(mentions):
        if mention.type == "ORG":
            main_words = [w for w in _TOKEN.findall(text[mention.start : mention.end]) if w.lower() not in _SMALL]
            if len(main_words) >= 3:
                initials.setdefault("".join(word[0] for word in main_words).upper(), keys[n])
    for n, mention in enumerate(mentions):
        written = text[mention.start : mention.end].replace(".", "")
        if mention.type == "ORG" and written.isupper() and written in initials:
            keys[n] = initials[written]
