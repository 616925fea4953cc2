"""When two texts are one story: python -m training.stories

Fits a logistic curve over what two texts share, on the halves called dev of the judged pairs (tests/stories): those
drawn from near-duplicates beside the project and the hard ones. Prints WEIGHTS for etl/stories/likeness.py.
"""

from __future__ import annotations

import numpy as np

from benchmarks.stories import Pair, all_pairs
from etl.stories.likeness import FEATURES
from etl.stories.wording import compare_wordings, read_wording


def rows(pairs: list[Pair]) -> tuple[np.ndarray, np.ndarray]:
    shared = [compare_wordings(read_wording(pair.a.text), read_wording(pair.b.text)) for pair in pairs]
    return np.array([[getattr(s, name) for name in FEATURES] for s in shared]), np.array([pair.same for pair in pairs])


def fit(given: np.ndarray, same: np.ndarray, prior: float = 0.3, steps: int = 5000) -> np.ndarray:
    """Weights of standardised columns, a mild prior at zero, brought back to the columns' own scale; the first is the
    constant."""
    middle, spread = given.mean(axis=0), given.std(axis=0)
    columns = np.hstack([np.ones((len(given), 1)), (given - middle) / spread])
    weights = np.zeros(columns.shape[1])
    for _ in range(steps):
        slope = columns.T @ (same - 1 / (1 + np.exp(-columns @ weights)))
        slope[1:] -= prior * weights[1:]
        weights += 0.5 * slope / len(same)
    own = weights[1:] / spread
    return np.append(weights[0] - own @ middle, own)


def main() -> None:
    dev = [pair for pair in all_pairs() if pair.half == "dev"]
    weights = fit(*rows(dev))
    names = ("constant", *FEATURES)
    print(f"{len(dev)} pairs:", {name: round(float(w), 2) for name, w in zip(names, weights, strict=True)})


if __name__ == "__main__":
    main()
