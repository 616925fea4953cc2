"""Sources: the outlets a user follows, one YAML file each in config/sources."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from etl.configuration.yaml_models import ConfigModel, load_model
from etl.errors import ConfigError, InputError
from etl.urls import has_valid_port, hostname

_timezones = cache(available_timezones)  # a slow walk through folders


class SourceFile(ConfigModel):
    """`config/sources/<name>.yaml`."""

    title: str
    hosts: list[str] = Field(min_length=1)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    timezone: str | None = None
    feeds: list[str] = []
    sitemaps: list[str] = []
    sections: list[str] = []
    lists: list[str] = []
    article_links: list[str] = []
    articles_per_day: tuple[int, int] | None = None
    delay_seconds: float | None = Field(default=None, ge=0, le=300)
    pages_per_visit: int | None = Field(default=None, ge=1, le=100_000)
    megabytes_per_visit: int | None = Field(default=None, ge=1, le=1_000_000)
    minutes_per_visit: float | None = Field(default=None, gt=0, le=24 * 60)
    sitemap_days: int = Field(default=8, ge=1, le=100_000)
    extractor: Literal["dateline", "newspaper"] = "dateline"
    checked: date | None = None

    @field_validator("checked", mode="before")
    @classmethod
    def _never_or_a_day(cls, value: object) -> object:
        if isinstance(value, str) and value != "never":
            raise ValueError("must be 'never' or a day such as 2026-11-23")
        return None if value == "never" else value

    @field_validator("feeds", "sitemaps", "sections")
    @classmethod
    def _web_addresses(cls, value: list[str]) -> list[str]:
        for address in value:
            if not address.startswith(("http://", "https://")) or not hostname(address) or not has_valid_port(address):
                raise ValueError(f"{address!r} is not an http or https address")
            if "@" in urlsplit(address).netloc:
                raise ValueError(f"{address!r} has a name or password in it; such addresses are not asked for")
        return value

    @field_validator("article_links")
    @classmethod
    def _patterns(cls, value: list[str]) -> list[str]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _sections_need_patterns(self) -> Self:
        if self.sections and not self.article_links:
            raise ValueError("'sections' need 'article_links': what the address of an article looks like")
        return self

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

    `listings` are where its pages are found, as (feed, sitemap, section or list, address or path); `article_links`
    regular expressions, one of which the address of an article matches. `articles_per_day`: least and most of an
    ordinary day; `checked`: the day its addresses were tried, or null; `sitemap_days`: pages that a sitemap dates
    earlier are not asked for; `extractor`: what finds the text of its pages, null for our own. What is null goes by
    the settings.
    """

    name: str
    title: str
    hosts: tuple[str, ...]
    country: str | None
    language: str | None
    timezone: ZoneInfo | None
    stamp: str
    listings: tuple[tuple[str, str], ...] = ()
    article_links: tuple[str, ...] = ()
    articles_per_day: tuple[int, int] | None = None
    delay_seconds: float | None = None
    checked: date | None = None
    pages_per_visit: int | None = None
    megabytes_per_visit: int | None = None
    minutes_per_visit: float | None = None
    sitemap_days: int = 8
    extractor: str | None = None

    @property
    def feeds(self) -> tuple[str, ...]:
        """The addresses of its feeds."""
        return tuple(address for kind, address in self.listings if kind == "feed")

    def is_article_link(self, url: str) -> bool:
        """Whether an address looks like an article's; without patterns any does."""
        return not self.article_links or any(re.search(pattern, url) for pattern in self.article_links)

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
        extractor = None if read.extractor == "dateline" else read.extractor
        parts = [path.stem, read.country, read.timezone, read.hosts, *([extractor, read.language] if extractor else [])]
        stamp = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]
        zone = ZoneInfo(read.timezone) if read.timezone else None
        source = Source(
            path.stem, read.title, tuple(h.lower() for h in read.hosts), read.country, read.language, zone, stamp,
            _listings(path, read), tuple(read.article_links), read.articles_per_day, read.delay_seconds, read.checked,
            read.pages_per_visit, read.megabytes_per_visit, read.minutes_per_visit, read.sitemap_days, extractor,
        )  # fmt: skip
        for host in (host.lower().removeprefix("www.") for host in read.hosts):
            if host in by_host:
                raise ConfigError(f"{path}: field 'hosts': {host} is already a host of {by_host[host].name!r}")
            by_host[host] = source
    return Sources(by_host)


def _listings(path: Path, read: SourceFile) -> tuple[tuple[str, str], ...]:
    """Where pages are found; paths of lists are taken from the source file's folder. Raises ConfigError."""
    listings = [("feed", a) for a in read.feeds] + [("sitemap", a) for a in read.sitemaps]
    listings += [("section", a) for a in read.sections]
    for name in read.lists:
        if name.startswith(("http://", "https://")):
            listings.append(("list", name))
            continue
        if not (place := path.parent / name).is_file():
            raise ConfigError(f"{path}: field 'lists': {place}: no such file")
        listings.append(("list", str(place)))
    return tuple(dict.fromkeys(listings))


def followed(folder: Path, names: Sequence[str] = ()) -> list[Source]:
    """The sources of a folder that have listings; of `names` only, where given. Raises ConfigError, InputError."""
    sources = {source.name: source for source in load_sources(folder)}
    if unknown := [name for name in names if name not in sources]:
        raise InputError(f"no source {unknown[0]!r}; there are: {', '.join(sources) or 'none'}")
    chosen = [sources[name] for name in names] if names else list(sources.values())
    if without := [source.name for source in chosen if names and not source.listings]:
        raise ConfigError(
            f"the source {without[0]!r} has no 'feeds', 'sitemaps', 'sections' or 'lists'; add some to its file in "
            "config/sources"
        )
    return [source for source in chosen if source.listings]
