"""Mentions: the names that a tagger marked and those that the gazetteer matches, as one list."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etl.nlp.gazetteer.gazetteer import Alias, Gazetteer, Match
from etl.nlp.languages.words import language_words

_SURE = 0.9  # from here on the tagger's type is believed against the gazetteer's
_UNSURE = 0.6  # below it the gazetteer's type is believed against the tagger's
_TRAILING, _LEADING = frozenset(",;:!?'’”\")]–—-"), frozenset("'‘’“\"([–—-")
_WORDS = language_words("en")
_ARTICLE = re.compile(rf"(?:{_WORDS.pattern('articles')})\s+")
# "Jordan's King": a place has a king, a person has not.
_OFFICES = "|".join(dict.fromkeys(title for titles in _WORDS.table("offices").values() for title in titles))
_OFFICE_BEHIND = re.compile(rf"['’]s (?:{_OFFICES})\b")
_OF = re.compile(r"\bof (?:the )?")
# The word lists of all titles that stand before a person's name and are no part of it.
TITLE_LISTS = ("titles_of_women", "titles_of_men", "titles_of_anybody", "abbreviated_titles", "posts")
_TITLES = re.compile(rf"(?:(?:{_WORDS.pattern(*TITLE_LISTS)})\b\.?\s+)+")
# "Deputy Election Commissioner Raghav Menon"
_POST = re.compile(rf"(?:[A-Z][\w-]+ ){{0,3}}(?:{_WORDS.pattern('posts')}) (?=[A-Z])")
_PARTY = re.compile(r", [DRI]-.*$")  # "Elias Bright, D-N.M."


@dataclass(frozen=True)
class TaggedName:
    """A name that a tagger marked (half-open, code points)."""

    start: int
    end: int
    type: str
    confidence: float


@dataclass(frozen=True)
class NameMention:
    """A name in the text. `aliases`: the gazetteer's aliases of exactly these words; `inner`: of words inside the name;
    `tagged`: whether a tagger marked it, with `confidence`."""

    start: int
    end: int
    type: str
    confidence: float
    aliases: tuple[Alias, ...] = ()
    inner: tuple[Alias, ...] = ()
    tagged: bool = True


def find_mentions(text: str, tagged: Sequence[TaggedName], gazetteer: Gazetteer) -> list[NameMention]:
    """Return all mentions in order; none overlap. Of a name of the gazetteer and one of the tagger that overlap, the
    longer stands."""
    matches = gazetteer.matches(text)
    marked = _marked(text, tagged, matches)
    parts_of_persons = {word for m in marked if m.type == "PER" for word in _words_of_longer(text[m.start : m.end])}
    starts, ends = [m.start for m in marked], [m.end for m in marked]
    merged: dict[int, NameMention | None] = dict(enumerate(marked))  # null: the gazetteer's name stands instead
    added: list[NameMention] = []
    for match in matches:
        first, last = bisect_right(ends, match.start), bisect_left(starts, match.end)
        if first >= last:
            added.append(_of_match(match))
            continue
        others = {number: m for number in range(first, last) if (m := merged[number])}
        same_words = first + 1 == last and (starts[first], ends[first]) == (match.start, match.end)
        inside = first + 1 == last and starts[first] <= match.start and match.end <= ends[first]
        around = match.start <= starts[first] and ends[last - 1] <= match.end
        if not others:
            added.append(_of_match(match))
        elif same_words:
            is_person = text[match.start : match.end] in parts_of_persons
            has_office = bool(_OFFICE_BEHIND.match(text, match.end))
            merged[first] = _with_aliases(others[first], match, is_person, has_office)
        elif inside:
            merged[first] = replace(others[first], inner=others[first].inner + match.aliases)
        elif around or (match.sure and (" " in text[match.start : match.end] or _unsure(others.values()))):
            added.append(_of_match(match))
            merged.update(dict.fromkeys(others))
    kept = [mention if mention.aliases else replace(mention, aliases=_in_any_case(text, mention, gazetteer))
            for mention in merged.values() if mention]  # fmt: skip
    return sorted([*kept, *added], key=lambda m: m.start)


def compatible(kind: str, alias: Alias) -> bool:
    """May a name of this type be the row of this alias? Taggers mix up governments, their seats and peoples, but not
    persons with others."""
    return (kind == "PER") == (alias.entry.type == "PER")


def _is_cased(text: str) -> bool:
    """Does the text use capitals as usual? Then few names are written small, and none of the gazetteer's: china is not
    China."""
    head = text[:10_000]
    return sum(map(str.isupper, head)) > 0.01 * sum(map(str.isalpha, head))


def _unsure(mentions: Iterable[NameMention]) -> bool:
    return all(mention.confidence < _UNSURE for mention in mentions)


def _of_match(match: Match) -> NameMention:
    return NameMention(match.start, match.end, match.aliases[0].entry.type, 0.0, match.aliases, tagged=False)


def _in_any_case(text: str, mention: NameMention, gazetteer: Gazetteer) -> tuple[Alias, ...]:
    """The aliases of a name that a tagger marked in a text without capitals or in a headline in capitals."""
    if text[mention.start : mention.end].islower() and _is_cased(text):
        return ()
    return tuple(a for a in gazetteer.look_up(text[mention.start : mention.end]) if compatible(mention.type, a))


def _with_aliases(mention: NameMention, match: Match, is_person: bool, has_office: bool) -> NameMention:
    """The mention with the gazetteer's aliases of its words. Where the two disagree whether it is a person, a longer
    name of a person in the text that has this word decides (`is_person`), or "'s president" behind it (`has_office`),
    else the confidence of the tagger and whether the alias is ambiguous."""
    fitting = tuple(alias for alias in match.aliases if compatible(mention.type, alias))
    if fitting:
        return replace(mention, aliases=fitting)
    if mention.type == "PER":
        is_match = mention.confidence < _UNSURE or has_office or (match.sure and not is_person)
    else:
        is_match = mention.confidence < _UNSURE or is_person or (match.sure and mention.confidence < _SURE)
    return _of_match(match) if is_match else replace(mention, aliases=())


def _words_of_longer(name: str) -> list[str]:
    """The words of a name that has several."""
    words = name.split()
    return words if len(words) > 1 else []


def _marked(text: str, tagged: Sequence[TaggedName], matches: Sequence[Match]) -> list[NameMention]:
    """The tagger's names without articles, titles and possessive endings. A title alone is no name."""
    is_cased = _is_cased(text)
    sure = {match.start: match.end for match in matches if match.sure and match.aliases[0].entry.type != "PER"}
    mentions = []
    for tag in _joined(text, tagged):
        start, end = _trimmed(text, tag)
        if tag.type == "PER":
            start = _after_country(text, start, end, sure)
            if _TITLES.fullmatch(text[start:end] + " "):
                continue
        if start < end and not (is_cased and text[start:end].islower() and tag.confidence < _SURE):
            mentions.append(NameMention(start, end, tag.type, tag.confidence))
    return mentions


