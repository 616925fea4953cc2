"""Extraction of an article from a page: turns bytes into a row of `articles` or `rejects`. No storage, no network."""

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
from etl.errors import is_machine_error
from etl.extract import language
from etl.extract.body.choose import Body, choose_body, read_body_input
from etl.extract.body.newspaper import newspaper_text, newspaper_version
from etl.extract.body.standfirst import with_standfirst
from etl.extract.credits.agency import agency_in_text
from etl.extract.credits.authors import find_authors
from etl.extract.dates import find as dates
from etl.extract.decode import clean, decode
from etl.extract.html import Unreadable, parse_html
from etl.extract.page_kind import find_reject_reason
from etl.extract.section import find_section
from etl.extract.structured import Structured, collapse, collapse_space, is_article, is_index, read_structured
from etl.extract.title import find_title
from etl.text import identifier, without_controls, word_count
from etl.urls import canonical, is_web_address, normalise, registrable_domain
from etl.warc.reader import PAYLOAD_LIMIT, TEXT_TYPE, Record
from schemas import Article, Reason, Reject

_EARLIEST_ROW_DATE = date(1600, 1, 1)  # about when the first newspapers appeared
_HTML_TYPES = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True)
class Page:
    """A captured page or imported text, with its place in the WARC file.

    `url` is empty if only the page itself can tell its URL. `listed` is the page's date in the feed or sitemap through
    which it was found.
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
    """Return a WARC record as a page."""
    return Page(
        batch, archive, record.url, record.status, record.content_type, record.payload, record.date, warc_file,
        record.offset, sources, record.complete, record.listed,
    )  # fmt: skip


class _Rejection(Exception):
    """The page gives no article: `reason` as in the table `rejects`, and one sentence of detail."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def extract(page: Page) -> Article | Reject:
    """Return the article on a page, or a reject that says why there is none.

    An unexpected error becomes a reject with the error's message. Raises only errors of the machine (see
    etl/errors.py).
    """
    if not page.complete or len(page.payload) > PAYLOAD_LIMIT:
        return reject(page, "too_large", f"the page is longer than {PAYLOAD_LIMIT // 2**20} MiB")
    try:
        is_text = page.content_type.startswith(TEXT_TYPE)
        return _from_text(page) if is_text else _from_html(page)
    except _Rejection as rejection:
        return reject(page, rejection.reason, rejection.detail)
    except Exception as error:  # pages are untrusted, and one of them must not stop its whole batch
        if is_machine_error(error):
            raise
        return reject(page, "broken", f"{type(error).__name__}: {error}")


def _from_html(page: Page) -> Article:
    _check_response(page)
    html = decode(page.payload, page.content_type)
    tree = _parse(html)
    structured = read_structured(tree)
    declared_urls = _declared_urls(tree, structured)
    if not page.url:  # the page was imported from a file: only the page itself can tell its URL
        absolute = next((url for url in declared_urls if url and is_web_address(url)), "")
        page = replace(page, url=absolute or f"file:{page.warc_file}")
    if is_index(structured):
        raise _Rejection("index_page", f"the page calls itself {', '.join(sorted(structured.types)[:3])}")
    title = find_title(tree, structured)
    body = _body(page, html, tree, structured, title)
    text = body.text.removeprefix(f"{title}\n")
    if reason := find_reject_reason(text, title, page.url, tree, structured):
        raise _Rejection(*reason)
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


def _check_response(page: Page) -> None:
    """Raise _Rejection if the response cannot be a page: by its status, its type or its missing content."""
    if page.status is not None and page.status != 200:
        raise _Rejection("http_status", f"the server answered {page.status}")
    content_type = page.content_type.lower().strip()
    if content_type and not content_type.startswith(_HTML_TYPES):
        raise _Rejection("not_html", f"Content-Type is {content_type[:80]}")
    if not page.payload.strip():
        raise _Rejection("empty", "the page has no content")


def _body(page: Page, html: str, tree: HtmlElement, structured: Structured, title: str | None) -> Body:
    """Return the body of a page: newspaper's if the source's settings name it, else choose_body()'s.

    If the page declares an article, its deck is put above the body that choose_body() returns.
    """
    source_language = page.source.language if page.source else None
    if page.source and page.source.extractor == "newspaper":
        text = newspaper_text(html, page.url, source_language)
        if not text:
            raise _Rejection("no_text", f"{newspaper_version()}, which the source asks for, found no text")
        return Body(text, newspaper_version())
    body_input = read_body_input(tree, structured, title, lambda: newspaper_text(html, page.url, source_language))
    body = choose_body(body_input)
    if not is_article(structured):
        return body
    deck = structured.first_meta("og:description", "description")
    return replace(body, text=with_standfirst(body.text.removeprefix(f"{title}\n"), deck, html, tree))


