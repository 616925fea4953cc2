"""Links: on GUM's test documents and the last tenth of Current Events by date (links to Wikipedia), and the countries
of the Kremlin's pages against their editors' tags."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from benchmarks.name_errors import Seen, write_errors
from benchmarks.pages import CORPORA
from etl.configuration.sources import NO_SOURCES
from etl.extract.page import extract, page_of
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.names.encoder_tagger import tag
from etl.nlp.names.find import NamedEntity, find_names
from etl.text import fold, lay_out
from etl.warc.reader import Record, read_warc
from schemas import Article
from training.corpora import current_events, gum_documents

ROOT = Path(__file__).resolve().parents[1]
_NEUTRAL = frozenset({"country", "politician", "organization", "newspaper", "city", "continent"})
Linked = tuple[str, date | None, list[tuple[int, int, str]]]
"""A text, its day, and spans with the title of their article in Wikipedia."""


def print_linking(gazetteer: Gazetteer) -> None:
    """All three tables; errors go to benchmarks/errors."""
    known = titles(gazetteer)
    errors: list[Seen] = []
    print("\nlinks: of spans with an article in Wikipedia. `in reach`: the gazetteer has a row of the article's name")
    print(f"{'':24}{'spans':>8}{'in reach':>9}{'linked':>8}{'right':>8}{'accuracy':>10}{'recall in reach':>17}")
    for name, texts in (("GUM, test", list(gum())), ("Current Events, 1/10", list(events()))):
        counts = Counter[str]()
        for text, day, spans in texts:
            names = {(n.start, n.end): n for n in named(text, day, gazetteer)}
            for start, end, title in spans:
                start, end = bare(text, start, end)
                judge(text, start, end, title, names.get((start, end)), known, counts, errors, name)
        right, linked = counts["right"], counts["linked"]
        print(
            f"{name:24}{counts['spans']:8}{counts['in reach']:9}{linked:8}{right:8}{right / max(linked, 1):10.3f}"
            f"{right / max(counts['in reach'], 1):17.3f}"
        )
    write_errors(ROOT / "benchmarks" / "errors", errors)
    print_kremlin(gazetteer)


def judge(
    text: str, start: int, end: int, title: str, name: NamedEntity | None, known: dict[str, set[str]],
    counts: Counter[str], errors: list[Seen], where: str,
) -> None:  # fmt: skip
    """Counts one span: right where the row's name or one of its aliases is the article's title."""
    wanted = rows_of(title, known)
    counts["spans"] += 1
    counts["in reach"] += bool(wanted)
    entry = name.entry if name else None
    if entry:
        counts["linked"] += 1
        if entry.name in wanted:
            counts["right"] += 1
            return
    if entry or wanted:
        how = f"linked to {entry.name}" if entry else "not linked" if name else "not found"
        around = text[max(0, start - 120) : end + 120]
        errors.append(Seen("link", how if not entry else "wrong", where, f"{text[start:end]} ({title}): {how}", around))


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without its article and its possessive, which names do not have."""
    article = re.match(r"(?:the|a|an) ", text[start:end], re.IGNORECASE)
    possessive = re.search(r" ?['’]s$", text[start:end])
    return start + (article.end() if article else 0), end - (len(possessive[0]) if possessive else 0)


def rows_of(title: str, known: dict[str, set[str]]) -> set[str]:
    """The names of the rows that an article may be: those of its whole title. What stands in brackets or behind a comma
    tells it from others, and is left out only where it says no more than the row's type does."""
    whole = fold(unquote(title).replace("_", " ")).strip()
    if found := known.get(whole):
        return found
    bare_title, bracket = re.fullmatch(r"(.*?)(?:\s*\(([^)]*)\))?", whole).groups()  # type: ignore[union-attr]
    return known.get(bare_title, set()) if bracket in _NEUTRAL else set()


@lru_cache(maxsize=1)
def titles(gazetteer: Gazetteer) -> dict[str, set[str]]:
    """Folded name or alias -> the names of its rows."""
    found: dict[str, set[str]] = {}
    for alias in gazetteer.aliases:
        for written in (alias.written, alias.entry.name):
            found.setdefault(fold(written), set()).add(alias.entry.name)
    return found


def named(text: str, day: date | None, gazetteer: Gazetteer) -> list[NamedEntity]:
    """A text's names."""
    return find_names(text, lay_out(text, "en"), gazetteer, tag([text])[0], day)


def gum() -> Iterator[Linked]:
    for _, text, mentions, proper in gum_documents("test"):
        spans = [
            (start, end, title)
            for start, end, _, title in mentions
            if title and any(start <= at < end for at, _ in proper)
        ]
        yield text, None, spans


def events() -> Iterator[Linked]:
    rows = current_events()
    for marked in rows[-len(rows) // 10 :]:
        year, month, day = marked.id.split("-")[:3]
        spans = [(mark.start, mark.end, mark.title or "") for mark in marked.marks]
        yield marked.text, date(int(year), int(month), int(day)), spans


def print_kremlin(gazetteer: Gazetteer) -> None:
    """Countries of whole articles against editors' tags, which name guests and hosts, not every country mentioned."""
    alpha3 = _alpha3()
    tags: dict[str, set[str]] = {}
    for line in (CORPORA / "kremlin" / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tags[row["url"]] = {alpha3[code] for code in row["countries"] if code in alpha3}
    right = missed = named_too = articles = 0
    for article in kremlin_articles():
        found = {code for n in named(article.text, article.published_date, gazetteer) for code in n.countries} - {"RUS"}
        wanted = tags.get(article.url, set()) - {"RUS"}
        right, missed = right + len(found & wanted), missed + len(wanted - found)
        named_too += len(found - wanted)
        articles += 1
    print(f"\nKremlin, {articles} articles: {right + missed} tags of countries, recall {right / (right + missed):.3f};")
    print(
        f"  of all countries found {right / (right + named_too):.3f} are tags (tags name who meets, not who is named)"
    )


def kremlin_articles() -> Iterator[Article]:
    for path in sorted((CORPORA / "kremlin").glob("en.kremlin.ru-20??.warc.gz")):
        for record in read_warc(path):
            if isinstance(record, Record):
                found = extract(page_of(record, "b", "kremlin", path.name, NO_SOURCES))
                if isinstance(found, Article):
                    yield found


def _alpha3() -> dict[str, str]:
    rows: Sequence[dict[str, str]] = json.loads((CORPORA / "gazetteer" / "countries.json").read_text(encoding="utf-8"))
    return {row["iso1A2"]: row["iso1A3"] for row in rows if row.get("iso1A2") and row.get("iso1A3")}
