"""`batches`: the WARC files of the warehouse."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row a WARC file that was fetched or imported. Everything else is rebuilt from these files."""

    batch: Annotated[str, "Batch id: YYYYMMDD-source[-nnn], ASCII, at most 64 bytes."]
    source: Annotated[str, "The archive's name; pages whose host is in config/sources carry that source instead."]
    warc_file: Annotated[str, "The file, relative to the warehouse."]
    sha256: Annotated[str, "SHA-256 of the file, hexadecimal: the same file is imported once."]
    bytes: Annotated[int, "Size of the file."]
    records: Annotated[int, "Page or text records that could be read."]
    lost_bytes: Annotated[int, "Bytes of the file that could not be read as records: damage or truncation."]
    complete_from: Annotated[date | None, "First day for which the archive was declared complete; null if it was not."]
    complete_to: Annotated[date | None, "Last such day."]
    added_at: Annotated[datetime, "When the file was added (UTC)."]


BATCHES = Table("batches", BatchRow, unit=("batch",), key=("batch",), partitioned=False)
