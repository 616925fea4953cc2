"""Removed records leave no byte, and all others can be read as before, at the same offsets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import InputError
from etl.warc.reader import read_index, read_metadata, read_warc, scan
from etl.warc.redaction import remove_records
from etl.warc.writer import WarcFile

AT = datetime(2025, 9, 1, tzinfo=UTC)


@pytest.fixture(params=["a.warc.gz", "a.warc"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    import gzip

    path = tmp_path / "a.warc.gz"
    with WarcFile(path) as warc:
        for n in range(4):
            body = f"<p>page {n} secret{n} {'long text ' * n * 10_000}</p>".encode()
            warc.response(f"https://s.example/{n}", AT, "200 OK", [("Content-Type", "text/html")], body)
        warc.metadata("https://s.example/", AT, "application/x", b'{"rows": ["one", "secret", "three"]}')
    if request.param.endswith(".gz"):
        return path
    plain = tmp_path / request.param
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


def contents(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()


@pytest.mark.parametrize("removed", [[0], [1], [3], [0, 2], [0, 1, 2, 3]])
def test_removed_records_are_gone_and_the_others_stay(path: Path, removed: list[int]) -> None:
    before, size = list(read_warc(path)), path.stat().st_size
    offsets = [entry.offset for entry in scan(path).index]
    remove_records(path, scan(path).index, [offsets[n] for n in removed], {})
    assert list(read_warc(path)) == [record for n, record in enumerate(before) if n not in removed]
    assert path.stat().st_size == size
    assert [entry.offset for entry in read_index(path)] == offsets
    assert scan(path).damage == []
    assert scan(path).index == read_index(path)
    assert all((f"secret{n}".encode() in contents(path)) == (n not in removed) for n in range(4))


def test_the_body_of_a_metadata_record_is_replaced(path: Path) -> None:
    offset = scan(path).index[-1].offset
    remove_records(path, scan(path).index, [], {offset: b'{"rows": ["one", "three"]}'})
    body = read_metadata(path, "application/x")
    assert body is not None
    assert body.strip() == b'{"rows": ["one", "three"]}'
    assert b'"secret"' not in contents(path)
    assert len(list(read_warc(path))) == 4


def test_arc_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be removed from an ARC file"):
        remove_records(tmp_path / "a.arc.gz", [], [0], {})
