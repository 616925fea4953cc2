"""Fetching, measured on loopback: kills, politeness, second nights, throughput.

    python -m benchmarks.crawl [kills | second-night | throughput] …

A server in a process of its own notes when each address was asked; visits run in further processes, which the first
measurement kills (SIGKILL) and starts again.
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

from etl.configuration.settings import Settings, find_settings
from etl.fetch.stage import fetch
from etl.ingest.registry import register_found
from etl.warc.reader import Damage, Record, read_warc
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from evaluation.loopback import Request, reply, serving
from schemas import FETCHES

WORDS = "the minister said on Tuesday that both countries would hold talks about trade and security in spring ".split()


# -- the sites -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """So many hosts (127.0.1.1 and on) with so many pages each; `edited` ones read otherwise on a second night."""

    hosts: int
    pages: int
    page_bytes: int = 20_000
    edited: int = 0

    def host(self, number: int) -> str:
        return f"127.{1 + number // 250}.1.{1 + number % 250}"


def page(number: int, size: int, edition: int) -> bytes:
    chosen = random.Random(f"{number}-{edition}")
    text = " ".join(chosen.choice(WORDS) for _ in range(size // 6))
    head = f"<html><head><title>Page {number}, edition {edition}</title></head><body><article>"
    return f"{head}<h1>Page {number}, edition {edition}</h1><p>{text}</p></article></body></html>".encode()


def serve(world: World, port: Synchronized[int], night: Synchronized[int], log: Path) -> None:
    cache: dict[tuple[int, int], bytes] = {}

    def respond(request: Request) -> bytes:
        edition = night.value
        answer = _answer(world, request, edition, cache)
        lines.write(json.dumps([request.at, request.host, request.path, edition, len(answer)]) + "\n")
        lines.flush()
        return answer

    with log.open("a") as lines, serving(respond) as number:
        port.value = number
        signal.pause()


def _answer(world: World, request: Request, edition: int, cache: dict[tuple[int, int], bytes]) -> bytes:
    if request.path == "/robots.txt":
        return reply(body=b"User-agent: *\nDisallow: /private\n", Content_Type="text/plain")
    if request.path == "/sitemap.xml":
        authority = request.headers["Host"]
        urls = "".join(f"<url><loc>http://{authority}/news/{n}</loc></url>" for n in range(world.pages))
        body, kind = f"<urlset>{urls}</urlset>".encode(), "application/xml"
    else:
        number = int(request.path.rpartition("/")[2])
        key = (number, edition if number < world.edited else 0)
        body = cache.setdefault(key, page(number, world.page_bytes, key[1]))
        kind = "text/html"
    etag = f'"{hash(body) & 0xFFFFFFFF:x}"'
    if request.headers.get("If-None-Match") == etag:
        return f"HTTP/1.1 304 -\r\nETag: {etag}\r\n\r\n".encode()
    return reply(body=body, Content_Type=kind, ETag=etag)


@contextmanager
def served(world: World, folder: Path) -> Iterator[tuple[int, Synchronized[int], Path]]:
    """The sites in a process of their own: their port, the night they play, and the log of what was asked."""
    context = multiprocessing.get_context("fork")
    port, night = context.Value("i", 0), context.Value("i", 0)
    process = context.Process(target=serve, args=(world, port, night, folder / "asked.jsonl"), daemon=True)
    process.start()
    while port.value == 0:
        time.sleep(0.01)
    try:
        yield port.value, night, folder / "asked.jsonl"
    finally:
        process.terminate()
        process.join()


def write_config(world: World, folder: Path, port: int, delay: float) -> Settings:
    config = folder / "config"
    (config / "sources").mkdir(parents=True, exist_ok=True)
    (config / "dateline.yaml").write_text(
        f"contact: bench@dateline.example\ndelay_seconds: {delay}\nprivate_networks: [127.0.0.0/8]\n"
        "pages_per_visit: 100000\n"
    )
    for number in range(world.hosts):
        host = world.host(number)
        (config / "sources" / f"host-{number:03d}.yaml").write_text(
            f"title: Host {number}\nhosts: [{host}]\nlanguage: en\nsitemaps: ['http://{host}:{port}/sitemap.xml']\n"
        )
    return find_settings(config)


def asked(log: Path) -> list[tuple[float, str, str, int, int]]:
    return [tuple(json.loads(line)) for line in log.read_text().splitlines() if line.endswith("]")]  # type: ignore[misc]


# -- the measurements ------------------------------------------------------------------------------------------------

NIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)


def start(settings: Settings, night: datetime) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.crawl", "visit", str(settings.config), night.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def visit(config: str, night: str) -> None:
    """A process that visits all sources, as `dateline fetch` does."""
    settings, as_of = find_settings(Path(config)), datetime.fromisoformat(night)
    fetch(settings, [], as_of, lambda: datetime.now(UTC))
    (settings.config.parent / "peak").write_text(str(memory(os.getpid())))
    store = Store(settings.warehouse)
    with store.writing():
        register_found(store, settings.warehouse, as_of)


def kills(folder: Path, hosts: int = 50, pages: int = 40, delay: float = 0.5, times: int = 10) -> bool:
    """2,000 pages on 50 hosts, killed and started again ten times."""
    world = World(hosts, pages)
    with served(world, folder) as (port, _, log):
        settings = write_config(world, folder, port, delay)
        killed = []
        began = time.time()
        chosen = random.Random(1)
        for _ in range(times):
            process = start(settings, NIGHT)
            time.sleep(chosen.uniform(2.2, 4.5))
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed.append(time.time())
        assert start(settings, NIGHT).wait() == 0
        seconds = time.time() - began
        rows = asked(log)
    gaps = defaultdict(list)
    for at, host, *_ in sorted(rows):
        gaps[host].append(at)
    smallest = min(later - earlier for times_ in gaps.values() for earlier, later in pairwise(times_))
    count = Counter((host, path) for _, host, path, *_ in rows if path.startswith("/news"))
    twice = {address for address, n in count.items() if n > 1}
    flying = {last_before(kill, host, rows) for kill in killed for host in gaps}
    cut = len(twice & flying)
    stored = Counter(
        item.url
        for path in (settings.warehouse / "warc").glob("*.warc.gz")
        for item in read_warc(path)
        if isinstance(item, Record)
    )
    table = table_counts(settings)
    print(f"{hosts} hosts, {len(count):,} pages, killed {times} times, {seconds:.0f} s")
    print(f"  smallest gap between two requests to a host: {smallest:.3f} s (delay {delay} s)")
    print(f"  pages asked twice: {len(twice)}; of these the last that its host was asked before a kill: {cut}")
    print(f"  pages stored: {len(stored):,}, twice: {sum(n > 1 for n in stored.values())}; rows in fetches: {table}")
    lost = hosts * pages - len(stored)
    print(f"  pages lost: {lost}")
    return smallest >= delay and lost == 0 and len(twice) == cut and max(stored.values()) == 1


def last_before(kill: float, host: str, rows: list[tuple[float, str, str, int, int]]) -> tuple[str, str]:
    """What a host was asked last before a kill: its answer may not have been kept."""
    return host, max(((at, path) for at, of, path, *_ in rows if of == host and at < kill), default=(0.0, ""))[1]


def table_counts(settings: Settings) -> dict[str, int]:
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        return dict(
            connection.execute(
                "SELECT kind || ' ' || outcome, count(*) FROM fetches GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        )


def second_night(folder: Path, hosts: int = 5, pages: int = 100) -> bool:
    """A night after: what of an unchanged site is sent again, and what of three edited pages is found."""
    world = World(hosts, pages, edited=3)
    with served(world, folder) as (port, night, log):
        settings = write_config(world, folder, port, 0.0)
        assert start(settings, NIGHT).wait() == 0
        first = sum(size for *_, size in asked(log))
        assert start(settings, NIGHT + timedelta(days=1)).wait() == 0
        second = sum(size for *_, size in asked(log)) - first
        night.value = 1  # three pages of each host are edited, a week later
        n_before = len(asked(log))
        # The first reading is a week old by the tables: the clock of a live visit is the true one.
        edited = _a_week_later(settings)
        third = sum(size for *_, size in asked(log)[n_before:])
    print(f"second night: {second:,} bytes after {first:,}: {second / first:.2%}; {table_counts(settings)}")
    print(f"a week later, 3 of {pages} pages of each of {hosts} hosts edited: {third:,} bytes, new versions: {edited}")
    return second / first < 0.02 and edited == 3 * hosts


def _a_week_later(settings: Settings) -> int:
    as_of = NIGHT + timedelta(days=7)
    assert start(settings, as_of).wait() == 0
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        return int(
            connection.execute(
                "SELECT count(*) FROM fetches WHERE kind = 'page' AND outcome = 'ok' AND batch LIKE ?",
                [f"{as_of:%Y%m%d}%"],
            ).fetchall()[0][0]
        )


def throughput(folder: Path, hosts: int = 200, pages: int = 100) -> bool:
    """20,000 pages on 200 hosts without a delay: requests a second, processor time, memory."""
    world = World(hosts, pages)
    with served(world, folder) as (port, _, log):
        settings = write_config(world, folder, port, 0.0)
        began, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        process = start(settings, NIGHT)
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory(process.pid))
            time.sleep(0.05)
        seconds, after = time.time() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        rows = asked(log)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        peer = peer_seconds(world, port)
    size = sum(path.stat().st_size for path in (settings.warehouse / "warc").glob("*.warc.gz"))
    damaged = sum(isinstance(i, Damage) for p in (settings.warehouse / "warc").glob("*.gz") for i in read_warc(p))
    print(f"{len(rows):,} requests to {hosts} hosts in {seconds:.1f} s: {len(rows) / seconds:.0f} a second")
    fetched = int((folder / "peak").read_text())
    print(f"  peak memory {fetched / 2**20:.0f} MB, {peak / 2**20:.0f} MB with the registration of all files behind it")
    print(f"  processor {cpu:.1f} s, WARC {size / 2**20:.0f} MB, damaged {damaged}")
    print(
        f"  aiohttp alone, the same pages read and thrown away: {peer:.1f} s: ours takes {seconds / peer:.1f} times it"
    )
    return process.returncode == 0 and damaged == 0


def memory(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def peer_seconds(world: World, port: int) -> float:
    """The same addresses by bare aiohttp, one at a time a host, nothing kept."""
    import asyncio

    import aiohttp

    async def host(session: aiohttp.ClientSession, name: str) -> None:
        for number in range(world.pages):
            async with session.get(f"http://{name}:{port}/news/{number}") as response:
                await response.read()

    async def all_hosts() -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(host(session, world.host(n)) for n in range(world.hosts)))

    began = time.time()
    asyncio.run(all_hosts())
    return time.time() - began


MEASUREMENTS = {"kills": kills, "second-night": second_night, "throughput": throughput}


def main() -> None:
    if sys.argv[1:2] == ["visit"]:
        visit(*sys.argv[2:4])
        return
    good = True
    for name in sys.argv[1:] or list(MEASUREMENTS):
        folder = Path(tempfile.mkdtemp(dir=os.environ.get("DATELINE_BENCH")))
        try:
            fine = MEASUREMENTS[name](folder)
        finally:
            shutil.rmtree(folder)
        print(f"  {'as it should be' if fine else 'NOT AS IT SHOULD BE'}\n", flush=True)
        good = good and fine
    sys.exit(not good)


if __name__ == "__main__":
    main()
