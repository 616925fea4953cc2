"""Importing what a user has: WARC files as they are, texts (JSON lines, CSV, Parquet) as WARC resource records."""

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
from etl.ingest.registry import WARC_ENDINGS, file_ending, register, registered, summaries
from etl.warc.reader import TEXT_TYPE, WHOLE_GZIP, Damage
from etl.warc.writer import WarcFile
from etl.warehouse.batches import batch_id, file_sha256, source_name
from etl.warehouse.delta import Store, sync
from schemas import BatchRow

_TEXT_ENDINGS = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".csv", ".csv.gz", ".parquet")
_SAMPLE, _FOREIGN = 100_000, 0.01  # characters looked at, and the share that may be unreadable
_PEEKED = 100  # rows looked at before a file is refused
# Registered together: a commit each would cost more than small files.
_REGISTERED_FILES, _REGISTERED_BYTES = 100, 50 * 2**20
_COLUMNS = {
    "id": ("id",),
    "url": ("url", "link"),
    "title": ("title", "headline"),
    "text": ("text", "body", "content"),
    "date": ("published_date", "date", "published_at", "published"),
    "language": ("language", "lang"),
    "outlet": ("outlet", "publisher", "publication"),
}


@dataclass(frozen=True)
class Imported:
    """What became of one file. `already` is the batch that holds the same file, if it was imported before; `notes`
    are for the user: what was lost, what may be meant otherwise."""

    path: Path
    batch: str
    records: int
    lost_bytes: int
    notes: tuple[str, ...] = ()
    already: bool = False


