"""What an extracted text has lost or wrongly taken up.

It counts quotations that are lost, and lines that do not belong to the article.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.gold_pages import GoldPage, visible_text

# A line is foreign if fewer than this share of its sequences of four words are the article's.
FOREIGN = 0.2
# Quotations and lines with fewer words are left out: they say little. In Chinese and Japanese characters are counted.
FEWEST, FEWEST_CJK = 4, 12
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_QUOTED = re.compile(r"“([^“”\n]+)”|\"([^\"\n]+)\"|«([^«»\n]+)»|„([^„“”\n]+)[“”]|「([^「」\n]+)」")


@dataclass(frozen=True)
class Leakage:
    """The number of a text's foreign lines: before the article's first line, between its lines, after its last.

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
    """The words of a text without case and punctuation; é is one character. Of Chinese and Japanese, which do not
    separate words, the characters."""
    return _TOKEN.findall(unicodedata.normalize("NFC", text).casefold())


def quotations(page: GoldPage) -> list[str]:
    """The quotations that a reader of the page sees and that are the article's, each once, as tokens between spaces.

    These are spans between quotation marks within one visible block whose words occur in the true body.
    """
    body = _joined(tokens(page.body))
    quoted = (next(filter(None, match.groups())) for match in _QUOTED.finditer(visible_text(page.html)))
    spans = (tokens(quotation) for quotation in quoted)
    return [span for span in dict.fromkeys(_joined(words) for words in spans if _is_long_enough(words)) if span in body]


def n_kept(quoted: Iterable[str], text: str) -> int:
    """How many of the quotations stand unbroken in a text."""
    joined = _joined(tokens(text))
    return sum(quotation in joined for quotation in quoted)


def leakage(body: str, text: str) -> Leakage:
    """The lines of a text that are not the body's, by where they stand."""
    body_sequences = set(_sequences(tokens(body)))
    foreign = []
    for line in text.split("\n"):
        words = tokens(line)
        if _is_long_enough(words):
            sequences = _sequences(words)
            n_of_body = sum(sequence in body_sequences for sequence in sequences)
            foreign.append(n_of_body < FOREIGN * len(sequences))
    if all(foreign):
        return Leakage(stray=len(foreign))
    first, last = foreign.index(False), len(foreign) - foreign[::-1].index(False)
    return Leakage(first, sum(foreign[first:last]), len(foreign) - last)


def _is_long_enough(words: list[str]) -> bool:
    n_separate = sum(re.match(f"[{_CJK}]", word) is None for word in words)
    return n_separate >= FEWEST or len(words) >= FEWEST_CJK


def _sequences(words: list[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3))]


def _joined(words: list[str]) -> str:
    return f" {' '.join(words)} "
