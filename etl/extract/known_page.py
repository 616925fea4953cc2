"""A page whose article is known, to tell a fault of the machine from the fault of another page.

If reading this page fails or gives another article, then a library, a model or the machine is at fault.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from etl.errors import MachineError
from etl.extract.body.choose import trafilatura_text
from etl.extract.body.newspaper import newspaper_text
from etl.extract.dates.find import htmldate_evidence
from etl.extract.html import parse_html
from etl.extract.page import Page, extract
from schemas import Article

_URL = "https://www.example/news/harbour"
_DAY = date(2025, 9, 3)
_FIRST = (
    "The harbour of the town will be closed to large ships from the first of October, the port authority said on "
    "Wednesday, because the eastern wall has to be rebuilt before the winter storms."
)
_SECOND = (
    "Work on the wall is expected to take five months. Ferries will use the western basin in the meantime, and the "
    "fish market will be moved to the old customs house."
)
_THIRD = (
    "The council, which pays for half of the work, had put off the decision for two years. Its members voted for the "
    "plan last week after engineers had found new cracks in the wall."
)
_HTML = f"""<html lang="en"><head><title>Harbour to close for repairs</title>
<meta property="article:published_time" content="{_DAY}T09:30:00Z"></head>
<body><article><h1>Harbour to close for repairs</h1><p>{_FIRST}</p><p>{_SECOND}</p><p>{_THIRD}</p></article></body>
"""
_TEXT = "\n".join((_FIRST, _SECOND, _THIRD))


def check_known_page() -> None:
    """Read the known page, with every library that pages are read with. Raises MachineError if one of them fails."""
    try:
        wrong = _first_difference()
    except Exception as error:
        raise MachineError(f"a page whose article is known cannot be read: {type(error).__name__}: {error}") from error
    if wrong:
        raise MachineError(f"a page whose article is known is read wrongly: {wrong}")


def _first_difference() -> str | None:
    """Say what is read wrongly; null if nothing is."""
    fetched_at = datetime(2025, 9, 4, tzinfo=UTC)
    row = extract(Page("", "", _URL, 200, "text/html; charset=utf-8", _HTML.encode(), fetched_at, "", 0))
    if not isinstance(row, Article):
        return f"it is rejected: {row.reason}: {row.detail}"
    if row.text != _TEXT:
        return "its body is another"
    if (row.language, row.published_date) != ("en", _DAY):
        return f"its language is {row.language}, its day {row.published_date}"
    if _SECOND not in trafilatura_text(parse_html(_HTML)):
        return "trafilatura does not find its body"
    if _SECOND not in newspaper_text(_HTML, _URL, "en"):
        return "newspaper does not find its body"
    if [evidence.printed.day for evidence in htmldate_evidence(parse_html(_HTML), fetched_at)] != [_DAY]:
        return "htmldate does not find its day"
    return None
