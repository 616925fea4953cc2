"""Topics: the time of matching 1,000 topics compared with 10, and of matching again after one topic has changed.

Run: make bench-topics

Reads the Kremlin archive in ../shared/corpora, outside the repository, or a warehouse made from it: python -m
benchmarks.topics WAREHOUSE. The topics are made at random from the archive's own words, as people write them: one or
two countries, and some words.
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

from benchmarks.archive import run_dateline
from etl.configuration.settings import PACKAGED
from etl.text import fold
from etl.topics.matcher import Matcher, TopicQuery
from etl.topics.query import parse_query
from etl.workbench.topic_trial import PublishedArticle, read_articles
from evaluation.corpora import need_corpora
from evaluation.kremlin import KREMLIN

COUNTRIES = "CHN RUS USA DEU FRA GBR IND JPN KOR PRK TUR IRN SYR UKR KAZ BLR ISR ITA EGY SRB".split()
SIZES = (10, 100, 1000)
ROUNDS = 3


def main() -> None:
    need_corpora()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "warehouse"
        if len(sys.argv) == 1:
            run_dateline(warehouse, "import", *sorted(KREMLIN.glob("*.warc.gz")))
            run_dateline(warehouse, "run")
        print_matching(list(read_articles(warehouse, [], 1_000_000)))
        print_changed(warehouse, Path(folder))


def print_matching(articles: Sequence[PublishedArticle]) -> None:
    """Print the time for all articles with 10, 100 and 1,000 topics: the best of three rounds, which alternate."""
    queries = made_queries(articles, max(SIZES))
    matchers = {size: Matcher([TopicQuery(str(n), parse_query(q), "sentence") for n, q in enumerate(queries[:size])])
                for size in SIZES}  # fmt: skip
    seconds: dict[int, float] = {}
    hits: dict[int, int] = {}
    for _ in range(ROUNDS):
        for size, matcher in matchers.items():
            began = time.perf_counter()
            hits[size] = sum(len(matcher.hits(article.document)) for article in articles)
            seconds[size] = min(seconds.get(size, 1e9), time.perf_counter() - began)
    print(f"{len(articles):,} articles")
    for size in SIZES:
        ratio = seconds[size] / seconds[min(SIZES)]
        print(f"{size:5,} topics: {seconds[size]:6.2f} s, {ratio:.2f} times ten's; {hits[size]:,} hits")


def made_queries(articles: Sequence[PublishedArticle], number: int) -> list[str]:
    """Queries with words that occur in more than three articles, but in fewer than a hundredth of all."""
    counts = Counter(word for seen in articles for word in set(re.findall(r"[a-z]{4,}", fold(seen.document.text))))
    words = sorted(word for word, n in counts.items() if 3 < n < len(articles) / 100)
    generator = random.Random(1)
    return [_query(generator, words) for _ in range(number)]


def _query(generator: random.Random, vocabulary: Sequence[str]) -> str:
    words = generator.sample(vocabulary, 6)
    alternatives = f'({words[0]} OR {words[1][:-1]}* OR "{words[2]} {words[3]}" OR "{words[4]} {words[5]}"~8)'
    country, other = generator.sample(COUNTRIES, 2)
    forms = (
        f"country:{country} AND {alternatives}",
        f"country:{country} AND country:{other} AND NOT {words[5]}",
        alternatives,
        f"country:{country} AND title:({words[0]} OR {words[1]})",
    )
    return generator.choice(forms)


def print_changed(warehouse: Path, folder: Path) -> None:
    """Print how long a complete `dateline run` on two workers takes after one topic has changed."""
    config, copy = folder / "config", folder / "copy"
    shutil.copytree(PACKAGED, config)
    shutil.copytree(warehouse, copy, symlinks=True)
    run_dateline(copy, "--config", config, "run")
    topic = config / "topics" / "china-russia.yaml"
    topic.write_text(topic.read_text(encoding="utf-8").replace("country:CHN AND", "country:CHN AND NOT ferry AND"))
    seconds = run_dateline(copy, "--config", config, "run")
    print(f"a changed topic, matched again on the complete archive and published: {seconds:.1f} s")


if __name__ == "__main__":
    main()
