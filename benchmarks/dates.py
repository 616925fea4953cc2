"""Publication dates: our results compared with those of htmldate and newspaper4k, and a list of our errors.

Reads corpora in ../shared/corpora, outside the repository: htmldate's labelled pages, Fundus' test pages, the Kremlin
archive. Our weights are cross-validated by site: no page is dated with weights that saw its site. With `--fit` it
prints the table for etl/extract/dates/weights.py instead. Run: python -m benchmarks.dates
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

from etl.extract.dates import evidence
from etl.extract.dates import find as dates
from etl.extract.decode import decode
from etl.extract.structured import Structured, read_structured
from etl.urls import registrable_domain
from etl.warc.reader import Damage, read_warc
from evaluation.corpora import CORPORA, need_corpora
from evaluation.fundus import fundus_pages
from evaluation.kremlin import KREMLIN, kremlin_index

NEWEST = datetime(2023, 12, 31, tzinfo=UTC)  # later than all of htmldate's pages, whose time of fetching is unknown
FOLDS = 10
RIDGE = 1.0  # how strongly the weights are held to the prior
RAREST = 3  # a feature is weighed if so many days have it
# What a kind of statement is taken to be worth before any page is read. The pages have no dates of listings (`feed`).
PRIOR = {
    "json-ld": 2.0, "meta": 2.0, "feed": 1.5, "microdata": 1.5, "time:published": 1.5, "url": 1.5, "meta:loose": 1.0,
    "time": 0.5, "text:published-near": 1.5, "text:marked-near": 1.0, "swapped": -1.0, "later": -1.0,
}  # fmt: skip


@dataclass(frozen=True)
class LabelledPage:
    """A page and its true day. `tree` is null where the page cannot be parsed."""

    url: str
    html: str
    tree: HtmlElement | None
    structured: Structured
    truth: date
    fetched_at: datetime


@dataclass(frozen=True)
class PageEvidence:
    """What a page says of its day: `settled`, the day if its declarations settle it; `days`, all possible days with
    their features; `methods`, for each day the best method."""

    page: LabelledPage
    settled: date | None
    days: dates.DayFeatures
    methods: dict[date, str]


def main() -> None:
    need_corpora()
    logging.disable(logging.CRITICAL)
    pages = list(htmldate_pages())
    rows = [read_evidence(page) for page in pages]
    if "--fit" in sys.argv:
        print_weights(fit([row for row in rows if row.settled is None]))
        return
    days = cross_validated(rows)
    peers: list[tuple[str, Callable[[LabelledPage], date | None]]] = [
        ("shipped weights (saw the pages)", our_day),
        ("htmldate fast", lambda page: htmldate_day(page, extensive=False)),
        ("htmldate extensive", lambda page: htmldate_day(page, extensive=True)),
    ]
    if newspaper4k := newspaper_reader():
        peers.append(("newspaper4k", newspaper4k))
    print(f"{len(pages)} pages of htmldate's   right wrong none  accuracy    F1   ms/page")
    print_row("ours (cross-validated)", pages, days, None)
    for name, find in peers:
        started = time.perf_counter()
        peer_days = [find(page) for page in pages]
        print_row(name, pages, peer_days, 1000 * (time.perf_counter() - started) / len(pages))
    print_methods(rows, days)
    print_fundus()
    print_kremlin()


# -- pages -----------------------------------------------------------------------------------------------------------


def htmldate_pages() -> Iterator[LabelledPage]:
    """htmldate's pages with the days that people labelled them with."""
    folder = CORPORA / "pages" / "htmldate"
    labels = json.loads((folder / "eval_default.json").read_text(encoding="utf-8"))
    with tarfile.open(folder / "pages.tar.xz") as archive:
        files = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        bodies = {name: file.read() for name, file in files.items() if file}
    for url, label in labels.items():
        yield labelled_page(url, bodies[label["file"]], date.fromisoformat(label["date"]), NEWEST)


def dated_fundus_pages() -> Iterator[LabelledPage]:
    """Fundus' pages with the day that its parsers read."""
    for page in fundus_pages():
        if page.day:
            yield LabelledPage(page.url, page.html, page.tree, page.structured, page.day, page.fetched_at)


