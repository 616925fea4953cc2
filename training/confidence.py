"""Fits the confidence of quotations: python -m training.confidence

Fits a logistic curve, on PolNeAR's development part, over the evidence for each attribution. Then it divides the
attributions by score into eight groups of equal size, counts the share of right ones in each, and raises each share to
at least those of the groups with lower scores. An attribution is right if the intersection over union of its content
and a marked one's is at least 0.5. Prints _SURE, _SCORES and _RIGHT for etl/nlp/quotes/attributions.py, and how well
they hold in five folds by article.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from etl.nlp.encoder.read import read
from etl.nlp.quotes.attributions import evidence, join
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import pieces_of
from etl.text import lay_out
from evaluation.polnear import attributed_quotation, held_out, kind_by_marks, polnear_rows
from evaluation.quote_scores import ScoredQuotation, match_quotations

FOLDS, GROUPS = 5, 8
_BOUNDS = (0, 0.4, 0.55, 0.65, 0.75, 0.85, 0.9, 0.95, 1.01)  # of the ranges of confidence that are printed


class Fitted(NamedTuple):
    """The weights of the evidence; for each group the mean score and how often an attribution is right."""

    weights: NDArray[Any]
    scores: NDArray[Any]
    shares_right: NDArray[Any]


def examples() -> tuple[list[str], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The names of the columns; for each attribution its row, whether it is right, and the number of its article."""
    articles = held_out(polnear_rows())
    rows, right, numbers = [], [], []
    for number, (article, pieces) in enumerate(
        zip(articles, pieces_of(read([a["text"] for a in articles])), strict=True)
    ):
        text = article["text"]
        layout = lay_out(text, "en")
        attributions = join(text, layout, Marks(find_marked(text, layout.paragraphs)), pieces)
        contents = [tuple((piece.start, piece.end) for piece in a.contents) for a in attributions]
        predicted = [ScoredQuotation(kind_by_marks(text, content), content, ()) for content in contents]
        gold = [attributed_quotation(a, text) for a in article["attributions"] if a["content"]]
        matched = {p for _, p in match_quotations(text, gold, predicted, "0.5")}
        for n, attribution in enumerate(attributions):
            rows.append(evidence(attribution, predicted[n].kind))
            right.append(n in matched)
            numbers.append(number)
    names = list(rows[0])
    return names, np.array([[row[name] for name in names] for row in rows]), np.array(right, float), np.array(numbers)


def fit(rows: NDArray[Any], right: NDArray[Any], prior: float = 0.5, steps: int = 3000) -> Fitted:
    weights = np.zeros(rows.shape[1])
    for _ in range(steps):
        weights += 0.3 * (rows.T @ (right - 1 / (1 + np.exp(-rows @ weights))) - prior * weights) / len(right)
    scores = rows @ weights
    edges = np.quantile(scores, np.linspace(0, 1, GROUPS + 1))
    groups = [(scores >= low) & (scores <= high) for low, high in pairwise(edges)]
    shares = [(right[group].sum() + 0.5) / (group.sum() + 1) for group in groups]
    return Fitted(weights, np.array([scores[group].mean() for group in groups]), np.maximum.accumulate(shares))


def main() -> None:
    names, rows, right, numbers = examples()
    confidences = np.zeros(len(right))
    for fold in range(FOLDS):
        in_fold = numbers % FOLDS == fold
        fitted = fit(rows[~in_fold], right[~in_fold])
        confidences[in_fold] = np.interp(rows[in_fold] @ fitted.weights, fitted.scores, fitted.shares_right)
    for low, high in pairwise(_BOUNDS):
        group = (confidences >= low) & (confidences < high)
        if group.any():
            print(f"confidence {confidences[group].mean():.2f}, right {right[group].mean():.2f} of {group.sum()}")
    fitted = fit(rows, right)
    print("_SURE", {name: round(float(weight), 2) for name, weight in zip(names, fitted.weights, strict=True)})
    print("_SCORES", [round(float(score), 2) for score in fitted.scores])
    print("_RIGHT", [round(float(share), 2) for share in fitted.shares_right])


if __name__ == "__main__":
    main()
