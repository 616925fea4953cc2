"""What is seen of a cue and a piece near it, by which a model judges whether both are of one attribution."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.pieces import Piece, Pieces
from etl.text import Layout

Rows = NDArray[np.float32]
Places = NDArray[np.int64]
NEAREST = 5  # pieces on each side of a cue that are looked at
PARAGRAPHS = 2  # and how many paragraphs away
_FAR = 300
_NO_CUE = 99
_FIRST_OR_LAST = (
    "said says say saying told tells telling according added adding adds wrote writes writing asked asks asking "
    "called calls calling believe believes thinks think want wants hope hopes like support supports announced "
    "argued argues claimed claims noted notes noting suggested suggests warned warns expected expects see seen "
    "seeing described describes insisted insists responded replied tweeted posted promised pledged vowed pointed "
    "show shows showed found reported reports know knows urged urges continued declared questioned criticized "
    "praised accused acknowledged admitted explained recalled concluded agreed denied refused declined citing "
    "cited referring quoted has have had is are was were would will can could did also made went by of to that "
    "with on for in as about against over out at from not statement "
).split()
_WORD_NUMBER = {word: number for number, word in enumerate(_FIRST_OR_LAST, start=1)}
_PRONOUNS = frozenset("he she they it we i you who this that those these many some others one".split())
_WORD = re.compile(r"\w+")
# Kinds of characters; letters, digits and all others come behind. A space is told by what follows it.
_KINDS = [",;", ".", ":", '"', "“„«「『", "”»」』", "‘’'`", "—–-", "()[]", "?!。！？", "\n"]
_LETTER, _DIGIT, _OTHER, _SPACE, _SPACE_CAPITAL, _END = range(len(_KINDS) + 1, len(_KINDS) + 7)


@dataclass(frozen=True)
class Pairs:
    """Pairs of a cue and a piece near it: their numbers, and a row of features for each."""

    cues: Places
    pieces: Places
    rows: Rows


class TextFeatures:
    """One text as the features see it. All positions are code points."""

    def __init__(self, text: str, layout: Layout, marks: Marks, pieces: Pieces) -> None:
        self._text, self._pieces = text, pieces
        self._capitals = np.array([char.isupper() for char in text] or [False])
        self._kinds = _kinds(text, self._capitals)
        self._sentences = np.array([s.start for s in layout.sentences], np.int64)
        self._paragraphs = np.array([p.start for p in layout.paragraphs], np.int64)
        self._counted = [np.nonzero(np.isin(self._kinds, own))[0] for own in ([1], [3], [4, 5, 6])]
        self._opens = np.array([m.open_at for m in marks.all], np.int64)
        self._closes = np.array([m.close_at for m in marks.all], np.int64)

    def pairs(self, contents: Sequence[Piece], of_contents: bool) -> Pairs:
        """Each cue with its nearest contents, or with its nearest sources."""
        own, others = (contents, self._pieces.sources) if of_contents else (self._pieces.sources, contents)
        cue_starts, cue_ends, cue_chances = _columns(self._pieces.cues)
        starts, ends, chances = _columns(own)
        other_starts, other_ends, _ = _columns(others)
        base = np.searchsorted(starts, cue_starts)
        number = base[:, None] + np.arange(-NEAREST, NEAREST)
        cue, column = np.nonzero((number >= 0) & (number < len(starts)))
        x = number[cue, column]
        away = np.abs(_line(self._paragraphs, starts[x]) - _line(self._paragraphs, cue_starts[cue]))
        cue, x, away = cue[away <= PARAGRAPHS], x[away <= PARAGRAPHS], away[away <= PARAGRAPHS]
        first, last = cue_starts[cue], cue_ends[cue]
        before = x < base[cue]
        low, high = np.where(before, ends[x], last), np.where(before, first, starts[x])
        overlap = high < low
        low = np.minimum(low, high)
        high = np.maximum(low, high)
        from_, to = np.searchsorted(self._pieces.starts, low), np.searchsorted(self._pieces.starts, high)
        nearer, least = self._rivals(cue, starts[x], ends[x], cue_starts, cue_ends)
        distance = to - from_
        line = _line(self._sentences, first)
        at = np.searchsorted(other_starts, first)
        columns = [
            np.full(len(x), of_contents), before, overlap, np.log1p(distance), np.minimum(high - low, _FAR),
            np.abs(_line(self._sentences, starts[x]) - line), _line(self._sentences, ends[x] - 1) - line, away,
            *(_between(places, low, high) for places in self._counted),
            _between(cue_starts, low, high) - ~before, _between(starts, low, high), _between(other_starts, low, high),
            np.where(before, base[cue] - 1 - x, x - base[cue]), chances[x], cue_chances[cue],
            self._words(starts[x], ends[x]), self._words(first, last), nearer, least, distance - least,
            *(column[cue] for column in self._cue_words()), *(column[x] for column in self._piece_words(own)),
            *(self._kind(places) for places in (last, first - 1, ends[x], starts[x] - 1, ends[x] - 1, starts[x])),
            self._capitals[starts[x]],
            _distance(other_ends, at - 1, first), _distance(other_starts, at, last),
            *((own_[to] - own_[from_]) / np.maximum(distance, 1) for own_ in self._pieces.inside.values()),
            self._marked(starts[x]) > 0, self._marked(first) > 0,
            (self._marked(starts[x]) > 0) & (self._marked(starts[x]) == self._marked(first)),
            first - self._sentences[line - 1], starts[x] - self._sentences[_line(self._sentences, starts[x]) - 1],
        ]  # fmt: skip
        return Pairs(cue, x, np.stack(columns, axis=1).astype(np.float32) if len(x) else np.zeros((0, 0), np.float32))

    def _rivals(
        self, cue: Places, start: Places, end: Places, cue_starts: Places, cue_ends: Places
    ) -> tuple[Places, Places]:
        """How many other cues are nearer to the piece, and how far the nearest other one is, in words."""
        numbers = np.searchsorted(cue_starts, start)[:, None] + np.arange(-2, 2)
        there = (numbers >= 0) & (numbers < len(cue_starts)) & (numbers != cue[:, None])
        numbers = np.clip(numbers, 0, max(0, len(cue_starts) - 1))
        gaps = np.where(there, self._gap(cue_starts[numbers], cue_ends[numbers], start[:, None], end[:, None]), _NO_CUE)
        own = self._gap(cue_starts[cue], cue_ends[cue], start, end)
        least = np.minimum(gaps.min(axis=1, initial=_NO_CUE), _NO_CUE)
        return (there & (gaps < own[:, None])).sum(axis=1), least

    def _gap(self, a: Places, a_end: Places, b: Places, b_end: Places) -> Places:
        low, high = np.where(a <= b, a_end, b_end), np.where(a <= b, b, a)
        return np.maximum(self._words(low, high), 0)

    def _words(self, low: Places, high: Places) -> Places:
        return np.searchsorted(self._pieces.starts, high) - np.searchsorted(self._pieces.starts, low)

    def _kind(self, places: Places) -> Places:
        inside = (places >= 0) & (places < len(self._text))
        return np.where(inside, self._kinds[np.clip(places, 0, len(self._kinds) - 1)], _END)

    def _marked(self, places: Places) -> Places:
        """The number from 1 of the span between marks that holds a place; 0 where none does."""
        number = np.searchsorted(self._opens, places, side="right")
        if not len(self._opens):
            return number
        return np.where((number > 0) & (places <= self._closes[number - 1]), number, 0)

    def _cue_words(self) -> list[Places]:
        rows = []
        for cue in self._pieces.cues:
            words = _WORD.findall(self._text[cue.start : cue.end].lower()) or [""]
            first, last = words[0], words[-1]
            rows.append(
                (
                    _WORD_NUMBER.get(first, 0), _WORD_NUMBER.get(last, 0), first.endswith("ing"), first.endswith("ed"),
                    self._text[cue.end : cue.end + 6].strip() == "that",
                )
            )  # fmt: skip
        return list(np.array(rows, np.int64).reshape(-1, 5).T)

    def _piece_words(self, pieces: Sequence[Piece]) -> list[Places]:
        words = [self._text[p.start : min(p.end, p.start + 12)].lower() for p in pieces]
        return [np.array([word in _PRONOUNS for word in words], np.int64)]


def _columns(pieces: Sequence[Piece]) -> tuple[Places, Places, Rows]:
    return (
        np.array([p.start for p in pieces], np.int64),
        np.array([p.end for p in pieces], np.int64),
        np.array([p.chance for p in pieces], np.float32),
    )


def _line(starts: Places, places: Places) -> Places:
    """The number from 1 of the sentence or paragraph that holds a place."""
    return np.maximum(np.searchsorted(starts, places, side="right"), 1)


def _distance(places: Places, number: Places, to: Places) -> Places:
    """How far the numbered place is; _FAR where there is none, or none so near."""
    if not len(places):
        return np.full(len(number), _FAR)
    there = (number >= 0) & (number < len(places))
    distance = np.abs(places[np.clip(number, 0, len(places) - 1)] - to)
    return np.where(there, np.minimum(distance, _FAR), _FAR)


def _between(places: Places, low: Places, high: Places) -> Places:
    return np.searchsorted(places, high) - np.searchsorted(places, low)


class _KindOf(dict[str, int]):
    """Character -> its kind, decided when a character is first met."""

    def __missing__(self, char: str) -> int:
        listed = next((number for number, own in enumerate(_KINDS, start=1) if char in own), None)
        rest = _LETTER if char.isalpha() else _DIGIT if char.isdigit() else _SPACE if char.isspace() else _OTHER
        self[char] = listed or rest
        return self[char]


_KIND_OF = _KindOf()


def _kinds(text: str, capitals: NDArray[np.bool_]) -> Places:
    kinds = np.array([_KIND_OF[char] for char in text] or [_END], np.int64)
    capital_follows = np.append(capitals[1:], False)
    return np.where((kinds == _SPACE) & capital_follows, _SPACE_CAPITAL, kinds)
