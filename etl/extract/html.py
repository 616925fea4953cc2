"""Characters of a page -> its tree, whole or not at all."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fromstring

from schemas import Reason

# As trafilatura parses (its extraction was measured 0.003 F1 worse on a tree parsed otherwise), and with its repairs of
# what libxml2 ends a tree at: some document types, and an `html` element that closes itself. But with `huge_tree`:
# without it libxml2 ends the tree without a word at a text, script or attribute of 10 MB and at 256 levels, and drops
# all that follows. With it the levels end at 2,048. The deepest of 439 real pages has 51.
_PARSER = HTMLParser(
    collect_ids=False,
    default_doctype=False,  # type: ignore[call-arg]
    encoding="utf-8",
    remove_comments=True,
    remove_pis=True,
    huge_tree=True,
)
# lxml.html asks Python for the class of every element that is touched, only forms' parts have one of their own.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
_DEEPEST = 2048
_BEGINNING = 4096  # characters
_DOCTYPE = re.compile(r"\A\s*<\s?!\s?DOCTYPE[^>]*/[^<>]*>", re.IGNORECASE)
_SELF_CLOSED = re.compile(r"(<html\b[^<>]*?)\s*/>", re.IGNORECASE)
# References to what XML forbids: lxml reads them, and then refuses to move the text: trafilatura lost whole articles.
_FORBIDDEN = re.compile(
    r"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)|x0*(?:[1-8bcef]|1[\da-f]|fff[ef])(?![\da-f]));?",
    re.IGNORECASE | re.ASCII,
)


class Unreadable(Exception):
    """Why a page has no tree: `reason` as in `rejects`, and one sentence of detail."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def parse_html(text: str) -> HtmlElement:
    """The tree that trafilatura.load_html gives. Raises Unreadable: `not_html`, or `too_deep` where it would be cut."""
    beginning = _SELF_CLOSED.sub(r"\1>", _DOCTYPE.sub("", text[:_BEGINNING]), count=1)
    repaired = _FORBIDDEN.sub(" ", beginning + text[_BEGINNING:])
    try:
        tree = fromstring(repaired.encode("utf-8", "replace"), parser=_PARSER)
    except etree.LxmlError:
        tree = None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in _PARSER.error_log):
        raise Unreadable("too_deep", f"elements are nested more than {_DEEPEST:,} deep")
    if tree is None or ("html" not in text[:50].lower() and len(tree) < 2):
        raise Unreadable("not_html", "nothing in it can be read as HTML")
    return tree
