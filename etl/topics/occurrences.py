"""Where words, phrases, wildcards and proximities stand in a text: one automaton finds what all of them need."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product

from ahocorasick_rs import AhoCorasick

from etl.text import has_spaceless, spaceless, word_begins, word_ends

# The folded words, and how many others may stand between them; null: as they stand.
Wanted = tuple[tuple[str, ...], int | None]
Place = tuple[int, int]  # half-open, code points
_MOST_WAYS = 500  # of choosing places for a proximity's words around one place
_WILD = re.compile(r"[*?]")
_TOKEN = re.compile(r"\w+")


class Finder:
    """Looks for many words and phrases at once, in folded texts.

    The automaton finds phrases letter by letter, and of what has wildcards or a distance the longest piece of each
    word; only where all these are, the rest is looked at.
    """

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        self._plain: dict[str, list[tuple[Wanted, bool]]] = defaultdict(list)
        self._others: dict[str, list[tuple[Wanted, frozenset[str]]]] = defaultdict(list)
        for item in dict.fromkeys(wanted):
            words, within = item
            phrase = " ".join(words)
            open_end = phrase.endswith("*")
            literal = phrase[:-1] if open_end else phrase
            if within is None and not _WILD.search(literal):
                self._plain[literal].append((item, open_end))
            else:
                needed = frozenset(max(_WILD.split(piece), key=len) for piece in _pieces(item))
                for literal in needed:
                    self._others[literal].append((item, needed))
        self._literals = sorted({*self._plain, *self._others})
        self._automaton = AhoCorasick(self._literals) if self._literals else None
        self._regex = {
            piece: _regex(piece) for items in self._others.values() for item, _ in items for piece in _pieces(item)
        }

    def find(self, folded: str) -> dict[Wanted, list[Place]]:
        """What is there, and where, in order."""
        found: dict[Wanted, list[Place]] = defaultdict(list)
        if self._automaton is None:
            return found
        there: set[str] = set()
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            literal = self._literals[number]
            there.add(literal)
            if literal in self._plain and word_begins(folded, start):
                ends = word_ends(folded, end)
                for item, open_end in self._plain[literal]:
                    if ends or open_end:
                        found[item].append((start, end))
        likely = {item for literal in there for item, needed in self._others.get(literal, ()) if needed <= there}
        tokens: list[int] = _token_starts(folded) if any(within is not None for _, within in likely) else []
        for item in likely:
            if places := list(self._look(item, folded, tokens)):
                found[item] = places
        return found

    def _look(self, item: Wanted, folded: str, tokens: Sequence[int]) -> Iterator[Place]:
        words, within = item
        if within is None:
            yield from self._places(" ".join(words), folded)
            return
        where = [list(self._places(word, folded)) for word in words]
        if all(where):
            yield from _near(where, within, tokens)

    def _places(self, piece: str, folded: str) -> Iterator[Place]:
        regex, at = self._regex[piece], 0
        while match := regex.search(folded, at):
            start, end = match.span()
            whole = word_begins(folded, start) and word_ends(folded, end)
            if whole:
                yield start, end
            at = end if whole else start + 1


def _pieces(item: Wanted) -> Sequence[str]:
    words, within = item
    return [" ".join(words)] if within is None else words


def _regex(piece: str) -> re.Pattern[str]:
    letters = {"*": r"\w*", "?": r"\w"}
    return re.compile("".join(letters.get(char) or re.escape(char) for char in piece))


def _token_starts(folded: str) -> list[int]:
    """Where words begin; in scripts without spaces, characters."""
    if not has_spaceless(folded):
        return [match.start() for match in _TOKEN.finditer(folded)]
    starts: list[int] = []
    for match in _TOKEN.finditer(folded):
        starts += range(*match.span()) if spaceless(match[0][0]) else [match.start()]
    return starts


@dataclass(frozen=True)
class _Located:
    """A place and the numbers of its first and last word in the text."""

    first: int
    last: int
    place: Place


def _near(where: Sequence[Sequence[Place]], within: int, tokens: Sequence[int]) -> Iterator[Place]:
    """Stretches of text that hold one of each at places of their own, in any order, with at most `within` other words
    between them: of those that end at one place, a short one."""
    located = [[_locate(place, tokens) for place in places] for places in where]
    reach = within + sum(max(p.last - p.first + 1 for p in places) for places in located)
    firsts = [[p.first for p in places] for places in located]
    for number, places in enumerate(located):
        for end in places:
            others = [
                [p for p in reversed(own[bisect_left(begins, end.last - reach + 1) : bisect_right(begins, end.last)])
                 if p.last < end.first]
                for n, (own, begins) in enumerate(zip(located, firsts, strict=True)) if n != number
            ]  # fmt: skip
            for chosen in islice(product(*others), _MOST_WAYS):
                stretch = sorted((*chosen, end), key=lambda p: p.first)
                between = [later.first - sooner.last - 1 for sooner, later in pairwise(stretch)]
                if min(between) >= 0 and sum(between) <= within:
                    yield stretch[0].place[0], end.place[1]
                    break


def _locate(place: Place, tokens: Sequence[int]) -> _Located:
    return _Located(bisect_right(tokens, place[0]) - 1, bisect_right(tokens, place[1] - 1) - 1, place)
