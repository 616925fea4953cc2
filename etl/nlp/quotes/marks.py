"""Spans between quotation marks. Marks may be unbalanced or wrong; such a mark must not spoil the rest of the text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etl.nlp.languages.words import language_words
from etl.text import Span

_PAIRS = {"“": "”", "„": "“”", "«": "»", "‹": "›", "「": "」", "『": "』", '"': '"', "‘": "’", "'": "'"}
_DOUBLE_CLOSERS = "”»」』"
UTTERANCE = 8  # from so many words on, text between marks is nearly always a quotation: 98 in 100 in PolNeAR
_LONGEST = 4000  # characters between a pair of marks; marks further apart are no pair
_PARAGRAPH_GAP = 10  # characters between two paragraphs: line breaks and an indent
_SINGLE = "‘'"
_CLIPPED = re.compile(rf"(?:{language_words('en').pattern('clipped_words')}|\d\ds?)\b")  # rock ’n’ roll, the ’90s


@dataclass(frozen=True)
class MarkedSpan:
    """Text between a pair of marks, without them. `open_at` and `close_at` are the offsets of the marks.

    `closed` is false where the paragraph ends before a closing mark and the next one begins with the opening mark again
    (a speech of several paragraphs).
    """

    start: int
    end: int
    open_at: int
    close_at: int
    closed: bool = True


class Marks:
    """The spans between marks of one text in order, looked up by their places. `chains`: see chained()."""

    def __init__(self, marked: Sequence[MarkedSpan]) -> None:
        self.all = tuple(marked)
        self._opens, self._closes = [m.open_at for m in marked], [m.close_at for m in marked]
        self.chains = chained(marked)

    def around(self, at: int) -> MarkedSpan | None:
        """Return the span whose text or marks hold the character at `at`."""
        number = bisect_right(self._opens, at) - 1
        return self.all[number] if number >= 0 and at <= self._closes[number] else None

    def before(self, at: int) -> MarkedSpan | None:
        """Return the last span whose closing mark stands before `at`."""
        number = bisect_left(self._closes, at)
        return self.all[number - 1] if number else None

    def after(self, at: int) -> MarkedSpan | None:
        """Return the first span whose opening mark stands behind `at`."""
        number = bisect_right(self._opens, at)
        return self.all[number] if number < len(self.all) else None

    def between(self, start: int, end: int) -> tuple[MarkedSpan, ...]:
        """Return the spans that the text between `start` and `end` touches."""
        numbers = self.numbers(start, end)
        return self.all[numbers.start : numbers.stop]

    def numbers(self, start: int, end: int) -> range:
        """Return the numbers of the spans that the text between `start` and `end` touches."""
        return range(bisect_left(self._closes, start), bisect_left(self._opens, end))


def chained(marked: Sequence[MarkedSpan]) -> tuple[tuple[MarkedSpan, ...], ...]:
    """Return the spans in groups: those that are one speech together, where the mark is opened again in every paragraph
    and closed in the last one."""
    chains: list[list[MarkedSpan]] = []
    for span in marked:
        last = chains[-1][-1] if chains else None
        if last and not last.closed and span.open_at - last.close_at <= _PARAGRAPH_GAP:
            chains[-1].append(span)
        else:
            chains.append([span])
    return tuple(map(tuple, chains))


def find_marked(text: str, paragraphs: tuple[Span, ...]) -> list[MarkedSpan]:
    """Return the spans between marks in order, without overlaps. Quotations inside quotations belong to the outer
    one."""
    spans: list[MarkedSpan] = []
    for number, paragraph in enumerate(paragraphs):
        following = text[paragraphs[number + 1].start] if number + 1 < len(paragraphs) else ""
        spans += _in_paragraph(text, paragraph, following)
    return spans


def _in_paragraph(text: str, paragraph: Span, following: str) -> Iterator[MarkedSpan]:
    """The spans of a paragraph. `following`: the first character of the next paragraph."""
    position = paragraph.start
    unclosed: dict[str, int] = {}  # opening mark -> up to where nothing closes it, so that time stays linear
    while (open_at := _next_opening(text, position, paragraph)) is not None:
        doubled = _doubled(text, open_at, paragraph)
        close_at = (_closing_doubled if doubled else _closing)(text, open_at, paragraph, unclosed)
        if close_at is not None:
            yield from _marked(text, open_at, close_at, width=2 if doubled else 1)
            position = close_at + 1
            continue
        if doubled:
            position = open_at + 2
            continue
        if following == text[open_at] and text[open_at] not in _SINGLE and paragraph.end - open_at > 2:
            yield MarkedSpan(open_at + 1, paragraph.end, open_at, paragraph.end, closed=False)
            return
        position = open_at + 1


def _marked(text: str, open_at: int, close_at: int, width: int) -> Iterator[MarkedSpan]:
    """The span between two marks, without white space at its ends; none if it has no letter and no digit. `close_at`:
    the offset of the closing mark's last character; `width`: how many characters a mark has."""
    start, end = open_at + width, close_at - width + 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        yield MarkedSpan(start, end, open_at, close_at)


