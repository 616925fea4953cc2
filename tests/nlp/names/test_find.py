"""Names and their countries by the gazetteer alone: linked by alias and context, else left unlinked."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.configuration.settings import PACKAGED
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.names.mentions import TaggedName
from etl.text import lay_out
from schemas import ENTITIES, QUOTES


def names(text: str, gazetteer: Gazetteer) -> list[NamedEntity]:
    return find_names(text, lay_out(text, "en"), gazetteer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chinese President Xi Jinping flew to Moscow.", {"Chinese": "CHN", "Xi Jinping": "CHN", "Moscow": "RUS"}),
        ("PRESIDENT OF RUSSIA VLADIMIR PUTIN: Good afternoon.", {"RUSSIA": "RUS", "VLADIMIR PUTIN": "RUS"}),
        (
            "The People\u2019s\u00a0Republic of China and the U.S. agreed.",
            {"People\u2019s\u00a0Republic of China": "CHN", "U.S.": "USA"},
        ),
        ("Tell us more about the china plates.", {}),
        ("The Kremlin said Beijing's offer stood.", {"Kremlin": "RUS", "Beijing": "CHN"}),
        ("Putin met Zelenskiy's envoy.", {"Putin": "RUS", "Zelenskiy": "UKR"}),
        ("The council of Moscow, Idaho, met.", {"Moscow, Idaho": "USA"}),
        ("Farmers in New Mexico voted.", {"New Mexico": "USA"}),
        ("Российские войска покинули Китай.", {"Российские": "RUS", "Китай": "CHN"}),
        ("中国外交部发言人批评美国。", {"中国外交部": "CHN", "美国": "USA"}),
        ("白俄罗斯总统抵达。", {"白俄罗斯": "BLR"}),
    ],
)
def test_names_and_their_countries(text: str, expected: dict[str, str], gazetteer: Gazetteer) -> None:
    assert {n.text: n.countries[0] for n in names(text, gazetteer) if n.countries} == expected


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Georgia voted on Sunday, and Tbilisi was calm.", "Georgia", "GEO"),
        ("Georgia voted on Sunday.", "Georgia", None),
        ("Chad Ellery scored twice.", "Chad", None),
        ("N'Djamena is calm after Chad closed its border.", "Chad", "TCD"),
        ("Xi Jinping spoke. Xi left at noon.", "Xi", "CHN"),
        ("Xi left at noon.", "Xi", None),
        ("Zhang Xi won the race.", "Xi", None),
    ],
)
def test_an_ambiguous_name_needs_its_context(text: str, name: str, country: str | None, gazetteer: Gazetteer) -> None:
    linked = [n for n in names(text, gazetteer) if n.text == name and n.entry]
    assert [n.countries[0] for n in linked] == ([country] if country else [])


@given(
    st.lists(
        st.sampled_from(
            ["Xi Jinping", "Georgia", "中国", "Путин", "U.S.", "’s ", " ", "\n", "😀", "Li", "Jordan", "\ud800"]
        )
    )
)
def test_spans_are_in_order_and_hold_their_text(parts: list[str]) -> None:
    text = "".join(parts).replace("\ud800", "?")
    entities = names(text, load_gazetteer(PACKAGED / "gazetteer"))
    assert all(text[n.start : n.end] == n.text for n in entities)
    assert all(a.end <= b.start for a, b in pairwise(entities))


def test_names_of_all_types_are_found(gazetteer: Gazetteer) -> None:
    text = "The UN, NATO, Gazprom, Crimea, Xinhua and the Chinese met Sergei Lavrov in Astana."
    assert {n.type for n in names(text, gazetteer)} == {"ORG", "LOC", "NORP", "PER"}


@pytest.mark.corpora
def test_the_countries_of_an_event_are_in_the_order_of_the_text(gazetteer: Gazetteer) -> None:
    for countries in permutations([("Uzbekistan", "UZB"), ("Russia", "RUS"), ("Serbia", "SRB")]):
        name = "-".join(country for country, _ in countries) + " Forum"
        [event] = find_names(name, lay_out(name), gazetteer, [TaggedName(0, len(name), "EVENT", 0.9)], None)
        assert event.countries == tuple(code for _, code in countries)


def test_the_seed_text(corpora: Path, gazetteer: Gazetteer) -> None:
    text = (corpora / "seed" / "article.txt").read_text(encoding="utf-8")
    countries = {n.entry.name: n.countries for n in names(text, gazetteer) if n.entry}
    expected = {
        "China": ("CHN",), "Russia": ("RUS",), "Xi Jinping": ("CHN",), "Vladimir Putin": ("RUS",),
        "Kim Jong Un": ("PRK",), "Donald Trump": ("USA",), "Shanghai Cooperation Organisation": (), "Kremlin": ("RUS",),
    }  # fmt: skip
    assert expected.items() <= countries.items()


@pytest.mark.timeout(30)  # each takes seconds; where time grew with the square, minutes
@pytest.mark.parametrize(
    "text",
    ["Vladimir Putin met. Putin left. " * 4000, "V. Putin and Vladimir Putin met. " * 4000, "Kim Jong Un. " * 8000],
)
def test_time_is_linear_in_persons_of_one_name(text: str, gazetteer: Gazetteer) -> None:
    assert len(names(text, gazetteer)) >= 8000


def test_rows_of_lone_surrogates_can_be_written(gazetteer: Gazetteer) -> None:
    text = "\ud800Putin said “I \ud800 do not know that” today."
    [annotation] = annotate([TextToAnnotate("b", "2025-09", "a", "v", text, "en")], gazetteer)
    assert annotation.quotes
    assert ENTITIES.from_records(annotation.entities).num_rows == len(annotation.entities)
    assert QUOTES.from_records(annotation.quotes).num_rows == len(annotation.quotes)
