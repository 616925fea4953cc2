"""Stories: judged pairs, the Kremlin's print pages, and how time and memory grow. Run: make bench-stories

The pairs are those of evaluation/story_pairs.py. Weights are fitted on one half of each set (`dev`); the other half is
scored here.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import rensa

from benchmarks.peers import peak_memory
from etl.stories.similarity import StoryText, find_copies
from etl.text import tokens
from evaluation.corpora import PROJECT, need_corpora
from evaluation.kremlin import KREMLIN
from evaluation.story_pairs import StoryPair, judge_by_wording, precision_recall_f1, story_pairs

SHINGLE, PERMUTATIONS = 5, 128


# -- judgements --------------------------------------------------------------------------------------------------------


def has_same_title(pair: StoryPair) -> bool:
    return tokens(pair.a.title) == tokens(pair.b.title)


def judge_by_minhash(threshold: float) -> Callable[[StoryPair], bool]:
    """A judgement by the Jaccard similarity of MinHashes of five-word shingles."""
    return lambda pair: _sketch(pair.a.text).jaccard(_sketch(pair.b.text)) >= threshold


def _sketch(text: str) -> rensa.RMinHash:
    words = tokens(text)
    sketch = rensa.RMinHash(PERMUTATIONS, 1)
    sketch.update([" ".join(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)])
    return sketch


def print_pairs() -> None:
    """Print precision, recall and F1 of several judgements on the pairs held out."""
    held_out = [pair for pair in story_pairs() if pair.half == "held"]
    judges: dict[str, Callable[[StoryPair], bool]] = {
        "Dateline": judge_by_wording,
        "title hash": has_same_title,
        "MinHash at 0.5": judge_by_minhash(0.5),
        "MinHash at 0.8": judge_by_minhash(0.8),
    }
    for name in ("judged", "hard"):
        pairs = [pair for pair in held_out if pair.set == name]
        print(f"{name}, held out: {len(pairs)} pairs, {sum(p.same for p in pairs)} of one story: precision, recall, F1")
        for label, judge in judges.items():
            scores = precision_recall_f1([judge(pair) for pair in pairs], [pair.same for pair in pairs])
            print(f"  {label:16} " + "  ".join(f"{score:.3f}" for score in scores))


# -- the Kremlin's print pages -----------------------------------------------------------------------------------------


def print_kremlin() -> None:
    """Print how many print pages are found to copy their page, by text alone. No other page should be a copy."""
    rows, print_pages = [], set()
    for path in sorted(KREMLIN.glob("en.kremlin.ru-2*.warc.gz")):
        is_print = "-print" in path.name
        for row in _objects(_dateline("extract", str(path))):
            if row.get("text"):
                name = f"{row['canonical_url']}{' print' if is_print else ''}"
                print_pages |= {name} if is_print else set()
                moment = f"{row['published_date']}T{'13' if is_print else '12'}:00:00Z"
                rows.append({"id": name, "outlet": "kremlin.ru", "text": row["text"], "published_date": moment})
    lines = "\n".join(json.dumps(row) for row in rows)
    copies = {row["id"]: row["copy_of"] for row in _objects(_dateline("stories", "-", stdin=lines)) if row["copy_of"]}
    right = sum(copies.get(page, "").removesuffix(" print") == page.removesuffix(" print") for page in print_pages)
    print(
        f"Kremlin: {len(rows)} texts, {len(print_pages)} print pages; joined to their page {right} "
        f"({right / len(print_pages):.4f}); of {len(copies)} copies {right / max(1, len(copies)):.4f} are print pages"
    )


def _dateline(*arguments: str, stdin: str | None = None) -> str:
    """The output of a command."""
    command = [sys.executable, "-m", "etl.cli", *arguments]
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, input=stdin).stdout


def _objects(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


# -- growth ------------------------------------------------------------------------------------------------------------


def print_growth() -> None:
    """Print the cost of synthetic articles of 250 words over a month, 30 % of them copies; each size is measured in a
    process of its own."""
    for size in (10_000, 30_000, 100_000):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.stories", "grow", str(size)],
            cwd=PROJECT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        print(done.stdout.strip())


def grow(size: int) -> None:
    """Measure one size in this process and print a line."""
    generator = random.Random(1)
    vocabulary = [f"w{n:x}" for n in range(30_000)]
    frequencies = list(accumulate(1 / (n + 3) for n in range(30_000)))  # cumulated; as in English (Zipf, Mandelbrot)
    texts: list[StoryText] = []
    copies = 0
    for number in range(size):
        day = date(2025, 9, 1) + timedelta(days=number * 30 // size)
        if texts and generator.random() < 0.3:
            words = generator.choice(texts[-max(1, size // 10) :]).text.split()
            words = words[: generator.randint(120, 250)]
            for _ in range(10):
                words[generator.randrange(len(words))] = generator.choice(vocabulary)
            copies += 1
        else:
            words = generator.choices(vocabulary, cum_weights=frequencies, k=250)
        texts.append(StoryText(f"a{number}", f"o{number % 300}", day, f"{day}T{number:08d}", " ".join(words)))
    before = peak_memory()
    began = time.perf_counter()
    n_found = sum(copy.copy_of is not None for copy in find_copies(texts, 7))
    seconds = time.perf_counter() - began
    print(f"{size:8,} articles: {seconds:6.1f} s, {1e3 * seconds / size:.2f} ms each, "
          f"{(peak_memory() - before) / 2**20:,.0f} MiB more; {n_found:,} copies found of {copies:,}")  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["grow"]:
        grow(int(sys.argv[2]))
        return
    need_corpora()
    print_pairs()
    print_growth()
    print_kremlin()


if __name__ == "__main__":
    main()
