"""Article bodies: our results compared with those of other extractors, on pages whose body is known.

Reads corpora in ../shared/corpora, outside the repository. All extractors run in this call, one after the other, each
in a process of its own and, except ours, with an environment of its own. Run: make bench-extract, or python -m
benchmarks.extraction [--peers FOLDER] [--newspaper3k FOLDER], where the FOLDERs hold the environments, which are made
from the lists beside this file.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.damage import leakage, n_kept, quotations
from benchmarks.dates import cross_validated, htmldate_pages, read_evidence
from benchmarks.peers import PEERS
from evaluation.body_scores import body_scores, bootstrap, summary
from evaluation.corpora import PROJECT, need_corpora
from evaluation.gold_pages import GoldPage, article_extraction_benchmark, committed_outputs, fundus_gold_pages

OURS, CROSS_VALIDATED, BODY_ALONE = "ours", "ours, cross-validated", "ours, body alone"
DATED = ("trafilatura, metadata", "newspaper4k", "newspaper3k", "goose3", "news-please")
EXAMINED = (OURS, CROSS_VALIDATED, "trafilatura", "newspaper4k", "news-please")
TIMEOUT = 3600  # seconds that one extractor may take for a set
Results = dict[str, dict[str, Any]]
"""Extractor -> its label, texts, days, seconds, peak memory and failures, as measured by benchmarks.peers."""

NOTE = """\
Body F1, precision, recall: 4-grams of words, means over pages. exact: pages without any difference.
"ours minus": our cross-validated F1 less theirs, with the 95 % interval of a paired bootstrap over pages.
pages/s, MiB: one process on one core, from raw bytes, after one page to warm up; peak memory with all libraries.
Ours does everything for a row of `articles`: decoding, text, title, dates, authors, language, addresses. newspaper,
goose3 and news-please find the title, dates, authors and addresses of images too; trafilatura, readability-lxml and
resiliparse only the text. Comments are off where there is an option; nothing is fetched. newspaper4k has the extras
for its languages; for Korean it also needs data of NLTK and fails. The row "cross-validated" repeats the costs of ours
as shipped.
"""


def main() -> None:
    options = argparse.ArgumentParser(description="Compare article bodies of ours and of other extractors.")
    options.add_argument(
        "--peers", type=Path, default=PROJECT / ".venv-peers", help="the environment of benchmarks/peers.txt"
    )
    options.add_argument(
        "--newspaper3k",
        type=Path,
        default=PROJECT / ".venv-newspaper3k",
        help="the environment of benchmarks/newspaper3k.txt",
    )
    chosen = options.parse_args()
    need_corpora()
    pythons = dict.fromkeys(PEERS, chosen.peers.absolute() / "bin" / "python") | {
        "newspaper3k": chosen.newspaper3k.absolute() / "bin" / "python",
        OURS: Path(sys.executable),
        BODY_ALONE: Path(sys.executable),
    }
    bodies = [OURS, BODY_ALONE, *(name for name in PEERS if name != "trafilatura, metadata")]
    print(NOTE)
    print_published(article_extraction_benchmark())
    for pages in (article_extraction_benchmark(), fundus_gold_pages()):
        results = run_all(bodies, pages, pythons)
        if texts := cross_validated_bodies(pages):
            results[CROSS_VALIDATED] = results[OURS] | {"label": "  cross-validated", "texts": texts}
        print_bodies(pages, results)
        print_quotations(pages, results)
        print_leakage(pages, results)
    print_dates(pythons)


def cross_validated_bodies(pages: Sequence[GoldPage]) -> dict[str, str] | None:
    """Name of the page -> body, by models that have not seen the page's site; null where they cannot be trained."""
    bodies = _all_cross_validated_bodies()
    return {page.name: bodies[page.set, page.name] for page in pages} if bodies else None


@cache
def _all_cross_validated_bodies() -> dict[tuple[str, str], str] | None:
    """(set, name of the page) -> body, of both sets, on which the models are fitted together; by training.body in a
    process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bodies.json"
        command = [sys.executable, "-m", "training.body", "--bodies", str(path)]
        done = subprocess.run(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            print(
                f"ours is not cross-validated, as training.body failed: {reason}; it needs the extra 'training'",
                file=sys.stderr,
            )
            return None
        return {(set_, name): body for set_, name, body in json.loads(path.read_text(encoding="utf-8"))}


# -- running ---------------------------------------------------------------------------------------------------------


def run_all(names: Sequence[str], pages: Sequence[GoldPage], pythons: dict[str, Path]) -> Results:
    """Run each extractor over the same pages, one extractor at a time."""
    with tempfile.TemporaryDirectory() as folder:
        page_file, result = Path(folder) / "pages.jsonl", Path(folder) / "result.json"
        with page_file.open("w", encoding="utf-8") as lines:
            for page in pages:
                html = base64.b64encode(page.html).decode()
                lines.write(json.dumps({"name": page.name, "url": page.url, "html": html}) + "\n")
        results = {}
        for name in names:
            if not pythons[name].exists():
                print(f"{name}: {pythons[name]} is missing; make bench-extract creates it", file=sys.stderr)
                continue
            script = [str(PROJECT / "benchmarks" / "peers.py"), name]
            if name in (OURS, BODY_ALONE):
                script = ["-m", "benchmarks.ours"]
            subprocess.run(
                [pythons[name], *script, page_file, result, *(["--body"] if name == BODY_ALONE else [])],
                cwd=PROJECT, env=_environment(name), check=True, timeout=TIMEOUT,
            )  # fmt: skip
            results[name] = json.loads(result.read_text(encoding="utf-8"))
    return results


def _environment(name: str) -> dict[str, str]:
    """Variables that keep a process to one core; a peer must not see our packages."""
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH" or name in (OURS, BODY_ALONE)}
    return variables | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


# -- tables ----------------------------------------------------------------------------------------------------------


def print_published(pages: Sequence[GoldPage]) -> None:
    """Check the scorer: outputs that the benchmark's makers committed must get the scores that they published."""
    scored = {
        peer: summary([body_scores(page.body, texts.get(page.name, "")) for page in pages])
        for peer, texts in committed_outputs().items()
    }
    print("committed outputs, F1: " + ", ".join(f"{peer} {scores.f1:.3f}" for peer, scores in scored.items()))


