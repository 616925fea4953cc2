"""Titles, authors, days and languages: ours beside trafilatura's on fundus' pages (../shared/corpora).

Fundus' own values are a parser's; it counts agencies, desks and sites as authors. The second authors' row leaves out
those of its authors that are no persons by our reading. Sections it does not give. Run: python -m benchmarks.fields
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import trafilatura

from benchmarks.fundus import ABSENT, CORPORA, FundusPage, fundus_pages, same
from etl.extract import language
from etl.extract.body.choose import choose_body, read_body_input
from etl.extract.credits.authors import find_authors, read_credits
from etl.extract.dates import find as dates
from etl.extract.section import find_section
from etl.extract.site_names import site_names
from etl.extract.title import find_title


@dataclass(frozen=True)
class Fields:
    """What a reader makes of a page; trafilatura's date is a day in ISO form."""

    title: str | None
    authors: list[str]
    agency: str | None
    day: str | None
    language: str | None = None
    section: str | None = None


def main() -> None:
    if not CORPORA.is_dir():
        sys.exit(ABSENT)
    logging.disable(logging.CRITICAL)
    pages = list(fundus_pages())
    persons = [[*read_credits(page.authors, site_names(page.tree, page.structured))[0]] for page in pages]
    costs: Counter[str] = Counter()
    ours(pages[0], Counter())  # what is loaded once is no cost of a page
    found = [ours(page, costs) for page in pages]
    peers = [trafilaturas(page) for page in pages]
    print(f"fundus, {len(pages)} pages       titles equal contained   authors exact precision recall   day")
    print_row("ours", pages, found)
    print_row("trafilatura", pages, peers)
    print("\nof fundus' authors only persons")
    print_row("ours", pages, found, persons)
    print_row("trafilatura", pages, peers, persons)
    print_agencies(pages, found)
    print_countries(pages, found, persons)
    print_languages(pages, found)
    print("\nms/page: " + ", ".join(f"{name} {1000 * spent / len(pages):.2f}" for name, spent in costs.items()))
    if "--differences" in sys.argv:
        print_differences(pages, found, persons)


def ours(page: FundusPage, costs: Counter[str]) -> Fields:
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


def trafilaturas(page: FundusPage) -> Fields:
    said = trafilatura.extract_metadata(page.html, default_url=page.url)
    if said is None:
        return Fields(None, [], None, None)
    return Fields(said.title, [name for name in (said.author or "").split("; ") if name], None, said.date)


def print_row(name: str, pages: list[FundusPage], found: list[Fields], authors: list[list[str]] | None = None) -> None:
    """Authors are compared as sets on pages; precision and recall count names over all pages."""
    truths = authors if authors is not None else [list(page.authors) for page in pages]
    titled = [(same(page.title), same(one.title)) for page, one in zip(pages, found, strict=True)]
    equal = sum(true == own for true, own in titled)
    contained = sum(bool(own) and (own in true or true in own) for true, own in titled)
    sets = [(folded(true), folded(one.authors)) for true, one in zip(truths, found, strict=True)]
    exact = sum(true == own for true, own in sets)
    shared = sum(len(true & own) for true, own in sets)
    precision = shared / max(1, sum(len(own) for _, own in sets))
    recall = shared / max(1, sum(len(true) for true, _ in sets))
    dated = [(page.day.isoformat(), one.day) for page, one in zip(pages, found, strict=True) if page.day]
    days = sum(true == own for true, own in dated) / len(dated)
    count = len(pages)
    print(
        f"{name:24}{equal / count:15.3f}{contained / count:10.3f}{exact / count:16.3f}{precision:10.3f}{recall:7.3f}"
        f"{days:6.3f}"
    )


def folded(names: Iterable[str]) -> set[str]:
    return {same(name) for name in names} - {""}


def print_agencies(pages: list[FundusPage], found: list[Fields]) -> None:
    counts = Counter(one.agency for one in found if one.agency)
    named = sum(bool(read_credits(page.authors, frozenset())[1]) for page in pages)
    told = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    print(f"\nagencies: fundus has one among its authors on {named} pages; ours {told}")
    print(f"sections: on {sum(bool(one.section) for one in found)} of {len(found)} pages")


def print_countries(pages: list[FundusPage], found: list[Fields], persons: list[list[str]]) -> None:
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for page, one, true in zip(pages, found, persons, strict=True):
        row = rows[page.country]
        row["pages"] += 1
        row["title"] += same(page.title) == same(one.title)
        row["authors"] += folded(true) == folded(one.authors)
        row["day"] += page.day is None or page.day.isoformat() == one.day
    print("\ncountry  pages title authors(persons)  day")
    for country, row in sorted(rows.items()):
        print(f"{country:8}{row['pages']:6}{row['title']:6}{row['authors']:17}{row['day']:5}")


def print_languages(pages: list[FundusPage], found: list[Fields]) -> None:
    """By the page's own word, which is often missing and sometimes the template's."""
    differing, counts = [], Counter[str]()
    for page, one in zip(pages, found, strict=True):
        declared = (page.tree.get("lang") or "")[:2].lower()
        declared = "no" if declared in ("nb", "nn") else declared
        kind = "undeclared" if not declared else "same" if declared == one.language else "other"
        counts[kind] += 1
        if kind != "same":
            differing.append(f"{page.publisher} {declared or '-'}: {one.language}")
    print(f"\nlanguages: as declared {counts['same']}, other {counts['other']}, undeclared {counts['undeclared']}")
    print("  " + ", ".join(differing))


def print_differences(pages: list[FundusPage], found: list[Fields], persons: list[list[str]]) -> None:
    for page, one, true in zip(pages, found, persons, strict=True):
        if same(page.title) != same(one.title):
            print(f"\n{page.country} {page.publisher} title\n  fundus {page.title}\n  ours   {one.title}")
        if folded(true) != folded(one.authors):
            print(f"\n{page.country} {page.publisher} authors\n  fundus {page.authors}\n  ours   {one.authors}")


if __name__ == "__main__":
    main()
