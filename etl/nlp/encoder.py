"""The encoder: for every word of a text, how likely each label is. An ONNX file beside this module, with its card.

One pass gives the scores of names and of quotations.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import onnxruntime

from etl.nlp.annotators import MODEL
from etl.nlp.decoding import Scores
from etl.nlp.windows import Window, windows

# The fused kernel is slower than the two that it replaces: 14 % of the time for adding and normalising.
_SLOW_FUSION = "SkipLayerNormFusion"


@dataclass(frozen=True)
class Reading:
    """What the encoder says of a text: its windows, and for each the scores (words, columns) of its words."""

    windows: tuple[Window, ...]
    scores: tuple[Scores, ...]


def read(texts: Sequence[str], threads: int = 2) -> list[Reading]:
    """A reading of each text. Time is linear in the length of all together; any text is taken, the empty one too.
    `threads`: at most, and no more than there are cores."""
    session = _session(min(threads, cores()))
    cut = [tuple(windows(text)) for text in texts]
    return [Reading(own, tuple(_scores(window, session) for window in own)) for own in cut]


def _scores(window: Window, session: onnxruntime.InferenceSession) -> Scores:
    """One window at a time: in eight bits what is read together is scaled together, and a text's names must not depend
    on its neighbours. Full windows are as fast alone as together."""
    [scores] = session.run(
        None, {"pieces": window.pieces[None].astype(np.int64), "cases": window.cases[None].astype(np.int64)}
    )
    return np.asarray(scores[0, window.firsts], dtype=np.float32)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=1)
def _session(threads: int) -> onnxruntime.InferenceSession:
    """Loaded once a process."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    # Threads that wait by spinning make a machine that has other work three times slower.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        str(MODEL), options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOW_FUSION]
    )
