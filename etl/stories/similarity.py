"""Which text copies which: candidates by hashed passages, then what two texts share to the word."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.stories.candidates import candidates
from etl.stories.likeness import SAME_STORY, same_story
from etl.stories.wording import Wording, compare_wordings, read_wording
from schemas.values import StoryMethod, StoryRole

_Found = tuple[str | None, StoryRole, float, StoryMethod]  # copy_of, role, similarity, method
_FEWEST_WORDS = 15  # a shorter text is compared as a whole only


@dataclass(frozen=True)
class Text:
    """An article to compare. `moment` (ISO, UTC) orders those of one day."""

    article_id: str
    outlet: str
    day: date
    moment: str
    text: str


@dataclass(frozen=True)
class Copy:
    """Which article a text copies, in what role, how much of it, how it was found, and a sketch of its wording."""

    article_id: str
    copy_of: str | None
    role: StoryRole
    similarity: float
    method: StoryMethod
    sketch: list[int]


def find_copies(texts: Iterable[Text], window_days: int) -> list[Copy]:
    """For each text the earliest one within `window_days` before it whose text it copies.

    A pure function of the texts, in whatever order they come. Linear in their number.
    """
    ordered = sorted(texts, key=lambda t: (t.day, t.moment, t.article_id))
    firsts = _identical(ordered, window_days)
    wording_of = {text: read_wording(text) for text in {text.text for text in ordered}}
    wordings = [wording_of[text.text] for text in ordered]
    days = np.array([text.day.toordinal() for text in ordered], np.int64)
    likely = candidates(wordings, days, window_days)
    sketches = {text: wording.sketch for text, wording in wording_of.items()}
    copies = []
    for number, text in enumerate(ordered):
        if (first := firsts.get(number)) is not None:
            found = _same_text(text, ordered[first])
        else:
            found = _best(number, ordered, wordings, likely[number])
        copies.append(Copy(text.article_id, *found, sketches[text.text]))
    return copies


def _identical(ordered: Sequence[Text], window_days: int) -> dict[int, int]:
    """Texts that are another one to the letter: their number, and that of the earliest in the window."""
    seen: dict[str, deque[int]] = defaultdict(deque)
    found = {}
    for number, text in enumerate(ordered):
        own = seen[text.text]
        while own and (text.day - ordered[own[0]].day).days > window_days:
            own.popleft()
        if own:
            found[number] = own[0]
        own.append(number)
    return found


def _best(number: int, ordered: Sequence[Text], wordings: Sequence[Wording], likely: Sequence[int]) -> _Found:
    for other in likely:
        chance, similarity = _alike(wordings[number], wordings[other])
        if chance >= SAME_STORY:
            original = ordered[other]
            return original.article_id, _role(ordered[number], original), round(similarity, 4), "wording"
    return None, "first", 1.0, "none"


def _same_text(text: Text, other: Text) -> _Found:
    return other.article_id, _role(text, other), 1.0, "same-text"


def _role(text: Text, other: Text) -> StoryRole:
    return "revision" if text.outlet == other.outlet else "copy"


def _alike(one: Wording, other: Wording) -> tuple[float, float]:
    """The chance that two texts are of one story, and how much of the shorter stands in the other."""
    if min(len(one.telling), len(other.telling)) < _FEWEST_WORDS:
        return 0.0, 0.0
    shared = compare_wordings(one, other)
    return same_story(shared), shared.of_shorter


def compare(a: Text, b: Text) -> float:
    """How much of the shorter text stands in the other, 0 to 1."""
    if a.text == b.text:
        return 1.0
    return round(compare_wordings(read_wording(a.text), read_wording(b.text)).of_shorter, 4)
