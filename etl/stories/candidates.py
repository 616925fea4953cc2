"""Find earlier texts that may share wording with a text, by locality-sensitive hashing of passages.

A text is cut after each sequence of words whose hash meets a fixed condition (content-defined chunks, as in rsync), so
that a passage is cut at the same places in every text. Each chunk has a MinHash (Broder 1997; the library rensa), and
the bands of the MinHash are its keys. A short excerpt of a long text shares chunks with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import rensa
from numpy.typing import NDArray

from etl.stories.wording import Hashes, Wording

_CUT_INTERVAL = 32  # average number of sequences from the minimum length of a chunk to its end
_MIN_CHUNK = 16  # sequences
_BANDS, _ROWS = 4, 2
_TEXTS_PER_CALL = 2000  # texts whose chunks are hashed in one call
_MAX_TEXTS_PER_KEY = 30  # only the earliest texts with a key count, so that boilerplate does not lead to every text
_MAX_CANDIDATES = 40  # candidates of a text: those that share the most keys with it
Keys = NDArray[np.uint64]


def find_candidates(wordings: Sequence[Wording], days: NDArray[np.int64], window: int) -> list[list[int]]:
    """Return for each text the numbers of earlier texts that may share wording with it, the earliest first.

    The texts must be in order of time. A candidate is at most `window` days earlier. Time is linear in the number of
    texts.
    """
    keys, numbers = _keys(wordings)
    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    shared_keys: list[Counter[int]] = [Counter() for _ in wordings]
    for first, last in _groups(keys):
        group = numbers[first:last]
        window_starts = np.searchsorted(days[group], days[group] - window)
        for position in range(1, len(group)):
            number, start = int(group[position]), window_starts[position]
            earlier = group[start : min(position, start + _MAX_TEXTS_PER_KEY)].tolist()
            shared_keys[number].update(n for n in earlier if n != number)
    return [sorted(n for n, _ in _most_shared(counts)) for counts in shared_keys]


def _most_shared(counts: Counter[int]) -> list[tuple[int, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MAX_CANDIDATES]


def _keys(wordings: Sequence[Wording]) -> tuple[Keys, NDArray[np.int64]]:
    """All keys of all texts, and for each key the number of its text."""
    keys: list[Keys] = [np.zeros(0, np.uint64)]
    numbers: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for first in range(0, len(wordings), _TEXTS_PER_CALL):
        chunks = [
            (number, chunk)
            for number, wording in enumerate(wordings[first : first + _TEXTS_PER_CALL], first)
            for chunk in _chunks(wording.sequences)
        ]
        if not chunks:
            continue
        token_sets = [chunk for _, chunk in chunks]
        digests = rensa.RMinHash.digest_matrix_from_token_hash_sets(token_sets, _BANDS * _ROWS, 1).to_rows()
        rows = np.array(digests, np.uint64).reshape(len(chunks), _BANDS, _ROWS)
        # A band is two rows of 32 bits. Its number goes into the highest bits, so that keys of two bands differ.
        bands: Keys = rows[:, :, 0] << np.uint64(32) | rows[:, :, 1]
        bands ^= np.arange(_BANDS, dtype=np.uint64) << np.uint64(60)
        keys.append(bands.ravel())
        numbers.append(np.repeat([number for number, _ in chunks], _BANDS).astype(np.int64))
    return np.concatenate(keys), np.concatenate(numbers)


def _chunks(sequences: Hashes) -> Iterator[Hashes]:
    """Cut sequences after each hash that is divisible; only the last chunk may be shorter than the minimum."""
    first = 0
    for cut in np.flatnonzero(sequences % np.uint64(_CUT_INTERVAL) == 0).tolist():
        if cut + 1 - first >= _MIN_CHUNK:
            yield sequences[first : cut + 1]
            first = cut + 1
    if first < len(sequences):
        yield sequences[first:]


def _groups(keys: Keys) -> Iterator[tuple[int, int]]:
    """The start and end of each run of equal keys that has more than one key."""
    bounds = np.flatnonzero(np.diff(keys)) + 1
    starts, ends = np.append(0, bounds), np.append(bounds, len(keys))
    several = np.flatnonzero(ends - starts > 1)
    yield from zip(starts[several].tolist(), ends[several].tolist(), strict=True)
