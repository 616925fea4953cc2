"""Names are grouped first, then linked by alias, context and the tagger's type; null when unsure."""

from __future__ import annotations

from datetime import date

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Entity

DAY = date(2025, 9, 3)


def entities(text: str, gazetteer: Gazetteer, language: str = "en") -> list[Entity]:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, language, DAY)], gazetteer)
    return annotation.entities


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Georgia voted on Sunday, and Tbilisi was calm.", {"Georgia": "GEO", "Tbilisi": "GEO"}),
        ("Georgia voted on Sunday.", {"Georgia": None}),
        ("Voters in Atlanta, Georgia, queued for hours.", {"Atlanta, Georgia": "USA"}),
        ("Niger expelled the ambassador.", {"Niger": "NER"}),
        ("Jordan closed its border with Syria on Monday.", {"Jordan": "JOR", "Syria": "SYR"}),
        ("Jordan Henderson scored twice.", {"Jordan Henderson": None}),
        ("Chad Smith played the drums.", {"Chad Smith": None}),
        ("Paris Hilton flew to Paris.", {"Paris Hilton": None, "Paris": "FRA"}),
        ("Kerry Washington starred in the film.", {"Kerry Washington": None}),
        ("Washington imposed new sanctions on Moscow.", {"Washington": "USA", "Moscow": "RUS"}),
        ("The council of Moscow, Idaho, met.", {"Moscow, Idaho": "USA"}),
        ("Turkey will host the summit in Ankara.", {"Turkey": "TUR", "Ankara": "TUR"}),
        ("She cooked a turkey for Thanksgiving.", {}),
        ("The china was packed in straw.", {}),
        ("China Daily reported the visit.", {"China Daily": "CHN"}),
        ("The Kremlin said it would respond.", {"Kremlin": "RUS"}),
        ("Nigerian farmers met the Central Bank of Nigeria.", {"Nigerian": "NGA", "Central Bank of Nigeria": "NGA"}),
        ("Mali's junta expelled UN peacekeepers.", {"Mali": "MLI", "UN": None}),
        ("PUTIN VISITS BEIJING FOR TALKS WITH XI JINPING", {"PUTIN": "RUS", "BEIJING": "CHN", "XI JINPING": "CHN"}),
        ("putin visits beijing for talks", {"putin": "RUS", "beijing": "CHN"}),
        ("Ukraine, Georgia and Moldova want to join.", {"Ukraine": "UKR", "Moldova": "MDA"}),
        ("Kyiv, Washington, and Brussels agreed.", {"Kyiv": "UKR", "Washington": "USA", "Brussels": "BEL"}),
        ("France, England and Ireland played.", {"France": "FRA", "Ireland": "IRL"}),
        ("Jordan's King Abdullah II met Isaac Herzog.", {"Jordan": "JOR", "Isaac Herzog": "ISR"}),
        (
            "The Democratic Republic of Congo and the Republic of Congo agreed.",
            {"Democratic Republic of Congo": "COD", "Republic of Congo": "COG"},
        ),
        ("The Washington Nationals beat the Cubs.", {"Washington Nationals": None}),
        ("President of Yemen Abd Rabbuh Mansour Hadi arrived.", {"Yemen": "YEM", "Abd Rabbuh Mansour Hadi": None}),
        ("The US Congress met envoys from North Korea.", {"US Congress": "USA", "North Korea": "PRK"}),
    ],
)
def test_names_are_linked_or_left_unlinked(text: str, expected: dict[str, str | None], gazetteer: Gazetteer) -> None:
    countries = {e.text: next(iter(e.countries), None) for e in entities(text, gazetteer)}
    assert {name: countries.get(name, "not found") for name in expected} == expected
    if not expected:
        assert not any(e.countries for e in entities(text, gazetteer))


def test_mentions_of_one_person_share_a_cluster(gazetteer: Gazetteer) -> None:
    text = "Vladimir Putin arrived late. Putin smiled. The Russian president then left."
    rows = [e for e in entities(text, gazetteer) if e.entity_id == "Q7747"]
    assert [e.text for e in rows] == ["Vladimir Putin", "Putin", "Russian president"]
    assert [e.type for e in rows] == ["PER", "PER", "OFFICE"]
    assert len({e.cluster for e in rows}) == 1


def test_a_namesake_is_not_the_minister(gazetteer: Gazetteer) -> None:
    text = "Ivan Lavrov, a baker, opened a shop. Lavrov sells bread."
    rows = [e for e in entities(text, gazetteer) if e.type == "PER"]
    assert [(e.text, e.name, e.entity_id) for e in rows] == [
        ("Ivan Lavrov", "Ivan Lavrov", None),
        ("Lavrov", "Ivan Lavrov", None),
    ]
    assert rows[0].cluster == rows[1].cluster


