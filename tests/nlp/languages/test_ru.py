"""Direct quotations by rule in Russian: the forms that are easily mistaken."""

from __future__ import annotations

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.languages.ru.quotes import CUE
from schemas import Quote


def quotes(text: str, gazetteer: Gazetteer) -> list[Quote]:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "ru")], gazetteer)
    return annotation.quotes


@pytest.mark.parametrize(
    "word", "договор заговор Казань казаки писатель подписал вызвал отказ общество посол заявление".split()
)
def test_nouns_and_other_verbs_are_no_cues(word: str) -> None:
    assert not CUE.fullmatch(word)


@pytest.mark.parametrize(
    "word", "сказал сообщила предупредили считает пишет передаёт признался возмутилась парировал".split()
)
def test_verbs_of_saying_are_cues(word: str) -> None:
    assert CUE.fullmatch(word)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Глава МИД России Сергей Лавров заявил: «Москва ответит на это».", "Sergei Lavrov"),
        ("Председатель Госдумы РФ Антон Вельский сообщил: «Закон принят».", "Антон Вельский"),
        ("«Закон принят», — сообщила депутат Анна Кольцова.", "Анна Кольцова"),
    ],
)
def test_posts_and_places_are_no_part_of_a_russian_name(text: str, name: str, gazetteer: Gazetteer) -> None:
    (quote,) = quotes(text, gazetteer)
    assert quote.speaker_name == name


def test_a_feminine_pronoun_does_not_mean_a_man(gazetteer: Gazetteer) -> None:
    text = "«Мы победим», — сказал Владимир Путин. «Я не верю этому», — добавила она."
    assert [q.speaker_name for q in quotes(text, gazetteer)] == ["Vladimir Putin", None]


def test_a_dash_that_stands_for_a_verb_attributes_nothing(gazetteer: Gazetteer) -> None:
    assert quotes("Судьба «волчьего правосудия» — решит не время.", gazetteer) == []


def test_an_unclosed_mark_ends_at_its_attribution(gazetteer: Gazetteer) -> None:
    text = "«Мы победим, — сказал Зеленский.\n«Слово держим», — добавил Путин."
    assert [q.speaker_name for q in quotes(text, gazetteer)][-1] == "Vladimir Putin"


def test_an_unclosed_mark_does_not_reach_into_other_paragraphs(gazetteer: Gazetteer) -> None:
    text = "«Мы победим, и никто нам не помешает\n«\nПозже он ушёл. «Слово держим», — добавил Владимир Путин."
    assert all(len(q.parts) == 1 for q in quotes(text, gazetteer))
