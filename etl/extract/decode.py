"""Bytes of a page -> characters, as browsers read them (WHATWG Encoding Standard); and the cleaning of characters."""

from __future__ import annotations

import codecs
import re

import chardet
import webencodings
from chardet import EncodingEra

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE | re.ASCII)
_META = re.compile(rb"""<meta[^>]{0,300}?[\s"';]charset\s*=\s*["']?\s*([\w.:+-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:+-]+)""", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|<(?:[a-z/?]|!(?!\[))[^<>]*>?", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_HEAD = 8192  # bytes in which a page says what it is; browsers look at 1,024 and, waiting for more, at whole heads
_SAMPLE = 200_000  # bytes that are enough to guess from
_ERA = EncodingEra.ALL & ~EncodingEra.MAINFRAME
# Not guessed: what is dangerous, and what hardly any page is in, but was taken for pages that were in a like encoding.
_NEVER = [
    "utf-7", "cp437", "cp850", "cp858", "shift_jis_2004", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-13",
    "iso8859-14", "iso8859-15", "iso8859-16",
]  # fmt: skip
# Which share of the characters beyond ASCII may be broken in text whose encoding is right. UTF-8 is hardly ever met by
# accident: texts in 30 other encodings, read as UTF-8, were broken in 0.70 of theirs or more.
_FEW, _FEW_UTF8 = 0.05, 0.5
_GBK = ("gbk", "gb18030")  # Python's gbk is smaller than the one that browsers know by this name

# What a text must not hold: control characters, lone surrogates, noncharacters; characters that show a text in another
# order than it is written in; and those that nobody sees, but that part words (soft hyphens, zero-width spaces, byte
# order marks, tags). U+200C and U+200D stay: Persian and Hindi are spelled with them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = "\x0b\x0c\x85"  # of lines and pages: between words
_PLAIN = bytes([*b"\t\n\r", *range(0x20, 0x7F)])


def decode(payload: bytes, content_type: str = "") -> str:
    """A page's characters, cleaned. Never raises: bytes without meaning become U+FFFD.

    Believed are, in this order: a byte order mark; UTF-8 where it is that (beyond ASCII, hardly any text is by
    accident); the header; the page's own word; its letters.
    """
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return clean(payload[len(bom) :].decode(name, "replace"))
    wide = payload.count(0, 0, _HEAD) > len(payload[:_HEAD]) // 8  # UTF-16 or UTF-32: ASCII is half zeros or more
    if not wide and (text := _utf8(payload)) is not None:
        return clean(text)
    for label in _declared(payload, content_type):
        codec = _codec(label)
        if codec is None or (codec.startswith("utf-16") and not wide):  # a page whose `utf-16` can be read is none
            continue
        text = payload.decode(codec, "replace")
        if _is_mostly_read(text):
            return clean(text)
    return clean(payload.decode(_guess(payload), "replace"))


def clean(text: str) -> str:
    """The text without what only does harm in it: controls (but tab and line ends), directions, invisible characters.

    For what is read out of a page too: character references bring in again what was not in its bytes.
    """
    # Most of a page is ASCII, of which bytes.translate is rid much sooner than a regular expression has read it.
    suspects = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    for unwanted in set(_UNWANTED.findall(suspects.decode("utf-8", "surrogatepass"))):
        text = text.replace(unwanted, " " if unwanted in _BREAKS else "")
    return text


def _utf8(payload: bytes) -> str | None:
    """The text if it is ASCII or UTF-8, some broken bytes allowed; null where it is not, or ASCII with escapes."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("utf-8", "replace")
        return text if _is_mostly_read(text, _FEW_UTF8) else None
    escaped = b"\x1b" in payload and text.isascii()  # ISO-2022-JP and its kin
    return None if escaped else text


def _is_mostly_read(text: str, few: float = _FEW) -> bool:
    """Are there few broken characters, measured by those that show an encoding: the ones beyond ASCII?"""
    broken = text.count("\ufffd")
    return not broken or broken <= few * (len(text) - len(text.encode("ascii", "ignore")))


def _declared(payload: bytes, content_type: str) -> list[str]:
    head = _COMMENT.sub(b"", payload[:_HEAD])
    own = [*_META.findall(head), *_XML.findall(head[:300])]
    return [*_HEADER.findall(content_type), *(label.decode("ascii") for label in own)]


def _codec(label: str) -> str | None:
    """Python's name of the codec that browsers use for a label; null where they know none, or refuse it."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in ("replacement", "x-user-defined"):
        return None  # among the unknown: utf-7, and Python's own codecs
    return "gb18030" if encoding.name in _GBK else str(encoding.codec_info.name)


def _guess(payload: bytes) -> str:
    if not payload.isascii():  # by the letters of its text; the escapes of ISO-2022 hold `<`
        payload = _MARKUP.sub(b" ", payload)
    sample = payload[:_SAMPLE]
    found = chardet.detect(sample, encoding_era=_ERA, max_bytes=_SAMPLE, exclude_encodings=_NEVER)
    name = found["encoding"] or "cp1252"
    try:
        return _codec(name) or codecs.lookup(name).name
    except LookupError:
        return "cp1252"
