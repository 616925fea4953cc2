"""Recognition of pages that are not articles: error pages, paywalls, video pages and lists."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from etl.extract.structured import Structured, collapse, is_article
from etl.text import word_count
from schemas import Reason

_LEAST_WORDS = 8
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»」』)\]]*$")
_SHORT_LINK = 10  # characters; link texts up to this length occur in any text by chance
_LIST_LINES = 8  # a text of at least this many lines is a list if few of them are sentences
_FEW_SENTENCES = 0.3  # share of the characters
_MOSTLY_LINKS = 0.6  # share of the characters
_STUB_WORDS = 60  # the text before a paywall (a first paragraph or an invitation) or next to a video is shorter
_ERROR_WORDS = 150
# Paths of lists, as content management systems form them.
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
_PAYWALL = re.compile(
    r"subscribe (?:now )?to (?:read|continue)|to continue reading|already a subscriber|subscribers only|"
    r"sign in to (?:read|continue)|log in to (?:read|continue)|create (?:a free |an )?account to|"
    r"weiterlesen mit|nur für abonnenten|réservé aux abonnés|solo para suscriptores|только для подписчиков",
    re.IGNORECASE,
)


def find_reject_reason(
    text: str, title: str | None, url: str, tree: HtmlElement, structured: Structured
) -> tuple[Reason, str] | None:
    """Return (reason, detail) if a page is not an article, else null.

    The reasons are error_page, no_text, paywall, video_page and index_page. A page that declares itself an article is
    never a list, as articles that consist of tables or quizzes look like lists.
    """
    words = word_count(text)
    if title and words < _ERROR_WORDS and _ERROR_TITLE.search(title):
        return "error_page", f"the title is {title[:80]!r}"
    if words < _LEAST_WORDS:
        return "no_text", f"only {words} words found in the page"
    if words < _STUB_WORDS:
        if _has_paywall(text, structured):
            return "paywall", f"only {words} words come before the paywall"
        if _is_video(structured):
            return "video_page", f"the page is a video with only {words} words of text"
    if is_article(structured):
        return None
    return _list_reason(text, url, tree)


def _has_paywall(text: str, structured: Structured) -> bool:
    is_declared = any(str(value).lower() == "false" for value in structured.json_ld("isAccessibleForFree"))
    return is_declared or bool(_PAYWALL.search(text))


def _is_video(structured: Structured) -> bool:
    og_type = (structured.first_meta("og:type") or "").lower()
    return og_type.startswith("video") or ("VideoObject" in structured.types and not structured.articles)


def _list_reason(text: str, url: str, tree: HtmlElement) -> tuple[Reason, str] | None:
    """Return (index_page, detail) if the page is a list, else null."""
    links = {line for link in tree.iter("a") if len(line := collapse(link.text_content())) > _SHORT_LINK}
    link_share = sum(len(link) for link in links if link in text) / len(text)
    if link_share > _MOSTLY_LINKS:
        return "index_page", f"{link_share:.0%} of the text is links"
    lines = text.split("\n")
    sentence_share = sum(len(line) for line in lines if _SENTENCE_END.search(line)) / len(text)
    if len(lines) >= _LIST_LINES and sentence_share < _FEW_SENTENCES:
        return "index_page", f"only {sentence_share:.0%} of the text is sentences"
    if not sentence_share:
        return "index_page", "the page does not call itself an article and has no sentences"
    parts = urlsplit(url)
    if _LIST_PATH.search(parts.path) or (parts.path in ("", "/") and not parts.query):
        return "index_page", "the page does not call itself an article and its URL is that of a list"
    return None
