"""URLs: their normal form, their registrable domain, and the choice of a page's canonical URL."""

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
_VARIANT_SUBDOMAINS = re.compile(r"^(?:(?:www|m|mobile|amp|wap)\.)+")
_AMP_START = re.compile(r"^/amp(?=/)/")
_AMP_ENDING = re.compile(r"(?:/amp/?|[.-]amp)(\.html?)?$", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^?#;/]*", re.IGNORECASE)
# Parameters that say how a page is shown or who reads it, not which page it is. A short `sid=1234` may be a story's id.
_NOT_IDENTIFYING_PARAMETER = re.compile(
    r"(?:amp(?:=1|=true)?|outputtype=amp|m=1|mobile=(?:1|true)"
    r"|(?:jsessionid|phpsessid|aspsessionid\w*|sessionid|session_id|sid|cfid|cftoken)=[\w.!-]{16,})",
    re.IGNORECASE,
)
_DAY_IN_PATH = re.compile(r"/(19[9]\d|20\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")


def is_web_address(address: str) -> bool:
    """Return whether an address starts with http:// or https://; others are paths of local files."""
    return address.startswith(("http://", "https://"))


@cache
def _suffixes() -> TLDExtract:
    """The list of public suffixes that the package contains: it needs no network and no cache in the user's home."""
    from tldextract import TLDExtract  # imported here because it is slow to import and not always needed

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=65_536)
def registrable_domain(url: str) -> str:
    """Return the domain that can be registered: `bbc.co.uk` for `https://www.bbc.co.uk/news`.

    For an IP address or a name of one label, return the host.
    """
    host = hostname(url)
    parts = _suffixes()(host)
    if parts.top_domain_under_public_suffix or parts.ipv4 or parts.ipv6:
        return parts.top_domain_under_public_suffix or host
    return ".".join(host.split(".")[-2:])  # without a known public suffix the last label is taken to be one


def hostname(url: str) -> str:
    """Return the host in lower case, or the empty string."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def has_valid_port(url: str) -> bool:
    """Whether a URL has no port or a port from 1 to 65535."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def normalise(url: str) -> str:
    """Return a URL in its normal form.

    The normal form has no fragment, no tracking parameters and no trailing slash; its query is sorted. Its scheme is
    always https, so that both schemes give one article; therefore it is not meant for fetching.
    """
    if not is_web_address(url):
        return url
    try:
        parts = urlsplit(normalize_url(url, strict=False))
    except ValueError:
        return url
    return urlunsplit(("https", parts.netloc, parts.path.rstrip("/"), parts.query, ""))


def page_key(url: str) -> str:
    """Return one key for all URLs of a page: the normal form without `www.` and without marks of AMP and mobile
    versions and of sessions.

    The key is not a URL. It only shows that a page is listed twice or was read before.
    """
    if cached := _AMP_CACHE.match(url):
        url = f"https://{cached[1]}"
    try:
        parts = urlsplit(normalise(_SESSION_IN_PATH.sub("", url)))
    except ValueError:
        return url
    host = _VARIANT_SUBDOMAINS.sub("", parts.netloc)
    if "." not in host:  # such as m.com
        host = parts.netloc
    path = _AMP_ENDING.sub(r"\1", _AMP_START.sub("/", parts.path))
    pairs = (pair for pair in parts.query.split("&") if pair and not _NOT_IDENTIFYING_PARAMETER.fullmatch(pair))
    return f"{host}{path.rstrip('/')}?{'&'.join(pairs)}".rstrip("?")


def is_plain(url: str) -> bool:
    """Whether a URL is the page's main URL: not one of an AMP or mobile version, and without a session id."""
    return normalise(url).removeprefix("https://").removeprefix("www.") == page_key(url)


def day_in_path(url: str) -> date | None:
    """Return the day that a URL contains (/2026/11/24/, 2026-11-24 or 20261124), or null."""
    for match in _DAY_IN_PATH.finditer(url):
        with suppress(ValueError):
            return date(*map(int, match.groups()))
    return None


def canonical(url: str, candidates: Iterable[str | None]) -> str:
    """Return the first credible candidate for the canonical URL of a page read at `url`, else `url`; normalised.

    A candidate is credible if it is on the same registrable domain and is not the home page: many sites declare their
    home page on every page.
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
