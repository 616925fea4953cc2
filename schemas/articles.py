"""The table `articles`: archived pages and imported texts that are articles, cleaned and dated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table
from schemas.values import PUBLISHED_METHODS, PUBLISHED_PRECISIONS, PublishedPrecision


@dataclass(frozen=True, slots=True)
class Article:
    """One row per capture of an article: an archived page or an imported text."""

    batch: Annotated[str, "Id of the batch: the WARC file that holds the page or text."]
    month: Annotated[
        str,
        "Month of publication, or of capture if the day of publication is unknown, as YYYY-MM. The files are "
        "partitioned by it; to report dates, use `published_date`.",
    ]
    article_id: Annotated[
        str, "Id of the article: a hash of `canonical_url`, so it is the same whatever address the article was read at."
    ]
    version_id: Annotated[str, "Id of this wording of the article: a hash of `article_id` and `text_sha256`."]
    text_sha256: Annotated[str, "SHA-256 of `text` in UTF-8, hexadecimal."]
    url: Annotated[str, "Address that the page was read at; a URN for an imported text without a URL."]
    canonical_url: Annotated[
        str, "Address that the page declares for itself, if that is credible, else `url`; in a normalised form."
    ]
    own_address: Annotated[bool, "True if the page was read at its canonical address."]
    source: Annotated[
        str, "Source in config/sources that has the host of the page; if none has, the name of the imported archive."
    ]
    outlet: Annotated[
        str,
        "Publisher: the outlet that came with an imported text, else the registrable domain of the address (such as "
        "`bbc.co.uk`), else the name of the archive.",
    ]
    outlet_country: Annotated[
        str | None,
        "Country of the outlet (ISO 3166 alpha-3), from the source's file in config/sources; null if it is not given "
        "there.",
    ]
    title: Annotated[str | None, "Headline, without the name of the site; null if none was found."]
    text: Annotated[
        str, "Body of the article: paragraphs separated by one newline. All character offsets count in this text."
    ]
    language: Annotated[str | None, "Language of the text (ISO 639-1); null if it could not be determined."]
    authors: Annotated[list[str], "Names of the persons in the by-line; empty if there are none."]
    agency: Annotated[str | None, "News agency that the by-line or the text credits; null if none is credited."]
    section: Annotated[str | None, "Section of the outlet that the article is in; null if the page names none."]
    published_date: Annotated[
        date | None,
        "Calendar day of publication in the outlet's time zone, as printed; null if the day is unknown.",
    ]
    published_at: Annotated[
        datetime | None, "Moment of publication (UTC); null if the time of day or its time zone is unknown."
    ]
    published_raw: Annotated[str | None, "Date of publication as the page writes it; null if none was found."]
    published_method: Annotated[
        str | None, "Where the date of publication was found; null if none was found.", PUBLISHED_METHODS
    ]
    published_precision: Annotated[
        PublishedPrecision | None,
        "How precise the date of publication is; null if none was found.",
        PUBLISHED_PRECISIONS,
    ]
    modified_at: Annotated[
        datetime | None, "Moment of the last change that the page declares (UTC); null if it declares none."
    ]
    fetched_at: Annotated[datetime, "Moment when the page was captured or the text imported (UTC)."]
    extractor: Annotated[
        str, "What chose the body, with its version: a program, `json-ld` metadata, or `given` for an imported text."
    ]
    word_count: Annotated[int, "Number of words in the text; in scripts without spaces, number of characters."]
    warc_file: Annotated[str, "WARC file that holds the page, relative to the warehouse folder."]
    warc_offset: Annotated[int, "Offset of the record in that file, in bytes."]


ARTICLES = Table(
    "articles",
    Article,
    unit=("batch",),
    key=("batch", "warc_offset"),
    text=("text",),
    stage="extract",
    rows_view="article_rows",
)
