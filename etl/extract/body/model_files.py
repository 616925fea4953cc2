"""Where the two classifiers of a page's blocks lie. Their model card is etl/extract/models/README.md."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "models"
BLOCKS_MODEL = _FOLDER / "body-alone.onnx"  # knows the page's blocks
TRAFILATURA_MODEL = _FOLDER / "body-seconded.onnx"  # knows the text that trafilatura chose, too
BODY_MODELS = (BLOCKS_MODEL, TRAFILATURA_MODEL)
