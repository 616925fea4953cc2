"""What on a page tells when it was published: declarations in its head, marked elements, its address, its text."""

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
from etl.extract.dates.parse import Printed, find_printed, plain_digits, read_printed, without_marks
from etl.extract.structured import Structured, collapse, collapse_space
from etl.urls import day_in_path


@dataclass(frozen=True)
class Witness:
    """One statement of a date. `kind` is the method, and after a colon what sets it apart (`text:near`)."""

    kind: str
    raw: str
    printed: Printed

    @property
    def method(self) -> str:
        """json-ld, meta, microdata, time, feed, url, text."""
        method = self.kind.partition(":")[0]
        return "text" if method in ("htmldate", "script") else method


_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)(?=/|$)")
_LONGEST = 80
_MOST_ARTICLES = 50
_MOST_TIMES = 60
_MOST_DATES = 300
_MOST_HEADS = 20
_ONE_DAY = timedelta(days=1)
_LONGEST_LINE = 2_000
_DEEPEST = 250  # levels of elements; what lies deeper is read as one text
_DIGIT = re.compile(r"\d")
_TEXT_LIMIT = 300_000
_SHORT = 110  # characters; a longer line is prose, where dates are those of events
_ASIDE_TAGS = {"aside", "footer", "nav", "select", "option", "button"}
_IN_SCRIPT = re.compile(
    r"[\"'](?:date_?published|published_?(?:at|time|date|on)?|publish_?(?:date|time|at)|publication_?date|pub_?date"
    r"|first_?publish\w{0,12}|article_?date|date_?created)[\"']\s*:\s*[\"']?([^\"',}]{8,40})",
    re.I,
)
_SCRIPT_LIMIT = 400_000
_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table tbody td th thead title tr ul".split()
)
_SHOWN = ("text:published", "text:marked", "text:plain")
_PLACES = {"near": (0, 4), "above": (-8, -1), "close": (5, 20)}  # lines after the headline
_UNSEEN = frozenset("head script style noscript template svg math select textarea iframe object button".split())


def declared(
    tree: HtmlElement, structured: Structured, url: str, listed: str | None, language: str | None
) -> list[Witness]:
    """The cheap witnesses: JSON-LD, meta tags, microdata, `time` elements, what a feed listed, the address."""
    found = [w for kind, raw in statements(tree, structured, url, listed) if (w := _read(kind, raw, language))]
    if written := _DAY_IN_URL.search(url):
        with suppress(ValueError):
            day = date(*map(int, written.groups()))
            found.append(Witness("url", written[0].strip("/"), Printed(0, 0, day, None, "day")))
    elif named := day_in_path(url):
        found.append(Witness("url", named.isoformat(), Printed(0, 0, named, None, "day")))
    return found


def statements(tree: HtmlElement, structured: Structured, url: str, listed: str | None) -> Iterator[tuple[str, Any]]:
    """(kind, value as the page writes it) of all that declares a date, dates or not."""
    yield from _json_ld(structured, url)
    yield from _meta(structured)
    for number, value in enumerate(_microdata(structured)[:20]):
        yield "microdata:other" if number else "microdata", value
    yield from (("modified", value) for value in structured.microdata.get("dateModified", [])[:5])
    yield from _times(tree)
    if listed:
        yield "feed", listed


def changes(structured: Structured) -> Iterator[str]:
    """Values of the dates of changes in JSON-LD, meta tags and microdata."""
    for article in structured.articles[:_MOST_ARTICLES]:
        yield from (str(value) for value in _values(article, "dateModified") if isinstance(value, str | int))
    for name, values in structured.meta.items():
        if words.MODIFIED_NAME.search(name):
            yield from values
    yield from structured.microdata.get("dateModified", [])


def scripted(tree: HtmlElement, language: str | None, known: bool) -> list[Witness]:
    """Dates of publication in scripts: the state of the page's own programs, and JSON-LD that could not be read or is
    of other things than articles; that is left alone where the date of the article is `known` from it.
    """
    found: list[Witness] = []
    left = _SCRIPT_LIMIT
    for script in tree.iter("script"):
        text = (script.text or "")[:left]
        left -= len(text)
        linked = "ld+json" in (script.get("type") or "").lower()
        if linked and known:
            continue
        for match in _IN_SCRIPT.finditer(text):
            if witness := _read("json-ld:other" if linked else "script", match[1], language):
                found.append(witness)
            if len(found) >= 8 or left <= 0:
                return found
    return found


