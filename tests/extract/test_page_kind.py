"""Pages that look like articles and are none, each with its reason."""

from __future__ import annotations

import pytest

from etl.extract.html import parse_html
from etl.extract.page_kind import why_no_article
from etl.extract.structured import read_structured

NEWS = "The two ministers met in the harbour town on Wednesday and spoke for three hours about the ferry line.\n"
LIVE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
VIDEO = '<meta property="og:type" content="video.other">'


def reason_of(
    text: str, title: str = "Ferry talks", url: str = "https://courier.example/a", head: str = "", body: str = ""
) -> str | None:
    tree = parse_html(f"<html><head>{head}</head><body>{body or text}</body></html>")
    why = why_no_article(text.strip(), title, url, tree, read_structured(tree))
    return why[0] if why else None


def linked(lines: list[str]) -> str:
    return "".join(f"<p><a href='/{number}'>{line}</a></p>" for number, line in enumerate(lines))


HEADLINES = [f"Ministers of harbour {number} speak about the ferry" for number in range(12)]


@pytest.mark.parametrize(
    "title",
    ["404", "Page not found | Courier", "Error 500", "Access Denied", "Just a moment...", "Страница не найдена",
     "Seite nicht gefunden", "页面不存在", "Courier: page not found", "Oops! Something went wrong"],
)  # fmt: skip
def test_error_pages(title: str) -> None:
    assert reason_of(NEWS, title) == "error_page"


@pytest.mark.parametrize("title", ["A 404-page report is published", "Errors were made, says minister"])
def test_articles_about_errors_are_articles(title: str) -> None:
    assert reason_of(NEWS * 3, title) is None


def test_a_few_words_are_no_text() -> None:
    assert reason_of("Loading, please wait") == "no_text"


def test_the_first_words_before_a_wall_are_no_article() -> None:
    assert reason_of(NEWS + "Subscribe to continue reading.") == "paywall"
    assert reason_of(NEWS, head=LIVE) == "paywall"


def test_much_text_is_an_article_though_it_is_sold() -> None:
    assert reason_of(NEWS * 5, head=LIVE) is None


def test_a_video_with_its_caption() -> None:
    assert reason_of(NEWS, head=VIDEO) == "video_page"
    assert reason_of(NEWS * 5, head=VIDEO) is None


def test_a_list_of_links() -> None:
    assert reason_of("\n".join(HEADLINES), body=linked(HEADLINES)) == "index_page"


def test_headlines_without_links_or_sentences() -> None:
    assert reason_of("\n".join(HEADLINES)) == "index_page"


@pytest.mark.parametrize(
    "path", ["/", "/tag/ferries", "/category/world/", "/author/ida-low", "/news/page/3/", "/archive/2025"]
)
def test_addresses_of_lists(path: str) -> None:
    assert reason_of(NEWS * 3, url=f"https://courier.example{path}") == "index_page"


def test_a_page_that_calls_itself_an_article_is_no_list() -> None:
    said = '<meta property="og:type" content="article">'
    assert reason_of("\n".join(HEADLINES), head=said, body=linked(HEADLINES)) is None
    assert reason_of(NEWS * 3, url="https://courier.example/tag/ferries", head=said) is None


def test_the_home_page_s_address_with_a_query_may_be_an_article_s() -> None:
    assert reason_of(NEWS * 3, url="https://courier.example/?p=12") is None
