"""The archive of en.kremlin.ru (CC BY 4.0): its WARC files, its index and its articles.

It lies in ../shared/corpora, outside the repository.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from etl.configuration.sources import NO_SOURCES
from etl.extract.page import extract, page_of
from etl.warc.reader import Record, read_warc
from evaluation.corpora import CORPORA
from schemas import Article

KREMLIN = CORPORA / "kremlin"


def kremlin_index() -> list[dict[str, Any]]:
    """The site's own index, a row for each article: `url`, `title`, `date`, `countries` (ISO codes of two letters)."""
    return [json.loads(line) for line in (KREMLIN / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def kremlin_articles(every: int = 1) -> Iterator[Article]:
    """The articles as `etl.extract` reads them, without print pages, year by year. With `every`, of each year only the
    records whose number is a multiple of it."""
    for path in sorted(KREMLIN.glob("en.kremlin.ru-20??.warc.gz")):
        for number, record in enumerate(read_warc(path)):
            if number % every == 0 and isinstance(record, Record):
                row = extract(page_of(record, "b", "kremlin", path.name, NO_SOURCES))
                if isinstance(row, Article):
                    yield row
