"""What hostile servers cost: the outcome of each attack (such as a small answer that expands to gigabytes), and the
peak memory and time of the process that fetched all answers.

Run: python -m benchmarks.bombs
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import brotli

from benchmarks.crawl import NIGHT, peak_memory, start_visit
from etl.configuration.settings import Settings, find_settings
from etl.warc.reader import Record, read_warc
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from evaluation.loopback import Reply, Request, reply, serving
from schemas import FETCHES

MIB = 2**20


def gzipped_zeros(size: int) -> bytes:
    compressor = zlib.compressobj(9, wbits=31)
    return b"".join(compressor.compress(bytes(MIB)) for _ in range(size // MIB)) + compressor.flush()


def brotli_zeros(size: int) -> bytes:
    compressor = brotli.Compressor(quality=1)
    return b"".join(compressor.process(bytes(MIB)) for _ in range(size // MIB)) + bytes(compressor.finish())


def gzipped_six_times(body: bytes) -> bytes:
    for _ in range(6):
        body = gzip.compress(body)
    return body


def billion_laughs() -> bytes:
    """A document type whose entity e10 stands for ten thousand million words."""
    nested = b"".join(b"<!ENTITY e%d '%b'>" % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 11))
    return b"<!DOCTYPE r [<!ENTITY e0 'ha'>" + nested + b"]>"


ITEM = b"<rss version='2.0'><channel><item><link>/ok</link>%b</item></channel></rss>"
EXTERNAL_ENTITY = b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SIZED_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
URLS = b"".join(b"<url><loc>/n/%d</loc></url>" % n for n in range(4_500_000))


async def slow() -> AsyncIterator[bytes]:
    yield SIZED_HEAD
    while True:
        yield b"x"
        await asyncio.sleep(10)


async def endless() -> AsyncIterator[bytes]:
    yield CHUNKED_HEAD
    while True:
        yield b"10000\r\n" + bytes(65_536) + b"\r\n"


async def reset() -> AsyncIterator[bytes]:
    yield SIZED_HEAD + b"<html>half"


ATTRIBUTES = b" ".join(b"a%d='1'" % n for n in range(40_000))
# Name -> the kind of listing, and what the server answers. In a source of the kind `lists` the bomb is a page.
BOMBS: dict[str, tuple[str, Callable[[], Reply]]] = {
    "gzip of 1 GiB": ("lists", lambda: encoded(gzipped_zeros(1024 * MIB), "gzip")),
    "gzip of 1 GiB, twice": ("lists", lambda: encoded(gzip.compress(gzipped_zeros(1024 * MIB)), "gzip")),
    "gzip, gzip": ("lists", lambda: encoded(gzip.compress(gzipped_zeros(64 * MIB)), "gzip, gzip")),
    "brotli of 1 GiB": ("lists", lambda: encoded(brotli_zeros(1024 * MIB), "br")),
    "six encodings": ("lists", lambda: encoded(gzipped_six_times(bytes(MIB)), ", ".join(["gzip"] * 6))),
    "sitemap of 120 MiB": ("sitemaps", lambda: sitemap(URLS)),
    "the same in gzip": ("sitemaps", lambda: reply(body=gzip.compress(b"<urlset>" + URLS + b"</urlset>", 1))),
    "sitemap of 19 MiB": ("sitemaps", lambda: sitemap(URLS[: 19 * MIB])),
    "entities in a sitemap": ("sitemaps", lambda: sitemap(b"<url><loc>/&e10;</loc></url>", billion_laughs())),
    "entities in a feed": ("feeds", lambda: reply(body=billion_laughs() + ITEM % b"<title>&e10;</title>")),
    "external entity in a sitemap": ("sitemaps", lambda: sitemap(b"<url><loc>&x;</loc></url>", EXTERNAL_ENTITY)),
    "external entity in a feed": ("feeds", lambda: reply(body=EXTERNAL_ENTITY + ITEM % b"<title>&x;</title>")),
    "40,000 attributes": ("feeds", lambda: reply(body=ITEM % (b"<x " + ATTRIBUTES + b"/>"))),
    "a name of 1 MB": ("feeds", lambda: reply(body=ITEM % (b"<author>" + b"a" * MIB + b"</author>"))),
    "10 MB of <": ("feeds", lambda: reply(body=ITEM % (b"<" * 10 * MIB))),
    "a byte every 10 s": ("lists", slow),
    "endless chunks": ("lists", endless),
    "reset half-way": ("lists", reset),
    "sitemaps in a circle": ("sitemaps", lambda: index(b"/bomb")),
    "sitemaps without end": ("sitemaps", lambda: index(b"/bomb/%f" % time.time())),
    "a calendar without end": ("sections", lambda: reply(body=b"<a href='/calendar/%f'>tomorrow</a>" % time.time())),
}  # fmt: skip
# Bombs that are made anew for every request.
CHANGING = ("a byte every 10 s", "endless chunks", "reset half-way", "sitemaps without end", "a calendar without end")


def sitemap(body: bytes, before: bytes = b"") -> bytes:
    return reply(body=before + b"<urlset>" + body + b"</urlset>")


def index(address: bytes) -> bytes:
    return reply(body=b"<sitemapindex><sitemap><loc>" + address + b"</loc></sitemap></sitemapindex>")


def encoded(body: bytes, encoding: str) -> bytes:
    return reply(body=body, Content_Encoding=encoding)


def host(number: int) -> str:
    return f"127.0.2.{1 + number}"


def serve(port: Synchronized[int]) -> None:
    """Serve the bombs, one on each host, and set `port`."""
    names = {host(number): name for number, name in enumerate(BOMBS)}
    prepared = {name: body for name in BOMBS if name not in CHANGING and isinstance(body := BOMBS[name][1](), bytes)}

    def respond(request: Request) -> Reply:
        name = names[request.host]
        if request.path == "/robots.txt":
            return reply(404)
        if not request.path.startswith(("/bomb", "/calendar")):
            return reply(body=b"<html>fine</html>")
        return prepared.get(name) or BOMBS[name][1]()

    with serving(respond) as number:
        port.value = number
        time.sleep(3600)


def write_config(folder: Path, port: int) -> Settings:
    """A configuration with a source for each bomb."""
    sources = folder / "config" / "sources"
    sources.mkdir(parents=True)
    (folder / "config" / "dateline.yaml").write_text(
        "contact: bench@dateline.example\ndelay_seconds: 0\nprivate_networks: [127.0.0.0/8]\npages_per_visit: 20\n"
    )
    for number, (kind, _) in enumerate(BOMBS.values()):
        address = f"http://{host(number)}:{port}/bomb"
        (sources / f"{number:02d}.txt").write_text(address + "\n")
        (sources / f"bomb-{number:02d}.yaml").write_text(
            f"title: bomb\nhosts: [{host(number)}]\narticle_links: ['.']\n"
            f"{kind}: ['{f'{number:02d}.txt' if kind == 'lists' else address}']\n"
        )
    return find_settings(folder / "config")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    context = multiprocessing.get_context("fork")
    port = context.Value("i", 0)
    server = context.Process(target=serve, args=(port,), daemon=True)
    server.start()
    while port.value == 0:
        time.sleep(0.01)
    settings = write_config(folder, port.value)
    began = datetime.now(UTC)
    process, peak = start_visit(settings, NIGHT), 0
    while process.poll() is None:
        peak = max(peak, peak_memory(process.pid))
        time.sleep(0.02)
    seconds = (datetime.now(UTC) - began).total_seconds()
    server.terminate()
    print(f"{'bomb':30} outcome, and how many pages behind it were requested")
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        for number, name in enumerate(BOMBS):
            outcome, detail, pages = connection.execute(
                "SELECT any_value(outcome) FILTER (contains(url, '/bomb')), "
                "any_value(detail) FILTER (contains(url, '/bomb')), "
                "count(*) FILTER (kind = 'page' AND requests > 0) FROM fetches WHERE source = ?",
                [f"bomb-{number:02d}"],
            ).fetchall()[0]
            print(f"{name:30} {outcome}: {detail or ''} ({pages})")
    stored = [
        item.url
        for path in (settings.warehouse / "warc").glob("*.gz")
        for item in read_warc(path)
        if isinstance(item, Record) and item.url.endswith("/bomb")
    ]
    print(f"peak memory {peak / MIB:.0f} MB, {seconds:.0f} s, bombs stored as pages: {len(stored)}")
    shutil.rmtree(folder)
    sys.exit(not (process.returncode == 0 and peak < 300 * MIB and len(stored) <= 1))


if __name__ == "__main__":
    main()
