from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.decode import decode


@pytest.mark.parametrize(
    ("payload", "header", "text", "teaches"),
    [
        ("Путин".encode("cp1251"), "text/html; charset=windows-1251", "Путин", "the header says"),
        (b'<meta charset="gb2312">' + "中国".encode("gbk"), "", '<meta charset="gb2312">中国', "the page says"),
        ("中国".encode(), "text/html; charset=gb2312", "中国", "UTF-8 that is valid is believed before a header"),
        (codecs.BOM_UTF16_LE + "Xi".encode("utf-16-le"), "text/html; charset=utf-8", "Xi", "a byte order mark decides"),
        (b"caf\xe9", "text/html; charset=iso-8859-1", "café", "Latin-1 is read as browsers do"),
        (b"\x93no\x94", "text/html; charset=iso-8859-1", "“no”", "so that its quotation marks survive"),
        (b"a\x00b", "", "ab", "NULs are dropped"),
        ("é".encode(), "text/html; charset=utf-7", "é", "utf-7 is refused"),
        (b"plain", "text/html; charset=no-such-thing", "plain", "an unknown name is passed over"),
    ],
)
def test_decode(payload: bytes, header: str, text: str, teaches: str) -> None:
    assert decode(payload, header) == text, teaches


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_give_characters_that_can_be_written(payload: bytes, header: str) -> None:
    decode(payload, f"text/html; charset={header}").encode("utf-8")


@pytest.mark.corpora
def test_other_peoples_files_in_51_encodings_never_fail(corpora: Path) -> None:
    import tarfile

    with tarfile.open(corpora / "wire" / "encodings-chardet.tar.xz") as archive:
        files = [member for member in archive if member.isfile()]
        assert len(files) > 400
        for member in files:
            stream = archive.extractfile(member)
            assert stream is not None
            decode(stream.read()).encode("utf-8")