def described(structured: Structured, language: str | None) -> list[Witness]:
    """Dates in the page's description of itself."""
    text = without_marks(structured.first_meta("og:description", "description") or "")[:500]
    return [Witness("text:described", text[p.start : p.end], p) for p in find_printed(plain_digits(text), language)]


def _read(kind: str, raw: object, language: str | None) -> Witness | None:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        return None
    text = collapse(str(raw))[:_LONGEST]
    printed = read_printed(text, language)
    return Witness(kind, text, printed) if printed else None


def _json_ld(structured: Structured, url: str) -> Iterator[tuple[str, Any]]:
    """The page's own articles first; articles that name another address are related ones."""
    articles = structured.articles[:_MOST_ARTICLES]
    own = {id(article) for article in articles if _names(article, url)} or {id(article) for article in articles[:1]}
    for article in articles:
        kind = "json-ld" if id(article) in own else "json-ld:other"
        yield from ((kind, value) for value in _values(article, "datePublished"))
        if id(article) in own:
            yield from (("json-ld:created", value) for value in _values(article, "dateCreated"))
            yield from (("modified", value) for value in _values(article, "dateModified"))


def _values(article: dict[str, Any], name: str) -> list[Any]:
    """A property's values, `{"@value": …}` unwrapped."""
    value = article.get(name)
    values = value[:5] if isinstance(value, list) else [value]
    return [inner.get("@value") if isinstance(inner, dict) else inner for inner in values]


def _names(article: dict[str, Any], url: str) -> bool:
    path = _path(url)
    entity = article.get("mainEntityOfPage")
    names = [article.get("url"), article.get("@id"), entity.get("@id") if isinstance(entity, dict) else entity]
    return bool(path) and any(_path(name) == path for name in names if isinstance(name, str))


def _path(url: str) -> str:
    return re.sub(r"^\w+://[^/]*|[?#].*$", "", url).strip("/")


def _meta(structured: Structured) -> Iterator[tuple[str, str]]:
    for name, values in structured.meta.items():
        if name in ("datepublished", "datemodified") and "datePublished" in structured.microdata:
            continue  # <meta itemprop>: microdata already
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
    """`time` elements: labelled or marked as of publication, the first one of the article, others; of changes.

    Of many that are only marked, as in lists, the first counts. Where the attribute has the day alone, the text may
    have the time.
    """
    seen: set[str] = set()
    for element in islice(tree.iter("time"), _MOST_TIMES):
        kind = _time_kind(element)
        if kind in ("time:marked", "time"):
            kind = "time:published" if kind == "time:marked" else kind
            again = kind in seen
            seen.add(kind)
            kind = "time:other" if again else kind
        printed, shown = element.get("datetime"), collapse_space(element.text_content()[:_LONGEST])
        if printed:
            yield kind, printed
        if not printed or (":" in shown and ":" not in printed):
            yield kind, shown


def _time_kind(element: HtmlElement) -> str:
    marks, aside = _marks(element)
    own = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('id') or ''}"
    before, parent = element.getprevious(), element.getparent()
    label = ((parent.text or "") if parent is not None else "") + ((before.tail or "") if before is not None else "")
    if words.MODIFIED_MARK.search(own) or words.MODIFIED_WORD.search(label[-60:]) or words.MODIFIED_MARK.search(marks):
        return "modified"
    if aside:
        return "time:aside"
    if words.PUBLISHED_WORD.search(label[-60:]):
        return "time:published"
    return "time:marked" if element.get("pubdate") is not None or words.PUBLISHED_MARK.search(own) else "time"


def _marks(element: HtmlElement) -> tuple[str, bool]:
    """(classes and ids of an element and the two around it, whether it stands beside the article).

    What is itself marked as the date of publication is not beside it, whatever is around.
    """
    near: list[str] = []
    aside = False
    for depth, outer in enumerate((element, *element.iterancestors())):
        if depth > 7 or outer.tag in ("body", "html", "main"):
            break
        marks = f"{outer.get('class') or ''} {outer.get('id') or ''}"
        if depth < 3:
            near.append(f"{marks} {outer.get('itemprop') or ''}")
        beside = outer.tag in _ASIDE_TAGS or (depth < 5 and words.ASIDE_MARK.search(marks))
        if beside and not (depth < 3 and words.PUBLISHED_MARK.search(near[0])):
            aside = True
    return " ".join(near), aside


@dataclass(slots=True)
class _Line:
    """A block's own text, with the elements that print its digits."""

    text: str
    element: HtmlElement
    heading: bool
    linked: bool


