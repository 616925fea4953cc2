"""By-lines: names of persons without anything else, and the agency; sites, desks and web addresses are left out."""

from __future__ import annotations

from json import dumps
from typing import Any

import pytest

from etl.extract.credits.authors import agency_of, find_authors, read_credits
from etl.extract.html import parse_html
from etl.extract.section import find_section
from etl.extract.structured import read_structured

SITE = frozenset({"courier", "thecourier", "mdr"})


@pytest.mark.parametrize(
    ("raw", "persons", "agency"),
    [
        # How by-lines begin.
        ("By Jo Field", ["Jo Field"], None),
        ("BY JO FIELD", ["Jo Field"], None),
        ("Von Jo Feld", ["Jo Feld"], None),
        ("Kommentar von Jo Feld", ["Jo Feld"], None),
        ("Por Ana Ruiz", ["Ana Ruiz"], None),
        ("Par Jean Dupont", ["Jean Dupont"], None),
        ("di Luca Bianchi", ["Luca Bianchi"], None),
        ("Автор: Иван Петров", ["Иван Петров"], None),
        ("文/李明", ["李明"], None),
        ("记者 李明", ["李明"], None),
        ("Hans von Berg", ["Hans von Berg"], None),  # “von” is part of the name
        ("Jo Field, AP Auto Writer", ["Jo Field"], None),
        # Where one name ends and the next begins.
        ("Jo Field and Max Ray", ["Jo Field", "Max Ray"], None),
        ("Jo Field, Max Ray & Ida Low", ["Jo Field", "Max Ray", "Ida Low"], None),
        ("Jo Feld und Max Ray", ["Jo Feld", "Max Ray"], None),
        ("Ana Ruiz y Luis Gil", ["Ana Ruiz", "Luis Gil"], None),
        ("Иван Петров и Анна Иванова", ["Иван Петров", "Анна Иванова"], None),
        ("Jo Field | Max Ray", ["Jo Field", "Max Ray"], None),
        ("李明、王芳", ["李明", "王芳"], None),
        ("배윤경,이상현", ["배윤경", "이상현"], None),
        ("José Ortega y Gasset", ["José Ortega y Gasset"], None),
        ("João Costa e Silva", ["João Costa e Silva"], None),
        ("Smith, John", ["John Smith"], None),
        ("John Smith, Jr.", ["John Smith Jr."], None),
        ("Ann Lee, PhD", ["Ann Lee"], None),
        ("Jo Field; jo field", ["Jo Field"], None),
        # Jobs and places.
        ("Jo Field, Political Editor", ["Jo Field"], None),
        ("Jo Field Political Editor", ["Jo Field"], None),
        ("Senior Reporter Jo Field", ["Jo Field"], None),
        ("Jo Field in Moscow", ["Jo Field"], None),
        ("Jo Field, New York", ["Jo Field"], None),
        ("Anna Martel und Lea Wagner, Nairobi", ["Anna Martel", "Lea Wagner"], None),
        ("Martí Abad (Enviado especial)", ["Martí Abad"], None),
        ("Elena Berg (ebe)", ["Elena Berg"], None),
        ("구현모 기자 gu@courier.example", ["구현모"], None),
        ("Staff Writer", [], None),
        # Agencies.
        ("Reuters", [], "Reuters"),
        ("The Associated Press", [], "AP"),
        ("Deutsche Presse-Agentur", [], "dpa"),
        ("AFP Deutschland", [], "AFP"),
        ("Reuters Staff", [], "Reuters"),
        ("ТАСС", [], "TASS"),
        ("新华社", [], "Xinhua"),
        ("Jo Field and Max Ray, dpa", ["Jo Field", "Max Ray"], "dpa"),
        ("Lisa Low (AP)", ["Lisa Low"], "AP"),
        ("Le Courier et AFP", [], "AFP"),
        ("EFE/ J.J. Guillén", ["J.J. Guillén"], "EFE"),
        ("AFP, MANILA", [], "AFP"),
        # By-lines without persons.
        ("Guardian staff", [], None),
        ("Courier News Desk", [], None),
        ("Redaktion", [], None),
        ("Online-Redaktion", [], None),
        ("Editorial Board", [], None),
        ("admin", [], None),
        ("CNN Staff", [], None),
        ("The Courier", [], None),
        ("MDR THÜRINGEN", [], None),
        ("courier.de, Frankfurt, Germany", [], None),
        ("https://www.facebook.com/courier", [], None),
        ("@jofield", [], None),
        ("d.berg@courier.example", [], None),
        ("ku Frankfurt", [], None),
        ("人民网编辑部", [], None),
        ("", [], None),
        # Names in capitals.
        ("STEVE PEOPLES", ["Steve Peoples"], None),
        ("AMELIA THOMSON-DEVEAUX", ["Amelia Thomson-Deveaux"], None),
        ("Bill MCCARTHY", ["Bill McCarthy"], None),
        ("J.K. ROWE", ["J.K. Rowe"], None),
    ],
)
def test_by_lines_are_read(raw: str, persons: list[str], agency: str | None) -> None:
    site = SITE | {"lecourier"}
    assert read_credits([raw], site) == (persons, agency)


