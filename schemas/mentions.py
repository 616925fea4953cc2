"""The table `mentions`: where articles match a topic."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table
from schemas.values import MENTION_LEVELS, MentionLevel


@dataclass(frozen=True, slots=True)
class Mention:
    """One row per sentence, paragraph or article that satisfies the query of a topic."""

    batch: Annotated[str, "Id of the batch that holds the article."]
    topic: Annotated[str, "Topic: the name of its file in config/topics, without the ending."]
    month: Annotated[str, "Month of the article, as in `articles`; the files are partitioned by it."]
    article_id: Annotated[str, "Id of the article that holds the mention."]
    version_id: Annotated[str, "Id of the wording of the article that the offsets count in."]
    level: Annotated[MentionLevel, "Which part of the article satisfies the query.", MENTION_LEVELS]
    char_start: Annotated[int, "Offset of the first character of the sentence, paragraph or article."]
    char_end: Annotated[int, "Offset after the last character of the sentence, paragraph or article."]
    matched_terms: Annotated[list[str], "Terms of the query that it contains, as the query writes them."]
    quote_id: Annotated[str | None, "Id of the quote that contains the whole mention; null if none does."]


MENTIONS = Table(
    "mentions",
    Mention,
    unit=("batch", "topic"),
    key=("batch", "topic", "version_id", "char_start", "char_end"),
    stage="match",
    rows_view="mention_rows",
)
