"""Addresses: normal form, registrable domain, which canonical address to believe."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from courlan import normalize_url

if TYPE_CHECKING:
    from tldextract import TLDExtract


@cache
def _suffixes() -> TLDExtract:
    """The list of public suffixes that comes with the package: no network, no cache in the user's home."""
    from tldextract import TLDExtract  # slow to import, and not always needed

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=65_536)
def registrable_domain(url: str) -> str:
    """`https://www.bbc.co.uk/news` -> `bbc.co.uk`; the host itself for an IP address or one label."""
    host = hostname(url)
    found = _suffixes()(host)
    if found.top_domain_under_public_suffix or found.ipv4 or found.ipv6:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # a name of no public suffix: its last label is taken for one


def hostname(url: str) -> str:
    """The host in lower case, or the empty string."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def normalise(url: str) -> str:
    """The address in one spelling: no fragment, no tracking parameters, sorted query, no trailing slash, http as https.

    Not an address to fetch (the scheme is made https so that both spellings are one article).
    """
    if not url.startswith(("http://", "https://")):
        return url
    try:
        parts = urlsplit(normalize_url(url, strict=False))
    except ValueError:
        return url
    return urlunsplit(("https", parts.netloc, parts.path.rstrip("/"), parts.query, ""))


def canonical(url: str, candidates: Iterable[str | None]) -> str:
    """The first candidate that is credible for a page read at `url`, else `url`; normalised.

    Credible: on the same registrable domain, and not the home page (many sites name their home page on every page).
    """
    for candidate in candidates:
        if not candidate:
            continue
        try:
            absolute = urljoin(url, candidate.strip())
            parts = urlsplit(absolute)
        except ValueError:
            continue
        if parts.scheme not in ("http", "https") or not (parts.path.strip("/") or parts.query):
            continue
        if registrable_domain(absolute) == registrable_domain(url):
            return normalise(absolute)
    return normalise(url)
