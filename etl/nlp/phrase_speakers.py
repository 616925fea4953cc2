"""Who a phrase beside a cue names: a person, a body, a pronoun, a description."""

from __future__ import annotations

import re
from collections.abc import Sequence

from etl.nlp.cues import CHINESE_TITLE, DESCRIPTION, PRONOUN, ROLE_WORD
from etl.nlp.names import Name, Names
from etl.nlp.quotation import Speaker

_LETTERS = r"A-ZÀ-ÖØ-ÞŁŚŻŠČŽĐİА-ЯЁ"
_WORD = rf"[{_LETTERS}][\w’'-]*\.?"
_PERSON = re.compile(rf"(?:{_WORD})(?:\s+(?:(?:van|von|de|da|dos|del|bin|al|el|der|la|le|ibn)\s+)?{_WORD}){{0,3}}")
_NOT_NAMES = frozenset(
    """
    The A An In On At But And He She They It We I This That These Those There For From As If When While After
    Before By With Not No Our My His Her Its Their Mr Mrs Ms Dr Sir Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday January February March April May June July August September October November December Speaking
    Asked He’s It’s However Meanwhile Still Yet Earlier Later Today Yesterday В На По Но И А Он Она Они Это Об О К
    С Как Мы Я
    """.split()
)
_NEAR = 300  # characters in which a pronoun's person is looked for
_REMEMBERED = 100  # speakers among whom a surname is looked for
_POSSESSIVE = re.compile(r"(?:[’']s?)?\s*")
_HONORIFIC = re.compile(
    r"^(?:Mr|Mrs|Ms|Dr|Sir|Prof|Professor|President|Premier|Minister|Senator|Chancellor|Governor|General|Ambassador)\.?\s+"
)


def resolve(text: str, start: int, end: int, names: Names, known: Sequence[Speaker]) -> Speaker | None:
    """The speaker that text[start:end], a phrase beside a cue, stands for; null where it is none.

    `known`: speakers found so far, for surnames and pronouns. Persons go before bodies, names before descriptions.
    """
    inside = names.between(start, end)
    persons = [name for name in inside if name.type in ("PER", "OFFICE")]
    if persons:
        return _linked(persons[-1])
    if person := _unlisted_person(text, start, end, inside, known):
        return person
    if match := PRONOUN.search(text, start, end):
        return _pronoun(match.start(), match.end(), names, known)
    bodies = [name for name in inside if name.type == "ORG" or (name.type == "LOC" and _alone(text, name, start, end))]
    if description := DESCRIPTION.search(text, start, end):
        return Speaker(description.start(), description.end(), None, None, _countries(inside), "description", 0.6)
    if bodies:
        return _linked(bodies[-1])
    return None


def _linked(name: Name) -> Speaker:
    method, confidence = "named", 0.9 if name.entry else 0.6
    if name.type == "OFFICE":
        method, confidence = "description", 0.8
    elif name.entry is None and name.full != name.text:
        method, confidence = "surname", 0.8
    entity_id = name.entry.id if name.entry else None
    return Speaker(name.start, name.end, name.full, entity_id, name.countries, method, confidence)


def _unlisted_person(
    text: str, start: int, end: int, inside: Sequence[Name], known: Sequence[Speaker]
) -> Speaker | None:
    """A capitalised name that the gazetteer does not know: two words or more, or the surname of one met before."""
    if match := CHINESE_TITLE.search(text, start, end):
        return Speaker(match.start(1), match.end(1), match[1], None, _countries(inside), "named", 0.7)
    for match in reversed(list(_PERSON.finditer(text, start, end))):
        first, stop = _trimmed(text, match.start(), match.end(), inside)
        written = re.sub(r"[’']s?$", "", text[first:stop].rstrip("."))
        stop = first + len(written)
        words = written.split()
        if not words or ROLE_WORD.search(written):
            continue
        before = next((s for s in reversed(known[-_REMEMBERED:]) if s.name and s.name.split()[-1] == words[-1]), None)
        if before:
            return Speaker(first, stop, before.name, before.entity_id, before.countries, "surname", 0.8)
        if len(words) >= 2 and not any(name.start < stop and first < name.end for name in inside):
            return Speaker(first, stop, written, None, _countries(inside), "named", 0.8)
    return None


def _trimmed(text: str, start: int, end: int, inside: Sequence[Name]) -> tuple[int, int]:
    """Without leading articles, titles and linked names: "Chinese Foreign Ministry spokeswoman Lin Yuechan"."""
    for name in inside:
        if name.start <= start < name.end < end:
            start = name.end + _POSSESSIVE.match(text[name.end : end]).end()  # type: ignore[union-attr]  # matches ""
    while (first := text[start:end].split(" ", 1))[0].rstrip(".") in _NOT_NAMES and len(first) > 1:
        start += len(first[0]) + 1
    if match := _HONORIFIC.match(text[start:end]):
        start += match.end()
    if text[start:end] in _NOT_NAMES:
        return end, end
    return start, end


def _pronoun(start: int, end: int, names: Names, known: Sequence[Speaker]) -> Speaker:
    """The last speaker, if near; else the one person named near before it. Two persons and no speaker: unknown."""
    near = start - _NEAR
    speakers = (s for s in reversed(known[-_REMEMBERED:]) if s.name and near <= s.end <= start)
    found = next((s for s in speakers if s.method in ("named", "surname", "pronoun")), None)
    if found is None:
        persons = {n.cluster: n for n in names.between(near, start) if n.type == "PER"}
        found = _linked(next(iter(persons.values()))) if len(persons) == 1 else None
    if found is None:
        return Speaker(start, end, None, None, (), None, 0.3)
    return Speaker(start, end, found.name, found.entity_id, found.countries, "pronoun", 0.6)


def _alone(text: str, name: Name, start: int, end: int) -> bool:
    """Is the phrase nothing but this place ("Beijing said")?"""
    rest = text[start : name.start] + text[name.end : end]
    return not any(char.isalnum() for char in rest.replace("the", "").replace("The", ""))


def _countries(inside: Sequence[Name]) -> tuple[str, ...]:
    """The countries named in the phrase, where they are of one country: "a Chinese official"."""
    codes = {name.countries for name in inside if name.countries}
    return next(iter(codes)) if len(codes) == 1 else ()
