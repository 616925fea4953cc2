"""One HTTP exchange, bounded and safe: sizes, times and headers are limited, private addresses refused.

Redirects are not followed here, and nothing is retried: `crawler` does both, politely.
"""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from etl import __version__
from etl.fetch.http.addresses import REFUSED, Network, socket_factory
from etl.urls import hostname

# Headers of the connection, not of what was said: they would be wrong beside the stored body.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "content-length"}
_GZIP = ("gzip", "x-gzip")


@dataclass(frozen=True)
class Limits:
    """Of one exchange: bytes of a page's body, packed or not; seconds in all, to connect, and of silence."""

    page_bytes: int = 10 * 2**20
    listing_bytes: int = 20 * 2**20
    seconds: float = 60.0
    connect_seconds: float = 15.0
    silent_seconds: float = 20.0
    header_bytes: int = 32 * 1024  # of one header
    headers: int = 200


@dataclass(frozen=True)
class Manners:
    """How a host is treated: seconds between requests, how often a request that failed is repeated, from how many
    seconds on the pause doubles then, and how long a visit waits at most for a host that wants to be left alone."""

    delay_seconds: float = 2.0
    retries: int = 2
    backoff_seconds: float = 1.0
    patience_seconds: float = 120.0


@dataclass(frozen=True)
class Web:
    """How the web is reached: who asks, what time it is, how hosts are treated, and whether a server plays it.

    `now` gives the time of a request. `replay` is the address of a server that answers for all hosts, as the world
    stood at that time (it is sent as Accept-Datetime, RFC 7089). `allowed` are networks that may be reached though
    they are not public.
    """

    user_agent: str
    now: Callable[[], datetime]
    manners: Manners = Manners()
    limits: Limits = Limits()
    replay: str | None = None
    allowed: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One request and what came back.

    `outcome` is ok, not_modified, http_error, timeout, unreachable, address_refused, too_large, cut_off, bad_headers
    or bad_encoding; `detail` says it in words where it is neither of the first two. `raw` is the body as it was sent
    (perhaps gzipped), `body` unpacked; both are empty where they could not be read whole, unless `truncated` says why
    their beginning was kept (as the WARC standard names it: length).
    """

    url: str
    requested_at: datetime
    outcome: str
    detail: str | None = None
    sent: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    body: bytes = b""
    ip: str | None = None
    truncated: str | None = None

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def user_agent(contact: str | None) -> str:
    """`Dateline/0.1.0 (+contact)`."""
    return f"Dateline/{__version__}" + (f" (+{contact})" if contact else "")


@dataclass(frozen=True)
class Client:
    """Asks for addresses. Make it with `connect`."""

    web: Web
    session: aiohttp.ClientSession = field(repr=False)

    async def ask(
        self, url: str, limit: int, headers: Mapping[str, str] | None = None, keep_beginning: bool = False
    ) -> Exchange:
        """One GET; never raises for what the other side does. `limit` in bytes of the body, packed or not.

        `keep_beginning`: of a longer body the first `limit` bytes are kept, and the outcome is ok.
        """
        so_far = Exchange(url, self.web.now(), "ok")
        if why := unaskable(url):
            return replace(so_far, outcome="unreachable", detail=why)
        reading = _Reading(so_far, limit, keep_beginning)
        try:
            async with asyncio.timeout(self.web.limits.seconds):
                return await self._read(url, dict(headers or {}), reading)
        except TimeoutError:
            return reading.failed("timeout", "no answer in time")
        except aiohttp.ClientConnectorDNSError:
            return reading.failed("unreachable", f"no address is known for {hostname(url)}")
        except aiohttp.ClientConnectorError as error:
            kind = "address_refused" if REFUSED in str(error.os_error) else "unreachable"
            return reading.failed(kind, _words(error.os_error))
        except (aiohttp.ClientResponseError, HttpProcessingError) as error:
            return reading.failed("bad_headers", _words(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return reading.failed("cut_off" if reading.exchange.status else "unreachable", _words(error))

    async def _read(self, url: str, headers: dict[str, str], reading: _Reading) -> Exchange:
        target, more = self._target(url, reading.exchange.requested_at)
        async with self.session.get(target, headers=headers | more, allow_redirects=False) as response:
            reading.exchange = replace(
                reading.exchange,
                sent=tuple((k, v) for k, v in response.request_info.headers.items()),
                status=response.status,
                headers=tuple((k, v) for k, v in response.headers.items() if k.lower() not in _HOP_BY_HOP),
                ip=_peer(response),
            )
            return await reading.all_of(response.content)

    def _target(self, url: str, requested_at: datetime) -> tuple[URL, dict[str, str]]:
        """The address to connect to, with the headers that a replaying server needs."""
        if self.web.replay is None:
            return URL(url), {}
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        when = requested_at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return URL(f"{self.web.replay}{path}", encoded=True), {"Host": parts.netloc, "Accept-Datetime": when}


@asynccontextmanager
async def connect(web: Web) -> AsyncIterator[Client]:
    """A client, for as long as the context lasts. Ambient proxies, .netrc and cookies are not used."""
    limits = web.limits
    factory = socket_factory(web.allowed) if web.replay is None else None
    connector = aiohttp.TCPConnector(limit=0, socket_factory=factory)  # no limit: a host has one connection at a time
    async with aiohttp.ClientSession(
        connector=connector,
        headers={"User-Agent": web.user_agent, "Accept-Encoding": "gzip"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_seconds, sock_read=limits.silent_seconds),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        max_line_size=limits.header_bytes,
        max_field_size=limits.header_bytes,
        max_headers=limits.headers,
    ) as session:
        yield Client(web, session)


@dataclass
class _Reading:
    """A body being read and unpacked, as far as it is allowed."""

    exchange: Exchange
    limit: int
    keep_beginning: bool

    async def all_of(self, stream: aiohttp.StreamReader) -> Exchange:
        encoding = (self.exchange.header("Content-Encoding") or "").strip().lower()
        if encoding not in ("", "identity", *_GZIP):
            return self.failed("bad_encoding", f"Content-Encoding {encoding[:50]!r} was not asked for")
        if encoding in _GZIP:
            return await self._gzip(stream)
        body = bytearray()
        while piece := await stream.read(2**16):
            body += piece
            if len(body) > self.limit:
                return self._too_long(bytes(body[: self.limit]), body)
        plain = bytes(body)
        return self._whole(plain, plain)

    async def _gzip(self, stream: aiohttp.StreamReader) -> Exchange:
        unpacker, raw, body = zlib.decompressobj(31), bytearray(), bytearray()
        while piece := await stream.read(2**16):
            raw += piece
            try:
                body += unpacker.decompress(piece, self.limit + 1 - len(body))
            except zlib.error as error:
                return self.failed("bad_encoding", f"not gzip: {error}")
            if max(len(raw), len(body)) > self.limit:
                return self._too_long(bytes(raw), body)
        if raw and not unpacker.eof:
            return self.failed("bad_encoding", "the gzip body is cut off")
        return self._whole(bytes(raw), bytes(body))

    def _whole(self, raw: bytes, body: bytes) -> Exchange:
        whole = replace(self.exchange, raw=raw, body=body)
        if whole.status == HTTPStatus.NOT_MODIFIED:
            return replace(whole, outcome="not_modified")
        if whole.status != HTTPStatus.OK:
            return replace(whole, outcome="http_error", detail=f"the server answered {whole.status}")
        return whole

    def _too_long(self, raw: bytes, body: bytearray) -> Exchange:
        if not self.keep_beginning:
            unpacked = " unpacked" if len(raw) < self.limit else ""
            return self.failed("too_large", f"more than {self.limit / 2**20:g} MiB{unpacked}")
        return replace(self._whole(raw, bytes(body[: self.limit])), truncated="length")

    def failed(self, outcome: str, detail: str) -> Exchange:
        """What came so far, without a body: what is not whole is not kept."""
        truncated = {"too_large": "length", "timeout": "time", "cut_off": "disconnect"}.get(outcome, "unspecified")
        status = self.exchange.status
        return replace(self.exchange, outcome=outcome, detail=detail, truncated=truncated if status else None)


def unaskable(url: str) -> str | None:
    """Why an address cannot be asked for, if it cannot."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        URL(url)
    except ValueError:
        return "this is not a web address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "only http and https addresses are asked for"
    return "an address with a name and password in it is not asked for" if "@" in parts.netloc else None


def _peer(response: aiohttp.ClientResponse) -> str | None:
    with suppress(AttributeError, TypeError, IndexError):
        return str(response.connection.transport.get_extra_info("peername")[0])  # type: ignore[union-attr]
    return None


def _words(error: BaseException) -> str:
    said = str(getattr(error, "message", "") or error).strip().splitlines() or [""]
    name = "" if isinstance(error, socket.gaierror) else f"{type(error).__name__}: "
    return f"{name}{said[0][:300]}"
