"""Requirements on real pages: no article of an archive is lost, no list is taken for an article, and bodies are better
than those of the best single extractor.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trafilatura

from etl.configuration.sources import NO_SOURCES
from etl.extract.page import Page, extract, page_of
from etl.warc.reader import Record, read_warc
from evaluation.body_scores import body_scores, summary
from evaluation.gold_pages import GoldPage, article_extraction_benchmark, fundus_gold_pages
from schemas import Article, Reject

pytestmark = [pytest.mark.corpora, pytest.mark.slow]


def read_archive(path: Path) -> list[Article | Reject]:
    return [
        extract(page_of(record, "20250910-kremlin", "kremlin", path.name, NO_SOURCES))
        for record in read_warc(path)
        if isinstance(record, Record)
    ]


def test_no_list_becomes_an_article(corpora: Path) -> None:
    rows = read_archive(corpora / "kremlin" / "en.kremlin.ru-listings.warc.gz")
    assert len(rows) == 222
    assert Counter(row.reason if isinstance(row, Reject) else row.title for row in rows).keys() <= {
        "index_page", "no_text", "video_page"
    }  # fmt: skip


def test_no_article_is_lost(corpora: Path) -> None:
    index = [json.loads(line) for line in (corpora / "kremlin" / "index.jsonl").read_text("utf-8").splitlines()]
    days = {row["url"]: row["date"] for row in index}
    paths = sorted((corpora / "kremlin").glob("en.kremlin.ru-20*.warc.gz"))
    for is_print in (False, True):
        rows = [row for path in paths if ("print" in path.name) is is_print for row in read_archive(path)]
        assert len(rows) == (1752 if is_print else 2423)
        assert [(row.url, row.reason) for row in rows if isinstance(row, Reject)] == []
        articles = [row for row in rows if isinstance(row, Article)]
        in_index = [row for row in articles if row.url.removesuffix("/print") in days]
        assert len(in_index) == len(articles)
        wrong = [row.url for row in in_index if str(row.published_date) != days[row.url.removesuffix("/print")]]
        assert wrong == []


@pytest.mark.parametrize("pages", [article_extraction_benchmark, fundus_gold_pages])
def test_bodies_are_better_than_trafilaturas(corpora: Path, pages: Callable[[], Iterable[GoldPage]]) -> None:
    """The shipped models have seen these pages: what they score on others is in their card."""
    gold: list[GoldPage] = list(pages())
    now = datetime.now(UTC)
    ours, theirs = [], []
    for page in gold:
        row = extract(Page("b", "a", page.url, 200, "text/html", page.html, now, "w", 0))
        ours.append(body_scores(page.body, row.text if isinstance(row, Article) else ""))
        theirs.append(body_scores(page.body, trafilatura.extract(page.html, fast=True, include_comments=False) or ""))
    assert summary(ours).f1 > summary(theirs).f1 + 0.01
