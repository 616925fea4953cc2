"""`entities`: names in the articles."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Entity:
    """One row a name in a text. Offsets are Unicode code points, half-open, into the article's text."""

    batch: Annotated[str, "The batch the article comes from."]
    month: Annotated[str, "The article's month: a layout key."]
    article_id: Annotated[str, "The article."]
    version_id: Annotated[str, "The wording the offsets count into."]
    char_start: Annotated[int, "First character of the name."]
    char_end: Annotated[int, "One past its last character."]
    text: Annotated[str, "The name as written."]
    type: Annotated[
        str,
        "PER, ORG, LOC (places, states), NORP (peoples, faiths, parties), EVENT, or OFFICE ('the Russian president').",
    ]
    entity_id: Annotated[str | None, "Wikidata Q-id, or the gazetteer's own id; null where not linked."]
    name: Annotated[str, "The gazetteer's name of it; where not linked, the longest that the article gives it."]
    candidates: Annotated[list[str], "Where not linked: ids of the gazetteer that it may be, at most eight."]
    cluster: Annotated[int, "Number of the thing in the article, from 0: 'Vladimir Putin' and 'Putin' share one."]
    countries: Annotated[
        list[str], "ISO 3166 alpha-3: Beijing, 'Chinese' and, by that day's office, Xi Jinping carry CHN."
    ]
    paragraph: Annotated[int, "Number of the paragraph, from 0."]
    sentence: Annotated[int, "Number of the sentence in the article, from 0."]
    confidence: Annotated[float, "0 to 1."]


ENTITIES = Table("entities", Entity, unit=("batch",), key=("batch", "version_id", "char_start", "char_end"))
