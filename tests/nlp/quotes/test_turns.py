"""Interviews and transcripts: each turn is a quotation of its speaker. Other texts with colons have no turns."""

from __future__ import annotations

from datetime import date

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote

SPEECH = "Good afternoon, friends. I am glad to see you all here today in this hall, where we last met in the spring."


def turns(text: str, gazetteer: Gazetteer, language: str = "en") -> list[Quote]:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, language, date(2016, 9, 5))], gazetteer)
    return [quote for quote in annotation.quotes if quote.speaker_method == "turn"]


def test_each_turn_of_an_interview_is_a_quotation(gazetteer: Gazetteer) -> None:
    text = (
        "Interview to Bloomberg\n"
        "QUESTION: Mr President, are you close to a deal?\n"
        "PRESIDENT OF RUSSIA VLADIMIR PUTIN: We do not trade territories.\n"
        "But we would like to find a solution.\n"
        "(Applause.)\n"
        "JOHN MICKLETHWAIT: It was a joke.\n"
        "VLADIMIR PUTIN (retranslated): All jokes aside."
    )
    rows = [(q.speaker, q.speaker_name, q.text) for q in turns(text, gazetteer)]
    assert rows == [
        ("QUESTION", None, "Mr President, are you close to a deal?"),
        ("VLADIMIR PUTIN", "Vladimir Putin", "We do not trade territories. But we would like to find a solution."),
        ("JOHN MICKLETHWAIT", "JOHN MICKLETHWAIT", "It was a joke."),
        ("VLADIMIR PUTIN", "Vladimir Putin", "All jokes aside."),
    ]


def test_a_turn_has_a_part_for_every_paragraph_and_is_direct(gazetteer: Gazetteer) -> None:
    text = f"Meeting with students.\nVladimir Putin: {SPEECH}\nThank you for coming, and thank you for your patience."
    (quote,) = turns(text, gazetteer)
    assert (quote.kind, len(quote.parts), quote.cue, quote.speaker_entity_id) == ("direct", 2, None, "Q7747")


def test_russian_transcripts(gazetteer: Gazetteer) -> None:
    text = "Вопрос: Когда откроют мост?\nВладимир Путин: Мост откроют в мае, я надеюсь."
    assert [q.speaker_name for q in turns(text, gazetteer, "ru")] == [None, "Vladimir Putin"]


@pytest.mark.parametrize(
    "text",
    [
        "Putin: Russia Is Ready\nMOSCOW — Vladimir Putin said the port was open.\n“We are ready,” he said.",
        "LINDI: It is around eight in the evening but Aisha is still busy with her business close to the exit of the "
        "bus stand of the town, as she has been for years and years.",
        "What to know:\nThe port is open.\nWhere to go: the harbour.",
        "He told Putin: this is enough.",
    ],
    ids=["headline", "dateline", "list", "sentence"],
)
def test_other_colons_are_no_turns(text: str, gazetteer: Gazetteer) -> None:
    assert turns(text, gazetteer) == []


def test_questions_without_a_colon(gazetteer: Gazetteer) -> None:
    text = "MR. SPICER: Good afternoon.\nQ    Thanks, Sean. Will the President sign the bill?\nMR. SPICER: He will."
    assert [(q.speaker, q.text) for q in turns(text, gazetteer)][1] == (
        "Q",
        "Thanks, Sean. Will the President sign the bill?",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Standings after round 3\nLewis Hamilton: 77 points\nMax Verstappen: 60 points\nSebastian Vettel: 54 points",
        "The cast\nTom Hanks: Forrest Gump\nRobin Wright: Jenny Curran\nGary Sinise: Lieutenant Dan",
    ],
    ids=["standings", "cast"],
)
def test_lists_of_names_and_colons_are_no_turns(text: str, gazetteer: Gazetteer) -> None:
    assert turns(text, gazetteer) == []


def test_chinese_questions_and_answers(gazetteer: Gazetteer) -> None:
    assert [q.text for q in turns("问：会谈何时举行？\n答：近期。", gazetteer, "zh")] == ["会谈何时举行？", "近期。"]


def test_a_label_may_have_small_particles_of_a_name(gazetteer: Gazetteer) -> None:
    text = "The Guardian: How is it?\nJohn le Carré: It is a disaster.\nThe Guardian: Why?\nJohn le Carré: Because."
    assert [q.speaker_name for q in turns(text, gazetteer)][1::2] == ["John le Carré"] * 2


def test_words_before_the_first_turn_are_not_given_to_its_speaker(gazetteer: Gazetteer) -> None:
    text = (
        "The leaders met the press in Moscow today and spoke for an hour.\n"
        "“It was a very good meeting for all of us who came here.”\n"
        f"VLADIMIR PUTIN: {SPEECH}\nQUESTION: Was it?\nVLADIMIR PUTIN: It was."
    )
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "en", date(2016, 9, 5))], gazetteer)
    assert annotation.quotes[0].speaker_name is None
