"""The two models of a page's blocks, made by training/body.py: ONNX files beside this module, with their card."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from etl.extract.body.features import Matrix

FOLDER = Path(__file__).parents[1] / "models"
ALONE, SECONDED = FOLDER / "body-alone.onnx", FOLDER / "body-seconded.onnx"


def in_body(rows: Matrix, model: Path) -> NDArray[np.float32]:
    """How probably each block is of the body, from 0 to 1. `rows`: as features.Description.rows() gives them."""
    set_column = np.zeros((len(rows), 1), dtype=np.float32)  # see training/body.py
    [probabilities] = _session(model).run(["probabilities"], {"rows": np.hstack([rows, set_column])})
    return np.asarray(probabilities[:, 1], dtype=np.float32)


@lru_cache(maxsize=2)
def _session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # pages are few blocks; workers are many
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
