"""34 texts whose quotations one careful reader marked for this project.

They are from outlets and countries that PolNeAR does not cover. hand_marked_quotes.jsonl holds where each text lies in
the corpora (../shared/corpora, outside the repository), its hash and the spans of its quotations; it holds no text.
These texts are only used for tests, never for training.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.corpora import CORPORA
from evaluation.fundus import FUNDUS
from evaluation.quote_scores import ScoredQuotation, Spans

_FILE = Path(__file__).with_suffix(".jsonl")


@dataclass(frozen=True)
class HandMarkedText:
    """A text and the quotations that the reader marked in it. `optional`: contents that may be found or not.
    `speakers`: for each quotation the full name of who speaks, and how the reader knows it."""

    text: str
    day: date
    quotations: list[ScoredQuotation]
    optional: list[Spans]
    speakers: list[tuple[str | None, str]]


def hand_marked_texts() -> list[HandMarkedText]:
    """The texts as they were read. One that has changed since is left out, with a line on standard error."""
    sources = {
        "near-duplicates": _near_duplicates(),
        "article-extraction-benchmark": _benchmark_bodies(),
        "fundus": _fundus_bodies(),
    }
    days = {
        "near-duplicates": date(2018, 7, 16),
        "article-extraction-benchmark": date(2019, 11, 20),
        "fundus": date(2025, 1, 15),
    }
    texts = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        source = re.sub(r"\s+", " ", sources[row["set"]].get(row["key"], ""))
        characters = list(source[row["start"] : row["end"]])
        for at in row["breaks"]:
            characters[at : at + 1] = "\n"
        text = "".join(characters)
        if hashlib.sha256(text.encode()).hexdigest()[:16] != row["sha256"]:
            print(f"{row['set']} {row['key']}: left out, as it is not the text that was marked", file=sys.stderr)
            continue
        quotations = [
            ScoredQuotation(
                q["kind"], without_conjunction(text, q["parts"]), (tuple(q["speaker"]),) if q["speaker"] else ()
            )
            for q in row["quotes"]
        ]
        optional = [tuple((start, end) for start, end in parts) for parts in row["optional"]]
        speakers = [(q["name"], q["how"]) for q in row["quotes"]]
        texts.append(HandMarkedText(text, days[row["set"]], quotations, optional, speakers))
    return texts


def without_conjunction(text: str, parts: Sequence[Sequence[int]]) -> Spans:
    """The parts of a content without the "that", "whether" or "if" before its clause, about which readers differ."""
    (start, end), *others = ((part[0], part[1]) for part in parts)
    conjunction = re.match(r"(?:that|whether|if)\s+", text[start:end])
    return ((start + (conjunction.end() if conjunction else 0), end), *others)


def _near_duplicates() -> dict[str, str]:
    csv.field_size_limit(1 << 24)
    with gzip.open(CORPORA / "near-duplicates" / "helsinki_articles.csv.gz", "rt", encoding="utf-8") as lines:
        return {row["id"]: row["text"].replace("###", " ") for row in csv.DictReader(lines)}


def _benchmark_bodies() -> dict[str, str]:
    truth = CORPORA / "pages" / "article-extraction-benchmark" / "ground-truth.json"
    return {key: page["articleBody"] for key, page in json.loads(truth.read_text(encoding="utf-8")).items()}


def _fundus_bodies() -> dict[str, str]:
    bodies = {}
    for path in sorted(FUNDUS.glob("*/*.json")):
        for version, page in json.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(page, dict) and (body := page.get("body")):
                lines = list(body.get("summary") or [])
                for section in body.get("sections") or []:
                    lines += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
                bodies[f"{path.parent.name}/{path.stem}/{version}"] = "\n".join(lines)
    return bodies
