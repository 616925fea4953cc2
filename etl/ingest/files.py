"""Importing a user's files: WARC files as they are, texts (JSON lines, CSV, Parquet) as WARC resource records."""

from __future__ import annotations

import csv
import gzip
import hashlib
import itertools
import json
import os
import re
import shutil
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from etl.days import first_day, last_day
from etl.errors import InputError
from etl.ingest.archive_check import check_archive
from etl.ingest.registry import file_ending, read_batches, register_batches
from etl.ingest.text_rows import JSON_LINES_ENDINGS, BadRow, read_json_lines, text_fields
from etl.warc import WARC_ENDINGS
from etl.warc.reader import SINGLE_MEMBER_GZIP, TEXT_TYPE, Damage, index_path, scan, write_index
from etl.warc.writer import WarcFile
from etl.warehouse.batches import batch_id, file_sha256, source_name
from etl.warehouse.delta import Store, sync
from etl.warehouse.layout import WarehouseLayout
from schemas import BatchRow

_TEXT_ENDINGS = (*JSON_LINES_ENDINGS, ".csv", ".csv.gz", ".parquet")
_SAMPLE_LENGTH = 100_000  # characters that are checked for UTF-8
_MAX_UNREADABLE_SHARE = 0.01  # of these characters
_CHECKED_ROWS = 100  # rows that are searched for a text before a file is refused
# So many files or bytes are registered in one commit: a commit for each small file would take longer than the file.
_FILES_PER_COMMIT, _BYTES_PER_COMMIT = 100, 50 * 2**20


@dataclass(frozen=True)
class Imported:
    """The result of importing one file.

    `notes` tell the user what was lost, and what may be a mistake. `already_imported`: the same file was imported
    before, as `batch`.
    """

    path: Path
    batch: str
    records: int
    lost_bytes: int
    notes: tuple[str, ...] = ()
    already_imported: bool = False


def importable_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to import; folders are searched for known endings.

    Raises InputError for a path that is missing, of unknown kind, or a folder without such a file.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            in_folder = sorted(
                p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(WARC_ENDINGS + _TEXT_ENDINGS)
            )
            if not in_folder:
                raise InputError(f"{path}: no WARC, JSON lines, CSV or Parquet file in this folder")
            files += in_folder
        elif not path.exists():
            raise InputError(f"{path}: no such file")
        elif not path.name.lower().endswith(WARC_ENDINGS + _TEXT_ENDINGS):
            raise InputError(f"{path}: unknown kind of file; give {', '.join(WARC_ENDINGS + _TEXT_ENDINGS)}")
        else:
            files.append(path)
    return files


@dataclass(frozen=True)
class Incoming:
    """A file to import.

    `source` is the archive's name (default: from the file's name). `complete` are the first and the last day for which
    the user declares that the file lacks nothing.
    """

    path: Path
    source: str | None = None
    complete: tuple[date, date] | None = None


def import_files(
    incoming: Iterable[Incoming], store: Store, warehouse: Path, as_of: datetime
) -> Iterator[Imported | InputError]:
    """Put files into the warehouse as batches and register them; the same file twice is one batch.

    A file that cannot be used is yielded as its error and does not affect the others. A file is registered before it
    is yielded as imported. The caller holds the writer's slot.
    """
    known = {row.batch: row for row in read_batches(store)}
    changed: dict[str, BatchRow] = {}
    results: list[Imported | InputError] = []
    for file in incoming:
        try:
            row, result = _import_file(file, known, warehouse, as_of)
        except InputError as error:
            results.append(error)
            continue
        except OSError as error:
            results.append(InputError(f"{file.path}: cannot be imported: {error.strerror or error}"))
            continue
        if known.get(row.batch) != row:
            known[row.batch] = changed[row.batch] = row
        results.append(result)
        if len(changed) >= _FILES_PER_COMMIT or sum(row.bytes for row in changed.values()) >= _BYTES_PER_COMMIT:
            register_batches(list(changed.values()), store)
            yield from results
            changed, results = {}, []
    register_batches(list(changed.values()), store)
    yield from results


