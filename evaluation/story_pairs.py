"""Pairs of texts that are judged to be one story or not.

Judged pairs (judged_pairs.csv) are from the near-duplicates in ../shared/corpora, outside the repository. The sample
ranges from pairs that share little text to pairs that share much. A reader judged the pairs before anything was fitted;
pairs judged "unclear" are ignored. Hard pairs (hard_pairs.yaml) were written for this project. One half of each set,
`dev`, is used for fitting; the other, `held`, only for scoring.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from etl.stories.likeness import SAME_STORY_THRESHOLD, same_story_probability
from etl.stories.wording import compare_wordings, read_wording
from evaluation.corpora import CORPORA

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class StoryText:
    """One text of a pair."""

    title: str
    text: str


@dataclass(frozen=True)
class StoryPair:
    """Two texts; `same`: are they one story?"""

    set: str
    half: str
    a: StoryText
    b: StoryText
    same: bool


def story_pairs() -> list[StoryPair]:
    """The judged and the hard pairs."""
    csv.field_size_limit(1 << 24)
    with gzip.open(CORPORA / "near-duplicates" / "helsinki_articles.csv.gz", "rt", encoding="utf-8") as lines:
        bodies = {row["id"]: row["text"].replace(" ### ", "\n") for row in csv.DictReader(lines)}
    texts = {id_: StoryText(text.split("\n")[0], text) for id_, text in bodies.items()}
    with (_FOLDER / "judged_pairs.csv").open(encoding="utf-8") as lines:
        judged = [
            StoryPair("judged", row["half"], texts[row["a"]], texts[row["b"]], row["judgement"] == "same")
            for row in csv.DictReader(lines)
            if row["judgement"] != "unclear"
        ]
    return [*judged, *hard_pairs()]


def hard_pairs() -> list[StoryPair]:
    """The pairs written for this project, which need no corpora."""
    rows = yaml.load((_FOLDER / "hard_pairs.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    texts = [[StoryText(row[side]["title"], row[side]["text"]) for side in "ab"] for row in rows]
    return [StoryPair("hard", row["half"], a, b, row["same"]) for row, (a, b) in zip(rows, texts, strict=True)]


def judge_by_wording(pair: StoryPair) -> bool:
    """Does the pipeline call the pair one story?"""
    return (
        same_story_probability(compare_wordings(read_wording(pair.a.text), read_wording(pair.b.text)))
        >= SAME_STORY_THRESHOLD
    )


def precision_recall_f1(predicted: Sequence[bool], true: Sequence[bool]) -> tuple[float, float, float]:
    """The scores of yes-or-no judgements."""
    right = sum(p and t for p, t in zip(predicted, true, strict=True))
    precision, recall = right / max(1, sum(predicted)), right / max(1, sum(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)
