"""A language is a folder with the same files as the others and a line in the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.nlp import languages
from etl.nlp.languages.registry import LANGUAGES, quote_finder
from etl.nlp.languages.words import language_words, words_of_all_languages

FOLDER = Path(languages.__file__).parent
FILES = {"__init__.py", "quotes.py", "words.yaml"}


def test_every_folder_is_registered_and_every_registered_language_has_a_folder() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_files_and_a_finder(code: str) -> None:
    files = {path.name for path in (FOLDER / code).iterdir() if path.is_file()}
    assert files >= FILES
    assert all(name.endswith(".py") for name in files - FILES), "words belong in words.yaml, long rules in modules"
    assert quote_finder(code).__module__ == LANGUAGES[code]


def test_texts_of_other_and_of_unknown_language_are_read_by_the_english_rules() -> None:
    assert quote_finder("tlh") is quote_finder(None) is quote_finder("en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_word_lists_hold_words_once_and_no_empty_ones(code: str) -> None:
    lists = language_words(code)
    assert lists.lists
    for name, words in lists.lists.items():
        assert all(isinstance(word, str) and word == word.strip() != "" for word in words), name
        assert len(set(words)) == len(words), name


def test_words_that_yaml_takes_for_truth_values_are_words() -> None:
    assert "no" in language_words("en").words("indefinite_words")


def test_a_list_of_all_languages_joins_those_of_each() -> None:
    assert {"Question", "Вопрос", "问"} <= set(words_of_all_languages("labels_of_turns"))


def test_stars_and_plus_signs_stand_for_the_rest_of_a_word() -> None:
    assert "источник\\w*" in language_words("ru").pattern("speaking_nouns").split("|")
    assert "письм\\w+" in language_words("ru").pattern("speaking_nouns").split("|")
