"""A first look at a source: a few pages fetched and extracted, nothing kept."""

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

_SHOWN = 300  # characters of a text


@dataclass(frozen=True)
class TriedPage:
    """A page with the article that it gave, or why there is none."""

    url: str
    article: Article | None
    why_not: str | None = None

    def shown(self, whole: bool) -> Iterator[tuple[str, str]]:
        """What to look at, as label and value."""
        if self.article is None:
            yield "no article", self.why_not or ""
            return
        a = self.article
        yield "title", a.title or "none"
        moment = f" ({a.published_at:%Y-%m-%d %H:%M} UTC)" if a.published_at else ""
        yield (
            "published",
            f"{a.published_date}{moment}, from: {a.published_method}" if a.published_method else "unknown",
        )
        yield "authors", "; ".join(a.authors) or "none"
        yield "language", a.language or "unknown"
        yield "canonical", a.canonical_url
        yield "words", str(a.word_count)
        yield "text", a.text if whole else textwrap.shorten(a.text, _SHOWN, placeholder=" …")


@dataclass(frozen=True)
class Trial:
    """The listings of a source, and some of its pages."""

    checked: list[ListingCheck]
    pages: list[TriedPage]


def try_source(settings: Settings, name: str, pages: int, as_of: datetime, clock: Callable[[], datetime]) -> Trial:
    """Reads the first pages of a source's listings. Raises ConfigError, InputError."""
    checked, tried = fetch_sample_pages(settings, name, pages, as_of, clock)
    sources = load_sources(settings.folder("sources"))

    def page(item: SamplePage) -> TriedPage:
        last = item.answer.last
        if item.answer.outcome != "ok" or last is None:
            return TriedPage(item.entry.url, None, f"{item.answer.outcome}: {item.answer.detail}")
        result = extract_confined(
            Page(
                "trial", name, item.answer.final_url, last.status, item.answer.content_type, last.body,
                last.requested_at, "", 0, sources, listed=item.entry.published_text,
            )
        )  # fmt: skip
        if isinstance(result, Reject):
            return TriedPage(item.entry.url, None, f"{result.reason}: {result.detail}")
        return TriedPage(item.entry.url, result)

    return Trial(checked, [page(item) for item in tried])
