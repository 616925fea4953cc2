"""The table `batches`: the WARC files of the warehouse."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row per WARC file that was fetched or imported. All other tables are rebuilt from these files."""

    batch: Annotated[str, "Id of the batch: YYYYMMDD-source, or YYYYMMDD-source-nnn; ASCII, at most 64 bytes."]
    source: Annotated[
        str,
        "Name of the archive or of the fetched source. If a source in config/sources lists the host of an article, "
        "`articles.source` is that source instead.",
    ]
    warc_file: Annotated[str, "WARC file, relative to the warehouse folder."]
    sha256: Annotated[
        str, "SHA-256 of the fetched or imported file, hexadecimal; a file with a known hash is not imported again."
    ]
    bytes: Annotated[int, "Size of the WARC file in bytes."]
    records: Annotated[int, "Number of records that could be read and hold a page or a text."]
    lost_bytes: Annotated[int, "Bytes of the file that could not be read because it is damaged or cut off."]
    complete_from: Annotated[
        date | None, "First day for which the archive was declared complete; null if it was not declared complete."
    ]
    complete_to: Annotated[
        date | None, "Last day for which the archive was declared complete; null if it was not declared complete."
    ]
    added_at: Annotated[datetime, "Moment when the file was added to the warehouse (UTC)."]
    file_sha256: Annotated[
        str | None,
        "SHA-256 of the WARC file as it was written, hexadecimal; null until the next run if an older version of "
        "Dateline wrote the row.",
    ]
    damaged_sha256: Annotated[
        str | None,
        "If records of the WARC file have changed since it was written: SHA-256 of the file as it was read; else null. "
        "Intact records are used; the others are in `rejects` as `damaged`.",
    ]


BATCHES = Table("batches", BatchRow, unit=("batch",), key=("batch",), partitioned=False, exported=False)
