"""Direct quotations: exact spans, and who said them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.nlp.annotate import Subject, annotate
from etl.nlp.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.quotation_marks import find_marked
from etl.settings import PACKAGED
from etl.text import lay_out
from schemas import Quote


def quotes(text: str, gazetteer: Gazetteer, language: str = "en") -> list[Quote]:
    [found] = annotate([Subject("b", "2025-09", "a", "v", text, language)], gazetteer)
    return found.quotes


@pytest.mark.parametrize(
    ("text", "said", "by", "method"),
    [
        ("“We are ready,” said Vladimir Putin.", "We are ready,", "Vladimir Putin", "named"),
        ("“We are ready,” Vladimir Putin said.", "We are ready,", "Vladimir Putin", "named"),
        ("Putin said: “We are ready.”", "We are ready.", "Vladimir Putin", "named"),
        ('Lin Yuechan told reporters: "The agenda is long."', "The agenda is long.", "Lin Yuechan", "named"),
        ("“Yes,” said Chinese Foreign Ministry spokeswoman Lin Yuechan.", "Yes,", "Lin Yuechan", "named"),
        ("Ana Lobato, who runs the network, called it “a door left open”.", "a door left open", "Ana Lobato", "named"),
        ("Xi Jinping spoke first. “We are neighbours,” he said.", "We are neighbours,", "Xi Jinping", "pronoun"),
        ("“No,” said Nina Orlova. “Never,” Orlova added.", "Never,", "Nina Orlova", "surname"),
        ("“It is late,” a spokesman for the ministry said.", "It is late,", None, "description"),
        ("‘It’s the boat’s name,’ said Jo Field.", "It’s the boat’s name,", "Jo Field", "named"),
        ("“My aunt said ‘no’ twice,” said Jo Field.", "My aunt said ‘no’ twice,", "Jo Field", "named"),
        ("According to Jo Field, “nobody knew”.", "nobody knew", "Jo Field", "named"),
        ("Beijing said it “regrets” the decision.", "regrets", "Beijing", "named"),
    ],
)  # fmt: skip
def test_speakers(text: str, said: str, by: str | None, method: str, gazetteer: Gazetteer) -> None:
    quote = quotes(text, gazetteer)[-1]
    assert (quote.text, quote.speaker_name, quote.speaker_method) == (said, by, method)


def test_a_pronoun_that_could_be_two_persons_stays_unknown(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("Xi Jinping met Vladimir Putin. “We are friends,” he said.", gazetteer)
    assert (quote.speaker, quote.speaker_name, quote.speaker_method) == ("he", None, None)


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


@pytest.mark.parametrize(
    "text",
    [
        "They called the drill “Sea Bridge”.",
        "His film “The Lighthouse” won.",
        'A 6" pipe and a 9" pipe.',
    ],
)
def test_titles_and_inches_are_no_quotes(text: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, gazetteer) == []


def test_kind_is_mixed_where_a_sentence_runs_through_the_marks(gazetteer: Gazetteer) -> None:
    (mixed,) = quotes("Putin said the deal was “a beginning, not an end”.", gazetteer)
    (direct,) = quotes("“It is a beginning,” Putin said.", gazetteer)
    assert (mixed.kind, direct.kind) == ("mixed", "direct")


def test_russian_and_chinese(gazetteer: Gazetteer) -> None:
    (russian,) = quotes("«Маршрут согласован», — сказал Владимир Путин.", gazetteer, "ru")
    assert (russian.text, russian.speaker_name, russian.cue) == ("Маршрут согласован", "Vladimir Putin", "сказал")
    (chinese,) = quotes("习近平表示：“我们是邻居。”", gazetteer, "zh")
    assert (chinese.text, chinese.speaker_name, chinese.speaker_countries) == ("我们是邻居。", "Xi Jinping", ["CHN"])


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Xi told him that ”relations stood firm, and ”promoting order.", []),
        ("It was an “unprecedented level”, he said, “and", ["unprecedented level"]),
        ("“one “two” three", ["two"]),
        ('He said "yes" and “no".', ["yes", "no"]),
        ("«Он сказал: «нет», и ушёл»", ["Он сказал: «нет», и ушёл"]),
        ("'Twas the boys' boat.", []),
        ("He asked: ”What is wrong?” and left.", ["What is wrong?"]),
    ],
)  # fmt: skip
def test_marks_that_are_unbalanced_mistaken_or_apostrophes(text: str, spans: list[str]) -> None:
    assert [text[m.start : m.end] for m in find_marked(text, lay_out(text).paragraphs)] == spans


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
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["en", "ru", "zh", None]))
def test_every_part_is_its_slice_whatever_the_text(pieces: list[str], language: str | None) -> None:
    text = "".join(pieces)
    [found] = annotate([Subject("b", "m", "a", "v", text, language)], load_gazetteer(PACKAGED / "gazetteer"))
    text = text.replace("\ud800", "\ufffd")  # half a character, which no file can hold, is read as that
    for quote in found.quotes:
        assert quote.text == " ".join(text[p.char_start : p.char_end] for p in quote.parts)
        assert (quote.char_start, quote.char_end) == (quote.parts[0].char_start, quote.parts[-1].char_end)
        assert all(0 <= p.char_start < p.char_end <= len(text) for p in quote.parts)
        assert quote.cue is None or text[quote.cue_char_start : quote.cue_char_end] == quote.cue
        assert quote.speaker is None or text[quote.speaker_char_start : quote.speaker_char_end] == quote.speaker
    assert all(text[e.char_start : e.char_end] == e.text for e in found.entities)


BAD = ["", " \n ", "“" * 5000, '"' * 5001, "a" * 200_000, "\n".join(["“x"] * 3000)]
BAD += [
    unit * 20_000 for unit in ("“a” ", '"a ', "«a ", "‘a ", "'a ", "“Yes,” he said. China. ", "Jo Field said “it is” ")
]


@pytest.mark.timeout(30)  # each takes under two seconds; where time grew with the square, a minute and more
@pytest.mark.parametrize("text", BAD, ids=lambda text: f"{text[:8]!r}x{len(text)}")
def test_bad_input_does_not_crash_and_ends(text: str, gazetteer: Gazetteer) -> None:
    annotate([Subject("b", "m", "a", "v", text, "en")], gazetteer, "gazetteer")


@pytest.mark.parametrize("text", BAD, ids=lambda text: f"{text[:8]!r}x{len(text)}")
def test_bad_input_with_the_encoders_names(text: str, gazetteer: Gazetteer) -> None:
    quotes(text[:20_000], gazetteer)


@pytest.mark.corpora
def test_the_seed_text_with_its_broken_marks(corpora: Path, gazetteer: Gazetteer) -> None:
    text = (corpora / "seed" / "article.txt").read_text(encoding="utf-8")
    found = {(q.text.split()[0], q.speaker_name) for q in quotes(text, gazetteer)}
    assert found >= {
        ("unprecedented", "Vladimir Putin"), ("Dear", "Vladimir Putin"), ("bullying", "Xi Jinping"),
        ("oppose", "Xi Jinping"), ("deeply", "Vladimir Putin"), ("obsolete", "Vladimir Putin"),
    }  # fmt: skip
    assert all(len(q.text) < 200 for q in quotes(text, gazetteer))
