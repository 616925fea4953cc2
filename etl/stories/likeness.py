"""Are two texts one story: is the larger part of the shorter one the other's wording, edited lightly, about the same?

A logistic curve over what they share, fitted on judged pairs (training/stories.py). Templates, the weather of two days
or two telephone conversations, share their words and not their numbers and names.
"""

from __future__ import annotations

import math

from etl.stories.wording import Shared

WEIGHTS: dict[str, float] = {
    "always": -4.85, "of_shorter": 8.93, "of_longer": -0.88, "telling_missed": -6.24,
    "longest": -5.07, "in_long_runs": 5.41,
}  # fmt: skip
FEATURES = tuple(name for name in WEIGHTS if name != "always")
SAME_STORY = 0.5
# What is less than a tenth of another text is a cut of it, to the word, or the announcement, brief or quotation that a
# long report or roundup has taken in: of judged pairs so unequal none is one story.
_PART, _CUT = 0.1, 0.97


def same_story(shared: Shared) -> float:
    """The chance that two texts are of one story. None, if what they share is foreign to both, as boilerplate is, or a
    small part of a far longer text."""
    if shared.foreign or (shared.of_longer < _PART and shared.of_shorter < _CUT):
        return 0.0
    score = WEIGHTS["always"] + sum(WEIGHTS[name] * getattr(shared, name) for name in FEATURES)
    return 1 / (1 + math.exp(-score))
