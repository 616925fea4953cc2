"""Titles, authors, days and languages: our results compared with trafilatura's on Fundus' pages.

Reads the pages in ../shared/corpora, outside the repository. Fundus' own values are a parser's output; Fundus counts
agencies, desks and sites as authors. The second table of authors leaves out names that we judged not to be persons.
Fundus gives no sections. Run: python -m benchmarks.fields; with --differences it also prints the titles and authors
that differ.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import trafilatura

from etl.extract import language
from etl.extract.body.choose import choose_body, read_body_input
from etl.extract.credits.authors import find_authors, read_credits
from etl.extract.dates import find as dates
from etl.extract.section import find_section
from etl.extract.site_names import site_names
from etl.extract.title import find_title
from evaluation.corpora import need_corpora
from evaluation.fundus import FundusPage, comparable, fundus_pages


@dataclass(frozen=True)
class Fields:
    """What a reader makes of a page. `day`: in ISO form."""

    title: str | None
    authors: list[str]
    agency: str | None
    day: str | None
    language: str | None = None
    section: str | None = None


def main() -> None:
    need_corpora()
    logging.disable(logging.CRITICAL)
    pages = list(fundus_pages())
    persons = [[*read_credits(page.authors, site_names(page.tree, page.structured))[0]] for page in pages]
    costs: dict[str, float] = defaultdict(float)
    our_fields(pages[0], defaultdict(float))  # what is loaded once must not count as the cost of a page
    ours = [our_fields(page, costs) for page in pages]
    theirs = [trafilatura_fields(page) for page in pages]
    print(f"fundus, {len(pages)} pages       titles equal contained   authors exact precision recall   day")
    print_row("ours", pages, ours)
    print_row("trafilatura", pages, theirs)
    print("\nof Fundus' authors only the persons")
    print_row("ours", pages, ours, persons)
    print_row("trafilatura", pages, theirs, persons)
    print_agencies(pages, ours)
    print_countries(pages, ours, persons)
    print_languages(pages, ours)
    print("\nms/page: " + ", ".join(f"{name} {1000 * seconds / len(pages):.2f}" for name, seconds in costs.items()))
    if "--differences" in sys.argv:
        print_differences(pages, ours, persons)


def our_fields(page: FundusPage, costs: dict[str, float]) -> Fields:
    """The pipeline's fields of a page. The seconds that each takes are added to `costs`."""
    clock = time.perf_counter
    started = clock()
    title = find_title(page.tree, page.structured)
    costs["title"] += clock() - started
    started = clock()
    authors, agency = find_authors(page.tree, page.structured)
    costs["authors"] += clock() - started
    started = clock()
    section = find_section(page.tree, page.structured, title)
    costs["section"] += clock() - started
    day = dates.find_published(page.tree, page.structured, page.url, page.fetched_at, None).day
    body = choose_body(read_body_input(page.tree, page.structured, title)).text
    started = clock()
    code = language.identify(body, dates.language_of(page.tree, page.structured))
    costs["language"] += clock() - started
    return Fields(title, authors, agency, day.isoformat() if day else None, code, section)


def trafilatura_fields(page: FundusPage) -> Fields:
    metadata = trafilatura.extract_metadata(page.html, default_url=page.url)
    if metadata is None:
        return Fields(None, [], None, None)
    authors = [name for name in (metadata.author or "").split("; ") if name]
    return Fields(metadata.title, authors, None, metadata.date)


def print_row(name: str, pages: list[FundusPage], rows: list[Fields], authors: list[list[str]] | None = None) -> None:
    """Print the scores of a reader. Authors are compared as the sets of each page; precision and recall count the names
    of all pages. `authors`: the true ones, if not Fundus' own."""
    true_authors = authors if authors is not None else [list(page.authors) for page in pages]
    titles = [(comparable(page.title), comparable(row.title)) for page, row in zip(pages, rows, strict=True)]
    equal = sum(true == read for true, read in titles)
    contained = sum(bool(read) and (read in true or true in read) for true, read in titles)
    sets = [(folded(true), folded(row.authors)) for true, row in zip(true_authors, rows, strict=True)]
    exact = sum(true == read for true, read in sets)
    shared = sum(len(true & read) for true, read in sets)
    precision = shared / max(1, sum(len(read) for _, read in sets))
    recall = shared / max(1, sum(len(true) for true, _ in sets))
    days = [(page.day.isoformat(), row.day) for page, row in zip(pages, rows, strict=True) if page.day]
    right_days = sum(true == read for true, read in days) / len(days)
    count = len(pages)
    print(
        f"{name:24}{equal / count:15.3f}{contained / count:10.3f}{exact / count:16.3f}{precision:10.3f}{recall:7.3f}"
        f"{right_days:6.3f}"
    )


def folded(names: Iterable[str]) -> set[str]:
    return {comparable(name) for name in names} - {""}


def print_agencies(pages: list[FundusPage], rows: list[Fields]) -> None:
    """Print how many pages have an agency, and a section."""
    counts = Counter(row.agency for row in rows if row.agency)
    n_fundus = sum(bool(read_credits(page.authors, frozenset())[1]) for page in pages)
    ours = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    print(f"\nagencies: Fundus has one among its authors on {n_fundus} pages; ours {ours}")
    print(f"sections: on {sum(bool(row.section) for row in rows)} of {len(rows)} pages")


def print_countries(pages: list[FundusPage], rows: list[Fields], persons: list[list[str]]) -> None:
    """Print for each country how many fields equal Fundus'."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for page, row, true in zip(pages, rows, persons, strict=True):
        counts = table[page.country]
        counts["pages"] += 1
        counts["title"] += comparable(page.title) == comparable(row.title)
        counts["authors"] += folded(true) == folded(row.authors)
        counts["day"] += page.day is None or page.day.isoformat() == row.day
    print("\ncountry  pages title authors(persons)  day")
    for country, counts in sorted(table.items()):
        print(f"{country:8}{counts['pages']:6}{counts['title']:6}{counts['authors']:17}{counts['day']:5}")


def print_languages(pages: list[FundusPage], rows: list[Fields]) -> None:
    """Compare languages with what the pages declare, which is often missing and sometimes only their template's."""
    differing, counts = [], Counter[str]()
    for page, row in zip(pages, rows, strict=True):
        declared = (page.tree.get("lang") or "")[:2].lower()
        declared = "no" if declared in ("nb", "nn") else declared
        kind = "undeclared" if not declared else "same" if declared == row.language else "other"
        counts[kind] += 1
        if kind != "same":
            differing.append(f"{page.publisher} {declared or '-'}: {row.language}")
    print(f"\nlanguages: as declared {counts['same']}, other {counts['other']}, undeclared {counts['undeclared']}")
    print("  " + ", ".join(differing))


def print_differences(pages: list[FundusPage], rows: list[Fields], persons: list[list[str]]) -> None:
    """Print the titles and authors that differ from Fundus'."""
    for page, row, true in zip(pages, rows, persons, strict=True):
        if comparable(page.title) != comparable(row.title):
            print(f"\n{page.country} {page.publisher} title\n  fundus {page.title}\n  ours   {row.title}")
        if folded(true) != folded(row.authors):
            print(f"\n{page.country} {page.publisher} authors\n  fundus {page.authors}\n  ours   {row.authors}")


if __name__ == "__main__":
    main()
