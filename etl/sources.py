"""Sources: the outlets a user follows, one YAML file each in config/sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from etl.config import ConfigModel, load_model
from etl.errors import ConfigError, InputError
from etl.urls import hostname

_timezones = cache(available_timezones)  # a slow walk through folders


class SourceFile(ConfigModel):
    """`config/sources/<name>.yaml`."""

    title: str
    hosts: list[str] = Field(min_length=1)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    timezone: str | None = None
    feeds: list[str] = []
    articles_per_day: tuple[int, int] | None = None
    delay_seconds: float | None = Field(default=None, ge=0, le=300)
    checked: date | None = None

    @field_validator("checked", mode="before")
    @classmethod
    def _never_or_a_day(cls, value: object) -> object:
        if isinstance(value, str) and value != "never":
            raise ValueError("must be 'never' or a day such as 2026-11-23")
        return None if value == "never" else value

    @field_validator("feeds")
    @classmethod
    def _web_addresses(cls, value: list[str]) -> list[str]:
        for feed in value:
            if not feed.startswith(("http://", "https://")) or not hostname(feed):
                raise ValueError(f"{feed!r} is not an http or https address")
        return value

    @field_validator("articles_per_day")
    @classmethod
    def _least_and_most(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is not None and not 0 <= value[0] <= value[1]:
            raise ValueError("must be the least and the most of an ordinary day")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str | None) -> str | None:
        if value is not None and value not in _timezones():
            raise ValueError("must be a time zone of the IANA list (such as Europe/Moscow)")
        return value


@dataclass(frozen=True)
class Source:
    """A source: `name` is its file's name; `country` ISO alpha-3; `timezone` of its printed dates.

    `articles_per_day`: least and most of an ordinary day; `checked`: the day its addresses were tried, or null.
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    country: str | None
    language: str | None
    timezone: ZoneInfo | None
    stamp: str
    feeds: tuple[str, ...] = ()
    articles_per_day: tuple[int, int] | None = None
    delay_seconds: float | None = None
    checked: date | None = None

    def has(self, url: str) -> bool:
        """Whether an address lies on one of the source's hosts."""
        host = hostname(url)
        return any(host == own or host.endswith(f".{own}") for own in (h.removeprefix("www.") for h in self.hosts))


@dataclass(frozen=True)
class Sources:
    """All sources, found by host."""

    by_host: dict[str, Source]

    def of(self, url: str) -> Source | None:
        """The source whose host this is, `www.` or not; a host's own entry goes before its parents'."""
        host = hostname(url)
        while host:
            if found := self.by_host.get(host):
                return found
            host = host.partition(".")[2]
        return None

    def __iter__(self) -> Iterator[Source]:
        """Each source once, in order of names."""
        return iter(sorted({source.name: source for source in self.by_host.values()}.values(), key=lambda s: s.name))

    @property
    def stamp(self) -> str:
        parts = sorted(f"{host}={source.stamp}" for host, source in self.by_host.items())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


NO_SOURCES = Sources({})


def load_sources(folder: Path) -> Sources:
    """All sources of a folder. Raises ConfigError."""
    by_host: dict[str, Source] = {}
    for path in sorted(folder.glob("*.yaml")):
        read = load_model(path, SourceFile)
        stamp = hashlib.sha256(f"{path.stem}|{read.country}|{read.timezone}|{read.hosts}".encode()).hexdigest()[:16]
        zone = ZoneInfo(read.timezone) if read.timezone else None
        source = Source(
            path.stem, read.title, tuple(h.lower() for h in read.hosts), read.country, read.language, zone, stamp,
            tuple(dict.fromkeys(read.feeds)), read.articles_per_day, read.delay_seconds, read.checked,
        )  # fmt: skip
        for host in (host.lower().removeprefix("www.") for host in read.hosts):
            if host in by_host:
                raise ConfigError(f"{path}: field 'hosts': {host} is already a host of {by_host[host].name!r}")
            by_host[host] = source
    return Sources(by_host)


def followed(folder: Path, names: Sequence[str] = ()) -> list[Source]:
    """The sources of a folder that have feeds; those of `names` only, where given. Raises ConfigError, InputError."""
    sources = {source.name: source for source in load_sources(folder)}
    if unknown := [name for name in names if name not in sources]:
        raise InputError(f"no source {unknown[0]!r}; there are: {', '.join(sources) or 'none'}")
    chosen = [sources[name] for name in names] if names else list(sources.values())
    if without := [source.name for source in chosen if names and not source.feeds]:
        raise ConfigError(f"the source {without[0]!r} has no feeds; add them to its file in config/sources")
    return [source for source in chosen if source.feeds]