def print_bodies(pages: Sequence[GoldPage], results: Results) -> None:
    """Print scores and costs."""
    rows = {
        name: [body_scores(page.body, result["texts"][page.name]) for page in pages] for name, result in results.items()
    }
    print(f"\n{pages[0].set}, {len(pages)} pages")
    print(
        f"{'':32}{'F1':>7}{'prec.':>7}{'recall':>7}{'exact':>7}  {'ours minus':26}{'pages/s':>8}{'MiB':>6}{'failed':>7}"
    )
    our_rows = rows.get(CROSS_VALIDATED, rows[OURS])
    for name, result in results.items():
        f1, precision, recall, exact = summary(rows[name])
        line = f"{result['label']:32}{f1:7.3f}{precision:7.3f}{recall:7.3f}{exact:7.3f}"
        difference = (
            ""
            if name in (OURS, CROSS_VALIDATED, BODY_ALONE)
            else "{:+.3f} ({:+.3f} to {:+.3f})".format(*bootstrap(our_rows, rows[name]))
        )
        cost = f"{len(pages) / result['seconds']:8.1f}{result['peak'] / 2**20:6.0f}{result['failed']:7}"
        print(f"{line}  {difference:26}{cost}")


def print_quotations(pages: Sequence[GoldPage], results: Results) -> None:
    """Print how many of the articles' quotations the texts keep."""
    quoted = {page.name: quotations(page) for page in pages}
    total = sum(map(len, quoted.values()))
    print(f"\nquotations of the article that are kept, of {total:,} on {sum(map(bool, quoted.values()))} pages")
    for result in _examined(results):
        kept = {name: n_kept(spans, result["texts"][name]) for name, spans in quoted.items()}
        n_all = sum(kept.values())
        complete_pages = sum(bool(spans) and kept[name] == len(spans) for name, spans in quoted.items())
        print(f"{result['label']:32}{n_all:7,}{n_all / total:8.1%}   pages that lose none: {complete_pages}")


def print_leakage(pages: Sequence[GoldPage], results: Results) -> None:
    """Print how many texts have lines that are not the article's, and where."""
    print(
        "\nshare of pages with foreign lines: before, between and after the article's; texts without any of its lines"
    )
    print(f"{'':32}{'any':>8}{'before':>8}{'between':>8}{'after':>8}{'nothing':>8}{'lines/page':>12}")
    for result in _examined(results):
        leaks = [leakage(page.body, result["texts"][page.name]) for page in pages]
        counts = [
            [bool(getattr(leak, part)) for leak in leaks] for part in ("lines", "start", "middle", "end", "stray")
        ]
        shares = "".join(f"{sum(count) / len(pages):8.1%}" for count in counts)
        print(f"{result['label']:32}{shares}{sum(leak.lines for leak in leaks) / len(pages):12.2f}")


def _examined(results: Results) -> list[dict[str, Any]]:
    return [results[name] for name in EXAMINED if name in results]


def print_dates(pythons: dict[str, Path]) -> None:
    """Print the days of publication on htmldate's pages; ours by weights that have not seen the page's site."""
    labelled = list(htmldate_pages())
    truth = {str(number): page.truth.isoformat() for number, page in enumerate(labelled)}
    pages = [  # already decoded: a byte order mark takes precedence over any encoding that the page declares
        GoldPage("htmldate", str(number), page.url, page.html.encode("utf-8-sig"), "")
        for number, page in enumerate(labelled)
    ]
    ours = cross_validated([read_evidence(page) for page in labelled])
    days = {CROSS_VALIDATED: {str(n): day.isoformat() if day else None for n, day in enumerate(ours)}}
    days |= {result["label"]: result["days"] for result in run_all(DATED, pages, pythons).values()}
    print(f"\nday of publication, htmldate's {len(pages)} pages (more: python -m benchmarks.dates)")
    print(f"{'':32}{'right':>7}{'wrong':>7}{'none':>7}{'F1':>7}")
    for label, label_days in days.items():
        right = sum(label_days[name] == day for name, day in truth.items())
        none = list(label_days.values()).count(None)
        wrong = len(pages) - right - none
        print(f"{label:32}{right:7}{wrong:7}{none:7}{2 * right / (2 * right + wrong + none):7.3f}")


if __name__ == "__main__":
    main()
