"""The gazetteer: names of countries, persons, organisations and places with their ids and countries, matched in a text
with one automaton.

Names that can be listed in full are not learnt by a model: they are in config/gazetteer/*.yaml, which users edit.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick
from pydantic import Field, field_validator
from rjieba import Jieba

from etl.configuration.yaml_models import ConfigModel, load_models
from etl.days import first_day, last_day
from etl.errors import InputError
from etl.nlp.gazetteer.han_words import han_words, is_chinese, segmenter, short_names
from etl.nlp.gazetteer.offices import Holders, Office, countries_on
from etl.text import fold, plain, spaceless, word_begins, word_ends

NOT_A_NAME = "place:not-a-name"
_ENDING = "[а-яА-Я]{0,4}"
Aliases = dict[str, list[str]]


class _Place(ConfigModel):
    id: str | None = None
    name: str
    aliases: Aliases


class _CountryRow(ConfigModel):
    """An item of countries.yaml."""

    id: str
    code: str = Field(pattern=r"^[A-Z]{3}$")
    name: str
    short_zh: str | None = Field(default=None, min_length=1, max_length=1)
    aliases: Aliases
    demonyms: Aliases = {}
    capital: _Place | None = None
    by_names: list[_Place] = []
    ambiguous: list[str] = []


class _Office(ConfigModel):
    title: str
    of: str | None = None
    body: str | None = None
    since: date | str | None = None
    until: date | str | None = None

    @field_validator("since", "until")
    @classmethod
    def _days(cls, value: date | str | None) -> date | str | None:
        if isinstance(value, str):
            try:
                first_day(value)
            except InputError as error:
                raise ValueError(str(error)) from None
        return value

    def office(self) -> Office:
        """The office with the first and the last day of its term."""
        since = first_day(self.since) if isinstance(self.since, str) else self.since
        until = last_day(self.until) if isinstance(self.until, str) else self.until
        return Office(self.title, self.of, since, until)


class _PersonRow(ConfigModel):
    """An item of persons.yaml."""

    id: str
    name: str
    country: str | None = None
    offices: list[_Office] = []
    aliases: Aliases
    ambiguous: list[str] = []


class _OrganisationRow(ConfigModel):
    """An item of organisations.yaml."""

    id: str
    name: str
    countries: list[str] = []
    seat: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    aliases: Aliases
    ambiguous: list[str] = []


class _PlaceRow(ConfigModel):
    """An item of places.yaml."""

    id: str
    name: str
    country: str | None = None
    aliases: Aliases
    ambiguous: list[str] = []


@dataclass(frozen=True, eq=False)
class GazetteerEntry:
    """A row of the gazetteer. `type`: PER, ORG, LOC or NORP; `countries`: ISO alpha-3; `offices`: of a person, they
    tell for which country he or she speaks on a day; `state`: whether it is a country, its people or its capital."""

    id: str | None
    name: str
    type: str
    countries: tuple[str, ...]
    offices: tuple[Office, ...] = ()
    state: bool = False

    def countries_on(self, day: date | None) -> tuple[str, ...]:
        """Return the countries that a mention of the row carries in an article of the day."""
        if not self.offices:
            return self.countries
        return countries_on(self.countries[0] if self.countries else None, self.offices, day)


@dataclass(frozen=True)
class Alias:
    """A way to write the name of a row. `ambiguous`: it often means something else and needs other evidence in the
    text; `beside_others`: it counts only beside another alias of this kind, as 中 in 中俄."""

    entry: GazetteerEntry
    written: str
    ambiguous: bool
    beside_others: bool = False


@dataclass(frozen=True)
class Match:
    """A span of a text (half-open, code points) and the aliases that it may be; several where rows share an alias."""

    start: int
    end: int
    aliases: tuple[Alias, ...]

    @property
    def sure(self) -> bool:
        """Is one of the aliases unambiguous?"""
        return any(not alias.ambiguous for alias in self.aliases)


class Gazetteer:
    """All aliases in one automaton. It matches whole words and their case; a `*` in an alias stands for an ending."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        self.aliases = tuple(aliases)
        self._short = {alias.written: alias for alias in self.aliases if alias.beside_others}
        aliases = [alias for alias in self.aliases if not alias.beside_others]
        self._chinese = [alias.written for alias in aliases if spaceless(alias.written[0])]
        persons = {alias.entry: None for alias in aliases if alias.entry.offices}
        self.holders = Holders((entry, entry.offices) for entry in persons)
        by_form: dict[tuple[str, re.Pattern[str] | None], list[Alias]] = defaultdict(list)
        for alias in aliases:
            for form in _case_forms(alias.written):
                prefix = form.partition("*")[0]
                pattern = re.compile(_stem_pattern(form), re.IGNORECASE) if "*" in form else None
                if alias not in by_form[prefix, pattern]:
                    by_form[prefix, pattern].append(alias)
        self._forms = [(pattern, tuple(group)) for (_, pattern), group in by_form.items()]
        self._automaton = AhoCorasick([prefix for prefix, _ in by_form])

    def look_up(self, written: str) -> tuple[Alias, ...]:
        """Return the aliases that a name may be, whatever the case of its letters. None of three letters and fewer,
        which only their case distinguishes."""
        return self._folded.get(fold(_normal(written)), ()) if len(written) > 3 else ()

    @cached_property
    def _folded(self) -> dict[str, tuple[Alias, ...]]:
        by_folded: dict[str, dict[Alias, None]] = defaultdict(dict)
        for aliases in (group for pattern, group in self._forms if pattern is None):
            for alias in aliases:
                by_folded[fold(_normal(alias.written))][alias] = None
        return {folded: tuple(aliases) for folded, aliases in by_folded.items()}

    @cached_property
    def _segmenter(self) -> Jieba:
        return segmenter(self._chinese)

    def matches(self, text: str) -> list[Match]:
        """Return the matches in a text, of those that overlap the leftmost, then the longest."""
        normal = _normal(text)
        words = han_words(normal, self._segmenter) if is_chinese(normal) else None
        candidates: dict[tuple[int, int], dict[Alias, None]] = defaultdict(dict)
        for form, start, stop in self._automaton.find_matches_as_indexes(normal, overlapping=True):
            pattern, aliases = self._forms[form]
            end = stop
            if pattern is not None:
                whole_word = pattern.match(normal, start)
                if whole_word is None:
                    continue
                end = whole_word.end()
            is_word = word_begins(normal, start) and word_ends(normal, end)
            if is_word and (words is None or not spaceless(normal[start]) or words.may_be(start, end)):
                candidates[start, end].update(dict.fromkeys(aliases))
        if words and self._short:
            for at in short_names(normal, words, "".join(self._short)):
                candidates[at, at + 1][self._short[normal[at]]] = None
        return list(_longest(Match(start, end, tuple(aliases)) for (start, end), aliases in candidates.items()))


