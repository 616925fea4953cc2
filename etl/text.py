"""Text: paragraphs, sentences, folding. The only ones in the house. Offsets are Unicode code points, half-open."""

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
_SENTENCE_LIMIT = 20_000  # a paragraph without an end is cut here, so that time stays linear
_SPACELESS = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff]"
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: half-open, in code points."""

    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """Where the paragraphs and sentences of a text are. Sentences never cross paragraphs."""

    paragraphs: tuple[Span, ...]
    sentences: tuple[Span, ...]

    @cached_property
    def _paragraph_starts(self) -> list[int]:
        return [span.start for span in self.paragraphs]

    @cached_property
    def _sentence_starts(self) -> list[int]:
        return [span.start for span in self.sentences]

    def paragraph_at(self, offset: int) -> int:
        """Number of the paragraph that holds the character at `offset`."""
        return max(bisect_right(self._paragraph_starts, offset) - 1, 0)

    def sentence_at(self, offset: int) -> int:
        """Number of the sentence that holds the character at `offset`."""
        return max(bisect_right(self._sentence_starts, offset) - 1, 0)


def lay_out(text: str, language: str | None = None) -> Layout:
    """Paragraphs (lines) and sentences of a text; spans carry no white space at their ends."""
    found = paragraphs(text)
    return Layout(tuple(found), tuple(s for paragraph in found for s in sentences(text, paragraph, language)))


def paragraphs(text: str) -> list[Span]:
    """The lines of a text that are not empty."""
    return [span for match in _PARAGRAPH.finditer(text) if (span := _trim(text, match.start(), match.end()))]


def sentences(text: str, paragraph: Span, language: str | None = None) -> list[Span]:
    """The sentences of a paragraph."""
    found = []
    for start in range(paragraph.start, paragraph.end, _SENTENCE_LIMIT):
        piece = text[start : min(start + _SENTENCE_LIMIT, paragraph.end)]
        position = start
        # segment() gives slices that join to the whole; its own indexes count differently across scripts.
        for slice_ in sentencex.segment(language or "en", piece):
            if span := _trim(text, position, position + len(slice_)):
                found.append(span)
            position += len(slice_)
    return found


def _trim(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


class _Plain(dict[int, str]):
    """Character -> character: typographic variants to their plain form; length never changes."""

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
    """The plain form in lower case and without accents; length never changes."""

    def __missing__(self, code: int) -> str:
        char = _PLAIN[code]
        # Accents are dropped from Latin, Greek and Cyrillic alone: in Korean and Japanese the parts of a character are
        # not accents. й is a letter of its own, but writers mix е and ё.
        has_accents = code < 0x530 or 0x1E00 <= code < 0x2000
        folded = unicodedata.normalize("NFD", char)[0] if has_accents and char not in "йЙ" else char
        lower = folded.lower()
        self[code] = lower if len(lower) == 1 else folded
        return self[code]


_PLAIN = _Plain()
_FOLDED = _Folded()


def plain(text: str) -> str:
    """Same length: apostrophes, hyphens and spaces in one form, so that "Xi’s" and no-break spaces match."""
    return text.translate(_PLAIN)


def fold(text: str) -> str:
    """Same length: plain, lower case, without accents. Offsets into the folded text are offsets into the text."""
    return text.translate(_FOLDED)


def spaceless(char: str) -> bool:
    """Is this a character of a script written without spaces between words?"""
    return bool(_SPACELESS.match(char))


def has_spaceless(text: str) -> bool:
    """Is any of it in a script written without spaces?"""
    return _SPACELESS.search(text) is not None


def word_count(text: str) -> int:
    """Words; in scripts without spaces, characters."""
    dense = len(_SPACELESS.findall(text))
    return dense + len(_WORD.findall(_SPACELESS.sub(" ", text))) if dense else len(_WORD.findall(text))


def tokens(text: str) -> list[str]:
    """The words, folded; in scripts without spaces, the characters."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        found.extend(word if spaceless(word[0]) else [word])
    return found


def word_begins(text: str, at: int) -> bool:
    """Does a word begin at `at`? Anywhere in scripts without spaces, and beside them."""
    return at == 0 or not (text[at - 1].isalnum() and text[at].isalnum()) or _spaceless_at(text, at)


def word_ends(text: str, at: int) -> bool:
    """Does a word end before `at`? Anywhere in scripts without spaces, and beside them."""
    return at >= len(text) or not (text[at - 1].isalnum() and text[at].isalnum()) or _spaceless_at(text, at)


def _spaceless_at(text: str, at: int) -> bool:
    return spaceless(text[at - 1]) or spaceless(text[at])


def words_key(text: str) -> str:
    """The words in lower case without punctuation, joined by one space: equal for the same words anywhere."""
    return " ".join(_WORD.findall(fold(text)))


def identifier(*parts: str) -> str:
    """24 hexadecimal digits (96 bits of SHA-256) that name these parts."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]


FORMULA_STARTS = (
    "=+-@\t\r"  # a spreadsheet takes a cell that starts with one of these for a formula (OWASP, CSV injection)
)


def safe_cell(value: Any) -> Any:
    """A cell of a CSV file for spreadsheets: what would be taken for a formula gets an apostrophe before it (OWASP)."""
    if isinstance(value, str) and value.startswith(tuple(FORMULA_STARTS)):
        return f"'{value}"
    return value
