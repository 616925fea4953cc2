"""The agency whose text this is, as the text says: in its dateline (“MOSCOW, Sept 2 (Xinhua) –”) or at its end."""

from __future__ import annotations

import re

from etl.extract.credits.authors import agency_of

_DASH = r"(?:[-–—―_:]|\.[-–—])"
_CHINESE = "社|中新网|新华网"
# Patterns, and whether what stands before the agency must look like a dateline.
_DATELINES = tuple(
    (re.compile(pattern), as_dateline)
    for pattern, as_dateline in (
        # NEW YORK (Reuters) -
        (rf"(?P<before>[^\n()（）“”\"]{{0,60}}?)[(（](?P<agency>[^\n()（）]{{2,40}})[)）](?:\s*{_DASH}|\.?$)", True),
        # New Delhi, Sep 2 (PTI) The ministers
        (r"(?P<before>[^\n()“”\"]{0,50}?\d{1,2}\.? ?)\((?P<agency>[^\n()]{2,40})\) (?=[A-ZÀ-Þ“\"])", True),
        # МОСКВА, 2 сентября. /ТАСС/. MOSCOW, September 2. /TASS/.
        (r"(?P<before>[^\n/]{0,60}?[.,]) ?/(?P<agency>[^\n/]{2,40})/[.,]? ", False),
        # МОСКВА, 2 сен — РИА Новости. Киев. 2 сентября. ИНТЕРФАКС-УКРАИНА –
        (
            r"(?P<before>[^\n()]{2,40}?[,.] \d{1,2} [а-яё]{3,8}\.?)\s*[-–—]?\s*"
            r"(?P<agency>[\w. -]{2,20}?)\s*(?:[.,]\s|[-–—]\s)",
            False,
        ),
        # 新华社北京9月2日电
        (
            rf"(?P<before>)[(（【]?(?P<agency>\w{{1,4}}(?:{_CHINESE})|{_CHINESE})(?:[\w、／/]{{0,20}}?\d{{1,2}}日[电電]|[)）】])",
            False,
        ),
    )
)
_PLACE = r"(?:[A-ZÀ-ÞА-ЯЁ][\w.'’-]*|de|la|el|le|al|of|den|di|du|von|am|an|der|and|[/,])"
_BEFORE = re.compile(
    rf"(?:{_PLACE}(?:[ /,]+|$|(?=[\d(]))){{0,6}}(?:[\d.]{{1,3}} ?\w{{0,9}}\.?|\w{{3,9}}\.? \d{{1,2}})?[,. ]*"
)
_DATED = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ .,'’/-]+, (?:\w{3,9}\.? \d{1,2}|\d{1,2} \w{3,9}\.?)")
_NAMED = re.compile(r"[A-Z][\w&-]{2,14}( [A-Z][\w&-]{2,14})?")
_OPENING_LINES = 3
_CLOSINGS = (
    re.compile(r"(?:^|[.!?”\"»…])\s*[(（\[](?P<agency>[^\n()（）\[\]]{2,40})[)）\]]\.?$"),
    re.compile(r"^(?P<agency>[^\n]{2,40})$"),
)
_CREDIT = re.compile(
    r"^(?:source|text|quelle|источник|来源|來源)[:：]\s*|^[-–—]\s*|^with (?:agency )?inputs? from\s+", re.IGNORECASE
)
_DESK = re.compile("[a-z]{2,4}")  # dpa/lby: the regional service


def agency_in_text(text: str) -> str | None:
    """The agency that a text's opening or closing line credits, in the shortest form in use; null where none does.

    After a place in capitals and a day, an agency that is not known is one, too.
    """
    lines = text.split("\n")
    for line in lines[:_OPENING_LINES]:
        for pattern, as_dateline in _DATELINES:
            match = pattern.match(line)
            if match is None or (as_dateline and not _BEFORE.fullmatch(match["before"])):
                continue
            if found := _named(match["agency"], match["before"]):
                return found
    closings = (pattern.search(lines[-1].strip()) for pattern in _CLOSINGS)
    found_last = (_one_of(_CREDIT.sub("", closing["agency"])) for closing in closings if closing)
    return next((agency for agency in found_last if agency), None)


def _named(name: str, before: str) -> str | None:
    if known := _one_of(name):
        return known
    return name if _DATED.fullmatch(before.strip(" .,")) and _NAMED.fullmatch(name) else None


def _one_of(names: str) -> str | None:
    """The first agency of “dpa/lby”, “Reuters, AFP”, “AP and Reuters”; none of a photograph’s “AFP/Getty Images”."""
    names = re.sub(r"\.(?:RU|COM|UA)$", "", names.strip())
    if whole := agency_of(names):
        return whole
    parts = [(part.strip(), agency_of(part)) for part in re.split(r"[/,、]| and | und | и ", names)]
    if not all(agency or _DESK.fullmatch(part) for part, agency in parts):
        return None
    return next((agency for _, agency in parts if agency), None)
