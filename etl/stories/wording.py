"""A text as its words: what of it stands in another text, to the word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from etl.text import fold, spaceless

SEQUENCE = 4  # words; in scripts without spaces, characters
LONG_RUN = 20  # words
SKETCH = 16
_PASSAGE = 15  # words of a text's own in a row: fewer are an edit; in scripts without spaces three times the characters
_OPENING = 10  # words: what a text is about stands at its beginning, a footer of its own does not
_WORD = re.compile(r"\w+")
_PRIME = np.uint64(1099511628211)
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Wording:
    """A text's words in order. `telling`: which are numbers or have a capital inside a sentence; `told`: hashes of
    those; `sequences`: a hash of every four successive words, three fewer than there are words."""

    telling: Flags
    told: Hashes
    sequences: Hashes
    dense: bool = False  # in a script without spaces, for the larger part

    @property
    def sketch(self) -> list[int]:
        """The sixteen smallest hashes of sequences as signed integers: of two texts' sketches that share is in common
        which is of all their sequences (Broder 1997)."""
        smallest: list[int] = np.unique(self.sequences)[:SKETCH].astype(np.int64).tolist()
        return smallest


@dataclass(frozen=True)
class Shared:
    """How much of the shorter of two texts stands in the other, in shares of its words: `of_shorter`, `of_longer` all
    words in shared sequences; `of_telling` of its numbers and names; `longest` the longest run; `in_long_runs`.
    `foreign`: what they share, word for word, names nothing that either text names in passages of its own, as an
    outlet's boilerplate does."""

    of_shorter: float
    of_longer: float
    of_telling: float
    longest: float
    in_long_runs: float
    foreign: bool

    @property
    def telling_missed(self) -> float:
        """By how much less of its numbers and names than of its words stands in the other: much in a template."""
        return max(0.0, self.of_shorter - self.of_telling)


def read_wording(text: str) -> Wording:
    """The words of a text, folded."""
    hashes: list[int] = []
    telling: list[bool] = []
    dense_words = 0
    folded = fold(text)
    for match in _WORD.finditer(folded):
        word, at = match[0], match.start()
        if spaceless(word[0]):
            hashes += map(_hash, word)
            dense_words += len(word)
            telling += [char.isdigit() for char in word]
        else:
            inside = at > 1 and text[at - 1] == " " and text[at - 2] not in ".!?:\n"
            hashes.append(_hash(word))
            telling.append(word[0].isdigit() or (inside and text[at].isupper()))
    words = np.array(hashes, np.uint64)
    size = max(0, len(words) - SEQUENCE + 1)
    sequences = np.zeros(size, np.uint64)
    for step in range(SEQUENCE if size else 0):
        sequences = sequences * _PRIME + words[step : step + size]  # modulo 2 ** 64
    told = np.array(telling, np.bool_)
    dense = 2 * dense_words > len(words)
    return Wording(told, words[told], sequences ^ (sequences >> np.uint64(29)), dense)


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def compare_wordings(one: Wording, other: Wording) -> Shared:
    """What two texts share. Nothing, where one has fewer than four words."""
    shorter, longer = sorted((one, other), key=lambda wording: len(wording.telling))
    if not len(shorter.sequences):
        return Shared(0.0, 0.0, 0.0, 0.0, 0.0, False)
    covered, covered_longer = _covered(shorter, longer), _covered(longer, shorter)
    runs = np.array([end - start for start, end in _runs(covered)], np.int64)
    size = len(covered)
    of_shorter, in_long_runs = float(covered.mean()), float(runs[runs >= LONG_RUN].sum() / size)
    word_for_word = in_long_runs >= of_shorter / 2
    return Shared(
        of_shorter,
        float(covered_longer.mean()),
        float(covered[shorter.telling].mean() if shorter.telling.any() else covered.mean()),
        float(runs.max() / size) if len(runs) else 0.0,
        in_long_runs,
        word_for_word and _foreign(shorter, covered) and _foreign(longer, covered_longer),
    )


def _foreign(wording: Wording, covered: Flags) -> bool:
    """Does a text open with a passage of its own, and none of the names and numbers in its own passages stand in the
    words that it shares?"""
    passages = np.zeros(len(covered), np.bool_)
    least = _PASSAGE * 3 if wording.dense else _PASSAGE
    for start, end in _runs(~covered):
        passages[start:end] = end - start >= least
    if not passages[:_OPENING].any():
        return False
    own = np.unique(wording.told[passages[wording.telling]])
    return len(own) > 1 and not np.isin(own, wording.told[covered[wording.telling]]).any()


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Where runs of true begin and end, half-open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _covered(of: Wording, other: Wording) -> Flags:
    """Which words of a text are in a sequence that the other has too."""
    shared = np.isin(of.sequences, other.sequences)
    covered = np.zeros(len(of.telling), np.bool_)
    for step in range(SEQUENCE):
        covered[step : step + len(shared)] |= shared
    return covered
