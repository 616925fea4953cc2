"""ONNX sessions, opened once per process. Each runs on one core; texts and workers run in parallel."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import onnxruntime


@lru_cache(maxsize=4)
def open_session(path: Path, without: tuple[str, ...] = ()) -> onnxruntime.InferenceSession:
    """Return a session on a model. `without`: optimizers of onnxruntime that are switched off."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(without)
    )
