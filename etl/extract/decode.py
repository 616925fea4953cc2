"""Bytes of a page -> characters."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers read under these names (WHATWG Encoding Standard).
_AS_READ = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_REFUSED = {"utf-7", "utf7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "rot13", "rot_13"}


def decode(payload: bytes, content_type: str = "") -> str:
    """The page as characters: by BOM, UTF-8 if it is that, the header's or the page's charset, else by its letters.

    Never raises: bytes without meaning become U+FFFD. Lone surrogates and NULs are removed.
    """
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return _clean(payload[len(bom) :].decode(name, "replace"))
    declared = [*_HEADER.findall(content_type), *(m.decode("ascii", "ignore") for m in _META.findall(payload[:4096]))]
    for name in ("utf-8", *declared):
        if (text := _strict(payload, name)) is not None:
            return _clean(text)
    guess = from_bytes(payload[:200_000]).best()
    return _clean(payload.decode(guess.encoding if guess else "cp1252", "replace"))


def _strict(payload: bytes, name: str) -> str | None:
    name = name.lower()
    if name in _REFUSED:
        return None
    try:
        return payload.decode(_AS_READ.get(name, name))
    except (LookupError, UnicodeError, ValueError):
        return None


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
