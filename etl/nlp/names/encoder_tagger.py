"""The names that the encoder marks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from etl.nlp.encoder.decoding import Scores, best_labels, find_spans, log_softmax
from etl.nlp.encoder.labels import NAME_COLUMNS, NAME_LABELS
from etl.nlp.encoder.read import Reading, read
from etl.nlp.encoder.windows import Window
from etl.nlp.names.mentions import TaggedName


def tag(texts: Sequence[str], threads: int = 2) -> list[list[TaggedName]]:
    """Return the names of each text, in order, without overlaps."""
    return names_of(read(texts, threads))


def names_of(readings: Sequence[Reading]) -> list[list[TaggedName]]:
    """Return the names of each text that was read, in order, without overlaps."""
    chances = [log_softmax(scores[:, NAME_COLUMNS]) for reading in readings for scores in reading.scores]
    decoded = zip(best_labels(chances, NAME_LABELS), chances, strict=True)
    return [
        [name for window in reading.windows for name in _names(window, *next(decoded))] for reading in readings
    ]  # fmt: skip


def _names(window: Window, path: NDArray[np.int64], chances: Scores) -> list[TaggedName]:
    """The names of a window. A name that would cross paragraphs is left out."""
    names = []
    for span in find_spans(path, chances, NAME_LABELS):
        if window.paragraphs[span.first] == window.paragraphs[span.last - 1]:
            start, end = int(window.starts[span.first]), int(window.ends[span.last - 1])
            names.append(TaggedName(start, end, span.kind, span.chance))
    return names
