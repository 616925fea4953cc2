"""What hostile pages cost: the outcome, time and peak memory of each.

Also measures how much slower an ordinary page is when it is extracted in the confined process.

Run: python -m benchmarks.hostile_pages [folder of .html.gz files]
"""

from __future__ import annotations

import contextlib
import gzip
import sys
import threading
import time
from pathlib import Path

import psutil

from etl.extract.page import extract
from etl.extract.sandbox import extract_confined
from evaluation.fundus import FUNDUS
from evaluation.hostile_pages import HOSTILE, page
from schemas import Article

MIB = 2**20


class ChildrenPeak:
    """The peak memory of this process's children together, in bytes, measured every 10 ms."""

    def __init__(self) -> None:
        self.bytes = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        this_process = psutil.Process()
        while True:
            with contextlib.suppress(psutil.Error):
                self.bytes = max(self.bytes, sum(child.memory_info().rss for child in this_process.children()))
            time.sleep(0.01)


def print_hostile() -> None:
    """Print what each hostile page costs in the confined reader."""
    extract_confined(page("<p>loads the reader</p>"))
    peak = ChildrenPeak()
    print(f"{'page':28} {'MB':>5} {'outcome':10} {'seconds':>7} {'peak MiB':>8}  detail")
    for name, build in HOSTILE.items():
        hostile = page(build())
        peak.bytes, began = 0, time.monotonic()
        row = extract_confined(hostile)
        seconds = time.monotonic() - began
        outcome, detail = ("article", "") if isinstance(row, Article) else (row.reason, row.detail)
        size = len(hostile.payload) / 1e6
        print(f"{name:28} {size:5.1f} {outcome:10} {seconds:7.1f} {peak.bytes // MIB:8}  {detail}")


def print_overhead(folder: Path) -> None:
    """Print the time of ordinary pages, read in this process and confined: the best of three rounds."""
    pages = [page(gzip.decompress(file.read_bytes())) for file in sorted(folder.rglob("*.html.gz"))]
    best: dict[str, float] = {}
    for _ in range(3):
        for read in (extract, extract_confined):
            began = time.perf_counter()
            for ordinary in pages:
                read(ordinary)
            milliseconds = 1000 * (time.perf_counter() - began) / len(pages)
            best[read.__name__] = min(milliseconds, best.get(read.__name__, milliseconds))
    direct, confined = best["extract"], best["extract_confined"]
    print(
        f"{len(pages)} pages: {direct:.2f} ms a page in this process, {confined:.2f} confined: "
        f"{confined - direct:+.2f} ms"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FUNDUS
    if folder.is_dir():
        print_overhead(folder)
    else:
        print(f"{folder} is missing: the overhead is not measured")
    print_hostile()
