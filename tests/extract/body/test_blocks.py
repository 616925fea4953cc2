"""Blocks: the visible text of a page, separated where a browser would separate it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from etl.extract.body.blocks import ARTICLE_BODY, FRAMES, HINTS, PageBlocks, read_blocks
from etl.extract.html import parse_html


def blocks_of(body: str) -> PageBlocks:
    return read_blocks(parse_html(f"<html><body>{body}</body></html>"))


def texts(body: str) -> list[str]:
    return [block.text for block in blocks_of(body).blocks]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("<div>Bare <b>bold</b> text<p>Paragraph</p>and after</div>", ["Bare bold text", "Paragraph", "and after"]),
        ("<h2>Heading</h2><ul><li>First</li><li>Second</li></ul>", ["Heading", "First", "Second"]),
        ("<blockquote>Said <p>twice</p></blockquote>", ["Said", "twice"]),
        # Line breaks separate paragraphs if there are two or a sentence ends; in verses and addresses they are spaces.
        ("<div>One<br><br>Two</div>", ["One", "Two"]),
        ("<div>One<br> <br/>Two</div>", ["One", "Two"]),
        ("<div>It ends here.<br>The next.</div>", ["It ends here.", "The next."]),
        ("<div>«Он сказал».<br>Дальше</div>", ["«Он сказал».", "Дальше"]),
        ("<div>这是句子。<br>第二句。</div>", ["这是句子。", "第二句。"]),
        ("<div>12 Harbour Street<br>Courier Town</div>", ["12 Harbour Street Courier Town"]),
        # A row of short cells is one block; cells that lay out a page are blocks of their own.
        ("<table><tr><td>Paris</td><td>14°</td></tr></table>", ["Paris 14°"]),
        (f"<table><tr><td>{'Long text. ' * 12}</td><td>Menu</td></tr></table>", [("Long text. " * 12).strip(), "Menu"]),
        # Elements that no browser draws are left out.
        ("<p>Seen<script>var x = 'unseen'</script><style>p {}</style> text</p>", ["Seen text"]),
        (
            '<p hidden>Unseen</p><p style="display: none">Unseen</p><p aria-hidden="true">Unseen</p><p>Seen</p>',
            ["Seen"],
        ),
        ('<p>Seen<span class="sr-only"> unseen</span></p>', ["Seen"]),
        ('<p style="color: red">Seen</p>', ["Seen"]),
        ("<p>Words</p><!-- a note --><p>more<!-- note --> words</p>", ["Words", "more words"]),
        ("<custom-tag>Words <other-tag>inline</other-tag></custom-tag>", ["Words inline"]),
        ("", []),
    ],
)
def test_pages_are_read_in_blocks(body: str, expected: list[str]) -> None:
    assert texts(body) == expected


def test_a_hidden_element_ends_a_block() -> None:
    assert texts("<div>Before<div hidden>unseen</div>after</div>") == ["Before", "after"]


def test_links_and_emphasis_are_counted_in_characters() -> None:
    [block] = blocks_of("<p>See <a href='/x'>the report</a> of <b>Anna</b></p>").blocks
    assert (block.text, block.linked, block.emphasised) == ("See the report of Anna", 10, 4)


def test_frames_tell_which_elements_are_around_a_block() -> None:
    page = blocks_of("<article class='postBody'><aside id='related-links'><p>More</p></aside></article>")
    frame = page.frames[page.blocks[0].frame]
    hints = [name for number, name in enumerate(HINTS) if frame.all_hints >> number & 1]
    assert frame.tag == "p"
    assert {"body", "article", "related"} <= set(hints)
    assert [name for number, name in enumerate(FRAMES) if frame.frames >> number & 1] == ["article", "aside"]
    assert frame.depth == 3


def test_blocks_in_a_declared_body_are_marked() -> None:
    page = blocks_of("<div itemprop='articleBody'><p>Inside</p></div><p>Outside</p>")
    assert [bool(page.frames[block.frame].frames & ARTICLE_BODY) for block in page.blocks] == [True, False]


def test_parents_come_before_their_children() -> None:
    page = blocks_of("<div><section><p>One</p></section><p>Two</p></div>")
    assert all(frame.parent < number for number, frame in enumerate(page.frames))


def test_content_that_is_nested_very_deeply_is_read_as_one_text() -> None:
    assert texts("<div>" * 2000 + "Deep <p>down</p>" + "</div>" * 2000) == ["Deep down"]


def test_the_tree_is_not_changed() -> None:
    tree = parse_html("<html><body><p>One <b>bold</b></p><script>x</script></body></html>")
    before = etree.tostring(tree)
    read_blocks(tree)
    assert etree.tostring(tree) == before


_WORDS = st.text("abc .", min_size=1, max_size=12)
_HTML = st.recursive(
    _WORDS,
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(["p", "div", "span", "b", "a", "ul", "li", "table", "tr", "td", "blockquote", "h2", "x-y"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(_HTML)
def test_blocks_contain_the_text_unchanged_and_in_order(body: str) -> None:
    tree = parse_html(f"<html><body>{body}</body></html>")
    visible = "".join(tree.text_content().split())
    assert "".join("".join(block.text for block in read_blocks(tree).blocks).split()) == visible
