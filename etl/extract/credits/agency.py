"""The news agency that a text credits in its dateline (“MOSCOW, Sept 2 (Xinhua) –”) or in its last line."""

from __future__ import annotations

import re

from etl.extract.credits.authors import agency_of

_DASH = r"(?:[-–—―_:]|\.[-–—])"
_CHINESE = "社|中新网|新华网"
# Patterns of datelines, and whether the text before the agency must match _PLACE_AND_DAY.
_DATELINES = tuple(
    (re.compile(pattern), needs_place)
    for pattern, needs_place in (
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
_PLACE_AND_DAY = re.compile(
    rf"(?:{_PLACE}(?:[ /,]+|$|(?=[\d(]))){{0,6}}(?:[\d.]{{1,3}} ?\w{{0,9}}\.?|\w{{3,9}}\.? \d{{1,2}})?[,. ]*"
)
_PLACE_IN_CAPITALS_AND_DAY = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ .,'’/-]+, (?:\w{3,9}\.? \d{1,2}|\d{1,2} \w{3,9}\.?)")
_UNKNOWN_AGENCY = re.compile(r"[A-Z][\w&-]{2,14}( [A-Z][\w&-]{2,14})?")
_OPENING_LINES = 3
_CLOSINGS = (
    re.compile(r"(?:^|[.!?”\"»…])\s*[(（\[](?P<agency>[^\n()（）\[\]]{2,40})[)）\]]\.?$"),
    re.compile(r"^(?P<agency>[^\n]{2,40})$"),
)
_CREDIT_OPENING = re.compile(
    r"^(?:source|text|quelle|источник|来源|來源)[:：]\s*|^[-–—]\s*|^with (?:agency )?inputs? from\s+", re.IGNORECASE
)
_DESK = re.compile("[a-z]{2,4}")  # a regional service, as in dpa/lby


def agency_in_text(text: str) -> str | None:
    """Return the agency that one of a text's first lines or its last line credits, in its shortest usual form.

    After a place in capitals and a day, an unknown name is an agency, too. Null if no agency is credited.
    """
    lines = text.split("\n")
    for line in lines[:_OPENING_LINES]:
        for pattern, needs_place in _DATELINES:
            match = pattern.match(line)
            if match is None or (needs_place and not _PLACE_AND_DAY.fullmatch(match["before"])):
                continue
            if agency := _dateline_agency(match["agency"], match["before"]):
                return agency
    closings = (pattern.search(lines[-1].strip()) for pattern in _CLOSINGS)
    agencies = (_first_agency(_CREDIT_OPENING.sub("", closing["agency"])) for closing in closings if closing)
    return next((agency for agency in agencies if agency), None)


def _dateline_agency(name: str, before: str) -> str | None:
    """Return the agency that a dateline names after the text `before`."""
    if known := _first_agency(name):
        return known
    is_dateline = _PLACE_IN_CAPITALS_AND_DAY.fullmatch(before.strip(" .,"))
    return name if is_dateline and _UNKNOWN_AGENCY.fullmatch(name) else None


def _first_agency(names: str) -> str | None:
    """Return the first agency of a list such as “dpa/lby”, “Reuters, AFP” or “AP and Reuters”.

    Null if the list has other names than agencies and their desks, as the credit of a photograph, “AFP/Getty Images”.
    """
    names = re.sub(r"\.(?:RU|COM|UA)$", "", names.strip())
    if single := agency_of(names):
        return single
    parts = [(part.strip(), agency_of(part)) for part in re.split(r"[/,、]| and | und | и ", names)]
    if not all(agency or _DESK.fullmatch(part) for part, agency in parts):
        return None
    return next((agency for _, agency in parts if agency), None)
