"""The stages without a warehouse: files in, objects out. For one page, for scripts, for measuring."""

from __future__ import annotations

import dataclasses
import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.configuration.sources import Sources
from etl.errors import InputError
from etl.extract import language
from etl.extract.dates.find import UNKNOWN, Published, read_date
from etl.extract.page import Page, page_of
from etl.extract.sandbox import extract_confined
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.stories.similarity import Copy, Text, compare, find_copies
from etl.text import identifier
from etl.topics.matcher import Document, Matcher, Name, Quoted, Wanted, containing
from etl.urls import registrable_domain
from etl.warc.reader import Damage, read_warc
from schemas import Article, Reject

Row = dict[str, Any]
_HTML = (".html", ".htm", ".html.gz", ".htm.gz", ".xhtml")
_WARC = (".warc", ".warc.gz", ".arc", ".arc.gz")
_JSON = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_UNIT_COLUMNS = ("batch", "month")
_STDIN = Path("-")


# -- extract ---------------------------------------------------------------------------------------------------------


def extract_paths(
    paths: Iterable[Path], url: str | None, sources: Sources, as_of: datetime
) -> Iterator[Row | InputError]:
    """An object a page; an input that cannot be read is yielded as its error and costs only itself."""
    for path in paths:
        try:
            if path == _STDIN:
                if not url:
                    raise InputError("-: say with --url which address the page was read at")
                yield _extract_file(path, sys.stdin.buffer.read(), url, sources, as_of)
            elif path.is_dir():
                inside = sorted(p for p in path.rglob("*") if p.name.lower().endswith(_HTML + _WARC))
                if not inside:
                    raise InputError(f"{path}: no HTML or WARC file in this folder")
                yield from extract_paths(inside, url, sources, as_of)
            elif path.name.lower().endswith(_WARC):
                yield from _extract_warc(path, sources)
            else:
                yield _extract_file(path, read_bytes(path), url, sources, as_of)
        except InputError as error:
            yield error


def _extract_warc(path: Path, sources: Sources) -> Iterator[Row]:
    try:
        for item in read_warc(path):
            if isinstance(item, Damage):
                detail = f"{item.length} bytes: {item.reason}"
                yield {
                    "path": str(path),
                    "url": None,
                    "warc_offset": item.offset,
                    "reject": {"reason": "damaged", "detail": detail},
                }
                continue
            page = page_of(item, "", path.name.split(".")[0], str(path), sources)
            yield {"path": str(path), "url": item.url, "warc_offset": item.offset, **_page_row(extract_confined(page))}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _extract_file(path: Path, payload: bytes, url: str | None, sources: Sources, as_of: datetime) -> Row:
    page = Page("", str(path), url or "", None, "text/html", payload, as_of, str(path), 0, sources)
    row = _page_row(extract_confined(page))
    if "reject" not in row:
        row |= {"warc_file": None, "warc_offset": None}
        if row["url"].startswith("file:"):  # the page does not say where it was
            row |= {"url": None, "canonical_url": None, "outlet": None}
        if sources.of(row["url"] or "") is None:
            row |= {"source": None}
    return {"path": str(path), **row}


def _page_row(found: Article | Reject) -> Row:
    if isinstance(found, Reject):
        return {"reject": {"reason": found.reason, "detail": found.detail}}
    return {name: value for name, value in dataclasses.asdict(found).items() if name not in _UNIT_COLUMNS}


# -- annotate --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """A text that a user gave, with the object it came in; `reject` says why a row has none."""

    id: str
    text: str
    language: str | None
    fields: Mapping[str, Any]
    reject: str | None = None


def read_texts(paths: Iterable[Path]) -> Iterator[Given | InputError]:
    """Texts of text files and JSON lines; offsets count code points of the text after one leading BOM is dropped."""
    for path in paths:
        try:
            text = _decode(path, sys.stdin.buffer.read() if path == _STDIN else read_bytes(path))
            if path.name.lower().endswith(_JSON) or (path == _STDIN and text.lstrip().startswith("{")):
                yield from _json_texts(path, text)
            else:
                yield Given(str(path), text, None, {})
        except InputError as error:
            yield error


def annotate_texts(texts: Iterable[Given], gazetteer: Gazetteer, annotator: str) -> Iterator[Row]:
    """An object a text: its names and quotes. Offices are those of the text's own `date`, where it has one."""
    for given in texts:
        yield (
            {"id": given.id, "reject": _no_text(given)}
            if given.reject
            else {"id": given.id, **_annotations(given, gazetteer, annotator)}
        )


def _annotations(given: Given, gazetteer: Gazetteer, annotator: str) -> Row:
    code = given.language or language.identify(given.text)
    subject = TextToAnnotate("", "", "", identifier(given.id, given.text), given.text, code, _published(given).day)
    [found] = annotate([subject], gazetteer, annotator)
    hidden = (*_UNIT_COLUMNS, "article_id", "version_id")
    entities = [{k: v for k, v in dataclasses.asdict(row).items() if k not in hidden} for row in found.entities]
    quotes = [{k: v for k, v in dataclasses.asdict(row).items() if k not in hidden} for row in found.quotes]
    return {"entities": entities, "quotes": quotes}


