"""Find which texts of a file are copies of other texts in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from etl.stories.similarity import Copy, StoryText, find_copies, text_similarity
from etl.urls import registrable_domain
from etl.workbench.single_files.read_texts import InputText, JsonRow


def story_rows(texts: Sequence[InputText], window_days: int, as_of: datetime) -> list[JsonRow]:
    """Return a row for each text: the text it copies and its story.

    `similarity` is that to the first text of the story. A text without a date is taken to be of the day of `as_of`.
    """
    counts = Counter(text.id for text in texts)
    texts = [
        replace(t, reject=f"the id {t.id!r} occurs {counts[t.id]} times") if counts[t.id] > 1 else t for t in texts
    ]
    usable = {text.id: _story_text(text, as_of.date()) for text in texts if not text.reject}
    copies: dict[str, Copy] = {copy.article_id: copy for copy in find_copies(usable.values(), window_days)}
    rows: list[JsonRow] = []
    for text in texts:
        if text.reject:
            rows.append(text.reject_row())
            continue
        copy, first = copies[text.id], _first_text(text.id, copies)
        similarity = 1.0 if first == text.id else text_similarity(usable[text.id], usable[first])
        rows.append(
            {"id": text.id, "copy_of": copy.copy_of, "story_id": first, "role": copy.role, "similarity": similarity}
        )
    return rows


def _story_text(text: InputText, undated: date) -> StoryText:
    published = text.published()
    day = published.day or undated
    moment = published.at.isoformat() if published.at else day.isoformat()
    url = str(text.fields.get("url") or "")
    # A text without an outlet gets one of its own, so that it is not taken for a revision.
    outlet = str(text.fields.get("outlet") or (registrable_domain(url) if url else text.id))
    return StoryText(text.id, outlet, day, moment, text.text)


def _first_text(text_id: str, copies: Mapping[str, Copy]) -> str:
    while (original := copies[text_id].copy_of) is not None:
        text_id = original
    return text_id