def _from_text(page: Page) -> Article:
    """Return the article of an imported text. The payload is the text's row as JSON."""
    row: dict[str, Any] = json.loads(page.payload)
    if "error" in row:
        raise _Rejection("bad_row", str(row["error"]))
    raw = row.get("text")
    if not isinstance(raw, str) or not raw.strip():
        raise _Rejection(
            "no_text", "the row's text is empty" if raw in (None, "") else f"the row's text is {raw!r:.60}"
        )
    text = _paragraphs(raw)
    published = _row_date(page, row.get("date"))
    row_language = row.get("language")

    return _article(
        page,
        text,
        canonical_url=canonical(page.url, []),
        title=collapse(str(row["title"])) if row.get("title") else None,
        language=row_language.lower() if isinstance(row_language, str) and row_language else language.identify(text),
        authors=[],
        agency=agency_in_text(text),
        section=None,
        published=published,
        modified_at=None,
        extractor="given",
        outlet=str(row["outlet"]) if row.get("outlet") else None,
    )


def _row_date(page: Page, raw: Any) -> dates.PublicationDate:
    """Return the date in an imported text's row. Raises _Rejection if it is not one date or not a possible day."""
    if raw in (None, ""):
        return dates.UNKNOWN
    published = dates.read_date(str(raw), "given", page.source.timezone if page.source else None)
    if published.method is None:
        raise _Rejection("bad_date", f"{raw!r:.60} is not a date or could be two; write it as 2025-09-03")
    if published.day and not _EARLIEST_ROW_DATE <= published.day <= (page.fetched_at + timedelta(days=1)).date():
        raise _Rejection("bad_date", f"{raw!r:.60} is in the future or before {_EARLIEST_ROW_DATE.year}")
    return published


def _paragraphs(raw: str) -> str:
    """Return an imported text with one paragraph a line.

    If blank lines separate the paragraphs, single line ends are taken for wrapping.
    """
    lines = raw.splitlines()
    blank = [number for number, line in enumerate(lines) if not line.strip()]
    separators = [number for number in blank if any(line.strip() for line in lines[number:])]
    parts = re.split(r"\n\s*\n", "\n".join(lines)) if separators else lines
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
    published: dates.PublicationDate,
    modified_at: datetime | None,
    extractor: str,
    outlet: str | None = None,
) -> Article:
    """Return the row of `articles`, with all texts cleaned and normalised."""
    text = _normal_text(text)
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
        title=_normal_text(title) if title else None,
        text=text,
        language=language,
        authors=[_normal_text(author) for author in authors],
        agency=_normal_text(agency) if agency else None,
        section=_normal_text(section) if section else None,
        published_date=published.day,
        published_at=published.at,
        published_raw=_normal_text(published.raw) if published.raw else None,
        published_method=published.method,
        published_precision=published.precision,
        modified_at=modified_at,
        fetched_at=page.fetched_at,
        extractor=extractor,
        word_count=word_count(text),
        warc_file=page.warc_file,
        warc_offset=page.warc_offset,
    )


def _normal_text(text: str) -> str:
    """Clean a text and compose its characters (Unicode NFC).

    Character references and JSON escapes can bring in unwanted characters. All later offsets refer to this form.
    """
    return unicodedata.normalize("NFC", clean(text))


def reject(page: Page, reason: Reason, detail: str) -> Reject:
    """Return the row of `rejects` for a page that gave no article; `detail` is one sentence."""
    return Reject(
        batch=page.batch,
        month=f"{page.fetched_at:%Y-%m}",
        stage="extract",
        url=page.url or None,
        sha256=hashlib.sha256(page.payload).hexdigest(),
        reason=reason,
        detail=without_controls(collapse(detail))[:500],
        warc_offset=page.warc_offset,
    )


def _month(published: dates.PublicationDate, fetched_at: datetime) -> str:
    """Return the month (YYYY-MM) of publication, or of fetching if that is unknown: the row's partition."""
    if published.day:
        return f"{published.day:%Y-%m}"
    if published.precision == "month" and published.raw and re.fullmatch(r"\d{4}-\d\d", published.raw, re.ASCII):
        return published.raw
    return f"{fetched_at:%Y-%m}"


def _parse(text: str) -> HtmlElement:
    try:
        return parse_html(text)
    except Unreadable as error:
        raise _Rejection(error.reason, error.detail) from None


def _declared_urls(tree: HtmlElement, structured: Structured) -> list[str | None]:
    """Return the URLs that the page declares as its own, the most reliable first.

    og:url comes after canonical links, as it is often shortened or has tracking parameters. Relative links are last:
    `../17142.html` on a print page leads nowhere.
    """
    links = [link.get("href", "") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical"]
    absolute = [link for link in links if is_web_address(link)]
    return [*absolute, structured.first_meta("og:url"), *links]
