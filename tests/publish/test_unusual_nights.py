"""Nights that are out of the ordinary are named, with what is unusual; ordinary nights are not.

The nights are invented: twenty sources with a weekly rhythm, whose figures vary from night to night as those of news
sites do. A third of a source's volume is chance, and now and then a site is down.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from etl.publish.unusual_nights import unusual_nights

FIRST, HISTORY = date(2025, 1, 6), 60
Visits = dict[str, dict[str, Any]]


def night_of(day: date, rng: random.Random) -> Visits:
    """The visits of an ordinary night, by source."""
    visits = {}
    busy = rng.lognormvariate(0, 0.15) * (0.5 if day.weekday() >= 5 else 1.0)
    for number in range(20):
        source, usual = f"source-{number:02d}", 5 * 2 ** (number % 5)
        n = max(1, round(usual * busy * rng.lognormvariate(0, 0.3)))
        if rng.random() < 0.03:
            visits[source] = visit(day, source, n=0, read=False)
            continue
        names = sum(rng.randrange(4, 24) for _ in range(n))
        quotes = sum(rng.choice((0, 0, 1, 2, 3, 6)) for _ in range(n))
        visits[source] = visit(day, source, n, names=names, quotes=quotes) | {
            "n_rejects": round(n * rng.uniform(0.1, 0.35)), "n_words": sum(rng.randrange(150, 900) for _ in range(n)),
            "n_undated": sum(rng.random() < 0.02 for _ in range(n)), "n_untitled": int(rng.random() < 0.05),
            "n_without_language": int(rng.random() < 0.02),
            "n_other_language": sum(rng.random() < 0.03 for _ in range(n)),
            "n_repeated": 2 * int(n > 1 and rng.random() < 0.1), "n_linked": round(names * rng.uniform(0.5, 0.62)),
            "n_attributed": round(quotes * rng.uniform(0.65, 0.9)),
        }  # fmt: skip
    return visits


def visit(day: date, source: str, n: int, read: bool = True, names: int = 0, quotes: int = 0) -> dict[str, Any]:
    return {
        "night": day, "source": source, "all_read": read, "n_articles": n, "n_rejects": 0, "n_undated": 0,
        "n_future": 0,
        "n_without_language": 0, "n_other_language": 0, "n_untitled": 0, "n_repeated": 0, "n_words": 0,
        "n_names": names, "n_linked": 0, "name_confidence": 0.86 if names else None, "n_quotes": quotes,
        "n_attributed": 0, "quote_confidence": 0.93 if quotes else None,
    }  # fmt: skip


def lines(change: Callable[[Visits], None] = lambda _: None, seed: int = 1, day: int = HISTORY) -> list[str]:
    """What is unusual in the night `day` nights after the first, once `change` was made to it."""
    rng = random.Random(seed)
    nights = [night_of(FIRST + timedelta(n), rng) for n in range(day + 1)]
    change(nights[-1])
    return unusual_nights([row for night in nights for row in night.values()], [FIRST + timedelta(day)])


def everywhere(**changes: Callable[[dict[str, Any]], Any]) -> Callable[[Visits], None]:
    """A change of columns in the visits of all sources."""

    def change(visits: Visits) -> None:
        for row in visits.values():
            row.update({column: value(row) for column, value in changes.items()})

    return change


def at(source: str, **changes: Callable[[dict[str, Any]], Any]) -> Callable[[Visits], None]:
    """A change of columns in the visit of one source."""
    return lambda visits: visits[source].update({column: value(visits[source]) for column, value in changes.items()})


def without_half(visits: Visits) -> None:
    for source in list(visits)[::2]:
        visits[source] = visit(visits[source]["night"], source, n=0)


DEFECTS: dict[str, tuple[Callable[[Visits], None], str]] = {
    "half of the sources give nothing": (without_half, "articles, usually"),
    "a large source gives nothing": (
        lambda v: v.update({"source-04": visit(v["source-04"]["night"], "source-04", 0)}), "source-04: 0 articles",
    ),
    "a source gives its whole archive": (at("source-02", n_articles=lambda r: 40 * r["n_articles"]), "source-02: "),
    "everything is read twice over": (everywhere(n_articles=lambda r: 4 * r["n_articles"]), "articles, usually"),
    "no dates": (everywhere(n_undated=lambda r: r["n_articles"]), "have no date"),
    "a third without dates": (everywhere(n_undated=lambda r: r["n_articles"] // 3), "have no date"),
    "a source without dates": (at("source-03", n_undated=lambda r: r["n_articles"]), "source-03: 100% of"),
    "dates in the future": (everywhere(n_future=lambda r: r["n_articles"] // 2), "dated in the future"),
    "pages are not understood": (everywhere(n_rejects=lambda r: 3 * r["n_articles"]), "gave no article"),
    "languages are not known": (everywhere(n_without_language=lambda r: r["n_articles"] // 2), "is unknown"),
    "languages are taken for others": (everywhere(n_other_language=lambda r: r["n_articles"] // 2), "another language"),
    "no headlines": (everywhere(n_untitled=lambda r: r["n_articles"]), "no headline"),
    "every page is a consent wall": (everywhere(n_repeated=lambda r: r["n_articles"]), "same text as another"),
    "texts are cut to their teasers": (everywhere(n_words=lambda r: 40 * r["n_articles"]), "words an article"),
    "whole sites are taken for text": (everywhere(n_words=lambda r: 5 * r["n_words"]), "words an article"),
    "no names": (everywhere(n_names=lambda _: 0, n_linked=lambda _: 0, name_confidence=lambda _: None), "0.0 names"),
    "every word is a name": (everywhere(n_names=lambda r: 6 * r["n_names"]), "names an article"),
    "no quotes": (
        everywhere(n_quotes=lambda _: 0, n_attributed=lambda _: 0, quote_confidence=lambda _: None), "0.0 quotes",
    ),
    "no links": (everywhere(n_linked=lambda _: 0), "names are linked"),
    "no speakers": (everywhere(n_attributed=lambda r: r["n_attributed"] // 3), "quotes have a speaker"),
    "names are less sure": (everywhere(name_confidence=lambda r: r["name_confidence"] and 0.6), "confidence of"),
    "quotes are less sure": (everywhere(quote_confidence=lambda r: r["quote_confidence"] and 0.7), "confidence of"),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_named(name: str) -> None:
    change, expected = DEFECTS[name]
    assert any(expected in line for line in lines(change)), lines(change)


@pytest.mark.parametrize("seed", range(3))
def test_thirty_ordinary_nights_pass(seed: int) -> None:
    assert [line for day in range(HISTORY, HISTORY + 30) for line in lines(seed=seed, day=day)] == []


def test_a_new_source_and_a_site_that_is_down_are_ordinary() -> None:
    def change(visits: Visits) -> None:
        day = visits["source-04"]["night"]
        visits["new"] = visit(day, "new", 500)
        visits["source-04"] = visit(day, "source-04", 0, read=False)

    assert lines(change) == []


def test_without_enough_nights_before_it_no_night_is_judged() -> None:
    assert lines(without_half, day=6) == []
    assert lines(without_half, day=8)


def test_an_accepted_night_becomes_usual() -> None:
    rng = random.Random(1)
    nights = [night_of(FIRST + timedelta(n), rng) for n in range(110)]
    for night in nights[HISTORY:]:
        everywhere(n_undated=lambda r: r["n_articles"])(night)
    rows = [row for night in nights for row in night.values()]
    assert unusual_nights(rows, [FIRST + timedelta(109)]) == []
