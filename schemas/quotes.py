"""`quotes`: who said what."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Part:
    """An exact span of the article's text."""

    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """One row a quotation. Offsets are Unicode code points, half-open, into the article's text."""

    batch: Annotated[str, "The batch the article comes from."]
    month: Annotated[str, "The article's month: a layout key."]
    article_id: Annotated[str, "The article."]
    version_id: Annotated[str, "The wording the offsets count into."]
    quote_id: Annotated[str, "Hash of version_id (or the given id) and the parts."]
    kind: Annotated[str, "direct: all between quotation marks, or a turn of a transcript; mixed: some; indirect: none."]
    parts: Annotated[list[Part], "The exact spans, without quotation marks: “A,” she said, “B.” is one quote of two."]
    char_start: Annotated[int, "First character of the first part."]
    char_end: Annotated[int, "One past the last character of the last part."]
    text: Annotated[str, "The parts joined by one space."]
    cue: Annotated[str | None, "The words that report it: said, according to; null in a transcript, or if none do."]
    cue_char_start: Annotated[int | None, "First character of the cue."]
    cue_char_end: Annotated[int | None, "One past its last character."]
    speaker: Annotated[str | None, "The speaker as written beside it: 'he', 'a spokesman'."]
    speaker_char_start: Annotated[int | None, "First character of the speaker."]
    speaker_char_end: Annotated[int | None, "One past its last character."]
    speaker_name: Annotated[str | None, "The speaker's name as resolved."]
    speaker_entity_id: Annotated[str | None, "The speaker's id, as in `entities`."]
    speaker_countries: Annotated[list[str], "The speaker's countries, ISO 3166 alpha-3."]
    speaker_method: Annotated[
        str | None, "How: named, pronoun, description, collective, document, carried, turn; null if unknown."
    ]
    confidence: Annotated[float, "How probably it is one, 0 to 1; in English calibrated on news."]
    quote_key: Annotated[str, "The words in lower case without punctuation: equal for the same words anywhere."]
    quote_prints: Annotated[list[int], "Fingerprints of the words: a cut or edited copy shares most. See utterances."]
    context_before: Annotated[str, "Up to 200 characters before the quote."]
    context_after: Annotated[str, "Up to 200 characters after it."]


QUOTES = Table(
    "quotes",
    Quote,
    unit=("batch",),
    key=("batch", "quote_id"),
    text=("text", "quote_key", "context_before", "context_after"),
)
