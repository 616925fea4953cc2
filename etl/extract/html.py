"""Parsing of a page into a complete tree. A page that cannot be parsed completely raises an error."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fromstring

from schemas import Reason

# The parser has trafilatura's options: on trees parsed otherwise its extraction was 0.003 F1 worse. Like trafilatura,
# parse_html() repairs what makes libxml2 end a tree too early: some document types, and an `html` element that closes
# itself. In addition, `huge_tree` is on: without it libxml2 silently ends the tree at a text, script or attribute of
# 10 MB and at 256 levels. With it the limit is 2,048 levels. The deepest of 439 real pages has 51 levels.
_PARSER = HTMLParser(
    collect_ids=False,
    default_doctype=False,  # type: ignore[call-arg]
    encoding="utf-8",
    remove_comments=True,
    remove_pis=True,
    huge_tree=True,
)
# By default lxml.html asks Python for the class of each element. Only parts of forms have special classes, and they are
# not needed here.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
_MOST_LEVELS = 2048
_BEGINNING = 4096  # characters of the page in which repairs are made
_DOCTYPE = re.compile(r"\A\s*<\s?!\s?DOCTYPE[^>]*/[^<>]*>", re.IGNORECASE)
_SELF_CLOSED = re.compile(r"(<html\b[^<>]*?)\s*/>", re.IGNORECASE)
# Character references that XML forbids. lxml reads them but then refuses to move the text, so that trafilatura lost
# whole articles.
_FORBIDDEN_REFERENCE = re.compile(
    r"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d)|x0*(?:[1-8bcef]|1[\da-f]|fff[ef])(?![\da-f]));?",
    re.IGNORECASE | re.ASCII,
)


class Unreadable(Exception):
    """The page cannot be parsed: `reason` as in the table `rejects`, and one sentence of detail."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def parse_html(text: str) -> HtmlElement:
    """Parse a page into the tree that trafilatura.load_html gives.

    Raises Unreadable with the reason `not_html`, or with `too_deep` if the tree would be cut.
    """
    beginning = _SELF_CLOSED.sub(r"\1>", _DOCTYPE.sub("", text[:_BEGINNING]), count=1)
    repaired = _FORBIDDEN_REFERENCE.sub(" ", beginning + text[_BEGINNING:])
    try:
        tree = fromstring(repaired.encode("utf-8", "replace"), parser=_PARSER)
    except etree.LxmlError:
        tree = None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in _PARSER.error_log):
        raise Unreadable("too_deep", f"elements are nested more than {_MOST_LEVELS:,} deep")
    if tree is None or ("html" not in text[:50].lower() and len(tree) < 2):
        raise Unreadable("not_html", "the page cannot be read as HTML")
    return tree
