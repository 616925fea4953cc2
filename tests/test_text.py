"""Paragraphs, sentences, words and folding. Offsets count code points, ends are exclusive, and all lie in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.text import fold, lay_out, plain, word_begins, word_count, word_ends, words_key

TEXTS = st.text(st.sampled_from("ab .!?“”\"'«»\n\r\t \u00a0\u2009中国。，é́ЁйU.S.😀1"), max_size=200)


@given(TEXTS)
def test_sentences_lie_inside_paragraphs_in_order_and_without_space_at_their_ends(text: str) -> None:
    layout = lay_out(text, "en")
    end = 0
    for span in layout.sentences:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        paragraph = layout.paragraphs[layout.paragraph_at(span.start)]
        assert paragraph.start <= span.start and span.end <= paragraph.end
        end = span.end


@given(TEXTS)
def test_every_visible_character_belongs_to_a_sentence(text: str) -> None:
    covered = {at for span in lay_out(text).sentences for at in range(span.start, span.end)}
    assert all(at in covered for at, char in enumerate(text) if not char.isspace())


@given(st.text())
def test_folding_does_not_change_offsets(text: str) -> None:
    assert len(fold(text)) == len(plain(text)) == len(text)


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Mr. Putin met Xi in the U.S. on Sept. 3. They spoke.\n他说：“很好。”然后离开。"
    sentences = [text[s.start : s.end] for s in lay_out(text, "en").sentences]
    assert sentences[:2] == ["Mr. Putin met Xi in the U.S. on Sept. 3.", "They spoke."]


def test_a_very_long_paragraph_is_cut() -> None:
    assert len(lay_out("a" * 200_000).sentences) == 10


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élysée", "elysee"),
        ("Xi’s", "xi's"),
        ("ЁЖ", "еж"),
        ("Йод", "йод"),
        ("A\u00a0B", "a b"),
        ("İ", "i"),
        ("김정은", "김정은"),
        ("パリ", "パリ"),
        ("Ελλάς", "ελλας"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_begin_and_end_anywhere_in_scripts_without_spaces() -> None:
    assert not word_begins("Beijing", 3)
    assert not word_ends("China's", 3)
    assert word_ends("China's", 5)
    assert word_begins("在中国的", 1) and word_ends("在中国的", 3)
    assert word_begins("各国在COP30上发言", 3) and word_ends("各国在COP30上发言", 8)


def test_word_count_and_words_key() -> None:
    assert word_count("Two words, 中国") == 4
    assert words_key("“We’re  here,” she said!") == "we re here she said"


def test_spaces_of_more_than_one_byte_before_a_full_stop_are_no_danger() -> None:
    text = "[)a\xa0B\u2009.« He said so."
    assert [text[span.start : span.end] for span in lay_out(text, "en").sentences][-1].endswith("He said so.")
