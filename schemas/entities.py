"""The table `entities`: names in the articles."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table
from schemas.values import ENTITY_TYPES


@dataclass(frozen=True, slots=True)
class Entity:
    """One row per name in the text of an article."""

    batch: Annotated[str, "Id of the batch that holds the article."]
    month: Annotated[str, "Month of the article, as in `articles`; the files are partitioned by it."]
    article_id: Annotated[str, "Id of the article that holds the name."]
    version_id: Annotated[str, "Id of the wording of the article that the offsets count in."]
    char_start: Annotated[int, "Offset of the first character of the name."]
    char_end: Annotated[int, "Offset after the last character of the name."]
    text: Annotated[str, "The name as written in the article."]
    type: Annotated[str, "What the name stands for.", ENTITY_TYPES]
    entity_id: Annotated[
        str | None,
        "Id of the gazetteer's row that the name is linked to: a Wikidata Q-id such as `Q148`, or another id such as "
        "`org:bri`; null if the name is not linked.",
    ]
    name: Annotated[str, "Name in the gazetteer; if the name is not linked, the longest form of it in the article."]
    candidates: Annotated[
        list[str], "If the name is not linked: up to eight gazetteer ids that it may stand for; otherwise empty."
    ]
    cluster: Annotated[
        int,
        "Number, from 0, that the names of one person or thing share within the article: 'Vladimir Putin' and 'Putin'.",
    ]
    countries: Annotated[
        list[str],
        "Countries that the name stands for (ISO 3166 alpha-3); empty if there are none. For example, Beijing and "
        "'Chinese' have CHN; so does Xi Jinping, if he held office for China on the article's day.",
    ]
    paragraph: Annotated[int, "Number of the paragraph in the article, from 0."]
    sentence: Annotated[int, "Number of the sentence in the article, from 0."]
    confidence: Annotated[
        float, "Confidence in the link; if the name is not linked, confidence that it is a name; from 0 to 1."
    ]


ENTITIES = Table(
    "entities",
    Entity,
    unit=("batch",),
    key=("batch", "version_id", "char_start", "char_end"),
    stage="annotate",
    rows_view="entity_rows",
)
