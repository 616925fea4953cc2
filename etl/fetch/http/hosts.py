"""What is kept of each host between requests: whose turn it is, from when it may be asked, its robots.txt.

It lies in a folder, so that all processes that share the folder share the manners too, and a process that is killed
leaves the pause that it owes. All of it may be deleted while nothing is being fetched.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from etl.fetch.http.client import Exchange, Manners
from etl.fetch.http.robots import Robots

ROBOTS_HOURS = 24  # how long a robots.txt is believed (RFC 9309, 2.4)
_LONGEST_PAUSE = 300.0  # seconds to which the pause after failures grows
_LONGEST_WISH = 24 * 3600.0  # seconds: a later Retry-After is cut to a day
_POLL = 0.05  # seconds between two looks at a lock that another process holds
_NAME = 180  # characters of a file's name; file systems allow 255
TROUBLED = ("timeout", "unreachable", "cut_off")  # outcomes of a host in trouble,
BUSY = (429, 500, 502, 503, 504)  # and statuses


class LeftAlone(Exception):
    """A host wants to be left alone for longer than a visit waits; the words say until when, and why."""


@dataclass
class _State:
    """From when on a host may be asked (seconds since 1970), and how many requests failed in a row."""

    free_at: float = 0.0
    failures: int = 0


class Hosts:
    """The hosts that are asked. Without a folder they are known to this process only."""

    def __init__(self, folder: Path | None, manners: Manners) -> None:
        self._folder = folder
        self._manners = manners
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._states: defaultdict[str, _State] = defaultdict(_State)
        self._robots: dict[str, tuple[datetime, Robots]] = {}
        self.asking_robots: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def turn(self, host: str, delay_seconds: float) -> AsyncIterator[Turn]:
        """Waits until the host may be asked, and keeps all others away meanwhile. Raises LeftAlone."""
        async with self._turns[host], self._alone(host):
            state = self._state(host)
            wait = state.free_at - time.time()
            if wait > max(self._manners.patience_seconds, 2 * delay_seconds):
                until = f"until {datetime.fromtimestamp(state.free_at, UTC):%Y-%m-%d %H:%M} UTC"
                why = f"{state.failures} requests in a row failed" if state.failures else "it asked for it"
                raise LeftAlone(f"{host} is left alone {until}: {why}")
            await asyncio.sleep(max(0.0, wait))
            turn = Turn(max(self._manners.delay_seconds, delay_seconds), self._manners, state)
            # A process that is killed while it asks owes the pause as well.
            self._keep(host, _State(time.time() + turn.delay_seconds, state.failures))
            try:
                yield turn
            finally:
                turn.end()
                self._keep(host, state)

    @asynccontextmanager
    async def _alone(self, host: str) -> AsyncIterator[None]:
        if self._folder is None:
            yield
            return
        lock = FileLock(self._path(host, "lock"), timeout=0, thread_local=False)
        while True:
            with suppress(Timeout):
                lock.acquire()
                break
            await asyncio.sleep(_POLL)
        try:
            yield
        finally:
            lock.release()

    def _state(self, host: str) -> _State:
        if self._folder is None:
            return self._states[host]
        with suppress(OSError, ValueError):
            free_at, failures = self._path(host, "next").read_text().split()
            longest = time.time() + _LONGEST_WISH  # a clock that was set back must not stop a host for ever
            return _State(min(float(free_at), longest), int(failures))
        return _State()

    def _keep(self, host: str, state: _State) -> None:
        self._states[host] = state
        if self._folder is not None:
            # One write of constant length: a reader after a kill finds the one or the other.
            with os.fdopen(os.open(self._path(host, "next"), os.O_WRONLY | os.O_CREAT, 0o644), "wb", 0) as file:
                file.write(f"{state.free_at:018.3f} {state.failures:06d}\n".encode())

    def robots(self, origin: str, now: datetime) -> Robots | None:
        """The robots.txt of an origin (`https://host`), if it was read less than 24 hours ago."""
        known = self._robots.get(origin) or self._stored_robots(origin)
        if known is None or not timedelta() <= now - known[0] < timedelta(hours=ROBOTS_HOURS):
            return None
        self._robots[origin] = known
        return known[1]

    def keep_robots(self, origin: str, now: datetime, robots: Robots) -> None:
        """Keeps what an origin allows; one that could not be had is known to this process only, and asked again."""
        self._robots[origin] = (now, robots)
        if self._folder is not None and robots.trouble is None:
            path = self._path(origin, "robots")
            new = path.with_name(f"{path.name}.{os.getpid()}")
            new.write_text(json.dumps({"asked_at": now.isoformat(), "text": robots.text}), encoding="utf-8")
            new.replace(path)

    def _stored_robots(self, origin: str) -> tuple[datetime, Robots] | None:
        if self._folder is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            stored = json.loads(self._path(origin, "robots").read_text(encoding="utf-8"))
            return datetime.fromisoformat(stored["asked_at"]), Robots(stored["text"])
        return None

    def _path(self, name: str, ending: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{_file_name(name)}.{ending}"


@cache
def _file_name(name: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-.") else "_" for c in name)
    if plain == name and len(name) <= _NAME:
        return plain
    return f"{plain[:_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass
class Turn:
    """A request's turn at a host: tell it what came back, and it sets when the host may be asked again."""

    delay_seconds: float
    manners: Manners
    state: _State
    wish: float = 0.0

    def heard(self, exchange: Exchange) -> None:
        """Takes note of an answer: a failure doubles the pause, a success ends that, Retry-After is obeyed."""
        troubled = exchange.outcome in TROUBLED or exchange.status in BUSY
        self.state.failures = self.state.failures + 1 if troubled else 0
        self.wish = retry_after(exchange.header("Retry-After"), exchange.requested_at) if troubled else 0.0

    def end(self) -> None:
        pause = self.delay_seconds
        if self.state.failures and (base := self.manners.backoff_seconds):
            pause = max(pause, min(max(base, pause) * 2.0 ** min(self.state.failures, 20), _LONGEST_PAUSE))
        self.state.free_at = time.time() + max(pause, self.wish if self.manners.backoff_seconds else 0.0)


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; at most a day, 0 for none."""
    if value is None:
        return 0.0
    seconds = 0.0
    try:
        seconds = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_WISH)


def origin_of(url: str) -> str:
    """`https://host:port` of an address: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def host_of(url: str) -> str:
    """The host of an address, with its port where that is none of the web's own: asked one request at a time."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"
