"""Names that the encoder marks."""

from __future__ import annotations

from collections.abc import Sequence

from etl.nlp.decoding import best_labels, log_softmax, spans
from etl.nlp.encoder import Reading, read
from etl.nlp.labels import NAME_COLUMNS, NAME_LABELS
from etl.nlp.mentions import Tagged


def tag(texts: Sequence[str], threads: int = 2) -> list[list[Tagged]]:
    """The names of each text, in order, without overlaps."""
    return [names_of(reading) for reading in read(texts, threads)]


def names_of(reading: Reading) -> list[Tagged]:
    """The names of one text that was read."""
    chances = [log_softmax(scores[:, NAME_COLUMNS]) for scores in reading.scores]
    found = []
    for window, path, own in zip(reading.windows, best_labels(chances, NAME_LABELS), chances, strict=True):
        for span in spans(path, own, NAME_LABELS):
            start, end = int(window.starts[span.first]), int(window.ends[span.last - 1])
            if window.paragraphs[span.first] == window.paragraphs[span.last - 1]:
                found.append(Tagged(start, end, span.kind, span.chance))
    return found