def importable(paths: Iterable[Path]) -> list[Path]:
    """The files to import: folders are searched for known endings. Raises InputError for a path that is none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(
                p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(WARC_ENDINGS + _TEXT_ENDINGS)
            )
            if not inside:
                raise InputError(f"{path}: no WARC, JSON lines, CSV or Parquet file in this folder")
            found += inside
        elif not path.exists():
            raise InputError(f"{path}: no such file")
        elif not path.name.lower().endswith(WARC_ENDINGS + _TEXT_ENDINGS):
            raise InputError(f"{path}: unknown kind of file; give {', '.join(WARC_ENDINGS + _TEXT_ENDINGS)}")
        else:
            found.append(path)
    return found


@dataclass(frozen=True)
class Incoming:
    """A file to import. `source` names the archive (default: from the file's name); `complete`: the days for which it
    lacks nothing, if somebody says so."""

    path: Path
    source: str | None = None
    complete: tuple[date, date] | None = None


def import_files(
    incoming: Iterable[Incoming], store: Store, warehouse: Path, as_of: datetime
) -> Iterator[Imported | InputError]:
    """Puts files into the warehouse as batches and registers them; the same file twice is one batch.

    A file of which nothing can be used is yielded as its error and costs only itself. What is yielded as imported is
    registered. The caller holds the writer's slot.
    """
    known = {row.batch: row for row in registered(store)}
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
        if len(changed) >= _REGISTERED_FILES or sum(row.bytes for row in changed.values()) >= _REGISTERED_BYTES:
            register(list(changed.values()), store)
            yield from results
            changed, results = {}, []
    register(list(changed.values()), store)
    yield from results


def _import_file(
    file: Incoming, known: Mapping[str, BatchRow], warehouse: Path, as_of: datetime
) -> tuple[BatchRow, Imported]:
    sha256 = file_sha256(file.path)
    same = next((row for row in known.values() if row.sha256 == sha256), None)
    if same and (warehouse / same.warc_file).exists():
        row = _declared(same, file)
        return row, Imported(file.path, row.batch, row.records, row.lost_bytes, already=True)
    name = source_name(file.source or _stem(file.path))
    others = [row.batch for row in known.values() if row.source == name]
    first, last = file.complete or (None, None)
    folder = warehouse / "warc"
    folder.mkdir(parents=True, exist_ok=True)
    arriving = folder / f".incoming-{os.getpid()}"
    is_warc = file.path.name.lower().endswith(WARC_ENDINGS)
    try:
        taken = (_take_warc if is_warc else _take_texts)(file.path, arriving, name, as_of)
        batch = same.batch if same else batch_id(taken.first, name, known)
        warc_file = f"warc/{batch}{taken.ending}"
        arriving.replace(warehouse / warc_file)
        sync(warehouse / warc_file)
        sync(folder)
    finally:
        arriving.unlink(missing_ok=True)
    size = (warehouse / warc_file).stat().st_size
    lost = sum(damage.length for damage in taken.damage)
    notes = [f"lost {d.length:,} bytes at offset {d.offset:,}: {d.reason}; the rest is kept" for d in taken.damage]
    if others and not is_warc and not file.source:
        notes.append(
            f"the archive {name!r} has {others[0]} already: texts with the same id are taken for new versions; "
            "if this is another corpus, name it: --source NAME"
        )
    row = BatchRow(batch, name, warc_file, sha256, size, taken.records, lost, first, last, as_of)
    return row, Imported(file.path, batch, taken.records, lost, tuple(notes))


def _declared(row: BatchRow, file: Incoming) -> BatchRow:
    """The row with the days declared now joined to those declared before; they must meet: a row holds one span."""
    if file.complete is None:
        return row
    first, last = file.complete
    if row.complete_from and row.complete_to:
        if first > row.complete_to + timedelta(days=1) or last < row.complete_from - timedelta(days=1):
            raise InputError(
                f"{file.path}: declared complete from {row.complete_from} to {row.complete_to} already, which does not "
                f"meet {first} to {last}; declare one span that holds both"
            )
        first, last = min(first, row.complete_from), max(last, row.complete_to)
    return replace(row, complete_from=first, complete_to=last)


@dataclass(frozen=True)
class _Taken:
    ending: str
    first: date
    records: int
    damage: tuple[Damage, ...]


def _take_warc(path: Path, target: Path, _source: str, _as_of: datetime) -> _Taken:
    shutil.copyfile(path, target)
    ending = file_ending(path, WARC_ENDINGS)
    read = list(summaries(target))
    if any(isinstance(item, Damage) and item.reason.startswith(WHOLE_GZIP) for item in read):
        # Compressed as one piece: records cannot be reached by offset. Keep it uncompressed.
        with gzip.open(path, "rb") as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        ending = ending.removesuffix(".gz")
        read = list(summaries(target))
    dates = [item for item in read if isinstance(item, date)]
    damage = tuple(item for item in read if isinstance(item, Damage))
    if not dates:
        why = damage[0].reason if damage else "it holds no page or text records"
        raise InputError(f"{path}: nothing to import: {why}")
    return _Taken(ending, min(dates), len(dates), damage)


def _take_texts(path: Path, target: Path, source: str, as_of: datetime) -> _Taken:
    ending = file_ending(path, _TEXT_ENDINGS)
    reader: Callable[[Path], Iterator[Mapping[str, Any] | _BadRow]] = (
        _parquet_rows if ending == ".parquet" else _csv_rows if ".csv" in ending else _json_rows
    )
    rows = reader(path)
    head = list(itertools.islice(rows, _PEEKED))
    _check_columns(path, head)
    count = 0
    with WarcFile(target) as warc:
        for row in itertools.chain(head, rows):
            count += 1
            if isinstance(row, _BadRow):
                address = f"urn:dateline:{source}:line-{row.line}"
                given: dict[str, Any] = {"error": row.detail, "raw": row.raw}
            else:
                given = _fields(row)
                address = _address(source, given)
            body = json.dumps(given, ensure_ascii=False, default=str).encode("utf-8", "replace")
            warc.resource(address, as_of, TEXT_TYPE, body)
    return _Taken(".warc.gz", as_of.date(), count, ())


@dataclass(frozen=True)
class _BadRow:
    """A row that cannot be read: kept in the WARC as it was, and rejected with its line by `extract`."""

    line: int
    detail: str
    raw: str


def _address(source: str, text: Mapping[str, Any]) -> str:
    """The text's own URL, else an urn from its id, else from its content: the same row is the same text anywhere."""
    url = str(text.get("url") or "")
    if re.match(r"https?://\S+$", url):
        return url
    own = text.get("id") if text.get("id") not in (None, "") else url or _content_name(text)
    return f"urn:dateline:{source}:{re.sub(r'[^0-9A-Za-z._~:-]', lambda m: f'%{ord(m[0]):x}', str(own))}"


def _content_name(text: Mapping[str, Any]) -> str:
    content = json.dumps(text, sort_keys=True, default=str)
    return f"text-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _check_columns(path: Path, head: Sequence[Mapping[str, Any] | _BadRow]) -> None:
    """Raises InputError where a file's first rows hold no text under any name: it is another kind of file."""
    readable = [row for row in head if not isinstance(row, _BadRow)]
    bad = [row for row in head if isinstance(row, _BadRow)]
    if not readable:
        raise InputError(f"{path}:{bad[0].line}: {bad[0].detail}" if bad else f"{path}: no rows")
    if not any("text" in _fields(row) for row in readable):
        have = ", ".join(str(name) for name in readable[0]) or "none"
        raise InputError(f"{path}: no column 'text' (or 'body', 'content'); its columns are: {have}")


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values under our names; rows of one file may name different columns."""
    lower = {str(name).strip().lower(): value for name, value in row.items()}
    return {field: lower[name] for field, names in _COLUMNS.items() for name in reversed(names) if name in lower}


def _json_rows(path: Path) -> Iterator[Mapping[str, Any] | _BadRow]:
    with _open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield _BadRow(number, f"line {number} is not JSON: {error}", line)
                continue
            yield row if isinstance(row, dict) else _BadRow(number, f"line {number} is not an object {{…}}", line)


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any] | _BadRow]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _open_text(path, newline="") as lines:
        try:
            for row in csv.DictReader(lines):
                # Cells beyond the header stand under None: they belong to no column.
                yield {name: value for name, value in row.items() if name is not None}
        except csv.Error as error:
            raise InputError(f"{path}: not CSV: {error}") from None


def _parquet_rows(path: Path) -> Iterator[Mapping[str, Any] | _BadRow]:
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not Parquet: {str(error).splitlines()[0]}") from None


@contextmanager
def _open_text(path: Path, newline: str | None = "\n") -> Iterator[IO[str]]:
    """A text file or its gzip. Bytes that are not UTF-8 become U+FFFD: one bad byte must not cost a corpus."""
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline=newline) as stream:
            sample = stream.read(_SAMPLE)
            if sample.count("\ufffd") > _FOREIGN * len(sample):
                raise InputError(f"{path}: not UTF-8; convert it, for instance: iconv -f WINDOWS-1251 -t UTF-8")
            stream.seek(0)
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def _stem(path: Path) -> str:
    return path.name[: -len(file_ending(path, WARC_ENDINGS + _TEXT_ENDINGS))]


def complete_days(first: str | None, last: str | None) -> tuple[date, date] | None:
    """The days for which an archive is declared complete. Raises InputError unless both or neither are given."""
    if (first is None) != (last is None):
        raise InputError("--complete-from and --to belong together: give both or neither")
    if first is None or last is None:
        return None
    days = first_day(first), last_day(last)
    if days[0] > days[1]:
        raise InputError(f"--complete-from {first} is after --to {last}")
    return days