def kremlin_pages() -> Iterator[tuple[str, LabelledPage]]:
    """The Kremlin's pages, each with the name of its file and the day of the site's own index."""
    truth = {row["url"]: date.fromisoformat(row["date"]) for row in kremlin_index()}
    for path in sorted(KREMLIN.glob("en.kremlin.ru-20*.warc.gz")):
        for record in read_warc(path):
            if isinstance(record, Damage):
                continue
            day = truth.get(record.url.removesuffix("/print"))
            if day:
                yield path.name, labelled_page(record.url, record.payload, day, record.date)


def labelled_page(url: str, body: bytes, truth: date, fetched_at: datetime) -> LabelledPage:
    html = decode(body, "text/html")
    tree = trafilatura.load_html(html)
    return LabelledPage(url, html, tree, Structured() if tree is None else read_structured(tree), truth, fetched_at)


# -- ours ------------------------------------------------------------------------------------------------------------


def read_evidence(page: LabelledPage) -> PageEvidence:
    """All that a page says of its day, including what the pipeline looks at only where it must."""
    if page.tree is None:
        return PageEvidence(page, None, {}, {})
    latest = page.fetched_at + timedelta(days=1)
    language = dates.language_of(page.tree, page.structured)
    declared = evidence.declared_evidence(page.tree, page.structured, page.url, None, language)
    statements = dates.possible_readings(declared, None, latest)
    settled = dates.settled_day(statements)
    costly = dates.script_and_text_evidence(page.tree, page.structured, language, latest) + dates.htmldate_evidence(
        page.tree, latest
    )
    statements += dates.possible_readings(costly, None, latest)
    days = dates.day_features(statements, page.url)
    methods = {day: dates.best_date(day, statements).method or "" for day in {*days, *filter(None, [settled])}}
    return PageEvidence(page, settled, days, methods)


def our_day(page: LabelledPage) -> date | None:
    """The day that the pipeline finds, with the shipped weights."""
    if page.tree is None:
        return None
    return dates.find_published(page.tree, page.structured, page.url, page.fetched_at, None).day


def cross_validated(rows: list[PageEvidence]) -> list[date | None]:
    """The day of each page by weights that were fitted on the other folds. All pages of a site are in one fold."""
    folds = [int(hashlib.md5(registrable_domain(row.page.url).encode()).hexdigest(), 16) % FOLDS for row in rows]
    days: list[date | None] = [row.settled for row in rows]
    for fold in range(FOLDS):
        others = [row for row, number in zip(rows, folds, strict=True) if number != fold and row.settled is None]
        weights = fit(others)
        for at, (row, number) in enumerate(zip(rows, folds, strict=True)):
            if number == fold and row.settled is None:
                days[at] = dates.best_day(row.days, weights)
    return days


def fit(rows: list[PageEvidence]) -> dict[str, float]:
    """The weights under which the right day of a page is likeliest among its days: a conditional logit with a ridge
    towards PRIOR.

    Some labels are the day of a change, though the page declares an earlier publication: nothing is learnt from these.
    """
    rows = [
        row
        for row in rows
        if not row.days.get(row.page.truth, set()) >= {"later", "modified:declared"}
        and not row.days.get(row.page.truth, set()) >= {"later", "modified:text"}
    ]
    counts = Counter(name for row in rows for names in row.days.values() for name in names)
    names = sorted({name for name, count in counts.items() if count >= RAREST} | PRIOR.keys())
    columns = {name: number for number, name in enumerate(names)}
    usable = [row for row in rows if row.page.truth in row.days and len(row.days) > 1]
    candidates = [
        (number, day == row.page.truth, row.days[day]) for number, row in enumerate(usable) for day in row.days
    ]
    table = np.zeros((len(candidates), len(names)))
    for line, (_, _, features) in enumerate(candidates):
        table[line, [columns[name] for name in features if name in columns]] = 1
    page = np.array([number for number, _, _ in candidates])
    right = np.array([is_right for _, is_right, _ in candidates], dtype=float)
    prior = np.array([PRIOR.get(name, 0.0) for name in names])
    weights, velocity = prior.copy(), np.zeros(len(names))
    for _ in range(600):
        scores = table @ weights
        likely = np.exp(scores - scores.max())
        likely /= np.bincount(page, likely)[page]
        gradient = table.T @ (right - likely) - RIDGE * (weights - prior)
        velocity = 0.9 * velocity + gradient
        weights = weights + 0.002 * velocity
    return {name: float(weight) for name, weight in zip(names, weights, strict=True)}


