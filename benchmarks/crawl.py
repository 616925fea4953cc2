"""Fetching, measured on loopback: killed processes, politeness, a second night, throughput.

    python -m benchmarks.crawl [kills | second-night | throughput] …

A server in a process of its own logs when each address was requested. Visits run in further processes; the measurement
`kills` kills these (SIGKILL) and starts them again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import NamedTuple

from etl.configuration.settings import Settings, find_settings
from etl.fetch.stage import fetch
from etl.ingest.registry import register_new_files
from etl.warc.reader import Damage, Record, read_warc
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from evaluation.loopback import Request, reply, serving
from schemas import FETCHES

WORDS = "the minister said on Tuesday that both countries would hold talks about trade and security in spring ".split()


# -- the sites -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GeneratedSites:
    """Hosts (127.1.1.1 and following) with a number of pages each. `edited`: how many pages of each host read
    otherwise in the second edition."""

    hosts: int
    pages: int
    page_bytes: int = 20_000
    edited: int = 0

    def host(self, number: int) -> str:
        return f"127.{1 + number // 250}.1.{1 + number % 250}"


def page(number: int, size: int, edition: int) -> bytes:
    """A page of about `size` bytes of text."""
    generator = random.Random(f"{number}-{edition}")
    text = " ".join(generator.choice(WORDS) for _ in range(size // 6))
    head = f"<html><head><title>Page {number}, edition {edition}</title></head><body><article>"
    return f"{head}<h1>Page {number}, edition {edition}</h1><p>{text}</p></article></body></html>".encode()


def serve_sites(sites: GeneratedSites, port: Synchronized[int], current_edition: Synchronized[int], log: Path) -> None:
    """Serve the sites until the process is ended. Sets `port`, and logs each request as a line of JSON."""
    cache: dict[tuple[int, int], bytes] = {}

    def respond(request: Request) -> bytes:
        edition = current_edition.value
        answer = _answer(sites, request, edition, cache)
        lines.write(json.dumps([request.at, request.host, request.path, edition, len(answer)]) + "\n")
        lines.flush()
        return answer

    with log.open("a") as lines, serving(respond) as number:
        port.value = number
        signal.pause()


def _answer(sites: GeneratedSites, request: Request, edition: int, cache: dict[tuple[int, int], bytes]) -> bytes:
    if request.path == "/robots.txt":
        return reply(body=b"User-agent: *\nDisallow: /private\n", Content_Type="text/plain")
    if request.path == "/sitemap.xml":
        authority = request.headers["Host"]
        urls = "".join(f"<url><loc>http://{authority}/news/{n}</loc></url>" for n in range(sites.pages))
        body, kind = f"<urlset>{urls}</urlset>".encode(), "application/xml"
    else:
        number = int(request.path.rpartition("/")[2])
        key = (number, edition if number < sites.edited else 0)
        body = cache.setdefault(key, page(number, sites.page_bytes, key[1]))
        kind = "text/html"
    etag = f'"{hash(body) & 0xFFFFFFFF:x}"'
    if request.headers.get("If-None-Match") == etag:
        return f"HTTP/1.1 304 -\r\nETag: {etag}\r\n\r\n".encode()
    return reply(body=body, Content_Type=kind, ETag=etag)


@contextmanager
def serving_sites(sites: GeneratedSites, folder: Path) -> Iterator[tuple[int, Synchronized[int], Path]]:
    """Serve the sites in a process of their own. Gives their port, the edition that they show, and the log of
    requests."""
    context = multiprocessing.get_context("fork")
    port, edition = context.Value("i", 0), context.Value("i", 0)
    process = context.Process(target=serve_sites, args=(sites, port, edition, folder / "requests.jsonl"), daemon=True)
    process.start()
    while port.value == 0:
        time.sleep(0.01)
    try:
        yield port.value, edition, folder / "requests.jsonl"
    finally:
        process.terminate()
        process.join()


def write_config(sites: GeneratedSites, folder: Path, port: int, delay: float) -> Settings:
    config = folder / "config"
    (config / "sources").mkdir(parents=True, exist_ok=True)
    (config / "dateline.yaml").write_text(
        f"contact: bench@dateline.example\ndelay_seconds: {delay}\nprivate_networks: [127.0.0.0/8]\n"
        "pages_per_visit: 100000\n"
    )
    for number in range(sites.hosts):
        host = sites.host(number)
        (config / "sources" / f"host-{number:03d}.yaml").write_text(
            f"title: Host {number}\nhosts: [{host}]\nlanguage: en\nsitemaps: ['http://{host}:{port}/sitemap.xml']\n"
        )
    return find_settings(config)


class LoggedRequest(NamedTuple):
    """A request that the server answered: when (seconds since 1970), and the size of the answer in bytes."""

    at: float
    host: str
    path: str
    edition: int
    size: int


def read_log(log: Path) -> list[LoggedRequest]:
    return [LoggedRequest(*json.loads(line)) for line in log.read_text().splitlines() if line.endswith("]")]


# -- the measurements ------------------------------------------------------------------------------------------------

NIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)


def start_visit(settings: Settings, night: datetime) -> subprocess.Popen[bytes]:
    """Start a process that visits all sources."""
    command = [sys.executable, "-m", "benchmarks.crawl", "visit", str(settings.config), night.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def visit(config: str, night: str) -> None:
    """Visit all sources in this process, as `dateline fetch` does, and write its peak memory to a file."""
    settings, as_of = find_settings(Path(config)), datetime.fromisoformat(night)
    fetch(settings, [], as_of, lambda: datetime.now(UTC))
    (settings.config.parent / "peak").write_text(str(peak_memory(os.getpid())))
    store = Store(settings.warehouse)
    with store.writing():
        register_new_files(store, settings.warehouse, as_of)


def kills(folder: Path, hosts: int = 50, pages: int = 40, delay: float = 0.5, times: int = 10) -> bool:
    """Fetch 2,000 pages on 50 hosts; the process is killed and started again ten times."""
    sites = GeneratedSites(hosts, pages)
    with serving_sites(sites, folder) as (port, _, log):
        settings = write_config(sites, folder, port, delay)
        killed_at = []
        began = time.time()
        generator = random.Random(1)
        for _ in range(times):
            process = start_visit(settings, NIGHT)
            time.sleep(generator.uniform(2.2, 4.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed_at.append(time.time())
        assert start_visit(settings, NIGHT).wait() == 0
        seconds = time.time() - began
        requests = read_log(log)
    request_times = defaultdict(list)
    for request in sorted(requests):
        request_times[request.host].append(request.at)
    smallest_gap = min(later - earlier for at in request_times.values() for earlier, later in pairwise(at))
    count = Counter((request.host, request.path) for request in requests if request.path.startswith("/news"))
    repeated = {address for address, n in count.items() if n > 1}
    interrupted = {last_before(kill, host, requests) for kill in killed_at for host in request_times}
    n_excused = len(repeated & interrupted)
    stored = Counter(
        item.url
        for path in (settings.warehouse / "warc").glob("*.warc.gz")
        for item in read_warc(path)
        if isinstance(item, Record)
    )
    table = table_counts(settings)
    print(f"{hosts} hosts, {len(count):,} pages, killed {times} times, {seconds:.0f} s")
    print(f"  smallest gap between two requests to a host: {smallest_gap:.3f} s (delay {delay} s)")
    print(f"  pages requested twice: {len(repeated)}; the last request to their host before a kill: {n_excused}")
    print(f"  pages stored: {len(stored):,}, twice: {sum(n > 1 for n in stored.values())}; rows in fetches: {table}")
    lost = hosts * pages - len(stored)
    print(f"  pages lost: {lost}")
    return smallest_gap >= delay and lost == 0 and len(repeated) == n_excused and max(stored.values()) == 1


def last_before(kill: float, host: str, requests: list[LoggedRequest]) -> tuple[str, str]:
    """The last address that was requested of a host before a kill: its answer may not have been stored."""
    before = ((r.at, r.path) for r in requests if r.host == host and r.at < kill)
    return host, max(before, default=(0.0, ""))[1]


def table_counts(settings: Settings) -> dict[str, int]:
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        return dict(
            connection.execute(
                "SELECT kind || ' ' || outcome, count(*) FROM fetches GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        )


def second_night(folder: Path, hosts: int = 5, pages: int = 100) -> bool:
    """Visit again the night after, when nothing has changed, and a week later, when pages were edited."""
    sites = GeneratedSites(hosts, pages, edited=3)
    with serving_sites(sites, folder) as (port, edition, log):
        settings = write_config(sites, folder, port, 0.0)
        assert start_visit(settings, NIGHT).wait() == 0
        first = sum(request.size for request in read_log(log))
        assert start_visit(settings, NIGHT + timedelta(days=1)).wait() == 0
        second = sum(request.size for request in read_log(log)) - first
        edition.value = 1  # three pages of each host are edited, a week later
        n_before = len(read_log(log))
        # The first reading is a week old by the tables: the clock of a live visit is the true one.
        edited = _visit_a_week_later(settings)
        third = sum(request.size for request in read_log(log)[n_before:])
    print(f"second night: {second:,} bytes after {first:,}: {second / first:.2%}; {table_counts(settings)}")
    print(f"a week later, 3 of {pages} pages of each of {hosts} hosts edited: {third:,} bytes, new versions: {edited}")
    return second / first < 0.02 and edited == 3 * hosts


def _visit_a_week_later(settings: Settings) -> int:
    """The number of pages that were new or changed a week later."""
    as_of = NIGHT + timedelta(days=7)
    assert start_visit(settings, as_of).wait() == 0
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        return int(
            connection.execute(
                "SELECT count(*) FROM fetches WHERE kind = 'page' AND outcome = 'ok' AND batch LIKE ?",
                [f"{as_of:%Y%m%d}%"],
            ).fetchall()[0][0]
        )


def throughput(folder: Path, hosts: int = 200, pages: int = 100) -> bool:
    """Fetch 20,000 pages on 200 hosts without a delay: requests a second, processor time, memory."""
    sites = GeneratedSites(hosts, pages)
    with serving_sites(sites, folder) as (port, _, log):
        settings = write_config(sites, folder, port, 0.0)
        began, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = start_visit(settings, NIGHT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.05)
        seconds, after = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        requests = read_log(log)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        plain_seconds = peer_seconds(sites, port)
    size = sum(path.stat().st_size for path in (settings.warehouse / "warc").glob("*.warc.gz"))
    damaged = sum(isinstance(i, Damage) for p in (settings.warehouse / "warc").glob("*.gz") for i in read_warc(p))
    print(f"{len(requests):,} requests to {hosts} hosts in {seconds:.1f} s: {len(requests) / seconds:.0f} a second")
    fetch_peak = int((folder / "peak").read_text())
    print(
        f"  peak memory {fetch_peak / 2**20:.0f} MB, {peak / 2**20:.0f} MB with the registration of all files after it"
    )
    print(f"  processor {cpu:.1f} s, WARC {size / 2**20:.0f} MB, damaged {damaged}")
    print(
        f"  aiohttp alone, which reads the same pages and keeps nothing: {plain_seconds:.1f} s; "
        f"ours takes {seconds / plain_seconds:.1f} times as long"
    )
    return process.returncode == 0 and damaged == 0


def peak_memory(pid: int) -> int:
    """The peak memory of a process in bytes; 0 where it cannot be read."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def peer_seconds(sites: GeneratedSites, port: int) -> float:
    """Seconds that plain aiohttp takes for the same pages, one at a time for each host, keeping nothing."""
    import asyncio

    import aiohttp

    async def read_host(session: aiohttp.ClientSession, name: str) -> None:
        for number in range(sites.pages):
            async with session.get(f"http://{name}:{port}/news/{number}") as response:
                await response.read()

    async def read_all() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(read_host(session, sites.host(n)) for n in range(sites.hosts)))

    began = time.time()
    asyncio.run(read_all())
    return time.time() - began


MEASUREMENTS = {"kills": kills, "second-night": second_night, "throughput": throughput}


def main() -> None:
    if sys.argv[1:2] == ["visit"]:
        visit(*sys.argv[2:4])
        return
    all_passed = True
    for name in sys.argv[1:] or list(MEASUREMENTS):
        folder = Path(tempfile.mkdtemp(dir=os.environ.get("DATELINE_BENCH")))
        try:
            passed = MEASUREMENTS[name](folder)
        finally:
            shutil.rmtree(folder)
        print(f"  {'passed' if passed else 'FAILED'}\n", flush=True)
        all_passed = all_passed and passed
    sys.exit(not all_passed)


if __name__ == "__main__":
    main()
