"""Where a text has names: what a tagger marked and what the gazetteer knows, as one list of mentions."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.nlp.gazetteer.gazetteer import Alias, Gazetteer, Match
from etl.nlp.languages.words import language_words

_SURE = 0.9
_UNSURE = 0.6  # below it, the gazetteer's type is believed against the tagger's
_TRAILING, _LEADING = frozenset(",;:!?'’”\")]–—-"), frozenset("'‘’“\"([–—-")
_WORDS = language_words("en")
_LEAD = re.compile(rf"(?:{_WORDS.pattern('articles')})\s+")
# "Jordan's King": what a place, not a person, has.
_OFFICES = "|".join(dict.fromkeys(title for titles in _WORDS.table("offices").values() for title in titles))
_ACTS = re.compile(rf"['’]s (?:{_OFFICES})\b")
_OF = re.compile(r"\bof (?:the )?")
# The word lists of all titles that stand before a person's name and are no part of it.
TITLE_LISTS = ("titles_of_women", "titles_of_men", "titles_of_anybody", "abbreviated_titles", "posts")
_TITLES = re.compile(rf"(?:(?:{_WORDS.pattern(*TITLE_LISTS)})\b\.?\s+)+")
# "Deputy Election Commissioner Raghav Menon"
_POST = re.compile(rf"(?:[A-Z][\w-]+ ){{0,3}}(?:{_WORDS.pattern('posts')}) (?=[A-Z])")
_PARTY = re.compile(r", [DRI]-.*$")  # "Elias Bright, D-N.M."


@dataclass(frozen=True)
class Tagged:
    """A name that a tagger marked (half-open, code points)."""

    start: int
    end: int
    type: str
    confidence: float


@dataclass(frozen=True)
class Mention:
    """A name in the text. `aliases`: what the gazetteer has for just these words; `inner`: for words inside;
    `tagged`: a tagger marked it, with `confidence`."""

    start: int
    end: int
    type: str
    confidence: float
    aliases: tuple[Alias, ...] = ()
    inner: tuple[Alias, ...] = ()
    tagged: bool = True


def find_mentions(text: str, tagged: Sequence[Tagged], gazetteer: Gazetteer) -> list[Mention]:
    """All mentions in order; none overlap. A longer name of the gazetteer goes before a shorter of the tagger's, and
    the other way round."""
    matches = gazetteer.matches(text)
    marked = _marked(text, tagged, matches)
    parts_of_persons = {word for m in marked if m.type == "PER" for word in _longer(text[m.start : m.end])}
    starts, ends = [m.start for m in marked], [m.end for m in marked]
    found: dict[int, Mention | None] = dict(enumerate(marked))
    alone: list[Mention] = []
    for match in matches:
        first, last = bisect_right(ends, match.start), bisect_left(starts, match.end)
        if first >= last:
            alone.append(_of_match(match))
            continue
        others = {number: m for number in range(first, last) if (m := found[number])}
        whole = first + 1 == last and (starts[first], ends[first]) == (match.start, match.end)
        inside = first + 1 == last and starts[first] <= match.start and match.end <= ends[first]
        around = match.start <= starts[first] and ends[last - 1] <= match.end
        if not others:
            alone.append(_of_match(match))
        elif whole:
            is_person = text[match.start : match.end] in parts_of_persons
            acts = bool(_ACTS.match(text, match.end))
            found[first] = _with_aliases(others[first], match, is_person, acts)
        elif inside:
            found[first] = replace(others[first], inner=others[first].inner + match.aliases)
        elif around or (match.sure and (" " in text[match.start : match.end] or _unsure(others.values()))):
            alone.append(_of_match(match))
            found.update(dict.fromkeys(others))
    kept = [mention if mention.aliases else replace(mention, aliases=_in_any_case(text, mention, gazetteer))
            for mention in found.values() if mention]  # fmt: skip
    return sorted([*kept, *alone], key=lambda m: m.start)


def compatible(kind: str, alias: Alias) -> bool:
    """May a name of this type be the gazetteer's row? Taggers mix up governments, their seats and peoples, but a person
    is a person."""
    return (kind == "PER") == (alias.entry.type == "PER")


def _is_cased(text: str) -> bool:
    """Has the text capitals, as texts have? In one that has, few names are written small, and none of the gazetteer's:
    china is not China."""
    head = text[:10_000]
    return sum(map(str.isupper, head)) > 0.01 * sum(map(str.isalpha, head))


def _unsure(mentions: Iterable[Mention]) -> bool:
    return all(mention.confidence < _UNSURE for mention in mentions)


def _of_match(match: Match) -> Mention:
    return Mention(match.start, match.end, match.aliases[0].entry.type, 0.0, match.aliases, tagged=False)


def _in_any_case(text: str, mention: Mention, gazetteer: Gazetteer) -> tuple[Alias, ...]:
    """Rows for a name that a tagger marked in a text without capitals, or in a headline's."""
    if text[mention.start : mention.end].islower() and _is_cased(text):
        return ()
    return tuple(a for a in gazetteer.look_up(text[mention.start : mention.end]) if compatible(mention.type, a))


