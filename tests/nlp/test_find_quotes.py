"""Quotations: exact spans, kinds and speakers."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.configuration.settings import PACKAGED
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from schemas import Quote

DAY = date(2025, 9, 2)


def quotes(
    text: str, gazetteer: Gazetteer, language: str = "en", annotator: str = "encoder", day: date | None = DAY
) -> list[Quote]:
    [annotation] = annotate([TextToAnnotate("b", "2025-09", "a", "v", text, language, day)], gazetteer, annotator)
    return annotation.quotes


@pytest.mark.parametrize(
    ("text", "words", "speaker", "method"),
    [
        ("“We are ready,” said Vladimir Putin.", "We are ready,", "Vladimir Putin", "named"),
        ("“We are ready,” Vladimir Putin said.", "We are ready,", "Vladimir Putin", "named"),
        ("Putin said: “We are ready.”", "We are ready.", "Vladimir Putin", "named"),
        ('Lin Yuechan told reporters: "The agenda is long."', "The agenda is long.", "Lin Yuechan", "named"),
        ("“Yes,” said Chinese Foreign Ministry spokeswoman Lin Yuechan.", "Yes,", "Lin Yuechan", "named"),
        ("Xi Jinping spoke first. “We are neighbours,” he said.", "We are neighbours,", "Xi Jinping", "pronoun"),
        ("“It is late,” a spokesman for the ministry said.", "It is late,", None, "description"),
        ("‘It’s the boat’s name,’ said Jo Field.", "It’s the boat’s name,", "Jo Field", "named"),
        ("“My aunt said ‘no’ twice,” said Jo Field.", "My aunt said ‘no’ twice,", "Jo Field", "named"),
        ("''I was there,'' said Jo Field. He left.", "I was there,", "Jo Field", "named"),
        ("According to Jo Field, “nobody knew”.", "nobody knew", "Jo Field", "named"),
    ],
)
@pytest.mark.parametrize("annotator", ["encoder", "gazetteer"])
def test_direct_quotes(
    text: str, words: str, speaker: str | None, method: str, annotator: str, gazetteer: Gazetteer
) -> None:
    """By the encoder, and by rule where the encoder is switched off."""
    quote = quotes(text, gazetteer, annotator=annotator)[-1]
    assert (quote.text, quote.kind) == (words, "direct")
    assert (quote.speaker_name, quote.speaker_method) == (speaker, method)


@pytest.mark.parametrize(
    ("text", "words", "kind", "speaker"),
    [
        ("Putin said the deal was “a beginning”.", "the deal was “a beginning”", "mixed", "Vladimir Putin"),
        ("Beijing said it “regrets” the decision.", "it “regrets” the decision", "mixed", "Beijing"),
        ("Nina Orlova said the port would open in May.", "the port would open in May", "indirect", "Nina Orlova"),
        ("The port will open in May, Nina Orlova said.", "The port will open in May", "indirect", "Nina Orlova"),
    ],
)  # fmt: skip
def test_mixed_and_indirect_speech(text: str, words: str, kind: str, speaker: str, gazetteer: Gazetteer) -> None:
    (quote,) = quotes(text, gazetteer)
    assert (quote.text.removeprefix("that "), quote.kind, quote.speaker_name) == (words, kind, speaker)


def test_a_split_quote_is_one_of_two_parts(gazetteer: Gazetteer) -> None:
    text = "“The route is agreed,” said Arkady Velichko, “and the price will be agreed.”"
    (quote,) = quotes(text, gazetteer)
    assert [text[p.char_start : p.char_end] for p in quote.parts] == [
        "The route is agreed,",
        "and the price will be agreed.",
    ]
    assert quote.text == "The route is agreed, and the price will be agreed."
    assert (quote.speaker, quote.cue) == ("Arkady Velichko", "said")


def test_a_speech_of_several_paragraphs_is_one_quote(gazetteer: Gazetteer) -> None:
    text = "Nina Orlova said: “First.\n“Second paragraph.\n“Third.”"
    (quote,) = quotes(text, gazetteer)
    assert quote.text == "First. Second paragraph. Third."
    assert quote.speaker_name == "Nina Orlova"


def test_a_quotation_inside_a_report_is_given_to_its_own_speaker(gazetteer: Gazetteer) -> None:
    text = "According to a video of the Kremlin, Vladimir Putin told Xi Jinping: “We are always glad to see you.”"
    assert [(q.text, q.speaker_name) for q in quotes(text, gazetteer)] == [
        ("We are always glad to see you.", "Vladimir Putin")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "His film “The Lighthouse” won.",
        'A 6" pipe and a 9" pipe.',
        "The ship “Arctic Dawn” left port.",
        "",
        "\n \n",
    ],
)
@pytest.mark.parametrize("annotator", ["encoder", "gazetteer"])
def test_titles_and_inches_are_no_quotes(text: str, annotator: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, gazetteer, annotator=annotator) == []


def test_long_words_between_marks_without_an_attribution_have_no_speaker(gazetteer: Gazetteer) -> None:
    text = "The wall had been painted over.\n“All of the money that was meant for the school went to the harbour.”"
    (quote,) = quotes(text, gazetteer)
    assert (quote.kind, quote.speaker, quote.speaker_method, quote.cue) == ("direct", None, None, None)


@pytest.mark.parametrize(
    ("language", "text", "words", "speaker", "cue"),
    [
        ("ru", "«Маршрут согласован», — сказал Владимир Путин.", "Маршрут согласован", "Vladimir Putin", "сказал"),
        ("zh", "习近平表示：“我们是邻居。”", "我们是邻居。", "Xi Jinping", "表示"),
    ],
)  # fmt: skip
def test_russian_and_chinese(
    language: str, text: str, words: str, speaker: str, cue: str, gazetteer: Gazetteer
) -> None:
    (quote,) = quotes(text, gazetteer, language)
    assert (quote.text, quote.speaker_name, quote.cue, quote.kind) == (words, speaker, cue, "direct")


PIECES = [
    "“",
    "”",
    '"',
    "‘",
    "’",
    "'",
    "«",
    "»",
    "「",
    "」",
    " said ",
    "Putin",
    " he ",
    " dijo ",
    " —",
    ", ",
    ". ",
    "\n",
    "word ",
    "中国",
    "😀",
    "表示：",
    "é",
    "\ud800",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["en", "es", "ru", "zh", None]))
def test_every_part_is_its_slice_whatever_the_text(pieces: list[str], language: str | None) -> None:
    text = "".join(pieces)
    [annotation] = annotate(
        [TextToAnnotate("b", "m", "a", "v", text, language)], load_gazetteer(PACKAGED / "gazetteer")
    )
    text = text.replace("\ud800", "\ufffd")  # a lone surrogate, which no file can hold, is read as U+FFFD
    for quote in annotation.quotes:
        assert quote.text == " ".join(text[p.char_start : p.char_end] for p in quote.parts)
        assert (quote.char_start, quote.char_end) == (quote.parts[0].char_start, quote.parts[-1].char_end)
        assert all(0 <= p.char_start < p.char_end <= len(text) for p in quote.parts)
        assert all(a.char_end <= b.char_start for a, b in pairwise(quote.parts))
        assert quote.cue is None or text[quote.cue_char_start : quote.cue_char_end] == quote.cue
        assert quote.speaker is None or text[quote.speaker_char_start : quote.speaker_char_end] == quote.speaker
    assert all(text[e.char_start : e.char_end] == e.text for e in annotation.entities)


BAD = ["", " \n ", "“" * 5000, '"' * 5001, "a" * 200_000, "\n".join(["“x"] * 3000)]
BAD += [
    unit * 20_000 for unit in ("“a” ", '"a ', "«a ", "‘a ", "'a ", "“Yes,” he said. China. ", "Jo Field said “it is” ")
]


@pytest.mark.timeout(30)  # each takes seconds; where time grew with the square of the length, a minute and more
@pytest.mark.parametrize("text", BAD, ids=lambda text: f"{text[:8]!r}x{len(text)}")
@pytest.mark.parametrize("language", ["en", "es"])
def test_bad_input_ends_in_time_without_a_crash(text: str, language: str, gazetteer: Gazetteer) -> None:
    annotate([TextToAnnotate("b", "m", "a", "v", text, language)], gazetteer, "gazetteer")


@pytest.mark.parametrize("text", BAD, ids=lambda text: f"{text[:8]!r}x{len(text)}")
def test_bad_input_with_the_encoders_names(text: str, gazetteer: Gazetteer) -> None:
    quotes(text[:20_000], gazetteer)


# What a careful reader finds in the seed text: the first words of each quotation, and its speaker.
SEED = {
    ("Relations between", "Vladimir Putin"), ("Dear friend", "Vladimir Putin"), ("that ”China-Russia", "Xi Jinping"),
    ("that Beijing", "Xi Jinping"), ("their countries’", None), ("“bullying” from", "Xi Jinping"),
    ("the West", "Vladimir Putin"), ("that the", "CCTV"), ("members to", "Xi Jinping"), ("it had", "Vladimir Putin"),
}  # fmt: skip


@pytest.mark.corpora
def test_the_seed_text_with_its_broken_marks(corpora: Path, gazetteer: Gazetteer) -> None:
    text = (corpora / "seed" / "article.txt").read_text(encoding="utf-8")
    speakers = {(" ".join(q.text.split()[:2]).rstrip(","), q.speaker_name) for q in quotes(text, gazetteer)}
    assert speakers >= SEED
    assert all(len(q.text) < 250 for q in quotes(text, gazetteer))
