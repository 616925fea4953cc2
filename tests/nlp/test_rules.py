"""Direct quotations by rule in Russian and Chinese: the forms that are easily taken wrong."""

from __future__ import annotations

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.languages.ru.quotes import CUE
from schemas import Quote


def quotes(text: str, language: str, gazetteer: Gazetteer) -> list[Quote]:
    [found] = annotate([TextToAnnotate("b", "m", "a", "v", text, language)], gazetteer)
    return found.quotes


@pytest.mark.parametrize(
    "word", "договор заговор Казань казаки писатель подписал вызвал отказ общество посол заявление".split()
)
def test_nouns_and_deeds_are_no_cues(word: str) -> None:
    assert not CUE.fullmatch(word)


@pytest.mark.parametrize(
    "word", "сказал сообщила предупредили считает пишет передаёт признался возмутилась парировал".split()
)
def test_verbs_of_saying_are(word: str) -> None:
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
    (quote,) = quotes(text, "ru", gazetteer)
    assert quote.speaker_name == name


def test_she_is_not_a_man(gazetteer: Gazetteer) -> None:
    text = "«Мы победим», — сказал Владимир Путин. «Я не верю этому», — добавила она."
    assert [q.speaker_name for q in quotes(text, "ru", gazetteer)] == ["Vladimir Putin", None]


def test_a_dash_may_be_the_verb(gazetteer: Gazetteer) -> None:
    assert quotes("Судьба «волчьего правосудия» — решит не время.", "ru", gazetteer) == []


def test_an_open_mark_ends_at_its_attribution(gazetteer: Gazetteer) -> None:
    text = "«Мы победим, — сказал Зеленский.\n«Слово держим», — добавил Путин."
    assert [q.speaker_name for q in quotes(text, "ru", gazetteer)][-1] == "Vladimir Putin"


def test_an_open_mark_does_not_reach_over_other_paragraphs(gazetteer: Gazetteer) -> None:
    text = "«Мы победим, и никто нам не помешает\n«\nПозже он ушёл. «Слово держим», — добавил Владимир Путин."
    assert all(len(q.parts) == 1 for q in quotes(text, "ru", gazetteer))


def test_the_agency_is_not_who_said_it(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("据新华社报道，习近平表示：“中国将继续扩大开放。”", "zh", gazetteer)
    assert quote.speaker_name == "Xi Jinping"


@pytest.mark.parametrize("text", ["钟山说，“一带一路”合作不断深化。", "他说，“中国梦”是人民的梦。", "《“长风”》上映。"])
def test_words_in_marks_behind_a_comma_are_terms(text: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, "zh", gazetteer) == []


def test_a_full_stop_may_stand_behind_the_mark(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("“这是我们的责任，我们必须认真对待这个重要问题”。张文宏医生走了。", "zh", gazetteer)
    assert quote.text == "这是我们的责任，我们必须认真对待这个重要问题"
