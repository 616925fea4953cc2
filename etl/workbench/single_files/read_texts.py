"""Read texts from text files and JSON lines."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.errors import InputError
from etl.extract.dates.find import UNKNOWN, PublicationDate, read_date
from etl.ingest.text_rows import JSON_LINES_ENDINGS, BadRow, read_json_lines, text_fields

JsonRow = dict[str, Any]
STDIN = Path("-")


@dataclass(frozen=True)
class InputText:
    """A text that the user gave. `fields`: the JSON object it came in; `reject`: why the text cannot be used."""

    id: str
    text: str
    language: str | None
    fields: Mapping[str, Any]
    reject: str | None = None

    def published(self) -> PublicationDate:
        """The date of publication that the JSON object gives."""
        printed = self.fields.get("date")
        return read_date(str(printed), "given", None) if printed else UNKNOWN

    def reject_row(self) -> JsonRow:
        """The row to give for a text that cannot be used."""
        return {"id": self.id, "reject": {"reason": "bad_row", "detail": self.reject}}


def read_texts(paths: Iterable[Path]) -> Iterator[InputText | InputError]:
    """Read the texts of text files and JSON lines. A file that cannot be read is yielded as its error.

    A leading byte order mark is removed; offsets count the code points of the text without it.
    """
    for path in paths:
        try:
            content = _decode(path, sys.stdin.buffer.read() if path == STDIN else read_bytes(path))
            if path.name.lower().endswith(JSON_LINES_ENDINGS) or (path == STDIN and content.lstrip().startswith("{")):
                yield from _json_texts(path, content)
            else:
                yield InputText(str(path), content, None, {})
        except InputError as error:
            yield error


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes, unpacked if it is gzipped. Raises InputError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.lower().endswith(".gz") else data
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, not a file") from None
    except (EOFError, zlib.error):
        raise InputError(f"{path}: the gzip file is truncated or damaged") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _decode(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; convert it to UTF-8") from None


def _json_texts(path: Path, content: str) -> Iterator[InputText]:
    for number, row in read_json_lines(content.split("\n")):
        position = f"{path}:{number}"
        if isinstance(row, BadRow):
            yield InputText(position, "", None, {}, row.detail)
            continue
        fields = text_fields(row)
        text_id = position if fields.get("id") is None else str(fields["id"])
        language = fields.get("language")
        if not isinstance(fields.get("text"), str):
            yield InputText(text_id, "", None, row, "the field 'text' is missing or not a string")
        else:
            code = language if isinstance(language, str) and language else None
            yield InputText(text_id, fields["text"], code, {**row, **fields})
