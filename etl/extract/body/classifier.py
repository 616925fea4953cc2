"""Runs the two classifiers of a page's blocks, which training/body.py makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from etl.extract.body.features import Matrix
from etl.models.sessions import open_session


def body_probabilities(rows: Matrix, model: Path) -> NDArray[np.float32]:
    """Return each block's probability of being in the body, from 0 to 1. `rows` come from BlockFeatures.rows()."""
    set_column = np.zeros((len(rows), 1), dtype=np.float32)  # see training/body.py
    [probabilities] = open_session(model).run(["probabilities"], {"rows": np.hstack([rows, set_column])})
    return np.asarray(probabilities[:, 1], dtype=np.float32)
