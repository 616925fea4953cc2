"""Windows: the text cut into runs of successive paragraphs that the encoder reads, as word pieces.

The tokenizer ignores case. Whether a word is in small letters, capitals or mixed is a second input (`cases`), so that
one encoder reads headlines in capitals and texts without capitals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from etl.models.files import read_model
from etl.nlp.encoder.model_files import TOKENIZER

CLS, SEP, PAD = 101, 102, 0
LONGEST = 192  # pieces of a window, the special ones included
# The case of a word: how it is written.
NO_WORD, NO_LETTER, LOWER, TITLE, CAPITALS, SINGLE, MIXED, CASELESS = range(8)
_PARAGRAPH = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Window:
    """Pieces of successive words. `firsts`: the place of each word's first piece; `starts`, `ends`: where the words are
    in the text (half-open, code points); `paragraphs`: for each word the number of its paragraph, from 0, empty lines
    not counted."""

    pieces: NDArray[np.int32]
    cases: NDArray[np.int8]
    firsts: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    paragraphs: NDArray[np.int32]


@dataclass(frozen=True)
class _Words:
    """The words of a paragraph. `bounds[n]` to `bounds[n + 1]` are the pieces of word n."""

    pieces: NDArray[np.int32]
    bounds: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    cases: NDArray[np.int8]


def windows(text: str, longest: int = LONGEST) -> list[Window]:
    """Return the windows of a text, of at most `longest` pieces. A longer paragraph is cut between words."""
    spans = [match.span() for match in _PARAGRAPH.finditer(text)]
    encoded = _tokenizer().encode_batch([text[start:end] for start, end in spans], add_special_tokens=False)
    filled: list[Window] = []
    parts: list[tuple[int, _Words]] = []
    room = longest - 1
    for number, ((start, _), encoding) in enumerate(zip(spans, encoded, strict=True)):
        words = _words(text, start, encoding)
        for piece in _cut(words, longest - 2):
            size = len(piece.pieces) + 1
            if size > room and parts:
                filled.append(_window(parts))
                parts, room = [], longest - 1
            parts.append((number, piece))
            room -= size
    return [*filled, _window(parts)] if parts else filled


def _words(text: str, offset: int, encoding: object) -> _Words:
    ids = np.array(encoding.ids, dtype=np.int32)  # type: ignore[attr-defined]
    if not len(ids):
        nothing = np.zeros(0, np.int32)
        return _Words(ids, np.zeros(1, np.int64), nothing, nothing, np.zeros(0, np.int8))
    word = np.array(encoding.word_ids)  # type: ignore[attr-defined]
    offsets = np.array(encoding.offsets, dtype=np.int32) + offset  # type: ignore[attr-defined]
    [firsts] = np.nonzero(np.diff(word, prepend=-1))
    bounds = np.append(firsts, len(ids))
    starts, ends = offsets[firsts, 0], offsets[bounds[1:] - 1, 1]
    cases = [_case(text[start:end]) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return _Words(ids, bounds, starts, ends, np.array(cases, dtype=np.int8))


@lru_cache(maxsize=1 << 16)
def _case(word: str) -> int:
    """How a word is written."""
    letters = [char for char in word if char.isalpha()]
    if not letters:
        return NO_LETTER
    capital, small = sum(map(str.isupper, letters)), sum(map(str.islower, letters))
    if not capital:
        return LOWER if small else CASELESS
    if len(letters) == 1:
        return SINGLE
    if not small:
        return CAPITALS
    return TITLE if capital == 1 and letters[0].isupper() else MIXED


def _cut(words: _Words, longest: int) -> list[_Words]:
    """Runs of words that have at most `longest` pieces. A word that has more loses its last pieces."""
    runs = []
    first, total = 0, len(words.starts)
    while first < total:
        last = int(np.searchsorted(words.bounds, words.bounds[first] + longest, side="right")) - 1
        last = max(min(last, total), first + 1)
        begin, end = int(words.bounds[first]), min(int(words.bounds[last]), int(words.bounds[first]) + longest)
        bounds = np.append(words.bounds[first:last] - begin, end - begin)
        starts, ends, cases = words.starts[first:last], words.ends[first:last], words.cases[first:last]
        runs.append(_Words(words.pieces[begin:end], bounds, starts, ends, cases))
        first = last
    return runs


def _window(parts: Sequence[tuple[int, _Words]]) -> Window:
    """A window of runs of words, each with the number of its paragraph."""
    pieces: list[NDArray[np.int32]] = [np.array([CLS], np.int32)]
    cases: list[NDArray[np.int8]] = [np.array([NO_WORD], np.int8)]
    firsts = []
    at = 1
    for _, words in parts:
        firsts.append(words.bounds[:-1] + at)
        pieces += [words.pieces, np.array([SEP], np.int32)]
        cases += [np.repeat(words.cases, np.diff(words.bounds)), np.array([NO_WORD], np.int8)]
        at += len(words.pieces) + 1
    return Window(
        np.concatenate(pieces),
        np.concatenate(cases),
        np.concatenate(firsts).astype(np.int32),
        np.concatenate([words.starts for _, words in parts]),
        np.concatenate([words.ends for _, words in parts]),
        np.repeat([number for number, _ in parts], [len(words.starts) for _, words in parts]).astype(np.int32),
    )


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_buffer(read_model(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
