"""Trees: trafilatura's on ordinary pages, and whole on others."""

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
def test_what_stands_deep_and_after_it_is_there(levels: int) -> None:
    tree = parse_html("<html><body>" + "<div>" * levels + "deep" + "</div>" * levels + "<p>end</p>")
    assert tree.text_content() == "deepend"


@pytest.mark.parametrize("element", ["<p>{}</p>", "<script>{}</script>", "<p title='{}'>x</p>", "<!--{}-->"])
def test_what_stands_after_a_long_text_is_there(element: str) -> None:
    tree = parse_html("<html><body>" + element.format("word " * 2_200_000) + "<p>end</p>")
    assert tree.text_content().endswith("end")


@pytest.mark.parametrize(
    ("html", "reason"),
    [("<html>" + "<div>" * 1_000_000, "too_deep"), ("", "not_html"), ("<!-- -->", "not_html"), ("x", "not_html")],
    ids=["deep", "empty", "comment", "text"],
)
def test_why_there_is_no_tree(html: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_html(html)
    assert caught.value.reason == reason


REFERENCES = "&#0; &#1; &#x1F; &#31; &#012; &#xB; &#7is &#xD800; &#x110000; &#xFFFE; &#65535; &#x202E; &rlm; &#x9f;"


def test_character_references_bring_in_no_harm() -> None:
    """Each of them costs no more than itself."""
    html = f"<html><body><article>{SENTENCE * 3}<p>Bei&shy;jing, Mos&#8203;cow {REFERENCES} were said to be well.</p>"
    found = extract(Page("b", "a", "https://x.example/news/1", 200, "", html.encode(), datetime.now(UTC), "w", 0))
    assert isinstance(found, Article)
    words = found.text.split("\n")[-1].replace("\ufffd", " ").replace("Ÿ", " ").split()
    assert " ".join(words) == "Beijing, Moscow is were said to be well."


def test_references_to_letters_stay() -> None:
    assert parse_html("<html><p>&#1057;&#x418; &#10;&#9;&#13;&#32;&#x1F600;&#100;").text_content().split() == [
        "СИ",
        "😀d",
    ]


@pytest.mark.corpora
def test_the_trees_of_real_pages_are_trafilaturas(corpora: Path) -> None:
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
def test_beginnings_that_end_a_tree_are_repaired(beginning: str) -> None:
    html = f"{beginning}\n<head><title>Ferry</title></head><body>{SENTENCE}</body></html>"
    tree, peer = parse_html(html), trafilatura.load_html(html)
    assert peer is not None
    assert etree.tostring(tree) == etree.tostring(peer)
    assert "treaty" in tree.text_content()
