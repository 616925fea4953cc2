"""Extract articles from HTML and WARC files."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from etl.configuration.sources import Sources
from etl.errors import InputError
from etl.extract.page import Page, page_of
from etl.extract.sandbox import extract_confined
from etl.warc import WARC_ENDINGS
from etl.warc.reader import Damage, read_warc
from etl.workbench.single_files.read_texts import STDIN, JsonRow, read_bytes
from schemas import Article, Reject

_HTML = (".html", ".htm", ".html.gz", ".htm.gz", ".xhtml")
_LAYOUT_COLUMNS = ("batch", "month")


def extract_paths(
    paths: Iterable[Path], url: str | None, sources: Sources, as_of: datetime
) -> Iterator[JsonRow | InputError]:
    """Give a row for each page of files and folders. An input that cannot be read is yielded as its error."""
    for path in paths:
        try:
            if path == STDIN:
                if not url:
                    raise InputError("-: give the address of the page with --url")
                yield _extract_html(path, sys.stdin.buffer.read(), url, sources, as_of)
            elif path.is_dir():
                inside = sorted(p for p in path.rglob("*") if p.name.lower().endswith(_HTML + WARC_ENDINGS))
                if not inside:
                    raise InputError(f"{path}: no HTML or WARC file in this folder")
                yield from extract_paths(inside, url, sources, as_of)
            elif path.name.lower().endswith(WARC_ENDINGS):
                yield from _extract_warc(path, sources)
            else:
                yield _extract_html(path, read_bytes(path), url, sources, as_of)
        except InputError as error:
            yield error


def _extract_warc(path: Path, sources: Sources) -> Iterator[JsonRow]:
    try:
        for item in read_warc(path):
            if isinstance(item, Damage):
                reject = {"reason": "damaged", "detail": f"{item.length} bytes: {item.reason}"}
                yield {"path": str(path), "url": None, "warc_offset": item.offset, "reject": reject}
                continue
            page = page_of(item, "", path.name.split(".")[0], str(path), sources)
            result = _result_row(extract_confined(page))
            yield {"path": str(path), "url": item.url, "warc_offset": item.offset, **result}
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _extract_html(path: Path, payload: bytes, url: str | None, sources: Sources, as_of: datetime) -> JsonRow:
    page = Page("", str(path), url or "", None, "text/html", payload, as_of, str(path), 0, sources)
    row = _result_row(extract_confined(page))
    if "reject" not in row:
        row |= {"warc_file": None, "warc_offset": None}
        if row["url"].startswith("file:"):  # neither the user nor the page gives its address
            row |= {"url": None, "canonical_url": None, "outlet": None}
        if sources.of(row["url"] or "") is None:
            row |= {"source": None}
    return {"path": str(path), **row}


def _result_row(result: Article | Reject) -> JsonRow:
    if isinstance(result, Reject):
        return {"reject": {"reason": result.reason, "detail": result.detail}}
    return {name: value for name, value in dataclasses.asdict(result).items() if name not in _LAYOUT_COLUMNS}