def _with_aliases(mention: Mention, match: Match, is_person: bool, acts: bool) -> Mention:
    """The mention with what the gazetteer has for its words. Where the two disagree whether it is a person, a longer
    name of a person with this word in the text decides (`is_person`), or "'s president" behind it (`acts`), else who
    is surer."""
    fitting = tuple(alias for alias in match.aliases if compatible(mention.type, alias))
    if fitting:
        return replace(mention, aliases=fitting)
    if mention.type == "PER":
        believed = mention.confidence < _UNSURE or acts or (match.sure and not is_person)
    else:
        believed = mention.confidence < _UNSURE or is_person or (match.sure and mention.confidence < _SURE)
    return _of_match(match) if believed else replace(mention, aliases=())


def _longer(name: str) -> list[str]:
    words = name.split()
    return words if len(words) > 1 else []


def _marked(text: str, tagged: Sequence[Tagged], matches: Sequence[Match]) -> list[Mention]:
    """The tagger's names as names are written: without article, title, possessive; offices alone are none."""
    is_cased = _is_cased(text)
    sure = {match.start: match.end for match in matches if match.sure and match.aliases[0].entry.type != "PER"}
    found = []
    for tag in _joined(text, tagged):
        start, end = _trimmed(text, tag)
        if tag.type == "PER":
            start = _after_country(text, start, end, sure)
            if _TITLES.fullmatch(text[start:end] + " "):
                continue
        if start < end and not (is_cased and text[start:end].islower() and tag.confidence < _SURE):
            found.append(Mention(start, end, tag.type, tag.confidence))
    return found


def _joined(text: str, tagged: Sequence[Tagged]) -> list[Tagged]:
    """Persons' names side by side as one: "Melania" "Trump"; nobody puts two persons there without a comma."""
    found: list[Tagged] = []
    for tag in tagged:
        last = found[-1] if found else None
        if last and last.type == tag.type == "PER" and text[last.end : tag.start] in (" ", "-"):
            found[-1] = replace(last, end=tag.end, confidence=max(last.confidence, tag.confidence))
        else:
            found.append(tag)
    return found


def _after_country(text: str, start: int, end: int, sure: Mapping[int, int]) -> int:
    """Where a person's name begins after its office's country: "President of Yemen Abd Rabbuh Mansour Hadi"."""
    if of := _OF.match(text, start, end):
        start = of.end()
    stop = sure.get(start)
    if stop is not None and stop <= end and _OF.search(text[max(0, start - 8) : start]):
        return stop + (text[stop : stop + 1] == " ")
    return start


def _trimmed(text: str, tag: Tagged) -> tuple[int, int]:
    start, end = tag.start, tag.end
    if lead := _LEAD.match(text, start, end):
        start = lead.end()
    if tag.type == "PER":
        for title in (_POST, _TITLES):
            if (found := title.match(text, start, end)) and found.end() < end:
                start = found.end()
        end = start + len(_PARTY.sub("", text[start:end]))
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    while start < end and text[start] in _LEADING:
        start += 1
    return start, end
