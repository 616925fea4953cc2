"""Features of a cue and a piece near it, by which a model judges whether both belong to one attribution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.pieces import Piece, Pieces
from etl.text import Layout

Rows = NDArray[np.float32]
Places = NDArray[np.int64]
NEAREST = 5  # pieces that are looked at on each side of a cue
PARAGRAPHS = 2  # the most paragraphs between a cue and a piece
# The columns of the fitted model, in order. "Between" is the text between the cue and the piece; "other pieces" are
# sources where the piece is a content, and contents where it is a source.
FEATURES = (
    "is_content", "before_cue", "overlaps_cue", "log_words_between", "characters_between", "sentences_to_start",
    "sentences_to_end", "paragraphs_away", "commas_between", "colons_between", "marks_between", "cues_between",
    "pieces_between", "other_pieces_between", "nearer_pieces", "piece_chance", "cue_chance", "piece_words", "cue_words",
    "cues_nearer_to_piece", "words_to_nearest_other_cue", "words_beyond_nearest_other_cue", "first_cue_word",
    "last_cue_word", "cue_ends_in_ing", "cue_ends_in_ed", "that_follows_cue", "piece_is_pronoun", "kind_behind_cue",
    "kind_before_cue", "kind_behind_piece", "kind_before_piece", "kind_of_piece_end", "kind_of_piece_start",
    "piece_is_capitalised", "other_piece_before_cue", "other_piece_behind_cue", "chance_of_source_between",
    "chance_of_cue_between", "chance_of_content_between", "piece_in_marks", "cue_in_marks", "both_in_same_marks",
    "cue_place_in_sentence", "piece_place_in_sentence",
)  # fmt: skip
_FAR = 300
_NO_CUE = 99
# Words of cues that the model tells apart by their number from 1; 0 is any other. Fitted with the model.
_CUE_WORDS = (
    "said says say saying told tells telling according added adding adds wrote writes writing asked asks asking "
    "called calls calling believe believes thinks think want wants hope hopes like support supports announced "
    "argued argues claimed claims noted notes noting suggested suggests warned warns expected expects see seen "
    "seeing described describes insisted insists responded replied tweeted posted promised pledged vowed pointed "
    "show shows showed found reported reports know knows urged urges continued declared questioned criticized "
    "praised accused acknowledged admitted explained recalled concluded agreed denied refused declined citing "
    "cited referring quoted has have had is are was were would will can could did also made went by of to that "
    "with on for in as about against over out at from not statement "
).split()
_WORD_NUMBER = {word: number for number, word in enumerate(_CUE_WORDS, start=1)}
_PRONOUNS = frozenset("he she they it we i you who this that those these many some others one".split())
_WORD = re.compile(r"\w+")
# Kinds of characters, numbered from 1; letters, digits and all others come behind. White space has one kind before a
# capital and one elsewhere.
_KINDS = [",;", ".", ":", '"', "“„«「『", "”»」』", "‘’'`", "—–-", "()[]", "?!。！？", "\n"]
_COMMAS, _COLONS, _DOUBLE_MARKS = [1], [3], [4, 5, 6]
_LETTER, _DIGIT, _OTHER, _SPACE, _SPACE_CAPITAL, _END = range(len(_KINDS) + 1, len(_KINDS) + 7)


@dataclass(frozen=True)
class Pairs:
    """Pairs of a cue and a piece near it: their numbers, and for each pair a row with a column for each of
    `FEATURES`."""

    cues: Places
    pieces: Places
    rows: Rows


@dataclass(frozen=True)
class _Columns:
    """A list of pieces as arrays."""

    starts: Places
    ends: Places
    chances: Rows


@dataclass(frozen=True)
class _PairPlaces:
    """Where the cue and the piece of each pair are: their numbers, their offsets, whether the piece stands before the
    cue, and the offsets of the text between the two."""

    cue: Places
    piece: Places
    cue_start: Places
    cue_end: Places
    start: Places
    end: Places
    is_before: NDArray[np.bool_]
    overlaps: NDArray[np.bool_]
    low: Places
    high: Places
    first_of_cue: Places
    paragraphs_away: Places


class TextFeatures:
    """One text, ready for asking for the features of its pairs. All places are code points."""

    def __init__(self, text: str, layout: Layout, marks: Marks, pieces: Pieces) -> None:
        self._text, self._pieces = text, pieces
        self._capitals = np.array([char.isupper() for char in text] or [False])
        self._kinds = _kinds(text, self._capitals)
        self._sentences = np.array([s.start for s in layout.sentences], np.int64)
        self._paragraphs = np.array([p.start for p in layout.paragraphs], np.int64)
        self._commas, self._colons, self._double_marks = (
            np.nonzero(np.isin(self._kinds, kinds))[0] for kinds in (_COMMAS, _COLONS, _DOUBLE_MARKS)
        )
        self._opens = np.array([m.open_at for m in marks.all], np.int64)
        self._closes = np.array([m.close_at for m in marks.all], np.int64)

    def pairs(self, contents: Sequence[Piece], of_contents: bool) -> Pairs:
        """Each cue with its nearest contents, or with its nearest sources."""
        pieces, others = (contents, self._pieces.sources) if of_contents else (self._pieces.sources, contents)
        cue_columns, piece_columns, other_columns = map(_columns, (self._pieces.cues, pieces, others))
        places = self._places(cue_columns, piece_columns)
        if not len(places.piece):
            return Pairs(places.cue, places.piece, np.zeros((0, 0), np.float32))
        features: dict[str, NDArray[np.generic]] = {
            "is_content": np.full(len(places.piece), of_contents),
            **self._distances(places),
            **self._counts(places, cue_columns, piece_columns, other_columns),
            **self._rivals(places, cue_columns),
            **self._words(places, pieces),
            **self._characters(places),
            **self._other_pieces(places, other_columns),
            **self._chances(places, cue_columns, piece_columns),
            **self._marks_and_sentences(places),
        }
        rows = np.stack([features[name] for name in FEATURES], axis=1).astype(np.float32)
        return Pairs(places.cue, places.piece, rows)

    def _places(self, cues: _Columns, pieces: _Columns) -> _PairPlaces:
        """The pairs: each cue with the `NEAREST` pieces on each side that are no more than `PARAGRAPHS` away."""
        first_behind = np.searchsorted(pieces.starts, cues.starts)
        numbers = first_behind[:, None] + np.arange(-NEAREST, NEAREST)
        cue, column = np.nonzero((numbers >= 0) & (numbers < len(pieces.starts)))
        piece = numbers[cue, column]
        away = np.abs(
            _number_at(self._paragraphs, pieces.starts[piece]) - _number_at(self._paragraphs, cues.starts[cue])
        )
        near = away <= PARAGRAPHS
        cue, piece, away = cue[near], piece[near], away[near]
        cue_start, cue_end, start, end = cues.starts[cue], cues.ends[cue], pieces.starts[piece], pieces.ends[piece]
        is_before = piece < first_behind[cue]
        low, high = np.where(is_before, end, cue_end), np.where(is_before, cue_start, start)
        overlaps = high < low
        low = np.minimum(low, high)
        return _PairPlaces(
            cue, piece, cue_start, cue_end, start, end, is_before, overlaps, low, np.maximum(low, high),
            first_behind[cue], away,
        )  # fmt: skip

    def _distances(self, places: _PairPlaces) -> Mapping[str, NDArray[np.generic]]:
        cue_sentence = _number_at(self._sentences, places.cue_start)
        return {
            "before_cue": places.is_before,
            "overlaps_cue": places.overlaps,
            "log_words_between": np.log1p(self._word_count(places.low, places.high)),
            "characters_between": np.minimum(places.high - places.low, _FAR),
            "sentences_to_start": np.abs(_number_at(self._sentences, places.start) - cue_sentence),
            "sentences_to_end": _number_at(self._sentences, places.end - 1) - cue_sentence,
            "paragraphs_away": places.paragraphs_away,
        }

    def _counts(
        self, places: _PairPlaces, cues: _Columns, pieces: _Columns, others: _Columns
    ) -> Mapping[str, NDArray[np.generic]]:
        def between(offsets: Places) -> Places:
            return np.searchsorted(offsets, places.high) - np.searchsorted(offsets, places.low)

        behind_cue = places.piece - places.first_of_cue
        return {
            "commas_between": between(self._commas),
            "colons_between": between(self._colons),
            "marks_between": between(self._double_marks),
            "cues_between": between(cues.starts) - ~places.is_before,  # one less behind the cue, as in the fit
            "pieces_between": between(pieces.starts),
            "other_pieces_between": between(others.starts),
            "nearer_pieces": np.where(places.is_before, -1 - behind_cue, behind_cue),
        }

    def _rivals(self, places: _PairPlaces, cues: _Columns) -> Mapping[str, NDArray[np.generic]]:
        """How many other cues are nearer to the piece, and how far the nearest other one is, in words."""
        numbers = np.searchsorted(cues.starts, places.start)[:, None] + np.arange(-2, 2)
        is_other = (numbers >= 0) & (numbers < len(cues.starts)) & (numbers != places.cue[:, None])
        numbers = np.clip(numbers, 0, max(0, len(cues.starts) - 1))
        gaps = self._gap(cues.starts[numbers], cues.ends[numbers], places.start[:, None], places.end[:, None])
        gaps = np.where(is_other, gaps, _NO_CUE)
        gap = self._gap(places.cue_start, places.cue_end, places.start, places.end)
        nearest = np.minimum(gaps.min(axis=1, initial=_NO_CUE), _NO_CUE)
        return {
            "cues_nearer_to_piece": (is_other & (gaps < gap[:, None])).sum(axis=1),
            "words_to_nearest_other_cue": nearest,
            "words_beyond_nearest_other_cue": self._word_count(places.low, places.high) - nearest,
        }

    def _words(self, places: _PairPlaces, pieces: Sequence[Piece]) -> Mapping[str, NDArray[np.generic]]:
        of_cues = self._cue_words()
        beginnings = [self._text[p.start : min(p.end, p.start + 12)].lower() for p in pieces]
        is_pronoun = np.array([beginning in _PRONOUNS for beginning in beginnings], np.int64)
        return {
            "piece_words": self._word_count(places.start, places.end),
            "cue_words": self._word_count(places.cue_start, places.cue_end),
            **{name: values[places.cue] for name, values in of_cues.items()},
            "piece_is_pronoun": is_pronoun[places.piece],
        }

    def _cue_words(self) -> Mapping[str, Places]:
        """For each cue: the numbers of its first and last word, how the first ends, whether "that" follows."""
        rows = []
        for cue in self._pieces.cues:
            words = _WORD.findall(self._text[cue.start : cue.end].lower()) or [""]
            first, last = words[0], words[-1]
            rows.append(
                {
                    "first_cue_word": _WORD_NUMBER.get(first, 0),
                    "last_cue_word": _WORD_NUMBER.get(last, 0),
                    "cue_ends_in_ing": first.endswith("ing"),
                    "cue_ends_in_ed": first.endswith("ed"),
                    "that_follows_cue": self._text[cue.end : cue.end + 6].strip() == "that",
                }
            )
        return {name: np.array([row[name] for row in rows], np.int64) for name in rows[0]}

    def _characters(self, places: _PairPlaces) -> Mapping[str, NDArray[np.generic]]:
        return {
            "kind_behind_cue": self._kind(places.cue_end),
            "kind_before_cue": self._kind(places.cue_start - 1),
            "kind_behind_piece": self._kind(places.end),
            "kind_before_piece": self._kind(places.start - 1),
            "kind_of_piece_end": self._kind(places.end - 1),
            "kind_of_piece_start": self._kind(places.start),
            "piece_is_capitalised": self._capitals[places.start],
        }

    def _other_pieces(self, places: _PairPlaces, others: _Columns) -> Mapping[str, NDArray[np.generic]]:
        first_behind = np.searchsorted(others.starts, places.cue_start)
        return {
            "other_piece_before_cue": _distance(others.ends, first_behind - 1, places.cue_start),
            "other_piece_behind_cue": _distance(others.starts, first_behind, places.cue_end),
        }

    def _chances(self, places: _PairPlaces, cues: _Columns, pieces: _Columns) -> Mapping[str, NDArray[np.generic]]:
        first, last = (
            np.searchsorted(self._pieces.starts, places.low),
            np.searchsorted(self._pieces.starts, places.high),
        )
        words = np.maximum(last - first, 1)
        between = {
            f"chance_of_{part}_between": (sums[last] - sums[first]) / words
            for part, sums in self._pieces.inside.items()
        }
        return {"piece_chance": pieces.chances[places.piece], "cue_chance": cues.chances[places.cue], **between}

    def _marks_and_sentences(self, places: _PairPlaces) -> Mapping[str, NDArray[np.generic]]:
        piece_marked, cue_marked = self._marked(places.start), self._marked(places.cue_start)
        return {
            "piece_in_marks": piece_marked > 0,
            "cue_in_marks": cue_marked > 0,
            "both_in_same_marks": (piece_marked > 0) & (piece_marked == cue_marked),
            "cue_place_in_sentence": places.cue_start - self._sentence_start(places.cue_start),
            "piece_place_in_sentence": places.start - self._sentence_start(places.start),
        }

    def _gap(self, start: Places, end: Places, other_start: Places, other_end: Places) -> Places:
        """Words between two spans; 0 where they overlap."""
        low, high = np.where(start <= other_start, end, other_end), np.where(start <= other_start, other_start, start)
        return np.maximum(self._word_count(low, high), 0)

    def _word_count(self, low: Places, high: Places) -> Places:
        """Words that begin between two places; negative where the second stands first."""
        return np.searchsorted(self._pieces.starts, high) - np.searchsorted(self._pieces.starts, low)

    def _kind(self, places: Places) -> Places:
        """The kinds of the characters at the places; `_END` outside the text."""
        inside = (places >= 0) & (places < len(self._text))
        return np.where(inside, self._kinds[np.clip(places, 0, len(self._kinds) - 1)], _END)

    def _marked(self, places: Places) -> Places:
        """The number from 1 of the span between marks that holds a place; 0 where none does."""
        number = np.searchsorted(self._opens, places, side="right")
        if not len(self._opens):
            return number
        return np.where((number > 0) & (places <= self._closes[number - 1]), number, 0)

    def _sentence_start(self, places: Places) -> Places:
        return self._sentences[_number_at(self._sentences, places) - 1]


def _columns(pieces: Sequence[Piece]) -> _Columns:
    return _Columns(
        np.array([p.start for p in pieces], np.int64),
        np.array([p.end for p in pieces], np.int64),
        np.array([p.chance for p in pieces], np.float32),
    )


def _number_at(starts: Places, places: Places) -> Places:
    """The number from 1 of the sentence or paragraph that holds each place."""
    return np.maximum(np.searchsorted(starts, places, side="right"), 1)


def _distance(places: Places, number: Places, to: Places) -> Places:
    """How far the numbered place is; `_FAR` where there is none, or where it is further."""
    if not len(places):
        return np.full(len(number), _FAR)
    exists = (number >= 0) & (number < len(places))
    distance = np.abs(places[np.clip(number, 0, len(places) - 1)] - to)
    return np.where(exists, np.minimum(distance, _FAR), _FAR)


class _KindOfCharacter(dict[str, int]):
    """Character -> its kind, decided when a character is first met."""

    def __missing__(self, char: str) -> int:
        listed = next((number for number, characters in enumerate(_KINDS, start=1) if char in characters), None)
        other = _LETTER if char.isalpha() else _DIGIT if char.isdigit() else _SPACE if char.isspace() else _OTHER
        self[char] = listed or other
        return self[char]


_KIND_OF = _KindOfCharacter()


def _kinds(text: str, capitals: NDArray[np.bool_]) -> Places:
    """The kind of each character of a text."""
    kinds = np.array([_KIND_OF[char] for char in text] or [_END], np.int64)
    capital_follows = np.append(capitals[1:], False)
    return np.where((kinds == _SPACE) & capital_follows, _SPACE_CAPITAL, kinds)
