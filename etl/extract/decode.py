"""Decoding of a page's bytes as browsers do it (WHATWG Encoding Standard), and removal of unwanted characters."""

from __future__ import annotations

import codecs
import re

import chardet
import webencodings
from chardet import EncodingEra

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins with the mark of UTF-16, so it is tried first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE | re.ASCII)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,300}?[\s"';]charset\s*=\s*["']?\s*([\w.:+-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:+-]+)""", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|<(?:[a-z/?]|!(?!\[))[^<>]*>?", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
# Bytes in which a declaration is looked for. Browsers look at 1,024 bytes, and at whole heads while they wait for more.
_HEAD = 8192
_SAMPLE = 200_000  # bytes from which the encoding is guessed
_GUESSED_ENCODINGS = EncodingEra.ALL & ~EncodingEra.MAINFRAME
# Never guessed: dangerous encodings, and rare ones that pages in similar encodings were mistaken for.
_NEVER_GUESSED = [
    "utf-7", "cp437", "cp850", "cp858", "shift_jis_2004", "iso8859-3", "iso8859-4", "iso8859-10", "iso8859-13",
    "iso8859-14", "iso8859-15", "iso8859-16",
]  # fmt: skip
# The largest share of non-ASCII characters that may be broken if an encoding is right. Other encodings are rarely
# mistaken for UTF-8: when texts in 30 of them were read as UTF-8, at least 0.70 of these characters were broken.
_MOST_BROKEN, _MOST_BROKEN_UTF8 = 0.05, 0.5
_GBK = ("gbk", "gb18030")  # Python's gbk has fewer characters than the encoding that browsers call gbk

# Characters that are removed: control characters, lone surrogates and noncharacters; characters that change the
# direction of the text; and invisible ones that split words (soft hyphens, zero-width spaces, byte order marks, tags).
# U+200C and U+200D are not removed, as the spelling of Persian and Hindi needs them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = "\x0b\x0c\x85"  # line and page breaks, which are replaced by a space
_HARMLESS_ASCII = bytes([*b"\t\n\r", *range(0x20, 0x7F)])


def decode(payload: bytes, content_type: str = "") -> str:
    """Decode a page and clean its text. Never raises: bytes that cannot be decoded become U+FFFD.

    The encoding is, in this order: that of a byte order mark; UTF-8, if the bytes are valid UTF-8 or nearly so; the one
    that the HTTP header declares; the one that the page declares; a guess from the letters.
    """
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return clean(payload[len(bom) :].decode(name, "replace"))
    # In UTF-16 and UTF-32 at least half of the bytes of ASCII characters are zeros.
    is_wide = payload.count(0, 0, _HEAD) > len(payload[:_HEAD]) // 8
    if not is_wide and (text := _utf8(payload)) is not None:
        return clean(text)
    for label in _declared_labels(payload, content_type):
        codec = _codec(label)
        if codec is None or (codec.startswith("utf-16") and not is_wide):  # without zeros it is not UTF-16
            continue
        text = payload.decode(codec, "replace")
        if _is_mostly_readable(text):
            return clean(text)
    return clean(payload.decode(_guess(payload), "replace"))


def clean(text: str) -> str:
    """Remove control characters (except tabs and line ends), direction marks and invisible characters.

    Values read from a parsed page must be cleaned too, as character references can bring such characters in again.
    """
    # Most of a page is ASCII, which bytes.translate removes much faster than a regular expression reads it.
    suspects = text.encode("utf-8", "surrogatepass").translate(None, _HARMLESS_ASCII)
    for unwanted in set(_UNWANTED.findall(suspects.decode("utf-8", "surrogatepass"))):
        text = text.replace(unwanted, " " if unwanted in _BREAKS else "")
    return text


def _utf8(payload: bytes) -> str | None:
    """Return the text if it is UTF-8 (some bytes may be broken); null if it is not, or if it is ASCII with escapes."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("utf-8", "replace")
        return text if _is_mostly_readable(text, _MOST_BROKEN_UTF8) else None
    has_escapes = b"\x1b" in payload and text.isascii()  # ISO-2022-JP and similar encodings
    return None if has_escapes else text


def _is_mostly_readable(text: str, most_broken: float = _MOST_BROKEN) -> bool:
    """Whether at most this share of the non-ASCII characters is broken. ASCII characters say nothing here."""
    broken = text.count("\ufffd")
    return not broken or broken <= most_broken * (len(text) - len(text.encode("ascii", "ignore")))


def _declared_labels(payload: bytes, content_type: str) -> list[str]:
    """Return the labels of encodings in the HTTP header, the meta tags and the XML declaration, in this order."""
    head = _COMMENT.sub(b"", payload[:_HEAD])
    in_page = [*_META_CHARSET.findall(head), *_XML_ENCODING.findall(head[:300])]
    return [*_HEADER_CHARSET.findall(content_type), *(label.decode("ascii") for label in in_page)]


def _codec(label: str) -> str | None:
    """Return Python's name of the codec that browsers use for a label; null if they do not know or refuse it."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in ("replacement", "x-user-defined"):
        return None  # unknown to browsers are utf-7 and the codecs that only Python has
    return "gb18030" if encoding.name in _GBK else str(encoding.codec_info.name)


def _guess(payload: bytes) -> str:
    """Guess the encoding from the letters of the page's text."""
    if not payload.isascii():  # escape sequences of ISO-2022, which is ASCII, contain `<`
        payload = _MARKUP.sub(b" ", payload)
    sample = payload[:_SAMPLE]
    guess = chardet.detect(sample, encoding_era=_GUESSED_ENCODINGS, max_bytes=_SAMPLE, exclude_encodings=_NEVER_GUESSED)
    name = guess["encoding"] or "cp1252"
    try:
        return _codec(name) or codecs.lookup(name).name
    except LookupError:
        return "cp1252"