def _next_opening(text: str, start: int, paragraph: Span) -> int | None:
    """Where the next mark opens from `start` on."""
    for at in range(start, paragraph.end - 1):
        char = text[at]
        if char in _SINGLE and _CLIPPED.match(text, at + 1):
            continue
        if char in "“„«‹「『" or (char in "\"‘'" and _at_word_start(text, at, paragraph)):
            return at
        if char in "'`" and _doubled(text, at, paragraph):
            return at
        # A closing mark before a word is an opening one by mistake.
        if char == "”" and _at_word_start(text, at, paragraph):
            return at
    return None


def _at_word_start(text: str, at: int, paragraph: Span) -> bool:
    """Does a mark stand before a word, and not right behind a word or its punctuation?"""
    before = text[at - 1] if at > paragraph.start else " "
    after = text[at + 1] if at + 1 < paragraph.end else " "
    return not before.isalnum() and before not in ".,!?…)" and (after.isalnum() or after in "‘“[(…¿¡«—'$£€")


def _doubled(text: str, at: int, paragraph: Span) -> bool:
    """Do two single marks stand for a double one, before a word: \'\'like this\'\' or ``like this\'\'?"""
    return text[at : at + 2] in ("''", "``") and _at_word_start(text, at + 1, Span(at + 1, paragraph.end))


def _closing_doubled(text: str, open_at: int, paragraph: Span, unclosed: dict[str, int]) -> int | None:
    """Where the two single marks opened at `open_at` close: the offset of the last character."""
    limit = min(paragraph.end, open_at + _LONGEST)
    start = max(open_at + 2, unclosed.get("''", 0))
    while (at := text.find("''", start, limit)) >= 0:
        after = at + 2
        while text[after : after + 1] == "'" and after < limit:  # a single mark closes just before
            after += 1
        if not text[after : after + 1].isalnum():
            return after - 1
        start = after
    unclosed["''"] = limit
    return None


def _closing(text: str, open_at: int, paragraph: Span, unclosed: dict[str, int]) -> int | None:
    """Where the mark opened at `open_at` closes; null where it does not, or where another opens before."""
    opener = text[open_at]
    limit = min(paragraph.end, open_at + _LONGEST)
    start = max(open_at + 1, unclosed.get(opener, 0))
    if opener in _SINGLE:
        close_at = _closing_single(text, max(start, open_at + 2), limit, curly=opener == "‘")
        if close_at is None:
            unclosed[opener] = limit
        return close_at
    closers = _PAIRS.get(opener, "”")
    mismatched = '"' if opener in "“”" else _DOUBLE_CLOSERS if opener == '"' else ""
    depth = 0
    for at in range(start, limit):
        char = text[at]
        if char == opener and char not in '"”':
            # The same mark opens again: nested if such marks are nested («…«…»…»), else the first one is never closed.
            if opener in "“„":
                return None
            depth += 1
        elif char in closers and not (char == '"' and _at_word_start(text, at, paragraph)):
            if opener == "”" and _at_word_start(text, at, paragraph):
                return None
            if depth == 0:
                return at
            depth -= 1
        elif char in mismatched and not _at_word_start(text, at, paragraph):
            return at
    unclosed[opener] = limit
    return None


def _closing_single(text: str, start: int, limit: int, curly: bool) -> int | None:
    """Where a single mark closes. One behind punctuation closes. One behind a word may be an apostrophe: it closes if
    another single mark opens later, or if the marks are curly."""
    first = None
    for at in range(start, limit):
        if text[at] not in "’'‘":
            continue
        opens = at + 1 < len(text) and text[at + 1].isalnum()
        if opens and first is not None and text[at - 1].isspace() and not _CLIPPED.match(text, at + 1):
            return first
        if opens or text[at] == "‘":
            continue
        if text[at - 1] in ".,!?…":
            return at if first is None or not curly else first
        if first is None and text[at - 1].isalnum() and text[at - 2] not in _SINGLE + "’":
            first = at
    return first if curly else None
