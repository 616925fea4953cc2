"""Names in 275 sentences of English news from 15 countries, the first of Fundus' pages, marked by reading.

world_names.jsonl holds where each sentence stands in the page's body, its hash and the spans of its names; the text
lies beside the project (../shared/corpora/pages/fundus). Nothing is learnt from these. FAC are buildings.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.gold_pages import fundus

_FILE = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True)
class MarkedSentence:
    """A sentence and its names: (start, end, type), half-open, code points."""

    id: str
    text: str
    names: list[tuple[int, int, str]]


def world_names() -> list[MarkedSentence]:
    """The sentences whose page is there and unchanged."""
    bodies = {page.name: page.body for page in fundus()}
    found = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = bodies.get(row["page"], "")[row["start"] : row["end"]]
        if hashlib.sha256(text.encode()).hexdigest()[:16] == row["sha256"]:
            names = [(start, end, kind) for start, end, kind in row["names"]]
            found.append(MarkedSentence(f"{row['page']}:{row['start']}", text, names))
    return found
