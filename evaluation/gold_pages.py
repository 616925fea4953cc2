"""Pages whose article is known, and how an extracted body is scored against it.

Two sets lie beside the project (../shared/corpora): article-extraction-benchmark, whose bodies were written down by
hand, and fundus' test pages, whose bodies are what a parser made for each outlet found. Scores are those of the
benchmark's own scorer: 4-grams of words, precision and recall as means over pages.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lxml import etree

from etl.extract.decode import decode
from etl.extract.html import Unreadable, parse_html
from etl.extract.structured import collapse

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
BENCHMARK = CORPORA / "pages" / "article-extraction-benchmark"
FUNDUS = CORPORA / "pages" / "fundus"
FUNDUS_LEAST = 0.8  # of a body's paragraphs must stand in the page's text: some parsers read what no reader sees
_WORD = re.compile(r"\w+")
_UNSEEN = frozenset("script style noscript template head svg iframe textarea select".split())
_BLOCK = frozenset(
    "address article aside blockquote body br button caption dd details div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody td th tr "
    "ul".split()
)

Row = tuple[float, float, float]
"""One page's (true positives, false positives, false negatives), which together are 1, or 0 where there is nothing."""


@dataclass(frozen=True)
class GoldPage:
    """A page and the article's body on it, a paragraph a line."""

    set: str
    name: str
    url: str
    html: bytes
    body: str


class Summary(NamedTuple):
    """Scores of a set: means over pages; F1 of the two means; `exact`, the share of pages without any difference."""

    f1: float
    precision: float
    recall: float
    exact: float


# -- sets ------------------------------------------------------------------------------------------------------------


def need_corpora() -> None:
    """Ends the program with one line where the corpora are absent."""
    if not CORPORA.is_dir():
        sys.exit(f"{CORPORA} is not there: the corpora lie beside the project")


def article_extraction_benchmark() -> list[GoldPage]:
    """The 181 pages whose bodies were written down by hand, by name."""
    truth = json.loads((BENCHMARK / "ground-truth.json").read_text(encoding="utf-8"))
    html = {name: _page(BENCHMARK / "html" / f"{name}.html.gz") for name in sorted(truth)}
    return [
        GoldPage(BENCHMARK.name, name, truth[name]["url"], page, _lines(truth[name]["articleBody"]))
        for name, page in html.items()
    ]


def committed_outputs() -> dict[str, dict[str, str]]:
    """Peer -> page's name -> body, as the benchmark's makers committed them."""
    found = {}
    for path in sorted((BENCHMARK / "output").glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        pages = said.get("output", said)
        if all("articleBody" in page for page in pages.values()):
            found[path.stem] = {name: page["articleBody"] or "" for name, page in pages.items()}
    return found


def fundus() -> list[GoldPage]:
    """Fundus' pages with the body that its parser of the outlet read: standfirst, crossheads and paragraphs.

    An outlet's results do not name their pages: a page's is the one whose paragraphs stand in its text.
    """
    pages = []
    for country in sorted(path for path in FUNDUS.iterdir() if (path / "meta.info").is_file()):
        info = json.loads((country / "meta.info").read_text(encoding="utf-8"))
        for name in sorted(name for name in info if (country / name).is_file()):
            results = country / f"{name.rsplit('_', 3)[0]}.json"
            said = json.loads(results.read_text(encoding="utf-8")) if results.is_file() else {}
            html = _page(country / name)
            if body := _body_seen(html, [version["body"] for version in said.values() if version.get("body")]):
                pages.append(GoldPage("fundus", f"{country.name}/{name}", info[name]["url"], html, body))
    return pages


def visible_text(html: bytes) -> str:
    """All that a reader of a page may see, its blocks in lines; empty where the page cannot be parsed."""
    try:
        tree = parse_html(decode(html, "text/html"))
    except Unreadable:
        return ""
    parts: list[str | None] = []
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            parts += ["\n" if element.tag in _BLOCK else "", element.text if element.tag not in _UNSEEN else ""]
            if element.tag in _UNSEEN:
                walk.skip_subtree()
        else:
            parts += ["\n" if element.tag in _BLOCK else "", element.tail]
    return "\n".join(line for raw in "".join(filter(None, parts)).split("\n") if (line := collapse(raw)))


def _body_seen(html: bytes, bodies: list[dict[str, Any]]) -> str | None:
    """The body most of whose words stand in the page, a paragraph a line; null where none does."""
    shown = f" {' '.join(words(visible_text(html)))} "
    best, most = None, FUNDUS_LEAST
    for body in bodies:
        paragraphs = list(body.get("summary") or [])
        for section in body.get("sections") or []:
            paragraphs += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
        lines = [line for raw in paragraphs if (line := collapse(raw))]
        sizes = [(len(words(line)), f" {' '.join(words(line))} " in shown) for line in lines]
        total = sum(size for size, _ in sizes)
        share = sum(size for size, stands in sizes if stands) / total if total else 0.0
        if share >= most:
            best, most = "\n".join(lines), share
    return best


def _page(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


def _lines(text: str | None) -> str:
    return "\n".join(line for raw in (text or "").split("\n") if (line := collapse(raw)))


# -- scores ----------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    """The words that are scored, as they are written; é is one character, however a page composes it."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def ngram_counts(text: str) -> Counter[tuple[str, ...]]:
    """How often each run of four words occurs; a shorter text is one run."""
    tokens = words(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[start : start + 4]) for start in range(max(1, len(tokens) - 3)))


def body_scores(true: str, predicted: str) -> Row:
    """One page's row: runs found, runs too many, runs missed, as shares of all, so that pages weigh the same."""
    gold, found = ngram_counts(true), ngram_counts(predicted)
    counts = ((gold & found).total(), (found - gold).total(), (gold - found).total())
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def summary(rows: Sequence[Row]) -> Summary:
    """The scores of a set. As the benchmark does, pages without a text count for recall only."""
    precision, recall = _shares(rows)
    p, r = float(np.nanmean(precision)), float(np.nanmean(recall))
    exact = sum(too_many == missed == 0 for _, too_many, missed in rows) / len(rows)
    return Summary(_f1(p, r), p, r, exact)


def bootstrap(ours: Sequence[Row], theirs: Sequence[Row], draws: int = 5000) -> tuple[float, float, float]:
    """Our F1 minus theirs, and the 95 % interval of it when the pages are drawn anew, the same for both."""
    drawn = np.random.default_rng(1).integers(len(ours), size=(draws, len(ours)))
    f1 = [
        [_f1(p, r) for p, r in zip(*(np.nanmean(share[drawn], axis=1) for share in _shares(rows)), strict=True)]
        for rows in (ours, theirs)
    ]
    low, high = np.percentile(np.subtract(*f1), [2.5, 97.5])
    return summary(ours).f1 - summary(theirs).f1, float(low), float(high)


def _shares(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Each page's precision and recall; NaN, which no mean counts, where nothing was found or nothing is true."""
    right, too_many, missed = np.array(rows, dtype=float).T
    with np.errstate(invalid="ignore"):
        return right / (right + too_many), right / (right + missed)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main() -> None:
    """The published scores, from the outputs that the benchmark's makers committed: the scorer's own check."""
    need_corpora()
    pages = article_extraction_benchmark()
    for peer, bodies in committed_outputs().items():
        scores = summary([body_scores(page.body, bodies.get(page.name, "")) for page in pages])
        print(f"{peer:16}" + "".join(f"{score:8.3f}" for score in scores))
    print(f"fundus: {len(fundus())} pages whose body stands in the page")


if __name__ == "__main__":
    main()
