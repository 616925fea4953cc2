"""Publication dates: ours beside htmldate and newspaper4k on labelled pages, and where ours goes wrong.

Reads the corpora beside the project (../shared/corpora): htmldate's labelled pages, fundus' test pages, the Kremlin
archive. Our weights are cross-validated by site: no page is dated with weights that saw its site. `--fit` prints the
table for etl/extract/weights.py instead. Run: python -m benchmarks.dates
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import tarfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import trafilatura
from htmldate import find_date
from lxml.html import HtmlElement

from benchmarks import fundus
from benchmarks.fundus import ABSENT, CORPORA
from etl.extract.dates import evidence
from etl.extract.dates import find as dates
from etl.extract.decode import decode
from etl.extract.structured import Structured, read_structured
from etl.urls import registrable_domain
from etl.warc.reader import Damage, read_warc

NEWEST = datetime(2023, 12, 31, tzinfo=UTC)  # after the newest of htmldate's pages, whose days of fetching are unknown
FOLDS = 10
RIDGE = 1.0  # how strongly weights are held to the prior
RAREST = 3  # days of which something must be said before it is weighed
# What we take a witness to be worth before any page is read. Of listed dates the pages say nothing.
PRIOR = {
    "json-ld": 2.0, "meta": 2.0, "feed": 1.5, "microdata": 1.5, "time:published": 1.5, "url": 1.5, "meta:loose": 1.0,
    "time": 0.5, "text:published-near": 1.5, "text:marked-near": 1.0, "swapped": -1.0, "later": -1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """A page and the day it should have; `html` is null where the page cannot be parsed."""

    url: str
    html: str
    tree: HtmlElement | None
    structured: Structured
    truth: date
    fetched_at: datetime


@dataclass(frozen=True)
class Read:
    """What our witnesses say of a page: the day if they settle it, else what there is to weigh."""

    page: Labelled
    settled: date | None
    days: dates.DayFeatures
    methods: dict[date, str]


def main() -> None:
    if not CORPORA.is_dir():
        sys.exit(ABSENT)
    logging.disable(logging.CRITICAL)
    pages = list(htmldate_pages())
    read = [read_page(page) for page in pages]
    if "--fit" in sys.argv:
        print_weights(fit([one for one in read if one.settled is None]))
        return
    days = cross_validated(read)
    peers: list[tuple[str, Callable[[Labelled], date | None]]] = [
        ("shipped weights (saw the pages)", ours),
        ("htmldate fast", lambda page: htmldate(page, extensive=False)),
        ("htmldate extensive", lambda page: htmldate(page, extensive=True)),
    ]
    if newspaper4k := find_newspaper():
        peers.append(("newspaper4k", newspaper4k))
    print(f"{len(pages)} pages of htmldate's   right wrong none  accuracy    F1   ms/page")
    print_row("ours (cross-validated)", pages, days, None)
    for name, find in peers:
        started = time.perf_counter()
        found = [find(page) for page in pages]
        print_row(name, pages, found, 1000 * (time.perf_counter() - started) / len(pages))
    print_confusion(read, days)
    print_fundus()
    print_kremlin()


# -- pages -----------------------------------------------------------------------------------------------------------


def htmldate_pages() -> Iterator[Labelled]:
    folder = CORPORA / "pages" / "htmldate"
    labels = json.loads((folder / "eval_default.json").read_text(encoding="utf-8"))
    with tarfile.open(folder / "pages.tar.xz") as archive:
        files = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        bodies = {name: file.read() for name, file in files.items() if file}
    for url, label in labels.items():
        yield labelled(url, bodies[label["file"]], date.fromisoformat(label["date"]), NEWEST)


def fundus_pages() -> Iterator[Labelled]:
    """Pages with the day that fundus' parsers read."""
    for page in fundus.fundus_pages():
        if page.day:
            yield Labelled(page.url, page.html, page.tree, page.structured, page.day, page.fetched_at)


