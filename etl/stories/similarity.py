"""Find which texts are copies of other texts: candidates by hashed passages, then a comparison word for word."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.stories.candidates import find_candidates
from etl.stories.likeness import SAME_STORY_THRESHOLD, same_story_probability
from etl.stories.wording import Wording, compare_wordings, read_wording
from schemas.values import StoryMethod, StoryRole

_Origin = tuple[str | None, StoryRole, float, StoryMethod]  # copy_of, role, similarity, method
_MIN_WORDS = 15  # a shorter text is a copy only if it is identical


@dataclass(frozen=True)
class StoryText:
    """The text of an article. `moment` (ISO, UTC) orders the articles of one day."""

    article_id: str
    outlet: str
    day: date
    moment: str
    text: str


@dataclass(frozen=True)
class Copy:
    """The article whose text an article copies (null: none), its role, similarity and method as in the table `stories`,
    and a sketch of its wording."""

    article_id: str
    copy_of: str | None
    role: StoryRole
    similarity: float
    method: StoryMethod
    sketch: list[int]


def find_copies(texts: Iterable[StoryText], window_days: int) -> list[Copy]:
    """Find for each text the earliest text that it copies, at most `window_days` before it.

    The result depends on the texts alone, not on their order. Time is linear in their number.
    """
    ordered = sorted(texts, key=lambda t: (t.day, t.moment, t.article_id))
    identical = _identical_texts(ordered, window_days)
    wording_of = {text: read_wording(text) for text in {text.text for text in ordered}}
    wordings = [wording_of[text.text] for text in ordered]
    days = np.array([text.day.toordinal() for text in ordered], np.int64)
    candidates = find_candidates(wordings, days, window_days)
    sketches = {text: wording.sketch for text, wording in wording_of.items()}
    copies = []
    for number, text in enumerate(ordered):
        if (first := identical.get(number)) is not None:
            origin = _identical_origin(text, ordered[first])
        else:
            origin = _similar_origin(number, ordered, wordings, candidates[number])
        copies.append(Copy(text.article_id, *origin, sketches[text.text]))
    return copies


def _identical_texts(ordered: Sequence[StoryText], window_days: int) -> dict[int, int]:
    """For each text that repeats an earlier one in the window: its number, and that of the earliest such text."""
    earlier: dict[str, deque[int]] = defaultdict(deque)
    firsts = {}
    for number, text in enumerate(ordered):
        in_window = earlier[text.text]
        while in_window and (text.day - ordered[in_window[0]].day).days > window_days:
            in_window.popleft()
        if in_window:
            firsts[number] = in_window[0]
        in_window.append(number)
    return firsts


def _similar_origin(
    number: int, ordered: Sequence[StoryText], wordings: Sequence[Wording], candidates: Sequence[int]
) -> _Origin:
    for candidate in candidates:
        probability, similarity = _compare(wordings[number], wordings[candidate])
        if probability >= SAME_STORY_THRESHOLD:
            original = ordered[candidate]
            return original.article_id, _role(ordered[number], original), round(similarity, 4), "wording"
    return None, "first", 1.0, "none"


def _identical_origin(text: StoryText, original: StoryText) -> _Origin:
    return original.article_id, _role(text, original), 1.0, "same-text"


def _role(text: StoryText, original: StoryText) -> StoryRole:
    return "revision" if text.outlet == original.outlet else "copy"


def _compare(a: Wording, b: Wording) -> tuple[float, float]:
    """The probability that two texts are one story, and how much of the shorter one stands in the other."""
    if min(len(a.is_number_or_name), len(b.is_number_or_name)) < _MIN_WORDS:
        return 0.0, 0.0
    shared = compare_wordings(a, b)
    return same_story_probability(shared), shared.of_shorter


def text_similarity(a: StoryText, b: StoryText) -> float:
    """Return how much of the shorter text stands in the other, from 0 to 1."""
    if a.text == b.text:
        return 1.0
    return round(compare_wordings(read_wording(a.text), read_wording(b.text)).of_shorter, 4)
