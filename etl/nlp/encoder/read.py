"""The encoder: for every word of a text, how likely each label is. An ONNX file beside this module, with its card.

One pass gives the scores of names and of quotations.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np

from etl.nlp.encoder.decoding import Scores
from etl.nlp.encoder.labels import MODEL
from etl.nlp.encoder.onnx_session import open_session
from etl.nlp.encoder.windows import Window, windows

# The fused kernel is slower than the two that it replaces: 14 % of the time for adding and normalising.
_WITHOUT = ("SkipLayerNormFusion",)


@dataclass(frozen=True)
class Reading:
    """What the encoder says of a text: its windows, and for each the scores (words, columns) of its words."""

    windows: tuple[Window, ...]
    scores: tuple[Scores, ...]


def read(texts: Sequence[str], threads: int = 2) -> list[Reading]:
    """A reading of each text. Time is linear in the length of all together; any text is taken, the empty one too.
    `threads`: windows that are read at a time, no more than there are cores; the reading is the same with any."""
    cut = [tuple(windows(text)) for text in texts]
    flat = [window for own in cut for window in own]
    if flat:
        open_session(MODEL, _WITHOUT)  # before two threads ask for it
    with ThreadPoolExecutor(max(1, min(threads, cores()))) as pool:
        scores = pool.map(_scores, flat)
        return [Reading(own, tuple(islice(scores, len(own)))) for own in cut]


def _scores(window: Window) -> Scores:
    """One window, on one core: in eight bits what is read together is scaled together, and several threads in one
    product round otherwise than one; but a text's names must not depend on its neighbours or on the machine's cores.
    Full windows are as fast alone as together."""
    session = open_session(MODEL, _WITHOUT)
    [scores] = session.run(
        None, {"pieces": window.pieces[None].astype(np.int64), "cases": window.cases[None].astype(np.int64)}
    )
    return np.asarray(scores[0, window.firsts], dtype=np.float32)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
