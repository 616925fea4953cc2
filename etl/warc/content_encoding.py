"""The body of an archived response without its transfer and content encodings (RFC 9110, 8.4).

A body is often stored otherwise than its header says: as it was before it was encoded, or cut off. So a body that does
not begin as its encoding should is returned as it is, and of one that breaks off, what could be decoded is returned.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa
from warcio.bufferedreaders import ChunkedDataReader

_PIECE = 2**14  # bytes that are decoded at a time; of a body that breaks off, whole pieces are kept
_GZIP_MAGIC = b"\x1f\x8b\x08"


def decoded_body(block: bytes, transfer_encoding: str, content_encoding: str, limit: int) -> bytes:
    """Return at most `limit` bytes of a body. The encodings are the values of the headers; empty if there are none."""
    body = ChunkedDataReader(io.BytesIO(block)).read() if "chunked" in transfer_encoding.lower() else block
    names = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    if not names and body.startswith(_GZIP_MAGIC):
        names = ["gzip"]
    for name in reversed(names):
        body = _decoded(body, name, limit)
    return body[:limit]


def _decoded(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body without one encoding; as it is if the encoding is unknown or not the body's."""
    for decode in _DECODERS.get(encoding, ()):
        pieces: list[bytes] = []
        try:
            for piece in decode(body):
                pieces.append(piece)
                if sum(map(len, pieces)) >= limit:
                    break
        except (zlib.error, OSError):  # what pyarrow raises for bytes that are not in the encoding
            if not any(pieces):
                continue
        return b"".join(pieces)
    return body


def _inflated(window_bits: int) -> Callable[[bytes], Iterator[bytes]]:
    """Return a decoder of gzip, zlib or raw deflate; a body may have several gzip members."""

    def decode(body: bytes) -> Iterator[bytes]:
        is_first = True
        while is_first or body.startswith(_GZIP_MAGIC):
            is_first = False
            decompressor = zlib.decompressobj(window_bits)
            while body:
                yield decompressor.decompress(body, _PIECE)
                body = decompressor.unconsumed_tail
            yield decompressor.flush()
            body = decompressor.unused_data

    return decode


def _decompressed(codec: str) -> Callable[[bytes], Iterator[bytes]]:
    def decode(body: bytes) -> Iterator[bytes]:
        with pa.CompressedInputStream(pa.BufferReader(body), codec) as stream:
            while piece := stream.read(_PIECE):
                yield piece

    return decode


_GZIP = (_inflated(31),)
_DECODERS: dict[str, tuple[Callable[[bytes], Iterator[bytes]], ...]] = {
    "gzip": _GZIP,
    "x-gzip": _GZIP,
    "deflate": (_inflated(15), _inflated(-15)),  # zlib, as the standard says, or raw, as some servers send
    "br": (_decompressed("brotli"),),
    "zstd": (_decompressed("zstd"),),
}
