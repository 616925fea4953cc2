"""Windows: word pieces of a text. Its words are slices of the text, to the character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.nlp.encoder.windows import CAPITALS, CASELESS, LOWER, MIXED, NO_LETTER, SINGLE, TITLE, Window, windows


def words(text: str, cut: list[Window]) -> list[str]:
    return [
        text[start:end] for window in cut for start, end in zip(window.starts, window.ends, strict=True)
    ]  # fmt: skip


def test_words_are_slices_of_the_text() -> None:
    text = "Xi Jinping’s trip.\n\nÉmile said 😀 中国."
    assert words(text, windows(text)) == [
        "Xi",
        "Jinping",
        "’",
        "s",
        "trip",
        ".",
        "Émile",
        "said",
        "😀",
        "中",
        "国",
        ".",
    ]


@pytest.mark.parametrize(
    ("word", "case"),
    [
        ("president", LOWER),
        ("President", TITLE),
        ("NATO", CAPITALS),
        ("A", SINGLE),
        ("iPhone", MIXED),
        ("2025", NO_LETTER),
        ("中", CASELESS),
        ("Émile", TITLE),
    ],
)
def test_how_a_word_is_written_goes_beside_its_pieces(word: str, case: int) -> None:
    [window] = windows(word)
    assert set(window.cases[1:-1].tolist()) == {case}


def test_paragraphs_share_a_window_and_keep_their_numbers() -> None:
    [window] = windows("One.\n\n  \nTwo.")
    assert window.paragraphs.tolist() == [0, 0, 2, 2]  # a line of spaces has no words, but counts


def test_a_long_paragraph_is_cut_between_words() -> None:
    text = "hippopotamus " * 500
    cut = windows(text, 64)
    assert all(len(window.pieces) <= 64 for window in cut)
    assert words(text, cut) == ["hippopotamus"] * 500


def test_a_word_longer_than_a_window_loses_its_end() -> None:
    cut = windows("ab" * 45 + "é" * 5, 16)
    assert [len(window.pieces) for window in cut] == [16]


@pytest.mark.parametrize("text", ["", "\n\n", " ", "\u200b\n"])
def test_a_text_without_words_has_no_names(text: str) -> None:
    assert words(text, windows(text)) in ([], ["\u200b"])


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_spans_are_in_order_and_apart(text: str) -> None:
    at = 0
    for window in windows(text, 32):
        assert len(window.firsts) == len(window.starts) == len(window.ends) == len(window.paragraphs)
        for start, end in zip(window.starts.tolist(), window.ends.tolist(), strict=True):
            assert at <= start < end <= len(text)
            at = end
