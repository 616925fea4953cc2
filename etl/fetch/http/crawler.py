"""Polite requests: robots.txt first, one request per host at a time, redirects, and retries.

Redirects are followed under the robots.txt of each host that they lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from etl.fetch.http.client import Client, Exchange, url_problem
from etl.fetch.http.hosts import HostBackoff, Hosts, host_of, origin_of
from etl.fetch.http.robots import MAX_ROBOTS_BYTES, Robots, read_robots

_MAX_REDIRECTS = 5
_RETRIED_STATUSES = (429, 502, 503, 504)  # a server that answers with these may soon give another answer


@dataclass(frozen=True)
class Answer:
    """The result of requesting an address.

    `outcome` and `detail` are those of the last exchange, or the outcome is robots, postponed, foreign or
    bad_redirect. `exchanges` holds all requests that were made, in order. `redirects` are the addresses after the
    first; the last of them gave the answer.
    """

    url: str
    outcome: str
    detail: str | None
    exchanges: tuple[Exchange, ...] = ()
    redirects: tuple[str, ...] = ()

    @property
    def last(self) -> Exchange | None:
        """The last exchange, or None if no request was made."""
        return self.exchanges[-1] if self.exchanges else None

    def with_exchange(self, exchange: Exchange) -> Answer:
        """Return the answer with one more exchange, whose outcome becomes the answer's."""
        return replace(self, outcome=exchange.outcome, detail=exchange.detail, exchanges=(*self.exchanges, exchange))

    @property
    def final_url(self) -> str:
        """The address that gave the answer."""
        return self.redirects[-1] if self.redirects else self.url

    @property
    def body(self) -> bytes:
        """The decompressed body."""
        return self.last.body if self.last else b""

    @property
    def content_type(self) -> str:
        """The Content-Type header, or the empty string."""
        return (self.last.header("Content-Type") if self.last else None) or ""


@dataclass(frozen=True)
class FetchOptions:
    """How an address is requested.

    `limit` is the largest body in bytes. `delay_seconds` is the source's own pause between requests. `conditions`
    maps addresses to the headers of a conditional request. `may_follow` decides whether a redirect to an address is
    followed. `on_robots` is called with each robots.txt that had to be requested.
    """

    limit: int
    delay_seconds: float = 0.0
    conditions: Mapping[str, Mapping[str, str]] | None = None
    may_follow: Callable[[str], bool] = lambda _: True
    on_robots: Callable[[Answer, Robots], None] = lambda *_: None


@dataclass(frozen=True)
class Crawler:
    """A client that obeys robots.txt and the pauses of each host."""

    client: Client
    hosts: Hosts

    async def get(self, url: str, options: FetchOptions) -> Answer:
        """Request one address; never raise because of what the server does."""
        if problem := url_problem(url):
            return Answer(url, "unreachable", problem)
        answer = Answer(url, "ok", None)
        while True:
            current = answer.final_url
            robots = await self._robots(current, options)
            if not robots.allows(current):
                return replace(answer, outcome=robots.outcome, detail=_with_redirect(answer, robots.refusal))
            answer = await self._request(answer, options, robots.delay_seconds)
            target = _redirect_target(answer)
            if target is None:
                return answer
            if problem := _redirect_problem(answer, target):
                return replace(answer, outcome="bad_redirect", detail=problem)
            if not options.may_follow(target):
                detail = f"redirected to {target[:200]}, which is not on a host of the source"
                return replace(answer, outcome="foreign", detail=detail)
            answer = replace(answer, redirects=(*answer.redirects, target))

    async def _request(self, answer: Answer, options: FetchOptions, crawl_delay: float) -> Answer:
        """Request the answer's final address, repeat it if that may help, and add the exchanges to the answer."""
        url, delay = answer.final_url, max(options.delay_seconds, crawl_delay)
        headers = (options.conditions or {}).get(url)
        for attempt in range(self.client.settings.politeness.retries + 1):
            try:
                exchange = await self._exchange(url, delay, options.limit, headers)
            except HostBackoff as backoff:
                if attempt:  # the answer to the previous attempt says more
                    break
                return replace(answer, outcome="postponed", detail=_with_redirect(answer, str(backoff)))
            answer = answer.with_exchange(exchange)
            if exchange.outcome != "cut_off" and exchange.status not in _RETRIED_STATUSES:
                break
        return answer

    async def _exchange(
        self, url: str, delay: float, limit: int, headers: Mapping[str, str] | None = None, keep_beginning: bool = False
    ) -> Exchange:
        """Make one request when it is its turn at the host. Raises HostBackoff."""
        async with self.hosts.turn(host_of(url), delay) as turn:
            exchange = await self.client.request(url, limit, headers, keep_beginning)
            turn.record(exchange)
        return exchange

    async def _robots(self, url: str, options: FetchOptions) -> Robots:
        """Return the rules for an address, requesting robots.txt if it is not cached."""
        origin, now = origin_of(url), self.client.settings.now()
        async with self.hosts.robots_locks[origin]:  # two sources with one origin request it once
            robots = self.hosts.cached_robots(origin, now)
            if robots is None:
                answer = await self._request_robots(f"{origin}/robots.txt", options.delay_seconds)
                robots = _robots_of(answer)
                self.hosts.cache_robots(origin, now, robots)
                options.on_robots(answer, robots)
        return robots

    async def _request_robots(self, url: str, delay: float) -> Answer:
        """Request a robots.txt and follow its redirects to any host, without their robots.txt (RFC 9309, 2.3.1)."""
        answer = Answer(url, "ok", None)
        while True:
            try:
                exchange = await self._exchange(answer.final_url, delay, MAX_ROBOTS_BYTES, keep_beginning=True)
            except HostBackoff as backoff:
                return replace(answer, outcome="postponed", detail=str(backoff))
            answer = answer.with_exchange(exchange)
            target = _redirect_target(answer)
            if target is None or _redirect_problem(answer, target):
                return answer
            answer = replace(answer, redirects=(*answer.redirects, target))


def _robots_of(answer: Answer) -> Robots:
    """Return the rules that the answer to a request for robots.txt gives."""
    last = answer.last
    if last is None or answer.outcome not in ("ok", "http_error"):
        no_response = last is None or last.status is None
        return Robots(error=answer.detail or answer.outcome, outcome=answer.outcome if no_response else "robots")
    return read_robots(last.status, last.body, answer.detail, truncated=last.truncated is not None)


def _redirect_target(answer: Answer) -> str | None:
    """Return where the answer redirects, as an absolute address; None if it is not a redirect."""
    last = answer.last
    if last is None or not 300 <= (last.status or 0) < 400 or answer.outcome != "http_error":
        return None
    location = last.header("Location")
    if location is None:
        return None
    try:
        return urljoin(last.url, location.strip()).partition("#")[0]
    except ValueError:
        return location


def _redirect_problem(answer: Answer, target: str) -> str | None:
    """Return why a redirect must not be followed, or None."""
    if len(answer.redirects) == _MAX_REDIRECTS:
        return f"more than {_MAX_REDIRECTS} redirects"
    return f"redirected to {target[:200]}" if url_problem(target) else None


def _with_redirect(answer: Answer, detail: str) -> str:
    """Put the address before the detail if it is not the one that was first requested."""
    return f"redirected to {answer.final_url[:200]}: {detail}" if answer.redirects else detail
