"""The deck and the place that readers see above an article."""

from __future__ import annotations

from etl.extract.body.standfirst import with_standfirst
from etl.extract.html import parse_html

DECK = "The ferry returns to the harbour town after three years."
LONG = "\n".join(f"Paragraph {n} tells of the boat, its captain and the price that a cup costs." for n in range(8))


def read(body: str, deck: str | None, page: str) -> list[str]:
    html = f"<html><body>{page}</body></html>"
    return with_standfirst(body, deck, html, parse_html(html)).split("\n")


def test_the_marked_deck_and_place_come_first() -> None:
    page = f"<div class='p-summary'>{DECK}</div><span class='p-location'>The Kremlin, Moscow</span>"
    assert read("Text.", None, page) == [DECK, "The Kremlin, Moscow", "Text."]


def test_a_deck_that_is_in_the_text_is_not_repeated() -> None:
    assert read(f"{DECK}\nText.", None, f"<p class='p-summary'>{DECK}</p>") == [DECK, "Text."]
    assert read(f"Well: {DECK}\nText.", None, f"<p class='p-summary'>{DECK}</p>") == [f"Well: {DECK}", "Text."]


def test_the_declared_deck_of_a_brief_is_added_if_the_page_shows_it() -> None:
    assert read("Brief.", DECK, f"<h2>{DECK}</h2>") == [DECK, "Brief."]
    assert read("", DECK, f"<h2>{DECK}</h2>") == [DECK]


def test_a_declared_deck_is_not_added_if_it_is_not_shown_or_cut_off_or_the_text_is_long() -> None:
    assert read("Brief.", DECK, "<p>Brief.</p>") == ["Brief."]
    assert read(LONG, DECK, f"<h2>{DECK}</h2>") == LONG.split("\n")
    assert read("Brief.", "The ferry returns…", "<h2>The ferry returns…</h2>") == ["Brief."]


def test_classes_with_similar_names_are_not_marks() -> None:
    assert read("Text.", None, f"<div class='p-summary-list'>{DECK}</div>") == ["Text."]
