"""Evidence of when a page was published: declarations in its head, marked elements, its URL, its scripts, its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from etl.extract.dates import words
from etl.extract.dates.parse import (
    PrintedDate,
    find_dates,
    plain_digits,
    read_single_date,
    without_direction_marks,
)
from etl.extract.structured import Structured, collapse, collapse_space
from etl.urls import day_in_path


@dataclass(frozen=True)
class DateEvidence:
    """A date that a page contains. `kind` is the method, often with a qualifier after a colon (`meta:loose`)."""

    kind: str
    raw: str
    printed: PrintedDate

    @property
    def method(self) -> str:
        """The method: json-ld, meta, microdata, time, feed, url, text or modified."""
        method = self.kind.partition(":")[0]
        return "text" if method in ("htmldate", "script") else method


_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?=/|$)")
_LONGEST = 80  # characters of a declared date
_MOST_ARTICLES = 50
_MOST_TIMES = 60
_MOST_DATES = 300
_MOST_HEADLINES = 20
_ONE_DAY = timedelta(days=1)
_LONGEST_LINE = 2_000  # characters
_MOST_LEVELS = 250  # of nested elements; the content below is read as one text
_DIGIT = re.compile(r"\d")
_TEXT_LIMIT = 300_000  # characters
_SHORT = 110  # characters; longer lines are prose, in which dates are mostly those of events
_ASIDE_TAGS = {"aside", "footer", "nav", "select", "option", "button"}
_DATE_IN_SCRIPT = re.compile(
    r"[\"'](?:date_?published|published_?(?:at|time|date|on)?|publish_?(?:date|time|at)|publication_?date|pub_?date"
    r"|first_?publish\w{0,12}|article_?date|date_?created)[\"']\s*:\s*[\"']?([^\"',}]{8,40})",
    re.I,
)
_SCRIPT_LIMIT = 400_000  # characters
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table tbody td th thead title tr ul".split()
)
# The first date of one of these kinds is also evidence of the kind `text:first`.
_KINDS_OF_FIRST_DATE = ("text:published", "text:marked", "text:plain")
_PLACES = {"near": (0, 4), "above": (-8, -1), "close": (5, 20)}  # from which to which line after the headline
_INVISIBLE_TAGS = frozenset("head script style noscript template svg math select textarea iframe object button".split())


def declared_evidence(
    tree: HtmlElement, structured: Structured, url: str, listed: str | None, language: str | None
) -> list[DateEvidence]:
    """Return the dates in JSON-LD, meta tags, microdata and `time` elements, the date `listed` by a feed or sitemap and
    the day in the URL. They are cheap to find.
    """
    values = declared_values(tree, structured, url, listed)
    evidence = [item for kind, raw in values if (item := _read(kind, raw, language))]
    if match := _DAY_IN_URL.search(url):
        with suppress(ValueError):
            day = date(*map(int, match.groups()))
            evidence.append(DateEvidence("url", match[0].strip("/"), PrintedDate(0, 0, day, None, "day")))
    elif url_day := day_in_path(url):
        evidence.append(DateEvidence("url", url_day.isoformat(), PrintedDate(0, 0, url_day, None, "day")))
    return evidence


def declared_values(
    tree: HtmlElement, structured: Structured, url: str, listed: str | None
) -> Iterator[tuple[str, Any]]:
    """Yield (kind, value as the page writes it) of all declarations of dates, whether or not they can be read."""
    yield from _json_ld(structured, url)
    yield from _meta(structured)
    for number, value in enumerate(_microdata(structured)[:20]):
        yield "microdata:other" if number else "microdata", value
    yield from (("modified", value) for value in structured.microdata.get("dateModified", [])[:5])
    yield from _times(tree)
    if listed:
        yield "feed", listed


def modification_values(structured: Structured) -> Iterator[str]:
    """Yield the dates of changes in JSON-LD, meta tags and microdata, as the page writes them."""
    for article in structured.articles[:_MOST_ARTICLES]:
        yield from (str(value) for value in _values(article, "dateModified") if isinstance(value, str | int))
    for name, values in structured.meta.items():
        if words.MODIFIED_NAME.search(name):
            yield from values
    yield from structured.microdata.get("dateModified", [])


def script_evidence(tree: HtmlElement, language: str | None, has_json_ld_date: bool) -> list[DateEvidence]:
    """Return the dates of publication in the scripts of a page.

    Besides data of the page's own programs, this includes JSON-LD that could not be read or does not describe an
    article. JSON-LD is skipped if the article's date is already known from it (`has_json_ld_date`).
    """
    evidence: list[DateEvidence] = []
    remaining = _SCRIPT_LIMIT
    for script in tree.iter("script"):
        text = (script.text or "")[:remaining]
        remaining -= len(text)
        is_json_ld = "ld+json" in (script.get("type") or "").lower()
        if is_json_ld and has_json_ld_date:
            continue
        for match in _DATE_IN_SCRIPT.finditer(text):
            if item := _read("json-ld:other" if is_json_ld else "script", match[1], language):
                evidence.append(item)
            if len(evidence) >= 8 or remaining <= 0:
                return evidence
    return evidence


def description_evidence(structured: Structured, language: str | None) -> list[DateEvidence]:
    """Return the dates in the description that the page declares."""
    text = without_direction_marks(structured.first_meta("og:description", "description") or "")[:500]
    dates = find_dates(plain_digits(text), language)
    return [DateEvidence("text:described", text[printed.start : printed.end], printed) for printed in dates]


def _read(kind: str, raw: object, language: str | None) -> DateEvidence | None:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        return None
    text = collapse(str(raw))[:_LONGEST]
    printed = read_single_date(text, language)
    return DateEvidence(kind, text, printed) if printed else None


def _json_ld(structured: Structured, url: str) -> Iterator[tuple[str, Any]]:
    """Yield the dates of JSON-LD articles.

    The page's own articles are those with its URL, or the first one if none has it. All others are `json-ld:other`.
    """
    articles = structured.articles[:_MOST_ARTICLES]
    own_ids = {id(article) for article in articles if _has_url(article, url)}
    own_ids = own_ids or {id(article) for article in articles[:1]}
    for article in articles:
        is_own = id(article) in own_ids
        kind = "json-ld" if is_own else "json-ld:other"
        yield from ((kind, value) for value in _values(article, "datePublished"))
        if is_own:
            yield from (("json-ld:created", value) for value in _values(article, "dateCreated"))
            yield from (("modified", value) for value in _values(article, "dateModified"))


def _values(article: dict[str, Any], name: str) -> list[Any]:
    """Return up to five values of a property; of an object `{"@value": …}` the value in it."""
    value = article.get(name)
    values = value[:5] if isinstance(value, list) else [value]
    return [inner.get("@value") if isinstance(inner, dict) else inner for inner in values]


def _has_url(article: dict[str, Any], url: str) -> bool:
    """Whether a JSON-LD article has a URL with the same path as the page's."""
    path = _path(url)
    entity = article.get("mainEntityOfPage")
    urls = [article.get("url"), article.get("@id"), entity.get("@id") if isinstance(entity, dict) else entity]
    return bool(path) and any(_path(other) == path for other in urls if isinstance(other, str))


