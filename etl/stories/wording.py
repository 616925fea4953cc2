"""A text as a sequence of words, and what it shares with another text word for word."""

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
SKETCH = 16  # hashes
# The minimum number of words in a passage that only one of two texts has; in scripts without spaces, three times as
# many characters. Shorter differences are edits.
_PASSAGE = 15
_OPENING = 10  # words; a text says at its beginning what it is about, and an article's footer does not stand there
_WORD = re.compile(r"\w+")
_PRIME = np.uint64(1099511628211)
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Wording:
    """The words of a text, in order.

    `is_number_or_name`: for each word, whether it is a number or has a capital inside a sentence. `numbers_and_names`:
    the hashes of those words. `sequences`: a hash of every four successive words, three fewer than there are words.
    `mostly_spaceless`: whether most of the text is in a script without spaces.
    """

    is_number_or_name: Flags
    numbers_and_names: Hashes
    sequences: Hashes
    mostly_spaceless: bool = False

    @property
    def sketch(self) -> list[int]:
        """The sixteen smallest hashes of sequences, as signed integers.

        The share of hashes that two texts' sketches have in common estimates the share of sequences that the texts have
        in common (Broder 1997).
        """
        smallest: list[int] = np.unique(self.sequences)[:SKETCH].astype(np.int64).tolist()
        return smallest


@dataclass(frozen=True)
class SharedWording:
    """How much of the shorter of two texts stands in the other, as shares of its words.

    `of_shorter`: words of the shorter text in shared sequences; `of_longer`: the same of the longer text;
    `of_numbers_and_names`: numbers and names of the shorter text in shared sequences; `longest_run`: the longest shared
    run; `in_long_runs`: words in shared runs of twenty words and more. `is_boilerplate`: what the texts share is
    verbatim and contains no number or name from the passages that only one of them has, which is typical of an outlet's
    boilerplate.
    """

    of_shorter: float
    of_longer: float
    of_numbers_and_names: float
    longest_run: float
    in_long_runs: float
    is_boilerplate: bool

    @property
    def numbers_and_names_missed(self) -> float:
        """How much smaller the shared part of the numbers and names is than that of all words: large in a template."""
        return max(0.0, self.of_shorter - self.of_numbers_and_names)


def read_wording(text: str) -> Wording:
    """Return the folded words of a text."""
    hashes: list[int] = []
    number_or_name: list[bool] = []
    n_spaceless = 0
    folded = fold(text)
    for match in _WORD.finditer(folded):
        word, start = match[0], match.start()
        if spaceless(word[0]):
            hashes += map(_hash, word)
            n_spaceless += len(word)
            number_or_name += [char.isdigit() for char in word]
        else:
            inside_sentence = start > 1 and text[start - 1] == " " and text[start - 2] not in ".!?:\n"
            hashes.append(_hash(word))
            number_or_name.append(word[0].isdigit() or (inside_sentence and text[start].isupper()))
    words = np.array(hashes, np.uint64)
    n_sequences = max(0, len(words) - SEQUENCE + 1)
    sequences = np.zeros(n_sequences, np.uint64)
    for step in range(SEQUENCE if n_sequences else 0):
        sequences = sequences * _PRIME + words[step : step + n_sequences]  # modulo 2 ** 64
    flags = np.array(number_or_name, np.bool_)
    mostly_spaceless = 2 * n_spaceless > len(words)
    return Wording(flags, words[flags], sequences ^ (sequences >> np.uint64(29)), mostly_spaceless)


@lru_cache(maxsize=1 << 18)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def compare_wordings(a: Wording, b: Wording) -> SharedWording:
    """Return what two texts share. A text of fewer than four words shares nothing."""
    shorter, longer = sorted((a, b), key=lambda wording: len(wording.is_number_or_name))
    if not len(shorter.sequences):
        return SharedWording(0.0, 0.0, 0.0, 0.0, 0.0, False)
    covered, covered_longer = _covered(shorter, longer), _covered(longer, shorter)
    runs = np.array([end - start for start, end in _runs(covered)], np.int64)
    size = len(covered)
    of_shorter, in_long_runs = float(covered.mean()), float(runs[runs >= LONG_RUN].sum() / size)
    is_verbatim = in_long_runs >= of_shorter / 2
    flags = shorter.is_number_or_name
    return SharedWording(
        of_shorter,
        float(covered_longer.mean()),
        float(covered[flags].mean() if flags.any() else covered.mean()),
        float(runs.max() / size) if len(runs) else 0.0,
        in_long_runs,
        is_verbatim and _is_off_topic(shorter, covered) and _is_off_topic(longer, covered_longer),
    )


def _is_off_topic(wording: Wording, covered: Flags) -> bool:
    """Return whether the shared words of a text have nothing to do with the rest of it.

    That is so if the text opens with a passage that the other text lacks, and none of the numbers and names in such
    passages occurs in the shared words.
    """
    in_passage = np.zeros(len(covered), np.bool_)
    min_length = _PASSAGE * 3 if wording.mostly_spaceless else _PASSAGE
    for start, end in _runs(~covered):
        in_passage[start:end] = end - start >= min_length
    if not in_passage[:_OPENING].any():
        return False
    in_passages = np.unique(wording.numbers_and_names[in_passage[wording.is_number_or_name]])
    in_shared = wording.numbers_and_names[covered[wording.is_number_or_name]]
    return len(in_passages) > 1 and not np.isin(in_passages, in_shared).any()


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """The start and end of each run of true flags, half-open."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _covered(wording: Wording, other: Wording) -> Flags:
    """For each word of a text, whether it is in a sequence that the other text has too."""
    shared = np.isin(wording.sequences, other.sequences)
    covered = np.zeros(len(wording.is_number_or_name), np.bool_)
    for step in range(SEQUENCE):
        covered[step : step + len(shared)] |= shared
    return covered
