"""Sources: the outlets a user follows, one YAML file each in config/sources."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from etl.config import ConfigModel, load_model
from etl.errors import ConfigError
from etl.urls import hostname


class SourceFile(ConfigModel):
    """`config/sources/<name>.yaml`."""

    title: str
    hosts: list[str] = Field(min_length=1)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    timezone: str | None = None
    feeds: list[str] = []
    checked: bool = False

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("is not a time zone of the IANA list (such as Europe/Moscow)")
        return value


@dataclass(frozen=True)
class Source:
    """A source: `name` is its file's name; `country` ISO alpha-3; `timezone` of its printed dates."""

    name: str
    title: str
    hosts: tuple[str, ...]
    country: str | None
    language: str | None
    timezone: ZoneInfo | None
    stamp: str


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
        source = Source(path.stem, read.title, tuple(read.hosts), read.country, read.language, zone, stamp)
        for host in (host.lower().removeprefix("www.") for host in read.hosts):
            if host in by_host:
                raise ConfigError(f"{path}: field 'hosts': {host} is already a host of {by_host[host].name!r}")
            by_host[host] = source
    return Sources(by_host)
