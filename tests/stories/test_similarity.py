"""Copies are found in any order of the texts; reports of one event in different words are not copies."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from etl.stories.similarity import StoryText, find_copies, text_similarity

WORDS = """
the ministers of both states signed an agreement on ferries trains grain gas and visas in a hall beside the
river while reporters waited outside in rain that had not stopped since the summit began on wednesday morning
officials said the price of tickets would be settled before winter because neither side wanted to argue about
coins in front of cameras
""".split()
DAY = date(2025, 9, 3)


def prose(seed: int, words: int = 120) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choice(WORDS) + rng.choice(["", "", "s"]) for _ in range(words))


def text(name: str, body: str, day: date = DAY, outlet: str | None = None, moment: str = "06:00") -> StoryText:
    return StoryText(name, outlet or f"{name}.example", day, f"{day}T{moment}", body)


WIRE = prose(1)


@pytest.mark.parametrize(
    ("body", "change"),
    [
        (WIRE, "verbatim"),
        (" ".join(WIRE.split()[:50]), "cut"),
        ("A local paragraph first, with its own words and names. " + WIRE, "with a local first paragraph"),
        (WIRE.replace(" ", "\n", 30), "re-paragraphed"),
        (WIRE.upper(), "in capitals"),
        (WIRE.replace("ministers", "officials"), "edited"),
    ],
)
def test_a_changed_text_is_a_copy(body: str, change: str) -> None:
    wire, copy = find_copies([text("wire", WIRE), text("paper", body, moment="07:00")], 7)
    assert (wire.copy_of, wire.role) == (None, "first")
    assert (copy.copy_of, copy.role) == ("wire", "copy"), change
    assert copy.similarity >= 0.6


def test_a_text_in_other_words_is_another_story() -> None:
    assert {c.role for c in find_copies([text("a", prose(1)), text("b", prose(2))], 7)} == {"first"}


def test_a_changed_text_of_the_same_outlet_is_a_revision() -> None:
    later = text("b", WIRE + " and a correction was added at noon", outlet="a.example", moment="09:00")
    assert find_copies([text("a", WIRE, outlet="a.example"), later], 7)[1].role == "revision"


def test_the_original_is_the_earliest_text() -> None:
    texts = [text(name, WIRE, moment=moment) for name, moment in (("c", "08:00"), ("a", "06:00"), ("b", "07:00"))]
    assert {c.article_id: c.copy_of for c in find_copies(texts, 7)} == {"a": None, "b": "a", "c": "a"}


def test_a_reprint_after_the_window_is_a_story_of_its_own() -> None:
    later = text("b", WIRE, DAY + timedelta(days=8))
    assert find_copies([text("a", WIRE), later], 7)[1].copy_of is None
    assert find_copies([text("a", WIRE), later], 8)[1].copy_of == "a"


def test_short_texts_are_copies_only_if_they_are_identical() -> None:
    short = "The President spoke by telephone with the President of Finland."
    other = short.replace("Finland", "Turkey")
    assert find_copies([text("a", short), text("b", other)], 7)[1].copy_of is None
    assert find_copies([text("a", short), text("b", short)], 7)[1].copy_of == "a"


def test_copies_are_found_in_scripts_without_spaces() -> None:
    body = "两国部长星期三在港口城市会面就渡轮航线谈了三个小时官员说首班船将于十月启航票价相当于一杯咖啡"
    assert find_copies([text("a", body), text("b", body[5:] + "。")], 7)[1].copy_of == "a"


def test_neither_the_order_of_the_texts_nor_texts_outside_the_window_change_a_row() -> None:
    texts = [
        text(f"t{n}", prose(n % 9, 80), DAY + timedelta(days=n % 12), moment=f"{n % 24:02d}:00") for n in range(80)
    ]
    expected = {c.article_id: c for c in find_copies(texts, 4)}
    shuffled = random.Random(3).sample(texts, len(texts))
    assert {c.article_id: c for c in find_copies(shuffled, 4)} == expected
    last = [t for t in texts if t.day >= DAY + timedelta(days=6)]
    part = {c.article_id: c for c in find_copies(last, 4)}
    assert all(part[t.article_id] == expected[t.article_id] for t in last if t.day >= DAY + timedelta(days=10))


def test_three_hundred_copies_with_different_first_paragraphs_are_one_story() -> None:
    papers = [text(f"p{n:03d}", f"{prose(1000 + n, 15)} {WIRE}", moment=f"07:{n % 60:02d}") for n in range(300)]
    copies = find_copies([text("wire", WIRE, moment="06:00"), *papers], 7)
    assert {c.copy_of for c in copies[1:]} == {"wire"}


def test_identical_texts_are_copies_of_the_first() -> None:
    copies = find_copies([text(f"p{n:02d}", WIRE, moment=f"07:{n:02d}") for n in range(50)], 7)
    assert [c.copy_of for c in copies] == [None] + ["p00"] * 49


def test_texts_that_share_only_short_boilerplate_are_not_copies() -> None:
    boilerplate = " ".join(WORDS[:14])
    texts = [text(f"p{n}", f"{prose(n, 100)} {boilerplate}", moment=f"07:{n % 60:02d}") for n in range(200)]
    assert {c.copy_of for c in find_copies(texts, 7)} == {None}


def test_texts_that_share_only_an_outlets_long_boilerplate_are_not_copies() -> None:
    """The boilerplate is more than half of both texts, and it names nothing that either text is about."""
    imprint = f"Registered in Ardmore under number 4471 by the Corn Exchange. {prose(9, 90)}"
    mill = text(
        "a", f"A mill in Talaya opened after 40 years, said Nina Orazova. {prose(1, 40)}\n{imprint}", outlet="o"
    )
    chess = text("b", f"Three chess players from Dubrava won 12 games in Boston. {prose(2, 40)}\n{imprint}", outlet="o")
    assert find_copies([mill, chess], 7)[1].copy_of is None


def test_text_similarity() -> None:
    assert text_similarity(text("a", WIRE), text("b", WIRE)) == 1.0
    assert text_similarity(text("a", prose(1)), text("b", prose(2))) < 0.1
