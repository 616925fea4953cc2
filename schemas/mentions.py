"""`mentions`: where a topic occurs."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Mention:
    """One row a sentence, paragraph or article that satisfies a topic's query."""

    batch: Annotated[str, "The batch the article comes from."]
    topic: Annotated[str, "The topic: the name of its file in config/topics."]
    month: Annotated[str, "The article's month: a layout key."]
    article_id: Annotated[str, "The article."]
    version_id: Annotated[str, "The wording the offsets count into."]
    level: Annotated[str, "What was matched as a whole: sentence, paragraph or article."]
    char_start: Annotated[int, "First character of that sentence, paragraph or article."]
    char_end: Annotated[int, "One past its last character."]
    matched_terms: Annotated[list[str], "The terms of the query found in it, as the query writes them."]
    quote_id: Annotated[str | None, "The quote that contains it whole; null if none does."]


MENTIONS = Table(
    "mentions", Mention, unit=("batch", "topic"), key=("batch", "topic", "version_id", "char_start", "char_end")
)
