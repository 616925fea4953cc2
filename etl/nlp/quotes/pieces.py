"""Pieces of quotations: sources, cues and contents, as the encoder marks them word by word, not joined yet."""

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

# The chance of being a content from which on words between marks are one that the encoder did not mark: many words, and
# fewer.
_LEAST_CHANCE_OF_MANY, _LEAST_CHANCE_OF_FEW = 0.1, 0.5


@dataclass(frozen=True)
class Piece:
    """A part of a quotation (half-open, code points) within one paragraph. `chance`: the mean of the chances of its
    words."""

    start: int
    end: int
    chance: float


@dataclass(frozen=True)
class Pieces:
    """The pieces of a text, each list in order and without overlaps. `starts`: where all words begin (code points);
    `inside`: for source, cue and content, the sum of the chances of all words before each word (one value more than
    there are words)."""

    sources: tuple[Piece, ...]
    cues: tuple[Piece, ...]
    contents: tuple[Piece, ...]
    starts: NDArray[np.int32]
    inside: Mapping[str, NDArray[np.float32]]

    def chance(self, part: str, start: int, end: int) -> float:
        """Return the mean chance that a word which begins in the span belongs to this part of a quotation."""
        first, last = np.searchsorted(self.starts, (start, end))
        return float(self.inside[part][last] - self.inside[part][first]) / max(1, int(last) - int(first))


def pieces_of(readings: Sequence[Reading]) -> list[Pieces]:
    """Return the pieces of each text that was read."""
    chances = {
        part: [log_softmax(scores[:, QUOTE_COLUMNS[part]]) for reading in readings for scores in reading.scores]
        for part in QUOTE_PARTS
    }
    paths = {part: best_labels(part_chances, QUOTE_LABELS) for part, part_chances in chances.items()}
    pieces, first = [], 0
    for reading in readings:
        last = first + len(reading.windows)
        decoded = {part: (paths[part][first:last], chances[part][first:last]) for part in chances}
        pieces.append(_pieces(reading, decoded))
        first = last
    return pieces


def _pieces(
    reading: Reading, decoded: Mapping[str, tuple[Sequence[NDArray[np.int64]], Sequence[NDArray[np.float32]]]]
) -> Pieces:
    """The pieces of one text. `decoded`: for each part the labels and log-chances of each window."""
    lists, inside = {}, {}
    for part, (paths, chances) in decoded.items():
        lists[part] = tuple(
            piece
            for window, path, window_chances in zip(reading.windows, paths, chances, strict=True)
            for span in find_spans(path, window_chances, QUOTE_LABELS)
            for piece in _by_paragraph(window, span)
        )
        outside = [np.exp(window_chances[:, 0]) for window_chances in chances]
        inside[part] = np.concatenate([np.zeros(1, np.float32), np.cumsum(1 - np.concatenate([*outside, _NONE]))])
    starts = np.concatenate([*(window.starts for window in reading.windows), _NO_WORDS])
    return Pieces(lists["source"], lists["cue"], lists["content"], starts, inside)


_NONE, _NO_WORDS = np.zeros(0, np.float32), np.zeros(0, np.int32)


def _by_paragraph(window: Window, span: WordSpan) -> list[Piece]:
    """A span of words as pieces, cut between paragraphs."""
    ends = [n for n in range(span.first + 1, span.last) if window.paragraphs[n] != window.paragraphs[n - 1]]
    cuts = pairwise([span.first, *ends, span.last])
    return [Piece(int(window.starts[a]), int(window.ends[b - 1]), span.chance) for a, b in cuts]


def settled(pieces: Pieces, marks: Marks, text: str) -> tuple[Piece, ...]:
    """Return the contents, fitted to the quotation marks: a piece that begins or ends between marks takes all that
    stands between them. Words between marks that the encoder did not mark are a content if they are many or likely."""
    contents: list[Piece] = []
    for piece in pieces.contents:
        first, last = marks.around(piece.start), marks.around(piece.end - 1)
        is_between_marks = first is not None and first is last
        start = (first.start if is_between_marks else first.open_at) if first else piece.start
        end = (last.end if is_between_marks or not last.closed else last.close_at + 1) if last else piece.end
        if contents and start < contents[-1].end:
            before = contents.pop()
            start, end = before.start, max(end, before.end)
        if start < end:
            contents.append(Piece(start, end, piece.chance))
    taken = {number for piece in contents for number in marks.numbers(piece.start, piece.end)}
    for number, marked in enumerate(marks.all):
        if number in taken:
            continue
        chance = pieces.chance("content", marked.start, marked.end)
        words = len(text[marked.start : marked.end].split())
        if chance > (_LEAST_CHANCE_OF_MANY if words >= UTTERANCE else _LEAST_CHANCE_OF_FEW):
            contents.append(Piece(marked.start, marked.end, chance))
    return tuple(sorted(contents, key=lambda piece: piece.start))
