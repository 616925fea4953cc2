"""Pages whose article is known: article-extraction-benchmark and Fundus' test pages.

Both lie in ../shared/corpora, outside the repository. The benchmark's bodies were written down by people; Fundus'
bodies were extracted by a parser written for each outlet. Run python -m evaluation.gold_pages to check the scorer: it
scores the extractors' outputs in the benchmark's repository, and the scores must equal those that the benchmark
published.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from etl.extract.decode import decode
from etl.extract.html import Unreadable, parse_html
from etl.extract.structured import collapse
from evaluation.body_scores import body_scores, summary, words
from evaluation.corpora import CORPORA, need_corpora
from evaluation.fundus import FUNDUS

BENCHMARK = CORPORA / "pages" / "article-extraction-benchmark"
# So large a share of a body's words must stand in the page's text: some parsers read what no reader sees.
_LEAST_SHOWN = 0.8
_INVISIBLE_TAGS = frozenset("script style noscript template head svg iframe textarea select".split())
_BLOCK_TAGS = frozenset(
    "address article aside blockquote body br button caption dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td th tr "
    "ul".split()
)


@dataclass(frozen=True)
class GoldPage:
    """A page and the body of its article, a paragraph a line."""

    set: str
    name: str
    url: str
    html: bytes
    body: str


def article_extraction_benchmark() -> list[GoldPage]:
    """The benchmark's 181 pages, sorted by name."""
    truth = json.loads((BENCHMARK / "ground-truth.json").read_text(encoding="utf-8"))
    html = {name: _unpacked(BENCHMARK / "html" / f"{name}.html.gz") for name in sorted(truth)}
    return [
        GoldPage(BENCHMARK.name, name, truth[name]["url"], page, _collapsed_lines(truth[name]["articleBody"]))
        for name, page in html.items()
    ]


def committed_outputs() -> dict[str, dict[str, str]]:
    """Peer -> name of the page -> body, as the benchmark's makers committed them."""
    outputs = {}
    for path in sorted((BENCHMARK / "output").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        pages = content.get("output", content)
        if all("articleBody" in page for page in pages.values()):
            outputs[path.stem] = {name: page["articleBody"] or "" for name, page in pages.items()}
    return outputs


def fundus_gold_pages() -> list[GoldPage]:
    """Fundus' pages with the bodies that its parsers read: standfirsts, crossheads and paragraphs.

    The results of an outlet do not name their pages: a page belongs to the result whose paragraphs it shows.
    """
    pages = []
    for country in sorted(path for path in FUNDUS.iterdir() if (path / "meta.info").is_file()):
        info = json.loads((country / "meta.info").read_text(encoding="utf-8"))
        for name in sorted(name for name in info if (country / name).is_file()):
            results = country / f"{name.rsplit('_', 3)[0]}.json"
            versions = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}
            html = _unpacked(country / name)
            if body := _body_shown(html, [version["body"] for version in versions.values() if version.get("body")]):
                pages.append(GoldPage("fundus", f"{country.name}/{name}", info[name]["url"], html, body))
    return pages


def visible_text(html: bytes) -> str:
    """All that a reader of a page may see, a block a line; empty where the page cannot be parsed."""
    try:
        tree = parse_html(decode(html, "text/html"))
    except Unreadable:
        return ""
    parts: list[str | None] = []
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            parts += [
                "\n" if element.tag in _BLOCK_TAGS else "",
                element.text if element.tag not in _INVISIBLE_TAGS else "",
            ]
            if element.tag in _INVISIBLE_TAGS:
                walk.skip_subtree()
        else:
            parts += ["\n" if element.tag in _BLOCK_TAGS else "", element.tail]
    return "\n".join(line for raw in "".join(filter(None, parts)).split("\n") if (line := collapse(raw)))


def _body_shown(html: bytes, bodies: list[dict[str, Any]]) -> str | None:
    """The body most of whose words stand in the page, a paragraph a line; null where too few of each do."""
    shown = f" {' '.join(words(visible_text(html)))} "
    best, best_share = None, _LEAST_SHOWN
    for body in bodies:
        paragraphs = list(body.get("summary") or [])
        for section in body.get("sections") or []:
            paragraphs += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
        lines = [line for raw in paragraphs if (line := collapse(raw))]
        sizes = [(len(words(line)), f" {' '.join(words(line))} " in shown) for line in lines]
        total = sum(size for size, _ in sizes)
        share = sum(size for size, stands in sizes if stands) / total if total else 0.0
        if share >= best_share:
            best, best_share = "\n".join(lines), share
    return best


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _collapsed_lines(text: str | None) -> str:
    return "\n".join(line for raw in (text or "").split("\n") if (line := collapse(raw)))


def main() -> None:
    """Print the scores of the committed outputs, and how many of Fundus' pages can be used."""
    need_corpora()
    pages = article_extraction_benchmark()
    for peer, bodies in committed_outputs().items():
        scores = summary([body_scores(page.body, bodies.get(page.name, "")) for page in pages])
        print(f"{peer:16}" + "".join(f"{score:8.3f}" for score in scores))
    print(f"fundus: {len(fundus_gold_pages())} pages that show their body")


if __name__ == "__main__":
    main()
