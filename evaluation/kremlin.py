"""Texts of the Kremlin's archive (CC BY 4.0, en.kremlin.ru) as our own extraction reads them; nothing is marked."""

from __future__ import annotations

from collections.abc import Iterator

from etl.configuration.sources import NO_SOURCES
from etl.extract.page import extract, page_of
from etl.warc.reader import Record, read_warc
from evaluation.name_sets import ANYTHING, CORPORA, Marked
from schemas import Article


def speeches(every: int) -> Iterator[Marked]:
    """One article of `every`."""
    paths = sorted((CORPORA / "kremlin").glob("en.kremlin.ru-20??.warc.gz"))
    for path in paths:
        for number, record in enumerate(read_warc(path)):
            if number % every == 0 and isinstance(record, Record):
                article = extract(page_of(record, "b", "kremlin", path.name, NO_SOURCES))
                if isinstance(article, Article):
                    yield Marked("kremlin", article.article_id, article.text, [], ANYTHING)
