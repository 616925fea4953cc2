"""Addresses: normal form, registrable domain, which canonical address to believe."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from courlan import normalize_url

if TYPE_CHECKING:
    from tldextract import TLDExtract

_AMP_CACHE = re.compile(r"https?://(?:www\.google\.[a-z.]+/amp/s/|[\w-]+\.cdn\.ampproject\.org/[cv]/s?/?)(.+)")
_TWIN_HOST = re.compile(r"^(?:(?:www|m|mobile|amp|wap)\.)+")
_AMP_START = re.compile(r"^/amp(?=/)/")
_AMP_ENDING = re.compile(r"(?:/amp/?|[.-]amp)(\.html?)?$", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^?#;/]*", re.IGNORECASE)
# A parameter that says how a page is shown, or who looks at it; not which page it is. `sid=1234` may be a story.
_EMPTY_PARAMETER = re.compile(
    r"(?:amp(?:=1|=true)?|outputtype=amp|m=1|mobile=(?:1|true)"
    r"|(?:jsessionid|phpsessid|aspsessionid\w*|sessionid|session_id|sid|cfid|cftoken)=[\w.!-]{16,})",
    re.IGNORECASE,
)
_DAY = re.compile(r"/(19[9]\d|20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


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


def has_port(url: str) -> bool:
    """Whether an address names a port that can be, or none."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


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


def page_key(url: str) -> str:
    """One key for all addresses of a page: as `normalise`, and without `www.`, AMP and mobile twins, session ids.

    Not an address: only to tell that a page is listed twice, or was read before.
    """
    if cached := _AMP_CACHE.match(url):
        url = f"https://{cached[1]}"
    try:
        parts = urlsplit(normalise(_SESSION_IN_PATH.sub("", url)))
    except ValueError:
        return url
    host = _TWIN_HOST.sub("", parts.netloc)
    if "." not in host:  # m.com
        host = parts.netloc
    path = _AMP_ENDING.sub(r"\1", _AMP_START.sub("/", parts.path))
    pairs = (pair for pair in parts.query.split("&") if pair and not _EMPTY_PARAMETER.fullmatch(pair))
    return f"{host}{path.rstrip('/')}?{'&'.join(pairs)}".rstrip("?")


def is_plain(url: str) -> bool:
    """Whether an address is a page's own: no AMP or mobile twin, no session."""
    return normalise(url).removeprefix("https://").removeprefix("www.") == page_key(url)


def day_in_path(url: str) -> date | None:
    """The day that an address names (/2026/11/24/, 2026-11-24, 20261124), if it names one."""
    for match in _DAY.finditer(url):
        with suppress(ValueError):
            return date(*map(int, match.groups()))
    return None


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
