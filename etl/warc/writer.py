"""Writing WARC (ISO 28500): `.open` until whole, with a journal that lets a killed writer go on, and a side index."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from etl.warc.reader import KIND, LISTED, IndexEntry, Stored, index_path

Headers = Sequence[tuple[str, str]]
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"


@dataclass(frozen=True)
class Message:
    """An HTTP message as it is archived: its first line (`GET / HTTP/1.1`, `200 OK`), headers, body."""

    line: str
    headers: Headers
    body: bytes = b""


class WarcFile:
    """A WARC file being written: `.open` until it is closed without an error, then under its own name.

    With `journal` it survives its writer: each `keep` makes the records before it lasting, with a note; who opens the
    same path again finds the notes and goes on behind the last. Once whole the file has a side index instead.
    Otherwise a writer that fails leaves nothing.
    """

    def __init__(self, path: Path, journal: bool = False) -> None:
        self._path = path
        self.open_path = path.with_name(path.name + ".open")
        self._journal_path = path.with_name(path.name + ".journal") if journal else None
        self.notes: list[bytes] = []
        self._kept: list[IndexEntry] = []
        self._new: list[IndexEntry] = []
        if self._journal_path is not None:
            self._recover()
        end = self._kept[-1].offset + self._kept[-1].length if self._kept else 0
        self._stream = self.open_path.open("r+b" if end else "wb")
        self._stream.seek(end)
        self._stream.truncate()

    def _recover(self) -> None:
        """Reads what a killed writer left: the notes whose records are all there, byte for byte."""
        assert self._journal_path is not None
        whole = 0
        if self._journal_path.exists() and self.open_path.exists():
            with self._journal_path.open("rb") as journal, self.open_path.open("rb") as records:
                for line in journal:
                    try:
                        read = json.loads(line)
                        entries = [IndexEntry(**entry) for entry in read["records"]]
                    except (ValueError, KeyError, TypeError):
                        break
                    if not line.endswith(b"\n") or not all(_is_there(entry, records) for entry in entries):
                        break
                    self._kept += entries
                    self.notes.append(read["note"].encode())
                    whole += len(line)
        self._journal = self._journal_path.open("r+b" if whole else "wb", buffering=0)
        self._journal.seek(whole)
        self._journal.truncate()

    def __enter__(self) -> WarcFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if self._journal_path is not None:
            self._journal.close()
        if error is not None:
            if self._journal_path is None:
                self.open_path.unlink()
            return
        if self._journal_path is not None:
            lines = [json.dumps(vars(entry), ensure_ascii=False) + "\n" for entry in self._kept + self._new]
            index_path(self._path).write_text("".join(lines), encoding="utf-8")
        self.open_path.replace(self._path)
        if self._journal_path is not None:
            self._journal_path.unlink()

    def keep(self, note: bytes) -> None:
        """Makes all records so far last beyond the death of this process, and a note (one JSON text) with them."""
        self._stream.flush()
        records = [vars(entry) for entry in self._new]
        self._journal.write(json.dumps({"records": records, "note": note.decode()}).encode() + b"\n")
        self._kept += self._new
        self._new = []

    def info(self, date: datetime, fields: Mapping[str, str]) -> int:
        """Writes a warcinfo record: who made the file, and how; returns its offset."""
        body = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()
        return self._write("", "warcinfo", date, body, {}, content_type="application/warc-fields")

    def request(self, url: str, date: datetime, message: Message, concurrent_to: str) -> int:
        """Writes a request record beside its response's; returns its offset."""
        own = {"WARC-Concurrent-To": concurrent_to} if concurrent_to else {}
        return self._write(url, "request", date, message.body, own, message)

    def response(
        self,
        url: str,
        date: datetime,
        status: str,
        headers: Headers,
        body: bytes,
        kind: str = "page",
        listed: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> int:
        """Writes a response record; returns its offset. `kind` other than page: not read as an article's page.

        `listed`: the date that the listing gave; `more`: further WARC headers.
        """
        own = dict(more or {}) | ({} if kind == "page" else {KIND: kind}) | ({LISTED: listed} if listed else {})
        return self._write(url, "response", date, body, own, Message(status, headers))

    def revisit(
        self, url: str, date: datetime, status: str, headers: Headers, of: Stored, more: Mapping[str, str] | None = None
    ) -> int:
        """Writes a revisit record: the server said that nothing changed (304), or sent the same body again."""
        own = dict(more or {}) | {
            "WARC-Profile": _NOT_MODIFIED if status.startswith("304") else _SAME_PAYLOAD,
            "WARC-Refers-To": of.record_id,
            "WARC-Refers-To-Target-URI": of.url,
            "WARC-Refers-To-Date": of.date,
            "WARC-Payload-Digest": of.payload_digest,
        }
        return self._write(url, "revisit", date, b"", own, Message(status, headers))

    def resource(self, url: str, date: datetime, content_type: str, body: bytes) -> int:
        """Writes a resource record; returns its offset."""
        return self._write(url, "resource", date, body, {}, content_type=content_type)

    def metadata(self, url: str, date: datetime, content_type: str, body: bytes) -> int:
        """Writes a metadata record; returns its offset."""
        return self._write(url, "metadata", date, body, {}, content_type=content_type)

    def _write(
        self,
        url: str,
        kind: str,
        date: datetime,
        body: bytes,
        own: Mapping[str, str],
        message: Message | None = None,
        content_type: str = "",
    ) -> int:
        http = None
        if message is not None:
            asks = kind == "request"
            headers = [(name, _one_line(value)) for name, value in message.headers]
            line = message.line if asks else _one_line(message.line)
            http = StatusAndHeaders(line, headers, protocol="" if asks else "HTTP/1.1", is_http_request=asks)
        headers_of_record = {
            "WARC-Date": stamp(date),
            "WARC-Record-ID": record_id(url, kind, date, body),
            **{name: _one_line(value) for name, value in own.items()},
        }
        plain = io.BytesIO()
        writer = WARCWriter(plain, gzip=False)
        writer.write_record(
            writer.create_warc_record(
                url, kind, payload=io.BytesIO(body), length=len(body), warc_content_type=content_type,
                warc_headers_dict=headers_of_record, http_headers=http,
            )
        )  # fmt: skip
        # warcio packs with level 9: a third of the time of all fetching, for 1 % of the bytes.
        offset, data = self._stream.tell(), gzip.compress(plain.getvalue(), 6, mtime=0)
        self._stream.write(data)
        self._new.append(IndexEntry(offset, len(data), hashlib.sha256(data).hexdigest(), kind, url))
        return offset


def first_note(journal: Path) -> bytes | None:
    """The first note of a journal; null where none was kept."""
    try:
        with journal.open("rb") as lines:
            note: str = json.loads(lines.readline())["note"]
            return note.encode()
    except (ValueError, KeyError, TypeError):
        return None


def record_id(url: str, kind: str, date: datetime, body: bytes) -> str:
    """A record's name, made from its content: the same pages give the same file, byte for byte."""
    named = f"{url} {stamp(date)} {hashlib.sha256(body).hexdigest()}"
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named if kind == 'response' else f'{kind} {named}')}>"


def stamp(date: datetime) -> str:
    """A moment as WARC headers write it."""
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text


def _is_there(entry: IndexEntry, records: io.BufferedReader) -> bool:
    records.seek(entry.offset)
    return hashlib.sha256(records.read(entry.length)).hexdigest() == entry.sha256
