"""Paragraphs, sentences, words and folding of texts, as all stages use them.

Offsets count Unicode code points; the end offset of a span is exclusive.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sentencex

_PARAGRAPH = re.compile(r"[^\n]+")
_WIDE_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_SENTENCE_LIMIT = 20_000  # characters; longer paragraphs are cut here, so that the time stays linear
# Scripts that are written without spaces between words, as first and last code points: kana, Han (three blocks), Thai
# and Lao, Myanmar, Khmer.
SPACELESS_SCRIPTS = (
    (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x0E00, 0x0EFF), (0x1000, 0x109F),
    (0x1780, 0x17FF),
)  # fmt: skip
_SPACELESS = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in SPACELESS_SCRIPTS) + "]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text: half-open, in code points."""

    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """The spans of a text's paragraphs and sentences. A sentence never crosses the end of a paragraph."""

    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [span.start for span in self.paragraphs]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [span.start for span in self.sentences]

    def paragraph_at(self, offset: int) -> int:
        """Return the number of the paragraph that holds the character at `offset`."""
        return max(bisect_right(self._paragraph_starts, offset) - 1, 0)

    def sentence_at(self, offset: int) -> int:
        """Return the number of the sentence that holds the character at `offset`."""
        return max(bisect_right(self._sentence_starts, offset) - 1, 0)


def lay_out(text: str, language: str | None = None) -> Layout:
    """Find the paragraphs (lines) and sentences of a text. Spans have no white space at their ends."""
    lines = paragraphs(text)
    return Layout(tuple(lines), tuple(s for paragraph in lines for s in sentences(text, paragraph, language)))


def paragraphs(text: str) -> list[Span]:
    """Return the lines of a text that are not empty."""
    return [span for match in _PARAGRAPH.finditer(text) if (span := _trim(text, match.start(), match.end()))]


def sentences(text: str, paragraph: Span, language: str | None = None) -> list[Span]:
    """Return the sentences of a paragraph."""
    spans = []
    for start in range(paragraph.start, paragraph.end, _SENTENCE_LIMIT):
        piece = text[start : min(start + _SENTENCE_LIMIT, paragraph.end)]
        position = start
        # Before a full stop these spaces make sentencex panic.
        piece = _WIDE_SPACE.sub(" ", piece)
        # segment() returns slices that join to the whole piece. Its own indexes do not count code points in all
        # scripts, so positions are counted here.
        for slice_ in sentencex.segment(language or "en", piece):
            if span := _trim(text, position, position + len(slice_)):
                spans.append(span)
            position += len(slice_)
    return spans


def _trim(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


class _Plain(dict[int, str]):
    """A table for str.translate that replaces typographic variants by plain characters, one for one."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = char
        if char in "\u2019\u02bc\u2018`\u00b4":
            plain = "'"
        elif char in "\u2010\u2011":
            plain = "-"
        elif char.isspace() and char != "\n":
            plain = " "
        self[code] = plain
        return plain


class _Folded(_Plain):
    """A table for str.translate that gives plain characters in lower case and without accents, one for one."""

    def __missing__(self, code: int) -> str:
        char = _PLAIN[code]
        # Only Latin, Greek and Cyrillic letters lose their accents: in Korean and Japanese the parts of a character are
        # not accents. й stays, as it is a separate letter; ё becomes е, as writers mix the two.
        has_accents = code < 0x530 or 0x1E00 <= code < 0x2000
        folded = unicodedata.normalize("NFD", char)[0] if has_accents and char not in "йЙ" else char
        lower = folded.lower()
        self[code] = lower if len(lower) == 1 else folded
        return self[code]


_PLAIN = _Plain()
_FOLDED = _Folded()


def plain(text: str) -> str:
    """Replace apostrophes, hyphens and spaces by one form of each, so that "Xi’s" and "Xi's" match.

    The length stays the same.
    """
    return text.translate(_PLAIN)


def fold(text: str) -> str:
    """Return the text in plain characters, in lower case and without accents.

    The length stays the same, so that offsets into the folded text are offsets into the text.
    """
    return text.translate(_FOLDED)


def spaceless(char: str) -> bool:
    """Whether a character belongs to a script that is written without spaces between words."""
    return bool(_SPACELESS.match(char))


def has_spaceless(text: str) -> bool:
    """Whether a text has characters of a script that is written without spaces between words."""
    return _SPACELESS.search(text) is not None


def word_count(text: str) -> int:
    """Count the words; in scripts without spaces, each character counts as a word."""
    characters = len(_SPACELESS.findall(text))
    return characters + len(_WORD.findall(_SPACELESS.sub(" ", text))) if characters else len(_WORD.findall(text))


def tokens(text: str) -> list[str]:
    """Return the words, folded; in scripts without spaces, the characters."""
    words: list[str] = []
    for word in _WORD.findall(fold(text)):
        words.extend(word if spaceless(word[0]) else [word])
    return words


def word_begins(text: str, at: int) -> bool:
    """Whether a word may begin at offset `at`: always true in and beside scripts without spaces."""
    return at == 0 or not (text[at - 1].isalnum() and text[at].isalnum()) or _spaceless_at(text, at)


def word_ends(text: str, at: int) -> bool:
    """Whether a word may end before offset `at`: always true in and beside scripts without spaces."""
    return at >= len(text) or not (text[at - 1].isalnum() and text[at].isalnum()) or _spaceless_at(text, at)


def _spaceless_at(text: str, at: int) -> bool:
    return spaceless(text[at - 1]) or spaceless(text[at])


def words_key(text: str) -> str:
    """Return the folded words joined by single spaces, without punctuation: equal for texts of the same words."""
    return " ".join(_WORD.findall(fold(text)))


def identifier(*parts: str) -> str:
    """Return an identifier of these parts: 24 hexadecimal digits (96 bits of their SHA-256)."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


# A spreadsheet takes a cell that starts with one of these for a formula (OWASP, CSV injection), also in full width.
FORMULA_STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"

# Control characters, which can move a terminal's cursor or change what it shows, and marks that reverse the direction.
_TERMINAL_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """Return a text for a terminal: control characters as escapes such as \\u001b; tabs and line breaks stay."""
    return _TERMINAL_CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def safe_cell(value: Any) -> Any:
    """Return a value that is safe in a CSV file: a text that a spreadsheet would run as a formula gets an apostrophe
    before it (as OWASP advises).
    """
    if isinstance(value, str) and value.startswith(tuple(FORMULA_STARTS)):
        return f"'{value}"
    return value


def readable_bytes(size: int) -> str:
    """Return a number of bytes for people, such as 1.5 GiB."""
    amount, unit = float(size), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:,.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:,.1f} {unit}"
