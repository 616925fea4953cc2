"""Hostile pages cost only themselves. The tests use real processes and real hostile pages, with lower limits."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import pytest

from etl.errors import MachineError
from etl.extract import page as page_module
from etl.extract import sandbox
from etl.extract.page import Page, extract
from etl.extract.sandbox import PAGE_LIMITS, PageLimits, extract_confined
from evaluation.hostile_pages import HOSTILE, page
from schemas import Article, Reject

MIB = 2**20
LOW_LIMITS = PageLimits(seconds=2, memory=300 * MIB)


def ordinary_page(number: int) -> str:
    sentence = f"The president said on Monday that country {number} would sign the treaty in the autumn."
    return f"<html><body><article><h1>Treaty</h1>{f'<p>{sentence}</p>' * 3}</article>"


@pytest.fixture(autouse=True)
def no_reader() -> Iterator[None]:
    sandbox._end_reader()
    yield
    sandbox._end_reader()


def readers(of: psutil.Process | None = None) -> list[psutil.Process]:
    processes = []
    for child in (of or psutil.Process()).children():
        with contextlib.suppress(psutil.Error):  # the process has ended
            if "etl.extract.sandbox" in " ".join(child.cmdline()):
                processes.append(child)
    return processes


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_extract_confined_returns_what_extract_returns() -> None:
    for html in (ordinary_page(1), "", "<p>short</p>"):
        assert extract_confined(page(html)) == extract(page(html))


def test_hostile_pages_cost_only_themselves() -> None:
    """Each page gives exactly one result, and that is its own."""
    reasons = {
        "a million nested div": "too_deep",
        "100,000 attributes": "timeout",
        "a million p": "memory",
        "33 MiB of text": "too_large",
    }
    for number, (name, reason) in enumerate(reasons.items()):
        row = extract_confined(page(HOSTILE[name]()), LOW_LIMITS)
        assert isinstance(row, Reject)
        assert (row.reason, bool(row.detail)) == (reason, True), name
        next_row = extract_confined(page(ordinary_page(number)), LOW_LIMITS)
        assert isinstance(next_row, Article)
        assert f"country {number}" in next_row.text


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_at_full_size(name: str) -> None:
    """Within 30 s and 1 GiB each page gives an article or a reject with a reason, and the next page is read."""
    started = time.monotonic()
    row = extract_confined(page(HOSTILE[name]()))
    assert isinstance(row, Article) or row.detail
    assert time.monotonic() - started < 2 * PAGE_LIMITS.seconds
    assert isinstance(extract_confined(page(ordinary_page(1))), Article)


def kill_busy_readers(times: int) -> None:
    killed: set[int] = set()
    while len(killed) < times:
        for reader in readers():
            with contextlib.suppress(psutil.Error):
                is_busy = reader.cpu_times().user > 2  # it has started and reads a page
                if reader.pid not in killed and is_busy:
                    reader.kill()
                    killed.add(reader.pid)
        time.sleep(0.01)


def test_a_page_whose_reader_is_killed_from_outside_is_tried_again() -> None:
    killer = threading.Thread(target=kill_busy_readers, args=[2], daemon=True)
    killer.start()
    row = extract_confined(page(HOSTILE["100,000 attributes"]()), PageLimits(seconds=4))
    killer.join(10)
    assert isinstance(row, Reject)
    assert row.reason == "timeout"


def test_a_page_is_not_rejected_because_its_readers_are_killed_from_outside() -> None:
    killer = threading.Thread(target=kill_busy_readers, args=[4], daemon=True)
    killer.start()
    with pytest.raises(MachineError, match=r"SIGKILL.*4 times"):
        extract_confined(page(HOSTILE["100,000 attributes"]()), PageLimits(seconds=8))
    killer.join(10)


def test_a_page_that_stops_its_reader_by_itself_is_rejected() -> None:
    def crash_busy_readers() -> None:
        crashed: set[int] = set()
        while len(crashed) < 2:
            for reader in readers():
                with contextlib.suppress(psutil.Error):
                    if reader.pid not in crashed and reader.cpu_times().user > 2:
                        reader.send_signal(signal.SIGSEGV)
                        crashed.add(reader.pid)
            time.sleep(0.01)

    threading.Thread(target=crash_busy_readers, daemon=True).start()
    row = extract_confined(page(HOSTILE["100,000 attributes"]()), PageLimits(seconds=8))
    assert isinstance(row, Reject)
    assert (row.reason, "SIGSEGV" in str(row.detail)) == ("crashed", True)


def test_a_page_is_not_rejected_because_its_reader_was_stopped() -> None:
    def stop_reader() -> None:
        wait_until(lambda: any(reader.cpu_times().user > 2 for reader in readers()))
        readers()[0].suspend()

    threading.Thread(target=stop_reader, daemon=True).start()
    with pytest.raises(MachineError, match="hardly ran"):
        extract_confined(page(HOSTILE["100,000 attributes"]()), PageLimits(seconds=3))
    assert isinstance(extract_confined(page(ordinary_page(1))), Article)


def may_mount() -> bool:
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


LIMITED = """
import resource, sys
from evaluation.hostile_pages import page
from etl.errors import MachineError
from etl.extract.sandbox import extract_confined
{limit}
try:
    print(type(extract_confined(page(sys.stdin.read()))).__name__)
