"""How an extracted body is scored against the true one: as article-extraction-benchmark's own scorer does.

The 4-grams of words are compared; precision and recall are means over pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")

Row = tuple[float, float, float]
"""The (true positives, false positives, false negatives) of a page; together 1, or 0 where there is nothing."""


class Summary(NamedTuple):
    """Scores of a set: precision and recall as means over pages, the F1 of the two means, and `exact`, the share of
    pages without any difference."""

    f1: float
    precision: float
    recall: float
    exact: float


def words(text: str) -> list[str]:
    """The words that are scored, as they are written; é is one character, however a page composes it."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def ngram_counts(text: str) -> Counter[tuple[str, ...]]:
    """How often each sequence of four words occurs; a shorter text is one sequence."""
    tokens = words(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[start : start + 4]) for start in range(max(1, len(tokens) - 3)))


def body_scores(true: str, predicted: str) -> Row:
    """The row of one page: n-grams that are right, too many and missed, as shares of all, so that pages weigh the
    same."""
    gold, extracted = ngram_counts(true), ngram_counts(predicted)
    counts = ((gold & extracted).total(), (extracted - gold).total(), (gold - extracted).total())
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def summary(rows: Sequence[Row]) -> Summary:
    """The scores of a set. As in the benchmark, pages without a text count only for recall."""
    precision, recall = _shares(rows)
    p, r = float(np.nanmean(precision)), float(np.nanmean(recall))
    exact = sum(too_many == missed == 0 for _, too_many, missed in rows) / len(rows)
    return Summary(_f1(p, r), p, r, exact)


def bootstrap(ours: Sequence[Row], theirs: Sequence[Row], draws: int = 5000) -> tuple[float, float, float]:
    """Our F1 minus theirs, and the bounds of its 95 % interval when pages are drawn again, the same pages for both."""
    drawn = np.random.default_rng(1).integers(len(ours), size=(draws, len(ours)))
    our_f1, their_f1 = (
        np.array(
            [_f1(p, r) for p, r in zip(*(np.nanmean(share[drawn], axis=1) for share in _shares(rows)), strict=True)]
        )
        for rows in (ours, theirs)
    )
    low, high = np.percentile(our_f1 - their_f1, [2.5, 97.5])
    return summary(ours).f1 - summary(theirs).f1, float(low), float(high)


def _shares(rows: Sequence[Row]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The precision and recall of each page: NaN, which the means leave out, where nothing was extracted or nothing is
    true."""
    right, too_many, missed = np.array(rows, dtype=float).T
    with np.errstate(invalid="ignore"):
        return right / (right + too_many), right / (right + missed)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
