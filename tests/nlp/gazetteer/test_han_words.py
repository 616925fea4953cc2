"""Chinese names are found where words begin, not across two other words."""

from __future__ import annotations

import pytest

from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.gazetteer.han_words import han_words, is_chinese, segmenter, short_names


@pytest.mark.parametrize(
    ("text", "countries"),
    [
        ("国王毅然宣布退位。", set()),  # 王毅 is not named
        ("审美方面有所突破，近日方可公映。", set()),  # nor are 美方 and 日方
        ("有很多哥哥姐姐。", set()),  # nor is 多哥
        ("发展中国家的债务", set()),
        ("王毅会见美方代表。", {"CHN", "USA"}),
        ("中俄元首会晤。", {"CHN", "RUS"}),
        ("中美俄三国代表", {"CHN", "USA", "RUS"}),
        ("中美洲国家", set()),
        ("他对此很中意。", set()),
    ],
)
def test_names_are_found_only_where_words_begin(text: str, countries: set[str], gazetteer: Gazetteer) -> None:
    codes = {code for match in gazetteer.matches(text) for alias in match.aliases for code in alias.entry.countries}
    assert codes == countries


def test_long_names_are_words_even_if_no_dictionary_has_them() -> None:
    text = "总统佩特罗在波哥大讲话"
    words = han_words(text, segmenter(["佩特罗", "波哥大"]))
    assert words.may_be(2, 5)


def test_short_names_of_countries_count_only_together() -> None:
    text = "中俄关系"
    assert short_names(text, han_words(text, segmenter([])), "中俄美") == [0, 1]
    assert short_names("中国人", han_words("中国人", segmenter([])), "中俄美") == []


def test_japanese_is_not_chinese() -> None:
    assert is_chinese("習近平主席") and not is_chinese("中国の習近平国家主席") and not is_chinese("Xi")
