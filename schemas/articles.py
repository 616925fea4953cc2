"""`articles`: pages that are articles, cleaned and dated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Article:
    """One row an archived page or imported text. The view `articles` shows each article's current version once."""

    batch: Annotated[str, "The batch (WARC file) the row comes from."]
    month: Annotated[
        str, "Month of publication (of fetching where unknown), YYYY-MM: a layout key, not a date to report."
    ]
    article_id: Annotated[str, "Hash of the normalised canonical URL: one article, whatever address it was read at."]
    version_id: Annotated[str, "Hash of article_id and text_sha256: one wording of the article."]
    text_sha256: Annotated[str, "SHA-256 of the text in UTF-8, hexadecimal."]
    url: Annotated[str, "The address the page was read at."]
    canonical_url: Annotated[str, "The address the page gives for itself where credible, else `url`; normalised."]
    own_address: Annotated[bool, "True where the page was read at its canonical address."]
    source: Annotated[str, "The source from config/sources whose host it is, else the archive's name."]
    outlet: Annotated[str, "Registrable domain of the address; for texts the given outlet, else the archive's name."]
    outlet_country: Annotated[
        str | None, "ISO 3166 alpha-3 of the outlet, from the source's file; null if not given there."
    ]
    title: Annotated[str | None, "Headline, without the site's name."]
    text: Annotated[str, "The body: paragraphs separated by one newline. All offsets count into it."]
    language: Annotated[str | None, "ISO 639-1 code of the text's language; null if undetermined."]
    authors: Annotated[list[str], "Names in the by-line."]
    agency: Annotated[str | None, "News agency credited in the by-line or dateline."]
    section: Annotated[str | None, "The outlet's own section."]
    published_date: Annotated[
        date | None, "Calendar day of publication in the outlet's time zone, as printed; null if coarser."
    ]
    published_at: Annotated[
        datetime | None, "Moment of publication (UTC); null when the precision is a day or coarser."
    ]
    published_raw: Annotated[str | None, "The date as the page writes it."]
    published_method: Annotated[
        str | None, "Where it was found: json-ld, meta, microdata, time, feed, url, text, given."
    ]
    published_precision: Annotated[str | None, "second, minute, day, month or year."]
    modified_at: Annotated[datetime | None, "Moment of the last change the page declares (UTC)."]
    fetched_at: Annotated[datetime, "When the page was captured (UTC)."]
    extractor: Annotated[str, "What read the body, with its version."]
    word_count: Annotated[int, "Words of the text; in scripts without spaces, characters."]
    warc_file: Annotated[str, "WARC file of the page, relative to the warehouse."]
    warc_offset: Annotated[int, "Byte offset of its record in that file."]


ARTICLES = Table("articles", Article, unit=("batch",), key=("batch", "warc_offset"), text=("text",))