except MachineError as error:
    print(f"MachineError: {{error}}")
"""


@pytest.mark.parametrize("limit", ["", "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))"])
def test_a_page_is_not_rejected_because_files_may_not_grow(limit: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED.format(limit=limit)], input=ordinary_page(1), capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("MachineError" if limit else "Article"), done.stderr
    assert ("File too large" in done.stdout) == bool(limit)


@pytest.mark.skipif(not may_mount(), reason="needs the right to mount a file system")
def test_a_page_is_not_rejected_because_the_temporary_folder_is_full(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=64k none "$TMPDIR" && exec "$0" "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount, sys.executable, "-c", LIMITED.format(limit="")],
        input=ordinary_page(1), env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("MachineError"), done.stderr
    assert "No space left on device" in done.stdout


def test_a_page_that_breaks_a_library_is_rejected_and_a_broken_library_is_not_the_fault_of_a_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail_on(url: str) -> None:
        def failing(page: Page, *arguments: Any) -> Any:
            if page.url.startswith(url):
                raise RuntimeError("library")
            return body(page, *arguments)

        monkeypatch.setattr("etl.extract.page._body", failing)

    body = page_module._body
    fail_on("https://x.example/")
    row = sandbox._extract_or_fail(page(ordinary_page(1)), PAGE_LIMITS)
    assert isinstance(row, Reject)
    assert (row.reason, row.detail) == ("broken", "RuntimeError: library")
    fail_on("")
    assert isinstance(sandbox._extract_or_fail(page(ordinary_page(1)), PAGE_LIMITS), MachineError)


def test_a_reader_that_died_between_two_pages_is_replaced() -> None:
    extract_confined(page(ordinary_page(1)))
    readers()[0].kill()
    assert isinstance(extract_confined(page(ordinary_page(2))), Article)


def test_a_reader_is_replaced_only_after_it_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    def pid() -> int:
        extract_confined(page(ordinary_page(1)))
        return readers()[0].pid

    assert pid() == pid()
    monkeypatch.setattr(sandbox, "_MOST_GROWTH", 20 * MIB)
    before = pid()
    extract_confined(page(f"<html><body>{'<p>x</p>' * 100_000}"))
    assert pid() != before


def test_threads_take_turns() -> None:
    rows: dict[int, Article | Reject] = {}

    def read(number: int) -> None:
        for repeat in range(5):
            rows[10 * number + repeat] = extract_confined(page(ordinary_page(10 * number + repeat)))

    threads = [threading.Thread(target=read, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(rows) == 20
    assert all(isinstance(row, Article) and f"country {number} " in row.text for number, row in rows.items())


def test_a_worker_of_a_process_pool_can_start_a_reader() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert isinstance(pool.submit(extract_confined, page(ordinary_page(1))).result(60), Article)


def test_a_forked_process_starts_its_own_reader() -> None:
    extract_confined(page(ordinary_page(1)))
    child = os.fork()
    if child == 0:
        is_article = isinstance(extract_confined(page(ordinary_page(2))), Article)
        sandbox._end_reader()
        os._exit(0 if is_article else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert isinstance(extract_confined(page(ordinary_page(3))), Article)


SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell start without this handler
from evaluation.hostile_pages import HOSTILE, page
from etl.extract.sandbox import extract_confined
extract_confined(page("<p>x</p>"))
print("reading", flush=True)
extract_confined(page(HOSTILE["100,000 attributes"]()))
"""


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_reader_ends_with_its_parent(sent: signal.Signals) -> None:
    """The reader ends even while it reads a page. Ctrl-C prints only the parent's traceback."""
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "reading\n"
    time.sleep(1)
    reader = readers(psutil.Process(parent.pid))[0]
    parent.send_signal(sent)
    _, errors = parent.communicate(timeout=60)
    assert errors.count("Traceback") == (1 if sent == signal.SIGINT else 0)
    if sys.platform == "linux":
        wait_until(lambda: not reader.is_running() or reader.status() == psutil.STATUS_ZOMBIE, 5)


OFFLINE = """
import json, socket, sys
from datetime import UTC, datetime
from pathlib import Path

def forbid(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        raise AssertionError(f"{event} {args}")

sys.addaudithook(forbid)

class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise AssertionError("a socket was made")

socket.socket = NoSocket
from etl.extract.page import Page, extract
reasons = []
for line in sys.stdin:
    url, html = json.loads(line)
    row = extract(Page("b", "a", url, 200, "text/html", html.encode(), datetime.now(UTC), "", 0))
    reasons.append(getattr(row, "reason", "article"))
    assert "AssertionError" not in str(getattr(row, "detail", "")), row.detail
print(json.dumps(reasons))
"""


def test_extract_does_not_use_the_network(tmp_path: Path) -> None:
    """The home folder is empty, so that there is no cached list of public suffixes."""
    golden = sorted((Path(__file__).parents[1] / "golden" / "pages").glob("*.html"))
    pages = [(f"https://www.site{n}.co.uk/news/{n}", file.read_text(encoding="utf-8")) for n, file in enumerate(golden)]
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE],
        input="\n".join(map(json.dumps, pages)),
        env=os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "TLDEXTRACT_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reasons = json.loads(done.stdout)
    assert len(reasons) == len(pages)
    assert reasons.count("article") > len(pages) // 2
