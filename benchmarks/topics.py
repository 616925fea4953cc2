"""Topics: what a thousand cost beside ten, and how long a changed one takes on an archive. Run: make bench-topics

Reads the Kremlin archive beside the project; a warehouse of it may be given: python -m benchmarks.topics WAREHOUSE.
The topics are made by chance from the archive's own words, as people write them: a country or two, and words.
"""

from __future__ import annotations

import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.archive import ARCHIVE, timed
from etl.configuration.settings import PACKAGED
from etl.text import fold
from etl.topics.matcher import Matcher, Wanted
from etl.topics.query import parse_query
from etl.workbench.topic_trial import Seen, read_articles
from evaluation.gold_pages import need_corpora

COUNTRIES = "CHN RUS USA DEU FRA GBR IND JPN KOR PRK TUR IRN SYR UKR KAZ BLR ISR ITA EGY SRB".split()
SIZES = (10, 100, 1000)
ROUNDS = 3


def main() -> None:
    need_corpora()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "warehouse"
        if len(sys.argv) == 1:
            timed(warehouse, "import", *sorted(ARCHIVE.glob("*.warc.gz")))
            timed(warehouse, "run")
        print_matching(list(read_articles(warehouse, [], 1_000_000)))
        print_changed(warehouse, Path(folder))


def print_matching(articles: Sequence[Seen]) -> None:
    """Time over all articles with 10, 100 and 1,000 topics; the best of three rounds each, in turns."""
    queries = made_queries(articles, max(SIZES))
    matchers = {size: Matcher([Wanted(str(n), parse_query(q), "sentence") for n, q in enumerate(queries[:size])])
                for size in SIZES}  # fmt: skip
    seconds: dict[int, float] = {}
    hits: dict[int, int] = {}
    for _ in range(ROUNDS):
        for size, matcher in matchers.items():
            began = time.perf_counter()
            hits[size] = sum(len(matcher.hits(seen.document)) for seen in articles)
            seconds[size] = min(seconds.get(size, 1e9), time.perf_counter() - began)
    print(f"{len(articles):,} articles")
    for size in SIZES:
        ratio = seconds[size] / seconds[min(SIZES)]
        print(f"{size:5,} topics: {seconds[size]:6.2f} s, {ratio:.2f} times ten's; {hits[size]:,} hits")


def made_queries(articles: Sequence[Seen], number: int) -> list[str]:
    """Queries from words that occur in a hundredth of the articles or less, and more than three times."""
    counts = Counter(word for seen in articles for word in set(re.findall(r"[a-z]{4,}", fold(seen.document.text))))
    words = sorted(word for word, n in counts.items() if 3 < n < len(articles) / 100)
    chosen = random.Random(1)
    return [_query(chosen, words) for _ in range(number)]


def _query(chosen: random.Random, words: Sequence[str]) -> str:
    some = chosen.sample(words, 6)
    listed = f'({some[0]} OR {some[1][:-1]}* OR "{some[2]} {some[3]}" OR "{some[4]} {some[5]}"~8)'
    one, other = chosen.sample(COUNTRIES, 2)
    forms = (f"country:{one} AND {listed}", f"country:{one} AND country:{other} AND NOT {some[5]}", listed,
             f'country:{one} AND title:({some[0]} OR {some[1]})')  # fmt: skip
    return chosen.choice(forms)


def print_changed(warehouse: Path, folder: Path) -> None:
    """A changed topic, from the tables, in a whole `dateline run` on two workers."""
    config, copy = folder / "config", folder / "copy"
    shutil.copytree(PACKAGED, config)
    shutil.copytree(warehouse, copy, symlinks=True)
    timed(copy, "--config", config, "run")
    topic = config / "topics" / "china-russia.yaml"
    topic.write_text(topic.read_text(encoding="utf-8").replace("country:CHN AND", "country:CHN AND NOT ferry AND"))
    seconds = timed(copy, "--config", config, "run")
    print(f"a changed topic, matched anew on the whole archive and published: {seconds:.1f} s")


if __name__ == "__main__":
    main()
