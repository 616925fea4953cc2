"""The table `quotes`: quotations and their speakers."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table
from schemas.values import QUOTE_KINDS, SPEAKER_METHODS, QuoteKind, SpeakerMethod


@dataclass(frozen=True, slots=True)
class Part:
    """A span of the article's text."""

    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """One row per quotation in an article."""

    batch: Annotated[str, "Id of the batch that holds the article."]
    month: Annotated[str, "Month of the article, as in `articles`; the files are partitioned by it."]
    article_id: Annotated[str, "Id of the article that holds the quote."]
    version_id: Annotated[str, "Id of the wording of the article that the offsets count in."]
    quote_id: Annotated[str, "Id of the quote: a hash of `version_id` and `parts`."]
    kind: Annotated[QuoteKind, "How the words are reported.", QUOTE_KINDS]
    parts: Annotated[
        list[Part],
        "Exact spans of the words, without quotation marks, in order. “A,” she said, “B.” is one quote of two parts.",
    ]
    char_start: Annotated[int, "Offset of the first character of the first part."]
    char_end: Annotated[int, "Offset after the last character of the last part."]
    text: Annotated[str, "The quoted words: the parts, joined by one space."]
    cue: Annotated[str | None, "Words that report the quote, such as 'said' or 'according to'; null if there are none."]
    cue_char_start: Annotated[int | None, "Offset of the first character of the cue; null if there is no cue."]
    cue_char_end: Annotated[int | None, "Offset after the last character of the cue; null if there is no cue."]
    speaker: Annotated[
        str | None, "Speaker as written in the article, such as 'he' or 'a spokesman'; null if none was found."
    ]
    speaker_char_start: Annotated[
        int | None, "Offset of the first character of the speaker; null if no speaker was found."
    ]
    speaker_char_end: Annotated[
        int | None, "Offset after the last character of the speaker; null if no speaker was found."
    ]
    speaker_name: Annotated[str | None, "Name of the speaker, as resolved; null if it is not known."]
    speaker_entity_id: Annotated[
        str | None, "Id of the speaker, as `entity_id` in `entities`; null if the speaker is not linked."
    ]
    speaker_countries: Annotated[
        list[str], "Countries that the speaker stands for (ISO 3166 alpha-3); empty if there are none."
    ]
    speaker_method: Annotated[
        SpeakerMethod | None,
        "How the speaker was resolved; null if no speaker was found or resolved.",
        SPEAKER_METHODS,
    ]
    confidence: Annotated[
        float, "Probability that this is a quotation, from 0 to 1; for English text calibrated on news."
    ]
    quote_key: Annotated[str, "The words in lower case, without punctuation: equal wherever the same words are quoted."]
    quote_prints: Annotated[
        list[int],
        "Fingerprints of the words, most of which a shortened or edited copy shares; the mart `utterances` is made "
        "from them.",
    ]
    context_before: Annotated[str, "Up to 200 characters before the quote."]
    context_after: Annotated[str, "Up to 200 characters after the quote."]


QUOTES = Table(
    "quotes",
    Quote,
    unit=("batch",),
    key=("batch", "quote_id"),
    text=("text", "quote_key", "context_before", "context_after"),
    stage="annotate",
    rows_view="quote_rows",
)
