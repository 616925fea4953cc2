"""The likeliest run of labels in which no name goes on that did not begin."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from etl.nlp.encoder.decoding import WordSpan, best_labels, find_spans, log_softmax

LABELS = ("O", "B-x", "I-x", "B-y", "I-y")


def allowed(path: tuple[int, ...]) -> bool:
    named = [LABELS[label] for label in path]
    before = ["O", *named[:-1]]
    return all(not now.startswith("I-") or old[2:] == now[2:] for old, now in zip(before, named, strict=True))


@given(arrays(np.float32, st.tuples(st.integers(1, 4), st.just(5)), elements=st.floats(-4, 4, width=16)))
def test_no_allowed_run_is_likelier(scores: np.ndarray) -> None:
    chances = log_softmax(scores)
    [path, _] = best_labels([chances, chances[:1]], LABELS)
    assert allowed(tuple(path))
    every = [
        sum(chances[n, label] for n, label in enumerate(p)) for p in product(range(5), repeat=len(scores)) if allowed(p)
    ]
    assert np.isclose(sum(chances[n, label] for n, label in enumerate(path)), max(every), atol=1e-3)


def test_spans_of_labels() -> None:
    path = np.array([0, 1, 2, 1, 0, 3, 4, 3])
    even = np.log(np.full((8, 5), 0.2, np.float32))
    found = [(s.first, s.last, s.kind) for s in find_spans(path, even, LABELS)]
    assert found == [(1, 3, "x"), (3, 4, "x"), (5, 7, "y"), (7, 8, "y")]
    assert isinstance(find_spans(path, even, LABELS)[0], WordSpan)
    assert abs(find_spans(path, even, LABELS)[0].chance - 0.2) < 1e-6


def test_nothing_to_decode() -> None:
    assert best_labels([], LABELS) == []
    assert [len(path) for path in best_labels([np.zeros((0, 5), np.float32)], LABELS)] == [0]
