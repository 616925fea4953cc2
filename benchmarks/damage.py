"""What an extracted text has lost and what it has picked up: quotations gone, lines that are not the article's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.gold_pages import GoldPage, visible_text

FOREIGN = 0.2  # a line of whose runs of four words fewer than this share are the article's is not the article's
FEWEST, FEWEST_CJK = 4, 12  # words, or characters where words are not parted: shorter quotations and lines say little
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_QUOTED = re.compile(r"“([^“”\n]+)”|\"([^\"\n]+)\"|«([^«»\n]+)»|„([^„“”\n]+)[“”]|「([^「」\n]+)」")


@dataclass(frozen=True)
class Leakage:
    """A text's foreign lines: before the article's first line, between its lines, after its last.

    Where no line is the article's, all are `stray` instead.
    """

    start: int = 0
    middle: int = 0
    end: int = 0
    stray: int = 0

    @property
    def lines(self) -> int:
        """All foreign lines."""
        return self.start + self.middle + self.end + self.stray


def tokens(text: str) -> list[str]:
    """Words without case and punctuation, é as one character; of Chinese and Japanese the characters, as their words
    are not parted."""
    return _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())


def quotations(page: GoldPage) -> list[str]:
    """The quotations that a reader of the page sees and that are the article's, each once, as tokens between spaces.

    Pairs of quotation marks within one visible block; what stands between them must occur in the true body.
    """
    body = _joined(tokens(page.body))
    found = (next(filter(None, match.groups())) for match in _QUOTED.finditer(visible_text(page.html)))
    spans = (tokens(quotation) for quotation in found)
    return [span for span in dict.fromkeys(_joined(words) for words in spans if _says_something(words)) if span in body]


def kept(quoted: Iterable[str], text: str) -> int:
    """How many of the quotations stand in a text unbroken."""
    joined = _joined(tokens(text))
    return sum(quotation in joined for quotation in quoted)


def leakage(body: str, text: str) -> Leakage:
    """The lines of a text that are not the body's, by where they stand."""
    own = set(_runs(tokens(body)))
    foreign = []
    for line in text.split("\n"):
        words = tokens(line)
        if _says_something(words):
            runs = _runs(words)
            foreign.append(sum(run in own for run in runs) < FOREIGN * len(runs))
    if all(foreign):
        return Leakage(stray=len(foreign))
    first, last = foreign.index(False), len(foreign) - foreign[::-1].index(False)
    return Leakage(first, sum(foreign[first:last]), len(foreign) - last)


def _says_something(words: list[str]) -> bool:
    apart = sum(re.match(f"[{_CJK}]", word) is None for word in words)
    return apart >= FEWEST or len(words) >= FEWEST_CJK


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3))]


def _joined(words: list[str]) -> str:
    return f" {' '.join(words)} "