def _path(url: str) -> str:
    return re.sub(r"^\w+://[^/]*|[?#].*$", "", url).strip("/")


def _meta(structured: Structured) -> Iterator[tuple[str, str]]:
    for name, values in structured.meta.items():
        if name in ("datepublished", "datemodified") and "datePublished" in structured.microdata:
            continue  # <meta itemprop="…">, which is read as microdata
        if words.MODIFIED_NAME.search(name):
            kind = "modified"
        elif words.PUBLISHED_NAME.search(name):
            kind = "meta"
        elif words.LOOSE_NAME.search(name):
            kind = "meta:loose"
        else:
            continue
        yield from ((kind, value) for value in values[:3] if value)


def _microdata(structured: Structured) -> list[str]:
    return structured.microdata.get("datePublished", []) + structured.microdata.get("datepublished", [])


def _times(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield the dates of `time` elements.

    They are of publication (by label or by mark), of the article without a mark, of other things or of changes. If many
    are only marked, as in lists, only the first counts. If an element's attribute has only a day, its text is read too,
    as it may have the time.
    """
    seen: set[str] = set()
    for element in islice(tree.iter("time"), _MOST_TIMES):
        kind = _time_kind(element)
        if kind in ("time:marked", "time"):
            kind = "time:published" if kind == "time:marked" else kind
            is_repeated = kind in seen
            seen.add(kind)
            kind = "time:other" if is_repeated else kind
        attribute, text = element.get("datetime"), collapse_space(element.text_content()[:_LONGEST])
        if attribute:
            yield kind, attribute
        if not attribute or (":" in text and ":" not in attribute):
            yield kind, text


def _time_kind(element: HtmlElement) -> str:
    """Return the kind of a `time` element by its marks and by the label before it."""
    near_marks, is_aside = _marks(element)
    marks = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('id') or ''}"
    before, parent = element.getprevious(), element.getparent()
    label = ((parent.text or "") if parent is not None else "") + ((before.tail or "") if before is not None else "")
    label = label[-60:]
    if words.MODIFIED_MARK.search(marks) or words.MODIFIED_WORD.search(label) or words.MODIFIED_MARK.search(near_marks):
        return "modified"
    if is_aside:
        return "time:aside"
    if words.PUBLISHED_WORD.search(label):
        return "time:published"
    return "time:marked" if element.get("pubdate") is not None or words.PUBLISHED_MARK.search(marks) else "time"


def _marks(element: HtmlElement) -> tuple[str, bool]:
    """Return (classes and ids of an element and the two around it, whether it is in a part outside the article).

    An element that is itself marked as the date of publication is not outside because of the two elements around it.
    """
    near_marks: list[str] = []
    is_aside = False
    for depth, outer in enumerate((element, *element.iterancestors())):
        if depth > 7 or outer.tag in ("body", "html", "main"):
            break
        marks = f"{outer.get('class') or ''} {outer.get('id') or ''}"
        if depth < 3:
            near_marks.append(f"{marks} {outer.get('itemprop') or ''}")
        marks_aside = outer.tag in _ASIDE_TAGS or (depth < 5 and words.ASIDE_MARK.search(marks))
        if marks_aside and not (depth < 3 and words.PUBLISHED_MARK.search(near_marks[0])):
            is_aside = True
    return " ".join(near_marks), is_aside


@dataclass(slots=True)
class _Line:
    """A line of the page's text. `element` contains its digits, if it has any."""

    text: str
    element: HtmlElement
    is_heading: bool
    is_linked: bool


def text_evidence(tree: HtmlElement, titles: Iterable[str], language: str | None, today: date) -> list[DateEvidence]:
    """Return the dates in the page's visible text. Their kinds tell the words and marks around them and their place.

    Above the headline, the day of fetching (`today`, in UTC) is taken for the masthead's date.
    """
    lines = _lines(tree)
    headlines = _headlines(lines, titles)
    evidence: list[DateEvidence] = []
    is_first, remaining = True, _TEXT_LIMIT
    for number, line in enumerate(lines):
        if not _DIGIT.search(line.text):
            continue
        line_text = without_direction_marks(line.text[:_LONGEST_LINE])
        text = plain_digits(line_text)
        remaining -= len(text)
        for printed in find_dates(text, language):
            distance = min((number - headline for headline in headlines), key=abs, default=None)
            kind = _text_kind(line, text, printed, distance)
            if kind.endswith("-above") and abs(printed.day - today) <= _ONE_DAY:
                kind = "text:masthead"
            raw = line_text[printed.start : printed.end].strip(" ,|·•–—-(")
            evidence.append(DateEvidence(kind, raw, printed))
            if is_first and kind.startswith(_KINDS_OF_FIRST_DATE) and (distance or 0) >= _PLACES["above"][0]:
                evidence.append(DateEvidence("text:first", raw, printed))
                is_first = False
        if len(evidence) > _MOST_DATES or remaining < 0:
            break
    return evidence


def _headlines(lines: list[_Line], titles: Iterable[str]) -> list[int]:
    """Return the numbers of the lines that are headings; if there are none, of those that are part of a title."""
    numbers = [number for number, line in enumerate(lines) if line.is_heading]
    if not numbers:
        folded_titles = [collapse_space(title).casefold()[:_LONGEST_LINE] for title in titles]
        candidates = ((number, line.text.casefold()) for number, line in enumerate(lines) if len(line.text) > 9)
        matches = (number for number, text in candidates if any(text in title for title in folded_titles))
        numbers = list(islice(matches, _MOST_HEADLINES))
    return numbers[:_MOST_HEADLINES]


def _text_kind(line: _Line, text: str, printed: PrintedDate, distance: int | None) -> str:
    """Return the kind of a date in a line of text, which is `distance` lines below the nearest headline."""
    marks, is_aside = _marks(line.element)
    before, after = text[max(0, printed.start - 50) : printed.start], text[printed.end : printed.end + 25]
    modified = list(words.MODIFIED_WORD.finditer(before))
    says_published = bool(words.PUBLISHED_WORD.search(before) or (not modified and words.PUBLISHED_WORD.search(after)))
    if modified and not words.PUBLISHED_WORD.search(before, modified[-1].end()):
        return "modified"
    if not says_published and words.MODIFIED_MARK.search(marks) and not words.PUBLISHED_MARK.search(marks):
        return "modified"
    place = "far" if distance is None else next((p for p, (a, b) in _PLACES.items() if a <= distance <= b), "far")
    if is_aside:
        context = "aside"
    elif (says_published and len(text) <= 2 * _SHORT) or (words.PUBLISHED_MARK.search(marks) and len(text) <= _SHORT):
        context = "published"
    elif len(text) > _SHORT:
        context = "prose"
    elif line.is_linked and not words.DATE_MARK.search(marks):
        context = "linked"
    else:
        context = "marked" if words.DATE_MARK.search(marks) else "plain"
    return f"text:{context}-{place}"


class _LineReader:
    """Walks through the tree: holds the pieces of the current line, and the lines read so far."""

    __slots__ = ("element", "is_linked", "lines", "pieces")

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.pieces: list[str] = []
        self.element: HtmlElement | None = None
        self.is_linked = False

    def flush(self, is_heading: bool) -> None:
        """End the current line, if it has any text."""
        if self.element is not None and (line := " ".join("".join(self.pieces).split())):
            self.lines.append(_Line(line, self.element, is_heading, self.is_linked))
        self.pieces.clear()
        self.element, self.is_linked = None, False

    def walk(self, element: HtmlElement, is_heading: bool, is_linked: bool, depth: int) -> None:
        """Read an element and all elements in it."""
        tag = element.tag
        is_block, is_linked, is_joined = tag in _BLOCK_TAGS, is_linked or tag == "a", tag == "sup"
        if is_block:
            self.flush(is_heading)
        if tag not in _INVISIBLE_TAGS:
            is_heading = is_heading or tag == "h1"
            self.add(element.text if depth < _MOST_LEVELS else element.text_content(), element, is_linked, is_joined)
            if depth < _MOST_LEVELS:
                for child in element:
                    self.walk(child, is_heading, is_linked, depth + 1)
                    self.add(child.tail, element, is_linked, child.tag == "sup")
        if is_block:
            self.flush(is_heading)

    def add(self, text: str | None, element: HtmlElement, is_linked: bool, is_joined: bool) -> None:
        """Add a piece of text to the line, after a space unless it is joined to the text before."""
        if text and not text.isspace():
            if self.element is None or _DIGIT.search(text, 0, 200):
                self.element = element
            self.is_linked = self.is_linked or is_linked
            self.pieces.append(text if is_joined else f" {text}")
        elif self.pieces:
            self.pieces.append(" ")


def _lines(tree: HtmlElement) -> list[_Line]:
    """Return the visible text in lines, as its block elements separate it, in reading order."""
    reader = _LineReader()
    reader.walk(tree, False, False, 0)
    reader.flush(False)
    return reader.lines
