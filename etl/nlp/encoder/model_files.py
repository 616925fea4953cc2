"""Where the models of names and quotations lie. Their model card is etl/nlp/models/README.md."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "models"
MODEL = FOLDER / "encoder.onnx"
TOKENIZER = FOLDER / "tokenizer.json"
LABELS = FOLDER / "labels.json"
ATTRIBUTIONS = FOLDER / "attributions.onnx"