def authors_of(author: Any = None, head: str = "", body: str = "", **graph: Any) -> tuple[list[str], str | None]:
    article = {"@type": "NewsArticle", "author": author}
    ld = {"@graph": [article, *graph.get("nodes", [])]}
    tree = parse_html(
        f'<html><head><script type="application/ld+json">{dumps(ld)}</script>{head}</head><body>{body}</body></html>'
    )
    return find_authors(tree, read_structured(tree))


@pytest.mark.parametrize(
    "author",
    [
        "Jo Field",
        {"@type": "Person", "name": "Jo Field"},
        {"name": ["Jo Field"]},
        [{"@type": "Person", "name": "<b>Jo</b> Field"}],
        [[{"@type": "Person", "givenName": "Jo", "familyName": "Field"}]],
        {"@id": "#jo"},
        [{"@id": "#jo"}, {"@type": "Person", "name": "JO FIELD"}],
    ],
)
def test_authors_are_read_from_all_forms_of_json_ld(author: Any) -> None:
    assert authors_of(author, nodes=[{"@type": "Person", "@id": "#jo", "name": "Jo Field"}]) == (["Jo Field"], None)


def test_a_site_as_author_is_ignored_and_the_next_place_is_read() -> None:
    body = '<header><h1>Ferry talks</h1><p class="byline">By Jo Field</p></header>'
    assert authors_of({"@type": "Organization", "name": "Courier Online"}, body=body) == (["Jo Field"], None)
    assert authors_of(None, '<meta name="author" content="Jo Field">', body) == (["Jo Field"], None)


def test_the_by_line_is_not_read_if_the_declared_author_is_an_agency() -> None:
    body = '<header><h1>Ferry talks</h1><p class="byline">Photo Max Ray</p></header>'
    assert authors_of({"@type": "Organization", "name": "Reuters"}, body=body) == ([], "Reuters")


@pytest.mark.parametrize(
    "line",
    [
        '<a rel="author" href="/jo">Jo Field</a>',
        '<span itemprop="author"><span itemprop="name">Jo Field</span></span>',
        '<div class="article__author"><span class="author-name">Von Jo Field</span></div>',
        '<div class="byline">By Jo Field, Political Editor 28.04.2023, 19:09</div>',
    ],
)
def test_the_by_line_near_the_heading_is_read(line: str) -> None:
    page = f'<article><div><h1>Ferry talks</h1></div>{line}</article><div><p class="author">Max Ray</p></div>'
    assert authors_of(body=page) == (["Jo Field"], None)


@pytest.mark.parametrize(
    "line",
    [
        '<div class="byline">Published posts: 15</div>',
        '<p class="comment-author">Max Ray</p>',
        '<p class="author">News</p>',
    ],
)
def test_other_elements_near_the_heading_are_not_by_lines(line: str) -> None:
    assert authors_of(body=f"<article><h1>Ferry talks</h1>{line}</article>") == ([], None)


@pytest.mark.parametrize(
    "author", [7, {"name": {"name": {"name": 1}}}, {"@id": "#x"}, [[[[[["Jo"]]]]]], "," * 9000, "A " * 9000]
)
def test_odd_authors_do_not_raise(author: Any) -> None:  # fmt: skip
    authors_of(author, nodes=[{"@id": "#x", "author": {"@id": "#x"}}])


@pytest.mark.parametrize(
    ("name", "agency"), [("dpa-AFX", "dpa"), ("PTI", "PTI"), ("연합뉴스", "Yonhap"), ("Ann Reuter", None)]
)
def test_agencies_are_recognised_by_name(name: str, agency: str | None) -> None:
    assert agency_of(name) == agency


@pytest.mark.parametrize(
    ("declared", "section"),
    [
        ("World", "World"),
        ("Politics &amp;amp; Government", "Politics & Government"),
        (["World", "Europe"], "World"),
        ("World, World Europe", "World"),
        ("Arts, Culture", "Arts, Culture"),
        ("news_news", None),  # an internal name of a content system
        ("tags", None),
        ("Ferry talks", None),  # the title of the article
        ("https://courier.example/world", None),
        (7, None),
    ],
)
def test_the_declared_section_is_found(declared: Any, section: str | None) -> None:
    ld = dumps({"@type": "NewsArticle", "articleSection": declared})
    tree = parse_html(
        f'<html><head><script type="application/ld+json">{ld}</script></head><body><p>x</p></body></html>'
    )
    assert find_section(tree, read_structured(tree), "Ferry talks") == section


def test_the_section_is_the_last_breadcrumb_above_the_article() -> None:
    breadcrumbs = [{"name": "Home"}, {"item": {"name": "World"}}, {"name": "Ferry talks begin"}]
    ld = dumps({"@type": "BreadcrumbList", "itemListElement": breadcrumbs})
    tree = parse_html(
        f'<html><head><script type="application/ld+json">{ld}</script></head><body><p>x</p></body></html>'
    )
    assert find_section(tree, read_structured(tree), "Ferry talks begin") == "World"