def _joined(text: str, tagged: Sequence[TaggedName]) -> list[TaggedName]:
    """The tagger's names, where persons' names that stand side by side are one ("Melania" "Trump"): between two persons
    there would be a comma."""
    joined: list[TaggedName] = []
    for tag in tagged:
        last = joined[-1] if joined else None
        if last and last.type == tag.type == "PER" and text[last.end : tag.start] in (" ", "-"):
            joined[-1] = replace(last, end=tag.end, confidence=max(last.confidence, tag.confidence))
        else:
            joined.append(tag)
    return joined


def _after_country(text: str, start: int, end: int, sure: Mapping[int, int]) -> int:
    """Where a person's name begins behind the country of the office: "President of Yemen Abd Rabbuh Mansour Hadi".
    `sure`: start -> end of the names that surely are no persons."""
    if of := _OF.match(text, start, end):
        start = of.end()
    stop = sure.get(start)
    if stop is not None and stop <= end and _OF.search(text[max(0, start - 8) : start]):
        return stop + (text[stop : stop + 1] == " ")
    return start


def _trimmed(text: str, tag: TaggedName) -> tuple[int, int]:
    """Where a name starts and ends without article, title, party and possessive ending."""
    start, end = tag.start, tag.end
    if article := _ARTICLE.match(text, start, end):
        start = article.end()
    if tag.type == "PER":
        for title in (_POST, _TITLES):
            if (match := title.match(text, start, end)) and match.end() < end:
                start = match.end()
        end = start + len(_PARTY.sub("", text[start:end]))
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    while start < end and text[start] in _LEADING:
        start += 1
    return start, end
