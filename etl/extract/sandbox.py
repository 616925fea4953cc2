"""Extraction in a separate process that can be killed, so that a hostile page cannot stop the extraction of others.

Each process that extracts pages has one reader process and sends it one page at a time, so it always knows which page
is being read. The two take turns: a page is sent only after the previous result was received, so they cannot block each
other. Sending a page and receiving the result takes a fraction of a millisecond; starting a reader takes about a
second, mostly for imports.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import logging
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

import psutil

from etl.configuration.sources import NO_SOURCES
from etl.errors import MachineError
from etl.extract.known_page import check_known_page
from etl.extract.page import Page, extract, reject
from schemas import Article, Reason, Reject

_POLL = 0.05  # seconds between two checks of a reader's memory, which can grow by at most 100 MiB in that time
_START_TIMEOUT = 120  # seconds; enough on a busy machine
_WAIT_FACTOR = 4  # on a busy machine a page may take this many times its limit of processor time by the clock
_MOST_TRIES = 4  # for a page whose reader dies
# Signals by which a process ends itself because of what it reads. All others come from outside or from the disk.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGSYS)
_MOST_GROWTH = 256 * 2**20  # bytes that a reader may hold on to from the pages it has read before it is replaced


@dataclass(frozen=True)
class PageLimits:
    """What one page may take: seconds of processor time, and bytes of memory on top of what the reader had before.

    The time is processor time so that a busy machine rejects the same pages as an idle one.
    """

    seconds: float = 30
    memory: int = 2**30


PAGE_LIMITS = PageLimits()


def extract_confined(page: Page, limits: PageLimits = PAGE_LIMITS) -> Article | Reject:
    """Return what page.extract() returns, or a reject with the reason `timeout`, `memory` or `crashed`.

    If the reader is killed for its memory or dies, the page is tried once more in a new reader, so that pages read
    earlier do not change the result. Raises MachineError if the page is not at fault: no reader starts, a reader cannot
    read a page whose article is known, or readers are killed from outside again and again.
    """
    with _lock:
        ends: list[_ReaderEnded] = []
        while len(ends) < _MOST_TRIES:
            try:
                return _running_reader().read(page, limits)
            except _ReaderEnded as end:
                ends.append(end)
            by_page = [end for end in ends if end.reason]
            if by_page and (by_page[-1].reason == "timeout" or len(by_page) > 1):
                _running_reader()  # raises MachineError if a page whose article is known cannot be read either
                return reject(page, by_page[-1].reason or "crashed", by_page[-1].detail)
        raise MachineError(f"{ends[-1].detail}, {len(ends)} times; is there enough memory?")


class _ReaderEnded(Exception):
    """A reader ended while it read a page: the reason and detail with which the page is rejected.

    `reason` is null if the page is not to blame, because something else killed the reader.
    """

    def __init__(self, reason: Reason | None, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Reader:
    """A reader process, as its parent sees it.

    This is not a multiprocessing.Process: a daemonic caller could not start one, and it would run the caller's main
    module again.
    """

    def __init__(self) -> None:
        parent_socket, reader_socket = socket.socketpair()
        start = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve({reader_socket.fileno()})"
        with reader_socket:
            self.process = subprocess.Popen(
                [sys.executable, "-c", start],
                pass_fds=[reader_socket.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C must reach the parent only
            )
        self.connection = Connection(parent_socket.detach())
        self.sources = NO_SOURCES  # the sources that the reader already has
        try:
            if not self.connection.poll(_START_TIMEOUT):
                raise EOFError
            failure: MachineError | None = self.connection.recv()
            if failure:
                raise failure
        except (EOFError, OSError):
            raise MachineError(f"the process that reads pages did not start (exit status {self.end()})") from None
        except BaseException:
            self.end()
            raise
        self.watched = psutil.Process(self.process.pid)
        self.first_memory = self._memory()

    def read(self, page: Page, limits: PageLimits) -> Article | Reject:
        """Extract one page. Raises _ReaderEnded or MachineError; after any error the reader no longer runs."""
        try:
            before = self._memory()
            sources = None if page.sources is self.sources else page.sources
            self.connection.send((replace(page, sources=NO_SOURCES), sources, limits))
            self.sources = page.sources
            self._wait(limits, before + limits.memory)
            result: Article | Reject | MachineError = self.connection.recv()
            if isinstance(result, MachineError):
                raise result
            if self._memory() > self.first_memory + _MOST_GROWTH:
                self.end()
            return result
        except (EOFError, OSError, psutil.Error):
            raise self._ended(limits) from None
        except BaseException:  # also on Ctrl-C: the pending result must not be taken for that of the next page
            self.end()
            raise

    def end(self) -> int:
        """Kill the reader. Return its exit status, or minus the number of the signal that ended it earlier."""
        self.connection.close()
        self.process.kill()
        return self.process.wait()

    def _wait(self, limits: PageLimits, most_memory: int) -> None:
        """Wait until the reader has sent its result. Raises _ReaderEnded if the page takes too much memory.

        The page's own time is limited by the reader's timer. Raises MachineError if the reader hardly runs.
        """
        deadline = time.monotonic() + limits.seconds * _WAIT_FACTOR
        while not self.connection.poll(_POLL):
            if self._memory() > most_memory:
                raise _ReaderEnded("memory", f"reading the page takes more than {limits.memory // 2**20:,} MiB")
            if time.monotonic() > deadline:
                raise MachineError(
                    f"the process that reads pages hardly ran in {limits.seconds * _WAIT_FACTOR:g} s: it is stopped, "
                    "or the machine is overloaded"
                )

    def _ended(self, limits: PageLimits) -> _ReaderEnded:
        """End the reader, and return why it stopped answering."""
        status = self.end()
        if status == -signal.SIGPROF:
            return _ReaderEnded("timeout", f"reading the page takes more than {limits.seconds:g} s")
        cause = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        from_outside = status < 0 and -status not in _CRASHES
        return _ReaderEnded(None if from_outside else "crashed", f"the process that read the page died ({cause})")

    def _memory(self) -> int:
        resident: int = self.watched.memory_info().rss
        return resident


_lock = threading.Lock()  # threads take turns, as a reader reads one page at a time
_reader: _Reader | None = None


def _running_reader() -> _Reader:
    """Return this process's reader; start one if none is running."""
    global _reader
    if _reader is None or _reader.process.poll() is not None:
        _end_reader()
        _reader = _Reader()
    return _reader


