"""Spans between quotation marks of every kind: nested, over several paragraphs, unbalanced and mistaken."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.nlp.quotes.marks import Marks, find_marked
from etl.text import lay_out


def marked(text: str) -> list[str]:
    return [text[m.start : m.end] for m in find_marked(text, lay_out(text).paragraphs)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("He said “yes” and left.", ["yes"]),
        ("Er sagte „ja“ und ging.", ["ja"]),
        ("Powiedział „tak” i wyszedł.", ["tak"]),
        ("Он сказал «да» и ушёл.", ["да"]),
        ("Il dit « oui » et partit.", ["oui"]),
        ("Er sagte ‹ja› und ging.", ["ja"]),
        ("他说「是」。", ["是"]),
        ("他说『是』。", ["是"]),
        ('He said "yes" and left.', ["yes"]),
        ("He said ‘yes, now,’ and left.", ["yes, now,"]),
        ("He said ''yes'' and left.", ["yes"]),
        ("He said ``yes'' and left.", ["yes"]),
        ("She said ''he told me 'go away,''' and left.", ["he told me 'go away,'"]),
        ('He said "yes" and “no”.', ["yes", "no"]),
    ],
)
def test_marks_of_every_kind(text: str, spans: list[str]) -> None:
    assert marked(text) == spans


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Xi told him that ”relations stood firm, and ”promoting order.", []),
        ("It was an “unprecedented level”, he said, “and", ["unprecedented level"]),
        ("“one “two” three", ["two"]),
        ("He asked: ”What is wrong?” and left.", ["What is wrong?"]),
        ("'Twas the boys' boat.", []),
        ("The '90s and the dogs' home", []),
        ("He said ''yes and left.", []),
        ("The 'Beast of Bolton' was found. 'We are relieved,' said Ann.", ["Beast of Bolton", "We are relieved,"]),
        (
            "It was 'bonkers' and 'unworkable'. 'I won't back it,' he said.",
            ["bonkers", "unworkable", "I won't back it,"],
        ),
        ("The age of rock 'n' roll is 'dead,' he said.", ["dead,"]),
    ],
)
def test_unbalanced_and_mistaken_marks_and_apostrophes(text: str, spans: list[str]) -> None:
    assert marked(text) == spans


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("«Он сказал: «нет», и ушёл»", ["Он сказал: «нет», и ушёл"]),
        ("“I said ‘no’ twice,” he said.", ["I said ‘no’ twice,"]),
        ("“所谓‘脱钩’不符合利益。”", ["所谓‘脱钩’不符合利益。"]),
    ],
)
def test_nested_quotations_belong_to_the_outer_one(text: str, spans: list[str]) -> None:
    assert marked(text) == spans


def test_a_speech_of_several_paragraphs_is_a_chain() -> None:
    text = "He said: “One.\n“Two.\n“Three.” Then “four”."
    marks = Marks(find_marked(text, lay_out(text).paragraphs))
    assert [text[m.start : m.end] for m in marks.all] == ["One.", "Two.", "Three.", "four"]
    assert [[text[m.start : m.end] for m in chain] for chain in marks.chains] == [["One.", "Two.", "Three."], ["four"]]


def test_spans_are_looked_up_by_their_places() -> None:
    text = "A “b c” d “e”."
    marks = Marks(find_marked(text, lay_out(text).paragraphs))
    assert [marks.around(at) is not None for at in range(len(text))] == [
        2 <= at <= 6 or 10 <= at <= 12 for at in range(14)
    ]
    assert marks.before(9) == marks.all[0] and marks.after(6) == marks.all[1] and marks.before(2) is None
    assert list(marks.numbers(0, 2)) == [] and list(marks.numbers(0, 3)) == [0] and list(marks.numbers(4, 11)) == [0, 1]


@given(st.text(alphabet="“”„«»‹›「」『』\"'‘’`ab ,.\n", max_size=80))
def test_spans_lie_in_order_inside_their_marks(text: str) -> None:
    spans = find_marked(text, lay_out(text).paragraphs)
    for span in spans:
        assert 0 <= span.open_at < span.start < span.end <= span.close_at <= len(text)
        assert "\n" not in text[span.start : span.end]
    assert all(a.close_at < b.open_at for a, b in pairwise(spans))


def test_an_unclosed_mark_chains_only_with_the_next_paragraph() -> None:
    text = "He said: “One is left open.\n“\nLater another said “two”, and left."
    marks = Marks(find_marked(text, lay_out(text).paragraphs))
    assert all(len(chain) == 1 for chain in marks.chains)
