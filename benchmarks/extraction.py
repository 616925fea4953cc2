"""Bodies of articles: ours beside other extractors' on pages whose body is known.

Reads the corpora beside the project (../shared/corpora). All run in this call, one after the other, each in a process
and, but for ours, an environment of its own. Run: make bench-extract, or
python -m benchmarks.extraction [--peers FOLDER] [--newspaper3k FOLDER], with environments made from the lists beside
this file.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.damage import kept, leakage, quotations
from benchmarks.dates import cross_validated, htmldate_pages, read_page
from benchmarks.peers import PEERS
from evaluation.gold_pages import (
    GoldPage,
    article_extraction_benchmark,
    body_scores,
    bootstrap,
    committed_outputs,
    fundus,
    need_corpora,
    summary,
)

ROOT = Path(__file__).resolve().parents[1]
OURS, UNSEEN, ALONE = "ours", "ours, cross-validated", "ours, body alone"
DATED = ("trafilatura, metadata", "newspaper4k", "newspaper3k", "goose3", "news-please")
EXAMINED = (OURS, UNSEEN, "trafilatura", "newspaper4k", "news-please")
LONGEST = 3600  # seconds that one extractor may take over a set
Results = dict[str, dict[str, Any]]
"""Extractor -> its label, texts, days, seconds, peak memory and failures, as measured by benchmarks.peers."""

NOTE = """\
Body F1, precision, recall: 4-grams of words, means over pages; exact: pages without any difference.
"ours minus": our F1, cross-validated, less theirs with the 95 % interval of a paired bootstrap over pages.
pages/s, MiB: one process on one core, from raw bytes, after one page to warm up; the peak, libraries and all.
Ours does all of a row of `articles`: decoding, text, title, dates, authors, language, addresses. newspaper, goose3 and
news-please find title, dates, authors and images' addresses too; trafilatura, readability-lxml and resiliparse the
text alone. Comments are off where there is a switch; nothing is fetched. newspaper4k has the extras for its languages;
for Korean it would want data of NLTK's besides, and fails. A row "cross-validated" has the costs of ours as shipped.
"""


def main() -> None:
    options = argparse.ArgumentParser(description="Article bodies: ours beside other extractors.")
    options.add_argument("--peers", type=Path, default=ROOT / ".venv-peers", help="environment of benchmarks/peers.txt")
    options.add_argument("--newspaper3k", type=Path, default=ROOT / ".venv-newspaper3k", help="of newspaper3k.txt")
    given = options.parse_args()
    need_corpora()
    pythons = dict.fromkeys(PEERS, given.peers.absolute() / "bin" / "python") | {
        "newspaper3k": given.newspaper3k.absolute() / "bin" / "python",
        OURS: Path(sys.executable),
        ALONE: Path(sys.executable),
    }
    bodies = [OURS, ALONE, *(name for name in PEERS if name != "trafilatura, metadata")]
    print(NOTE)
    print_published(article_extraction_benchmark())
    for pages in (article_extraction_benchmark(), fundus()):
        results = run_all(bodies, pages, pythons)
        if texts := cross_validated_bodies(pages):
            results[UNSEEN] = results[OURS] | {"label": "  cross-validated", "texts": texts}
        print_bodies(pages, results)
        print_quotations(pages, results)
        print_leakage(pages, results)
    print_dates(pythons)


def cross_validated_bodies(pages: Sequence[GoldPage]) -> dict[str, str] | None:
    """Page's name -> body, by weights that have not seen the page's site; null where there is no such training."""
    if not (ROOT / "training" / "body.py").is_file():
        return None
    try:
        found = _cross_validated()
    except ImportError as error:
        print(f"ours is not cross-validated: {error}; install the extra 'training'", file=sys.stderr)
        return None
    return {page.name: found[page.set, page.name] for page in pages}


@cache
def _cross_validated() -> Mapping[tuple[str, str], str]:
    """(set, page's name) -> body. Both sets at once: the weights are fitted on both."""
    from training import body

    found: Mapping[tuple[str, str], str] = body.cross_validated_bodies()
    return found


# -- running ---------------------------------------------------------------------------------------------------------


def run_all(names: Sequence[str], pages: Sequence[GoldPage], pythons: dict[str, Path]) -> Results:
    """Each extractor over the same pages, one at a time."""
    with tempfile.TemporaryDirectory() as folder:
        listed, result = Path(folder) / "pages.jsonl", Path(folder) / "result.json"
        with listed.open("w", encoding="utf-8") as lines:
            for page in pages:
                html = base64.b64encode(page.html).decode()
                lines.write(json.dumps({"name": page.name, "url": page.url, "html": html}) + "\n")
        found = {}
        for name in names:
            if not pythons[name].exists():
                print(f"{name}: {pythons[name]} is not there; make bench-extract makes it", file=sys.stderr)
                continue
            script = [str(ROOT / "benchmarks" / "peers.py"), name]
            if name in (OURS, ALONE):
                script = ["-m", "benchmarks.ours"]
            subprocess.run(
                [pythons[name], *script, listed, result, *(["--body"] if name == ALONE else [])],
                cwd=ROOT, env=_environment(name), check=True, timeout=LONGEST,
            )  # fmt: skip
            found[name] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _environment(name: str) -> dict[str, str]:
    """One core for all; a peer sees nothing of ours."""
    kept_variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH" or name in (OURS, ALONE)}
    return kept_variables | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


# -- tables ----------------------------------------------------------------------------------------------------------


def print_published(pages: Sequence[GoldPage]) -> None:
    """The scorer's own check: outputs that the benchmark's makers committed must give what they published."""
    scored = {
        peer: summary([body_scores(page.body, texts.get(page.name, "")) for page in pages])
        for peer, texts in committed_outputs().items()
    }
    print("committed outputs, F1: " + ", ".join(f"{peer} {scores.f1:.3f}" for peer, scores in scored.items()))


def print_bodies(pages: Sequence[GoldPage], results: Results) -> None:
    """The table of scores and costs."""
    rows = {
        name: [body_scores(page.body, found["texts"][page.name]) for page in pages] for name, found in results.items()
    }
    print(f"\n{pages[0].set}, {len(pages)} pages")
    print(
        f"{'':32}{'F1':>7}{'prec.':>7}{'recall':>7}{'exact':>7}  {'ours minus':26}{'pages/s':>8}{'MiB':>6}{'failed':>7}"
    )
    measured = rows.get(UNSEEN, rows[OURS])
    for name, found in results.items():
        f1, precision, recall, exact = summary(rows[name])
        line = f"{found['label']:32}{f1:7.3f}{precision:7.3f}{recall:7.3f}{exact:7.3f}"
        beside = (
            ""
            if name in (OURS, UNSEEN, ALONE)
            else "{:+.3f} ({:+.3f} to {:+.3f})".format(*bootstrap(measured, rows[name]))
        )
        cost = f"{len(pages) / found['seconds']:8.1f}{found['peak'] / 2**20:6.0f}{found['failed']:7}"
        print(f"{line}  {beside:26}{cost}")


def print_quotations(pages: Sequence[GoldPage], results: Results) -> None:
    """How many of the quotations in the articles survive."""
    quoted = {page.name: quotations(page) for page in pages}
    total = sum(map(len, quoted.values()))
    print(f"\nquotations of the article that survive, of {total:,} on {sum(map(bool, quoted.values()))} pages")
    for found in _examined(results):
        whole = sum(kept(spans, found["texts"][name]) for name, spans in quoted.items())
        pages_whole = sum(bool(s) and kept(s, found["texts"][name]) == len(s) for name, s in quoted.items())
        print(f"{found['label']:32}{whole:7,}{whole / total:8.1%}   pages that lose none: {pages_whole}")


def print_leakage(pages: Sequence[GoldPage], results: Results) -> None:
    """How many texts have lines that are not the article's, and where."""
    print("\nshare of pages with foreign lines; before, between and after the article's; texts with nothing of it")
    print(f"{'':32}{'any':>8}{'before':>8}{'between':>8}{'after':>8}{'nothing':>8}{'lines/page':>12}")
    for found in _examined(results):
        leaks = [leakage(page.body, found["texts"][page.name]) for page in pages]
        counts = [
            [bool(getattr(leak, part)) for leak in leaks] for part in ("lines", "start", "middle", "end", "stray")
        ]
        shares = "".join(f"{sum(count) / len(pages):8.1%}" for count in counts)
        print(f"{found['label']:32}{shares}{sum(leak.lines for leak in leaks) / len(pages):12.2f}")


def _examined(results: Results) -> list[dict[str, Any]]:
    return [results[name] for name in EXAMINED if name in results]


def print_dates(pythons: dict[str, Path]) -> None:
    """Days of publication on htmldate's pages; ours by weights that have not seen the page's site."""
    labelled = list(htmldate_pages())
    truth = {str(number): page.truth.isoformat() for number, page in enumerate(labelled)}
    pages = [  # decoded already: a byte order mark goes before whatever encoding the page names
        GoldPage("htmldate", str(number), page.url, page.html.encode("utf-8-sig"), "")
        for number, page in enumerate(labelled)
    ]
    ours = cross_validated([read_page(page) for page in labelled])
    days = {UNSEEN: {str(n): day.isoformat() if day else None for n, day in enumerate(ours)}}
    days |= {found["label"]: found["days"] for found in run_all(DATED, pages, pythons).values()}
    print(f"\nday of publication, htmldate's {len(pages)} pages (more: python -m benchmarks.dates)")
    print(f"{'':32}{'right':>7}{'wrong':>7}{'none':>7}{'F1':>7}")
    for label, found in days.items():
        right, none = sum(found[name] == day for name, day in truth.items()), list(found.values()).count(None)
        wrong = len(pages) - right - none
        print(f"{label:32}{right:7}{wrong:7}{none:7}{2 * right / (2 * right + wrong + none):7.3f}")


if __name__ == "__main__":
    main()
