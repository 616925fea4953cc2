"""Bodies of archived responses are read without their encodings."""

from __future__ import annotations

import gzip
import random
import zlib

import pyarrow as pa
import pytest

from etl.warc.content_encoding import decoded_body

LIMIT = 2**20
BODY = "<p>Двое 中国 said so.</p>".encode() * 2000


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(body) + compressor.flush()


def codec(name: str, body: bytes) -> bytes:
    return bytes(pa.compress(body, name, asbytes=True))


def in_chunks(body: bytes) -> bytes:
    pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


STORED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "GZIP, gzip": gzip.compress(gzip.compress(BODY)),
    "deflate": zlib.compress(BODY),
    " deflate ": raw_deflate(BODY),
    "br": codec("brotli", BODY),
    "zstd": codec("zstd", BODY),
    "gzip,br": codec("brotli", gzip.compress(BODY)),
    "identity": BODY,
}


@pytest.mark.parametrize("encoding", STORED)
def test_every_encoding_is_read(encoding: str) -> None:
    assert decoded_body(STORED[encoding], "", encoding, LIMIT) == BODY
    assert decoded_body(in_chunks(STORED[encoding]), "chunked", encoding, LIMIT) == BODY


@pytest.mark.parametrize("encoding", STORED)
def test_a_body_that_is_not_in_its_encoding_is_returned_as_it_is(encoding: str) -> None:
    assert decoded_body(BODY, "chunked", encoding, LIMIT) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_of_a_body_that_breaks_off_its_beginning_is_returned(encoding: str) -> None:
    body = random.Random(0).randbytes(300_000)
    stored = codec({"br": "brotli"}.get(encoding, encoding), body) if encoding != "deflate" else zlib.compress(body)
    cut = decoded_body(stored[: len(stored) * 3 // 4], "", encoding, LIMIT)
    assert len(cut) > 100_000
    assert body.startswith(cut)


def test_several_members_and_a_missing_header() -> None:
    assert decoded_body(gzip.compress(b"a") + gzip.compress(b"b"), "", "gzip", LIMIT) == b"ab"
    assert decoded_body(gzip.compress(BODY), "", "", LIMIT) == BODY


@pytest.mark.parametrize("name", ["gzip", "brotli", "zstd"])
def test_a_bomb_is_read_up_to_the_limit(name: str) -> None:
    bomb = codec(name, b"0" * 2**28)
    assert decoded_body(bomb, "", {"brotli": "br"}.get(name, name), 1000) == b"0" * 1000