def kremlin_pages() -> Iterator[tuple[str, Labelled]]:
    """(file, page) with the day of the site's own index."""
    index = [json.loads(line) for line in (CORPORA / "kremlin" / "index.jsonl").read_text("utf-8").splitlines()]
    truth = {row["url"]: date.fromisoformat(row["date"]) for row in index}
    for path in sorted((CORPORA / "kremlin").glob("en.kremlin.ru-20*.warc.gz")):
        for record in read_warc(path):
            if isinstance(record, Damage):
                continue
            day = truth.get(record.url.removesuffix("/print"))
            if day:
                yield path.name, labelled(record.url, record.payload, day, record.date)


def labelled(url: str, body: bytes, truth: date, fetched_at: datetime) -> Labelled:
    html = decode(body, "text/html")
    tree = trafilatura.load_html(html)
    return Labelled(url, html, tree, Structured() if tree is None else read_structured(tree), truth, fetched_at)


# -- ours ------------------------------------------------------------------------------------------------------------


def read_page(page: Labelled) -> Read:
    """All witnesses of a page, the dear ones too."""
    if page.tree is None:
        return Read(page, None, {}, {})
    latest = page.fetched_at + timedelta(days=1)
    language = dates.language_of(page.tree, page.structured)
    found = evidence.declared_evidence(page.tree, page.structured, page.url, None, language)
    said = dates.possible_readings(found, None, latest)
    settled = dates.settled_day(said)
    dear = dates.script_and_text_evidence(page.tree, page.structured, language, latest) + dates.htmldate_evidence(
        page.tree, latest
    )
    said += dates.possible_readings(dear, None, latest)
    days = dates.day_features(said, page.url)
    return Read(
        page, settled, days, {day: dates.best_date(day, said).method or "" for day in {*days, *filter(None, [settled])}}
    )


def ours(page: Labelled) -> date | None:
    if page.tree is None:
        return None
    return dates.find_published(page.tree, page.structured, page.url, page.fetched_at, None).day


def cross_validated(read: list[Read]) -> list[date | None]:
    """Each page's day by weights fitted on the other folds; a site lies in one fold."""
    folds = [int(hashlib.md5(registrable_domain(one.page.url).encode()).hexdigest(), 16) % FOLDS for one in read]
    found: list[date | None] = [one.settled for one in read]
    for fold in range(FOLDS):
        weights = fit([one for one, own in zip(read, folds, strict=True) if own != fold and one.settled is None])
        for number, (one, own) in enumerate(zip(read, folds, strict=True)):
            if own == fold and one.settled is None:
                found[number] = dates.best_day(one.days, weights)
    return found


def fit(read: list[Read]) -> dict[str, float]:
    """Weights under which the right day of a page is likeliest among its days: a conditional logit, held to PRIOR.

    Some labels are days of changes, though the page declares an earlier publication; from these nothing is learnt.
    """
    read = [
        one
        for one in read
        if not one.days.get(one.page.truth, set()) >= {"later", "modified:declared"}
        and not one.days.get(one.page.truth, set()) >= {"later", "modified:text"}
    ]
    counts = Counter(name for one in read for names in one.days.values() for name in names)
    names = sorted({name for name, count in counts.items() if count >= RAREST} | PRIOR.keys())
    column = {name: number for number, name in enumerate(names)}
    usable = [one for one in read if one.page.truth in one.days and len(one.days) > 1]
    rows = [(number, day == one.page.truth, day, one) for number, one in enumerate(usable) for day in one.days]
    table = np.zeros((len(rows), len(names)))
    for row, (_, _, day, one) in enumerate(rows):
        table[row, [column[name] for name in one.days[day] if name in column]] = 1
    page = np.array([row[0] for row in rows])
    right = np.array([row[1] for row in rows], dtype=float)
    prior = np.array([PRIOR.get(name, 0.0) for name in names])
    weights, speed = prior.copy(), np.zeros(len(names))
    for _ in range(600):
        scores = table @ weights
        likely = np.exp(scores - scores.max())
        likely /= np.bincount(page, likely)[page]
        gradient = table.T @ (right - likely) - RIDGE * (weights - prior)
        speed = 0.9 * speed + gradient
        weights = weights + 0.002 * speed
    return {name: float(weight) for name, weight in zip(names, weights, strict=True)}


