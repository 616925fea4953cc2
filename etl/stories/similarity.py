"""How much of one text stands in another: containment of word sequences (Broder 1997), exact."""

from __future__ import annotations

import itertools
import zlib
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from etl.text import tokens

_SEQUENCE = 5  # words; in scripts without spaces, characters
_SAMPLE = 4  # one in so many sequences is indexed to find candidates
_EARLIEST = 30  # texts that a sequence leads to
COPY = 0.6  # share of the shorter text that stands in the other
_FEWEST = 12  # sequences; a shorter text is compared as a whole only


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
    """Which article a text copies, in what role, how much of it, and how it was found."""

    article_id: str
    copy_of: str | None
    role: str
    similarity: float
    method: str


def find_copies(texts: Iterable[Text], window_days: int) -> list[Copy]:
    """For each text the earliest one within `window_days` before it whose text it copies.

    A pure function of the texts, in whatever order they come. Linear in their number.
    """
    ordered = sorted(texts, key=lambda t: (t.day, t.moment, t.article_id))
    shingles = [_shingles(text.text) for text in ordered]
    index: dict[int | str, deque[int]] = defaultdict(deque)
    found = []
    for number, text in enumerate(ordered):
        keys: list[int | str] = [text.text, *(sequence for sequence in shingles[number] if sequence % _SAMPLE == 0)]
        candidates: set[int] = set()
        for key in keys:
            # Only what the window holds may count, or the result would depend on what else was loaded.
            while index[key] and (text.day - ordered[index[key][0]].day).days > window_days:
                index[key].popleft()
            # The earliest that have it: of identical texts one is enough, and a sequence in many texts (boilerplate,
            # or a wire story in hundreds of papers) leads to its first users, not to all.
            candidates.update(itertools.islice(index[key], 1 if key == text.text else _EARLIEST))
            index[key].append(number)
        found.append(_best(text, shingles[number], [(ordered[c], shingles[c]) for c in sorted(candidates)]))
    return found


def _best(text: Text, own: frozenset[int], earlier: list[tuple[Text, frozenset[int]]]) -> Copy:
    for other, others in earlier:
        same = text.text == other.text
        similarity = 1.0 if same else containment(own, others)
        if same or similarity >= COPY:
            role = "revision" if text.outlet == other.outlet else "copy"
            return Copy(
                text.article_id, other.article_id, role, round(similarity, 4), "same-text" if same else "containment"
            )
    return Copy(text.article_id, None, "first", 1.0, "none")


def compare(a: Text, b: Text) -> float:
    """How much of the shorter text stands in the other, 0 to 1."""
    return 1.0 if a.text == b.text else round(containment(_shingles(a.text), _shingles(b.text)), 4)


def containment(a: frozenset[int], b: frozenset[int]) -> float:
    """Share of the smaller set that is in the other; 0 for texts too short to tell."""
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller >= _FEWEST else 0.0


def _shingles(text: str) -> frozenset[int]:
    words = tokens(text)
    return frozenset(_stable_hash(words[i : i + _SEQUENCE]) for i in range(len(words) - _SEQUENCE + 1))


def _stable_hash(words: list[str]) -> int:
    """The same in every process, unlike hash(): the result must not depend on who computed it."""
    return zlib.crc32("\x1f".join(words).encode())