def _longest(matches: Iterable[Match]) -> Iterator[Match]:
    end = 0
    for match in sorted(matches, key=lambda m: (m.start, -m.end)):
        if match.start >= end:
            end = match.end
            if all(alias.entry.id != NOT_A_NAME for alias in match.aliases):
                yield match


def _normal(text: str) -> str:
    """The text with plain characters, and е for ё. The length stays."""
    return plain(text).replace("ё", "е").replace("Ё", "Е")


def _case_forms(written: str) -> list[str]:
    """The forms of an alias: as written; capitalised, if it is Cyrillic and small (adjectives begin sentences); in
    capitals, if it is long enough."""
    form = _normal(written)
    forms = [form]
    if "\u0400" <= form[0] <= "\u04ff" and form[0].islower():
        forms.append(form[0].upper() + form[1:])
    if len(form) >= 4 and form.upper() != form and form.lower() != form.upper():
        forms.append(form.upper())
    return forms


def _stem_pattern(form: str) -> str:
    return re.escape(form).replace(r"\*", _ENDING) + r"(?!\w)"


def check_gazetteer(folder: Path) -> None:
    """Read the files of a gazetteer and do nothing more. Raises ConfigError."""
    for _ in _aliases(folder):
        pass


@lru_cache(maxsize=4)
def load_gazetteer(folder: Path) -> Gazetteer:
    """Return the gazetteer of a folder, read once a process. Raises ConfigError."""
    return Gazetteer(_aliases(folder))


def gazetteer_stamp(folder: Path) -> str:
    """Return a hash of the folder's files. What was annotated with another gazetteer is stale."""
    files = sorted(folder.glob("*.yaml"))
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()[:16]


def _aliases(folder: Path) -> Iterator[Alias]:
    for country in load_models(folder / "countries.yaml", _CountryRow):
        yield from _country_aliases(country)
    for person in load_models(folder / "persons.yaml", _PersonRow):
        countries = (person.country,) if person.country else ()
        offices = tuple(office.office() for office in person.offices)
        entry = GazetteerEntry(person.id, person.name, "PER", countries, offices)
        yield from _written(entry, person.aliases, person.ambiguous)
    for body in load_models(folder / "organisations.yaml", _OrganisationRow):
        yield from _written(
            GazetteerEntry(body.id, body.name, "ORG", tuple(body.countries)), body.aliases, body.ambiguous
        )
    for place in load_models(folder / "places.yaml", _PlaceRow):
        countries = (place.country,) if place.country else ()
        yield from _written(GazetteerEntry(place.id, place.name, "LOC", countries), place.aliases, place.ambiguous)


def _country_aliases(row: _CountryRow) -> Iterator[Alias]:
    countries = (row.code,)
    country = GazetteerEntry(row.id, row.name, "LOC", countries, state=True)
    yield from _written(country, row.aliases, row.ambiguous)
    if row.short_zh:
        yield Alias(country, row.short_zh, ambiguous=False, beside_others=True)
    yield from _written(GazetteerEntry(row.id, row.name, "NORP", countries, state=True), row.demonyms, row.ambiguous)
    if row.capital:
        capital = GazetteerEntry(row.capital.id, row.capital.name, "LOC", countries, state=True)
        yield from _written(capital, row.capital.aliases, row.ambiguous)
    for seat in row.by_names:
        seat_id = seat.id or f"seat:{re.sub(r'[^a-z0-9]+', '-', seat.name.lower()).strip('-')}"
        yield from _written(GazetteerEntry(seat_id, seat.name, "ORG", countries), seat.aliases, row.ambiguous)


def _written(entry: GazetteerEntry, aliases: Aliases, ambiguous: list[str]) -> Iterator[Alias]:
    for written in dict.fromkeys(w for forms in aliases.values() for w in forms):
        yield Alias(entry, written, written in ambiguous)