def _published(given: Given) -> Published:
    """The date that came with a text."""
    printed = given.fields.get("published_date") or given.fields.get("date")
    return read_date(str(printed), "given", None) if printed else UNKNOWN


# -- stories ---------------------------------------------------------------------------------------------------------


def story_rows(texts: Sequence[Given], window_days: int, as_of: datetime) -> list[Row]:
    """Which text copies which; `similarity` is to the story's first. Undated texts count as of the day `as_of`."""
    counts = Counter(given.id for given in texts)
    texts = [replace(g, reject=f"id {g.id!r} occurs {counts[g.id]} times") if counts[g.id] > 1 else g for g in texts]
    usable = {given.id: _story_text(given, as_of.date()) for given in texts if not given.reject}
    copies: dict[str, Copy] = {copy.article_id: copy for copy in find_copies(usable.values(), window_days)}
    rows: list[Row] = []
    for given in texts:
        if given.reject:
            rows.append({"id": given.id, "reject": _no_text(given)})
            continue
        copy, root = copies[given.id], _root(given.id, copies)
        similarity = 1.0 if root == given.id else compare(usable[given.id], usable[root])
        rows.append(
            {"id": given.id, "copy_of": copy.copy_of, "story_id": root, "role": copy.role, "similarity": similarity}
        )
    return rows


def _story_text(given: Given, undated: date) -> Text:
    published = _published(given)
    day = published.day or undated
    moment = published.at.isoformat() if published.at else day.isoformat()
    url = str(given.fields.get("url") or "")
    # Without an outlet no text is another's revision.
    outlet = str(given.fields.get("outlet") or (registrable_domain(url) if url else given.id))
    return Text(given.id, outlet, day, moment, given.text)


def _root(text_id: str, copies: Mapping[str, Copy]) -> str:
    while (original := copies[text_id].copy_of) is not None:
        text_id = original
    return text_id


# -- match -----------------------------------------------------------------------------------------------------------


def match_texts(
    texts: Iterable[Given], wanted: Wanted, languages: Sequence[str] | None, gazetteer: Gazetteer, annotator: str
) -> Iterator[Row]:
    """The mentions of one query, an object each. Texts without `entities` are annotated first.

    `languages`: only texts in these, where given; a text's own language is identified where it is not.
    """
    matcher = Matcher([wanted])
    for given in texts:
        if given.reject:
            yield {"id": given.id, "reject": _no_text(given)}
            continue
        code = given.language or language.identify(given.text)
        if languages is not None and code not in languages:
            continue
        fields = given.fields if "entities" in given.fields else _annotations(given, gazetteer, annotator)
        try:
            document = _document(given, code, fields)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield {
                "id": given.id,
                "reject": {"reason": "bad_row", "detail": f"'entities' or 'quotes' are wrong: {error}"},
            }
            continue
        for hit in matcher.hits(document):
            yield {
                "id": given.id, "topic": wanted.name, "level": hit.level, "char_start": hit.start, "char_end": hit.end,
                "matched_terms": list(hit.matched_terms), "quote_id": containing(hit, document.quotes),
                "text": given.text[hit.start : hit.end],
            }  # fmt: skip


def _document(given: Given, code: str | None, fields: Mapping[str, Any]) -> Document:
    """A text with its annotations. Raises KeyError, TypeError, ValueError or AttributeError where these are wrong."""
    names = [
        Name(
            int(e["char_start"]), e.get("entity_id"), str(e.get("name") or ""), [str(c) for c in _list(e, "countries")]
        )
        for e in fields["entities"] or []
    ]
    quotes = [
        Quoted(
            q["quote_id"],
            [(int(p["char_start"]), int(p["char_end"])) for p in _list(q, "parts") or [q]],
            q.get("speaker_entity_id"),
            q.get("speaker_name"),
        )
        for q in fields.get("quotes") or []
    ]
    title, url = given.fields.get("title"), str(given.fields.get("url") or "")
    outlet = str(given.fields.get("outlet") or (registrable_domain(url) if url else ""))
    return Document(given.text, code, str(title or ""), outlet, names, quotes)


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list):
        raise TypeError(f"{name!r} is not a list")
    return value


# -- reading ---------------------------------------------------------------------------------------------------------


def read_bytes(path: Path) -> bytes:
    """A file's bytes, unpacked if gzipped. Raises InputError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.lower().endswith(".gz") else data
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder") from None
    except (EOFError, zlib.error):
        raise InputError(f"{path}: the gzip file is cut off or damaged") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _decode(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; convert it to UTF-8") from None


def _json_texts(path: Path, content: str) -> Iterator[Given]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Given(where, "", None, {}, f"not JSON: {error}")
            continue
        if not isinstance(row, dict):
            yield Given(where, "", None, {}, "not an object {…}")
            continue
        own = next((row[name] for name in ("id", "article_id") if row.get(name) is not None), None)
        named = where if own is None else str(own)
        code = row.get("language")
        if not isinstance(row.get("text"), str):
            yield Given(named, "", None, row, "no 'text'")
        else:
            yield Given(named, row["text"], code if isinstance(code, str) and code else None, row)


def _no_text(given: Given) -> Row:
    return {"reason": "bad_row", "detail": given.reject}
