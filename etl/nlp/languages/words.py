"""Word lists as data: languages/<code>/words.yaml, and the lists of all languages in etl/nlp/vocabulary.

A file holds lists of words and tables (word -> words), each under a name. The YAML loader reads every scalar as a
string: `no` and `on` are words here, not booleans.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class WordLists:
    """The lists and tables of one file, in the order of the file. A name that the file lacks raises KeyError."""

    lists: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Mapping[str, tuple[str, ...]]]

    def words(self, *names: str) -> tuple[str, ...]:
        """Return the words of these lists one after the other; of a table, the words that its rows begin with."""
        return tuple(word for name in names for word in (self.tables if name in self.tables else self.lists)[name])

    def word_set(self, *names: str) -> frozenset[str]:
        """Return the words of these lists as a set."""
        return frozenset(self.words(*names))

    def pattern(self, *names: str) -> str:
        """Return the words of these lists as alternatives of a regular expression: `a|b|c`. In a word, `*` stands for
        any letters or none, `+` for a letter or more."""
        return "|".join(map(_word_pattern, self.words(*names)))

    def characters(self, name: str) -> str:
        """Return a list of single characters as one string, for a character class of a regular expression."""
        return "".join(self.lists[name])

    def table(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return a table: word -> words."""
        return self.tables[name]


def prefix_pattern(words: Iterable[str]) -> str:
    """Return a regular expression for any of these words in which words with the same beginning share it. Python tries
    alternatives one by one; for hundreds of words this is many times faster than `a|b|c`. The longest word that fits
    matches."""
    followers: dict[str, set[str]] = {}
    for word in words:
        followers.setdefault(word[:1], set()).add(word[1:])
    ends_here = followers.pop("", None) is not None
    branches = [re.escape(first) + prefix_pattern(ends) for first, ends in sorted(followers.items())]
    if not branches:
        return ""
    group = branches[0] if len(branches) == 1 and not ends_here else f"(?:{'|'.join(branches)})"
    return f"{group}?" if ends_here else group


def _word_pattern(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\+", r"\w+")


def language_words(code: str) -> WordLists:
    """Return the word lists of a language that has a folder."""
    return read_word_lists(_FOLDER / code / "words.yaml")


@cache
def words_of_all_languages(name: str) -> tuple[str, ...]:
    """Return the words of the lists of this name in all languages that have a folder. A language may lack the list."""
    codes = sorted(path.parent.name for path in _FOLDER.glob("*/words.yaml"))
    return tuple(word for code in codes for word in language_words(code).lists.get(name, ()))


@lru_cache(maxsize=32)
def read_word_lists(path: Path) -> WordLists:
    """Return the word lists of a file, read once a process."""
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    tables = {name: _table(value) for name, value in content.items() if isinstance(value, dict)}
    return WordLists(lists, tables)


def _table(rows: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {word: (value,) if isinstance(value, str) else tuple(value) for word, value in rows.items()}
