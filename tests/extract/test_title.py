"""The headline of a page: as its readers see it, complete and without the site's name."""

from __future__ import annotations

from html import escape
from json import dumps

import pytest

from etl.extract.html import parse_html
from etl.extract.structured import read_structured
from etl.extract.title import find_title, without_site

SITE = frozenset({"thecourier", "courier", "courierexample", "ribao", "人民网"})


def title_of(head: str = "", body: str = "") -> str | None:
    tree = parse_html(f"<html><head>{head}</head><body>{body}<p>Text</p></body></html>")
    return find_title(tree, read_structured(tree))


def og(title: str, site: str = "The Courier") -> str:
    return f'<meta property="og:title" content="{escape(title)}"><meta property="og:site_name" content="{site}">'


def ld(headline: str, **more: object) -> str:
    article = {"@type": "NewsArticle", "headline": headline, **more}
    return f'<script type="application/ld+json">{dumps(article)}</script>'


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Ferry talks | The Courier", "Ferry talks"),
        ("Ferry talks - Courier", "Ferry talks"),
        ("Ferry talks – courier.example", "Ferry talks"),
        ("Ferry talks — THE COURIER", "Ferry talks"),
        ("Ferry talks · Courier", "Ferry talks"),
        ("Ferry talks » Courier", "Ferry talks"),
        ("Ferry talks : Courier", "Ferry talks"),
        ("Ferry talks • Courier", "Ferry talks"),
        ("Courier | Ferry talks", "Ferry talks"),
        ("Courier: Ferry talks", "Ferry talks"),
        ("Ferry talks | World | The Courier", "Ferry talks | World"),  # only the heading shows that this is a section
        ("渡轮会谈--人民网", "渡轮会谈"),
        ("渡轮会谈_人民网", "渡轮会谈"),
        ("渡轮会谈｜人民网", "渡轮会谈"),
        ("Ferry talks - a new start", "Ferry talks - a new start"),  # only names of the site are removed
        ("The Courier of the Tsar", "The Courier of the Tsar"),
        ("Minister: «Wir fahren»", "Minister: «Wir fahren»"),
        ("The Courier", ""),
        ("Courier | The Courier", ""),
    ],
)
def test_the_site_s_name_is_removed(raw: str, title: str) -> None:
    assert without_site(raw, SITE) == title


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        # Declared titles may be written for search engines or social networks; readers see the heading.
        (og("Wow") + ld("Ferry talks begin"), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        (ld("Ferries: SEO title") + og("Ferry talks begin"), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # The window's title confirms the heading if no declared title does.
        (
            "<title>Ferry talks begin | Courier</title>" + og("Social", "Courier"),
            "<h1>Ferry talks begin</h1>",
            "Ferry talks begin",
        ),
        (
            "<title>Ferry talks begin | World | Courier</title>" + og("Social", "Courier"),
            "<h1>Ferry talks begin</h1>",
            "Ferry talks begin",
        ),
        # A declared title without a matching heading is preferred to a heading, which may name the section.
        (og("Ferry talks begin"), "<h1>World</h1>", "Ferry talks begin"),
        (og("Politics | Ferry talks begin"), "<h1>Politics</h1>", "Politics | Ferry talks begin"),
        ("", "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # Of several headings, the one in the window's title is chosen.
        ("<title>Ferry talks begin - World</title>", "<h1>World</h1><h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # A name after the heading's text is removed even if the page does not declare it.
        (og("Ferry talks begin - Die Neue Post", ""), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # A title that is cut off is completed by another one.
        (og("Ministers talk…"), "<h1>Ministers talk of ferries</h1>", "Ministers talk of ferries"),
        (og("And then …"), "<h1>And then …</h1>", "And then …"),
        # Entities that are escaped twice, tags and soft hyphens are resolved or removed.
        (ld("Ministers &amp;amp; ferries"), "", "Ministers & ferries"),
        (ld("<em>Ferry</em> talks"), "", "Ferry talks"),
        ("", "<h1>Fähr\u00adver\u00adbindung</h1>", "Fährverbindung"),
        # The site's name is not a title.
        (og("The Courier") + "<title>The Courier</title>", "<h1>Ferry talks</h1>", "Ferry talks"),
        (og("The Courier"), "", None),
        # The names of the publisher and the host are removed.
        (ld("Ferry talks | Post", publisher={"@type": "Organization", "name": "The Post"}), "", "Ferry talks"),
        ('<link rel="canonical" href="https://p24.example/a"><title>Ferry talks - P24</title>', "", "Ferry talks"),
        ("", "", None),
    ],
)
def test_the_title_is_chosen(head: str, body: str, title: str | None) -> None:
    assert title_of(head, body) == title


@pytest.mark.parametrize("value", [None, 7, {"a": 1}, ["x", ["y"]], "|" * 5000, "- " * 5000, "\x00"])
def test_odd_headlines_do_not_raise(value: object) -> None:
    title_of(ld(value), "<h1></h1>")  # type: ignore[arg-type]
