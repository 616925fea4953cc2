"""Which mentions of a text are of one thing: "Vladimir Putin", "V. Putin" and "Putin"; "International Atomic Energy
Agency" and "IAEA". Before anything is linked, so that what one mention says helps the others."""

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
_MOST = 50  # persons of one word that are looked at: the last ones
Words = tuple[str, ...]


@dataclass
class _Person:
    """A person named in full, as far as the text has gone: words of the name, rows, how often, where last."""

    number: int
    middle: Words
    entries: set[GazetteerEntry] = field(default_factory=set)
    times: int = 0
    last: int = -1
    family: str = ""


def gather(text: str, mentions: Sequence[NameMention], day: date | None = None) -> tuple[list[NameMention], list[int]]:
    """The mentions, those of the same words with one type, and for each the number of its group. `day`: of the text,
    for who held an office. Time is linear, for any number of persons of one name."""
    agreed = _agreed(text, mentions)
    words = [tuple(_TOKEN.findall(fold(text[m.start : m.end]))) for m in agreed]
    keys: list[object] = [(m.type, *own) for m, own in zip(agreed, words, strict=True)]
    _join_persons(text, agreed, words, keys, day)
    _join_acronyms(text, agreed, keys)
    numbers: dict[object, int] = {}
    return agreed, [numbers.setdefault(key, len(numbers)) for key in keys]


def _agreed(text: str, mentions: Sequence[NameMention]) -> list[NameMention]:
    """A tagger's types of the same words in one text: the one that most of its confidence is for."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for mention in mentions:
        if mention.tagged:
            votes[text[mention.start : mention.end]][mention.type] += mention.confidence
    found = []
    for mention in mentions:
        own = votes.get(text[mention.start : mention.end])
        if own is not None and len(own) > 1 and mention.tagged:
            mention = replace(mention, type=max(own, key=own.__getitem__))
        found.append(mention)
    return found


def same_middle(one: Sequence[str], other: Sequence[str]) -> bool:
    """May two names with these words in the middle be one: none in one of them, or the same, or their initials?"""
    if not one or not other:
        return True
    pairs = list(zip(one, other, strict=False))
    return len(one) == len(other) and all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]) for a, b in pairs)


def _join_persons(
    text: str, mentions: Sequence[NameMention], words: Sequence[Words], keys: list[object], day: date | None
) -> None:
    """Persons in full first: by first and last word. Then single words, by the person in full whom they fit."""
    full: dict[Words, list[_Person]] = defaultdict(list)
    by_word: dict[str, list[_Person]] = defaultdict(list)
    initials: dict[tuple[str, str], list[_Person]] = defaultdict(list)
    of: dict[int, _Person] = {}
    for n, (mention, own) in enumerate(zip(mentions, words, strict=True)):
        if mention.type != "PER" or len(own) < 2:
            continue
        first, middle, last, suffix = _parts(own)
        same = full[first, last, suffix]
        person = next((p for p in same if same_middle(p.middle, middle)), None)
        if person is None:
            person = _Person(n, middle, family=last)
            same.append(person)
            for word in {first, last}:
                by_word[word].append(person)
            if len(first) > 1:
                initials[first[0], last].append(person)
        person.entries.update(alias.entry for alias in mention.aliases)
        of[n] = person
    for n, (mention, own) in enumerate(zip(mentions, words, strict=True)):
        person = of.get(n)
        if person and len(own[0]) == 1 and len(candidates := initials[own[0], own[-1]]) == 1:  # "V. Putin"
            person = candidates[0]
        elif mention.type == "PER" and len(own) == 1 and by_word[own[0]]:
            person = _meant(text, mention, own[0], by_word[own[0]], day)
        if person:
            person.times, person.last = person.times + 1, n
            keys[n] = person.number


def _parts(words: Words) -> tuple[str, Words, str, str]:
    """First, middle, last word and what comes behind (Jr, II), crowns left out."""
    while len(words) > 2 and words[0] in _CROWNS:
        words = words[1:]
    suffix = ""
    if len(words) > 2 and words[-1] in _SUFFIXES:
        words, suffix = words[:-1], words[-1]
    return words[0], words[1:-1], words[-1], suffix


def _meant(text: str, mention: NameMention, word: str, persons: Sequence[_Person], day: date | None) -> _Person:
    """Of several persons in full the one whom a single word means: whose office stands before it; whom the gazetteer
    gives this word; whose family name it is; who holds an office that day; whom the text has named most, or last."""
    if len(persons) == 1:
        return persons[0]
    sure = {alias.entry for alias in mention.aliases if not alias.ambiguous}
    named = {alias.entry for alias in mention.aliases}

    def rank(person: _Person) -> tuple[object, ...]:
        offices = [office for entry in person.entries for office in entry.offices]
        return (
            title_fits(text, mention.start, offices, day),
            bool(sure & person.entries),
            person.family == word,
            bool(named & person.entries),
            day is not None and any(office.held(day) for office in offices),
            person.times,
            person.last,
            -person.number,
        )

    return max(persons[-_MOST:], key=rank)


def _join_acronyms(text: str, mentions: Sequence[NameMention], keys: list[object]) -> None:
    initials: dict[str, object] = {}
    for n, mention in enumerate(mentions):
        if mention.type == "ORG":
            strong = [w for w in _TOKEN.findall(text[mention.start : mention.end]) if w.lower() not in _SMALL]
            if len(strong) >= 3:
                initials.setdefault("".join(word[0] for word in strong).upper(), keys[n])
    for n, mention in enumerate(mentions):
        written = text[mention.start : mention.end].replace(".", "")
        if mention.type == "ORG" and written.isupper() and written in initials:
            keys[n] = initials[written]