def visible(tree: HtmlElement, titles: Iterable[str], language: str | None, today: date) -> list[Witness]:
    """Dates in the page's text, told apart by where they stand and by the words and marks around them.

    Above the headline the day of fetching (`today`, in UTC) is likely the masthead's.
    """
    lines = _lines(tree)
    heads = _headlines(lines, titles)
    found: list[Witness] = []
    first, left = True, _TEXT_LIMIT
    for number, line in enumerate(lines):
        if not _DIGIT.search(line.text):
            continue
        shown = without_marks(line.text[:_LONGEST_LINE])
        text = plain_digits(shown)
        left -= len(text)
        for printed in find_printed(text, language):
            distance = min((number - head for head in heads), key=abs, default=None)
            kind = _text_kind(line, text, printed, distance)
            if kind.endswith("-above") and abs(printed.day - today) <= _ONE_DAY:
                kind = "text:masthead"
            raw = shown[printed.start : printed.end].strip(" ,|·•–—-(")
            found.append(Witness(kind, raw, printed))
            if first and kind.startswith(_SHOWN) and (distance or 0) >= _PLACES["above"][0]:
                found.append(Witness("text:first", raw, printed))
                first = False
        if len(found) > _MOST_DATES or left < 0:
            break
    return found


def _headlines(lines: list[_Line], titles: Iterable[str]) -> list[int]:
    """Numbers of the lines that are headlines; else of those that stand in the page's title."""
    heads = [number for number, line in enumerate(lines) if line.heading]
    if not heads:
        wanted = [collapse_space(title).casefold()[:_LONGEST_LINE] for title in titles]
        long = ((number, line.text.casefold()) for number, line in enumerate(lines) if len(line.text) > 9)
        heads = list(islice((number for number, text in long if any(text in title for title in wanted)), _MOST_HEADS))
    return heads[:_MOST_HEADS]


def _text_kind(line: _Line, text: str, printed: Printed, distance: int | None) -> str:
    marks, aside = _marks(line.element)
    before, after = text[max(0, printed.start - 50) : printed.start], text[printed.end : printed.end + 25]
    modified = list(words.MODIFIED_WORD.finditer(before))
    says_published = bool(words.PUBLISHED_WORD.search(before) or (not modified and words.PUBLISHED_WORD.search(after)))
    if modified and not words.PUBLISHED_WORD.search(before, modified[-1].end()):
        return "modified"
    if not says_published and words.MODIFIED_MARK.search(marks) and not words.PUBLISHED_MARK.search(marks):
        return "modified"
    place = "far" if distance is None else next((p for p, (a, b) in _PLACES.items() if a <= distance <= b), "far")
    if aside:
        what = "aside"
    elif (says_published and len(text) <= 2 * _SHORT) or (words.PUBLISHED_MARK.search(marks) and len(text) <= _SHORT):
        what = "published"
    elif len(text) > _SHORT:
        what = "prose"
    elif line.linked and not words.DATE_MARK.search(marks):
        what = "linked"
    else:
        what = "marked" if words.DATE_MARK.search(marks) else "plain"
    return f"text:{what}-{place}"


class _LineReader:
    """The pieces of the line that is being read, and the lines before."""

    __slots__ = ("lines", "linked", "parts", "source")

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.parts: list[str] = []
        self.source: HtmlElement | None = None
        self.linked = False

    def flush(self, heading: bool) -> None:
        if self.source is not None and (line := " ".join("".join(self.parts).split())):
            self.lines.append(_Line(line, self.source, heading, self.linked))
        self.parts.clear()
        self.source, self.linked = None, False

    def walk(self, element: HtmlElement, heading: bool, linked: bool, depth: int) -> None:
        tag = element.tag
        is_block, inside, joined = tag in _BLOCKS, linked or tag == "a", tag == "sup"
        if is_block:
            self.flush(heading)
        if tag not in _UNSEEN:
            heading = heading or tag == "h1"
            self.add(element.text if depth < _DEEPEST else element.text_content(), element, inside, joined)
            if depth < _DEEPEST:
                for child in element:
                    self.walk(child, heading, inside, depth + 1)
                    self.add(child.tail, element, inside, child.tag == "sup")
        if is_block:
            self.flush(heading)

    def add(self, text: str | None, owner: HtmlElement, linked: bool, joined: bool) -> None:
        if text and not text.isspace():
            if self.source is None or _DIGIT.search(text, 0, 200):
                self.source = owner
            self.linked = self.linked or linked
            self.parts.append(text if joined else f" {text}")
        elif self.parts:
            self.parts.append(" ")


def _lines(tree: HtmlElement) -> list[_Line]:
    """The text as its blocks part it, in reading order."""
    reader = _LineReader()
    reader.walk(tree, False, False, 0)
    reader.flush(False)
    return reader.lines
