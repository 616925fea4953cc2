"""Direct quotations inside reported speech, as in: According to a video, Putin told Xi: “…”.

If the inner quotation has a speaker of its own, it replaces the outer one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from etl.nlp.languages.words import language_words
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.quotation import MIXED, Quotation

_WORDS = language_words("en")
# Ends with a verb of saying and a colon or comma, before a mark.
_INTRODUCES = re.compile(rf"\b(?:{_WORDS.pattern('reporting_verbs')})\b[^.“”\"]{{0,40}}[:,]\s*$")
# Behind a mark: a speaker and a verb of saying, and nothing more of the report.
_REPLIED = re.compile(rf"\s*,?\s*[^.“”\"]{{2,60}}?\b(?:{_WORDS.pattern('reporting_verbs')})\b[,.]?\s*$")


def prefer_inner_quotes(
    text: str, quotations: Sequence[Quotation], marks: Marks, find_by_rule: Callable[[], Sequence[Quotation]]
) -> list[Quotation]:
    """Return the quotations, each mixed one replaced by a direct quotation that it holds, if that has its own speaker:
    what stands between the marks is Putin's, not the video's. `find_by_rule`: finds direct quotations; it is called
    only if there may be such a case."""
    inner = [
        (number, m.start)
        for number, quotation in enumerate(quotations)
        if quotation.kind == MIXED
        for m in marks.between(quotation.parts[0].start, quotation.parts[-1].end)
        if (m.open_at > quotation.parts[0].start and _INTRODUCES.search(text[quotation.parts[0].start : m.open_at]))
        or _REPLIED.match(text, m.close_at + 1, quotation.parts[-1].end)
    ]
    if not inner:
        return list(quotations)
    direct_by_start = {q.parts[0].start: q for q in find_by_rule()}
    replaced = list(quotations)
    for number, start in inner:
        outer, direct = quotations[number], direct_by_start.get(start)
        first, last = outer.parts[0].start, outer.parts[-1].end
        speaker = direct.attribution.speaker if direct and direct.attribution else None
        if direct and speaker and first <= speaker.start and direct.parts[-1].end <= last:
            replaced[number] = direct
    return replaced
