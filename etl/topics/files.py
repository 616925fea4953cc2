"""Topics: one YAML file each in config/topics, with sentences that must and must not match."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from etl.configuration.yaml_models import ConfigModel, line_of, load_model
from etl.errors import ConfigError, InputError, QueryError
from etl.topics.query import parse_query
from etl.topics.terms import Query
from schemas.values import MentionLevel

_Language = Annotated[str, Field(pattern="^[a-z]{2,3}$")]


class _Example(ConfigModel):
    text: str
    title: str = ""
    outlet: str = ""
    language: _Language | None = None


class _Tests(ConfigModel):
    must_match: list[str | _Example] = []
    must_not_match: list[str | _Example] = []


class _TopicFile(ConfigModel):
    """`config/topics/<name>.yaml`."""

    title: str
    query: str
    within: MentionLevel = "sentence"
    languages: list[_Language] = Field(default=["en"], min_length=1)
    description: str = ""
    tests: _Tests = _Tests()


@dataclass(frozen=True)
class Example:
    """A text of a topic's file that must, or must not, match; its language is identified where it is null."""

    text: str
    title: str = ""
    outlet: str = ""
    language: str | None = None


@dataclass(frozen=True)
class Topic:
    """A topic: `name` is its file's; `within` the span that must satisfy the query; `languages` of its articles."""

    name: str
    title: str
    query: Query
    written: str
    within: MentionLevel
    languages: tuple[str, ...]
    description: str
    must_match: tuple[Example, ...]
    must_not_match: tuple[Example, ...]

    @property
    def stamp(self) -> str:
        """Hash of what decides its mentions; its title, description and tests do not."""
        return hashlib.sha256(f"{self.written}|{self.within}|{sorted(self.languages)}".encode()).hexdigest()[:16]


def load_topic(path: Path) -> Topic:
    """One topic file. Raises ConfigError with file, line and field."""
    if not re.fullmatch(r"[\w.-]+", path.stem):
        raise ConfigError(f"{path}: a topic's file name may hold letters, digits, '-', '_' and '.' only; rename it")
    read = load_model(path, _TopicFile)
    try:
        query = parse_query(read.query)
    except QueryError as error:
        line = line_of(path.read_text(encoding="utf-8-sig"), ("query",))
        raise ConfigError(f"{path}:{line}: field 'query': {error}") from None
    return Topic(
        path.stem, read.title, query, read.query, read.within, tuple(read.languages), read.description,
        _examples(read.tests.must_match), _examples(read.tests.must_not_match),
    )  # fmt: skip


def _examples(given: list[str | _Example]) -> tuple[Example, ...]:
    return tuple(Example(e) if isinstance(e, str) else Example(**e.model_dump()) for e in given)


def load_topics(folder: Path) -> list[Topic]:
    """All topics of a folder, by name. Raises ConfigError."""
    if other := sorted(folder.glob("*.yml")):
        raise ConfigError(f"{other[0]}: a topic's file ends in .yaml; rename it")
    found = []
    for path in sorted(folder.glob("*.yaml")):
        stat = path.stat()
        found.append(_as_it_was(path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return found


@lru_cache(maxsize=1 << 14)
def _as_it_was(path: Path, *_: int) -> Topic:
    """A file is read once, until it changes: a run asks for the topics with every batch."""
    return load_topic(path)


def find_topic(folder: Path, name: str) -> Topic:
    """One topic by name. Raises InputError that names the ones there are."""
    path = folder / f"{name}.yaml"
    if not path.is_file() or "/" in name:
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise InputError(f"no topic {name!r} in {folder}; {hint}")
    return load_topic(path)