def print_weights(weights: dict[str, float]) -> None:
    for name, weight in sorted(weights.items(), key=lambda item: (-round(item[1], 1), item[0])):
        if round(weight, 1):
            print(f'    "{name}": {weight:.1f},')


# -- peers -----------------------------------------------------------------------------------------------------------


def htmldate(page: Labelled, extensive: bool) -> date | None:
    if page.tree is None:
        return None
    found = find_date(page.html, extensive_search=extensive, original_date=True)
    return date.fromisoformat(found) if found else None


def find_newspaper() -> Callable[[Labelled], date | None] | None:
    try:
        import newspaper
    except ImportError:
        return None

    def find(page: Labelled) -> date | None:
        article = newspaper.Article(page.url, fetch_images=False)
        try:
            article.download(input_html=page.html)
            article.parse()
        except Exception:  # noqa: BLE001 - a page that breaks it is one without a date
            return None
        moment = article.publish_date
        return moment.date() if isinstance(moment, datetime) else None

    return find


# -- tables ----------------------------------------------------------------------------------------------------------


def print_row(name: str, pages: list[Labelled], found: list[date | None], ms: float | None) -> None:
    """Right days are true positives, wrong ones false positives, pages without a day false negatives."""
    right = sum(day == page.truth for page, day in zip(pages, found, strict=True))
    none = found.count(None)
    wrong = len(pages) - right - none
    f1 = 2 * right / (2 * right + wrong + none)
    cost = f"{ms:9.2f}" if ms is not None else "         "
    print(f"{name:32}{right:6}{wrong:6}{none:5}{right / len(pages):10.3f}{f1:6.3f} {cost}")


def print_confusion(read: list[Read], days: list[date | None]) -> None:
    table: dict[str, Counter[bool]] = defaultdict(Counter)
    for one, day in zip(read, days, strict=True):
        method = one.methods.get(day, "") if day else "(none)"
        table[method][day == one.page.truth] += 1
    print("\nmethod (cross-validated)   right wrong")
    for method, counts in sorted(table.items(), key=lambda item: -item[1].total()):
        print(f"{method:26}{counts[True]:6}{counts[False]:6}")


def print_fundus() -> None:
    pages = list(fundus_pages())
    costs, found = [], []
    for page in pages:
        started = time.perf_counter()
        found.append(ours(page))
        dates.find_modified(page.structured, page.fetched_at, None)
        costs.append(1000 * (time.perf_counter() - started))
    apart = Counter(abs((day - page.truth).days) if day else None for page, day in zip(pages, found, strict=True))
    more = len(pages) - apart[0] - apart[1] - apart[None]
    print(
        f"\nfundus, {len(pages)} pages: same day {apart[0]}, a day apart {apart[1]}, more {more}, none {apart[None]}; ",
        end="",
    )
    print(f"{np.mean(costs):.2f} ms/page, median {np.median(costs):.2f}")


def print_kremlin() -> None:
    counts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for name, page in kremlin_pages():
        if page.tree is None:
            continue
        found = dates.find_published(page.tree, page.structured, page.url, page.fetched_at, ZoneInfo("Europe/Moscow"))
        outcome = "none" if found.day is None else "right" if found.day == page.truth else "wrong"
        counts["-print" in name].update([outcome, *(["moments"] if found.at else [])])
    for twins, count in counts.items():
        pages = count["right"] + count["wrong"] + count["none"]
        label = "print pages" if twins else "pages"
        print(
            f"Kremlin, {pages} {label}: right {count['right']}, wrong {count['wrong']}, none {count['none']}, ", end=""
        )
        print(f"with the moment {count['moments']}")


if __name__ == "__main__":
    main()
