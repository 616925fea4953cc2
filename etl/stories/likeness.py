"""The probability that two texts are one story.

They are one story if most of the shorter text is the other's wording, verbatim or lightly edited, and both are about
the same thing. The probability is a logistic curve over what the texts share, fitted on judged pairs
(training/stories.py). Two texts from one template, such as the weather of two days or two telephone conversations,
share their words but not their numbers and names.
"""

from __future__ import annotations

import math

from etl.stories.wording import SharedWording

WEIGHTS: dict[str, float] = {
    "constant": -4.85, "of_shorter": 8.93, "of_longer": -0.88, "numbers_and_names_missed": -6.24,
    "longest_run": -5.07, "in_long_runs": 5.41,
}  # fmt: skip
FEATURES = tuple(name for name in WEIGHTS if name != "constant")
SAME_STORY_THRESHOLD = 0.5
# A text that makes up less than a tenth of another text is either a verbatim excerpt of it, or the announcement, brief
# or quotation that a long report or roundup has taken in. No judged pair of such unequal texts is one story.
_SMALL_PART, _VERBATIM = 0.1, 0.97


def same_story_probability(shared: SharedWording) -> float:
    """Return the probability that two texts are one story.

    It is 0 if what they share is boilerplate, or a small part of a far longer text and not a verbatim excerpt of it.
    """
    if shared.is_boilerplate or (shared.of_longer < _SMALL_PART and shared.of_shorter < _VERBATIM):
        return 0.0
    score = WEIGHTS["constant"] + sum(WEIGHTS[name] * getattr(shared, name) for name in FEATURES)
    return 1 / (1 + math.exp(-score))
