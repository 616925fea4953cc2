"""Decoding gives the likeliest labels in which a name begins before it goes on."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etl.nlp.encoder.decoding import WordSpan, best_labels, find_spans, log_softmax

LABELS = ("O", "B-x", "I-x", "B-y", "I-y")


def is_allowed(path: tuple[int, ...]) -> bool:
    labels = [LABELS[number] for number in path]
    before = ["O", *labels[:-1]]
    return all(not label.startswith("I-") or last[2:] == label[2:] for last, label in zip(before, labels, strict=True))


@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.just(5)), elements=st.floats(-4, 4, width=16)))
def test_no_allowed_sequence_of_labels_is_likelier(scores: np.ndarray) -> None:
    chances = log_softmax(scores)
    [path, _] = best_labels([chances, chances[:1]], LABELS)
    assert is_allowed(tuple(path))
    sums = [
        sum(chances[n, label] for n, label in enumerate(p))
        for p in product(range(5), repeat=len(scores))
        if is_allowed(p)
    ]
    assert np.isclose(sum(chances[n, label] for n, label in enumerate(path)), max(sums), atol=1e-3)


def test_spans_of_labels() -> None:
    path = np.array([0, 1, 2, 1, 0, 3, 4, 3])
    even = np.log(np.full((8, 5), 0.2, np.float32))
    spans = [(s.first, s.last, s.kind) for s in find_spans(path, even, LABELS)]
    assert spans == [(1, 3, "x"), (3, 4, "x"), (5, 7, "y"), (7, 8, "y")]
    assert isinstance(find_spans(path, even, LABELS)[0], WordSpan)
    assert abs(find_spans(path, even, LABELS)[0].chance - 0.2) < 1e-6


def test_no_sequences_and_empty_ones_are_decoded() -> None:
    assert best_labels([], LABELS) == []
    assert [len(path) for path in best_labels([np.zeros((0, 5), np.float32)], LABELS)] == [0]
