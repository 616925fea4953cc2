"""The encoder: how likely each label is for every word of a text. The ONNX file and its card are in `etl/nlp/models`.

One pass gives the scores of names and of quotations.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from etl.models.sessions import open_session
from etl.nlp.encoder.decoding import Scores
from etl.nlp.encoder.model_files import MODEL
from etl.nlp.encoder.windows import Window, windows

# The fused kernel for adding and normalising is slower than the two that it replaces, which take 14 % of the time.
_WITHOUT = ("SkipLayerNormFusion",)


@dataclass(frozen=True)
class Reading:
    """The encoder's scores of a text: its windows, and for each window the scores of its words, of shape (words,
    columns)."""

    windows: tuple[Window, ...]
    scores: tuple[Scores, ...]


def read(texts: Sequence[str], threads: int = 2) -> list[Reading]:
    """Return a reading of each text. Time is linear in the length of all texts together. Any text can be read, also an
    empty one. `threads`: how many windows are read at a time, at most one a core; the scores do not depend on it."""
    windows_of_texts = [tuple(windows(text)) for text in texts]
    all_windows = [window for text_windows in windows_of_texts for window in text_windows]
    if all_windows:
        open_session(MODEL, _WITHOUT)  # before two threads ask for it
    with ThreadPoolExecutor(max(1, min(threads, cores()))) as pool:
        scores = pool.map(_scores, all_windows)
        return [Reading(text_windows, tuple(islice(scores, len(text_windows)))) for text_windows in windows_of_texts]


def _scores(window: Window) -> Scores:
    """The scores of one window, computed alone and on one core. In eight bits, windows that are read together are
    scaled together, and a product in several threads is rounded differently; but the names of a text must not depend on
    other texts or on the number of cores. Full windows take as long alone as together."""
    session = open_session(MODEL, _WITHOUT)
    [scores] = session.run(
        None, {"pieces": window.pieces[None].astype(np.int64), "cases": window.cases[None].astype(np.int64)}
    )
    return np.asarray(scores[0, window.firsts], dtype=np.float32)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
