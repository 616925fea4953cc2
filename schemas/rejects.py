"""`rejects`: what could not be made, and why."""

from dataclasses import dataclass
from typing import Annotated, Literal

from schemas.record import Table

Reason = Literal[
    "bad_date", "bad_row", "broken", "crashed", "damaged", "empty", "error_page", "http_status", "index_page", "memory",
    "no_text", "not_html", "paywall", "timeout", "too_deep", "too_large", "video_page",
]  # fmt: skip
REASONS: dict[Reason, str] = {
    "http_status": "The server's answer was another than 200.",
    "not_html": "A picture, a PDF or else: no HTML by its Content-Type, or nothing in it that can be read as HTML.",
    "empty": "A record without content.",
    "error_page": "An error or a check for robots, sent as if it were a page: its title says so.",
    "index_page": "A list of articles: the page calls itself one, or is links or headlines for the most part.",
    "video_page": "A video with a few words beside it.",
    "paywall": "No more than the first words before a wall, or an invitation to subscribe.",
    "no_text": "No article text was found; text that only scripts bring is not seen. Of a row: its text is empty.",
    "bad_row": "A row of a file that cannot be used; `detail` says why.",
    "bad_date": "A row's date is none, could be two, or is impossible.",
    "damaged": "A stretch of a WARC file that cannot be read.",
    "too_large": "Longer than a page may be.",
    "too_deep": "Elements are nested too deep to be read whole.",
    "timeout": "Reading the page takes too long.",
    "memory": "Reading the page takes too much memory.",
    "crashed": "The process that read the page died over it, twice.",
    "broken": "Reading the page failed with an error that nobody foresaw; `detail` has its words. Please report it.",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """One row a record that gave no article (or a row that gave no text), with the reason."""

    batch: Annotated[str, "The batch the record comes from."]
    month: Annotated[str, "Month of capture, YYYY-MM: a layout key."]
    stage: Annotated[str, "The stage that rejected it."]
    url: Annotated[str | None, "The record's address, where it has one."]
    sha256: Annotated[str | None, "SHA-256 of the payload, hexadecimal; null where nothing could be read."]
    reason: Annotated[str, "One of those listed below."]
    detail: Annotated[str | None, "What exactly was wrong."]
    warc_offset: Annotated[int | None, "Byte offset of the record."]


REJECTS = Table("rejects", Reject, unit=("stage", "batch"), key=("batch", "warc_offset"), text=("detail",))
