"""`rejects`: what could not be made, and why."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Reject:
    """One row a record that gave no article (or a row that gave no text), with the reason."""

    batch: Annotated[str, "The batch the record comes from."]
    month: Annotated[str, "Month of capture, YYYY-MM: a layout key."]
    stage: Annotated[str, "The stage that rejected it."]
    url: Annotated[str | None, "The record's address, where it has one."]
    sha256: Annotated[str | None, "SHA-256 of the payload, hexadecimal; null where nothing could be read."]
    reason: Annotated[str, "A word that can be counted: not_html, http_status, index_page, no_text, damaged, ..."]
    detail: Annotated[str | None, "What exactly was wrong."]
    warc_offset: Annotated[int | None, "Byte offset of the record."]


REJECTS = Table("rejects", Reject, unit=("stage", "batch"), key=("batch", "warc_offset"), text=("detail",))
