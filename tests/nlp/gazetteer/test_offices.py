"""Who held an office on a day, and for which country a person spoke then."""

from __future__ import annotations

from datetime import date

import pytest

from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.gazetteer.gazetteer import _Office as OfficeRow
from etl.nlp.gazetteer.offices import Office, countries_on
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.names.mentions import TaggedName
from etl.text import lay_out


def names(text: str, day: date | None, gazetteer: Gazetteer) -> list[NamedEntity]:
    return find_names(text, lay_out(text, "en"), gazetteer, [], day)


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("The Russian president left.", date(2009, 5, 1), {"Russian president": "Dmitry Medvedev"}),
        ("The Russian president left.", date(2016, 5, 1), {"Russian president": "Vladimir Putin"}),
        ("China's foreign minister spoke.", date(2024, 5, 1), {"China's foreign minister": "Wang Yi"}),
        ("The prime minister of India spoke.", date(2020, 1, 1), {"prime minister of India": "Narendra Modi"}),
        ("A former Russian president left.", date(2016, 5, 1), {}),
        ("The Russian presidential plane left.", date(2016, 5, 1), {}),
        ("Russian President Vladimir Putin left.", date(2016, 5, 1), {}),
        ("The president of Russia Vladimir Putin left.", date(2016, 5, 1), {}),
        ("The ousted Syrian president fled.", date(2025, 5, 1), {}),
        ("The self-proclaimed Syrian president fled.", date(2025, 5, 1), {}),
        ("The 46th US president spoke.", date(2025, 5, 1), {}),
        ("The president of Taiwan's Foxconn left.", date(2025, 5, 1), {}),
        ("The president of the US soccer federation left.", date(2025, 5, 1), {}),
        ("Norwegian king crab is expensive.", date(2025, 5, 1), {}),
        ("The US president spoke.", date(2025, 1, 20), {"US president": "Donald Trump"}),
        ("The Russian president left.", None, {}),
    ],
)
def test_descriptions_by_office(text: str, day: date | None, expected: dict[str, str], gazetteer: Gazetteer) -> None:
    assert {n.text: n.full for n in names(text, day, gazetteer) if n.type == "OFFICE"} == expected


def test_a_description_and_the_name_share_a_cluster(gazetteer: Gazetteer) -> None:
    entities = names("Vladimir Putin arrived. The Russian president smiled.", date(2016, 5, 1), gazetteer)
    assert len({name.cluster for name in entities if name.full == "Vladimir Putin"}) == 1


FOREIGN, UNITED = Office("Foreign Minister", "PRT", date(2000, 1, 1), date(2004, 1, 1)), Office(
    "Secretary-General", None, date(2017, 1, 1), None
)  # fmt: skip


def test_countries_by_office_and_term() -> None:
    assert countries_on("PRT", [FOREIGN, UNITED], date(2002, 1, 1)) == ("PRT",)
    assert countries_on("PRT", [FOREIGN, UNITED], date(2020, 1, 1)) == ()  # speaks for the United Nations
    assert countries_on("PRT", [FOREIGN, UNITED], date(2010, 1, 1)) == ("PRT",)
    assert countries_on("PRT", [FOREIGN, UNITED], None) == ("PRT",)
    assert countries_on("USA", [Office("President", "GEO", None, None)], date(2010, 1, 1)) == ("GEO",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("President Xi Jinping", "Xi Jinping"),
        ("Deputy Election Commissioner Raghav Menon", "Raghav Menon"),
        ("Elias Bright, D-N.M.", "Elias Bright"),
        ("Mr. Kofi Mensah,", "Kofi Mensah"),
        ("the Sunita Patel's", "Sunita Patel"),
    ],
)
def test_titles_parties_and_articles_are_no_part_of_a_name(text: str, name: str, gazetteer: Gazetteer) -> None:
    tags = [TaggedName(0, len(text), "PER", 0.9)]
    [found] = find_names(f"{text} spoke.", lay_out(f"{text} spoke.", "en"), gazetteer, tags, date(2016, 5, 1))
    assert (found.text, found.full) == (name, name)


def test_a_term_is_given_as_a_day_a_month_or_a_year() -> None:
    office = OfficeRow(title="President", since="2019-02", until="2020").office()
    assert (office.since, office.until) == (date(2019, 2, 1), date(2020, 12, 31))
    with pytest.raises(ValueError, match="'spring 2019' is not a day"):
        OfficeRow(title="President", since="spring 2019")
