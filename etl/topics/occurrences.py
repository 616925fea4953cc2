"""Find words, phrases, wildcards and proximities in a text with one automaton for all of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product

from ahocorasick_rs import AhoCorasick

from etl.text import has_spaceless, spaceless, word_begins, word_ends

# Folded words, and how many other words may stand between them in any order; null: the words as they are written.
WordPattern = tuple[tuple[str, ...], int | None]
TextRange = tuple[int, int]  # half-open, in code points
_MAX_COMBINATIONS = 500  # combinations of positions that are tried for each end of a proximity match
_WILDCARD = re.compile(r"[*?]")
_TOKEN = re.compile(r"\w+")


class Finder:
    """Search folded texts for many patterns at once.

    The automaton finds phrases literally. For a pattern with wildcards or a distance it looks for the longest literal
    piece of each word; only if all these pieces occur is the pattern itself searched for.
    """

    def __init__(self, patterns: Iterable[WordPattern]) -> None:
        self._phrases: dict[str, list[tuple[WordPattern, bool]]] = defaultdict(list)
        self._other_patterns: dict[str, list[tuple[WordPattern, frozenset[str]]]] = defaultdict(list)
        for pattern in dict.fromkeys(patterns):
            words, distance = pattern
            phrase = " ".join(words)
            open_end = phrase.endswith("*")
            literal = phrase[:-1] if open_end else phrase
            if distance is None and not _WILDCARD.search(literal):
                self._phrases[literal].append((pattern, open_end))
            else:
                needed = frozenset(max(_WILDCARD.split(part), key=len) for part in _parts(pattern))
                for literal in needed:
                    self._other_patterns[literal].append((pattern, needed))
        self._literals = sorted({*self._phrases, *self._other_patterns})
        self._automaton = AhoCorasick(self._literals) if self._literals else None
        self._regexes = {
            part: _part_regex(part)
            for entries in self._other_patterns.values()
            for pattern, _ in entries
            for part in _parts(pattern)
        }

    def find(self, folded: str) -> dict[WordPattern, list[TextRange]]:
        """Return the patterns that occur in a folded text, each with its positions in order."""
        positions: dict[WordPattern, list[TextRange]] = defaultdict(list)
        if self._automaton is None:
            return positions
        present: set[str] = set()
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            literal = self._literals[number]
            present.add(literal)
            if literal in self._phrases and word_begins(folded, start):
                at_word_end = word_ends(folded, end)
                for pattern, open_end in self._phrases[literal]:
                    if at_word_end or open_end:
                        positions[pattern].append((start, end))
        possible = {
            pattern
            for literal in present
            for pattern, needed in self._other_patterns.get(literal, ())
            if needed <= present
        }
        token_starts: list[int] = []
        if any(distance is not None for _, distance in possible):
            token_starts = _token_starts(folded)
        for pattern in possible:
            if pattern_positions := list(self._search(pattern, folded, token_starts)):
                positions[pattern] = pattern_positions
        return positions

    def _search(self, pattern: WordPattern, folded: str, token_starts: Sequence[int]) -> Iterator[TextRange]:
        words, distance = pattern
        if distance is None:
            yield from self._part_positions(" ".join(words), folded)
            return
        positions = [list(self._part_positions(word, folded)) for word in words]
        if all(positions):
            yield from _proximity_matches(positions, distance, token_starts)

    def _part_positions(self, part: str, folded: str) -> Iterator[TextRange]:
        regex, offset = self._regexes[part], 0
        while match := regex.search(folded, offset):
            start, end = match.span()
            is_whole_word = word_begins(folded, start) and word_ends(folded, end)
            if is_whole_word:
                yield start, end
            offset = end if is_whole_word else start + 1


def _parts(pattern: WordPattern) -> Sequence[str]:
    """The parts of a pattern that are searched for separately: the whole phrase, or with a distance each word."""
    words, distance = pattern
    return [" ".join(words)] if distance is None else words


def _part_regex(part: str) -> re.Pattern[str]:
    letters = {"*": r"\w*", "?": r"\w"}
    return re.compile("".join(letters.get(char) or re.escape(char) for char in part))


def _token_starts(folded: str) -> list[int]:
    """The offsets at which words begin; in scripts without spaces, those of all characters."""
    if not has_spaceless(folded):
        return [match.start() for match in _TOKEN.finditer(folded)]
    starts: list[int] = []
    for match in _TOKEN.finditer(folded):
        starts += range(*match.span()) if spaceless(match[0][0]) else [match.start()]
    return starts


@dataclass(frozen=True)
class _TokenRange:
    """A range of a text, with the numbers of its first and its last word."""

    first: int
    last: int
    range: TextRange


def _proximity_matches(
    positions: Sequence[Sequence[TextRange]], distance: int, token_starts: Sequence[int]
) -> Iterator[TextRange]:
    """Find ranges that hold each word once, without overlaps, in any order, with at most `distance` words between them.

    `positions` are those of each word. Of the matches that end at one position, a short one is given.
    """
    token_ranges = [[_token_range(range_, token_starts) for range_ in ranges] for ranges in positions]
    reach = distance + sum(max(r.last - r.first + 1 for r in ranges) for ranges in token_ranges)
    first_tokens = [[r.first for r in ranges] for ranges in token_ranges]
    for number, ranges in enumerate(token_ranges):
        for end in ranges:
            others = [
                [r for r in reversed(word[bisect_left(firsts, end.last - reach + 1) : bisect_right(firsts, end.last)])
                 if r.last < end.first]
                for n, (word, firsts) in enumerate(zip(token_ranges, first_tokens, strict=True)) if n != number
            ]  # fmt: skip
            for combination in islice(product(*others), _MAX_COMBINATIONS):
                match = sorted((*combination, end), key=lambda r: r.first)
                gaps = [later.first - earlier.last - 1 for earlier, later in pairwise(match)]
                if min(gaps) >= 0 and sum(gaps) <= distance:
                    yield match[0].range[0], end.range[1]
                    break


def _token_range(text_range: TextRange, token_starts: Sequence[int]) -> _TokenRange:
    first, last = (bisect_right(token_starts, offset) - 1 for offset in (text_range[0], text_range[1] - 1))
    return _TokenRange(first, last, text_range)
