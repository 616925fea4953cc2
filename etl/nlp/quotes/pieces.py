"""Sources, cues and contents of quotations, as the encoder marks them word by word: pieces, not joined yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from etl.nlp.encoder.decoding import WordSpan, best_labels, find_spans, log_softmax
from etl.nlp.encoder.labels import QUOTE_COLUMNS, QUOTE_LABELS, QUOTE_PARTS
from etl.nlp.encoder.read import Reading
from etl.nlp.encoder.windows import Window
from etl.nlp.quotes.marks import UTTERANCE, Marks

_SOME_CHANCE = 0.1  # that they are a content, so that they are taken for one
_EVEN_CHANCE = 0.5  # that fewer words are


@dataclass(frozen=True)
class Piece:
    """Part of a quotation (half-open, code points) within one paragraph; `chance`: the mean of its words'."""

    start: int
    end: int
    chance: float


@dataclass(frozen=True)
class Pieces:
    """A text's pieces, each list in order and without overlaps. `starts`: of all words, code points; `inside`: for
    source, cue and content the sum of the chances of all words before each (one more than there are words)."""

    sources: tuple[Piece, ...]
    cues: tuple[Piece, ...]
    contents: tuple[Piece, ...]
    starts: NDArray[np.int32]
    inside: Mapping[str, NDArray[np.float32]]

    def chance(self, part: str, start: int, end: int) -> float:
        """The mean chance that the words which begin in the span are of this part of a quotation."""
        first, last = np.searchsorted(self.starts, (start, end))
        return float(self.inside[part][last] - self.inside[part][first]) / max(1, int(last) - int(first))


def pieces_of(readings: Sequence[Reading]) -> list[Pieces]:
    """The pieces of texts that were read."""
    chances = {
        part: [log_softmax(scores[:, QUOTE_COLUMNS[part]]) for reading in readings for scores in reading.scores]
        for part in QUOTE_PARTS
    }
    paths = {part: best_labels(own, QUOTE_LABELS) for part, own in chances.items()}
    found, first = [], 0
    for reading in readings:
        last = first + len(reading.windows)
        found.append(_pieces(reading, {part: (paths[part][first:last], chances[part][first:last]) for part in chances}))
        first = last
    return found


def _pieces(
    reading: Reading, told: Mapping[str, tuple[Sequence[NDArray[np.int64]], Sequence[NDArray[np.float32]]]]
) -> Pieces:
    lists, inside = {}, {}
    for part, (paths, chances) in told.items():
        lists[part] = tuple(
            piece
            for window, path, own in zip(reading.windows, paths, chances, strict=True)
            for span in find_spans(path, own, QUOTE_LABELS)
            for piece in _by_paragraph(window, span)
        )
        outside = [np.exp(own[:, 0]) for own in chances]
        inside[part] = np.concatenate([np.zeros(1, np.float32), np.cumsum(1 - np.concatenate([*outside, _NONE]))])
    starts = np.concatenate([*(window.starts for window in reading.windows), _NO_WORDS])
    return Pieces(lists["source"], lists["cue"], lists["content"], starts, inside)


_NONE, _NO_WORDS = np.zeros(0, np.float32), np.zeros(0, np.int32)


def _by_paragraph(window: Window, span: WordSpan) -> list[Piece]:
    ends = [n for n in range(span.first + 1, span.last) if window.paragraphs[n] != window.paragraphs[n - 1]]
    cuts = pairwise([span.first, *ends, span.last])
    return [Piece(int(window.starts[a]), int(window.ends[b - 1]), span.chance) for a, b in cuts]


def settled(pieces: Pieces, marks: Marks, text: str) -> tuple[Piece, ...]:
    """Contents that begin and end where quotation marks do: a piece that begins or ends between marks takes all that
    stands between them. Words between marks in which the encoder saw no content are one if they are many or likely."""
    found: list[Piece] = []
    for piece in pieces.contents:
        first, last = marks.around(piece.start), marks.around(piece.end - 1)
        whole = first is not None and first is last
        start = (first.start if whole else first.open_at) if first else piece.start
        end = (last.end if whole or not last.closed else last.close_at + 1) if last else piece.end
        if found and start < found[-1].end:
            before = found.pop()
            start, end = before.start, max(end, before.end)
        if start < end:
            found.append(Piece(start, end, piece.chance))
    taken = {number for piece in found for number in marks.numbers(piece.start, piece.end)}
    for number, marked in enumerate(marks.all):
        if number in taken:
            continue
        chance = pieces.chance("content", marked.start, marked.end)
        words = len(text[marked.start : marked.end].split())
        if chance > _EVEN_CHANCE or (words >= UTTERANCE and chance > _SOME_CHANCE):
            found.append(Piece(marked.start, marked.end, chance))
    return tuple(sorted(found, key=lambda piece: piece.start))
