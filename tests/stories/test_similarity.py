"""Copies are found whatever the order of the texts; different words on one event are not copies."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from etl.stories.similarity import Text, compare, find_copies

WORDS = """
the ministers of both states signed an agreement on ferries trains grain gas and visas in a hall beside the
river while reporters waited outside in rain that had not stopped since the summit began on wednesday morning
officials said the price of tickets would be settled before winter because neither side wanted to argue about
coins in front of cameras
""".split()
DAY = date(2025, 9, 3)


def prose(seed: int, words: int = 120) -> str:
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) + chosen.choice(["", "", "s"]) for _ in range(words))


def text(name: str, body: str, day: date = DAY, outlet: str | None = None, moment: str = "06:00") -> Text:
    return Text(name, outlet or f"{name}.example", day, f"{day}T{moment}", body)


WIRE = prose(1)


@pytest.mark.parametrize(
    ("body", "teaches"),
    [
        (WIRE, "verbatim"),
        (" ".join(WIRE.split()[:50]), "cut"),
        ("A local paragraph first, with its own words and names. " + WIRE, "with a local first paragraph"),
        (WIRE.replace(" ", "\n", 30), "re-paragraphed"),
        (WIRE.upper(), "in capitals"),
        (WIRE.replace("ministers", "officials"), "edited"),
    ],
)
def test_copies(body: str, teaches: str) -> None:
    wire, copy = find_copies([text("wire", WIRE), text("paper", body, moment="07:00")], 7)
    assert (wire.copy_of, wire.role) == (None, "first")
    assert (copy.copy_of, copy.role) == ("wire", "copy"), teaches
    assert copy.similarity >= 0.6


def test_other_words_are_another_story() -> None:
    assert {c.role for c in find_copies([text("a", prose(1)), text("b", prose(2))], 7)} == {"first"}


def test_the_same_outlet_prints_a_revision() -> None:
    later = text("b", WIRE + " and a correction was added at noon", outlet="a.example", moment="09:00")
    assert find_copies([text("a", WIRE, outlet="a.example"), later], 7)[1].role == "revision"


def test_the_original_is_the_earliest_that_has_the_text() -> None:
    texts = [text(name, WIRE, moment=moment) for name, moment in (("c", "08:00"), ("a", "06:00"), ("b", "07:00"))]
    assert {c.article_id: c.copy_of for c in find_copies(texts, 7)} == {"a": None, "b": "a", "c": "a"}


def test_a_reprint_after_the_window_is_a_story_of_its_own() -> None:
    later = text("b", WIRE, DAY + timedelta(days=8))
    assert find_copies([text("a", WIRE), later], 7)[1].copy_of is None
    assert find_copies([text("a", WIRE), later], 8)[1].copy_of == "a"


def test_short_texts_are_copies_only_if_they_are_the_same() -> None:
    short = "The President spoke by telephone with the President of Finland."
    other = short.replace("Finland", "Turkey")
    assert find_copies([text("a", short), text("b", other)], 7)[1].copy_of is None
    assert find_copies([text("a", short), text("b", short)], 7)[1].copy_of == "a"


def test_texts_without_spaces() -> None:
    body = "两国部长星期三在港口城市会面就渡轮航线谈了三个小时官员说首班船将于十月启航票价相当于一杯咖啡"
    assert find_copies([text("a", body), text("b", body[5:] + "。")], 7)[1].copy_of == "a"


def test_a_pure_function_of_the_texts() -> None:
    """Neither the order of the texts nor what lies outside the window changes a row."""
    texts = [
        text(f"t{n}", prose(n % 9, 80), DAY + timedelta(days=n % 12), moment=f"{n % 24:02d}:00") for n in range(80)
    ]
    expected = {c.article_id: c for c in find_copies(texts, 4)}
    shuffled = random.Random(3).sample(texts, len(texts))
    assert {c.article_id: c for c in find_copies(shuffled, 4)} == expected
    last = [t for t in texts if t.day >= DAY + timedelta(days=6)]
    part = {c.article_id: c for c in find_copies(last, 4)}
    assert all(part[t.article_id] == expected[t.article_id] for t in last if t.day >= DAY + timedelta(days=10))


def test_three_hundred_edited_copies_are_three_hundred_articles_and_one_story() -> None:
    """Each paper with its own first paragraph."""
    papers = [text(f"p{n:03d}", f"{prose(1000 + n, 15)} {WIRE}", moment=f"07:{n % 60:02d}") for n in range(300)]
    copies = find_copies([text("wire", WIRE, moment="06:00"), *papers], 7)
    assert {c.copy_of for c in copies[1:]} == {"wire"}


def test_identical_texts_point_to_the_first() -> None:
    copies = find_copies([text(f"p{n:02d}", WIRE, moment=f"07:{n:02d}") for n in range(50)], 7)
    assert [c.copy_of for c in copies] == [None] + ["p00"] * 49


def test_boilerplate_in_many_texts_is_no_evidence() -> None:
    boilerplate = " ".join(WORDS[:14])
    texts = [text(f"p{n}", f"{prose(n, 100)} {boilerplate}", moment=f"07:{n % 60:02d}") for n in range(200)]
    assert {c.copy_of for c in find_copies(texts, 7)} == {None}


def test_an_outlets_long_boilerplate_is_no_evidence() -> None:
    """More than half of both texts, to the word, and nothing in it of what either is about."""
    imprint = f"Registered in Ardmore under number 4471 by the Corn Exchange. {prose(9, 90)}"
    one = text("a", f"A mill in Talaya opened after 40 years, said Nina Orazova. {prose(1, 40)}\n{imprint}", outlet="o")
    other = text("b", f"Three chess players from Dubrava won 12 games in Boston. {prose(2, 40)}\n{imprint}", outlet="o")
    assert find_copies([one, other], 7)[1].copy_of is None


def test_compare() -> None:
    assert compare(text("a", WIRE), text("b", WIRE)) == 1.0
    assert compare(text("a", prose(1)), text("b", prose(2))) < 0.1