def _end_reader() -> None:
    global _reader
    if _reader is not None:
        _reader.end()
    _reader = None


def _forget_reader() -> None:
    """Forget the reader in a forked process: it belongs to the parent."""
    global _reader, _lock
    if _reader is not None:
        _reader.connection.close()
    _reader, _lock = None, threading.Lock()


atexit.register(_end_reader)
os.register_at_fork(after_in_child=_forget_reader)


# -- the reader process ----------------------------------------------------------------------------------------------


def serve(descriptor: int) -> None:
    """Read pages until the parent ends. `descriptor` is that of the socket to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _end_with_parent()
    logging.getLogger().addHandler(logging.NullHandler())  # keeps warnings of libraries away from the terminal
    connection = Connection(descriptor)
    failure = None
    try:
        check_known_page()  # also loads what is loaded on first use, so that it does not count for a page
    except MachineError as error:
        failure = error
    current_sources = NO_SOURCES
    with contextlib.suppress(EOFError, OSError):
        connection.send(failure)
        while failure is None:
            page, sources, limits = connection.recv()
            current_sources = current_sources if sources is None else sources
            # The timer of the operating system ends the process even if no Python code gets to run.
            signal.setitimer(signal.ITIMER_PROF, limits.seconds)
            result = _extract_or_fail(replace(page, sources=current_sources), limits)
            signal.setitimer(signal.ITIMER_PROF, 0)
            connection.send(result)


def _extract_or_fail(page: Page, limits: PageLimits) -> Article | Reject | MachineError:
    """Return a page's row, or an error if the machine, a library or a model is at fault and not the page."""
    try:
        row = extract(page)
        if isinstance(row, Reject) and row.reason == "broken":
            check_known_page()
        return row
    except MachineError as error:
        return error
    except MemoryError:
        if _has_memory(limits.memory):
            return reject(page, "memory", f"reading the page takes more than {limits.memory // 2**20:,} MiB")
        return MachineError(f"less than {limits.memory // 2**20:,} MiB of memory are left for reading a page")
    except Exception as error:  # noqa: BLE001 - see page.extract(): all others are errors of the machine
        return MachineError(f"{type(error).__name__}: {error}")


def _has_memory(size: int) -> bool:
    """Whether this process could take so many bytes of memory."""
    try:
        mmap.mmap(-1, size).close()
    except (OSError, ValueError, MemoryError):
        return False
    return bool(psutil.virtual_memory().available > size)


def _end_with_parent() -> None:
    """Make this process end with its parent: at once on Linux, elsewhere after the current page and its time limit."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
