"""The table `stories`: which articles are copies of others."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from schemas.record import Table
from schemas.values import STORY_METHODS, STORY_ROLES, StoryMethod, StoryRole


@dataclass(frozen=True, slots=True)
class StoryRow:
    """One row per article, with the earlier article whose text it copies, if any. It is compared with articles of the
    days before it: 7 days, unless the setting `story_window_days` says otherwise.
    """

    day: Annotated[
        date, "Day of the article: its day of publication, or the day when it was first captured if that is unknown."
    ]
    month: Annotated[str, "Month of `day`, as YYYY-MM; the files are partitioned by it."]
    article_id: Annotated[str, "Id of the article."]
    copy_of: Annotated[
        str | None, "Id of the earliest article among those compared whose text it copies; null if it copies none."
    ]
    role: Annotated[StoryRole, "Place of the article in its story.", STORY_ROLES]
    similarity: Annotated[
        float, "Share of the shorter of the two texts that the longer one contains, from 0 to 1; 1 if it copies none."
    ]
    method: Annotated[StoryMethod, "How the copied article was found.", STORY_METHODS]
    wording_prints: Annotated[
        list[int], "Up to 16 hashes of the text's wording, by which the mart `reprints` finds later reprints."
    ]


STORIES = Table("stories", StoryRow, unit=("day",), key=("article_id",), stage="stories", rows_view="story_rows")
