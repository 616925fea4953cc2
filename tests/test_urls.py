from __future__ import annotations

import pytest

from etl.urls import canonical, normalise, registrable_domain


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.bbc.co.uk/news/1", "bbc.co.uk"),
        ("http://en.kremlin.ru/a", "kremlin.ru"),
        ("https://www.northline.example/wire", "northline.example"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("http://localhost/x", "localhost"),
        ("http://[::1", ""),
    ],
)
def test_registrable_domain(url: str, domain: str) -> None:
    assert registrable_domain(url) == domain


def test_one_spelling_of_an_address() -> None:
    same = ["http://a.example/b/?utm_source=x&id=2", "https://a.example/b?id=2#top", "https://A.example/b/?id=2"]
    assert {normalise(url) for url in same} == {"https://a.example/b?id=2"}


@pytest.mark.parametrize(
    ("candidate", "teaches"),
    [
        (None, "no canonical address"),
        ("https://other.example/b", "another site's address is not believed"),
        ("https://www.site.example/", "a home page is not believed: many sites name it on every page"),
        ("javascript:void(0)", "not an address"),
        ("http://[bad", "not an address"),
    ],
)
def test_incredible_canonical_addresses_are_passed_over(candidate: str | None, teaches: str) -> None:
    assert canonical("https://www.site.example/b/print", [candidate]) == "https://www.site.example/b/print", teaches


def test_a_print_page_names_its_article() -> None:
    assert canonical("http://a.example/news/1/print", ["http://a.example/news/1"]) == "https://a.example/news/1"
    assert canonical("http://m.a.example/news/1", ["/news/1?x=2"]) == "https://m.a.example/news/1?x=2"
