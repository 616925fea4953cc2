"""The visible text of a page in blocks, as a browser would separate them, with the elements that contain them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

# Elements that a browser draws on lines of their own. It draws all others, even unknown ones, within a line.
_BLOCK_TAGS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frame h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav noscript ol p pre section summary
    table tbody td tfoot th thead tr ul
    """.split()
)
_SKIPPED_TAGS = frozenset(
    """
    applet area audio button canvas datalist embed head iframe img input link map math meta noframes object
    optgroup option output param picture progress rp rt script select source style svg template textarea title track
    video
    """.split()
)
_CELLS = frozenset(("td", "th"))
_CELL_LENGTH = 120  # characters; longer cells are columns of a page that is laid out as a table
_CELL_ELEMENTS = 12
_MOST_LEVELS = 250  # of nested elements; the content below is read as one text
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"’”»」)\]]*\s*$")
_SPACE = re.compile(r"\s+")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PERHAPS_HIDDEN = ".//*[@hidden or @aria-hidden='true' or @style]"
_HIDDEN_NAME = re.compile(
    r"(?:^|[\s_-])(?:sr-only|screen-?reader(?:-text)?|visually-?hidden|assistive|tool-?tip|rollover|pop-?over)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)

# Patterns of words in class and id names, by what they tell about an element. Each has one bit, in this order.
HINTS: dict[str, re.Pattern[str]] = {
    name: re.compile("|".join(words.split()))
    for name, words in {
        "article": "article artikel story post entry news ^noticia ^materia",
        "body": "body text content copy texto cuerpo corpo contenu inhalt richtext wysiwyg paragraph prose detail",
        "main": "main primary central page single",
        "related": "relat recommend recirc trend popular suggest outbrain taboola teaser promo crosslink similar more "
                   "also latest recent mehr verwandt onward next carousel ^card further ^see read",
        "share": "share social follow twitter facebook whatsapp print mail button ^btn tool action",
        "newsletter": "newsletter subscri signup signin login regist paywall premium offer donat member campaign ^abo "
                      "^cta",
        "caption": "caption credit legend copyright",
        "media": "figure image ^img photo picture gallery slide media video player bild foto thumb",
        "byline": "byline author autor contributor writer meta date time publish kicker eyebrow ^bio signature info",
        "title": "title headline heading titre titulo header",
        "deck": "lead lede intro summary standfirst ^deck ^dek sub excerpt abstract chapo sommario vorspann perex "
                "ingress descri bajada copete sapo",
        "comment": "comment disqus respon discuss komment reply forum",
        "navigation": "^nav menu breadcrumb pagina sidebar rail aside column widget footer ^foot bottom ^tab skip",
        "topic": "^tag topic keyword categor label section",
        "advert": "^ad$ ^ads$ advert sponsor banner commercial partner affiliate anzeige ^publi shop product price "
                  "deal",
        "notice": "cookie consent gdpr privacy modal popup overlay dialog alert notice disclaimer legal hidden",
        "embed": "embed tweet instagram quote pull infobox fact ^box insert inset chart graphic list",
        "live": "^live timeline update ticker",
    }.items()
}  # fmt: skip
_BIT = {name: 1 << number for number, name in enumerate(HINTS)}

# Tags that tell what an element is for. Each has one bit, in this order.
FRAMES = ("article", "main", "aside", "nav", "footer", "header", "figure", "figcaption", "form", "section", "table",
          "li", "blockquote", "dl", "dialog", "a", "details")  # fmt: skip
_FRAME_BIT = {name: 1 << number for number, name in enumerate(FRAMES)}
ARTICLE_BODY = 1 << len(FRAMES)  # itemprop="articleBody"
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


@dataclass(slots=True)
class Frame:
    """An element that contains blocks.

    `parent` is the parent's number, -1 for the body; `name` are its class and id. `hints` is the bit set of its own
    HINTS, `all_hints` includes those of its ancestors. `frames` is the bit set of the FRAMES of it and its ancestors.
    """

    tag: str
    parent: int
    depth: int
    name: str
    hints: int
    all_hints: int
    frames: int


@dataclass(slots=True)
class Block:
    """A run of text.

    `linked` and `emphasised` count its characters in links and in bold type. `frame` is the number of its element.
    """

    text: str
    linked: int
    frame: int
    emphasised: int


@dataclass
class PageBlocks:
    """A page's blocks in reading order, and the elements that contain them (parents before their children)."""

    blocks: list[Block] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


_NAME_WORD = re.compile(r"[A-Z]?[a-z]{1,30}|[A-Z]{2,30}")


@lru_cache(maxsize=50_000)
def _hints_of_word(word: str) -> int:
    return sum(_BIT[hint] for hint, words in HINTS.items() if words.search(word))


@lru_cache(maxsize=20_000)
def _hints(name: str) -> int:
    bits = 0
    for word in _NAME_WORD.findall(name[:300]):
        bits |= _hints_of_word(word.lower())
    return bits


def read_blocks(tree: HtmlElement) -> PageBlocks:
    """Read the visible text of a page in blocks. The tree is not changed."""
    body = tree if tree.tag == "body" else next(tree.iter("body"), tree)
    reader = _Reader(_hidden(body))
    reader.frames.append(Frame("body", -1, 0, "", 0, 0, 0))
    reader.children(body, 0, 0, False, False)
    reader.flush(0)
    return PageBlocks(reader.blocks, reader.frames)


class _Reader:
    """Walks through the tree: holds the pieces of the current block, and the blocks and frames read so far."""

    __slots__ = ("blocks", "emphasised", "frames", "hidden", "linked", "pieces")

    def __init__(self, hidden: set[HtmlElement]) -> None:
        self.hidden = hidden
        self.blocks: list[Block] = []
        self.frames: list[Frame] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.emphasised = 0

    def flush(self, frame: int) -> None:
        """End the current block, if it has any text."""
        text = " ".join("".join(self.pieces).split())
        if text:
            self.blocks.append(Block(text, min(self.linked, len(text)), frame, min(self.emphasised, len(text))))
        self.pieces.clear()
        self.linked = self.emphasised = 0

    def line_break(self, frame: int, element: HtmlElement) -> None:
        """Read a `br`: it ends the block if a second one follows or a sentence ended before it; else it is a space."""
        following = None if (element.tail or "").strip() else element.getnext()
        is_double = following is not None and following.tag == "br"
        if is_double or _SENTENCE_END.search("".join(self.pieces[-3:])):
            self.flush(frame)
        else:
            self.pieces.append(" ")

    def children(self, element: HtmlElement, frame: int, depth: int, linked: bool, strong: bool) -> None:
        """Read the text and the children of an element."""
        if text := element.text:
            self.add(text, linked, strong)
        for child in element:
            tag = child.tag
            tail = child.tail
            if tag.__class__ is str and tag not in _SKIPPED_TAGS:
                if tag == "br":
                    self.line_break(frame, child)
                elif tag in _CELLS:
                    self.cell(child, frame, depth, linked)
                elif tag in _BLOCK_TAGS:
                    if self.pieces:
                        self.flush(frame)
                    self.block(child, tag, frame, depth, linked)
                elif child not in self.hidden and not _is_hidden_name(child.get("class", "")):
                    if depth < _MOST_LEVELS:
                        self.children(
                            child, frame, depth + 1, linked or tag == "a", strong or tag == "b" or tag == "strong"
                        )
                    else:
                        self.pieces.append(str(child.text_content()))
            if tail:
                self.add(tail, linked, strong)

    def add(self, text: str, linked: bool, strong: bool) -> None:
        """Add a piece of text to the current block."""
        self.pieces.append(text)
        if linked or strong:
            length = len(text.strip())
            if linked:
                self.linked += length
            if strong:
                self.emphasised += length

    def cell(self, element: HtmlElement, frame: int, depth: int, linked: bool) -> None:
        """Read a table cell: a short one is part of its row's block, a long one or one of many elements is a block."""
        if len(element) > _CELL_ELEMENTS or len(str(element.text_content())) > _CELL_LENGTH or depth >= _MOST_LEVELS:
            self.flush(frame)
            self.block(element, str(element.tag), frame, depth, linked)
        elif element not in self.hidden and not _is_hidden_name(element.get("class", "")):
            self.pieces.append(" ")
            self.children(element, frame, depth + 1, linked, False)

    def block(self, element: HtmlElement, tag: str, parent: int, depth: int, linked: bool) -> None:
        """Read an element that a browser draws on lines of its own."""
        classes = element.get("class", "")
        if element in self.hidden or _is_hidden_name(classes):
            return
        name = f"{classes} {element.get('id', '')}".strip()
        bits = _FRAME_BIT.get(tag, 0)
        if element.get("itemprop") == "articleBody":
            bits |= ARTICLE_BODY
        outer = self.frames[parent]
        hints = _hints(name) if name else 0
        number = len(self.frames)
        self.frames.append(
            Frame(tag, parent, outer.depth + 1, name, hints, outer.all_hints | hints, outer.frames | bits)
        )
        if depth < _MOST_LEVELS:
            self.children(element, number, depth + 1, linked, False)
        else:
            self.pieces.append(str(element.text_content()))
        if self.pieces:
            self.flush(number)


def _hidden(body: HtmlElement) -> set[HtmlElement]:
    """Return the elements that a browser does not draw because of attributes other than their class.

    The XPath expression selects the few candidates quickly.
    """
    return {
        element
        for element in body.xpath(_PERHAPS_HIDDEN)
        if (style := element.get("style")) is None
        or _HIDDEN_STYLE.search(style)
        or "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
    }


@lru_cache(maxsize=20_000)
def _is_hidden_name(classes: str) -> bool:
    return bool(_HIDDEN_NAME.search(classes))
