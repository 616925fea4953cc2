"""How sure a quotation is: python -m training.confidence

On PolNeAR's development part (benchmarks/quotes.py): a logistic fit over what speaks for each attribution, then how
often attributions of like score were right, in eight groups of one size, never falling. Right: half of the content in
common with a marked one. Prints _SURE, _SCORES and _RIGHT for etl/nlp/attributions.py, and how well they hold in five
folds by article.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from benchmarks.quotes import kind_by_marks, polnear, quoted
from etl.nlp.encoder.read import read
from etl.nlp.quotes.attributions import evidence, join
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import pieces_of
from etl.text import lay_out
from evaluation.quote_scores import Quoted, matches

FOLDS, GROUPS = 5, 8
Fit = tuple[np.ndarray, np.ndarray, np.ndarray]  # weights, scores, how often right


def examples() -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Names of the columns, the rows, which are right, and the number of each one's article."""
    articles = polnear()
    rows, right, numbers = [], [], []
    for number, (article, pieces) in enumerate(
        zip(articles, pieces_of(read([a["text"] for a in articles])), strict=True)
    ):
        text = article["text"]
        layout = lay_out(text, "en")
        joined = join(text, layout, Marks(find_marked(text, layout.paragraphs)), pieces)
        spans = [tuple((p.start, p.end) for p in one.contents) for one in joined]
        found = [Quoted(kind_by_marks(text, content), content, ()) for content in spans]
        marked = [quoted(a, text) for a in article["attributions"] if a["content"]]
        hits = {f for _, f in matches(text, marked, found, "0.5")}
        for n, one in enumerate(joined):
            rows.append(evidence(one, found[n].kind))
            right.append(n in hits)
            numbers.append(number)
    names = list(rows[0])
    return names, np.array([[row[name] for name in names] for row in rows]), np.array(right, float), np.array(numbers)


def fit(rows: np.ndarray, right: np.ndarray, prior: float = 0.5, steps: int = 3000) -> Fit:
    weights = np.zeros(rows.shape[1])
    for _ in range(steps):
        weights += 0.3 * (rows.T @ (right - 1 / (1 + np.exp(-rows @ weights))) - prior * weights) / len(right)
    scores = rows @ weights
    edges = np.quantile(scores, np.linspace(0, 1, GROUPS + 1))
    groups = [(scores >= low) & (scores <= high) for low, high in pairwise(edges)]
    shares = [(right[group].sum() + 0.5) / (group.sum() + 1) for group in groups]
    return weights, np.array([scores[group].mean() for group in groups]), np.maximum.accumulate(shares)


def main() -> None:
    names, rows, right, numbers = examples()
    said = np.zeros(len(right))
    for fold in range(FOLDS):
        held = numbers % FOLDS == fold
        weights, scores, shares = fit(rows[~held], right[~held])
        said[held] = np.interp(rows[held] @ weights, scores, shares)
    for low, high in (
        (0, 0.4),
        (0.4, 0.55),
        (0.55, 0.65),
        (0.65, 0.75),
        (0.75, 0.85),
        (0.85, 0.9),
        (0.9, 0.95),
        (0.95, 1.01),
    ):
        group = (said >= low) & (said < high)
        if group.any():
            print(f"said {said[group].mean():.2f}, right {right[group].mean():.2f} of {group.sum()}")
    weights, scores, shares = fit(rows, right)
    print("_SURE", {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)})
    print("_SCORES", [round(float(score), 2) for score in scores])
    print("_RIGHT", [round(float(share), 2) for share in shares])


if __name__ == "__main__":
    main()
