"""Asking politely: robots.txt first, one at a time, redirects by each host's rules, failures again after a pause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from etl.fetch.http.client import Client, Exchange, unaskable
from etl.fetch.http.hosts import Hosts, LeftAlone, host_of, origin_of
from etl.fetch.http.robots import LIMIT, Robots, read_robots

_REDIRECTS = 5
_AGAIN = (429, 502, 503, 504)  # answers of a server that may give another one soon


@dataclass(frozen=True)
class Answer:
    """What became of an address.

    `outcome` and `detail` are those of the last exchange, or robots, postponed, foreign, bad_redirect. `exchanges`
    are all requests that were made for it, in order; `redirects` the addresses passed through after the first, of
    which the last gave the answer.
    """

    url: str
    outcome: str
    detail: str | None
    exchanges: tuple[Exchange, ...] = ()
    redirects: tuple[str, ...] = ()

    @property
    def last(self) -> Exchange | None:
        """The exchange that gave the answer, if any was made."""
        return self.exchanges[-1] if self.exchanges else None

    def after(self, exchange: Exchange) -> Answer:
        """With one more exchange, whose outcome is now the answer's."""
        return replace(self, outcome=exchange.outcome, detail=exchange.detail, exchanges=(*self.exchanges, exchange))

    @property
    def final_url(self) -> str:
        """The address that gave the answer."""
        return self.redirects[-1] if self.redirects else self.url

    @property
    def body(self) -> bytes:
        """The body, unpacked."""
        return self.last.body if self.last else b""

    @property
    def content_type(self) -> str:
        """The Content-Type header, or the empty string."""
        return (self.last.header("Content-Type") if self.last else None) or ""


@dataclass(frozen=True)
class Errand:
    """How an address is to be asked for.

    `delay_seconds` the source wants between requests; `limit` in bytes; `conditions`: headers of a conditional
    request, by address; `stays`: whether a redirect may be followed there; `on_robots` is told of each robots.txt
    that was asked for on the way.
    """

    limit: int
    delay_seconds: float = 0.0
    conditions: Mapping[str, Mapping[str, str]] | None = None
    stays: Callable[[str], bool] = lambda _: True
    on_robots: Callable[[Answer, Robots], None] = lambda *_: None


@dataclass(frozen=True)
class Crawler:
    """A client with manners."""

    client: Client
    hosts: Hosts

    async def get(self, url: str, errand: Errand) -> Answer:
        """One address; never raises for what the other side does."""
        if why := unaskable(url):
            return Answer(url, "unreachable", why)
        answer = Answer(url, "ok", None)
        while True:
            at = answer.final_url
            robots = await self._robots(at, errand)
            if not robots.allows(at):
                return replace(answer, outcome=robots.outcome, detail=_on_the_way(answer, robots.why_not))
            answer = await self._ask(answer, errand, robots.delay_seconds)
            following = _redirect(answer)
            if following is None:
                return answer
            if why := _unfollowable(answer, following):
                return replace(answer, outcome="bad_redirect", detail=why)
            if not errand.stays(following):
                detail = f"redirected to {following[:200]}, which is on no host of the source"
                return replace(answer, outcome="foreign", detail=detail)
            answer = replace(answer, redirects=(*answer.redirects, following))

    async def _ask(self, answer: Answer, errand: Errand, crawl_delay: float) -> Answer:
        """One address, again where it may help; appends the exchanges."""
        at, delay = answer.final_url, max(errand.delay_seconds, crawl_delay)
        headers = (errand.conditions or {}).get(at)
        for attempt in range(self.client.web.manners.retries + 1):
            try:
                exchange = await self._exchange(at, delay, errand.limit, headers)
            except LeftAlone as left:
                if attempt:  # the answer that was had says more
                    break
                return replace(answer, outcome="postponed", detail=_on_the_way(answer, str(left)))
            answer = answer.after(exchange)
            if exchange.outcome != "cut_off" and exchange.status not in _AGAIN:
                break
        return answer

    async def _exchange(
        self, at: str, delay: float, limit: int, headers: Mapping[str, str] | None = None, keep_beginning: bool = False
    ) -> Exchange:
        """One request in its host's turn. Raises LeftAlone."""
        async with self.hosts.turn(host_of(at), delay) as turn:
            exchange = await self.client.ask(at, limit, headers, keep_beginning)
            turn.heard(exchange)
        return exchange

    async def _robots(self, url: str, errand: Errand) -> Robots:
        """The rules for an address: known, or asked for now."""
        origin, now = origin_of(url), self.client.web.now()
        async with self.hosts.asking_robots[origin]:  # two sources of one origin ask once
            robots = self.hosts.robots(origin, now)
            if robots is None:
                answer = await self._ask_robots(f"{origin}/robots.txt", errand.delay_seconds)
                robots = _judged(answer)
                self.hosts.keep_robots(origin, now, robots)
                errand.on_robots(answer, robots)
        return robots

    async def _ask_robots(self, url: str, delay: float) -> Answer:
        """A robots.txt, redirects followed wherever they lead: their own robots.txt are not asked (RFC 9309, 2.3.1)."""
        answer = Answer(url, "ok", None)
        while True:
            try:
                answer = answer.after(await self._exchange(answer.final_url, delay, LIMIT, keep_beginning=True))
            except LeftAlone as left:
                return replace(answer, outcome="postponed", detail=str(left))
            following = _redirect(answer)
            if following is None or _unfollowable(answer, following):
                return answer
            answer = replace(answer, redirects=(*answer.redirects, following))


def _judged(answer: Answer) -> Robots:
    last = answer.last
    if last is None or answer.outcome not in ("ok", "http_error"):
        silent = last is None or last.status is None
        return Robots(trouble=answer.detail or answer.outcome, outcome=answer.outcome if silent else "robots")
    return read_robots(last.status, last.body, answer.detail, truncated=last.truncated is not None)


def _redirect(answer: Answer) -> str | None:
    """Where a redirect leads, as an absolute address; null if the answer is none."""
    last = answer.last
    if last is None or not 300 <= (last.status or 0) < 400 or answer.outcome != "http_error":
        return None
    target = last.header("Location")
    if target is None:
        return None
    try:
        return urljoin(last.url, target.strip()).partition("#")[0]
    except ValueError:
        return target


def _unfollowable(answer: Answer, following: str) -> str | None:
    """Why a redirect is not followed, if it is not."""
    if len(answer.redirects) == _REDIRECTS:
        return f"more than {_REDIRECTS} redirects"
    return f"redirected to {following[:200]}" if unaskable(following) else None


def _on_the_way(answer: Answer, why: str) -> str:
    return f"redirected to {answer.final_url[:200]}: {why}" if answer.redirects else why
