"""Reading a page in a process of its own that can be killed, so that a hostile page costs only itself.

Each process that reads pages keeps one such reader and hands it a page at a time: it always knows which page is being
read, and as neither side writes before it has read, they cannot wait for each other. The hand-over costs a fraction
of a millisecond; starting a reader costs about a second, mostly imports.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import psutil

from etl.configuration.sources import NO_SOURCES
from etl.errors import Retryable
from etl.extract.page import Page, extract, reject
from schemas import Article, Reason, Reject

_POLL = 0.05  # seconds between two looks at a reader's memory: it grows by 100 MiB in that time at most
_STARTED_WITHIN = 120  # seconds, on a machine that is busy
_WAITS = 4  # a page may take this many times its limit by the clock: a reader does not always get its turn
_GROWN = 256 * 2**20  # bytes that a reader may keep from pages it has read


@dataclass(frozen=True)
class Limits:
    """What one page may take: seconds of processor time, and bytes of memory beside what the reader had before.

    Processor time, so that the same pages are rejected on a machine that is busy.
    """

    seconds: float = 30
    memory: int = 2**30


LIMITS = Limits()


def extract_confined(page: Page, limits: Limits = LIMITS) -> Article | Reject:
    """What page.extract() gives; a page that breaks a limit or its reader is a reject: `timeout`, `memory`, `crashed`.

    A page whose reader is killed for memory, or dies, is tried once more in a new one: what was read before, or who
    killed it, must not matter. Raises Retryable.
    """
    with _lock:
        try:
            return _reader().read(page, limits)
        except _Ended as first:
            if first.reason == "timeout":
                return reject(page, first.reason, first.detail)
        try:
            return _reader().read(page, limits)
        except _Ended as again:
            return reject(page, again.reason, again.detail)


class _Ended(Exception):
    """A reader's end over a page, and what the page is rejected for."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Reader:
    """The parent's side of a reader.

    Not a multiprocessing.Process: that may have no children where the caller is daemonic, and runs the caller's main
    module again.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        start = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve({theirs.fileno()})"
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", start],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's business
            )
        self.connection = Connection(ours.detach())
        self.sources = NO_SOURCES  # those that the reader has
        try:
            if not self.connection.poll(_STARTED_WITHIN):
                raise EOFError
            self.connection.recv()
        except (EOFError, OSError):
            raise Retryable(f"the process that reads pages does not start (exit status {self.end()})") from None
        except BaseException:
            self.end()
            raise
        self.watched = psutil.Process(self.process.pid)
        self.first = self._memory()

    def read(self, page: Page, limits: Limits) -> Article | Reject:
        """One page. Raises _Ended; after that, or any other error, the reader is gone."""
        try:
            before = self._memory()
            sources = None if page.sources is self.sources else page.sources
            self.connection.send((replace(page, sources=NO_SOURCES), sources, limits.seconds))
            self.sources = page.sources
            self._wait(limits, before + limits.memory)
            found: Article | Reject = self.connection.recv()
            if self._memory() > self.first + _GROWN:
                self.end()
            return found
        except (EOFError, OSError, psutil.Error):
            raise self._ended(limits) from None
        except BaseException:  # Ctrl-C too: its answer, still to come, must not be taken for the next page's
            self.end()
            raise

    def end(self) -> int:
        """Kills the reader. Returns its exit status; minus a signal's number where that had ended it before."""
        self.connection.close()
        self.process.kill()
        return self.process.wait()

    def _wait(self, limits: Limits, most: int) -> None:
        """Until the reader has something to say. Raises _Ended where it takes too much."""
        patience = time.monotonic() + limits.seconds * _WAITS
        while not self.connection.poll(_POLL):
            if self._memory() > most:
                raise _Ended("memory", f"reading it takes more than {limits.memory // 2**20:,} MiB")
            if time.monotonic() > patience:
                raise _Ended("timeout", f"not read after {limits.seconds * _WAITS:g} s")

    def _ended(self, limits: Limits) -> _Ended:
        status = self.end()
        if status == -signal.SIGPROF:
            return _Ended("timeout", f"reading it takes more than {limits.seconds:g} s")
        died = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return _Ended("crashed", f"the process that read it died ({died})")

    def _memory(self) -> int:
        resident: int = self.watched.memory_info().rss
        return resident


_lock = threading.Lock()  # one page at a time, whichever thread asks
_kept: _Reader | None = None


def _reader() -> _Reader:
    """This process's reader, started where there is none."""
    global _kept
    if _kept is None or _kept.process.poll() is not None:
        _end()
        _kept = _Reader()
    return _kept


def _end() -> None:
    global _kept
    if _kept is not None:
        _kept.end()
    _kept = None


def _forget() -> None:
    """A forked process has no reader: the one it knows of is its parent's."""
    global _kept, _lock
    if _kept is not None:
        _kept.connection.close()
    _kept, _lock = None, threading.Lock()


atexit.register(_end)
os.register_at_fork(after_in_child=_forget)


# -- the reader's side -----------------------------------------------------------------------------------------------

_FIRST = b"<html><body><article><p>The first page is read before the others: what is loaded with it is not theirs.</p>"


def serve(descriptor: int) -> None:
    """Reads pages until the parent is gone. `descriptor`: the socket to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _die_with_the_parent()
    logging.getLogger().addHandler(logging.NullHandler())  # what libraries think of a page is not for the terminal
    connection = Connection(descriptor)
    extract(Page("", "", "https://www.example/news/first", 200, "text/html", _FIRST, datetime.now(UTC), "", 0))
    known = NO_SOURCES
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while True:
            page, sources, seconds = connection.recv()
            known = known if sources is None else sources
            signal.setitimer(signal.ITIMER_PROF, seconds)  # the system's own clock: no code of ours must get its turn
            found = extract(replace(page, sources=known))
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send(found)


def _die_with_the_parent() -> None:
    """On Linux at once. Elsewhere at the end of the page under way, which the timer bounds."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
