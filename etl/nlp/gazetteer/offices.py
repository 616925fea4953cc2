"""Who held an office on a day, and for which country a person spoke on that day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from etl.nlp.languages.words import language_words

T = TypeVar("T")
_WORDS = language_words("en")
# How news writes an office -> its titles in the gazetteer. The longest phrase that matches counts.
TITLES = _WORDS.table("offices")
_PHRASES = "|".join(sorted(map(re.escape, TITLES), key=len, reverse=True))
# "the Russian president", "China's president"; not "Russian President Vladimir Putin", "Russian presidential",
# "Norwegian king crab" or "Indian premier league".
AFTER_COUNTRY = re.compile(
    rf"(?:['’]s)? (?i:({_PHRASES}))\b(?!-)(?! (?:{_WORDS.pattern('words_after_no_office')}|[A-Z]))"
)
BEFORE_COUNTRY = re.compile(rf"\b({_PHRASES}) of (?:the )?$", re.IGNORECASE)
# What may follow "the president of France": an end of the phrase or a verb; not "'s Foxconn", "-based" or "soccer
# federation".
ENDS = re.compile(rf"$|[.,;:!?)\]”\"\n]| (?:{_WORDS.pattern('words_after_offices')}|\w+ed|\w+s)\b")
NOT_IN_OFFICE = re.compile(
    rf"\b(?:{_WORDS.pattern('words_before_past_offices')}|\d+(?:st|nd|rd|th))[ -]$", re.IGNORECASE
)
_TITLE_BEFORE = re.compile(r"\b([A-Z][\w-]+(?: [A-Z][\w-]+){0,2}) $")


@dataclass(frozen=True)
class Office:
    """An office and its term, both days included; null where `since` or `until` is open. `of`: its country (alpha-3),
    null for an office of several countries."""

    title: str
    of: str | None
    since: date | None
    until: date | None

    def held(self, day: date) -> bool:
        """Was the office held on `day`?"""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def countries_on(country: str | None, offices: Sequence[Office], day: date | None) -> tuple[str, ...]:
    """Return for which country a person speaks: that of an office held on the day, none if it is an office of several
    countries, and the person's own country without an office."""
    countries = (country,) if country else ()
    held = [office for office in offices if day is not None and office.held(day)]
    if not held:
        return countries
    national = dict.fromkeys(office.of for office in held if office.of)
    if country in national:
        return countries
    return tuple(national)[:1]


def title_fits(text: str, start: int, offices: Sequence[Office], day: date | None) -> bool:
    """Does an office that the person held on the day stand before the name at `start`: "President Xi"?"""
    before = _TITLE_BEFORE.search(text[max(0, start - 60) : start])
    if not before:
        return False
    held = {plain_title(office.title) for office in offices if day is None or office.held(day)}
    return any(before[1] == title or before[1].endswith(f" {title}") for title in held)


def plain_title(title: str) -> str:
    """Return the title of an office without "Acting" or "Interim"."""
    return title.removeprefix("Acting ").removeprefix("Interim ")


class Holders(Generic[T]):
    """The holders of the offices of all countries."""

    def __init__(self, persons: Iterable[tuple[T, Sequence[Office]]]) -> None:
        self._terms: dict[tuple[str, str], list[tuple[Office, T]]] = {}
        for person, offices in persons:
            for office in offices:
                if office.of:
                    self._terms.setdefault((office.of, plain_title(office.title)), []).append((office, person))

    def on(self, country: str, phrase: str, day: date) -> T | None:
        """Return the person whom `phrase` ("president") of the country means on the day: the new one on the day of a
        handover; null where several began on one day."""
        for title in TITLES.get(phrase.lower(), ()):
            held = [(office, person) for office, person in self._terms.get((country, title), ()) if office.held(day)]
            if held:
                latest = max(office.since or date.min for office, _ in held)
                newest = [person for office, person in held if (office.since or date.min) == latest]
                return newest[0] if all(person is newest[0] for person in newest) else None
        return None
