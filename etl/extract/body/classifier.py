"""The two classifiers of a page's blocks: ONNX files that training/body.py makes.

Their model card (training, scores) is etl/extract/models/README.md.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from etl.extract.body.features import Matrix

FOLDER = Path(__file__).parents[1] / "models"
BLOCKS_MODEL = FOLDER / "body-alone.onnx"  # knows the page's blocks
TRAFILATURA_MODEL = FOLDER / "body-seconded.onnx"  # knows the text that trafilatura chose, too


def body_probabilities(rows: Matrix, model: Path) -> NDArray[np.float32]:
    """Return each block's probability of being in the body, from 0 to 1. `rows` come from BlockFeatures.rows()."""
    set_column = np.zeros((len(rows), 1), dtype=np.float32)  # see training/body.py
    [probabilities] = _session(model).run(["probabilities"], {"rows": np.hstack([rows, set_column])})
    return np.asarray(probabilities[:, 1], dtype=np.float32)


@lru_cache(maxsize=2)
def _session(model: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # pages have few blocks, and many workers run
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
