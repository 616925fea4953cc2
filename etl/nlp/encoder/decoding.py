"""Decoding: from the encoder's scores of labels to spans. An inside label counts only after a begin label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
_NEVER = -1e4


@dataclass(frozen=True)
class WordSpan:
    """Words `first` to `last` (half-open) that have one kind. `chance`: the mean of the chances of its words."""

    first: int
    last: int
    kind: str
    chance: float


def log_softmax(scores: Scores) -> Scores:
    """Return scores as logarithms of chances, along the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32)


def best_labels(log_chances: Sequence[Scores], labels: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return the likeliest allowed labels (Viterbi) of each sequence of log-chances, of shape (words, labels). Labels
    are O, B-x and I-x."""
    if not log_chances:
        return []
    transitions = _transitions(labels)
    begin = np.array([_NEVER if label.startswith("I-") else 0.0 for label in labels], dtype=np.float32)
    order = sorted(range(len(log_chances)), key=lambda n: -len(log_chances[n]))
    longest, width = len(log_chances[order[0]]), len(labels)
    padded = np.zeros((len(order), longest, width), dtype=np.float32)
    for row, number in enumerate(order):
        padded[row, : len(log_chances[number])] = log_chances[number]
    sizes = np.array([len(log_chances[number]) for number in order])
    back = np.zeros((longest, len(order), width), dtype=np.int8)
    best = padded[:, 0] + begin if longest else np.zeros((len(order), width), np.float32)
    for step in range(1, longest):
        going_on = int((sizes > step).sum())
        scores = best[:going_on, :, None] + transitions
        back[step, :going_on] = scores.argmax(axis=1)
        best[:going_on] = scores.max(axis=1) + padded[:going_on, step]
    paths: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(order)
    for row, number in enumerate(order):
        path = np.zeros(sizes[row], np.int64)
        if sizes[row]:
            path[-1] = best[row].argmax()
            for step in range(sizes[row] - 1, 0, -1):
                path[step - 1] = back[step, row, path[step]]
        paths[number] = path
    return paths


def find_spans(path: NDArray[np.int64], log_chances: Scores, labels: Sequence[str]) -> list[WordSpan]:
    """Return the spans of one sequence of labels."""
    spans: list[WordSpan] = []
    first, last, kind = 0, 0, ""
    outside = labels.index("O")
    for at in [*np.nonzero(path != outside)[0].tolist(), len(path)]:
        label = labels[path[at]] if at < len(path) else "B-"
        if kind and (label.startswith("B-") or at != last):
            spans.append(_span(first, last, kind, path, log_chances))
            kind = ""
        if at < len(path) and not kind:
            first, kind = at, label[2:]
        last = at + 1
    return spans


def _span(first: int, last: int, kind: str, path: NDArray[np.int64], log_chances: Scores) -> WordSpan:
    chances = np.exp(log_chances[np.arange(first, last), path[first:last]])
    return WordSpan(first, last, kind, float(chances.mean()))


def _transitions(labels: Sequence[str]) -> Scores:
    """A matrix [before, after]: 0 where label `after` may follow `before`, else a very small score."""
    transitions = np.zeros((len(labels), len(labels)), dtype=np.float32)
    for row, before in enumerate(labels):
        for column, label in enumerate(labels):
            if label.startswith("I-") and before[2:] != label[2:]:
                transitions[row, column] = _NEVER
    return transitions
