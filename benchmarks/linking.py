"""Scores of the links of names, and of the countries found.

Links are scored on GUM's test documents and on the last tenth of Current Events by date; both have links to Wikipedia.
Countries found in pages of the Kremlin's site are compared with the tags that its editors set.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from benchmarks.name_errors import ErrorRow, write_errors
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.names.encoder_tagger import tag
from etl.nlp.names.find import NamedEntity, find_names
from etl.text import fold, lay_out
from evaluation.corpora import CORPORA
from evaluation.current_events import current_events
from evaluation.gum import gum_documents
from evaluation.kremlin import kremlin_articles, kremlin_index

# What stands in brackets after a title and says no more than the type of a row does.
_NEUTRAL = frozenset({"country", "politician", "organization", "newspaper", "city", "continent"})


class LinkedText(NamedTuple):
    """A text, its day, and (start, end, title of the Wikipedia article) of its links."""

    text: str
    day: date | None
    links: list[tuple[int, int, str]]


def print_linking(gazetteer: Gazetteer) -> None:
    """Print all three tables, and write the errors to benchmarks/errors."""
    row_names = names_of_rows(gazetteer)
    errors: list[ErrorRow] = []
    print("\nlinks: of spans with an article in Wikipedia. `in reach`: the gazetteer has a row of the article's name")
    print(f"{'':24}{'spans':>8}{'in reach':>9}{'linked':>8}{'right':>8}{'accuracy':>10}{'recall in reach':>17}")
    for set_, texts in (("GUM, test", list(gum_texts())), ("Current Events, 1/10", list(event_texts()))):
        counts = Counter[str]()
        for text, day, links in texts:
            names = {(n.start, n.end): n for n in find_all_names(text, day, gazetteer)}
            for link_start, link_end, title in links:
                start, end = bare_span(text, link_start, link_end)
                name = names.get((start, end))
                rows = rows_of(title, row_names)
                outcome = judge(name, rows)
                counts.update(["spans", *(["in reach"] if rows else []), *outcome.counts])
                if outcome.error:
                    description = f"{text[start:end]} ({title}): {outcome.error}"
                    how = "wrong" if name and name.entry else outcome.error
                    around = text[max(0, start - 120) : end + 120]
                    errors.append(ErrorRow("link", how, set_, description, around))
        right, linked = counts["right"], counts["linked"]
        print(
            f"{set_:24}{counts['spans']:8}{counts['in reach']:9}{linked:8}{right:8}{right / max(linked, 1):10.3f}"
            f"{right / max(counts['in reach'], 1):17.3f}"
        )
    write_errors(errors)
    print_kremlin(gazetteer)


class LinkOutcome(NamedTuple):
    """What a link counts for ("linked", "right"), and what is wrong with it, if anything."""

    counts: list[str]
    error: str | None


def judge(name: NamedEntity | None, rows: set[str]) -> LinkOutcome:
    """Judge the link of one span. `name`: the name that was found there, if any; `rows`: the names of the rows that its
    article may be, one of which is right."""
    entry = name.entry if name else None
    if entry and entry.name in rows:
        return LinkOutcome(["linked", "right"], None)
    if entry:
        return LinkOutcome(["linked"], f"linked to {entry.name}")
    if rows:
        return LinkOutcome([], "not linked" if name else "not found")
    return LinkOutcome([], None)


def bare_span(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without its article and its possessive ending, which names do not have."""
    article = re.match(r"(?:the|a|an) ", text[start:end], re.IGNORECASE)
    possessive = re.search(r" ?['’]s$", text[start:end])
    return start + (article.end() if article else 0), end - (len(possessive[0]) if possessive else 0)


def rows_of(title: str, row_names: Mapping[str, set[str]]) -> set[str]:
    """The names of the rows that an article may be: those that have its complete title as a name or an alias.

    What stands in brackets or after a comma distinguishes the article from others. It is left out only if it says no
    more than the type of a row does.
    """
    folded = fold(unquote(title).replace("_", " ")).strip()
    if names := row_names.get(folded):
        return names
    without_bracket, bracket = re.fullmatch(r"(.*?)(?:\s*\(([^)]*)\))?", folded).groups()  # type: ignore[union-attr]
    return row_names.get(without_bracket, set()) if bracket in _NEUTRAL else set()


@lru_cache(maxsize=1)
def names_of_rows(gazetteer: Gazetteer) -> dict[str, set[str]]:
    """Folded name or alias -> the names of the gazetteer's rows that have it."""
    rows: dict[str, set[str]] = {}
    for alias in gazetteer.aliases:
        for written in (alias.written, alias.entry.name):
            rows.setdefault(fold(written), set()).add(alias.entry.name)
    return rows


def find_all_names(text: str, day: date | None, gazetteer: Gazetteer) -> list[NamedEntity]:
    return find_names(text, lay_out(text, "en"), gazetteer, tag([text])[0], day)


def gum_texts() -> Iterator[LinkedText]:
    """GUM's test documents, with the mentions that have an article and contain a proper noun."""
    for document in gum_documents("test"):
        links = [
            (mention.start, mention.end, mention.title)
            for mention in document.mentions
            if mention.title and any(mention.start <= at < mention.end for at, _ in document.proper_nouns)
        ]
        yield LinkedText(document.text, None, links)


def event_texts() -> Iterator[LinkedText]:
    """The last tenth of Current Events, with their days."""
    rows = current_events()
    for report in rows[-len(rows) // 10 :]:
        year, month, day = report.id.split("-")[:3]
        links = [(name.start, name.end, name.title or "") for name in report.names]
        yield LinkedText(report.text, date(int(year), int(month), int(day)), links)


def print_kremlin(gazetteer: Gazetteer) -> None:
    """Compare the countries of articles with the editors' tags, which name guests and hosts, not every country that is
    mentioned."""
    alpha3 = _alpha3_codes()
    tags = {row["url"]: {alpha3[code] for code in row["countries"] if code in alpha3} for row in kremlin_index()}
    right = missed = untagged = n_articles = 0
    for article in kremlin_articles():
        names = find_all_names(article.text, article.published_date, gazetteer)
        countries = {code for name in names for code in name.countries} - {"RUS"}
        tagged = tags.get(article.url, set()) - {"RUS"}
        right, missed = right + len(countries & tagged), missed + len(tagged - countries)
        untagged += len(countries - tagged)
        n_articles += 1
    print(
        f"\nKremlin, {n_articles} articles: {right + missed} tags of countries, recall {right / (right + missed):.3f};"
    )
    print(
        f"  of all countries found {right / (right + untagged):.3f} are tags (tags say who meets, not who is mentioned)"
    )


def _alpha3_codes() -> dict[str, str]:
    """ISO code of two letters -> code of three letters."""
    rows: Sequence[dict[str, str]] = json.loads((CORPORA / "gazetteer" / "countries.json").read_text(encoding="utf-8"))
    return {row["iso1A2"]: row["iso1A3"] for row in rows if row.get("iso1A2") and row.get("iso1A3")}
