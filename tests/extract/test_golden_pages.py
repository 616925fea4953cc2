"""Golden pages: each page teaches one thing, said in its first line; beside it stands what must come out.

To see what comes out of a new page: UPDATE_GOLDEN=1 pytest tests/extract/test_golden_pages.py, then read the diff.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest

from etl.extract.page import Page, extract
from schemas import Reject

PAGES = sorted((Path(__file__).parents[1] / "golden" / "pages").glob("*.html"))
_FIELDS = (
    "canonical_url", "title", "authors", "agency", "section", "language", "published_date", "published_at",
    "published_method", "published_precision", "modified_at", "word_count", "text",
)  # fmt: skip


def read_page(path: Path) -> Page:
    head, _, html = path.read_text(encoding="utf-8").partition("-->\n")
    said = dict(re.findall(r"(url|fetched|content-type|status): (\S.*?)(?:\n| ?$)", head))
    return Page(
        "20250910-golden", "golden", said["url"], int(said["status"]), said["content-type"], html.encode(),
        datetime.fromisoformat(said["fetched"]), "warc/golden.warc.gz", 0,
    )  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_golden_page(path: Path) -> None:
    found = extract(read_page(path))
    if isinstance(found, Reject):
        got = {"reject": found.reason, "detail": found.detail}
    else:
        got = {name: value for name, value in dataclasses.asdict(found).items() if name in _FIELDS}
    got = json.loads(json.dumps(got, default=str))
    expected = path.with_suffix(".json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(got, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert got == json.loads(expected.read_text(encoding="utf-8"))


def test_every_page_says_what_it_teaches() -> None:
    assert all(path.read_text(encoding="utf-8").startswith("<!-- teaches: ") for path in PAGES)
