"""ONNX sessions, opened once per process. Each runs on one core; texts and workers run in parallel."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from etl.models.files import read_model

if TYPE_CHECKING:
    import onnxruntime

# onnxruntime sends telemetry and stores an id of this device, unless one of these is set before it is loaded. Its
# releases read different names.
_NO_TELEMETRY = ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED")


@lru_cache(maxsize=4)
def open_session(path: Path, without: tuple[str, ...] = ()) -> onnxruntime.InferenceSession:
    """Return a session on a model. `without`: optimizers of onnxruntime that are switched off. Raises MachineError."""
    os.environ |= dict.fromkeys(_NO_TELEMETRY, "1")
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        read_model(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=list(without)
    )
