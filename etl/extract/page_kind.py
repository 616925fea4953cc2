"""What kind of page it is: an article, or one of those that look like one and are none."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from etl.extract.structured import Structured, collapse, is_article
from etl.text import word_count
from schemas import Reason

_FEWEST_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»」』)\]]*$")
_SHORT_LINK = 10  # characters; shorter link texts occur in any text
_LISTED_LINES = 8  # lines of which few are sentences make a list
_FEW_SENTENCES = 0.3
_MOSTLY_LINKS = 0.6
_STUB_WORDS = 60  # before a wall or beside a player stands an invitation, or the first paragraph
_ERROR_WORDS = 150
# Addresses of lists, as news systems form them.
_LIST_PATH = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|authors?|search|archives?|by-date|sections?|keywords?|label)(?:/|$)"
    r"|/page/\d+/?$",
    re.IGNORECASE,
)
_ERROR_TITLE = re.compile(
    r"^(?:error\b|404\b|403\b|50\d\b|access denied|forbidden|just a moment|are you a robot|attention required|"
    r"(?:page|article|story|file) (?:could )?not (?:be )?found|page (?:no longer|does ?n.t) exist|"
    r"not found|oops|seite nicht gefunden|page introuvable|página no encontrada|страница не найдена|ошибка 404|"
    r"页面不存在|找不到)|\b404\b.{0,40}(?:not found|error)"
    r"|(?:page|seite|страница) (?:not found|nicht gefunden|не найдена)",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"subscribe (?:now )?to (?:read|continue)|to continue reading|already a subscriber|subscribers only|"
    r"sign in to (?:read|continue)|log in to (?:read|continue)|create (?:a free |an )?account to|"
    r"weiterlesen mit|nur für abonnenten|réservé aux abonnés|solo para suscriptores|только для подписчиков",
    re.IGNORECASE,
)


def why_no_article(
    text: str, title: str | None, url: str, tree: HtmlElement, structured: Structured
) -> tuple[Reason, str] | None:
    """(reason, detail) where a page is none: error_page, no_text, paywall, video_page, index_page; else null.

    A page that calls itself an article is no list: articles that are tables or quizzes were lost so.
    """
    words = word_count(text)
    if title and words < _ERROR_WORDS and _ERROR_TITLE.search(title):
        return "error_page", f"its title is {title[:80]!r}"
    if words < _FEWEST_WORDS:
        return "no_text", f"only {words} words found in the page"
    if words < _STUB_WORDS:
        if _is_behind_a_wall(text, structured):
            return "paywall", f"only {words} words stand before the paywall"
        if _is_video(structured):
            return "video_page", f"a video with {words} words beside it"
    if is_article(structured):
        return None
    return _why_list(text, url, tree)


def _is_behind_a_wall(text: str, structured: Structured) -> bool:
    declared = any(str(value).lower() == "false" for value in structured.json_ld("isAccessibleForFree"))
    return declared or bool(_WALL.search(text))


def _is_video(structured: Structured) -> bool:
    og_type = (structured.first_meta("og:type") or "").lower()
    return og_type.startswith("video") or ("VideoObject" in structured.types and not structured.articles)


def _why_list(text: str, url: str, tree: HtmlElement) -> tuple[Reason, str] | None:
    links = {line for link in tree.iter("a") if len(line := collapse(link.text_content())) > _SHORT_LINK}
    linked = sum(len(link) for link in links if link in text) / len(text)
    if linked > _MOSTLY_LINKS:
        return "index_page", f"{linked:.0%} of the text are links"
    lines = text.split("\n")
    sentences = sum(len(line) for line in lines if _SENTENCE_END.search(line)) / len(text)
    if len(lines) >= _LISTED_LINES and sentences < _FEW_SENTENCES:
        return "index_page", f"{sentences:.0%} of the text are sentences"
    if not sentences:
        return "index_page", "it calls itself no article, and there is no sentence in it"
    parts = urlsplit(url)
    if _LIST_PATH.search(parts.path) or (parts.path in ("", "/") and not parts.query):
        return "index_page", "it calls itself no article, and its address is a list's"
    return None
