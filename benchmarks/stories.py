"""Stories: judged pairs, the Kremlin's print twins, and how time and memory grow. Run: make bench-stories

Pairs of near-duplicates beside the project were drawn across the range of what they share and judged by reading before
anything was fitted (evaluation/judged_pairs.csv; "unclear" ones count for nothing); hard pairs are written for us
(evaluation/hard_pairs.yaml). Weights are fitted on the halves called dev, and scored on those held out.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import rensa
import yaml

from benchmarks.peers import peak
from etl.stories.likeness import SAME_STORY, same_story
from etl.stories.similarity import Text, find_copies
from etl.stories.wording import compare_wordings, read_wording
from etl.text import tokens
from evaluation.gold_pages import need_corpora

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
PAIRS = ROOT / "evaluation"
SHINGLE, PERMUTATIONS = 5, 128


@dataclass(frozen=True)
class Side:
    """One text of a pair."""

    title: str
    text: str


@dataclass(frozen=True)
class Pair:
    """Two texts and whether they are one story."""

    set: str
    half: str
    a: Side
    b: Side
    same: bool


def all_pairs() -> list[Pair]:
    """Judged and hard pairs."""
    csv.field_size_limit(1 << 24)
    with gzip.open(CORPORA / "near-duplicates" / "helsinki_articles.csv.gz", "rt", encoding="utf-8") as lines:
        texts = {row["id"]: row["text"].replace(" ### ", "\n") for row in csv.DictReader(lines)}
    sides = {id_: Side(text.split("\n")[0], text) for id_, text in texts.items()}
    with (PAIRS / "judged_pairs.csv").open(encoding="utf-8") as lines:
        judged = [
            Pair("judged", row["half"], sides[row["a"]], sides[row["b"]], row["judgement"] == "same")
            for row in csv.DictReader(lines)
            if row["judgement"] != "unclear"
        ]
    return [*judged, *hard_pairs()]


def hard_pairs() -> list[Pair]:
    rows = yaml.load((PAIRS / "hard_pairs.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return [
        Pair("hard", r["half"], *(Side(r[side]["title"], r[side]["text"]) for side in "ab"), r["same"]) for r in rows
    ]


# -- judgements --------------------------------------------------------------------------------------------------------


def by_wording(pair: Pair) -> bool:
    return same_story(compare_wordings(read_wording(pair.a.text), read_wording(pair.b.text))) >= SAME_STORY


def by_title(pair: Pair) -> bool:
    return tokens(pair.a.title) == tokens(pair.b.title)


def by_minhash(threshold: float) -> Callable[[Pair], bool]:
    return lambda pair: _sketch(pair.a.text).jaccard(_sketch(pair.b.text)) >= threshold


def _sketch(text: str) -> rensa.RMinHash:
    words = tokens(text)
    sketch = rensa.RMinHash(PERMUTATIONS, 1)
    sketch.update([" ".join(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)])
    return sketch


def print_pairs() -> None:
    pairs = [pair for pair in all_pairs() if pair.half == "held"]
    judges = {
        "Dateline": by_wording, "title hash": by_title, "MinHash at 0.5": by_minhash(0.5),
        "MinHash at 0.8": by_minhash(0.8),
    }  # fmt: skip
    for name in ("judged", "hard"):
        own = [pair for pair in pairs if pair.set == name]
        print(f"{name}, held out: {len(own)} pairs, {sum(p.same for p in own)} of one story: precision, recall, F1")
        for label, judge in judges.items():
            said = [judge(pair) for pair in own]
            print(f"  {label:16} " + "  ".join(f"{value:.3f}" for value in score(said, [pair.same for pair in own])))


def score(said: Sequence[bool], true: Sequence[bool]) -> tuple[float, float, float]:
    right = sum(s and t for s, t in zip(said, true, strict=True))
    precision, recall = right / max(1, sum(said)), right / max(1, sum(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


# -- the Kremlin's print twins -----------------------------------------------------------------------------------------


def print_twins() -> None:
    """Pages and their print layouts, by text alone: each twin should copy its page, and no page another."""
    rows, twins = [], set()
    for path in sorted((CORPORA / "kremlin").glob("en.kremlin.ru-2*.warc.gz")):
        printed = "-print" in path.name
        for row in _objects(_dateline("extract", str(path))):
            if row.get("text"):
                name = f"{row['canonical_url']}{' print' if printed else ''}"
                twins |= {name} if printed else set()
                moment = f"{row['published_date']}T{'13' if printed else '12'}:00:00Z"
                rows.append({"id": name, "outlet": "kremlin.ru", "text": row["text"], "published_date": moment})
    given = "\n".join(json.dumps(row) for row in rows)
    copies = {row["id"]: row["copy_of"] for row in _objects(_dateline("stories", "-", given=given)) if row["copy_of"]}
    right = sum(copies.get(twin, "").removesuffix(" print") == twin.removesuffix(" print") for twin in twins)
    print(f"Kremlin: {len(rows)} texts, {len(twins)} print twins; found {right} ({right / len(twins):.4f}); "
          f"of {len(copies)} copies {right / max(1, len(copies)):.4f} are twins")  # fmt: skip


def _dateline(*arguments: str, given: str | None = None) -> str:
    command = [sys.executable, "-m", "etl.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, input=given).stdout


def _objects(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


# -- growth ------------------------------------------------------------------------------------------------------------


def print_growth() -> None:
    """Synthetic articles of 250 words, 30 % of them copies, over a month; each size in a process of its own."""
    for size in (10_000, 30_000, 100_000):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.stories", "grow", str(size)],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        print(done.stdout.strip())


def grow(size: int) -> None:
    chosen = random.Random(1)
    vocabulary = [f"w{n:x}" for n in range(30_000)]
    ranks = list(accumulate(1 / (n + 3) for n in range(30_000)))  # as often as words are in English (Zipf, Mandelbrot)
    texts: list[Text] = []
    copies = 0
    for number in range(size):
        day = date(2025, 9, 1) + timedelta(days=number * 30 // size)
        if texts and chosen.random() < 0.3:
            words = chosen.choice(texts[-max(1, size // 10) :]).text.split()
            words = words[: chosen.randint(120, 250)]
            for _ in range(10):
                words[chosen.randrange(len(words))] = chosen.choice(vocabulary)
            copies += 1
        else:
            words = chosen.choices(vocabulary, cum_weights=ranks, k=250)
        texts.append(Text(f"a{number}", f"o{number % 300}", day, f"{day}T{number:08d}", " ".join(words)))
    before = peak()
    began = time.perf_counter()
    found = sum(copy.copy_of is not None for copy in find_copies(texts, 7))
    seconds = time.perf_counter() - began
    print(f"{size:8,} articles: {seconds:6.1f} s, {1e3 * seconds / size:.2f} ms each, "
          f"{(peak() - before) / 2**20:,.0f} MiB more; {found:,} copies found of {copies:,}")  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["grow"]:
        grow(int(sys.argv[2]))
        return
    need_corpora()
    print_pairs()
    print_growth()
    print_twins()


if __name__ == "__main__":
    main()
