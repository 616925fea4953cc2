"""What is remembered about each host between requests.

For each host: which process may contact it now, when the next request may be sent, and its robots.txt.

The files lie in one folder. All processes that use the folder observe the same pauses between requests, and a pause
stays in force even if the process that began it is killed. The folder may be deleted while nothing is being fetched.
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

from etl.fetch.http.client import Exchange, Politeness
from etl.fetch.http.robots import Robots

ROBOTS_HOURS = 24  # how long a robots.txt is valid (RFC 9309, 2.4)
FAILURE_OUTCOMES = ("timeout", "unreachable", "cut_off")  # these outcomes, and
FAILURE_STATUSES = (429, 500, 502, 503, 504)  # these statuses, mean that the host has a problem
_MAX_PAUSE_SECONDS = 300.0  # the pause after failures does not grow beyond this
_MAX_RETRY_AFTER_SECONDS = 24 * 3600.0  # a longer Retry-After is shortened to a day
_LOCK_POLL_SECONDS = 0.05  # how often a lock that another process holds is tried
_MAX_FILE_NAME = 180  # characters of a file's name; file systems allow 255


class HostBackoff(Exception):
    """A host must not be contacted for longer than a visit waits; the message says until when, and why."""


@dataclass
class _HostState:
    """When a host may be contacted next (seconds since 1970), and how many requests in a row failed."""

    free_at: float = 0.0
    failures: int = 0


class Hosts:
    """The pauses and robots.txt of all hosts. Without a folder they are known to this process only."""

    def __init__(self, folder: Path | None, politeness: Politeness) -> None:
        self._folder = folder
        self._politeness = politeness
        self._turn_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._states: defaultdict[str, _HostState] = defaultdict(_HostState)
        self._robots: dict[str, tuple[datetime, Robots]] = {}
        self.robots_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    @asynccontextmanager
    async def turn(self, host: str, delay_seconds: float) -> AsyncIterator[Turn]:
        """Wait until the host may be contacted, and keep all other requests to it waiting. Raises HostBackoff."""
        async with self._turn_locks[host], self._process_lock(host):
            state = self._load_state(host)
            wait = state.free_at - time.time()
            if wait > max(self._politeness.max_wait_seconds, 2 * delay_seconds):
                until = f"until {datetime.fromtimestamp(state.free_at, UTC):%Y-%m-%d %H:%M} UTC"
                reason = f"{state.failures} requests in a row failed" if state.failures else "the host asked for it"
                raise HostBackoff(f"{host} is not contacted {until}: {reason}")
            await asyncio.sleep(max(0.0, wait))
            turn = Turn(max(self._politeness.delay_seconds, delay_seconds), self._politeness, state)
            # Saved before the request, so that the pause holds even if this process is killed during it.
            self._save_state(host, _HostState(time.time() + turn.delay_seconds, state.failures))
            try:
                yield turn
            finally:
                turn.finish()
                self._save_state(host, state)

    @asynccontextmanager
    async def _process_lock(self, host: str) -> AsyncIterator[None]:
        """Hold the host's lock between processes."""
        if self._folder is None:
            yield
            return
        lock = FileLock(self._path(host, "lock"), timeout=0, thread_local=False)
        while True:
            with suppress(Timeout):
                lock.acquire()
                break
            await asyncio.sleep(_LOCK_POLL_SECONDS)
        try:
            yield
        finally:
            lock.release()

    def _load_state(self, host: str) -> _HostState:
        if self._folder is None:
            return self._states[host]
        with suppress(OSError, ValueError):
            free_at, failures = self._path(host, "next").read_text().split()
            latest = time.time() + _MAX_RETRY_AFTER_SECONDS  # a clock that was set back must not block a host for ever
            return _HostState(min(float(free_at), latest), int(failures))
        return _HostState()

    def _save_state(self, host: str, state: _HostState) -> None:
        self._states[host] = state
        if self._folder is not None:
            # One write of constant length: after a kill the file holds either the old or the new state.
            with os.fdopen(os.open(self._path(host, "next"), os.O_WRONLY | os.O_CREAT, 0o644), "wb", 0) as file:
                file.write(f"{state.free_at:018.3f} {state.failures:06d}\n".encode())

    def cached_robots(self, origin: str, now: datetime) -> Robots | None:
        """Return the robots.txt of an origin (`https://host`) if it was read less than 24 hours ago, else None."""
        entry = self._robots.get(origin) or self._load_robots(origin)
        if entry is None or not timedelta() <= now - entry[0] < timedelta(hours=ROBOTS_HOURS):
            return None
        self._robots[origin] = entry
        return entry[1]

    def cache_robots(self, origin: str, now: datetime, robots: Robots) -> None:
        """Remember the rules of an origin; a robots.txt that could not be fetched only in this process."""
        self._robots[origin] = (now, robots)
        if self._folder is not None and robots.error is None:
            path = self._path(origin, "robots")
            temporary = path.with_name(f"{path.name}.{os.getpid()}")
            temporary.write_text(json.dumps({"asked_at": now.isoformat(), "text": robots.text}), encoding="utf-8")
            temporary.replace(path)

    def _load_robots(self, origin: str) -> tuple[datetime, Robots] | None:
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
    if plain == name and len(name) <= _MAX_FILE_NAME:
        return plain
    return f"{plain[:_MAX_FILE_NAME]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass
class Turn:
    """A request's turn at a host: give it the exchange, and it sets when the host may be contacted next."""

    delay_seconds: float
    politeness: Politeness
    state: _HostState
    retry_after_seconds: float = 0.0

    def record(self, exchange: Exchange) -> None:
        """Count failures in a row, reset the count after a success, and note a Retry-After."""
        failed = exchange.outcome in FAILURE_OUTCOMES or exchange.status in FAILURE_STATUSES
        self.state.failures = self.state.failures + 1 if failed else 0
        header = exchange.header("Retry-After")
        self.retry_after_seconds = retry_after(header, exchange.requested_at) if failed else 0.0

    def finish(self) -> None:
        """Set when the host may be contacted next: each failure in a row doubles the pause."""
        pause = self.delay_seconds
        if self.state.failures and (base := self.politeness.backoff_seconds):
            pause = max(pause, min(max(base, pause) * 2.0 ** min(self.state.failures, 20), _MAX_PAUSE_SECONDS))
        self.state.free_at = time.time() + max(
            pause, self.retry_after_seconds if self.politeness.backoff_seconds else 0.0
        )


def retry_after(value: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header (seconds or a date) asks for: at most a day, 0 without a header."""
    if value is None:
        return 0.0
    seconds = 0.0
    try:
        seconds = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a time zone
        return 0.0
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS)


def origin_of(url: str) -> str:
    """Return `https://host:port` of an address: what one robots.txt applies to."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def host_of(url: str) -> str:
    """Return the host of an address, with its port unless it is 80 or 443. A host gets one request at a time."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, 80, 443) else f"{host}:{parts.port}"
