"""Fingerprints: a shortened copy of a quotation shares them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from etl.nlp.quotes.fingerprints import SEQUENCE, WINDOW, quote_prints

WORDS = st.lists(st.integers(0, 10**6).map(lambda n: f"word{n}"), min_size=1, max_size=40)


@given(WORDS, WORDS, WORDS)
def test_texts_that_share_eight_words_in_a_row_share_a_fingerprint(
    before: list[str], shared: list[str], after: list[str]
) -> None:
    shared = [*shared, *(f"s{n}" for n in range(SEQUENCE + WINDOW - 1 - len(shared)))]
    first, second = " ".join([*before, *shared]), " ".join([*shared, *after])
    assert set(quote_prints(first)) & set(quote_prints(second))


def test_case_marks_and_punctuation_do_not_count() -> None:
    assert quote_prints("“We will build it – before the winter!”") == quote_prints("we will build it before the winter")


def test_chinese_is_read_by_characters() -> None:
    assert len(quote_prints("我们将采取一切必要措施")) > 1


def test_fewer_than_five_words_have_none_and_all_fit_a_signed_integer() -> None:
    assert quote_prints("four words are few") == [] == quote_prints("")
    assert all(0 <= number < 2**63 for number in quote_prints("a b c d e f g h i j k l m n o p"))