def test_a_surname_means_the_person_whom_the_text_named_most(gazetteer: Gazetteer) -> None:
    text = "Kim Jong Un spoke. Kim Jong Un left. Kim Yo Jong stayed. Kim will return."
    assert [e.name for e in entities(text, gazetteer) if e.text == "Kim"] == ["Kim Jong Un"]


@pytest.mark.parametrize(
    ("text", "surname", "full_name"),
    [
        ("Xi Jinping met Xi Mingze. Xi said so.", "Xi", "Xi Jinping"),
        ("Li Qiang and Li Xi attended. Premier Li spoke.", "Li", "Li Qiang"),
        ("Kim Jong Un, son of Kim Jong Il, inspected a base. Kim told soldiers so.", "Kim", "Kim Jong Un"),
        ("Ilham Aliyev succeeded Heydar Aliyev in 2003. Aliyev met Pashinyan.", "Aliyev", "Ilham Aliyev"),
        ("Muhammadu Buhari died in London; Bola Tinubu mourned Buhari.", "Buhari", "Muhammadu Buhari"),
    ],
)
def test_whom_a_surname_means(text: str, surname: str, full_name: str, gazetteer: Gazetteer) -> None:
    assert [e.name for e in entities(text, gazetteer) if e.text == surname][-1] == full_name


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("Queen Elizabeth II died; Queen Margrethe II abdicated.", {"Elizabeth II", "Margrethe II"}),
        ("Robert F. Kennedy Jr. met Robert Downey Jr. in Ohio.", {"Robert F. Kennedy Jr.", "Robert Downey Jr."}),
        ("Nguyen Van Hung met Nguyen Thi Hung.", {"Nguyen Van Hung", "Nguyen Thi Hung"}),
        ("George H. W. Bush was the father of George W. Bush.", {"George H. W. Bush", "George W. Bush"}),
    ],
)
def test_persons_with_similar_names_are_kept_apart(text: str, apart: set[str], gazetteer: Gazetteer) -> None:
    rows = [e for e in entities(text, gazetteer) if e.type == "PER"]
    assert len({e.cluster for e in rows}) == len(rows) == 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("They met on Monday. Putin left. He is in Moscow. Trump said no.", "en"),
        ("Er war in Berlin. Putin sprach. Am Montag traf Trump Putin.", "de"),
        ("Министр Лавров прилетел в понедельник. Путин и Трамп встретились.", "ru"),
    ],
)
def test_surnames_without_a_tagger(text: str, language: str, gazetteer: Gazetteer) -> None:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, language, DAY)], gazetteer, "gazetteer")
    persons = {e.name for e in annotation.entities if e.type == "PER"}
    assert persons >= {"Vladimir Putin", "Donald Trump"}


def test_a_namesake_in_russian(gazetteer: Gazetteer) -> None:
    text = "Иван Лавров, пекарь, открыл магазин."
    assert [e.entity_id for e in entities(text, gazetteer, "ru") if e.type == "PER"] == []


def test_a_wife_is_not_her_husband(gazetteer: Gazetteer) -> None:
    rows = entities("Melania Trump spoke at the White House.", gazetteer)
    assert "Q22686" not in {e.entity_id for e in rows}


def test_all_mentions_of_a_country_share_type_and_cluster(gazetteer: Gazetteer) -> None:
    text = "France, England and Ireland met. Brazil, England, Japan and Wales play. England won the match."
    assert len({(e.type, e.cluster) for e in entities(text, gazetteer) if e.text == "England"}) == 1


def test_an_abbreviation_means_its_body(gazetteer: Gazetteer) -> None:
    text = "The Lagos Urban Transport Authority met on Monday. LUTA said fares would rise."
    bodies = {e.text: e for e in entities(text, gazetteer) if e.type == "ORG"}
    assert bodies["LUTA"].cluster == bodies["Lagos Urban Transport Authority"].cluster
    assert bodies["LUTA"].name == "Lagos Urban Transport Authority"


def test_a_name_that_is_not_linked_has_candidates(gazetteer: Gazetteer) -> None:
    [georgia] = [e for e in entities("Georgia voted on Sunday.", gazetteer) if e.text == "Georgia"]
    assert georgia.entity_id is None
    assert "Q230" in georgia.candidates and len(georgia.candidates) == 2


def test_a_namesake_of_a_place_has_the_country_of_its_region(gazetteer: Gazetteer) -> None:
    [lebanon] = [
        e for e in entities("Police in Beirut, Ohio, found nothing.", gazetteer) if e.text.startswith("Beirut")
    ]
    assert (lebanon.entity_id, lebanon.countries) == (None, ["USA"])
