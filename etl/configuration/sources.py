"""Sources: the outlets that a user follows, one YAML file each in config/sources."""

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

from pydantic import ConfigDict, Field, field_validator, model_validator

from etl.configuration.yaml_models import ConfigModel, load_model
from etl.errors import ConfigError, InputError
from etl.urls import has_valid_port, hostname, is_web_address

_timezones = cache(available_timezones)  # walks through folders, which is slow


class SourceFile(ConfigModel):
    """The fields of `config/sources/<name>.yaml`. Fields that are null follow the settings."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    title: str
    hosts: tuple[str, ...] = Field(min_length=1)
    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")  # ISO 3166 alpha-3
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    timezone: ZoneInfo | None = None  # of the dates that its pages print
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    article_links: tuple[str, ...] = ()  # regular expressions; the URL of an article matches one of them
    articles_per_day: tuple[int, int] | None = None  # least and most of an ordinary day
    delay_seconds: float | None = Field(default=None, ge=0, le=300)
    pages_per_visit: int | None = Field(default=None, ge=1, le=100_000)
    megabytes_per_visit: int | None = Field(default=None, ge=1, le=1_000_000)
    minutes_per_visit: float | None = Field(default=None, gt=0, le=24 * 60)
    sitemap_days: int = Field(default=8, ge=1, le=100_000)  # pages that a sitemap dates earlier are not requested
    extractor: Literal["dateline", "newspaper"] = "dateline"
    checked: date | None = None  # the day on which its addresses were last tried

    @field_validator("hosts", mode="after")
    @classmethod
    def _lower_case(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.lower() for host in value)

    @field_validator("checked", mode="before")
    @classmethod
    def _read_checked(cls, value: object) -> object:
        if isinstance(value, str) and value != "never":
            raise ValueError("must be 'never' or a day such as 2026-11-23")
        return None if value == "never" else value

    @field_validator("feeds", "sitemaps", "sections")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if not is_web_address(address) or not hostname(address) or not has_valid_port(address):
                raise ValueError(f"{address!r} is not an http or https address")
            if "@" in urlsplit(address).netloc:
                raise ValueError(f"{address!r} contains a user name or password; such addresses are not requested")
        return value

    @field_validator("article_links")
    @classmethod
    def _check_patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _sections_need_patterns(self) -> Self:
        if self.sections and not self.article_links:
            raise ValueError("'sections' need 'article_links': patterns of the addresses of articles")
        return self

    @field_validator("articles_per_day")
    @classmethod
    def _check_least_and_most(cls, value: tuple[int, int] | None) -> tuple[int, int] | None:
        if value is not None and not 0 <= value[0] <= value[1]:
            raise ValueError("must be the least and the most of an ordinary day")
        return value

    @field_validator("timezone", mode="before")
    @classmethod
    def _read_timezone(cls, value: object) -> object:
        if isinstance(value, str):
            if value not in _timezones():
                raise ValueError("must be a time zone of the IANA list (such as Europe/Moscow)")
            return ZoneInfo(value)
        return value


class Source(SourceFile):
    """A source: what its file says, its name (the file's name), where its pages are listed, and its stamp.

    `listings` are (feed, sitemap, section or list; address or path). `stamp` is the hash of the fields that the
    extraction of its pages depends on.
    """

    name: str
    stamp: str
    listings: tuple[tuple[str, str], ...] = ()

    def is_article_link(self, url: str) -> bool:
        """Whether a URL looks like an article's; without patterns every URL does."""
        return not self.article_links or any(re.search(pattern, url) for pattern in self.article_links)

    def has(self, url: str) -> bool:
        """Whether a URL is on one of the source's hosts or their subdomains."""
        host = hostname(url)
        domains = [domain.removeprefix("www.") for domain in self.hosts]
        return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@dataclass(frozen=True)
class Sources:
    """All sources, by host without `www.`."""

    by_host: dict[str, Source]

    def of(self, url: str) -> Source | None:
        """The source of a URL, with or without `www.`; a subdomain's own source goes before its parent's."""
        host = hostname(url)
        while host:
            if source := self.by_host.get(host):
                return source
            host = host.partition(".")[2]
        return None

    def __iter__(self) -> Iterator[Source]:
        """Each source once, in order of names."""
        by_name = {source.name: source for source in self.by_host.values()}
        return iter(by_name[name] for name in sorted(by_name))

    @property
    def stamp(self) -> str:
        """Hash of what the extraction of all pages depends on."""
        parts = sorted(f"{host}={source.stamp}" for host, source in self.by_host.items())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


NO_SOURCES = Sources({})


def load_sources(folder: Path) -> Sources:
    """Read all sources of a folder. Raises ConfigError."""
    by_host: dict[str, Source] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = load_model(path, SourceFile)
        source = Source.model_construct(
            **dict(file), name=path.stem, stamp=_stamp(path.stem, file), listings=_listings(path, file)
        )
        for host in (host.removeprefix("www.") for host in source.hosts):
            if host in by_host:
                raise ConfigError(f"{path}: field 'hosts': {host} is already a host of {by_host[host].name!r}")
            by_host[host] = source
    return Sources(by_host)


def _stamp(name: str, file: SourceFile) -> str:
    parts = [name, file.country, file.timezone and file.timezone.key, list(file.hosts)]
    if file.extractor != "dateline":
        parts += [file.extractor, file.language]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:16]


def _listings(path: Path, file: SourceFile) -> tuple[tuple[str, str], ...]:
    """Where pages are listed; paths of lists start at the source file's folder. Raises ConfigError."""
    listings = [
        (kind, address)
        for kind, addresses in (("feed", file.feeds), ("sitemap", file.sitemaps), ("section", file.sections))
        for address in addresses
    ]
    for name in file.lists:
        if is_web_address(name):
            listings.append(("list", name))
        elif (list_path := path.parent / name).is_file():
            listings.append(("list", str(list_path)))
        else:
            raise ConfigError(f"{path}: field 'lists': {list_path}: no such file")
    return tuple(dict.fromkeys(listings))


def followed(folder: Path, names: Sequence[str] = ()) -> list[Source]:
    """The sources of a folder that have listings, or those in `names`. Raises ConfigError, InputError."""
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
