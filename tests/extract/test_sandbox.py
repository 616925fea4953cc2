"""Hostile pages cost themselves only: real processes, real bombs, lowered limits."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest

from etl.extract import sandbox
from etl.extract.page import extract
from etl.extract.sandbox import LIMITS, Limits, extract_confined
from evaluation.hostile_pages import HOSTILE, page
from schemas import Article, Reject

MIB = 2**20
SOME = Limits(seconds=2, memory=300 * MIB)


def good(number: int) -> str:
    sentence = f"The president said on Monday that country {number} would sign the treaty in the autumn."
    return f"<html><body><article><h1>Treaty</h1>{f'<p>{sentence}</p>' * 3}</article>"


@pytest.fixture(autouse=True)
def no_reader_before() -> Iterator[None]:
    sandbox._end()
    yield
    sandbox._end()


def readers(of: psutil.Process | None = None) -> list[psutil.Process]:
    found = []
    for child in (of or psutil.Process()).children():
        with contextlib.suppress(psutil.Error):  # ended meanwhile
            if "etl.extract.sandbox" in " ".join(child.cmdline()):
                found.append(child)
    return found


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_gives_what_extract_gives() -> None:
    for html in (good(1), "", "<p>short</p>"):
        assert extract_confined(page(html)) == extract(page(html))


def test_hostile_pages_cost_themselves_only() -> None:
    """Order kept, none lost, none twice: one answer a page, each about its own page."""
    bombs = {
        "a million nested div": "too_deep",
        "100,000 attributes": "timeout",
        "a million p": "memory",
        "33 MiB of text": "too_large",
    }
    for number, (name, reason) in enumerate(bombs.items()):
        found = extract_confined(page(HOSTILE[name]()), SOME)
        assert isinstance(found, Reject)
        assert (found.reason, bool(found.detail)) == (reason, True), name
        after = extract_confined(page(good(number)), SOME)
        assert isinstance(after, Article)
        assert f"country {number}" in after.text


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_at_full_size(name: str) -> None:
    """Within 30 s and 1 GiB: an article, or a reject with its reason; never an exception, and the next page is read."""
    began = time.monotonic()
    found = extract_confined(page(HOSTILE[name]()))
    assert isinstance(found, Article) or found.detail
    assert time.monotonic() - began < 2 * LIMITS.seconds
    assert isinstance(extract_confined(page(good(1))), Article)


def kill_while_it_reads(times: int) -> None:
    killed: set[int] = set()
    while len(killed) < times:
        for reader in readers():
            with contextlib.suppress(psutil.Error):
                busy = reader.cpu_times().user > 2  # it has started, and reads
                if reader.pid not in killed and busy:
                    reader.kill()
                    killed.add(reader.pid)
        time.sleep(0.01)


@pytest.mark.parametrize(("times", "reason"), [(1, "timeout"), (2, "crashed")])
def test_a_page_whose_reader_is_killed_is_tried_once_more(times: int, reason: str) -> None:
    killer = threading.Thread(target=kill_while_it_reads, args=[times], daemon=True)
    killer.start()
    found = extract_confined(page(HOSTILE["100,000 attributes"]()), Limits(seconds=4))
    killer.join(10)
    assert isinstance(found, Reject)
    assert (found.reason, "SIGKILL" in str(found.detail)) == (reason, reason == "crashed")


def test_a_reader_that_died_between_pages_costs_nothing() -> None:
    extract_confined(page(good(1)))
    readers()[0].kill()
    assert isinstance(extract_confined(page(good(2))), Article)


def test_one_reader_reads_page_after_page_unless_it_has_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    def pid() -> int:
        extract_confined(page(good(1)))
        return readers()[0].pid

    assert pid() == pid()
    monkeypatch.setattr(sandbox, "_GROWN", 20 * MIB)
    before = pid()
    extract_confined(page(f"<html><body>{'<p>x</p>' * 100_000}"))
    assert pid() != before


def test_threads_take_turns() -> None:
    found: dict[int, Article | Reject] = {}

    def read(number: int) -> None:
        for repeat in range(5):
            found[10 * number + repeat] = extract_confined(page(good(10 * number + repeat)))

    threads = [threading.Thread(target=read, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 20
    assert all(isinstance(a, Article) and f"country {number} " in a.text for number, a in found.items())


def test_in_a_worker_of_a_pool() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert isinstance(pool.submit(extract_confined, page(good(1))).result(60), Article)


def test_a_forked_process_starts_its_own() -> None:
    extract_confined(page(good(1)))
    child = os.fork()
    if child == 0:
        ok = isinstance(extract_confined(page(good(2))), Article)
        sandbox._end()
        os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert isinstance(extract_confined(page(good(3))), Article)


SCRIPT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are born without it
from evaluation.hostile_pages import HOSTILE, page
from etl.extract.sandbox import extract_confined
extract_confined(page("<p>x</p>"))
print("reads", flush=True)
extract_confined(page(HOSTILE["100,000 attributes"]()))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_reader_ends_with_its_parent(how: signal.Signals) -> None:
    """Even while it reads. Ctrl-C gives the parent's traceback only."""
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "reads\n"
    time.sleep(1)
    reader = readers(psutil.Process(parent.pid))[0]
    parent.send_signal(how)
    _, said = parent.communicate(timeout=60)
    assert said.count("Traceback") == (1 if how == signal.SIGINT else 0)
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
    found = extract(Page("b", "a", url, 200, "text/html", html.encode(), datetime.now(UTC), "", 0))
    reasons.append(getattr(found, "reason", "article"))
    assert "AssertionError" not in str(getattr(found, "detail", "")), found.detail
print(json.dumps(reasons))
"""


def test_no_network_from_extract(tmp_path: Path) -> None:
    """With an empty home, so that no cached list of public suffixes helps."""
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