def _import_file(
    file: Incoming, known: Mapping[str, BatchRow], warehouse: Path, as_of: datetime
) -> tuple[BatchRow, Imported]:
    sha256, layout = file_sha256(file.path), WarehouseLayout(warehouse)
    previous = next((row for row in known.values() if row.sha256 == sha256), None)
    if previous and check_archive(layout.file(previous.warc_file), previous).condition == "intact":
        row = _with_complete_days(previous, file)
        return row, Imported(file.path, row.batch, row.records, row.lost_bytes, already_imported=True)
    name = source_name(file.source or _stem(file.path))
    same_archive = [row.batch for row in known.values() if row.source == name]
    first, last = file.complete or (None, None)
    layout.warc_folder.mkdir(parents=True, exist_ok=True)
    temporary = layout.incoming(os.getpid())
    is_warc = file.path.name.lower().endswith(WARC_ENDINGS)
    try:
        stored = (_store_warc if is_warc else _store_texts)(file.path, temporary, name, as_of)
        batch = previous.batch if previous else batch_id(stored.first_day, name, known)
        warc_file = layout.warc_file(batch, stored.ending)
        index_path(temporary).replace(index_path(layout.file(warc_file)))
        temporary.replace(layout.file(warc_file))
        sync(layout.file(warc_file))
        sync(layout.warc_folder)
    finally:
        temporary.unlink(missing_ok=True)
        index_path(temporary).unlink(missing_ok=True)
    size = layout.file(warc_file).stat().st_size
    lost_bytes = sum(damage.length for damage in stored.damage)
    notes = [f"lost {d.length:,} bytes at offset {d.offset:,}: {d.reason}; the rest is kept" for d in stored.damage]
    if same_archive and not is_warc and not file.source:
        notes.append(
            f"the archive {name!r} already has the batch {same_archive[0]}: texts with the same id become new "
            "versions; if this is another corpus, name it with --source NAME"
        )
    file_hash = file_sha256(layout.file(warc_file))
    row = BatchRow(
        batch, name, warc_file, sha256, size, stored.n_records, lost_bytes, first, last, as_of, file_hash, None
    )
    return row, Imported(file.path, batch, stored.n_records, lost_bytes, tuple(notes))


def _with_complete_days(row: BatchRow, file: Incoming) -> BatchRow:
    """Return the row with the days that the file declares complete added to those declared before.

    Raises InputError if there is a gap between them: a row holds one span.
    """
    if file.complete is None:
        return row
    first, last = file.complete
    if row.complete_from and row.complete_to:
        if first > row.complete_to + timedelta(days=1) or last < row.complete_from - timedelta(days=1):
            raise InputError(
                f"{file.path}: already declared complete from {row.complete_from} to {row.complete_to}, and there is a "
                f"gap between that and {first} to {last}; declare one span that includes both"
            )
        first, last = min(first, row.complete_from), max(last, row.complete_to)
    return replace(row, complete_from=first, complete_to=last)


@dataclass(frozen=True)
class _StoredFile:
    """The WARC file that was made of an imported file."""

    ending: str
    first_day: date
    n_records: int
    damage: tuple[Damage, ...]


def _store_warc(path: Path, target: Path, _source: str, _as_of: datetime) -> _StoredFile:
    """Copy a WARC file to `target`. Raises InputError if it has no page or text."""
    shutil.copyfile(path, target)
    ending = file_ending(path, WARC_ENDINGS)
    contents = scan(target)
    if any(damage.reason.startswith(SINGLE_MEMBER_GZIP) for damage in contents.damage):
        # Compressed as a whole, so that records cannot be read by their offsets: store it uncompressed.
        with gzip.open(path, "rb") as compressed, target.open("wb") as plain:
            shutil.copyfileobj(compressed, plain)
        ending = ending.removesuffix(".gz")
        contents = scan(target)
    days, damage = contents.days, tuple(contents.damage)
    if not days:
        reason = damage[0].reason if damage else "it holds no page or text records"
        raise InputError(f"{path}: nothing to import: {reason}")
    write_index(target, contents.index)
    return _StoredFile(ending, min(days), len(days), damage)


