"""From a page to an article: bytes in, a row of `articles` or `rejects` out. No storage, no network."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from lxml.html import HtmlElement

from etl.configuration.sources import NO_SOURCES, Source, Sources
from etl.extract import language
from etl.extract.body.choose import Body, choose_body, look_at
from etl.extract.body.newspaper import newspaper_text, newspaper_version
from etl.extract.body.standfirst import with_standfirst
from etl.extract.credits.agency import agency_in_text
from etl.extract.credits.authors import find_authors
from etl.extract.dates import find as dates
from etl.extract.decode import clean, decode
from etl.extract.html import Unreadable, parse_html
from etl.extract.page_kind import why_no_article
from etl.extract.section import find_section
from etl.extract.structured import Structured, collapse, collapse_space, is_article, is_index, read_structured
from etl.extract.title import find_title
from etl.text import identifier, word_count
from etl.urls import canonical, normalise, registrable_domain
from etl.warc.reader import PAYLOAD_LIMIT, TEXT_TYPE, Record
from schemas import Article, Reason, Reject

_EARLIEST_GIVEN = date(1600, 1, 1)  # newspapers begin
_HTML = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True)
class Page:
    """A captured page or text and where it lies. `url` is empty where only the page itself can say it.

    `listed` is the date that the feed or sitemap gave, through which the page was found.
    """

    batch: str
    archive: str
    url: str
    status: int | None
    content_type: str
    payload: bytes
    fetched_at: datetime
    warc_file: str
    warc_offset: int
    sources: Sources = NO_SOURCES
    complete: bool = True
    listed: str | None = None

    @property
    def source(self) -> Source | None:
        """The source configured for the page's host."""
        return self.sources.of(self.url)


def page_of(record: Record, batch: str, archive: str, warc_file: str, sources: Sources) -> Page:
    """A WARC record as a page."""
    return Page(
        batch, archive, record.url, record.status, record.content_type, record.payload, record.date, warc_file,
        record.offset, sources, record.complete, record.listed,
    )  # fmt: skip


class _NoArticle(Exception):
    """Why a page gives no article."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def extract(page: Page) -> Article | Reject:
    """The article on a page, or why there is none. Never raises: what breaks is a reject with the error's words."""
    if not page.complete or len(page.payload) > PAYLOAD_LIMIT:
        return reject(page, "too_large", f"longer than {PAYLOAD_LIMIT // 2**20} MiB")
    try:
        is_text = page.content_type.startswith(TEXT_TYPE)
        return _from_text(page) if is_text else _from_html(page)
    except _NoArticle as no:
        return reject(page, no.reason, no.detail)
    except Exception as error:  # noqa: BLE001 - pages are untrusted: one must not cost the others of its batch
        return reject(page, "broken", f"{type(error).__name__}: {error}")


def _from_html(page: Page) -> Article:
    if page.status is not None and page.status != 200:
        raise _NoArticle("http_status", f"the server answered {page.status}")
    kind = page.content_type.lower().strip()
    if kind and not kind.startswith(_HTML):
        raise _NoArticle("not_html", f"Content-Type is {kind[:80]}")
    if not page.payload.strip():
        raise _NoArticle("empty", "the page has no content")
    html = decode(page.payload, page.content_type)
    tree = _parse(html)
    structured = read_structured(tree)
    declared_urls = _declared_urls(tree, structured)
    if not page.url:  # a page from a file: its own word is all there is
        own = next((url for url in declared_urls if url and url.startswith(("http://", "https://"))), "")
        page = replace(page, url=own or f"file:{page.warc_file}")
    if is_index(structured):
        raise _NoArticle("index_page", f"the page calls itself {', '.join(sorted(structured.types)[:3])}")
    title = find_title(tree, structured)
    body = _body(page, html, tree, structured, title)
    text = body.text.removeprefix(f"{title}\n")
    if why := why_no_article(text, title, page.url, tree, structured):
        raise _NoArticle(*why)
    zone = page.source.timezone if page.source else None
    authors, agency = find_authors(tree, structured)
    return _article(
        page,
        text,
        canonical_url=canonical(page.url, declared_urls),
        title=title,
        language=language.identify(text, tree.get("lang") or structured.first_meta("og:locale")),
        authors=authors,
        agency=agency_in_text(text) or agency,
        section=find_section(tree, structured, title),
        published=dates.find_published(tree, structured, page.url, page.fetched_at, zone, page.listed),
        modified_at=dates.find_modified(structured, page.fetched_at, zone),
        extractor=body.extractor,
    )


def _body(page: Page, html: str, tree: HtmlElement, structured: Structured, title: str | None) -> Body:
    language = page.source.language if page.source else None
    if page.source and page.source.extractor == "newspaper":
        text = newspaper_text(html, page.url, language)
        if not text:
            raise _NoArticle("no_text", f"{newspaper_version()}, which the source asks for, found no text")
        return Body(text, newspaper_version())
    body = choose_body(look_at(tree, structured, title, lambda: newspaper_text(html, page.url, language)))
    if not is_article(structured):
        return body
    deck = structured.first_meta("og:description", "description")
    return replace(body, text=with_standfirst(body.text.removeprefix(f"{title}\n"), deck, html, tree))


