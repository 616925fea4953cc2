"""The agency whose text this is, as the text says: in its dateline (“MOSCOW, Sept 2 (Xinhua) –”) or at its end."""

from __future__ import annotations

import re

from etl.extract.authors import agency_of

# What a dateline may hold before the agency: a place or several, a day. It names no verb and ends no sentence.
_BEFORE = r"(?P<before>[^\n()（）“”\"]{0,70}?)"
_DASH = r"[-–—―_:.]"
_DATELINES = (
    re.compile(rf"{_BEFORE}[(（](?P<agency>[^\n()（）]{{2,40}})[)）]\s*(?:{_DASH}|$|(?=[A-ZА-ЯЁÀ-Þ“\"]))"),
    re.compile(rf"{_BEFORE}[.,] ?/(?P<agency>[^\n/]{{2,40}})/[.,]? "),  # МОСКВА, 2 сентября. /ТАСС/.
    re.compile(r"(?P<before>[^\n()]{2,40}?, \d{1,2} [а-яё]{3,8}\.?)\s*[-–—]\s*(?P<agency>[\w ]{2,20})[.,]"),
    re.compile(r"(?P<before>)[(（【]?(?P<agency>\w{2,5}社|中新网|新华网)(?:[\w、／/]{0,20}?\d{1,2}日[电電]|[)）】])"),
    re.compile(rf"(?P<before>[A-Z][^\n()]{{2,40}}?)\s[-–—]\s(?P<agency>Reuters|AFP|AP)\s{_DASH}"),
)
_CAPITALS = re.compile(r"[A-ZÀ-ÞА-ЯЁ][A-ZÀ-ÞА-ЯЁ .,'’/-]+\b(?:,? .{0,16})?")
_NAMED = re.compile(r"[A-Z][\w.&-]{1,14}( [A-Z][\w.&-]{1,14})?")
_OPENING_LINES = 3
_DESK = re.compile("[a-z]{2,4}")  # dpa/lby: the regional service
_CLOSING = re.compile(r"(?:^|[\s.!?”\"»])[(（\[](?P<within>[^\n()（）\[\]]{2,40})[)）\]]\.?$|^(?P<alone>[^\n]{2,40})$")
_CREDIT = re.compile(r"^(?:source|text|credit|quelle|источник|来源|來源)[:：]\s*|^[-–—]\s*", re.I)


def agency_in_text(text: str) -> str | None:
    """The agency that a text's opening or closing line credits, in the shortest form in use; null where none does.

    In an opening in the form of a dateline, with its place in capitals, an agency that is not known is one, too.
    """
    lines = text.split("\n")
    for line in lines[:_OPENING_LINES]:
        for pattern in _DATELINES:
            if (match := pattern.match(line)) and (found := _named(match["agency"], match["before"])):
                return found
    closing = _CLOSING.search(lines[-1].strip())
    return _one_of(_CREDIT.sub("", closing["within"] or closing["alone"])) if closing else None


def _named(name: str, before: str) -> str | None:
    if known := _one_of(name):
        return known
    in_capitals = bool(before.strip()) and _CAPITALS.fullmatch(before.strip()) is not None
    return name if in_capitals and _NAMED.fullmatch(name) else None


def _one_of(names: str) -> str | None:
    """The first agency of “dpa/lby”, “Reuters, AFP”, “AP and Reuters”; none of a photograph’s “AFP/Getty Images”."""
    if whole := agency_of(names):
        return whole
    parts = [(part.strip(), agency_of(part)) for part in re.split(r"[/,、]| and | und | и ", names)]
    if not all(agency or _DESK.fullmatch(part) for part, agency in parts):
        return None
    return next((agency for _, agency in parts if agency), None)
