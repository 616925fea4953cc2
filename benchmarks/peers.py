"""Other extractors, each run by the Python of an environment of its own. Imports nothing of this project.

python benchmarks/peers.py PEER PAGES.jsonl RESULT.json reads the pages one after the other (one JSON object per line,
with `name`, `url` and `html` in base64) and writes texts, dates, seconds and peak memory. Each peer starts from the raw
bytes, as our reader does. A page on which a peer fails gets an empty text. The network is blocked, as some peers would
fetch images.
"""

from __future__ import annotations

import base64
import json
import logging
import resource
import socket
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

Read = Callable[[bytes, str], tuple[str, Any]]
"""(html, url) -> the text, and the day of publication if the extractor gives it with the text."""
_BLOCKS = "p div li h1 h2 h3 h4 h5 h6 blockquote pre tr section article br".split()


def trafilatura_fast() -> Read:
    from trafilatura import extract

    return lambda html, url: (extract(html, url=url, fast=True, include_comments=False) or "", None)


def trafilatura_default() -> Read:
    from trafilatura import extract

    return lambda html, url: (extract(html, url=url, include_comments=False) or "", None)


def trafilatura_dates() -> Read:
    from trafilatura import bare_extraction

    def read(html: bytes, url: str) -> tuple[str, Any]:
        document: Any = bare_extraction(html, url=url, with_metadata=True, include_comments=False)
        return (document.text or "", document.date) if document else ("", None)

    return read


def newspaper() -> Read:
    from newspaper import Article

    def read(html: bytes, url: str) -> tuple[str, Any]:
        article = Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return article.text, article.publish_date

    return read


def readability() -> Read:
    from lxml.html import fromstring
    from readability import Document

    def read(html: bytes, url: str) -> tuple[str, Any]:
        tree: Any = fromstring(Document(html, url=url).summary(html_partial=True))
        for block in tree.iter(*_BLOCKS):
            block.tail = "\n" + (block.tail or "")
        return tree.text_content(), None

    return read


def goose3() -> Read:
    from bs4.dammit import UnicodeDammit
    from goose3 import Goose

    goose = Goose({"enable_image_fetching": False})

    def read(html: bytes, _: str) -> tuple[str, Any]:  # goose3 takes only text
        article = goose.extract(raw_html=UnicodeDammit(html, is_html=True).unicode_markup)
        return article.cleaned_text, article.publish_datetime_utc or article.publish_date

    return read


def news_please() -> Read:
    from newsplease import NewsPlease

    def read(html: bytes, url: str) -> tuple[str, Any]:
        article = NewsPlease.from_html(html, url=url, fetch_images=False)
        return article.maintext or "", article.date_publish

    return read


def resiliparse() -> Read:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def read(html: bytes, _: str) -> tuple[str, Any]:
        tree = HTMLTree.parse_from_bytes(html, detect_encoding(html))
        return extract_plain_text(tree, main_content=True, alt_texts=False, list_bullets=False), None

    return read


PEERS: dict[str, tuple[str, Callable[[], Read]]] = {
    "trafilatura, fast": ("trafilatura", trafilatura_fast),
    "trafilatura": ("trafilatura", trafilatura_default),
    "trafilatura, metadata": ("trafilatura", trafilatura_dates),
    "newspaper4k": ("newspaper4k", newspaper),
    "newspaper3k": ("newspaper3k", newspaper),
    "readability-lxml": ("readability-lxml", readability),
    "goose3": ("goose3", goose3),
    "news-please": ("news-please", news_please),
    "resiliparse": ("resiliparse", resiliparse),
}


def measure(label: str, read: Read, pages: Path) -> dict[str, Any]:
    """Read all pages. Returns the text and day of each, the seconds spent in `read`, and this process's peak memory
    with all libraries.

    The first page is read once before the clock starts, so that what is loaded then does not count.
    """
    texts: dict[str, str] = {}
    days: dict[str, str | None] = {}
    failed, seconds = 0, 0.0
    with pages.open(encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            html = base64.b64decode(page["html"])
            if not texts:
                _try(read, html, page["url"])
            started = time.perf_counter()
            output = _try(read, html, page["url"])
            seconds += time.perf_counter() - started
            failed += output is None
            text, day = output or ("", None)
            texts[page["name"]] = text
            days[page["name"]] = str(day)[:10] if day else None
    return {"label": label, "texts": texts, "days": days, "seconds": seconds, "peak": peak_memory(), "failed": failed}


def _try(read: Read, html: bytes, url: str) -> tuple[str, Any] | None:
    try:
        return read(html, url)
    except Exception:  # noqa: BLE001 - a page that a peer fails on counts as one without a text
        return None


def peak_memory() -> int:
    """This process's peak memory in bytes. On Linux it is not taken from getrusage, which gives the parent's peak where
    that is larger."""
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _refuse(*_: Any, **__: Any) -> Any:
    raise OSError("the network is blocked")


def main() -> None:
    peer, pages, result = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    socket.getaddrinfo = _refuse
    package, make = PEERS[peer]
    label = peer.replace(package, f"{package} {version(package)}")
    result.write_text(json.dumps(measure(label, make(), pages)), encoding="utf-8")


if __name__ == "__main__":
    main()
