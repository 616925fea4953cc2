"""Wikipedia's Current Events: short reports whose names link to Wikipedia articles.

They lie in ../shared/corpora, outside the repository.
"""

from __future__ import annotations

import re

from evaluation.corpora import CORPORA, read_rows
from evaluation.label_map import ANYTHING
from evaluation.marked_texts import MarkedName, MarkedText, is_capitalised, without_overlaps

# Titles of articles on offices and lists, which are not names.
_OFFICE_TITLE = re.compile(
    r"^(?:List|President|Vice|Prime|Minister|Chancellor|Secretary|Foreign|Speaker|Governor|Mayor|Chief|King|Head|Leader|"
    r"Deputy|Supreme Leader|Ministry|Premier|Office|Attorney|Chair\w*|Member)s?\b.*\b(?:of|for)\b|"
    r"diaspora|\(title\)$"
)


def current_events() -> list[MarkedText]:
    """The reports. Links whose words are capitalised are names of unknown type."""
    texts = []
    for row in read_rows(CORPORA / "current-events" / "events.jsonl.gz"):
        names = []
        for link in row["links"]:
            start, end = link["char_start"], link["char_end"]
            if is_capitalised(row["text"][start:end]) and not _OFFICE_TITLE.search(link["title"]):
                names.append(MarkedName(start, end, ANYTHING, link["title"]))
        texts.append(MarkedText("current-events", row["id"], row["text"], without_overlaps(names), ANYTHING))
    return texts