def print_weights(weights: dict[str, float]) -> None:
    """Print the lines of the table of weights, without those that round to zero."""
    for name, weight in sorted(weights.items(), key=lambda item: (-round(item[1], 1), item[0])):
        if round(weight, 1):
            print(f'    "{name}": {weight:.1f},')


# -- peers -----------------------------------------------------------------------------------------------------------


def htmldate_day(page: LabelledPage, extensive: bool) -> date | None:
    if page.tree is None:
        return None
    day = find_date(page.html, extensive_search=extensive, original_date=True)
    return date.fromisoformat(day) if day else None


def newspaper_reader() -> Callable[[LabelledPage], date | None] | None:
    """A function that dates a page with newspaper4k; null where that is not installed."""
    try:
        import newspaper
    except ImportError:
        return None

    def read(page: LabelledPage) -> date | None:
        article = newspaper.Article(page.url, fetch_images=False)
        try:
            article.download(input_html=page.html)
            article.parse()
        except Exception:  # noqa: BLE001 - a page that newspaper fails on counts as one without a date
            return None
        moment = article.publish_date
        return moment.date() if isinstance(moment, datetime) else None

    return read


# -- tables ----------------------------------------------------------------------------------------------------------


def print_row(name: str, pages: list[LabelledPage], days: list[date | None], ms: float | None) -> None:
    """Right days are true positives, wrong ones false positives, pages without a day false negatives."""
    right = sum(day == page.truth for page, day in zip(pages, days, strict=True))
    none = days.count(None)
    wrong = len(pages) - right - none
    f1 = 2 * right / (2 * right + wrong + none)
    cost = f"{ms:9.2f}" if ms is not None else "         "
    print(f"{name:32}{right:6}{wrong:6}{none:5}{right / len(pages):10.3f}{f1:6.3f} {cost}")


def print_methods(rows: list[PageEvidence], days: list[date | None]) -> None:
    """Print how often each method is right and wrong."""
    table: dict[str, Counter[bool]] = defaultdict(Counter)
    for row, day in zip(rows, days, strict=True):
        method = row.methods.get(day, "") if day else "(none)"
        table[method][day == row.page.truth] += 1
    print("\nmethod (cross-validated)   right wrong")
    for method, counts in sorted(table.items(), key=lambda item: -item[1].total()):
        print(f"{method:26}{counts[True]:6}{counts[False]:6}")


def print_fundus() -> None:
    pages = list(dated_fundus_pages())
    costs, days = [], []
    for page in pages:
        started = time.perf_counter()
        days.append(our_day(page))
        dates.find_modified(page.structured, page.fetched_at, None)
        costs.append(1000 * (time.perf_counter() - started))
    distance = Counter(abs((day - page.truth).days) if day else None for page, day in zip(pages, days, strict=True))
    more = len(pages) - distance[0] - distance[1] - distance[None]
    print(
        f"\nfundus, {len(pages)} pages: same day {distance[0]}, a day apart {distance[1]}, more {more}, "
        f"none {distance[None]}; {np.mean(costs):.2f} ms/page, median {np.median(costs):.2f}"
    )


def print_kremlin() -> None:
    counts: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for name, page in kremlin_pages():
        if page.tree is None:
            continue
        date_found = dates.find_published(
            page.tree, page.structured, page.url, page.fetched_at, ZoneInfo("Europe/Moscow")
        )
        outcome = "none" if date_found.day is None else "right" if date_found.day == page.truth else "wrong"
        counts["-print" in name].update([outcome, *(["moments"] if date_found.at else [])])
    for is_print, count in counts.items():
        pages = count["right"] + count["wrong"] + count["none"]
        label = "print pages" if is_print else "pages"
        print(
            f"Kremlin, {pages} {label}: right {count['right']}, wrong {count['wrong']}, none {count['none']}, "
            f"with the time of day {count['moments']}"
        )


if __name__ == "__main__":
    main()
