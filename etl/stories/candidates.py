"""Which earlier texts may share wording with which: locality-sensitive hashing of passages.

A text is cut where the hash of a sequence of words says so (content-defined chunks, as rsync cuts files), so that a
passage is cut alike wherever it stands. Each chunk has a MinHash (Broder 1997; the library rensa) whose bands are its
keys. A short cut of a long text shares chunks with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import rensa
from numpy.typing import NDArray

from etl.stories.wording import Hashes, Wording

_CHUNK = 32  # sequences of a chunk, on average beyond the least
_LEAST = 16
_BANDS, _ROWS = 4, 2
_TOGETHER = 2000  # texts whose chunks are hashed in one call
_EARLIEST = 30  # texts that a key leads to: boilerplate leads to its first users, not to all
_MOST = 40  # candidates of a text: those that share most keys
Keys = NDArray[np.uint64]


def candidates(wordings: Sequence[Wording], days: NDArray[np.int64], window: int) -> list[list[int]]:
    """For each text, in order of time, the numbers of earlier ones at most `window` days before it that may share
    wording, the earliest first. Time is linear in the number of texts."""
    keys, numbers = _keys(wordings)
    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    found: list[Counter[int]] = [Counter() for _ in wordings]
    for first, last in _groups(keys):
        group = numbers[first:last]
        begin = np.searchsorted(days[group], days[group] - window)
        for at in range(1, len(group)):
            number = int(group[at])
            found[number].update(n for n in group[begin[at] : min(at, begin[at] + _EARLIEST)].tolist() if n != number)
    return [sorted(n for n, _ in _most(own)) for own in found]


def _most(own: Counter[int]) -> list[tuple[int, int]]:
    return sorted(own.items(), key=lambda item: (-item[1], item[0]))[:_MOST]


def _keys(wordings: Sequence[Wording]) -> tuple[Keys, NDArray[np.int64]]:
    """All keys of all texts, and the number of the text of each."""
    keys: list[Keys] = [np.zeros(0, np.uint64)]
    numbers: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for first in range(0, len(wordings), _TOGETHER):
        chunks = [
            (n, c) for n, w in enumerate(wordings[first : first + _TOGETHER], first) for c in _chunks(w.sequences)
        ]
        if not chunks:
            continue
        digests = rensa.RMinHash.digest_matrix_from_token_hash_sets([c for _, c in chunks], _BANDS * _ROWS, 1).to_rows()
        rows = np.array(digests, np.uint64).reshape(len(chunks), _BANDS, _ROWS)
        # Rows are of 32 bits. Bands are told apart by a number above them: two of different bands are never one key.
        bands: Keys = rows[:, :, 0] << np.uint64(32) | rows[:, :, 1]
        bands ^= np.arange(_BANDS, dtype=np.uint64) << np.uint64(60)
        keys.append(bands.ravel())
        numbers.append(np.repeat([n for n, _ in chunks], _BANDS).astype(np.int64))
    return np.concatenate(keys), np.concatenate(numbers)


def _chunks(sequences: Hashes) -> Iterator[Hashes]:
    """Runs of sequences that end where one's hash is divisible, none shorter than the least but the last."""
    first = 0
    for cut in np.flatnonzero(sequences % np.uint64(_CHUNK) == 0).tolist():
        if cut + 1 - first >= _LEAST:
            yield sequences[first : cut + 1]
            first = cut + 1
    if first < len(sequences):
        yield sequences[first:]


def _groups(keys: Keys) -> Iterator[tuple[int, int]]:
    """Where equal keys begin and end, if there are several."""
    bounds = np.flatnonzero(np.diff(keys)) + 1
    starts, ends = np.append(0, bounds), np.append(bounds, len(keys))
    several = np.flatnonzero(ends - starts > 1)
    yield from zip(starts[several].tolist(), ends[several].tolist(), strict=True)
