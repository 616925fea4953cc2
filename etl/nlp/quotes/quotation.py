"""Quotations: their exact spans, who said them, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from etl.nlp.names.find import NamedEntity
from etl.nlp.quotes import confidences
from etl.text import Span
from schemas.values import QuoteKind, SpeakerMethod

DIRECT: Final = "direct"
MIXED: Final = "mixed"
INDIRECT: Final = "indirect"
# How a speaker is known.
NAMED: Final = "named"
PRONOUN: Final = "pronoun"
DESCRIPTION: Final = "description"
COLLECTIVE: Final = "collective"
DOCUMENT: Final = "document"
CARRIED: Final = "carried"
TURN: Final = "turn"


@dataclass(frozen=True)
class Speaker:
    """A speaker as written (half-open, code points) and as resolved. `method`: named, pronoun, description, collective,
    document, carried or turn; null where the speaker is not resolved. `cluster`: the number that all mentions of the
    name in the text share; null where there is no name."""

    start: int
    end: int
    name: str | None
    entity_id: str | None
    countries: tuple[str, ...]
    method: SpeakerMethod | None
    confidence: float
    cluster: int | None = None


@dataclass(frozen=True)
class Attribution:
    """A cue (half-open, code points; null where there is none, as in a transcript) and the speaker."""

    cue: Span | None
    speaker: Speaker | None


@dataclass(frozen=True)
class Quotation:
    """A quotation. `parts`: exact spans in order, without outer marks; `kind`: direct, mixed or indirect;
    `attribution`: null where nobody is said to say it."""

    parts: tuple[Span, ...]
    kind: QuoteKind
    attribution: Attribution | None
    confidence: float


def named_speaker(name: NamedEntity, method: SpeakerMethod, confidence: float) -> Speaker:
    """Return a name of the text as a speaker."""
    id_ = name.entry.id if name.entry else None
    return Speaker(name.start, name.end, name.full, id_, name.countries, method, confidence, name.cluster)


def described_or_named(name: NamedEntity) -> Speaker:
    """Return a name of the text as a speaker: named, or described if it is an office ("the Russian president")."""
    return named_speaker(name, DESCRIPTION if name.type == "OFFICE" else NAMED, confidences.NAME_IN_PHRASE)


def carried_on(last: Quotation) -> Attribution | None:
    """Return an attribution to the last quotation's speaker, who goes on; null where it has none."""
    speaker = last.attribution.speaker if last.attribution else None
    return Attribution(None, replace(speaker, method=CARRIED, confidence=confidences.CARRIED)) if speaker else None


# -- speakers by the rules of a language -------------------------------------------------------------------------------


def unresolved_speaker(start: int, end: int) -> Speaker:
    """Return a speaker as written of whom nothing is known."""
    return Speaker(start, end, None, None, (), None, confidences.UNRESOLVED)


def speaker_by_form(start: int, end: int, name: str) -> Speaker:
    """Return a speaker whose name is known by its form alone."""
    return Speaker(start, end, name, None, (), NAMED, confidences.NAME_BY_FORM)


def named_again(known: Speaker, start: int, end: int) -> Speaker:
    """Return a speaker of before who is named again, by a part of the name."""
    return replace(known, start=start, end=end, method=NAMED, confidence=confidences.NAME_BY_FORM)


def meant_by_pronoun(known: Speaker, start: int, end: int) -> Speaker:
    """Return a speaker of before whom a pronoun means."""
    return replace(known, start=start, end=end, method=PRONOUN, confidence=confidences.PRONOUN_OF_LAST_SPEAKER)


def described_speaker(start: int, end: int, names: Sequence[NamedEntity]) -> Speaker:
    """Return a speaker of whom the phrase says what he or she is, but not who. `names`: those in the phrase; if their
    countries are the same, the speaker has them."""
    codes = {name.countries for name in names if name.countries}
    countries = next(iter(codes)) if len(codes) == 1 else ()
    return Speaker(start, end, None, None, countries, DESCRIPTION, confidences.DESCRIPTION)


def direct_quotation(parts: tuple[Span, ...], attribution: Attribution | None) -> Quotation:
    """Return a direct quotation by rule."""
    has_speaker = attribution is not None and attribution.speaker is not None
    sure = confidences.DIRECT_WITH_SPEAKER if has_speaker else confidences.DIRECT_WITHOUT_SPEAKER
    return Quotation(parts, DIRECT, attribution, sure)
