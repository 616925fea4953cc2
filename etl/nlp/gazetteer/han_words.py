"""The boundaries of words in Chinese, which has no spaces.

With them the name 王毅 is not found where the words are 国王 and 毅然.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import rjieba

from etl.nlp.languages.words import language_words

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
# Words that consist of one-character names of countries and mean something else.
_OTHER_WORDS = language_words("zh").word_set("words_of_short_names")


@dataclass(frozen=True)
class HanWords:
    """The words of a text with Chinese characters: where they begin, and the word (start, end) of each character."""

    starts: frozenset[int]
    word_at: Mapping[int, tuple[int, int]]

    def may_be(self, start: int, end: int) -> bool:
        """Can text[start:end] be a name? It must begin where a word begins, and end where a word ends or within its
        first word."""
        if start not in self.starts:
            return False
        return end in self.starts or end not in self.word_at or self.word_at[end - 1][0] == start


def is_chinese(text: str) -> bool:
    """Does the text have Chinese characters and no Japanese ones?"""
    return bool(_HAN.search(text)) and not _KANA.search(text)


def segmenter(names: Iterable[str]) -> rjieba.Jieba:
    """Return a segmenter that knows these names, except those of two characters, which often stand across two other
    words."""
    jieba = rjieba.Jieba()
    for name in names:
        if len(name) > 2 and _HAN.match(name):
            jieba.add_word(name, None, None)
    return jieba


def han_words(text: str, segmented: rjieba.Jieba) -> HanWords:
    """Return the words of a Chinese text."""
    starts, word_at, at = set(), {}, 0
    for word in segmented.cut(text):
        starts.add(at)
        word_at.update(dict.fromkeys(range(at, at + len(word)), (at, at + len(word))))
        at += len(word)
    return HanWords(frozenset(starts), word_at)


def short_names(text: str, words: HanWords, names: str) -> list[int]:
    """Return the places of one-character names of countries, where two or more stand together: 中俄元首, 中美俄,
    中俄关系."""
    places: list[int] = []
    for run in re.finditer(f"[{names}]{{2,5}}", text):
        start, end = run.span()
        while start < end and start not in words.starts:
            start += 1
        last = words.word_at[end - 1]
        if end < last[1] and start < last[0]:  # the last belongs to the next word: 中|国庆
            end = last[0]
        if end - start >= 2 and text[start : max(end, last[1])] not in _OTHER_WORDS:
            places += range(start, end)
    return places
