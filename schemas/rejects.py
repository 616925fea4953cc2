"""The table `rejects`: records that gave no article, and why."""

from dataclasses import dataclass
from typing import Annotated

from schemas.record import Table
from schemas.values import REASONS, Reason


@dataclass(frozen=True, slots=True)
class Reject:
    """One row per record of a WARC file (a page, an imported text, or a damaged part) that gave no article; and one per
    article that was not annotated, or only in part (`stage` is then `annotate`).
    """

    batch: Annotated[str, "Id of the batch that holds the record."]
    month: Annotated[str, "Month of capture, as YYYY-MM; the files are partitioned by it."]
    stage: Annotated[str, "Stage of the pipeline that rejected the record: extract or annotate."]
    url: Annotated[str | None, "Address of the record; null if it has none."]
    sha256: Annotated[str | None, "SHA-256 of the content, hexadecimal; null if the record could not be read."]
    reason: Annotated[Reason, "Why the record gave no article.", REASONS]
    detail: Annotated[str | None, "What exactly was wrong, in words."]
    warc_offset: Annotated[int | None, "Offset of the record in the WARC file, in bytes."]


REJECTS = Table(
    "rejects",
    Reject,
    unit=("stage", "batch"),
    key=("batch", "warc_offset"),
    text=("detail",),
    stage="extract",
    exported=False,
)
