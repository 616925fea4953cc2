"""Fits the weights that tell whether two texts are one story: python -m training.stories

Fits a logistic curve over what two texts share, on the half called dev of the judged pairs and of the hard pairs
(evaluation/story_pairs.py). Prints WEIGHTS for etl/stories/likeness.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.stories.likeness import FEATURES
from etl.stories.wording import compare_wordings, read_wording
from evaluation.story_pairs import StoryPair, story_pairs


def features(pairs: list[StoryPair]) -> tuple[NDArray[Any], NDArray[Any]]:
    """A row of features for each pair, and whether the pair is one story."""
    shared = [compare_wordings(read_wording(pair.a.text), read_wording(pair.b.text)) for pair in pairs]
    return np.array([[getattr(s, name) for name in FEATURES] for s in shared]), np.array([pair.same for pair in pairs])


def fit(rows: NDArray[Any], same: NDArray[Any], prior: float = 0.3, steps: int = 5000) -> NDArray[Any]:
    """The constant and the weights of the features. Standardised columns are fitted with a mild prior at zero; the
    weights are then brought back to the features' own scale."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0)
    columns = np.hstack([np.ones((len(rows), 1)), (rows - mean) / deviation])
    weights = np.zeros(columns.shape[1])
    for _ in range(steps):
        gradient = columns.T @ (same - 1 / (1 + np.exp(-columns @ weights)))
        gradient[1:] -= prior * weights[1:]
        weights += 0.5 * gradient / len(same)
    scaled = weights[1:] / deviation
    return np.append(weights[0] - scaled @ mean, scaled)


def main() -> None:
    pairs = [pair for pair in story_pairs() if pair.half == "dev"]
    weights = fit(*features(pairs))
    names = ("always", *FEATURES)
    print(f"{len(pairs)} pairs:", {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)})


if __name__ == "__main__":
    main()
