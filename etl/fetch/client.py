"""One polite HTTP client: one request at a time a host, with a delay; sizes, times and redirects bounded."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from etl import __version__
from etl.urls import hostname

BODY_LIMIT = 10 * 2**20  # bytes of a body, packed or not
_REDIRECTS = 5
_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=15, sock_read=20)
# Headers of the connection, not of what was said: they would be wrong beside the stored body.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "content-length"}


@dataclass(frozen=True)
class Answer:
    """What a request came to.

    `outcome` is ok, not_modified, http_error, timeout, unreachable, too_large, bad_redirect or bad_encoding, and
    `detail` says it in words where it is not ok. `raw` is the body as it was sent (perhaps gzipped), `body` unpacked.
    `redirects` are the addresses that were passed through after the first; the last one gave the answer.
    """

    url: str
    requested_at: datetime
    outcome: str
    detail: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes = b""
    body: bytes = b""
    redirects: tuple[str, ...] = ()

    @property
    def final_url(self) -> str:
        """The address that gave the answer."""
        return self.redirects[-1] if self.redirects else self.url

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class Web:
    """How the web is reached: who asks, what time it is, and whether a server plays it.

    `now` gives the time of a request. `replay` is the address of a server that answers for all hosts, as the world
    stood at that time (it is sent as Accept-Datetime, RFC 7089).
    """

    user_agent: str
    now: Callable[[], datetime]
    delay_seconds: float
    replay: str | None = None


def user_agent(contact: str | None) -> str:
    """`Dateline/0.1.0 (+contact)`."""
    return f"Dateline/{__version__}" + (f" (+{contact})" if contact else "")


@dataclass
class _Turn:
    """A host's queue: who holds the lock asks, not before `free_at` (of the event loop's clock)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class Client:
    """Asks for addresses. Make it with `connect`."""

    def __init__(self, web: Web, session: aiohttp.ClientSession) -> None:
        self._web = web
        self._session = session
        self._turns: dict[str, _Turn] = {}

    async def get(self, url: str, delay_seconds: float = 0.0) -> Answer:
        """One address, redirects followed; the host is left alone for `delay_seconds`, or longer by the settings."""
        passed: list[str] = []
        while True:
            answer = replace(await self._one(passed[-1] if passed else url, delay_seconds), url=url)
            target = answer.header("Location") if 300 <= (answer.status or 0) < 400 else None
            answer = replace(answer, redirects=tuple(passed))
            if target is None or answer.outcome != "http_error":
                return answer
            following = urljoin(answer.final_url, target)
            if urlsplit(following).scheme not in ("http", "https") or not hostname(following):
                return replace(answer, outcome="bad_redirect", detail=f"redirected to {target[:200]}")
            if len(passed) == _REDIRECTS:
                return replace(answer, outcome="bad_redirect", detail=f"more than {_REDIRECTS} redirects")
            passed.append(following)

    async def _one(self, url: str, delay_seconds: float) -> Answer:
        turn = self._turns.setdefault(hostname(url), _Turn())
        async with turn.lock:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(0.0, turn.free_at - loop.time()))
            requested_at = self._web.now()
            try:
                return await self._ask(url, requested_at)
            except TimeoutError:
                return Answer(url, requested_at, "timeout", "no answer in time")
            except aiohttp.ClientConnectorDNSError:
                return Answer(url, requested_at, "unreachable", f"no address is known for {hostname(url)}")
            except (aiohttp.ClientError, OSError, ValueError) as error:
                said = str(error).strip().splitlines() or [""]
                return Answer(url, requested_at, "unreachable", f"{type(error).__name__}: {said[0][:300]}")
            finally:
                turn.free_at = loop.time() + max(self._web.delay_seconds, delay_seconds)

    async def _ask(self, url: str, requested_at: datetime) -> Answer:
        target, headers = self._target(url, requested_at)
        async with self._session.get(target, headers=headers, allow_redirects=False) as response:
            said = tuple((k, v) for k, v in response.headers.items() if k.lower() not in _HOP_BY_HOP)
            answer = Answer(url, requested_at, "ok", status=response.status, headers=said)
            raw = await _read(response.content)
            if len(raw) > BODY_LIMIT:
                return replace(answer, outcome="too_large", detail=f"more than {BODY_LIMIT // 2**20} MiB")
        try:
            body = _unpack(raw, answer.header("Content-Encoding"))
        except ValueError as error:
            return replace(answer, raw=raw, outcome="bad_encoding", detail=str(error))
        if len(body) > BODY_LIMIT:
            return replace(answer, outcome="too_large", detail=f"more than {BODY_LIMIT // 2**20} MiB unpacked")
        answer = replace(answer, raw=raw, body=body)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return replace(answer, outcome="not_modified")
        if answer.status != HTTPStatus.OK:
            return replace(answer, outcome="http_error", detail=f"the server answered {answer.status}")
        return answer

    def _target(self, url: str, requested_at: datetime) -> tuple[URL, dict[str, str]]:
        """The address to connect to, with the headers that a replaying server needs."""
        if self._web.replay is None:
            return URL(url), {}
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        when = requested_at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return URL(f"{self._web.replay}{path}", encoded=True), {"Host": parts.netloc, "Accept-Datetime": when}


@asynccontextmanager
async def connect(web: Web) -> AsyncIterator[Client]:
    """A client, for as long as the context lasts. Ambient proxies, .netrc and cookies are not used."""
    headers = {"User-Agent": web.user_agent, "Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(
        headers=headers, timeout=_TIMEOUT, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:
        yield Client(web, session)


async def _read(stream: aiohttp.StreamReader) -> bytes:
    """A body, at most one byte more than the limit."""
    pieces, length = [], 0
    while length <= BODY_LIMIT and (piece := await stream.read(min(2**16, BODY_LIMIT + 1 - length))):
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


def _unpack(raw: bytes, encoding: str | None) -> bytes:
    """The body without its content encoding, at most one byte more than the limit. Raises ValueError."""
    if encoding is None or encoding.strip().lower() in ("", "identity"):
        return raw
    if encoding.strip().lower() not in ("gzip", "x-gzip"):
        raise ValueError(f"Content-Encoding {encoding[:50]!r} was not asked for")
    unpacker = zlib.decompressobj(31)
    try:
        body = unpacker.decompress(raw, BODY_LIMIT + 1)
    except zlib.error as error:
        raise ValueError(f"not gzip: {error}") from None
    if not unpacker.eof and len(body) <= BODY_LIMIT:
        raise ValueError("the gzip body is cut off")
    return body
