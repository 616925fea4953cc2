"""Pages that look like articles but are not, each with the reason for its rejection."""

from __future__ import annotations

import pytest

from etl.extract.html import parse_html
from etl.extract.page_kind import find_reject_reason
from etl.extract.structured import read_structured

NEWS = "The two ministers met in the harbour town on Wednesday and spoke for three hours about the ferry line.\n"
NOT_FREE = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
VIDEO = '<meta property="og:type" content="video.other">'


def reason_of(
    text: str, title: str = "Ferry talks", url: str = "https://courier.example/a", head: str = "", body: str = ""
) -> str | None:
    tree = parse_html(f"<html><head>{head}</head><body>{body or text}</body></html>")
    result = find_reject_reason(text.strip(), title, url, tree, read_structured(tree))
    return result[0] if result else None


def linked(lines: list[str]) -> str:
    return "".join(f"<p><a href='/{number}'>{line}</a></p>" for number, line in enumerate(lines))


HEADLINES = [f"Ministers of harbour {number} speak about the ferry" for number in range(12)]


@pytest.mark.parametrize(
    "title",
    ["404", "Page not found | Courier", "Error 500", "Access Denied", "Just a moment...", "Страница не найдена",
     "Seite nicht gefunden", "页面不存在", "Courier: page not found", "Oops! Something went wrong"],
)  # fmt: skip
def test_error_pages_are_recognised_by_their_titles(title: str) -> None:
    assert reason_of(NEWS, title) == "error_page"


@pytest.mark.parametrize("title", ["A 404-page report is published", "Errors were made, says minister"])
def test_articles_about_errors_are_not_error_pages(title: str) -> None:
    assert reason_of(NEWS * 3, title) is None


def test_a_page_of_a_few_words_has_no_text() -> None:
    assert reason_of("Loading, please wait") == "no_text"


def test_a_few_words_before_a_paywall_are_not_an_article() -> None:
    assert reason_of(NEWS + "Subscribe to continue reading.") == "paywall"
    assert reason_of(NEWS, head=NOT_FREE) == "paywall"


def test_a_long_text_is_an_article_even_if_it_is_not_free() -> None:
    assert reason_of(NEWS * 5, head=NOT_FREE) is None


def test_a_video_with_a_caption_is_not_an_article() -> None:
    assert reason_of(NEWS, head=VIDEO) == "video_page"
    assert reason_of(NEWS * 5, head=VIDEO) is None


def test_links_are_a_list() -> None:
    assert reason_of("\n".join(HEADLINES), body=linked(HEADLINES)) == "index_page"


def test_headlines_without_sentences_are_a_list() -> None:
    assert reason_of("\n".join(HEADLINES)) == "index_page"


@pytest.mark.parametrize(
    "path", ["/", "/tag/ferries", "/category/world/", "/author/ida-low", "/news/page/3/", "/archive/2025"]
)
def test_lists_are_recognised_by_their_urls(path: str) -> None:
    assert reason_of(NEWS * 3, url=f"https://courier.example{path}") == "index_page"


def test_a_page_that_declares_an_article_is_not_a_list() -> None:
    declaration = '<meta property="og:type" content="article">'
    assert reason_of("\n".join(HEADLINES), head=declaration, body=linked(HEADLINES)) is None
    assert reason_of(NEWS * 3, url="https://courier.example/tag/ferries", head=declaration) is None


def test_the_home_page_with_a_query_may_be_an_article() -> None:
    assert reason_of(NEWS * 3, url="https://courier.example/?p=12") is None
