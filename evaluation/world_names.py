"""Names in 275 sentences of English news from 15 countries: the first sentences of Fundus' pages, marked by hand.

world_names.jsonl holds where each sentence stands in the body of its page, the hash of the sentence and the spans of
its names; the text lies in ../shared/corpora/pages/fundus, outside the repository. These sentences are never used for
training. The type FAC stands for buildings.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from evaluation.gold_pages import fundus_gold_pages

_FILE = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True)
class WorldSentence:
    """A sentence and its names as (start, end, type), half-open, in code points."""

    id: str
    text: str
    names: list[tuple[int, int, str]]


def world_names() -> list[WorldSentence]:
    """The sentences whose page is there and unchanged."""
    bodies = {page.name: page.body for page in fundus_gold_pages()}
    sentences = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = bodies.get(row["page"], "")[row["start"] : row["end"]]
        if hashlib.sha256(text.encode()).hexdigest()[:16] == row["sha256"]:
            names = [(start, end, kind) for start, end, kind in row["names"]]
            sentences.append(WorldSentence(f"{row['page']}:{row['start']}", text, names))
    return sentences
