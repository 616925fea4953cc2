"""Direct quotations by rule in Chinese: the forms that are easily mistaken."""

from __future__ import annotations

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote


def quotes(text: str, gazetteer: Gazetteer) -> list[Quote]:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "zh")], gazetteer)
    return annotation.quotes


def test_the_speaker_is_not_the_agency_that_reports(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("据新华社报道，习近平表示：“中国将继续扩大开放。”", gazetteer)
    assert quote.speaker_name == "Xi Jinping"


@pytest.mark.parametrize("text", ["钟山说，“一带一路”合作不断深化。", "他说，“中国梦”是人民的梦。", "《“长风”》上映。"])
def test_a_term_between_marks_behind_a_comma_is_no_quotation(text: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, gazetteer) == []


def test_a_full_stop_may_stand_behind_the_closing_mark(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("“这是我们的责任，我们必须认真对待这个重要问题”。张文宏医生走了。", gazetteer)
    assert quote.text == "这是我们的责任，我们必须认真对待这个重要问题"
