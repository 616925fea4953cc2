"""Try a source: fetch and extract a few of its pages, and keep nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from etl.configuration.settings import Settings
from etl.configuration.sources import load_sources
from etl.extract.page import Page
from etl.extract.sandbox import extract_confined
from etl.fetch.check import ListingCheck, SamplePage, fetch_sample_pages
from schemas import Article, Reject

_TEXT_LENGTH = 300  # characters of a text in a summary


@dataclass(frozen=True)
class PageTrial:
    """A page and its article, or the reason why it gave none."""

    url: str
    article: Article | None
    reason: str | None = None

    def summary(self, full_text: bool) -> Iterator[tuple[str, str]]:
        """Give what a reader should check, as labels and values."""
        if self.article is None:
            yield "no article", self.reason or ""
            return
        article = self.article
        yield "title", article.title or "none"
        moment = f" ({article.published_at:%Y-%m-%d %H:%M} UTC)" if article.published_at else ""
        day = f"{article.published_date}{moment}, from: {article.published_method}"
        yield "published", day if article.published_method else "unknown"
        yield "authors", "; ".join(article.authors) or "none"
        yield "language", article.language or "unknown"
        yield "canonical", article.canonical_url
        yield "words", str(article.word_count)
        yield "text", article.text if full_text else textwrap.shorten(article.text, _TEXT_LENGTH, placeholder=" …")


@dataclass(frozen=True)
class SourceTrial:
    """The listings of a source and some of its pages."""

    checked: list[ListingCheck]
    pages: list[PageTrial]


def try_source(
    settings: Settings, name: str, n_pages: int, as_of: datetime, clock: Callable[[], datetime]
) -> SourceTrial:
    """Fetch and extract the first pages that a source's listings name. Raises ConfigError, InputError."""
    checked, fetched = fetch_sample_pages(settings, name, n_pages, as_of, clock)
    sources = load_sources(settings.folder("sources"))

    def extract(page: SamplePage) -> PageTrial:
        last = page.answer.last
        if page.answer.outcome != "ok" or last is None:
            return PageTrial(page.entry.url, None, f"{page.answer.outcome}: {page.answer.detail}")
        result = extract_confined(
            Page(
                "trial", name, page.answer.final_url, last.status, page.answer.content_type, last.body,
                last.requested_at, "", 0, sources, listed=page.entry.published_text,
            )
        )  # fmt: skip
        if isinstance(result, Reject):
            return PageTrial(page.entry.url, None, f"{result.reason}: {result.detail}")
        return PageTrial(page.entry.url, result)

    return SourceTrial(checked, [extract(page) for page in fetched])
