"""Speakers: by name, pronoun and description; carried from before; bodies, groups and documents."""

from __future__ import annotations

from datetime import date

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote

DAY = date(2018, 7, 16)


def last_quote(text: str, gazetteer: Gazetteer) -> Quote:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "en", DAY)], gazetteer)
    return annotation.quotes[-1]


SAID = "“We will build it before the winter comes,”"


@pytest.mark.parametrize(
    ("text", "written", "name", "method"),
    [
        # A name that is the head of the phrase, or in apposition to it.
        (f"{SAID} said Vin Weber, a lobbyist and former congressman.", "Vin Weber", "Vin Weber", "named"),
        (f"{SAID} said the mayor of Oslo, Marianne Borgen.", "Marianne Borgen", "Marianne Borgen", "named"),
        (f"{SAID} said Trump adviser Paul Manafort.", "Paul Manafort", "Paul Manafort", "named"),
        (f"Angela Merkel spoke. {SAID} Merkel said.", "Merkel", "Angela Merkel", "named"),
        (f"{SAID} the Kremlin said.", "Kremlin", "Kremlin", "named"),
        # Not a person to whom the head belongs.
        (f"{SAID} said a spokesman for Donald Trump.", "a spokesman for Donald Trump", None, "description"),
        # A pronoun: the subject of the sentence before, who spoke last, and whose gender fits.
        (f"Theresa May met Barack Obama in London. {SAID} she said.", "she", "Theresa May", "pronoun"),
        (f"Theresa May met Barack Obama in London. {SAID} he said.", "he", "Barack Obama", "pronoun"),
        (f"“No,” said Nina Orlova.\nThe hall was full.\n{SAID} she added.", "she", "Nina Orlova", "pronoun"),
        # A description: the person who was introduced with it.
        (
            f"Gov. Eric Holcomb and Senator Todd Young met. Young left. {SAID} the governor said.",
            "the governor", "Eric Holcomb", "description",
        ),
        (f"The Russian president met the press. {SAID} he said.", "he", None, None),
        (f"{SAID} the Russian president said.", "Russian president", "Vladimir Putin", "description"),
        # Groups and documents have no name of their own.
        (f"{SAID} Chinese officials said.", "Chinese officials", None, "collective"),
        (f"{SAID} said Nina Orlova and Jo Field.", *["Nina Orlova and Jo Field"] * 2, "collective"),
        (f"{SAID} a statement from the Kremlin said.", "a statement from the Kremlin", "Kremlin", "document"),
        (f"{SAID} the report said.", "the report", None, "document"),
    ],
)  # fmt: skip
def test_a_source_phrase_is_resolved_to_its_speaker(
    text: str, written: str, name: str | None, method: str | None, gazetteer: Gazetteer
) -> None:
    quote = last_quote(text, gazetteer)
    assert (quote.speaker, quote.speaker_name, quote.speaker_method) == (written, name, method)


def test_groups_and_descriptions_carry_their_country(gazetteer: Gazetteer) -> None:
    quote = last_quote(f"{SAID} Chinese officials said.", gazetteer)
    assert (quote.speaker_countries, quote.speaker_entity_id) == (["CHN"], None)


def test_a_paragraph_of_quotation_has_the_speaker_of_the_one_before(gazetteer: Gazetteer) -> None:
    text = (
        "Nina Orlova was angry when she spoke to the crowd, saying nobody listened.\n"
        "“Nobody has asked us what we think about closing it in the winter.”"
    )
    quote = last_quote(text, gazetteer)
    assert (quote.speaker_name, quote.speaker_method, quote.cue) == ("Nina Orlova", "carried", None)


def test_a_name_behind_a_dash_signs_the_words(gazetteer: Gazetteer) -> None:
    text = "The fair is over.\n“I went to the harbour and nobody was there to help us.”\n— Nina Orlova, Tallinn"
    quote = last_quote(text, gazetteer)
    assert (quote.speaker_name, quote.speaker_method) == ("Nina Orlova", "named")


def test_a_pronoun_that_fits_nobody_stays_unresolved(gazetteer: Gazetteer) -> None:
    quote = last_quote(f"The hall was full. {SAID} she said.", gazetteer)
    assert (quote.speaker, quote.speaker_name, quote.speaker_method) == ("she", None, None)


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Xi Jinping said China would grow in peace, Xinhua reported.", "China would grow in peace", "Xi Jinping"),
        ("“I never said that,” Donald Trump replied, according to a transcript.", "I never said that,", "Donald Trump"),
    ],
)  # fmt: skip
def test_the_speaker_is_the_person_not_the_medium_that_reports(
    text: str, words: str, name: str, gazetteer: Gazetteer
) -> None:
    quote = last_quote(text, gazetteer)
    assert (quote.text, quote.speaker_name) == (words, name)
