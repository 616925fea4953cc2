"""What hostile pages cost: each one's outcome, time and peak memory; and what confinement costs an ordinary page.

python -m benchmarks.hostile_pages [folder of .html.gz files]
"""

from __future__ import annotations

import contextlib
import gzip
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from etl.extract.page import Page, extract
from etl.extract.sandbox import extract_confined
from schemas import Article

MIB = 2**20
PAGES = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "pages" / "fundus"
_START = "<html><head><title>Treaty</title></head><body><article>"
_START += "<p>The president said on Monday that the two countries would sign the treaty in the autumn.</p>" * 3
_LD = "<script type='application/ld+json'>"


def page(html: str | bytes) -> Page:
    payload = html if isinstance(html, bytes) else html.encode()
    return Page("b", "a", "https://x.example/1", 200, "text/html", payload, datetime(2025, 9, 3, tzinfo=UTC), "w", 0)


HOSTILE: dict[str, Callable[[], str]] = {
    "300,000 tr": lambda: _START + "<table>" + "<tr>" * 300_000,
    "300,000 open a": lambda: _START + "<a>" * 300_000,
    "a million p": lambda: _START + "<p>x</p>" * 1_000_000,
    "a million open p": lambda: _START + "<p>" * 1_000_000,
    "a million nested div": lambda: _START + "<div>" * 1_000_000,
    "2,000 nested div": lambda: _START + "<div>" * 2_000,
    "30 MB in one text": lambda: _START + "<p>" + "word " * 6_000_000,
    "33 MiB of text": lambda: _START + "<p>" + "word " * 7_000_000,
    "11 MB of script": lambda: _START + "<script>" + "word " * 2_200_000 + "</script>",
    "100,000 attributes": lambda: _START + "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x</p>",
    "JSON-LD, 200,000 brackets": lambda: _START + _LD + "[" * 200_000 + "</script>",
    "JSON-LD, 200,000 graphs": lambda: _START + _LD + '{"@graph":' * 200_000 + "</script>",
    "200,000 meta": lambda: _START + "<meta name=author content=x>" * 200_000,
    "100,000 itemprop": lambda: _START + "<div itemprop=a>" * 1_500 + "<p itemprop=author>x</p>" * 100_000,
    "200,000 time": lambda: _START + "<time datetime=2025>x</time>" * 200_000,
    "a million brackets": lambda: _START + "<p>" + "<" * 1_000_000,
    "a million open comments": lambda: _START + "<!--" * 1_000_000,
    "3 MB of an article": lambda: _START + "<p>The minister said so, and the others agreed with her.</p>" * 50_000,
}


class Peak:
    """The largest memory of this process's children together, looked at every 10 ms."""

    def __init__(self) -> None:
        self.bytes = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            with contextlib.suppress(psutil.Error):
                self.bytes = max(self.bytes, sum(child.memory_info().rss for child in me.children()))
            time.sleep(0.01)


def hostile() -> None:
    extract_confined(page(_START))
    peak = Peak()
    print(f"{'page':28} {'MB':>5} {'outcome':10} {'seconds':>7} {'peak MiB':>8}  detail")
    for name, build in HOSTILE.items():
        bomb = page(build())
        peak.bytes, began = 0, time.monotonic()
        found = extract_confined(bomb)
        took = time.monotonic() - began
        outcome, detail = ("article", "") if isinstance(found, Article) else (found.reason, found.detail)
        print(f"{name:28} {len(bomb.payload) / 1e6:5.1f} {outcome:10} {took:7.1f} {peak.bytes // MIB:8}  {detail}")


def overhead(folder: Path) -> None:
    pages = [page(gzip.decompress(file.read_bytes())) for file in sorted(folder.rglob("*.html.gz"))]
    best: dict[str, float] = {}
    for _ in range(3):
        for read in (extract, extract_confined):
            began = time.perf_counter()
            for one in pages:
                read(one)
            took = 1000 * (time.perf_counter() - began) / len(pages)
            best[read.__name__] = min(took, best.get(read.__name__, took))
    direct, confined = best["extract"], best["extract_confined"]
    print(f"{len(pages)} pages: {direct:.2f} ms a page here, {confined:.2f} confined: {confined - direct:+.2f} ms")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGES
    if folder.is_dir():
        overhead(folder)
    else:
        print(f"{folder}: not there, so no overhead is measured")
    hostile()
