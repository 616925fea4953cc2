"""The labels that the encoder scores, for names and for parts of quotations, in the order of its columns."""

from __future__ import annotations

import json

from etl.models.files import read_model
from etl.nlp.encoder.model_files import LABELS

_FILE = json.loads(read_model(LABELS))
TYPES: tuple[str, ...] = tuple(_FILE["types"])
QUOTE_PARTS: tuple[str, ...] = tuple(_FILE["quote_parts"])
CASES = len(_FILE["cases"])  # ways to write a word: etl/nlp/encoder/windows.py
NAME_LABELS = ("O", *(f"{part}-{kind}" for kind in TYPES for part in "BI"))
QUOTE_LABELS = ("O", "B-part", "I-part")
COLUMNS = (*NAME_LABELS, *(f"{part}:{label}" for part in QUOTE_PARTS for label in QUOTE_LABELS))
NAME_COLUMNS = slice(0, len(NAME_LABELS))
QUOTE_COLUMNS = {
    part: slice(len(NAME_LABELS) + n * len(QUOTE_LABELS), len(NAME_LABELS) + (n + 1) * len(QUOTE_LABELS))
    for n, part in enumerate(QUOTE_PARTS)
}
