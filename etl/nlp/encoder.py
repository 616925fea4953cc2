"""The encoder: for every word of a text, how likely each label is. An ONNX file beside this module, with its card.

One pass gives the scores of names and of quotations. Windows of many texts are read together, those of like length in
one batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from etl.nlp.decoding import Scores
from etl.nlp.windows import Window, windows

MODEL = Path(__file__).parent / "models" / "encoder.onnx"
THREADS = 2
_BATCH = 512  # pieces: what a core's cache holds; 6,000 at once are a fifth slower
# The fused kernel is slower than the two that it replaces: 14 % of the time for adding and normalising.
_SLOW_FUSION = "SkipLayerNormFusion"


@dataclass(frozen=True)
class Reading:
    """What the encoder says of a text: its windows, and for each the scores (words, columns) of its words."""

    windows: tuple[Window, ...]
    scores: tuple[Scores, ...]


def read(texts: Sequence[str]) -> list[Reading]:
    """A reading of each text. Time is linear in the length of all together; any text is taken, the empty one too."""
    cut = [windows(text) for text in texts]
    flat = [window for own in cut for window in own]
    scores = _scores(flat)
    found, at = [], 0
    for own in cut:
        found.append(Reading(tuple(own), tuple(scores[at : at + len(own)])))
        at += len(own)
    return found


def _scores(flat: Sequence[Window]) -> list[Scores]:
    found: list[Scores] = [np.zeros((0, 0), np.float32)] * len(flat)
    session = _session() if flat else None
    for numbers in _batches([len(window.pieces) for window in flat]):
        longest = max(len(flat[number].pieces) for number in numbers)
        pieces: NDArray[np.int64] = np.zeros((len(numbers), longest), np.int64)
        cases = np.zeros_like(pieces)
        for row, number in enumerate(numbers):
            size = len(flat[number].pieces)
            pieces[row, :size], cases[row, :size] = flat[number].pieces, flat[number].cases
        assert session is not None
        [scores] = session.run(None, {"pieces": pieces, "cases": cases})
        for row, number in enumerate(numbers):
            found[number] = np.asarray(scores[row, flat[number].firsts], dtype=np.float32)
    return found


def _batches(sizes: Sequence[int]) -> list[list[int]]:
    """Numbers of windows in batches of at most _BATCH pieces, padding included; those of like length together."""
    found: list[list[int]] = []
    batch: list[int] = []
    for number in sorted(range(len(sizes)), key=sizes.__getitem__):
        if batch and sizes[number] * (len(batch) + 1) > _BATCH:
            found.append(batch)
            batch = []
        batch.append(number)
    return [*found, batch] if batch else found


@lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    """Loaded once a process."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(MODEL), options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOW_FUSION]
    )
