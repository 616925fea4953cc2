"""Read topics: one YAML file each in config/topics, with examples that must and must not match."""

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


class _ExampleModel(ConfigModel):
    text: str
    title: str = ""
    outlet: str = ""
    language: _Language | None = None


class _TestsModel(ConfigModel):
    must_match: list[str | _ExampleModel] = []
    must_not_match: list[str | _ExampleModel] = []


class _TopicModel(ConfigModel):
    """`config/topics/<name>.yaml`."""

    title: str
    query: str
    within: MentionLevel = "sentence"
    languages: list[_Language] = Field(default=["en"], min_length=1)
    description: str = ""
    tests: _TestsModel = _TestsModel()


@dataclass(frozen=True)
class Example:
    """A text in a topic's file that must match or must not match. If `language` is null, it is identified."""

    text: str
    title: str = ""
    outlet: str = ""
    language: str | None = None


@dataclass(frozen=True)
class Topic:
    """A topic.

    `name`: the name of its file without .yaml. `query_text`: the query as it stands in the file. `within`: the kind of
    span that must satisfy the query. `languages`: those of the articles that are matched.
    """

    name: str
    title: str
    query: Query
    query_text: str
    within: MentionLevel
    languages: tuple[str, ...]
    description: str
    must_match: tuple[Example, ...]
    must_not_match: tuple[Example, ...]

    @property
    def stamp(self) -> str:
        """The hash of all that its mentions depend on: not its title, description and tests."""
        return hashlib.sha256(f"{self.query_text}|{self.within}|{sorted(self.languages)}".encode()).hexdigest()[:16]


def load_topic(path: Path) -> Topic:
    """Read a topic file. Raises ConfigError with file, line and field."""
    if not re.fullmatch(r"[\w.-]+", path.stem):
        raise ConfigError(f"{path}: a topic's file name may contain only letters, digits, '-', '_' and '.'; rename it")
    model = load_model(path, _TopicModel)
    try:
        query = parse_query(model.query)
    except QueryError as error:
        line = line_of(path.read_text(encoding="utf-8-sig"), ("query",))
        raise ConfigError(f"{path}:{line}: field 'query': {error}") from None
    return Topic(
        path.stem, model.title, query, model.query, model.within, tuple(model.languages), model.description,
        _examples(model.tests.must_match), _examples(model.tests.must_not_match),
    )  # fmt: skip


def _examples(items: list[str | _ExampleModel]) -> tuple[Example, ...]:
    return tuple(Example(item) if isinstance(item, str) else Example(**item.model_dump()) for item in items)


def load_topics(folder: Path) -> list[Topic]:
    """Read all topics of a folder, ordered by name. Raises ConfigError."""
    if misnamed := sorted(folder.glob("*.yml")):
        raise ConfigError(f"{misnamed[0]}: the name of a topic's file must end in .yaml; rename it")
    topics = []
    for path in sorted(folder.glob("*.yaml")):
        stat = path.stat()
        topics.append(_cached_topic(path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return topics


@lru_cache(maxsize=1 << 14)
def _cached_topic(path: Path, *_: int) -> Topic:
    """Read a topic file, but again only if its time, size or inode changes: a run loads the topics for each batch."""
    return load_topic(path)


def find_topic(folder: Path, name: str) -> Topic:
    """Read the topic of this name. Raises InputError, which names the known topics, if there is none."""
    path = folder / f"{name}.yaml"
    if not path.is_file() or "/" in name:
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known topics: {', '.join(known) or 'none'}"
        raise InputError(f"no topic {name!r} in {folder}; {hint}")
    return load_topic(path)