def _store_texts(path: Path, target: Path, source: str, as_of: datetime) -> _StoredFile:
    """Write the rows of a file as resource records to `target`. Raises InputError if the file cannot be used."""
    ending = file_ending(path, _TEXT_ENDINGS)
    reader: Callable[[Path], Iterator[Mapping[str, Any] | BadRow]] = (
        _parquet_rows if ending == ".parquet" else _csv_rows if ".csv" in ending else _json_rows
    )
    rows = reader(path)
    first_rows = list(itertools.islice(rows, _CHECKED_ROWS))
    _check_columns(path, first_rows)
    n_records = 0
    with WarcFile(target) as warc:
        for row in itertools.chain(first_rows, rows):
            n_records += 1
            if isinstance(row, BadRow):
                address = f"urn:dateline:{source}:line-{row.line}"
                text: dict[str, Any] = {"error": row.detail, "raw": row.raw}
            else:
                text = text_fields(row)
                address = _address(source, text)
            body = json.dumps(text, ensure_ascii=False, default=str).encode("utf-8", "replace")
            warc.resource(address, as_of, TEXT_TYPE, body)
    return _StoredFile(".warc.gz", as_of.date(), n_records, ())


def _address(source: str, text: Mapping[str, Any]) -> str:
    """Return the text's URL, or a URN of its id or its content, so that equal rows are one text in any file."""
    url = str(text.get("url") or "")
    if re.match(r"https?://\S+$", url):
        return url
    name = text.get("id") if text.get("id") not in (None, "") else url or _content_name(text)
    return f"urn:dateline:{source}:{re.sub(r'[^0-9A-Za-z._~:-]', lambda m: f'%{ord(m[0]):x}', str(name))}"


def _content_name(text: Mapping[str, Any]) -> str:
    content = json.dumps(text, sort_keys=True, default=str)
    return f"text-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _check_columns(path: Path, first_rows: Sequence[Mapping[str, Any] | BadRow]) -> None:
    """Raise InputError if none of a file's first rows has a column of texts: it is another kind of file."""
    readable = [row for row in first_rows if not isinstance(row, BadRow)]
    bad = [row for row in first_rows if isinstance(row, BadRow)]
    if not readable:
        raise InputError(f"{path}:{bad[0].line}: {bad[0].detail}" if bad else f"{path}: no rows")
    if not any("text" in text_fields(row) for row in readable):
        columns = ", ".join(str(name) for name in readable[0]) or "none"
        raise InputError(f"{path}: no column 'text' (or 'body', 'content'); its columns are: {columns}")


def _json_rows(path: Path) -> Iterator[Mapping[str, Any] | BadRow]:
    with _open_text(path) as lines:
        for _, row in read_json_lines(lines):
            yield row


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any] | BadRow]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _open_text(path, newline="") as lines:
        try:
            for row in csv.DictReader(lines):
                # csv puts cells beyond the header under None: they belong to no column.
                yield {name: value for name, value in row.items() if name is not None}
        except csv.Error as error:
            raise InputError(f"{path}: not CSV: {error}") from None


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any] | BadRow]:
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not Parquet: {str(error).splitlines()[0]}") from None


@contextmanager
def _open_text(path: Path, newline: str | None = "\n") -> Iterator[IO[str]]:
    """Open a text file, gzipped or not. Single bytes that are not UTF-8 become U+FFFD and do not fail the file."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline=newline) as stream:
            sample = stream.read(_SAMPLE_LENGTH)
            if sample.count("\ufffd") > _MAX_UNREADABLE_SHARE * len(sample):
                raise InputError(f"{path}: not UTF-8; convert it, for instance: iconv -f WINDOWS-1251 -t UTF-8")
            stream.seek(0)
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def _stem(path: Path) -> str:
    return path.name[: -len(file_ending(path, WARC_ENDINGS + _TEXT_ENDINGS))]


def complete_days(first: str | None, last: str | None) -> tuple[date, date] | None:
    """Return the first and last day of an archive that is declared complete, or None without a declaration.

    Raises InputError if only one of them is given, or the first is after the last.
    """
    if (first is None) != (last is None):
        raise InputError("--complete-from and --to belong together: give both or neither")
    if first is None or last is None:
        return None
    days = first_day(first), last_day(last)
    if days[0] > days[1]:
        raise InputError(f"--complete-from {first} is after --to {last}")
    return days
