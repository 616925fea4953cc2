"""URLs: normal form, page keys, registrable domains, canonical URLs and days in paths."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.urls import canonical, day_in_path, is_plain, normalise, page_key, registrable_domain


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


def test_spellings_of_a_url_have_one_normal_form() -> None:
    spellings = ["http://a.example/b/?utm_source=x&id=2", "https://a.example/b?id=2#top", "https://A.example/b/?id=2"]
    assert {normalise(url) for url in spellings} == {"https://a.example/b?id=2"}


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (None, "no canonical URL"),
        ("https://other.example/b", "the URL is on another site"),
        ("https://www.site.example/", "the URL is the home page, which many sites declare on every page"),
        ("javascript:void(0)", "not a web address"),
        ("http://[bad", "not a web address"),
    ],
)
def test_canonical_urls_that_are_not_credible_are_ignored(candidate: str | None, reason: str) -> None:
    assert canonical("https://www.site.example/b/print", [candidate]) == "https://www.site.example/b/print", reason


def test_the_canonical_url_of_a_print_page_is_its_article() -> None:
    assert canonical("http://a.example/news/1/print", ["http://a.example/news/1"]) == "https://a.example/news/1"
    assert canonical("http://m.a.example/news/1", ["/news/1?x=2"]) == "https://m.a.example/news/1?x=2"


@pytest.mark.parametrize(
    "variant",
    """https://a.example/news/1 http://a.example/news/1/ https://www.a.example/news/1#top https://m.a.example/news/1
    https://amp.a.example/news/1 https://a.example/amp/news/1 https://a.example/news/1/amp/ https://a.example/news/1.amp
    https://a.example/news/1?amp=1 https://a.example/news/1?outputType=amp https://a.example/news/1?utm_source=x&fbclid=y
    https://a.example/news/1;jsessionid=0A1B?PHPSESSID=0123456789abcdef0123 https://www.google.com/amp/s/a.example/news/1
    https://a-example.cdn.ampproject.org/c/s/a.example/news/1""".split(),
)
def test_variants_of_a_page_s_url_have_one_key(variant: str) -> None:
    assert page_key(variant) == "a.example/news/1"


@pytest.mark.parametrize(
    "other",
    """https://a.example/news/2 https://a.example/news/1?page=2 https://a.example/news/champ https://b.a.example/news/1
    https://a.example/news/1?sid=1234 https://a.example/news/1?id=0123456789abcdef0123 https://a.example/n/ews/1""".split(),
)
def test_urls_of_other_pages_have_other_keys(other: str) -> None:
    """A short `sid` may be the number of a story."""
    assert page_key(other) != "a.example/news/1"


def test_the_main_url_of_a_page_is_plain() -> None:
    assert is_plain("https://www.a.example/news/1")
    assert not is_plain("https://m.a.example/news/1")


@given(st.text(max_size=60))
def test_every_text_has_a_page_key(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}"):
        assert isinstance(page_key(url), str)


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://a.example/2025/09/03/b", date(2025, 9, 3)),
        ("https://a.example/20250903/b.html", date(2025, 9, 3)),
        ("https://a.example/2025-09-03-b", date(2025, 9, 3)),
        ("https://a.example/2025/02/30/b", None),
        ("https://a.example/12025090311", None),
    ],
)
def test_the_day_in_a_path(url: str, day: date | None) -> None:
    assert day_in_path(url) == day
