"""One HTTP exchange: size, time and headers are limited, and private addresses are refused.

This module neither follows redirects nor retries; `crawler` does both.
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
from etl.fetch.http.addresses import NOT_PUBLIC, Network, socket_factory
from etl.urls import hostname

# Headers that describe the connection, not the content: they would be wrong beside the stored body.
_CONNECTION_HEADERS = {"connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "content-length"}
_GZIP_ENCODINGS = ("gzip", "x-gzip")


@dataclass(frozen=True)
class ExchangeLimits:
    """Limits of one exchange.

    `page_bytes` and `listing_bytes` limit the body of a page and of a listing, both as sent and decompressed.
    `seconds` limits the whole exchange, `connect_seconds` the connection, `idle_seconds` the time without any data.
    """

    page_bytes: int = 10 * 2**20
    listing_bytes: int = 20 * 2**20
    seconds: float = 60.0
    connect_seconds: float = 15.0
    idle_seconds: float = 20.0
    header_bytes: int = 32 * 1024  # of one header
    headers: int = 200


@dataclass(frozen=True)
class Politeness:
    """How a host is treated.

    `delay_seconds` is the pause between two requests, `retries` how often a failed request is repeated. After a
    failure the pause doubles, starting from `backoff_seconds`. `max_wait_seconds` is how long a visit waits for a
    host at most.
    """

    delay_seconds: float = 2.0
    retries: int = 2
    backoff_seconds: float = 1.0
    max_wait_seconds: float = 120.0


@dataclass(frozen=True)
class ClientSettings:
    """How the web is reached.

    `now` returns the time of a request. `replay` is the address of a server that answers for all hosts, as they were
    at that time, which is sent as Accept-Datetime (RFC 7089). `allowed` are networks that may be reached although
    they are not public.
    """

    user_agent: str
    now: Callable[[], datetime]
    politeness: Politeness = Politeness()
    limits: ExchangeLimits = ExchangeLimits()
    replay: str | None = None
    allowed: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    `outcome` is ok, not_modified, http_error, timeout, unreachable, address_refused, too_large, cut_off, bad_headers
    or bad_encoding; `detail` explains every outcome but the first two. `raw` is the body as it was sent (perhaps
    gzipped), `body` the decompressed body. Both are empty if the body could not be read completely, unless the caller
    asked to keep its beginning. `truncated` is the reason in the words of the WARC standard (length, time, …).
    """

    url: str
    requested_at: datetime
    outcome: str
    detail: str | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    body: bytes = b""
    ip: str | None = None
    truncated: str | None = None

    def header(self, name: str) -> str | None:
        """Return the value of the first response header with this name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def user_agent(contact: str | None) -> str:
    """Return the User-Agent header: `Dateline/0.1.0 (+contact)`."""
    return f"Dateline/{__version__}" + (f" (+{contact})" if contact else "")


@dataclass(frozen=True)
class Client:
    """An HTTP client. Create it with `connect`."""

    settings: ClientSettings
    session: aiohttp.ClientSession = field(repr=False)

    async def request(
        self, url: str, limit: int, headers: Mapping[str, str] | None = None, keep_beginning: bool = False
    ) -> Exchange:
        """Send one GET request; never raise because of what the server does.

        `limit` is the size of the body in bytes, both as sent and decompressed. With `keep_beginning` the first
        `limit` bytes of a longer body are kept and the outcome is ok.
        """
        exchange = Exchange(url, self.settings.now(), "ok")
        if problem := url_problem(url):
            return replace(exchange, outcome="unreachable", detail=problem)
        reader = _BodyReader(exchange, limit, keep_beginning)
        try:
            async with asyncio.timeout(self.settings.limits.seconds):
                return await self._read(url, dict(headers or {}), reader)
        except TimeoutError:
            return reader.failed("timeout", "no answer in time")
        except aiohttp.ClientConnectorDNSError:
            return reader.failed("unreachable", f"the host name {hostname(url)} could not be resolved")
        except aiohttp.ClientConnectorError as error:
            outcome = "address_refused" if NOT_PUBLIC in str(error.os_error) else "unreachable"
            return reader.failed(outcome, _error_message(error.os_error))
        except (aiohttp.ClientResponseError, HttpProcessingError) as error:
            return reader.failed("bad_headers", _error_message(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return reader.failed("cut_off" if reader.exchange.status else "unreachable", _error_message(error))

    async def _read(self, url: str, headers: dict[str, str], reader: _BodyReader) -> Exchange:
        target, replay_headers = self._target(url, reader.exchange.requested_at)
        async with self.session.get(target, headers=headers | replay_headers, allow_redirects=False) as response:
            reader.exchange = replace(
                reader.exchange,
                request_headers=tuple((k, v) for k, v in response.request_info.headers.items()),
                status=response.status,
                headers=tuple((k, v) for k, v in response.headers.items() if k.lower() not in _CONNECTION_HEADERS),
                ip=_peer_ip(response),
            )
            return await reader.read(response.content)

    def _target(self, url: str, requested_at: datetime) -> tuple[URL, dict[str, str]]:
        """Return the address to connect to, and the headers that a replay server needs."""
        if self.settings.replay is None:
            return URL(url), {}
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        date = requested_at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return URL(f"{self.settings.replay}{path}", encoded=True), {"Host": parts.netloc, "Accept-Datetime": date}


@asynccontextmanager
async def connect(settings: ClientSettings) -> AsyncIterator[Client]:
    """Open a client for the duration of the context. It ignores proxies of the environment, .netrc and cookies."""
    limits = settings.limits
    factory = socket_factory(settings.allowed) if settings.replay is None else None
    connector = aiohttp.TCPConnector(limit=0, socket_factory=factory)  # no limit: `Hosts` allows one request per host
    async with aiohttp.ClientSession(
        connector=connector,
        headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_seconds, sock_read=limits.idle_seconds),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        max_line_size=limits.header_bytes,
        max_field_size=limits.header_bytes,
        max_headers=limits.headers,
    ) as session:
        yield Client(settings, session)


@dataclass
class _BodyReader:
    """Reads and decompresses a body up to a limit."""

    exchange: Exchange
    limit: int
    keep_beginning: bool

    async def read(self, stream: aiohttp.StreamReader) -> Exchange:
        encoding = (self.exchange.header("Content-Encoding") or "").strip().lower()
        if encoding not in ("", "identity", *_GZIP_ENCODINGS):
            return self.failed("bad_encoding", f"unsupported Content-Encoding {encoding[:50]!r}")
        if encoding in _GZIP_ENCODINGS:
            return await self._read_gzip(stream)
        body = bytearray()
        while piece := await stream.read(2**16):
            body += piece
            if len(body) > self.limit:
                return self._over_limit(bytes(body[: self.limit]), body)
        plain = bytes(body)
        return self._finished(plain, plain)

    async def _read_gzip(self, stream: aiohttp.StreamReader) -> Exchange:
        decompressor, raw, body = zlib.decompressobj(31), bytearray(), bytearray()
        while piece := await stream.read(2**16):
            raw += piece
            try:
                body += decompressor.decompress(piece, self.limit + 1 - len(body))
            except zlib.error as error:
                return self.failed("bad_encoding", f"not gzip: {error}")
            if max(len(raw), len(body)) > self.limit:
                return self._over_limit(bytes(raw), body)
        if raw and not decompressor.eof:
            return self.failed("bad_encoding", "the gzip body is cut off")
        return self._finished(bytes(raw), bytes(body))

    def _finished(self, raw: bytes, body: bytes) -> Exchange:
        exchange = replace(self.exchange, raw=raw, body=body)
        if exchange.status == HTTPStatus.NOT_MODIFIED:
            return replace(exchange, outcome="not_modified")
        if exchange.status != HTTPStatus.OK:
            return replace(exchange, outcome="http_error", detail=f"the server answered {exchange.status}")
        return exchange

    def _over_limit(self, raw: bytes, body: bytearray) -> Exchange:
        if not self.keep_beginning:
            unpacked = " decompressed" if len(raw) < self.limit else ""
            return self.failed("too_large", f"more than {self.limit / 2**20:g} MiB{unpacked}")
        return replace(self._finished(raw, bytes(body[: self.limit])), truncated="length")

    def failed(self, outcome: str, detail: str) -> Exchange:
        """Return the exchange with this outcome and without a body: incomplete bodies are not kept."""
        reasons = {"too_large": "length", "timeout": "time", "cut_off": "disconnect"}
        truncated = reasons.get(outcome, "unspecified") if self.exchange.status else None
        return replace(self.exchange, outcome=outcome, detail=detail, truncated=truncated)


def url_problem(url: str) -> str | None:
    """Return why a URL cannot be requested, or None if it can."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        URL(url)
    except ValueError:
        return "this is not a web address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "only http and https addresses are requested"
    return "an address with a name and password in it is not requested" if "@" in parts.netloc else None


def _peer_ip(response: aiohttp.ClientResponse) -> str | None:
    with suppress(AttributeError, TypeError, IndexError):
        return str(response.connection.transport.get_extra_info("peername")[0])  # type: ignore[union-attr]
    return None


def _error_message(error: BaseException) -> str:
    lines = str(getattr(error, "message", "") or error).strip().splitlines() or [""]
    name = "" if isinstance(error, socket.gaierror) else f"{type(error).__name__}: "
    return f"{name}{lines[0][:300]}"