def _from_text(page: Page) -> Article:
    given: dict[str, Any] = json.loads(page.payload)
    if "error" in given:
        raise _NoArticle("bad_row", str(given["error"]))
    raw = given.get("text")
    if not isinstance(raw, str) or not raw.strip():
        raise _NoArticle(
            "no_text", "the row's text is empty" if raw in (None, "") else f"the row's text is {raw!r:.60}"
        )
    text = _paragraphs(raw)
    printed = given.get("date")
    zone = page.source.timezone if page.source else None
    published = dates.read_date(str(printed), "given", zone) if printed not in (None, "") else dates.UNKNOWN
    if printed not in (None, "") and published.method is None:
        raise _NoArticle("bad_date", f"{printed!r:.60} is not a date, or more than one; write it as 2025-09-03")
    if published.day and not _EARLIEST_GIVEN <= published.day <= (page.fetched_at + timedelta(days=1)).date():
        raise _NoArticle("bad_date", f"{printed!r:.60} lies in the future, or before {_EARLIEST_GIVEN.year}")
    named = given.get("language")
    return _article(
        page,
        text,
        canonical_url=canonical(page.url, []),
        title=collapse(str(given["title"])) if given.get("title") else None,
        language=named.lower() if isinstance(named, str) and named else language.identify(text),
        authors=[],
        agency=agency_in_text(text),
        section=None,
        published=published,
        modified_at=None,
        extractor="given",
        outlet=str(given["outlet"]) if given.get("outlet") else None,
    )


def _paragraphs(raw: str) -> str:
    """A given text with one paragraph a line. Where blank lines part paragraphs, other line ends are only wrapping."""
    lines = raw.splitlines()
    blank = [number for number, line in enumerate(lines) if not line.strip()]
    inside = [number for number in blank if any(line.strip() for line in lines[number:])]
    parts = re.split(r"\n\s*\n", "\n".join(lines)) if inside else lines
    return "\n".join(paragraph for part in parts if (paragraph := collapse_space(part)))


def _article(
    page: Page,
    text: str,
    *,
    canonical_url: str,
    title: str | None,
    language: str | None,
    authors: list[str],
    agency: str | None,
    section: str | None,
    published: dates.Published,
    modified_at: datetime | None,
    extractor: str,
    outlet: str | None = None,
) -> Article:
    text = _writable(text)
    text_sha256 = hashlib.sha256(text.encode()).hexdigest()
    article_id = identifier(canonical_url)
    source = page.source
    return Article(
        batch=page.batch,
        month=_month(published, page.fetched_at),
        article_id=article_id,
        version_id=identifier(article_id, text_sha256),
        text_sha256=text_sha256,
        url=page.url,
        canonical_url=canonical_url,
        own_address=normalise(page.url) == canonical_url,
        source=source.name if source else page.archive,
        outlet=outlet or (registrable_domain(page.url) if page.url.startswith("http") else page.archive),
        outlet_country=source.country if source else None,
        title=_writable(title) if title else None,
        text=text,
        language=language,
        authors=[_writable(author) for author in authors],
        agency=_writable(agency) if agency else None,
        section=_writable(section) if section else None,
        published_date=published.day,
        published_at=published.at,
        published_raw=_writable(published.raw) if published.raw else None,
        published_method=published.method,
        published_precision=published.precision,
        modified_at=modified_at,
        fetched_at=page.fetched_at,
        extractor=extractor,
        word_count=word_count(text),
        warc_file=page.warc_file,
        warc_offset=page.warc_offset,
    )


def _writable(text: str) -> str:
    """Cleaned of what character references and JSON escapes bring in; composed: é is one character, as offsets are born
    here."""
    return unicodedata.normalize("NFC", clean(text))


def reject(page: Page, reason: Reason, detail: str) -> Reject:
    """Why a page gave no article: `reason` is countable, `detail` one sentence."""
    return Reject(
        batch=page.batch,
        month=f"{page.fetched_at:%Y-%m}",
        stage="extract",
        url=page.url or None,
        sha256=hashlib.sha256(page.payload).hexdigest(),
        reason=reason,
        detail=collapse(detail)[:500],
        warc_offset=page.warc_offset,
    )


def _month(published: dates.Published, fetched_at: datetime) -> str:
    if published.day:
        return f"{published.day:%Y-%m}"
    if published.precision == "month" and published.raw and re.fullmatch(r"\d{4}-\d\d", published.raw, re.ASCII):
        return published.raw
    return f"{fetched_at:%Y-%m}"


def _parse(text: str) -> HtmlElement:
    try:
        return parse_html(text)
    except Unreadable as error:
        raise _NoArticle(error.reason, error.detail) from None


def _declared_urls(tree: HtmlElement, structured: Structured) -> list[str | None]:
    """Addresses that the page calls its own, the best first: og:url is often short, or carries marks of its own.

    Relative links are last: `../17142.html` on a print page leads nowhere.
    """
    links = [link.get("href", "") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical"]
    whole = [link for link in links if link.startswith(("http://", "https://"))]
    return [*whole, structured.first_meta("og:url"), *links]
