"""Parsing: ordinary pages give the trees that trafilatura gives, and extreme ones give complete trees."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trafilatura
from lxml import etree

from etl.extract.decode import decode
from etl.extract.html import Unreadable, parse_html
from etl.extract.page import Page, extract
from schemas import Article

SENTENCE = "<p>The president said on Monday that the two countries would sign the treaty in autumn.</p>"


@pytest.mark.parametrize("levels", [250, 300, 2000])
def test_deeply_nested_content_and_what_follows_it_are_read(levels: int) -> None:
    tree = parse_html("<html><body>" + "<div>" * levels + "deep" + "</div>" * levels + "<p>end</p>")
    assert tree.text_content() == "deepend"


@pytest.mark.parametrize("element", ["<p>{}</p>", "<script>{}</script>", "<p title='{}'>x</p>", "<!--{}-->"])
def test_content_after_a_very_long_text_is_read(element: str) -> None:
    tree = parse_html("<html><body>" + element.format("word " * 2_200_000) + "<p>end</p>")
    assert tree.text_content().endswith("end")


@pytest.mark.parametrize(
    ("html", "reason"),
    [("<html>" + "<div>" * 1_000_000, "too_deep"), ("", "not_html"), ("<!-- -->", "not_html"), ("x", "not_html")],
    ids=["deep", "empty", "comment", "text"],
)
def test_reasons_why_a_page_cannot_be_parsed(html: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_html(html)
    assert caught.value.reason == reason


REFERENCES = "&#0; &#1; &#x1F; &#31; &#012; &#xB; &#7is &#xD800; &#x110000; &#xFFFE; &#65535; &#x202E; &rlm; &#x9f;"


def test_character_references_bring_in_no_unwanted_characters() -> None:
    """Each forbidden reference is removed, and the text around it stays."""
    html = f"<html><body><article>{SENTENCE * 3}<p>Bei&shy;jing, Mos&#8203;cow {REFERENCES} were said to be well.</p>"
    article = extract(Page("b", "a", "https://x.example/news/1", 200, "", html.encode(), datetime.now(UTC), "w", 0))
    assert isinstance(article, Article)
    words = article.text.split("\n")[-1].replace("\ufffd", " ").replace("Ÿ", " ").split()
    assert " ".join(words) == "Beijing, Moscow is were said to be well."


def test_references_to_letters_and_white_space_are_resolved() -> None:
    assert parse_html("<html><p>&#1057;&#x418; &#10;&#9;&#13;&#32;&#x1F600;&#100;").text_content().split() == [
        "СИ",
        "😀d",
    ]


@pytest.mark.corpora
def test_trees_of_real_pages_equal_those_of_trafilatura(corpora: Path) -> None:
    pages = corpora / "pages"
    files = [*(pages / "article-extraction-benchmark" / "html").glob("*.gz"), *(pages / "fundus").rglob("*.html.gz")]
    assert len(files) > 400
    for file in files:
        text = decode(gzip.decompress(file.read_bytes()))
        assert etree.tostring(parse_html(text)) == etree.tostring(trafilatura.load_html(text)), file


@pytest.mark.parametrize(
    "beginning",
    [
        "<html lang='en' />",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
        "<!DOCTYPE html SYSTEM 'about:legacy-compat' / >\n<html>",
    ],
)
def test_beginnings_that_would_end_a_tree_are_repaired(beginning: str) -> None:
    html = f"{beginning}\n<head><title>Ferry</title></head><body>{SENTENCE}</body></html>"
    tree, trafilatura_tree = parse_html(html), trafilatura.load_html(html)
    assert trafilatura_tree is not None
    assert etree.tostring(tree) == etree.tostring(trafilatura_tree)
    assert "treaty" in tree.text_content()
