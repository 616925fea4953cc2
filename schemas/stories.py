"""`stories`: which articles are copies of which."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One row an article: whose text it copies. The id of the story is resolved when the warehouse is published."""

    day: Annotated[date, "The article's day: publication, or first sight where undated."]
    month: Annotated[str, "The day's month: a layout key."]
    article_id: Annotated[str, "The article."]
    copy_of: Annotated[str | None, "The earliest article in the window whose text it copies; null for a first."]
    role: Annotated[str, "first, copy, or revision (the same outlet printed it again, changed)."]
    similarity: Annotated[float, "Share of the shorter text that stands in the other; 1.0 for a first."]
    method: Annotated[str, "same-text, wording, or none for a first."]
    wording_prints: Annotated[list[int], "A sketch of the text, by which a later reprint is found. See reprints."]


STORIES = Table("stories", StoryRow, unit=("day",), key=("article_id",))
