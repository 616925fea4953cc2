"""Which mentions of a text are of one thing: "Vladimir Putin", "V. Putin" and "Putin"; "International Atomic Energy
Agency" and "IAEA". Before anything is linked, so that what one mention says helps the others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from etl.nlp.mentions import Mention
from etl.text import fold

_TOKEN = re.compile(r"[\w'-]+")
_SMALL = frozenset("of the and for on in to de la du des del von van & al".split())


def gather(text: str, mentions: Sequence[Mention]) -> tuple[list[Mention], list[int]]:
    """The mentions, those of the same words with one type, and for each the number of its group; groups are numbered
    by their first mention."""
    agreed = _agreed(text, mentions)
    words = [tuple(_TOKEN.findall(fold(text[m.start : m.end]))) for m in agreed]
    keys: list[tuple[str, ...]] = [(m.type, *own) for m, own in zip(agreed, words, strict=True)]
    _join_persons(agreed, words, keys)
    _join_acronyms(text, agreed, keys)
    numbers: dict[tuple[str, ...], int] = {}
    return agreed, [numbers.setdefault(key, len(numbers)) for key in keys]


def _agreed(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """A tagger's types of the same words in one text: the one that most of its confidence is for."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for mention in mentions:
        if mention.tagged:
            votes[text[mention.start : mention.end]][mention.type] += mention.confidence  # type: ignore[assignment]
    found = []
    for mention in mentions:
        own = votes.get(text[mention.start : mention.end])
        if own is not None and len(own) > 1 and mention.tagged:
            mention = replace(mention, type=own.most_common(1)[0][0])
        found.append(mention)
    return found


def _join_persons(mentions: Sequence[Mention], words: Sequence[tuple[str, ...]], keys: list[tuple[str, ...]]) -> None:
    """Persons in full first: by first and last word. Then single words, by the person in full whom they fit."""
    full: dict[tuple[str, str], tuple[str, ...]] = {}
    by_word: dict[str, list[int]] = defaultdict(list)
    for n, (mention, own) in enumerate(zip(mentions, words, strict=True)):
        if mention.type == "PER" and len(own) > 1:
            keys[n] = full.setdefault((own[0], own[-1]), keys[n])
            for word in {own[0], own[-1]}:
                by_word[word].append(n)
    times = Counter(key for mention, key in zip(mentions, keys, strict=True) if mention.type == "PER")
    for n, (mention, own) in enumerate(zip(mentions, words, strict=True)):
        if mention.type == "PER" and len(own) > 1 and len(own[0]) == 1:  # "V. Putin"
            whole = [o for o in by_word[own[-1]] if len(words[o][0]) > 1 and words[o][0][0] == own[0]]
            if len({keys[o] for o in whole}) == 1:
                keys[n] = keys[whole[0]]
        if mention.type == "PER" and len(own) == 1 and by_word[own[0]]:
            keys[n] = keys[_meant(n, mentions, by_word[own[0]], words, keys, times)]
            times[keys[n]] += 1


def _meant(
    n: int,
    mentions: Sequence[Mention],
    full: Sequence[int],
    words: Sequence[tuple[str, ...]],
    keys: Sequence[tuple[str, ...]],
    times: Counter[tuple[str, ...]],
) -> int:
    """Of several persons in full the one whom a single word means: whom the gazetteer gives this word; else one whose
    family name it is; of these the one whom the text has named most, and the nearest before."""
    entries = {alias.entry for alias in mentions[n].aliases if not alias.ambiguous}
    named = [o for o in full if entries & {alias.entry for alias in mentions[o].aliases}]
    family = [o for o in named or full if words[o][-1] == words[n][0]] or named or full
    return max(family, key=lambda o: (o < n, times[keys[o]], o if o < n else -o))


def _join_acronyms(text: str, mentions: Sequence[Mention], keys: list[tuple[str, ...]]) -> None:
    initials: dict[str, tuple[str, ...]] = {}
    for n, mention in enumerate(mentions):
        if mention.type == "ORG":
            strong = [w for w in _TOKEN.findall(text[mention.start : mention.end]) if w.lower() not in _SMALL]
            if len(strong) >= 3:
                initials.setdefault("".join(word[0] for word in strong).upper(), keys[n])
    for n, mention in enumerate(mentions):
        written = text[mention.start : mention.end].replace(".", "")
        if mention.type == "ORG" and written.isupper() and written in initials:
            keys[n] = initials[written]
