"""Golden pages: each page tests one rule, which its first line states. The JSON file beside it has the expected result.

To write the results of new pages, run UPDATE_GOLDEN=1 pytest tests/extract/test_golden_pages.py, and check the diff.
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
    fields = dict(re.findall(r"(url|fetched|content-type|status): (\S.*?)(?:\n| ?$)", head))
    return Page(
        "20250910-golden", "golden", fields["url"], int(fields["status"]), fields["content-type"], html.encode(),
        datetime.fromisoformat(fields["fetched"]), "warc/golden.warc.gz", 0,
    )  # fmt: skip


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_golden_page_gives_the_expected_row(path: Path) -> None:
    row = extract(read_page(path))
    if isinstance(row, Reject):
        actual = {"reject": row.reason, "detail": row.detail}
    else:
        actual = {name: value for name, value in dataclasses.asdict(row).items() if name in _FIELDS}
    actual = json.loads(json.dumps(actual, default=str))
    expected = path.with_suffix(".json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(json.dumps(actual, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert actual == json.loads(expected.read_text(encoding="utf-8"))


def test_every_page_states_the_rule_that_it_tests() -> None:
    assert all(path.read_text(encoding="utf-8").startswith("<!-- rule: ") for path in PAGES)
