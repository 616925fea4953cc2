"""The headline of a page: as its readers see it, whole, without the site's name."""

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
        ("Ferry talks | World | The Courier", "Ferry talks | World"),  # a section is known only by the heading
        ("渡轮会谈--人民网", "渡轮会谈"),
        ("渡轮会谈_人民网", "渡轮会谈"),
        ("渡轮会谈｜人民网", "渡轮会谈"),
        ("Ferry talks - a new start", "Ferry talks - a new start"),  # only names of the site are cut off
        ("The Courier of the Tsar", "The Courier of the Tsar"),
        ("Minister: «Wir fahren»", "Minister: «Wir fahren»"),
        ("The Courier", ""),
        ("Courier | The Courier", ""),
    ],
)
def test_without_site(raw: str, title: str) -> None:
    assert without_site(raw, SITE) == title


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        # Written for search engines or social networks; readers see the heading.
        (og("Wow") + ld("Ferry talks begin"), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        (ld("Ferries: SEO title") + og("Ferry talks begin"), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # The window's title confirms the heading where nothing else does.
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
        # No heading confirms it: the declared one is believed before a heading, which may be the section's.
        (og("Ferry talks begin"), "<h1>World</h1>", "Ferry talks begin"),
        (og("Politics | Ferry talks begin"), "<h1>Politics</h1>", "Politics | Ferry talks begin"),
        ("", "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # Of many headings the one in the window's title.
        ("<title>Ferry talks begin - World</title>", "<h1>World</h1><h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # A name the page nowhere declares, behind what is also the heading.
        (og("Ferry talks begin - Die Neue Post", ""), "<h1>Ferry talks begin</h1>", "Ferry talks begin"),
        # Cut off in one place, whole in another.
        (og("Ministers talk…"), "<h1>Ministers talk of ferries</h1>", "Ministers talk of ferries"),
        (og("And then …"), "<h1>And then …</h1>", "And then …"),
        # Entities escaped twice, tags, soft hyphens.
        (ld("Ministers &amp;amp; ferries"), "", "Ministers & ferries"),
        (ld("<em>Ferry</em> talks"), "", "Ferry talks"),
        ("", "<h1>Fähr\u00adver\u00adbindung</h1>", "Fährverbindung"),
        # The site's name alone is no title.
        (og("The Courier") + "<title>The Courier</title>", "<h1>Ferry talks</h1>", "Ferry talks"),
        (og("The Courier"), "", None),
        # The publisher's name, and the host's.
        (ld("Ferry talks | Post", publisher={"@type": "Organization", "name": "The Post"}), "", "Ferry talks"),
        ('<link rel="canonical" href="https://p24.example/a"><title>Ferry talks - P24</title>', "", "Ferry talks"),
        ("", "", None),
    ],
)
def test_find_title(head: str, body: str, title: str | None) -> None:
    assert title_of(head, body) == title


@pytest.mark.parametrize("value", [None, 7, {"a": 1}, ["x", ["y"]], "|" * 5000, "- " * 5000, "\x00"])
def test_no_headline_breaks_it(value: object) -> None:
    title_of(ld(value), "<h1></h1>")  # type: ignore[arg-type]
