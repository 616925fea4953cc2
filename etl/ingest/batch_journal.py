"""A second copy of the table `batches`, beside the WARC files: what they do not contain themselves is never lost.

Each line is JSON: a row, and the SHA-256 of its JSON. A row's last line counts. Lines that are damaged or cut off are
skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from etl.warehouse.layout import replace_file
from schemas import BatchRow

_ROW = TypeAdapter(BatchRow)


def append_batches(path: Path, rows: Sequence[BatchRow]) -> None:
    """Add rows to the journal. They are durable on return."""
    with path.open("ab") as journal:
        if journal.tell() and not _ends_with_line(path):
            journal.write(b"\n")  # after a line that a killed process left incomplete
        journal.writelines(_line(row) for row in rows)
        journal.flush()
        os.fsync(journal.fileno())


def shorten_batch_journal(path: Path) -> None:
    """Keep only the last line of each row, if at least half of the lines are older ones."""
    rows, _ = read_batch_journal(path)
    if path.exists() and len(path.read_bytes().splitlines()) >= 2 * len(rows):
        replace_file(path, b"".join(_line(row) for row in rows.values()))


def read_batch_journal(path: Path) -> tuple[dict[str, BatchRow], int]:
    """Return the rows by batch, and the number of lines that could not be read."""
    rows: dict[str, BatchRow] = {}
    damaged = 0
    if path.exists():
        for line in path.read_bytes().splitlines():
            try:
                fields = json.loads(line)
                if hashlib.sha256(fields["row"].encode()).hexdigest() != fields["sha256"]:
                    raise ValueError
                row = _ROW.validate_json(fields["row"])
            except (ValueError, KeyError, TypeError, ValidationError):
                damaged += bool(line.strip())
                continue
            rows[row.batch] = row
    return rows, damaged


def _line(row: BatchRow) -> bytes:
    text = _ROW.dump_json(row).decode()
    return json.dumps({"row": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}).encode() + b"\n"


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as journal:
        journal.seek(-1, os.SEEK_END)
        return journal.read(1) == b"\n"
